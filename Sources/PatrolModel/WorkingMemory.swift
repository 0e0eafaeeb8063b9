import CKernels

/// Memory for an object of many parts, each of which asks for its own; whether all of them were given it is asked once, at
/// the end.
///
///     init(units: Int, _ memory: inout WorkingMemory) {
///         free = memory.buffer(count: units, repeating: 0)
///         order = memory.buffer(unwritten: units)
///     }
///     convenience init(units: Int) throws(PatrolError) {
///         var memory = WorkingMemory()
///         self.init(units: units, &memory)
///         try memory.check()
///     }
///
/// An initializer that takes one does nothing with its buffers: where memory is refused or only counted, nothing is behind
/// them, and whoever touches them ends the process. It is not one that throws after each buffer, since taking down what was
/// made until then is code of its own for every place where it may throw.
package struct WorkingMemory {
    private var isRefused = false
    /// What was refused first.
    private var count = 0
    private var stride = 0

    package init() {}

    /// - Throws: `outOfMemory` where any part was refused memory, or its object stands in the reserve.
    @inline(never)
    package func check() throws(PatrolError) {
        if isRefused { throw PatrolError(.outOfMemory, "no memory for \(count) elements of \(stride) bytes") }
        try checkMemory()
    }

    /// Takes over what another one was refused.
    package mutating func join(_ other: WorkingMemory) { if !isRefused { self = other } }

    /// A negative count is refused.
    @inline(never)
    package mutating func buffer<Element: BitwiseCopyable>(
        count: Int, repeating value: Element
    ) -> Buffer<Element> {
        let memory = withUnsafeBytes(of: value) { take(count, of: MemoryLayout<Element>.stride, repeating: $0) }
        return Buffer(owning: memory, count: count)
    }

    /// Room that is written before it is read: pages of it that are never used take up no memory.
    @inline(never)
    package mutating func buffer<Element: BitwiseCopyable>(unwritten count: Int) -> Buffer<Element> {
        Buffer(owning: take(count, of: MemoryLayout<Element>.stride), count: count)
    }

    /// Whether there is memory behind what was taken last, so that it may be written.
    private func isThere(_ memory: UnsafeMutableRawPointer) -> Bool { memory != kernels_unmade() }

    // Outside the generic functions, so that they are compiled once.

    /// Memory that `kernels_deallocate` takes back.
    @inline(never)
    package mutating func take(_ count: Int, of stride: Int) -> UnsafeMutableRawPointer {
        let (bytes, overflow) = count.multipliedReportingOverflow(by: stride)
        // An object of one of the parts may stand in the reserve.
        if count >= 0, !overflow, kernels_reserve_held() == 0, let memory = kernels_allocate(bytes) { return memory }
        if !isRefused { (isRefused, self.count, self.stride) = (true, count, stride) }
        return kernels_unmade()
    }

    /// The first element is copied to the rest, as much at a time as there is.
    @inline(never)
    package mutating func take(
        _ count: Int, of stride: Int, repeating value: UnsafeRawBufferPointer
    ) -> UnsafeMutableRawPointer {
        let memory = take(count, of: stride)
        guard isThere(memory), count > 0, let first = value.baseAddress else { return memory }
        memory.copyMemory(from: first, byteCount: value.count)
        var filled = stride
        while filled < count * stride {
            let more = min(filled, count * stride - filled)
            (memory + filled).copyMemory(from: memory, byteCount: more)
            filled += more
        }
        return memory
    }
}

/// Whether every object that this thread has made is in memory of its own, and none in the reserve of the shipped library
/// (CKernels/reserve.c). Buffers look by themselves; what makes many objects without one has to.
/// - Throws: `outOfMemory`.
@inline(never)
public func checkMemory() throws(PatrolError) {
    guard kernels_reserve_held() == 0 else { throw PatrolError(.outOfMemory, "no memory for a small object") }
}

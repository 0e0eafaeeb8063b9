import CKernels

/// A fixed number of plain elements in memory of its own, aligned to 64 bytes.
///
/// An array's failed allocation ends the process; a buffer's is an error. Everything whose size comes
/// from outside lives in buffers. Indices are checked in debug builds only: callers outside the package
/// never reach one unchecked, because every size and index is checked at the boundary.
public final class Buffer<Element: BitwiseCopyable> {
    public let base: UnsafeMutablePointer<Element>
    public let count: Int

    /// - Throws: `outOfMemory` where the system refuses, or where `count` is negative or too large to address.
    public init(count: Int, repeating value: Element) throws(PatrolError) {
        base = try allocate(count, of: MemoryLayout<Element>.stride).bindMemory(to: Element.self, capacity: count)
        self.count = count
        withUnsafeBytes(of: value) { fill(base, count, $0, stride: MemoryLayout<Element>.stride) }
    }

    /// Room that is written before it is read: pages of it that are never used take up no memory.
    package init(unwritten count: Int) throws(PatrolError) {
        base = try allocate(count, of: MemoryLayout<Element>.stride).bindMemory(to: Element.self, capacity: count)
        self.count = count
    }

    deinit { kernels_deallocate(base) }

    @inline(__always)
    public subscript(index: Int) -> Element {
        get {
            assert(index >= 0 && index < count)
            return base[index]
        }
        set {
            assert(index >= 0 && index < count)
            base[index] = newValue
        }
    }

    /// Takes over the elements of a buffer of the same count.
    public func copy(_ other: Buffer<Element>) {
        assert(other.count == count)
        base.update(from: other.base, count: count)
    }

    public var elements: UnsafeBufferPointer<Element> { UnsafeBufferPointer(start: base, count: count) }
}

/// Buffers are filled while their owner is built and read-only or single-threaded afterwards.
extension Buffer: @unchecked Sendable {}

// Outside the generic class, so that they are compiled once.

/// The first element is copied to the rest, as much at a time as there is.
@inline(never)
private func fill(_ start: UnsafeMutableRawPointer, _ count: Int, _ value: UnsafeRawBufferPointer, stride: Int) {
    guard count > 0, let first = value.baseAddress else { return }
    start.copyMemory(from: first, byteCount: value.count)
    var filled = stride
    while filled < count * stride {
        let more = min(filled, count * stride - filled)
        (start + filled).copyMemory(from: start, byteCount: more)
        filled += more
    }
}

@inline(never)
private func allocate(_ count: Int, of stride: Int) throws(PatrolError) -> UnsafeMutableRawPointer {
    let (bytes, overflow) = count.multipliedReportingOverflow(by: stride)
    // The buffer object itself may stand in the reserve.
    guard count >= 0, !overflow, kernels_reserve_held() == 0, let memory = kernels_allocate(bytes) else {
        throw PatrolError(.outOfMemory, "no memory for \(count) elements of \(stride) bytes")
    }
    return memory
}

/// Whether every object that this thread has made is in memory of its own, and none in the reserve of the shipped library
/// (CKernels/reserve.c). Buffers look by themselves; what makes many objects without one has to.
/// - Throws: `outOfMemory`.
@inline(never)
public func checkMemory() throws(PatrolError) {
    guard kernels_reserve_held() == 0 else { throw PatrolError(.outOfMemory, "no memory for a small object") }
}

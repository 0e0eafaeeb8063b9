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
    @inline(never)
    public convenience init(count: Int, repeating value: Element) throws(PatrolError) {
        var memory = WorkingMemory()
        let base = withUnsafeBytes(of: value) { memory.take(count, of: MemoryLayout<Element>.stride, repeating: $0) }
        self.init(owning: base, count: count)
        try memory.check()
    }

    /// Room that is written before it is read: pages of it that are never used take up no memory.
    @inline(never)
    package convenience init(unwritten count: Int) throws(PatrolError) {
        var memory = WorkingMemory()
        self.init(owning: memory.take(count, of: MemoryLayout<Element>.stride), count: count)
        try memory.check()
    }

    /// Memory that a `WorkingMemory` gave or refused, which the buffer gives back.
    package init(owning memory: UnsafeMutableRawPointer, count: Int) {
        base = memory.bindMemory(to: Element.self, capacity: count)
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

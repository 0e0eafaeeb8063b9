import CKernels

/// Filling and copying plain elements. Those of the standard library do it one element at a time, with a call for each, where it
/// is compiled for size without a runtime, as the shipped library is; these stand before them wherever this module is imported.
extension UnsafeMutablePointer where Pointee: BitwiseCopyable {
    @inline(__always)
    package func update(repeating value: Pointee, count: Int) {
        withUnsafeBytes(of: value) {
            kernels_repeat(self, $0.baseAddress, $0.count, MemoryLayout<Pointee>.stride, count)
        }
    }

    /// The two may overlap.
    @inline(__always)
    package func update(from source: UnsafePointer<Pointee>, count: Int) {
        UnsafeMutableRawPointer(self).copyMemory(from: source, byteCount: count * MemoryLayout<Pointee>.stride)
    }
}

import CKernels
import PatrolModel

/// The arrays of one solver, declared at its creation and freed together.
final class SolverMemory {
    private var blocks: [UnsafeMutableRawPointer] = []

    deinit {
        for block in blocks { kernels_deallocate(block) }
    }

    /// An array aligned to 64 bytes.
    ///
    /// - Throws: `outOfMemory` where the system refuses or the size cannot be addressed.
    func array<Element: BitwiseCopyable>(
        _ count: Int, repeating value: Element
    ) throws(PatrolError) -> UnsafeMutablePointer<Element> {
        let base = try unwritten(count, of: Element.self)
        base.initialize(repeating: value, count: count)
        return base
    }

    /// The same, to be written before it is read: large arrays take up no memory where they are never used.
    func unwritten<Element: BitwiseCopyable>(
        _ count: Int, of type: Element.Type
    ) throws(PatrolError) -> UnsafeMutablePointer<Element> {
        try block(count, of: MemoryLayout<Element>.stride).bindMemory(to: Element.self, capacity: count)
    }

    /// Outside of the generic functions, so that it is compiled once.
    @inline(never)
    private func block(_ count: Int, of stride: Int) throws(PatrolError) -> UnsafeMutableRawPointer {
        let (bytes, overflow) = count.multipliedReportingOverflow(by: stride)
        guard count >= 0, !overflow, kernels_reserve_held() == 0, let block = kernels_allocate(bytes) else {
            throw PatrolError(.outOfMemory, "no memory for \(count) elements of the dispatch solver")
        }
        blocks.append(block)
        return block
    }
}

import CKernels
import PatrolModel

/// The arrays of one solver, declared at its creation and freed together. As with any `WorkingMemory`, whether all were given
/// is looked at once, before anything is done with one of them.
final class SolverMemory {
    private var blocks: [UnsafeMutableRawPointer] = []
    var requests = WorkingMemory()
    /// What is left of the memory that is lent.
    private var lent: UnsafeMutableRawBufferPointer

    /// - Parameter lent: memory whose owner has nothing in it while a solver works, and of which nothing is expected afterwards.
    ///   It is there as long as the arrays.
    init(lent: UnsafeMutableRawBufferPointer = UnsafeMutableRawBufferPointer(start: nil, count: 0)) {
        self.lent = lent
    }

    deinit {
        for block in blocks { kernels_deallocate(block) }
    }

    /// - Throws: `outOfMemory` where any array was refused memory.
    func check() throws(PatrolError) { try requests.check() }

    /// An array aligned to 64 bytes.
    @inline(never)
    func array<Element: BitwiseCopyable>(_ count: Int, repeating value: Element) -> UnsafeMutablePointer<Element> {
        let block = withUnsafeBytes(of: value) { requests.take(count, of: MemoryLayout<Element>.stride, repeating: $0) }
        blocks.append(block)
        return block.bindMemory(to: Element.self, capacity: count)
    }

    /// The same, to be written in every solve before it is read: large arrays take up no memory where they are never used,
    /// and as many as fit none of their own.
    func unwritten<Element: BitwiseCopyable>(_ count: Int, of type: Element.Type) -> UnsafeMutablePointer<Element> {
        block(count, of: MemoryLayout<Element>.stride).bindMemory(to: Element.self, capacity: count)
    }

    /// Outside of the generic functions, so that it is compiled once.
    @inline(never)
    private func block(_ count: Int, of stride: Int) -> UnsafeMutableRawPointer {
        let (bytes, overflow) = count.multipliedReportingOverflow(by: stride)
        if !overflow, bytes >= 0, bytes <= lent.count, let start = lent.baseAddress {
            let used = min((bytes + 63) & ~63, lent.count)
            lent = UnsafeMutableRawBufferPointer(start: start + used, count: lent.count - used)
            return start
        }
        let block = requests.take(count, of: stride)
        blocks.append(block)
        return block
    }
}

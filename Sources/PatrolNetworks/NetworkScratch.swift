import PatrolModel

/// Working memory for evaluating networks: two halves that successive layers write in turn.
///
/// One thread at a time. Any network can use it whose widest layer fits a half; a batch of more rows than fit at
/// once is evaluated in parts, with the same results.
public final class NetworkScratch {
    private let halves: Buffer<Float>
    /// Floats in each half.
    let capacity: Int

    /// Room for `maximumRows` rows of `network` at once; at least one row.
    ///
    /// - Throws: `outOfMemory`.
    public convenience init(for network: DenseNetwork, maximumRows: Int) throws(PatrolError) {
        var memory = WorkingMemory()
        self.init(for: network, maximumRows: maximumRows, &memory)
        try memory.check()
    }

    package init(for network: DenseNetwork, maximumRows: Int, _ memory: inout WorkingMemory) {
        let (capacity, overflow) = max(1, maximumRows).multipliedReportingOverflow(by: network.widestBetween)
        self.capacity = capacity
        halves = memory.buffer(count: overflow || capacity > Int.max / 2 ? -1 : 2 * capacity, repeating: 0)
    }

    /// The half for an even or odd step.
    @inline(__always)
    func half(_ step: Int) -> UnsafeMutablePointer<Float> {
        halves.base + (step & 1) * capacity
    }
}

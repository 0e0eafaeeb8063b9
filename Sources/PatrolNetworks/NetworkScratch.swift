import PatrolModel

/// Working memory for evaluating networks: two halves that successive layers write in turn.
///
/// One thread at a time. Any network can use it whose widest layer fits a half; a batch of more rows than fit at
/// once is evaluated in parts, with the same results.
public final class NetworkScratch {
    private let memory: Buffer<Float>
    /// Floats in each half.
    let capacity: Int

    /// Room for `maximumRows` rows of `network` at once; at least one row.
    ///
    /// - Throws: `outOfMemory`.
    public init(for network: DenseNetwork, maximumRows: Int) throws(PatrolError) {
        let (capacity, overflow) = max(1, maximumRows).multipliedReportingOverflow(by: network.widestBetween)
        guard !overflow, capacity <= Int.max / 2 else {
            throw PatrolError(.outOfMemory, "no memory for \(maximumRows) rows of \(network.widestBetween) values")
        }
        self.capacity = capacity
        memory = try Buffer(count: 2 * capacity, repeating: 0)
    }

    /// The half for an even or odd step.
    @inline(__always)
    func half(_ step: Int) -> UnsafeMutablePointer<Float> {
        memory.base + (step & 1) * capacity
    }
}

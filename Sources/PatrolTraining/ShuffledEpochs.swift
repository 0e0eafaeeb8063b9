import PatrolModel
import PatrolNetworks

/// The epochs of a regression on observations that lie in shards: in each, all of them in random order, in batches, at a rate that
/// falls linearly from the first batch to the last.
struct ShuffledEpochs {
    /// Which observation: shard · 2³² + number in the shard.
    typealias Batch = UnsafeBufferPointer<UInt64>
    /// Σ (prediction − target)² and Σ target² of a batch, before its step.
    typealias Errors = (errors: Double, squares: Double)

    let epochs: Int
    let batch: Int
    let firstRate: Float
    /// Share of the rate that is left at the end.
    let lastRateShare: Float

    /// - Parameters:
    ///   - counts: observations of each shard.
    ///   - step: one step on a batch.
    /// - Returns: the share of the targets' sum of squares explained in the last epoch.
    func run(
        _ counts: [Int], _ random: inout RandomNumbers,
        _ step: (_ batch: Batch, _ rate: Float) throws(PatrolError) -> Errors
    ) throws(PatrolError) -> Double {
        let total = counts.reduce(0, +)
        let order = try Buffer<UInt64>(count: total, repeating: 0)
        var next = 0
        for (shard, count) in counts.enumerated() {
            for k in 0..<count {
                order[next] = UInt64(shard) << 32 | UInt64(k)
                next += 1
            }
        }
        let batches = (total + batch - 1) / batch
        let rate = LinearSchedule(from: firstRate, to: firstRate * lastRateShare, steps: epochs * batches)
        var sum: Errors = (0, 0)
        for epoch in 0..<epochs {
            random.shuffle(order)
            sum = (0, 0)
            for number in 0..<batches {
                let first = number * batch
                let which = Batch(start: order.base + first, count: min(batch, total - first))
                let found = try step(which, rate.value(at: epoch * batches + number))
                sum = (sum.errors + found.errors, sum.squares + found.squares)
            }
        }
        return sum.squares > 0 ? 1 - sum.errors / sum.squares : 0
    }
}

/// How many of `total` the k-th of `shards` gets: whole numbers whose sum is the total.
func part(of total: Int, shard k: Int, of shards: Int) -> Int { total * (k + 1) / shards - total * k / shards }

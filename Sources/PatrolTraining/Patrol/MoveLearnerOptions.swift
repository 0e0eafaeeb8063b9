import PatrolModel
import PatrolNetworks

/// How patrol is learned from comparisons of moves (`MoveLearner`).
public struct MoveLearnerOptions: Sendable {
    public var hidden = [32, 32]
    /// Comparisons of an iteration, iterations, how many of the last sets of comparisons are fitted together, and of the last
    /// networks averaged.
    public var comparisons = 54_000
    public var iterations = 3
    public var pooledSets = 3
    public var averagedNetworks = 2

    /// Share of decisions compared with another move, and share of these in which the trajectory takes it.
    public var comparedShare: Float = 0.1
    public var exploredShare = 0.1
    /// Share of the other moves that are drawn at random; the rest are the next best.
    public var randomShare = 0.5
    /// Of a rollout: what a move changes is over soon, and what the future brings adds to the noise.
    public var horizonSeconds = 900.0
    /// Simulated before a shard's first comparison, and at most for all of them.
    public var settlingSeconds = 4.0 * 3600
    public var longestShardSeconds = 1e8
    public var nodeLimit: UInt64 = 64

    public var epochs = 4
    public var batch = 1024
    public var learningRate: Float = 1e-3
    public var lastRateShare: Float = 0.05
    /// In minutes of waiting of a mean call.
    public var huberThreshold: Float = 100
    /// Number of shards of an iteration's rollouts. Results depend on it, but not on the number of threads.
    public var shards = 16

    public init() {}

    /// Memory for them is allocated when a learner is created: 1.2 GB.
    private static let mostComparisons = 1_500_000

    /// Comparisons of one shard of an iteration at most.
    var shardCapacity: Int { comparisons / shards + 1 }

    /// Options that the C interface has are named as there.
    /// - Throws: `invalidArgument`, `invalidNumber`.
    func validate() throws(PatrolError) {
        for width in hidden { try checkCount(width, in: 1...1024, "a width of patrol_layers") }
        try checkCount(hidden.count, in: 1...8, "number of patrol_layers")
        guard comparisons >= 3, comparisons <= MoveLearnerOptions.mostComparisons else {
            throw PatrolError(
                .invalidArgument,
                "comparisons is \(comparisons / 3), expected 1 to \(MoveLearnerOptions.mostComparisons / 3): rollouts keep "
                    + "nine times as many of moves")
        }
        try checkCount(iterations, in: 1...1000, "patrol_rounds")
    }
}

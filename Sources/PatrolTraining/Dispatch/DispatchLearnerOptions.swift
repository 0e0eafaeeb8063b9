import PatrolModel

/// The form of the value function of the state after a decision.
public enum ValueForm: Int32, CaseIterable, Sendable {
    /// No such part: the separable form.
    case none
    /// No positive output weight: a program without binaries (see `DispatchProgram`).
    case concave
    case general
}

/// How dispatch is learned. The defaults are those of the results page.
public struct DispatchLearnerOptions: Sendable {
    /// Learns the separable part Σ s_ij x_ij; with `valueForm`, which functions there are.
    public var learnsPairs = true
    public var valueForm = ValueForm.concave
    public var pairHidden = [32, 32]
    /// Units of the dense block, and of the block that anchors share.
    public var valueHidden = 24
    public var valueBlock = 0

    /// Comparisons of the first iteration, whose rollouts follow a heuristic and which is thrown away, and of each other.
    public var bootstrapComparisons = 8_000
    public var comparisons = 18_000
    /// Iterations besides the first; how many of the last sets of comparisons are fitted together, and of the last networks
    /// averaged.
    public var iterations = 3
    public var pooledSets = 3
    public var averagedNetworks = 3

    /// Share of the decisions that are compared with an alternative, and of those in which behavior takes it.
    public var comparedShare = 0.25
    public var exploredShare = 0.1
    /// Share of the alternatives drawn at random; the others are among the next best.
    public var randomShare = 0.5
    /// Of a rollout.
    public var horizonSeconds = 4800.0
    /// Simulated before a shard's first comparison, and at most for all of them.
    public var settlingSeconds = 4.0 * 3600
    public var longestShardSeconds = 1e8
    /// Of each decision in training.
    public var nodeLimit: UInt64 = 64

    public var epochs = 8
    public var batch = 512
    public var learningRate: Float = 2e-3
    /// Share of the learning rate that is left at the end of a fit.
    public var lastRateShare: Float = 0.05
    /// Huber threshold, in minutes of waiting of a mean call. What is learned should be a mean: with a low threshold, rare and
    /// costly futures count for too little.
    public var huberThreshold: Float = 100
    /// Parts of an iteration's rollouts. Another number gives other results; that of threads does not.
    public var shards = 16

    /// Of the last layers, after fitting; no generations: none.
    public var search = SearchOptions(generations: 24, deviation: 0.2)

    public init() {}

    var learnsValue: Bool { valueForm != .none }

    /// Memory for comparisons is taken at once, when a learner is made. That much a machine should be able to give: where it
    /// promises more than it has, it ends the process when the memory is used.
    static let mostComparisonBytes = 4 << 30

    /// Comparisons of one shard of an iteration at most.
    var shardCapacity: Int { max(comparisons, bootstrapComparisons) / shards + 1 }

    var comparisonBytes: Int {
        pooledSets * shards * ComparisonShard.bytes(capacity: shardCapacity, withStates: learnsValue)
    }

    /// Options that the C interface has are named as there.
    /// - Throws: `invalidArgument`, `invalidNumber`.
    func check() throws(PatrolError) {
        guard learnsPairs || learnsValue else {
            throw PatrolError(.invalidArgument, "dispatch is learned by a pair network, a value network or both: both are off")
        }
        for width in pairHidden { try require(width, "a width of pair_layers", 1...1024) }
        try require(valueHidden, "value_hidden", 0...64)
        try require(valueBlock, "value_block", 0...16)
        if learnsValue && valueHidden + valueBlock == 0 {
            throw PatrolError(.invalidArgument, "value_hidden and value_block are both 0, expected a hidden neuron")
        }
        try require(bootstrapComparisons, "bootstrap_comparisons", 1...10_000_000)
        try require(comparisons, "comparisons", 1...10_000_000)
        try require(iterations, "iterations", 1...1000)
        try require(pooledSets, "pooled_sets", 1...8)
        try require(averagedNetworks, "averaged_networks", 1...64)
        try require(epochs, "epochs", 1...1000)
        try require(batch, "batch", 1...65_536)
        try require(shards, "shards", 1...64)
        let megabytes = comparisonBytes >> 20, most = DispatchLearnerOptions.mostComparisonBytes >> 20
        guard megabytes <= most else {
            throw PatrolError(
                .invalidArgument, "bootstrap_comparisons is \(bootstrapComparisons) and comparisons is \(comparisons): those that are "
                    + "kept would take \(megabytes) MB of memory, expected at most \(most) MB")
        }
        try require(comparedShare, "compared_share", 0...1)
        try require(exploredShare, "explored_share", 0...1)
        try require(randomShare, "random_share", 0...1)
        guard comparedShare > 0 else { throw PatrolError(.invalidNumber, "compared_share is 0, expected above 0") }
        try require(horizonSeconds, "horizon_seconds", 0...1e9)
        try require(settlingSeconds, "settling_seconds", 0...1e9)
        try require(longestShardSeconds, "longest_shard_seconds", 0...1e9)
        try search.check("dispatch_generations", atLeast: 0)
        guard learningRate > 0, learningRate <= 1, lastRateShare >= 0, lastRateShare <= 1, huberThreshold > 0,
            huberThreshold <= 1e6
        else {
            throw PatrolError(
                .invalidNumber,
                "learning_rate is \(learningRate), last_rate_share \(lastRateShare), huber_threshold \(huberThreshold); "
                    + "expected above 0 and at most 1, 0 to 1, and above 0 and at most 10^6")
        }
    }

    private func require(_ value: Int, _ name: StaticString, _ range: ClosedRange<Int>) throws(PatrolError) {
        guard range.contains(value) else {
            throw PatrolError(.invalidArgument, "\(name) is \(value), expected \(range.lowerBound) to \(range.upperBound)")
        }
    }

    private func require(_ value: Double, _ name: StaticString, _ range: ClosedRange<Double>) throws(PatrolError) {
        guard range.contains(value) else {
            throw PatrolError(.invalidNumber, "\(name) is \(value), expected \(range.lowerBound) to \(range.upperBound)")
        }
    }
}

import PatrolModel
import PatrolNetworks

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
    /// Hidden neurons of the dense block, and of the block that anchors share.
    public var valueHidden = 24
    public var valueBlock = 0

    /// Comparisons in the first iteration, which follows a heuristic and is discarded, and in each of the others.
    public var bootstrapComparisons = 8_000
    public var comparisons = 18_000
    /// Iterations besides the first; how many of the last sets of comparisons are fitted together, and of the last networks
    /// averaged.
    public var iterations = 3
    public var pooledSets = 3
    public var averagedNetworks = 3

    /// Share of decisions compared with an alternative, and share of these in which the trajectory takes it.
    public var comparedShare = 0.25
    public var exploredShare = 0.1
    /// Share of the alternatives drawn at random; the others are among the next best.
    public var randomShare = 0.5
    /// Of a rollout, after which it is charged the drives that are under way. What one assignment costs more than another shows
    /// early; what the future brings adds to the noise for as long as both are followed.
    public var horizonSeconds = 600.0
    /// How much longer units stay in rollouts before they are asked again: what one assignment costs more than another hardly depends
    /// on it, and there are half as many events.
    public var rolloutStayFactor = 4.0
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
    /// Huber threshold, in minutes of waiting of a mean call. The target is a mean: with a low threshold, rare and
    /// costly futures count for too little.
    public var huberThreshold: Float = 100
    /// Number of shards of an iteration's rollouts. Results depend on it, but not on the number of threads.
    public var shards = 16

    /// Of the last layers, after fitting; no generations: none.
    public var search = SearchOptions(generations: 24, deviation: 0.2, stayFactor: 4)

    public init() {}

    var learnsValue: Bool { valueForm != .none }

    /// Memory for comparisons is allocated when a learner is created. Beyond this, a machine that overcommits memory could end
    /// the process once the memory is used.
    static let mostComparisonBytes = 4 << 30

    /// Comparisons of one shard of an iteration at most.
    var shardCapacity: Int { max(comparisons, bootstrapComparisons) / shards + 1 }

    var comparisonBytes: Int {
        pooledSets * shards * ComparisonShard.bytes(capacity: shardCapacity, withStates: learnsValue)
    }

    /// Options that the C interface has are named as there.
    /// - Throws: `invalidArgument`, `invalidNumber`.
    func validate() throws(PatrolError) {
        guard learnsPairs || learnsValue else {
            throw PatrolError(
                .invalidArgument, "dispatch is learned by a pair network, a value network or both: both are off")
        }
        for width in pairHidden { try checkCount(width, in: 1...1024, "a width of pair_layers") }
        try checkCount(valueHidden, in: 0...ValueNetwork.mostDense, "value_hidden")
        try checkCount(valueBlock, in: 0...ValueNetwork.mostShared, "value_block")
        if learnsValue && valueHidden + valueBlock == 0 {
            throw PatrolError(.invalidArgument, "value_hidden and value_block are both 0, expected a hidden neuron")
        }
        try checkCount(bootstrapComparisons, in: 1...10_000_000, "bootstrap_comparisons")
        try checkCount(comparisons, in: 1...10_000_000, "comparisons")
        try checkCount(iterations, in: 1...1000, "iterations")
        try checkCount(pooledSets, in: 1...8, "pooled_sets")
        try checkCount(averagedNetworks, in: 1...64, "averaged_networks")
        try checkCount(epochs, in: 1...1000, "epochs")
        try checkCount(batch, in: 1...65_536, "batch")
        try checkCount(shards, in: 1...64, "shards")
        let megabytes = comparisonBytes >> 20, most = DispatchLearnerOptions.mostComparisonBytes >> 20
        guard megabytes <= most else {
            throw PatrolError(
                .invalidArgument,
                "bootstrap_comparisons is \(bootstrapComparisons) and comparisons is \(comparisons): those that are "
                    + "kept would take \(megabytes) MB of memory, expected at most \(most) MB")
        }
        try checkPositive(comparedShare, atMost: 1, "compared_share")
        try checkNumber(exploredShare, in: 0...1, "explored_share")
        try checkNumber(randomShare, in: 0...1, "random_share")
        try checkNonNegative(horizonSeconds, "horizon_seconds")
        try checkNonNegative(settlingSeconds, "settling_seconds")
        try checkNonNegative(longestShardSeconds, "longest_shard_seconds")
        try search.validate("dispatch_generations", atLeast: 0)
        try checkPositive(learningRate, atMost: 1, "learning_rate")
        try checkNumber(lastRateShare, in: 0...1, "last_rate_share")
        try checkPositive(huberThreshold, atMost: 1e6, "huber_threshold")
    }
}

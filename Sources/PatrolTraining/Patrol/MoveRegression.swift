import PatrolDecisions
import PatrolModel
import PatrolNetworks

/// Fits a network to comparisons of moves: q(other) − q(move) to what the other saved, by Huber's loss and Adam with a rate that
/// falls linearly. What all moves of a decision share cancels out, so that q is known up to a constant of the state.
///
/// The sum of gradients runs over shards of fixed size in order, so results do not depend on threads.
struct MoveRegression {
    private static let comparisonsPerShard = 128
    private let options: MoveLearnerOptions
    private let shards: [Shard]
    private let gradient: ShardedGradient
    private let adam: Adam

    init(_ shape: StackShape, options: MoveLearnerOptions) throws(PatrolError) {
        self.options = options
        gradient = try ShardedGradient(
            parameterCount: shape.parameterCount, maximumRows: options.batch,
            rowsPerShard: MoveRegression.comparisonsPerShard)
        var shards: [Shard] = []
        for _ in 0..<gradient.maximumShards {
            shards.append(try Shard(shape, comparisons: MoveRegression.comparisonsPerShard))
        }
        self.shards = shards
        adam = try Adam(parameterCount: shape.parameterCount)
    }

    /// - Returns: the share of the savings' sum of squares explained in the last epoch, before each step.
    func fit(
        _ stack: TrainableStack, _ normalization: InputNormalization, to pool: [MoveComparisons],
        _ random: inout RandomNumbers, threads: Int
    ) throws(PatrolError) -> Double {
        let epochs = ShuffledEpochs(
            epochs: options.epochs, batch: options.batch, firstRate: options.learningRate,
            lastRateShare: options.lastRateShare)
        return try epochs.run(pool.map { $0.count }, &random) { (batch, rate) throws(PatrolError) in
            try gradient.compute(rows: batch.count, threads: threads) { (index, range, part) throws(PatrolError) in
                shards[index].pass(
                    pool, ShuffledEpochs.Batch(rebasing: batch[range]), stack, normalization,
                    threshold: options.huberThreshold, share: 1 / Float(batch.count), into: part)
            }
            adam.step(stack.parameters.base, gradient: gradient.sum.base, rate: rate)
            let used = (batch.count + gradient.rowsPerShard - 1) / gradient.rowsPerShard
            return shards[..<used].reduce((0, 0)) { ($0.0 + $1.errors, $0.1 + $1.squares) }
        }
    }
}

/// Working memory for some comparisons of a batch.
private final class Shard {
    private let pass: StackPass
    /// Normalized, shape [comparisons, 2, width].
    private let rows: Buffer<Float>
    private let slopes: Buffer<Float>
    /// Σ (prediction − saving)² and Σ saving² of the last pass.
    private(set) var errors = 0.0
    private(set) var squares = 0.0

    init(_ shape: StackShape, comparisons: Int) throws(PatrolError) {
        pass = try StackPass(shape, maximumRows: 2 * comparisons)
        rows = try Buffer(count: 2 * comparisons * shape.inputs, repeating: 0)
        slopes = try Buffer(count: 2 * comparisons, repeating: 0)
    }

    func pass(
        _ pool: [MoveComparisons], _ which: ShuffledEpochs.Batch, _ stack: TrainableStack,
        _ normalization: InputNormalization, threshold: Float, share: Float,
        into gradient: UnsafeMutablePointer<Float>
    ) {
        let width = stack.shape.inputs
        for (k, id) in which.enumerated() {
            let (comparisons, number) = (pool[Int(id >> 32)], Int(id & 0xFFFF_FFFF))
            normalization.apply(
                rows: 2, input: comparisons.rows.base + number * 2 * width, output: rows.base + k * 2 * width)
        }
        let values = pass.forward(stack.parameters.base, rows: 2 * which.count, input: rows.base)
        (errors, squares) = (0, 0)
        for (k, id) in which.enumerated() {
            let saving = pool[Int(id >> 32)].savings[Int(id & 0xFFFF_FFFF)]
            let error = values[2 * k + 1] - values[2 * k] - saving
            let slope = share * huber(error, threshold: threshold).slope
            (slopes[2 * k], slopes[2 * k + 1]) = (-slope, slope)
            errors += Double(error) * Double(error)
            squares += Double(saving) * Double(saving)
        }
        pass.backward(outputGradient: slopes.base, into: gradient)
    }
}

import PatrolModel
import PatrolNetworks

/// Double deep Q-learning on replayed transitions of a semi-Markov decision process.
///
/// Sources: Watkins 1989 (Q-learning); Bradtke & Duff 1994 (semi-Markov discount e^(−β Δt)); Mnih et al. 2015 (replay,
/// target network); van Hasselt, Guez & Silver 2016 (the network in training chooses, the target network values); Lillicrap
/// et al. 2016 (the target follows by Polyak averaging); Bellemare et al. 2016, arXiv 1512.04860 (advantage learning: what a
/// candidate falls short of the best is magnified, which leaves the best one the best).
///
/// Knows nothing of patrol: whoever fills the memory decides what a candidate is.
public final class DeepQLearning {
    public let form: DecisionForm
    public let options: DeepQOptions
    /// θ, in training, and θ⁻, which follows it: the one to act with.
    public let online: TrainableStack
    public let target: TrainableStack
    public let adam: Adam
    /// What rows go through before the network.
    public var normalization: InputNormalization
    private let gradient: ShardedGradient
    private let shards: [Shard]
    /// Transitions drawn for one step.
    private let drawn: Buffer<Int32>

    private static let transitionsPerShard = 64

    /// - Throws: `invalidArgument` for widths out of range, `outOfMemory`.
    public init(_ form: DecisionForm, options: DeepQOptions, _ random: inout RandomNumbers) throws(PatrolError) {
        self.form = form
        self.options = options
        let shape = try StackShape([form.width] + options.hidden + [1])
        online = try TrainableStack(shape, &random)
        target = try TrainableStack(copying: online)
        adam = try Adam(parameterCount: shape.parameterCount)
        normalization = InputNormalization(
            mean: try Buffer(count: form.width, repeating: 0), scale: try Buffer(count: form.width, repeating: 1))
        gradient = try ShardedGradient(
            parameterCount: shape.parameterCount, maximumRows: options.batch,
            rowsPerShard: DeepQLearning.transitionsPerShard)
        var shards: [Shard] = []
        for _ in 0..<gradient.maximumShards {
            shards.append(try Shard(form, shape, transitions: DeepQLearning.transitionsPerShard))
        }
        self.shards = shards
        drawn = try Buffer(count: options.batch, repeating: 0)
    }

    /// Begins anew with other parameters.
    public func restart(_ random: inout RandomNumbers) {
        online.shape.initialize(online.parameters.base, &random)
        target.parameters.base.update(from: online.parameters.base, count: online.parameters.count)
        adam.restart()
    }

    /// Normalizes by the rows of the transitions kept: mean 0, deviation 1.
    public func fitNormalization(_ memory: ReplayMemory) throws(PatrolError) {
        guard memory.count > 0 else { return }
        let rows = try Buffer<Float>(count: memory.count * form.width, repeating: 0)
        for k in 0..<memory.count {
            (rows.base + k * form.width).update(from: memory[k].rows + memory[k].chosen * form.width, count: form.width)
        }
        normalization = try InputNormalization(
            rows: memory.count, inputs: form.width, input: rows.base, floor: DeepQLearning.leastDeviation)
    }

    /// Features that hardly vary in the data are not blown up.
    private static let leastDeviation: Float = 0.02

    /// Begins with a linear function of the features, which the network has exactly (`TrainableStack.begin`).
    /// - Parameter weights: shape [width].
    public func begin(linear weights: Buffer<Float>) {
        online.begin(linear: weights, normalization: normalization)
        target.parameters.base.update(from: online.parameters.base, count: online.parameters.count)
    }

    /// One step of gradient descent on a batch drawn from the memory.
    /// - Returns: mean loss.
    @discardableResult
    public func step(
        _ memory: ReplayMemory, rate: Float, _ random: inout RandomNumbers, threads: Int
    ) throws(PatrolError) -> Float {
        let batch = options.batch
        for k in 0..<batch { drawn[k] = Int32(truncatingIfNeeded: random.below(memory.count)) }
        try gradient.compute(rows: batch, threads: threads) { (index, range, part) throws(PatrolError) in
            let shard = shards[index]
            shard.gather(memory, drawn.base + range.lowerBound, range.count, normalization)

            // y = r + e^(−β Δt) · Q(s′, argmax_a Q(s′, a; θ); θ⁻) − α · (max_a Q(s, a; θ⁻) − Q(s, chosen; θ⁻))
            shard.evaluate(shard.next, online.parameters.base, into: shard.choosing)
            shard.evaluate(shard.next, target.parameters.base, into: shard.valuing)
            if options.gapShare > 0 { shard.evaluate(shard.present, target.parameters.base, into: shard.comparing) }
            shard.setTargets(memory, drawn.base + range.lowerBound, range.count, gapShare: options.gapShare)

            // L(θ) = mean of Huber(Q(s, chosen; θ) − y)
            let values = shard.chosenPass.forward(
                online.parameters.base, rows: range.count, input: shard.chosenRows.base)
            shard.setSlopes(range.count, values, threshold: options.huberThreshold, share: 1 / Float(batch))
            shard.chosenPass.backward(outputGradient: shard.slopes.base, into: part)
        }
        adam.step(online.parameters.base, gradient: gradient.sum.base, rate: rate)
        moveAverage(target.parameters, towards: online.parameters, share: options.targetShare)
        var loss: Float = 0
        for shard in 0..<(batch + DeepQLearning.transitionsPerShard - 1) / DeepQLearning.transitionsPerShard {
            loss += shards[shard].loss
        }
        return loss
    }

    /// The averaged network as the runtime has it.
    public func network() throws(PatrolError) -> DenseNetwork { try target.network(normalization: normalization) }
}

/// Settings of the learning rule alone.
public struct DeepQOptions: Sendable {
    /// Widths of the hidden layers.
    public var hidden = [32, 32]
    /// Transitions of a step.
    public var batch = 256
    /// Share of the way to θ that θ⁻ goes in each step.
    public var targetShare: Float = 0.005
    public var huberThreshold: Float = 1
    /// α of advantage learning, 0 ..< 1: differences between candidates become 1 / (1 − α) times as large. Where decisions
    /// follow close on each other, one of them changes little, and its difference drowns in that between states.
    public var gapShare: Float = 0.9

    public init() {}
}

/// Working memory for some transitions of a batch.
private final class Shard {
    /// Normalized rows of decisions, one after the other.
    struct Rows {
        let values: Buffer<Float>
        var count = 0
    }

    let form: DecisionForm
    private(set) var present: Rows
    private(set) var next: Rows
    /// The rows that the chosen candidates' values are read from, shape [transitions, width].
    let chosenRows: Buffer<Float>
    let chosenPass: StackPass
    private let pass: StackPass
    /// Values of the next decisions' candidates by the network that chooses and the one that values, and of the present
    /// decisions' candidates by the latter.
    let choosing: Buffer<Float>
    let valuing: Buffer<Float>
    let comparing: Buffer<Float>
    private let targets: Buffer<Float>
    /// Of the loss in the chosen candidates' values, shape [transitions].
    let slopes: Buffer<Float>
    private(set) var loss: Float = 0

    init(_ form: DecisionForm, _ shape: StackShape, transitions: Int) throws(PatrolError) {
        self.form = form
        let most = transitions * form.maximumCandidates
        present = Rows(values: try Buffer(count: most * form.width, repeating: 0))
        next = Rows(values: try Buffer(count: most * form.width, repeating: 0))
        chosenRows = try Buffer(count: transitions * form.width, repeating: 0)
        chosenPass = try StackPass(shape, maximumRows: transitions)
        pass = try StackPass(shape, maximumRows: most)
        choosing = try Buffer(count: most, repeating: 0)
        valuing = try Buffer(count: most, repeating: 0)
        comparing = try Buffer(count: most, repeating: 0)
        targets = try Buffer(count: transitions, repeating: 0)
        slopes = try Buffer(count: transitions, repeating: 0)
    }

    func gather(
        _ memory: ReplayMemory, _ drawn: UnsafePointer<Int32>, _ count: Int, _ normalization: InputNormalization
    ) {
        func add(_ rows: UnsafePointer<Float>, _ candidates: Int, to target: inout Rows) {
            normalization.apply(rows: candidates, input: rows, output: target.values.base + target.count * form.width)
            target.count += candidates
        }
        (present.count, next.count) = (0, 0)
        for k in 0..<count {
            let transition = memory[Int(drawn[k])]
            let chosen = present.count + transition.chosen
            add(transition.rows, transition.candidates, to: &present)
            add(transition.nextRows, transition.nextCandidates, to: &next)
            (chosenRows.base + k * form.width).update(
                from: present.values.base + chosen * form.width, count: form.width)
        }
    }

    func evaluate(_ rows: Rows, _ parameters: UnsafePointer<Float>, into values: Buffer<Float>) {
        let outputs = pass.forward(parameters, rows: rows.count, input: rows.values.base)
        values.base.update(from: outputs, count: rows.count)
    }

    func setTargets(_ memory: ReplayMemory, _ drawn: UnsafePointer<Int32>, _ count: Int, gapShare: Float) {
        var (first, firstNext) = (0, 0)
        for k in 0..<count {
            let transition = memory[Int(drawn[k])]
            targets[k] = transition.reward
            if transition.nextCandidates > 0 {
                let best = firstNext + largest(choosing.base + firstNext, transition.nextCandidates)
                targets[k] += transition.discount * valuing[best]
            }
            if gapShare > 0 {
                let best = first + largest(comparing.base + first, transition.candidates)
                targets[k] -= gapShare * (comparing[best] - comparing[first + transition.chosen])
            }
            first += transition.candidates
            firstNext += transition.nextCandidates
        }
    }

    private func largest(_ values: UnsafePointer<Float>, _ count: Int) -> Int {
        var best = 0
        for k in 1..<max(1, count) where values[k] > values[best] { best = k }
        return best
    }

    func setSlopes(_ count: Int, _ values: UnsafePointer<Float>, threshold: Float, share: Float) {
        loss = 0
        for k in 0..<count {
            let (part, slope) = huber(values[k] - targets[k], threshold: threshold)
            loss += share * part
            slopes[k] = share * slope
        }
    }
}

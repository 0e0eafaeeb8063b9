import PatrolDecisions
import PatrolModel
import PatrolNetworks

/// Fits the networks to comparisons: [V(φ₂) + Σ₂ s] − [V(φ₁) + Σ₁ s] to the alternative's advantage, by Huber's loss and Adam
/// with a rate that falls linearly. Pairs that both assignments have cancel out.
///
/// A batch is cut into parts of fixed size whose gradients are added up in order, so results do not depend on threads.
struct ComparisonRegression {
    private static let parts = 4
    private let networks: DispatchNetworks
    private let options: DispatchLearnerOptions
    private let parts: [Part]
    private let pairAdam: Adam
    private let valueAdam: Adam

    init(_ networks: DispatchNetworks, options: DispatchLearnerOptions) throws(PatrolError) {
        self.networks = networks
        self.options = options
        let size = (options.batch + ComparisonRegression.parts - 1) / ComparisonRegression.parts
        var parts: [Part] = []
        for _ in 0..<ComparisonRegression.parts { parts.append(try Part(networks, size: size)) }
        self.parts = parts
        pairAdam = try Adam(parameterCount: networks.pair.count)
        valueAdam = try Adam(
            parameterCount: networks.value.count,
            nonPositive: networks.isConcave ? networks.valueShape?.outputWeights ?? [] : [])
    }

    /// - Returns: the share of the targets' sum of squares explained in the last epoch, before each step.
    func fit(_ pool: [ComparisonShard], _ random: inout RandomNumbers, threads: Int) throws(PatrolError) -> Double {
        let epochs = ShuffledEpochs(
            epochs: options.epochs, batch: options.batch, firstRate: options.learningRate,
            lastRateShare: options.lastRateShare)
        return try epochs.run(pool.map { $0.count }, &random) { (batch, rate) throws(PatrolError) in
            try runShards(parts.count, threads: threads) { (k) throws(PatrolError) in
                let from = batch.count * k / parts.count
                let to = batch.count * (k + 1) / parts.count
                parts[k].pass(
                    pool, ShuffledEpochs.Batch(rebasing: batch[from..<to]), networks,
                    threshold: options.huberThreshold, share: 1 / Float(batch.count))
            }
            step(rate: rate)
            return parts.reduce((0, 0)) { ($0.0 + $1.errors, $0.1 + $1.squares) }
        }
    }

    private func step(rate: Float) {
        for part in parts.dropFirst() {
            add(part.pairGradient, to: parts[0].pairGradient)
            add(part.valueGradient, to: parts[0].valueGradient)
        }
        if networks.pair.count > 0 {
            pairAdam.step(networks.pair.base, gradient: parts[0].pairGradient.base, rate: rate)
        }
        if networks.value.count > 0 {
            valueAdam.step(networks.value.base, gradient: parts[0].valueGradient.base, rate: rate)
        }
    }

    private func add(_ other: Buffer<Float>, to sum: Buffer<Float>) {
        for k in 0..<sum.count { sum[k] += other[k] }
    }
}

/// One part of a batch, in memory of its own.
private final class Part {
    private let pairPass: StackPass?
    private let valuePass: ValuePass?
    private let pairRows: Buffer<Float>
    private let valueRows: Buffer<Float>
    private let pairSlopes: Buffer<Float>
    private let valueSlopes: Buffer<Float>
    let pairGradient: Buffer<Float>
    let valueGradient: Buffer<Float>
    /// Σ (prediction − target)² and Σ target² of the last pass.
    private(set) var errors = 0.0
    private(set) var squares = 0.0

    init(_ networks: DispatchNetworks, size: Int) throws(PatrolError) {
        let pairs = networks.pairShape == nil ? 0 : size * 2 * ComparisonShard.maximumPairs
        let states = networks.valueShape == nil ? 0 : size * 2
        pairPass = try networks.pairShape.map { (shape) throws(PatrolError) in try StackPass(shape, maximumRows: pairs)
        }
        valuePass = try networks.valueShape.map { (shape) throws(PatrolError) in
            try ValuePass(shape, maximumRows: states)
        }
        pairRows = try Buffer(count: pairs * PairTable.width, repeating: 0)
        valueRows = try Buffer(count: states * StateTable.width, repeating: 0)
        pairSlopes = try Buffer(count: pairs, repeating: 0)
        valueSlopes = try Buffer(count: states, repeating: 0)
        pairGradient = try Buffer(count: networks.pair.count, repeating: 0)
        valueGradient = try Buffer(count: networks.value.count, repeating: 0)
    }

    /// Forward and backward pass of some comparisons. - Parameter share: of one comparison in the mean loss.
    func pass(
        _ pool: [ComparisonShard], _ which: ShuffledEpochs.Batch, _ networks: DispatchNetworks, threshold: Float,
        share: Float
    ) {
        let pairCount = gather(pool, which, networks)
        let scores = pairPass?.forward(networks.pair.base, rows: pairCount, input: pairRows.base)
        let values = valuePass?.forward(networks.value.base, rows: 2 * which.count, input: valueRows.base)
        (errors, squares) = (0, 0)
        var pair = 0
        for (k, id) in which.enumerated() {
            let (shard, number) = (pool[Int(id >> 32)], Int(id & 0xFFFF_FFFF))
            let first = pair
            let middle = first + Int(shard.decisionPairs[number])
            let last = first + Int(shard.firstPair[number + 1] - shard.firstPair[number])
            var advantage: Float = 0
            if let values { advantage = values[2 * k + 1] - values[2 * k] }
            if let scores {
                for p in first..<last { advantage += p < middle ? -scores[p] : scores[p] }
            }
            let error = advantage - shard.targets[number]
            let slope = share * huber(error, threshold: threshold).slope
            if values != nil { (valueSlopes[2 * k], valueSlopes[2 * k + 1]) = (-slope, slope) }
            if scores != nil {
                for p in first..<last { pairSlopes[p] = p < middle ? -slope : slope }
            }
            pair = last
            errors += Double(error) * Double(error)
            squares += Double(shard.targets[number]) * Double(shard.targets[number])
        }
        pairPass?.backward(outputGradient: pairSlopes.base, into: pairGradient.base)
        valuePass?.backward(outputGradient: valueSlopes.base, into: valueGradient.base)
    }

    /// Gathers the comparisons' rows, normalized. - Returns: the number of pairs.
    private func gather(
        _ pool: [ComparisonShard], _ which: ShuffledEpochs.Batch, _ networks: DispatchNetworks
    ) -> Int {
        var pairs = 0
        for (k, id) in which.enumerated() {
            let (shard, number) = (pool[Int(id >> 32)], Int(id & 0xFFFF_FFFF))
            if valuePass != nil {
                (valueRows.base + k * 2 * StateTable.width).update(
                    from: shard.states.base + number * 2 * StateTable.width, count: 2 * StateTable.width)
            }
            let first = Int(shard.firstPair[number])
            let count = Int(shard.firstPair[number + 1]) - first
            if pairPass != nil {
                (pairRows.base + pairs * PairTable.width).update(
                    from: shard.pairs.base + first * PairTable.width, count: count * PairTable.width)
            }
            pairs += count
        }
        if pairPass != nil {
            networks.pairNormalization?.apply(rows: pairs, input: pairRows.base, output: pairRows.base)
        }
        if valuePass != nil {
            networks.valueNormalization?.apply(rows: 2 * which.count, input: valueRows.base, output: valueRows.base)
        }
        return pairs
    }
}

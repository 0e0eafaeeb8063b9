import PatrolDecisions
import PatrolFiles
import PatrolModel
import PatrolNetworks

/// The two functions of a dispatch decision in training, s of pairs and V of the state after it; either may be absent.
final class DispatchNetworks {
    let pairShape: StackShape?
    let valueShape: ValueShape?
    let isConcave: Bool
    let unit: DispatchUnit
    /// Flat parameters; empty where the function is absent.
    let pair: Buffer<Float>
    let value: Buffer<Float>
    var pairNormalization: InputNormalization?
    var valueNormalization: InputNormalization?

    init(_ options: DispatchLearnerOptions, unit: DispatchUnit) throws(PatrolError) {
        self.unit = unit
        pairShape = options.learnsPairs ? try StackShape([PairTable.width] + options.pairHidden + [1]) : nil
        valueShape =
            options.learnsValue
            ? try ValueShape(
                inputs: StateTable.width, hidden: options.valueHidden, anchors: StateTable.anchors,
                anchorWidth: StateTable.anchorWidth, block: options.valueBlock)
            : nil
        isConcave = options.valueForm == .concave
        pair = try Buffer(count: pairShape?.parameterCount ?? 0, repeating: 0)
        value = try Buffer(count: valueShape?.parameterCount ?? 0, repeating: 0)
    }

    func initialize(_ random: inout RandomNumbers) {
        pairShape?.initialize(pair.base, &random)
        valueShape?.initialize(value.base, concave: isConcave, &random)
        pairNormalization = nil
        valueNormalization = nil
    }

    /// Sets mean and spread of the features from data, once: networks that are averaged must share them.
    func fitNormalization(_ shards: [ComparisonShard]) throws(PatrolError) {
        if pairShape != nil, pairNormalization == nil {
            pairNormalization = try normalization(shards, PairTable.width, anchors: 0) { ($0.pairs, $0.pairCount) }
        }
        if valueShape != nil, valueNormalization == nil {
            valueNormalization = try normalization(shards, StateTable.width, anchors: StateTable.anchors) {
                ($0.states, 2 * $0.count)
            }
        }
    }

    /// From the first rows of all shards, as many as matter.
    private func normalization(
        _ shards: [ComparisonShard], _ width: Int, anchors: Int, rows: (ComparisonShard) -> (Buffer<Float>, Int)
    ) throws(PatrolError) -> InputNormalization {
        let most = 1 + 16_384 / shards.count
        let sample = try Buffer<Float>(count: shards.count * most * width, repeating: 0)
        var count = 0
        for shard in shards {
            let (from, available) = rows(shard)
            let taken = min(available, most)
            (sample.base + count * width).update(from: from.base, count: taken * width)
            count += taken
        }
        return try InputNormalization(
            rows: count, inputs: width, input: sample.base, floor: 0.05, groups: anchors, width: StateTable.anchorWidth)
    }

    /// Places of the parameters in which the networks are linear and which affect decisions.
    var pairOutputs: [Int] {
        guard let pairShape else { return [] }
        let last = pairShape.layerCount - 1
        return Array(pairShape.weights(ofLayer: last)) + Array(pairShape.bias(ofLayer: last))
    }
    var valueOutputs: [Int] {
        guard let valueShape else { return [] }
        return Array(0..<valueShape.inputs) + valueShape.outputWeights.flatMap { Array($0) }
    }

    /// An engine that dispatches by the networks, and patrols as the given one does.
    func engine(_ engine: DecisionEngine) throws(PatrolError) -> DecisionEngine {
        try self.engine(engine, pair: pair, value: value)
    }

    /// The same with other parameters.
    func engine(
        _ engine: DecisionEngine, pair: Buffer<Float>, value: Buffer<Float>
    ) throws(PatrolError) -> DecisionEngine {
        let policy = TrainedPolicy(
            patrol: engine.policy?.patrol,
            pair: try pairShape.map { (shape) throws(PatrolError) in
                try DenseNetwork(layers: try shape.layers(pair.base), normalization: pairNormalization)
            },
            value: try valueShape.map { (shape) throws(PatrolError) in
                try shape.network(value.base, normalization: valueNormalization)
            },
            dispatchUnit: unit)
        return try DecisionEngine(
            engine, policy: policy, patrolPolicy: engine.options.patrolPolicy, dispatchPolicy: .learned)
    }

    /// Adds the networks to a policy file.
    func write(_ writer: PolicyFileWriter) throws(PatrolError) {
        if unit != .minute { try writer.add(dispatchUnit: unit) }
        if let pairShape { try writer.add(pair: try pairShape.layers(pair.base), normalization: pairNormalization) }
        guard let valueShape else { return }
        try writer.add(value: try valueShape.layers(value.base), normalization: valueNormalization, concave: isConcave)
    }
}

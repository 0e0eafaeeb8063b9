import CKernels
import PatrolModel
import PatrolNetworks

/// Fills in the values of a program: rewards, scores of the network "pair", and the value network of the state after
/// the decision, its features eliminated.
final class DispatchValues {
    let problem: DispatchProblem
    let pairObservation: PairObservation
    let stateObservation: StateObservation
    private static let block = 64
    private let features: Buffer<Float>
    private let scores: Buffer<Float>
    private let scratch: NetworkScratch?
    /// The hidden neurons and, as one more, the skip weights; padded as the kernels want it.
    private let width: Int
    /// The hidden layer and the skip weights, transposed: shape [64, width].
    private let weights: Buffer<Double>
    /// hidden·part for free units, waiting calls and their returns, and for the held state; and skip·part. Shapes
    /// [free or waiting, width].
    private let heldProduct: Buffer<Double>
    private let unitProduct: Buffer<Double>
    private let callProduct: Buffer<Double>
    private let returnProduct: Buffer<Double>
    private var (bonus, horizon) = (0.0, 0.0)

    init(problem: DispatchProblem, pairs: DispatchPairs) throws(PatrolError) {
        self.problem = problem
        let snapshot = problem.situation.snapshot
        let policy = problem.situation.engine.policy
        pairObservation = try PairObservation(situation: problem.situation, pairs: pairs)
        stateObservation = try StateObservation(situation: problem.situation)
        features = try Buffer(count: DispatchValues.block * PairTable.width, repeating: 0)
        scores = try Buffer(count: DispatchValues.block, repeating: 0)
        if let network = policy?.pair {
            scratch = try NetworkScratch(for: network, maximumRows: DispatchValues.block)
        } else {
            scratch = nil
        }
        let neurons = policy?.value?.hiddenCount ?? 0
        width = (neurons + 1 + 7) & ~7
        weights = try Buffer(count: StateTable.width * width, repeating: 0)
        if let network = policy?.value {
            for f in 0..<StateTable.width {
                for k in 0..<neurons { weights[f * width + k] = network.hidden[k * StateTable.width + f] }
                weights[f * width + neurons] = network.skip[f]
            }
        }
        heldProduct = try Buffer(count: width, repeating: 0)
        unitProduct = try Buffer(count: snapshot.maximumUnits * width, repeating: 0)
        callProduct = try Buffer(count: snapshot.maximumIncidents * width, repeating: 0)
        returnProduct = try Buffer(count: snapshot.maximumIncidents * width, repeating: 0)
    }

    private var situation: Situation { problem.situation }
    private var engine: DecisionEngine { problem.situation.engine }

    /// Weighted seconds for an output of 1 of the networks "pair" and "value": a mean call waiting one minute.
    var outputScale: Double { 60 * Double(engine.meanWeight) }

    /// Scores of all eligible pairs, into `pairs.pairs[…].value`.
    func scorePairs() throws(PatrolError) {
        guard let network = engine.policy?.pair, let scratch else { return }
        pairObservation.prepare()
        let pairs = problem.pairs
        var first = 0
        while first < pairs.count {
            let end = min(first + DispatchValues.block, pairs.count)
            pairObservation.write(first..<end, into: features.base)
            try network.evaluate(rows: end - first, input: features.base, output: scores.base, scratch: scratch)
            for p in first..<end { pairs.pairs[p].value = Float(sane(Double(scores[p - first]))) }
            first = end
        }
    }

    /// c = r + s, the rewards with the own-beat penalty charged.
    func fillSeparable() {
        let program = problem.program
        for p in 0..<program.pairCount {
            let pair = self.pair(p)
            program.value[p] = problem.pairs.chargedReward(pair) + outputScale * Double(pair.value)
        }
    }

    /// Adds V(φ₀ + Σ δ x): hidden neurons b = hidden·φ₀ + bias, A = hidden·δ, σ = output; the skip part to c.
    func addStateValue() throws(PatrolError) {
        guard let network = engine.policy?.value else { return }
        let program = problem.program
        let neurons = network.hiddenCount
        try program.openHidden(neurons)
        stateObservation.prepare()
        multiply(stateObservation.held, 1, into: heldProduct)
        program.constant += outputScale * sane(network.constant + heldProduct[neurons])
        for k in 0..<neurons {
            program.bias[k] = sane(network.hiddenBias[k] + heldProduct[k])
            program.weight[k] = outputScale * sane(network.output[k])
        }
        multiply(stateObservation.unitPart, situation.freeCount, into: unitProduct)
        multiply(stateObservation.callPart, situation.waitingCount, into: callProduct)
        multiply(stateObservation.returnPart, situation.waitingCount, into: returnProduct)
        let factors = InfluenceFactors(
            count: neurons, row: unitProduct.base, column: callProduct.base, later: returnProduct.base, width: width,
            partOfColumn: problem.columnCall.base)
        program.factors = factors
        for p in 0..<program.pairCount {
            let pair = self.pair(p)
            program.share[p] = stateObservation.returnWeight(pair)
            // The skip weights' product stands behind those of the neurons.
            let skipped = factors.influence(
                Int(pair.free), Int(program.pairColumn[p]), program.share[p], neurons)
            program.value[p] += outputScale * sane(skipped)
        }
    }

    /// Products of the hidden layer, and last of the skip weights, with each row of `parts`.
    private func multiply(_ parts: Buffer<Float>, _ count: Int, into products: Buffer<Double>) {
        for row in 0..<count {
            let product = products.base + row * width
            kernels_weighted_sum(product, weights.base, parts.base + row * StateTable.width, StateTable.width, width)
            for k in 0..<width { product[k] = sane(product[k]) }
        }
    }

    /// Values whose optimum makes as many assignments as possible and, among these, has the least weighted travel. A call left
    /// out counts as twice the longest travel time, so a heavier call wins a unit unless it is much farther.
    /// - Parameter asBefore: keep the scale of the last decision, of which this one is a variant.
    func fillTravel(asBefore: Bool) {
        let program = problem.program
        if !asBefore { chooseTravelScale() }
        for p in 0..<program.pairCount { program.value[p] = problem.pairs.weightedTravel(pair(p)) + excess(p) }
    }

    private func chooseTravelScale() {
        let program = problem.program
        var (longest, heaviest, weights) = (1.0, 0.0, 0.0)
        for p in 0..<program.pairCount { longest = max(longest, Double(problem.pairs.chargedSeconds(pair(p)))) }
        for g in 0..<program.columnCount {
            let weight = problem.pairs.weight(problem.call(Int(problem.columnCall[g])))
            heaviest = max(heaviest, weight)
            weights += Double(program.capacity[g]) * weight
        }
        horizon = 2 * longest
        // One more pair is worth more than all that these differ by: a pair's own value is above 0 and at most its weight
        // times the horizon. No more than that, as sums lose digits to it.
        let units = Double(program.rowCount)
        bonus = horizon * min(weights, heaviest * units)
        if problem.rules.reservePerBeat > 0 && problem.rules.reservePrice < .infinity {
            bonus += units * Double(problem.rules.reservePrice)
        }
    }

    /// A pair's value after `fillTravel` plus its weighted travel.
    func excess(_ p: Int) -> Double { bonus + charge(p) }

    /// The part of it that is for not leaving out the call.
    func charge(_ p: Int) -> Double { horizon * problem.pairs.weight(pair(p)) }

    private func pair(_ p: Int) -> DispatchPair { problem.pairs.pairs[Int(problem.source[p])] }
}

/// A network's output, limited so that sums stay finite whatever the weights.
func sane(_ value: Double) -> Double { value.isNaN ? 0 : max(-1e12, min(value, 1e12)) }

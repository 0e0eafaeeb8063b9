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
    /// hidden·part for free units, waiting calls and their returns, and for the held state; and skip·part. Shapes
    /// [free or waiting, width].
    private let heldProduct: Buffer<Double>
    private let unitProduct: Buffer<Double>
    private let callProduct: Buffer<Double>
    private let returnProduct: Buffer<Double>
    private var (bonus, horizon) = (0.0, 0.0)
    /// What a second of travel to each column's call costs: shape [columns].
    private let columnWeight: Buffer<Double>

    init(problem: DispatchProblem, pairs: DispatchPairs, _ memory: inout WorkingMemory) {
        self.problem = problem
        let snapshot = problem.situation.snapshot
        let policy = problem.situation.engine.policy
        pairObservation = PairObservation(situation: problem.situation, pairs: pairs, &memory)
        stateObservation = StateObservation(situation: problem.situation, &memory)
        features = memory.buffer(count: DispatchValues.block * PairTable.width, repeating: 0)
        scores = memory.buffer(count: DispatchValues.block, repeating: 0)
        if let network = policy?.pair {
            scratch = NetworkScratch(for: network, maximumRows: DispatchValues.block, &memory)
        } else {
            scratch = nil
        }
        width = policy?.value?.columnWidth ?? 0
        heldProduct = memory.buffer(count: width, repeating: 0)
        unitProduct = memory.buffer(count: snapshot.maximumUnits * width, repeating: 0)
        callProduct = memory.buffer(count: snapshot.maximumIncidents * width, repeating: 0)
        returnProduct = memory.buffer(count: snapshot.maximumIncidents * width, repeating: 0)
        columnWeight = memory.buffer(count: problem.program.limits.columns, repeating: 0)
    }

    private var situation: Situation { problem.situation }
    private var engine: DecisionEngine { problem.situation.engine }

    /// Weighted seconds for an output of 1 of the networks "pair" and "value".
    var outputScale: Double { outputScale(engine.policy?.dispatchUnit ?? .minute) }

    func outputScale(_ unit: DispatchUnit) -> Double {
        Double(unit == .minute ? 60 : situation.postSeconds) * Double(engine.meanWeight)
    }

    /// Scores of all eligible pairs, into `pairs.pairs[…].value`. - Returns: false where the clock ended it first.
    func scorePairs(_ clock: CallClock = CallClock()) throws(PatrolError) -> Bool {
        guard let network = engine.policy?.pair else { return true }
        pairObservation.prepare()
        var first = 0
        while first < problem.pairs.count {
            if clock.expired { return false }
            let end = min(first + DispatchValues.block, problem.pairs.count)
            try score(network, first..<end)
            first = end
        }
        return true
    }

    private func score(_ network: DenseNetwork, _ block: Range<Int>) throws(PatrolError) {
        guard let scratch else { return }
        pairObservation.write(block, into: features.base)
        try network.evaluate(rows: block.count, input: features.base, output: scores.base, scratch: scratch)
        for p in block { problem.pairs.pairs[p].value = Float(sane(Double(scores[p - block.lowerBound]))) }
    }

    /// c = r + s, the rewards with the own-beat penalty charged.
    /// - Returns: false where the clock ended it first.
    func fillSeparable(_ clock: CallClock = CallClock()) -> Bool {
        var clock = clock
        let (program, scale) = (problem.program, outputScale)
        for p in 0..<program.pairCount {
            if clock.expired(after: 4) { return false }
            fillSeparable(p, program, scale)
        }
        return true
    }

    @inline(__always)
    private func fillSeparable(_ p: Int, _ program: DispatchProgram, _ scale: Double) {
        let source = Int(problem.source[p])
        program.value[p] =
            problem.pairs.chargedReward(source) + scale * Double(problem.pairs.pairs[source].value)
    }

    /// Adds V(φ₀ + Σ δ x): hidden neurons b = hidden·φ₀ + bias, A = hidden·δ, σ = output; the skip part to c.
    /// - Returns: false where the clock ended it first.
    func addStateValue(_ clock: CallClock = CallClock()) throws(PatrolError) -> Bool {
        guard let network = engine.policy?.value else { return true }
        try openStateValue(network)
        for f in 0..<situation.freeCount { multiply(network, stateObservation.unitPart, f, into: unitProduct) }
        for g in 0..<problem.program.columnCount where g == 0 || problem.columnCall[g] != problem.columnCall[g - 1] {
            multiply(network, stateObservation.callPart, Int(problem.columnCall[g]), into: callProduct)
            multiply(network, stateObservation.returnPart, Int(problem.columnCall[g]), into: returnProduct)
        }
        var clock = clock
        let (program, scale, neurons) = (problem.program, outputScale, network.hiddenCount)
        for p in 0..<program.pairCount {
            if clock.expired(after: 4) { return false }
            addStateValue(p, program, scale, neurons)
        }
        return true
    }

    /// All this for the pairs of one assignment alone, shape [rows].
    /// - Parameter isScored: the pairs have their scores.
    func fill(_ assignment: UnsafePointer<Int32>, isScored: Bool) throws(PatrolError) {
        let program = problem.program
        if !isScored, engine.policy?.pair != nil { pairObservation.prepare() }
        let value = situation.dispatchPolicy == .learned ? engine.policy?.value : nil
        if let value { try openStateValue(value) }
        for row in 0..<program.rowCount where assignment[row] >= 0 {
            let p = Int(assignment[row])
            if !isScored, let network = engine.policy?.pair {
                let source = Int(problem.source[p])
                try score(network, source..<source + 1)
            }
            fillSeparable(p, program, outputScale)
            guard let value else { continue }
            let pair = self.pair(p)
            multiply(value, stateObservation.unitPart, Int(pair.free), into: unitProduct)
            multiply(value, stateObservation.callPart, Int(pair.waiting), into: callProduct)
            multiply(value, stateObservation.returnPart, Int(pair.waiting), into: returnProduct)
            addStateValue(p, program, outputScale, value.hiddenCount)
        }
    }

    /// What does not depend on the pairs.
    private func openStateValue(_ network: ValueNetwork) throws(PatrolError) {
        let program = problem.program
        let neurons = network.hiddenCount
        try program.openHidden(neurons)
        stateObservation.prepare()
        multiply(network, stateObservation.held, 0, into: heldProduct)
        program.constant = outputScale * sane(network.constant + heldProduct[neurons])
        for k in 0..<neurons {
            program.bias[k] = sane(network.hiddenBias[k] + heldProduct[k])
            program.weight[k] = outputScale * sane(network.output[k])
        }
        program.factors = InfluenceFactors(
            count: neurons, row: unitProduct.base, column: callProduct.base, later: returnProduct.base, width: width,
            partOfColumn: problem.columnCall.base)
    }

    /// The pair's share of what its call gives back later, and the skip part, whose product stands behind those of the neurons.
    @inline(__always)
    private func addStateValue(_ p: Int, _ program: DispatchProgram, _ scale: Double, _ neurons: Int) {
        let pair = self.pair(p)
        program.share[p] = stateObservation.returnWeight(pair)
        guard let factors = program.factors else { return }
        let skipped = factors.influence(Int(pair.free), Int(program.pairColumn[p]), program.share[p], neurons)
        program.value[p] += scale * sane(skipped)
    }

    /// Products of the hidden layer, and last of the skip weights, with a row of `parts`.
    private func multiply(
        _ network: ValueNetwork, _ parts: Buffer<Float>, _ row: Int, into products: Buffer<Double>
    ) {
        let product = products.base + row * width
        kernels_weighted_sum(
            product, network.columns.base, parts.base + row * StateTable.width, StateTable.width, width)
        for k in 0..<width { product[k] = sane(product[k]) }
    }

    /// Values whose optimum makes as many assignments as possible and, among these, has the least weighted travel. A call left
    /// out counts as twice the longest travel time, so a heavier call wins a unit unless it is much farther.
    /// - Parameter asBefore: keep the scale of the last decision, of which this one is a variant.
    func fillTravel(asBefore: Bool) {
        let program = problem.program
        for g in 0..<program.columnCount {
            columnWeight[g] = problem.pairs.weight(problem.call(Int(problem.columnCall[g])))
        }
        if !asBefore { chooseTravelScale() }
        for p in 0..<program.pairCount {
            let weight = columnWeight[Int(program.pairColumn[p])]
            program.value[p] = -weight * seconds(p) + (bonus + horizon * weight)
        }
    }

    /// Travel that a pair is charged.
    @inline(__always)
    private func seconds(_ p: Int) -> Double { Double(problem.pairs.chargedSeconds(Int(problem.source[p]))) }

    private func chooseTravelScale() {
        let program = problem.program
        var (least, longest, heaviest, weights) = (0.0, 1.0, 0.0, 0.0)
        for p in 0..<program.pairCount {
            let seconds = seconds(p)
            (least, longest) = (min(least, seconds), max(longest, seconds))
        }
        for g in 0..<program.columnCount {
            heaviest = max(heaviest, columnWeight[g])
            weights += Double(program.capacity[g]) * columnWeight[g]
        }
        horizon = 2 * longest
        // One more pair is worth more than all that these differ by: a pair's own value is above 0 and at most its weight
        // times the horizon, with the largest bonus of a pair. No more than that, as sums lose digits to it.
        let units = Double(program.rowCount)
        bonus = (horizon - least) * min(weights, heaviest * units)
        if problem.rules.reservePerBeat > 0 && problem.rules.reservePrice < .infinity {
            bonus += units * Double(problem.rules.reservePrice)
        }
    }

    /// A pair's value after `fillTravel` plus its weighted travel.
    func excess(_ p: Int) -> Double { bonus + charge(p) }

    /// The part of it that is for not leaving out the call.
    func charge(_ p: Int) -> Double { horizon * problem.pairs.weight(pair(p)) }

    @inline(__always)
    private func pair(_ p: Int) -> DispatchPair { problem.pairs.pairs.base[Int(problem.source[p])] }
}

/// A network's output, limited so that sums stay finite whatever the weights.
func sane(_ value: Double) -> Double { value.isNaN ? 0 : max(-1e12, min(value, 1e12)) }

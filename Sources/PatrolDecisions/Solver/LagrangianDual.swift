import CKernels
import PatrolModel

/// Upper bounds of a domain by Lagrangian decomposition (Fisher 1981; Guignard & Kim 1987).
///
/// Each neuron's activation z_k is copied, the copy kept in its interval, and the equality of both priced by a slope
/// g_k. What remains is one concave envelope for each neuron and one assignment problem:
///
///     D(g) = constant + Σ_k ( max over [low_k, high_k] of (σ_k ReLU(z) − g_k z) + g_k b_k )
///                     + max over x of Σ_p (c_p + Σ_k g_k A_pk) x_p
///
/// For σ_k ≤ 0 the best slope lies in [σ_k, 0], and the maximum is 0 there: the ReLU costs no binary variable. For
/// σ_k > 0 it is the chord of the ReLU over the interval (the triangle relaxation), so that only narrower intervals
/// help. A neuron whose sign is known has the slope σ_k or 0; if branching alone demands the sign, or if the neuron is a
/// reserve, the slope may leave that value, which prices the demand.
///
/// min D is found by a level bundle method (Lemaréchal, Nemirovskii & Nesterov 1995): every assignment met is a cut
/// D(g) ≥ Σ c + g · z, and the next slopes are those nearest the best ones at which no cut exceeds a level between
/// what is known and what is wanted. Any slopes at all give a valid bound, so nothing here needs to be exact.
final class LagrangianDual {
    enum Outcome { case below, converged, infeasible, expired }

    static let cutLimit = 48
    /// Sweeps of a projection; where the level lies between floor and best; the share of the gap at which the
    /// distance from floor to best counts as nothing.
    private static let sweeps = 4, levelShare = 0.3, settledShare = 0.15

    let problem: ReducedProgram
    let domain: Domain
    /// Shape [neurons]: the present slopes, the best ones, and their box.
    let slope, best, slopeLow, slopeHigh: UnsafeMutablePointer<Double>
    /// Shape [neurons]: the greatest value of σ ReLU(z) − g z over the neuron's interval.
    let peak: UnsafeMutablePointer<Double>
    /// Shape [pairs]: c, or −∞ for pairs that are not alive.
    let base: UnsafeMutablePointer<Double>
    /// Column prices at the best slopes.
    let bestPrice: UnsafeMutablePointer<Double>
    /// Activations and Σ c of the last assignment.
    let activation: UnsafeMutablePointer<Double>
    var linear = 0.0
    /// The constant part of D, and D at the present and the best slopes; `floor` is below min D of the cuts' model.
    var offset = 0.0, height = 0.0, bestHeight = Double.infinity, floor = -Double.infinity

    /// Cuts: activations, Σ c, assignments, multipliers and ages.
    let cuts, constants, multiplier: UnsafeMutablePointer<Double>
    let cutPair: UnsafeMutablePointer<Int32>
    let cutSerial: UnsafeMutablePointer<Int>
    var cutCount = 0, serial = 0
    /// Evaluations of D since `load`, and the most that a certified bound has allowed for rounding.
    var evaluations = 0
    private(set) var rounding = 0.0
    /// Whether the graph still has the prices and slacks of the best slopes.
    private var isAtBest = false
    let freePoint, scale: UnsafeMutablePointer<Double>
    private let mixture: UnsafeMutablePointer<Double>
    private let memory: SolverMemory

    init(problem: ReducedProgram, domain: Domain, limits: DispatchProgram.Limits, _ memory: SolverMemory) {
        self.memory = memory
        self.problem = problem
        self.domain = domain
        let neurons = ReducedProgram.padded(limits.hidden &+ limits.reserves)
        slope = memory.array(neurons, repeating: 0)
        best = memory.array(neurons, repeating: 0)
        slopeLow = memory.array(neurons, repeating: 0)
        slopeHigh = memory.array(neurons, repeating: 0)
        peak = memory.array(neurons, repeating: 0)
        base = memory.unwritten(ReducedProgram.padded(limits.pairs), of: Double.self)
        bestPrice = memory.array(limits.columns, repeating: 0)
        activation = memory.array(neurons, repeating: 0)
        cuts = memory.array(Self.cutLimit * neurons, repeating: 0)
        constants = memory.array(Self.cutLimit, repeating: 0)
        multiplier = memory.array(Self.cutLimit, repeating: 0)
        cutPair = memory.array(Self.cutLimit &* limits.rows, repeating: 0)
        cutSerial = memory.array(Self.cutLimit, repeating: 0)
        freePoint = memory.array(neurons, repeating: 0)
        scale = memory.array(neurons, repeating: 0)
        mixture = memory.array(neurons, repeating: 0)
    }

    /// Forgets everything of the last program.
    func load() {
        (cutCount, serial, evaluations, rounding) = (0, 0, 0, 0)
        slope.update(repeating: 0, count: problem.stride)
        best.update(repeating: 0, count: problem.stride)
    }

    /// Sets up the boxes and the constant of D for the domain, and drops the cuts whose assignment left it.
    func begin() {
        offset = problem.constant
        for neuron in 0..<problem.stride {
            let (weight, low, high) = (problem.weight[neuron], domain.low[neuron], domain.high[neuron])
            let phase = domain.phase[neuron]
            let reach = problem.reach[neuron] > 0 ? 4 * problem.largestValue / problem.reach[neuron] : 0
            peak[neuron] = 0
            if neuron >= problem.hidden {
                (slopeLow[neuron], slopeHigh[neuron]) = (0, neuron < problem.neurons ? reach : 0)
            } else if weight <= 0 {
                (slopeLow[neuron], slopeHigh[neuron]) = (high <= 0 ? 0 : weight, low >= 0 ? weight : 0)
            } else if low >= 0 {
                (slopeLow[neuron], slopeHigh[neuron]) = (weight, phase > 0 ? weight + reach : weight)
            } else if high <= 0 {
                (slopeLow[neuron], slopeHigh[neuron]) = (phase < 0 ? -reach : 0, 0)
            } else {
                let chord = weight * (high / (high - low))
                (slopeLow[neuron], slopeHigh[neuron]) = (chord, chord)
                peak[neuron] = -chord * low
                offset += peak[neuron]
            }
            let width = slopeHigh[neuron] - slopeLow[neuron]
            let step = min(width, max(weight.magnitude, reach / 16))
            scale[neuron] = step * step
            slope[neuron] = min(max(slope[neuron], slopeLow[neuron]), slopeHigh[neuron])
        }
        for pair in 0..<problem.pairs { base[pair] = domain.alive[pair] != 0 ? problem.value[pair] : -.infinity }
        let graph = problem.assignment
        graph.rowMandatory.update(from: domain.rowMust, count: problem.rows)
        graph.columnMandatory.update(from: domain.columnMust, count: problem.columns)
        graph.capacity.update(from: domain.capacity, count: problem.columns)
        dropForeignCuts()
        (bestHeight, isAtBest) = (.infinity, false)
        best.update(from: slope, count: problem.stride)
        bestPrice.update(from: graph.columnPrice, count: problem.columns)
    }

    /// Solves the assignment problem of the present slopes: `height`, `linear`, `activation`.
    func evaluate(clock: CallClock) -> Assignment.Outcome {
        let graph = problem.assignment
        isAtBest = false
        guard problem.influences.price(graph.value, base: base, prices: slope, clock) else {
            height = .infinity
            return .interrupted
        }
        let outcome = graph.solve(clock: clock)
        evaluations += 1
        guard outcome != .infeasible else { return outcome }
        height = offset + kernels_dot64(slope, problem.bias, problem.stride) + graph.dualValue
        linear = problem.activations(graph.pairOfRow, into: activation)
        return outcome
    }

    /// Records the evaluation as a cut and as the best if it is.
    func record() {
        if height < bestHeight {
            (bestHeight, isAtBest) = (height, true)
            best.update(from: slope, count: problem.stride)
            bestPrice.update(from: problem.assignment.columnPrice, count: problem.columns)
        }
        let index = cutCount < Self.cutLimit ? cutCount : leastUsefulCut()
        if cutCount < Self.cutLimit { cutCount += 1 }
        (cuts + index * problem.stride).update(from: activation, count: problem.stride)
        constants[index] = linear + offset
        multiplier[index] = 0
        cutSerial[index] = serial
        serial += 1
        (cutPair + index * problem.rows).update(from: problem.assignment.pairOfRow, count: problem.rows)
    }

    private func leastUsefulCut() -> Int {
        var chosen = 0
        for index in 1..<cutCount {
            let (used, usedBest) = (multiplier[index] > 0, multiplier[chosen] > 0)
            if used == usedBest ? cutSerial[index] < cutSerial[chosen] : !used { chosen = index }
        }
        return chosen
    }

    private func dropForeignCuts() {
        var kept = 0
        for index in 0..<cutCount {
            let pairs = cutPair + index * problem.rows
            var belongs = true
            for row in 0..<problem.rows where belongs {
                let pair = Int(pairs[row])
                belongs = pair >= 0 ? domain.alive[pair] != 0 : domain.rowMust[row] == 0
            }
            guard belongs else { continue }
            let source = cuts + index * problem.stride
            (cuts + kept * problem.stride).update(from: source, count: problem.stride)
            (cutPair + kept * problem.rows).update(from: pairs, count: problem.rows)
            var linear = 0.0
            for row in 0..<problem.rows where pairs[row] >= 0 { linear += problem.value[Int(pairs[row])] }
            constants[kept] = linear + offset
            cutSerial[kept] = cutSerial[index]
            multiplier[kept] = multiplier[index]
            kept += 1
        }
        cutCount = kept
    }

    /// Translates the cuts' assignments after pairs were renumbered; a cut with a lost pair is dropped.
    func renumber(original: UnsafePointer<Int32>) {
        var kept = 0
        for index in 0..<cutCount {
            let pairs = cutPair + index * problem.rows
            var belongs = true
            for row in 0..<problem.rows where pairs[row] >= 0 {
                pairs[row] = problem.reduced[Int(original[Int(pairs[row])])]
                if pairs[row] < 0 { belongs = false }
            }
            guard belongs else { continue }
            (cuts + kept * problem.stride).update(from: cuts + index * problem.stride, count: problem.stride)
            (cutPair + kept * problem.rows).update(from: pairs, count: problem.rows)
            (constants[kept], cutSerial[kept], multiplier[kept]) = (constants[index], cutSerial[index], 0)
            kept += 1
        }
        cutCount = kept
    }

    /// Moves `slope` to where the cuts' model is at most a level between `target` (or the model's floor) and the best.
    ///
    /// - Returns: false where the model shows that the best bound can hardly be lowered further.
    func advance(target: Double, first: Bool) -> Bool {
        if first { floor = max(target, modelFloor(uniform: true)) }
        let stride = problem.stride
        for _ in 0..<4 {
            let room = bestHeight - floor
            if room <= 1e-12 * (1 + bestHeight.magnitude) { return false }
            if target > -.infinity, room <= Self.settledShare * (bestHeight - target) { return false }
            let level = floor + Self.levelShare * room
            startProjection()
            _ = kernels_project_on_cuts(
                slope, freePoint, multiplier, cuts, constants, cutCount, slopeLow, slopeHigh, scale, level,
                0.2 * (bestHeight - level), Self.sweeps, stride)
            floor = max(floor, modelFloor(uniform: false))
            if floor < level { return true }
        }
        return true
    }

    /// Sets the free point that the multipliers of the last projection give from the present best slopes.
    private func startProjection() {
        freePoint.update(from: best, count: problem.stride)
        for index in 0..<cutCount where multiplier[index] > 0 {
            let cut = cuts + index * problem.stride
            for neuron in 0..<problem.stride { freePoint[neuron] -= multiplier[index] * scale[neuron] * cut[neuron] }
        }
    }

    /// A lower bound of the cuts' model over the box, from the cuts' mixture by their multipliers.
    private func modelFloor(uniform: Bool) -> Double {
        var total = 0.0, constant = 0.0
        mixture.update(repeating: 0, count: problem.stride)
        for index in 0..<cutCount {
            let share = uniform ? 1 : multiplier[index]
            guard share > 0 else { continue }
            total += share
            constant += share * constants[index]
            for neuron in 0..<problem.neurons { mixture[neuron] += share * cuts[index * problem.stride + neuron] }
        }
        guard total > 0 else { return -.infinity }
        for neuron in 0..<problem.neurons {
            constant += min(mixture[neuron] * slopeLow[neuron], mixture[neuron] * slopeHigh[neuron])
        }
        return constant / total
    }

    /// A bound that holds in spite of rounding, at the best slopes, with prices and slacks in `problem.assignment`.
    func certify(clock: CallClock) -> Double {
        let graph = problem.assignment
        slope.update(from: best, count: problem.stride)
        if isAtBest {
            height = bestHeight
        } else {
            graph.columnPrice.update(from: bestPrice, count: problem.columns)
            guard evaluate(clock: clock) != .infeasible else { return -.infinity }
        }
        let allowance = allowance()
        rounding = max(rounding, allowance)
        return height + allowance
    }

    /// A bound in spite of rounding from what was found before the clock ended an evaluation.
    var boundSoFar: Double { min(height, bestHeight) + 2 * allowance() }

    /// How much rounding may hide at the present slopes and prices.
    private func allowance() -> Double {
        let graph = problem.assignment
        var size = problem.constant.magnitude + offset.magnitude
        for neuron in 0..<problem.stride { size += (slope[neuron] * problem.bias[neuron]).magnitude }
        for row in 0..<problem.rows { size += graph.rowPrice[row].magnitude }
        for column in 0..<problem.columns {
            size += graph.columnPrice[column].magnitude * Double(graph.capacity[column])
        }
        size += Double(min(problem.rows, problem.pairs)) * (problem.largestValue + steepness)
        return size * Double(problem.neurons + 16) * 0x1p-52
    }

    /// What slopes beyond the weights add to a pair's value at most.
    private var steepness: Double {
        var total = 0.0
        for neuron in 0..<problem.neurons { total += slope[neuron].magnitude * problem.reach[neuron] }
        return total
    }
}

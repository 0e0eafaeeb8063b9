import CKernels
import PatrolModel

/// Improves an assignment by single moves until none helps: put a row on a column (from its own, or unused),
/// displacing a row there, which goes unused or takes the other's place; or take a row out of use. First
/// improvement, pairs in order, activations kept up to date, so that a move costs a few vector operations. Most are not
/// even looked at: where the value is concave, its gradient shows that they cannot improve.
final class LocalSearch {
    let problem: ReducedProgram
    /// Shape [rows]: the present assignment in reduced pairs.
    let pairOfRow: UnsafeMutablePointer<Int32>
    let activation: UnsafeMutablePointer<Double>
    private let holder, fill: UnsafeMutablePointer<Int32>
    /// A vector of zeros, one for each neuron, for the moves that change fewer than four pairs.
    private let nothing: UnsafeMutablePointer<Double>
    /// Shape [rows, neurons]: the influence of the pair of each row that has one.
    private let taken: UnsafeMutablePointer<Double>
    private var linear = 0.0, worth = 0.0
    /// Shape [neurons]: the slopes of the worth at the present activations. What pairs add to the worth by these, shape [pairs],
    /// the most that a pair of each row does, shape [rows], and what a move must promise to be looked at.
    private let slope, promise, bestOfRow: UnsafeMutablePointer<Double>
    private var bar = 0.0
    /// Shape [columns]: what taking a slot of the column adds at most, beside the promise of the pair that takes it.
    private let gift: UnsafeMutablePointer<Double>
    private let memory: SolverMemory

    /// - Parameter promise: memory for the promises, shape [pairs], which others may use in between.
    init(
        problem: ReducedProgram, promise: UnsafeMutablePointer<Double>, limits: DispatchProgram.Limits,
        _ memory: SolverMemory
    ) {
        self.memory = memory
        self.problem = problem
        self.promise = promise
        let neurons = ReducedProgram.padded(limits.hidden &+ limits.reserves)
        pairOfRow = memory.array(limits.rows, repeating: -1)
        activation = memory.array(neurons, repeating: 0)
        holder = memory.unwritten(limits.pairs, of: Int32.self)
        fill = memory.array(limits.columns, repeating: 0)
        nothing = memory.array(neurons, repeating: 0)
        taken = memory.unwritten(limits.rows &* neurons, of: Double.self)
        slope = memory.array(neurons, repeating: 0)
        bestOfRow = memory.array(limits.rows, repeating: 0)
        gift = memory.array(limits.columns, repeating: 0)
    }

    /// Improves `start`, which must be feasible, in `pairOfRow`.
    @_optimize(speed)
    func improve(_ start: UnsafePointer<Int32>, clock: CallClock) {
        pairOfRow.update(from: start, count: problem.rows)
        fill.update(repeating: 0, count: problem.columns)
        for row in 0..<problem.rows where pairOfRow[row] >= 0 {
            enter(row, Int(pairOfRow[row]))
            problem.influences.write(Int(pairOfRow[row]), taken + row * problem.stride)
        }
        linear = problem.activations(pairOfRow, into: activation)
        worth = value(linear: linear, nothing, nothing, nothing, nothing)
        slope.update(repeating: 0, count: problem.stride)
        guard followSlopes(isNew: true, clock) else { return }
        var sinceChange = 0, pair = 0, steps = 0
        while sinceChange < problem.pairs {
            if mayImprove(pair), tryMoves(of: pair) {
                sinceChange = 0
                guard followSlopes(isNew: false, clock) else { return }
            } else {
                sinceChange += 1
            }
            pair = pair + 1 < problem.pairs ? pair + 1 : 0
            steps += 1
            if steps & 255 == 0, clock.expired || steps > 200 * problem.pairs { return }
        }
    }

    /// Brings the promises up to date with the activations. - Parameter isNew: there are none yet.
    /// - Returns: false where the clock ended it first.
    private func followSlopes(isNew: Bool, _ clock: CallClock) -> Bool {
        // By what a move may exceed its promise.
        var isSame = !isNew, size = linear.magnitude + 8 * problem.largestValue, leeway = 0.0
        for neuron in 0..<problem.hidden {
            let weight = problem.weight[neuron], distance = activation[neuron].magnitude
            let present = activation[neuron] > 0 ? weight : 0
            if slope[neuron] != present { (slope[neuron], isSame) = (present, false) }
            // Four pairs may take a convex neuron across its kink.
            if weight > 0 { leeway += weight * max(0, 4 * problem.reach[neuron] - distance) }
            size += weight.magnitude * distance
        }
        bar = least - leeway - size * Double(problem.neurons + 16) * 0x1p-50
        if !isSame {
            guard problem.influences.price(promise, base: problem.value, prices: slope, clock) else { return false }
            findBestOfRows()
        }
        findGifts()
        return true
    }

    @_optimize(speed)
    private func findBestOfRows() {
        let graph = problem.assignment
        for row in 0..<problem.rows {
            var best = -Double.infinity
            for pair in Int(graph.rowStart[row])..<Int(graph.rowStart[row + 1]) { best = max(best, promise[pair]) }
            bestOfRow[row] = best
        }
    }

    private func findGifts() {
        for column in 0..<problem.columns {
            gift[column] = fill[column] < problem.program.capacity[column] ? 0 : -.infinity
        }
        for row in 0..<problem.rows where pairOfRow[row] >= 0 {
            let lost = Int(pairOfRow[row]), column = Int(problem.assignment.pairColumn[lost])
            gift[column] = max(gift[column], max(0, bestOfRow[row]) - promise[lost])
        }
    }

    /// Whether any move of a pair may improve, as far as the promises tell.
    @inline(__always)
    private func mayImprove(_ pair: Int) -> Bool {
        let graph = problem.assignment
        let most = promise[pair] - promiseOf(Int(pairOfRow[Int(graph.pairRow[pair])]))
        return most + gift[Int(graph.pairColumn[pair])] > bar
    }

    /// A pair's influence, where it is not the row's own.
    @inline(__always)
    private func influence(_ pair: Int, _ place: Int) -> UnsafePointer<Double> {
        pair < 0 ? UnsafePointer(nothing) : problem.influences.row(pair, at: place)
    }

    /// The influence of the pair that a row has.
    @inline(__always)
    private func influence(ofRow row: Int?) -> UnsafePointer<Double> {
        guard let row, pairOfRow[row] >= 0 else { return UnsafePointer(nothing) }
        return UnsafePointer(taken + row * problem.stride)
    }

    private func worthOf(_ pair: Int) -> Double { pair < 0 ? 0 : problem.value[pair] }

    private func promiseOf(_ pair: Int) -> Double { pair < 0 ? 0 : promise[pair] }

    /// What a move must add to the worth, lest it be made for rounding's sake alone.
    private var least: Double { 1e-11 * (1 + worth.magnitude) }

    @inline(__always)
    private func value(
        linear: Double, _ plus1: UnsafePointer<Double>, _ plus2: UnsafePointer<Double>,
        _ minus1: UnsafePointer<Double>, _ minus2: UnsafePointer<Double>
    ) -> Double {
        linear + kernels_relu_sum(activation, problem.weight, plus1, plus2, minus1, minus2, problem.stride)
    }

    @inline(__always)
    private func tryMoves(of pair: Int) -> Bool {
        let graph = problem.assignment
        let row = Int(graph.pairRow[pair]), column = Int(graph.pairColumn[pair])
        let last = Int(pairOfRow[row])
        if last == pair {
            return problem.program.mandatory[row] == 0 && change(row, to: -1, from: pair, nil, to: -1, from: -1)
        }
        if fill[column] < problem.program.capacity[column] {
            return change(row, to: pair, from: last, nil, to: -1, from: -1)
        }
        for slot in 0..<Int(fill[column]) {
            let other = Int(holder[Int(graph.columnStart[column]) + slot])
            let lost = Int(pairOfRow[other])
            if problem.program.mandatory[other] == 0, change(row, to: pair, from: last, other, to: -1, from: lost) {
                return true
            }
            guard last >= 0, promise[pair] + bestOfRow[other] - promiseOf(last) - promiseOf(lost) > bar else {
                continue
            }
            let swapped = problem.pair(row: other, column: Int(graph.pairColumn[last]))
            if swapped >= 0, change(row, to: pair, from: last, other, to: swapped, from: lost) { return true }
        }
        return false
    }

    /// Makes a change of one or two rows if it improves and keeps the rules.
    @inline(never)
    private func change(
        _ row: Int, to pair: Int, from last: Int, _ other: Int?, to second: Int, from lost: Int
    ) -> Bool {
        let promised = promiseOf(pair) + promiseOf(second) - promiseOf(last) - promiseOf(lost)
        guard promised > bar else { return false }
        let sum = linear + worthOf(pair) + worthOf(second) - worthOf(last) - worthOf(lost)
        let plus1 = influence(pair, 0), plus2 = influence(second, 1)
        let minus1 = influence(ofRow: row), minus2 = influence(ofRow: other)
        let next = value(linear: sum, plus1, plus2, minus1, minus2)
        guard next > worth + least else { return false }
        leave(row, last)
        if let other {
            leave(other, lost)
            pairOfRow[other] = Int32(second)
        }
        pairOfRow[row] = Int32(pair)
        kernels_add_rows(activation, plus1, plus2, minus1, minus2, problem.stride)
        let keeps = problem.satisfiesRules(pairOfRow, activation: activation)
        if !keeps {
            kernels_add_rows(activation, minus1, minus2, plus1, plus2, problem.stride)
            pairOfRow[row] = Int32(last)
            if let other { pairOfRow[other] = Int32(lost) }
        }
        enter(row, Int(pairOfRow[row]))
        if let other { enter(other, Int(pairOfRow[other])) }
        guard keeps else { return false }
        (linear, worth) = (sum, next)
        if pair >= 0 { problem.influences.write(pair, taken + row * problem.stride) }
        if let other, second >= 0 { problem.influences.write(second, taken + other * problem.stride) }
        return true
    }

    private func enter(_ row: Int, _ pair: Int) {
        guard pair >= 0 else { return }
        let column = Int(problem.assignment.pairColumn[pair])
        holder[Int(problem.assignment.columnStart[column] + fill[column])] = Int32(row)
        fill[column] += 1
    }

    private func leave(_ row: Int, _ pair: Int) {
        guard pair >= 0 else { return }
        let column = Int(problem.assignment.pairColumn[pair])
        let slots = holder + Int(problem.assignment.columnStart[column])
        fill[column] -= 1
        for slot in 0..<Int(fill[column]) where Int(slots[slot]) == row { slots[slot] = slots[Int(fill[column])] }
    }
}

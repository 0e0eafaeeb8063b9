import CKernels
import PatrolModel

/// Improves an assignment by single moves until none helps: put a row on a column (from its own, or unused),
/// displacing a row there, which goes unused or takes the other's place; or take a row out of use. First
/// improvement, pairs in order, activations kept up to date, so that a move costs a few vector operations.
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
    private let memory = SolverMemory()

    /// - Throws: `outOfMemory`.
    init(problem: ReducedProgram, limits: DispatchProgram.Limits) throws(PatrolError) {
        self.problem = problem
        let neurons = ReducedProgram.padded(limits.hidden &+ limits.reserves)
        pairOfRow = try memory.array(limits.rows, repeating: -1)
        activation = try memory.array(neurons, repeating: 0)
        holder = try memory.unwritten(limits.pairs, of: Int32.self)
        fill = try memory.array(limits.columns, repeating: 0)
        nothing = try memory.array(neurons, repeating: 0)
        taken = try memory.unwritten(limits.rows &* neurons, of: Double.self)
    }

    /// Improves `start`, which must be feasible, in `pairOfRow`.
    func improve(_ start: UnsafePointer<Int32>, clock: CallClock) {
        pairOfRow.update(from: start, count: problem.rows)
        fill.update(repeating: 0, count: problem.columns)
        for row in 0..<problem.rows where pairOfRow[row] >= 0 {
            enter(row, Int(pairOfRow[row]))
            problem.influences.write(Int(pairOfRow[row]), taken + row * problem.stride)
        }
        linear = problem.activations(pairOfRow, into: activation)
        worth = value(linear: linear, nothing, nothing, nothing, nothing)
        var sinceChange = 0, pair = 0, steps = 0
        while sinceChange < problem.pairs {
            sinceChange = tryMoves(of: pair) ? 0 : sinceChange + 1
            pair = pair + 1 < problem.pairs ? pair + 1 : 0
            steps += 1
            if steps & 255 == 0, clock.expired || steps > 200 * problem.pairs { return }
        }
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

    @inline(__always)
    private func value(
        linear: Double, _ plus1: UnsafePointer<Double>, _ plus2: UnsafePointer<Double>,
        _ minus1: UnsafePointer<Double>, _ minus2: UnsafePointer<Double>
    ) -> Double {
        linear + kernels_relu_sum(activation, problem.weight, plus1, plus2, minus1, minus2, problem.stride)
    }

    @_optimize(speed)
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
            guard last >= 0 else { continue }
            let swapped = problem.pair(row: other, column: Int(graph.pairColumn[last]))
            if swapped >= 0, change(row, to: pair, from: last, other, to: swapped, from: lost) { return true }
        }
        return false
    }

    /// Makes a change of one or two rows if it improves and keeps the rules.
    private func change(
        _ row: Int, to pair: Int, from last: Int, _ other: Int?, to second: Int, from lost: Int
    ) -> Bool {
        let sum = linear + worthOf(pair) + worthOf(second) - worthOf(last) - worthOf(lost)
        let plus1 = influence(pair, 0), plus2 = influence(second, 1)
        let minus1 = influence(ofRow: row), minus2 = influence(ofRow: other)
        let next = value(linear: sum, plus1, plus2, minus1, minus2)
        guard next > worth + 1e-11 * (1 + worth.magnitude) else { return false }
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

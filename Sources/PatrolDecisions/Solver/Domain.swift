import CKernels
import PatrolModel

/// What a node of the tree still allows, for assignments better than the incumbent: pairs, rows and columns that
/// must be used, capacities, and intervals of the neurons' activations.
final class Domain {
    let problem: ReducedProgram
    /// Shape [pairs], not zero: the pair may be used.
    let alive: UnsafeMutablePointer<UInt8>
    /// Shape [rows], [columns], not zero: must be used, must be filled.
    let rowMust, columnMust: UnsafeMutablePointer<UInt8>
    /// Shape [columns]: at most the program's; less where the column may not be filled.
    let capacity: UnsafeMutablePointer<Int32>
    /// Shape [neurons]: the interval of each activation.
    let low, high: UnsafeMutablePointer<Double>
    /// Shape [neurons]: 1 or −1 where branching demands an activation ≥ 0 or ≤ 0, which the pairs do not imply.
    let phase: UnsafeMutablePointer<Int8>

    /// Counted by `propagate`: pairs alive in each row and column, and rows that must go to each column.
    let rowAlive, columnAlive, forced: UnsafeMutablePointer<Int32>
    /// The last pair alive of each row, which is the only one where `rowAlive` is 1.
    let rowPair: UnsafeMutablePointer<Int32>
    private let sumLow, sumHigh: UnsafeMutablePointer<Double>
    /// The least and the greatest influence among the pairs alive of each row, then of each column: shape
    /// [rows + columns, units]; whether that must be found anew; and the pairs that were alive then, shape [pairs].
    private let lineLow, lineHigh: UnsafeMutablePointer<Double>
    private let isStale, aliveThen: UnsafeMutablePointer<UInt8>
    /// Scratch: the pairs alive of one line, or a number for each row.
    let pairsOfLine: UnsafeMutablePointer<Int32>
    private let memory: SolverMemory

    init(problem: ReducedProgram, limits: DispatchProgram.Limits, _ memory: SolverMemory) {
        self.memory = memory
        self.problem = problem
        let neurons = ReducedProgram.padded(limits.hidden &+ limits.reserves)
        alive = memory.unwritten(limits.pairs, of: UInt8.self)
        rowMust = memory.array(limits.rows, repeating: 0)
        columnMust = memory.array(limits.columns, repeating: 0)
        capacity = memory.array(limits.columns, repeating: 0)
        low = memory.array(neurons, repeating: 0)
        high = memory.array(neurons, repeating: 0)
        phase = memory.array(neurons, repeating: 0)
        rowAlive = memory.array(limits.rows, repeating: 0)
        columnAlive = memory.array(limits.columns, repeating: 0)
        forced = memory.array(limits.columns, repeating: 0)
        rowPair = memory.array(limits.rows, repeating: -1)
        let lines = limits.rows &+ limits.columns
        lineLow = memory.unwritten(lines &* neurons, of: Double.self)
        lineHigh = memory.unwritten(lines &* neurons, of: Double.self)
        isStale = memory.array(lines, repeating: 1)
        pairsOfLine = memory.array(max(limits.rows, limits.columns), repeating: 0)
        aliveThen = memory.unwritten(limits.pairs, of: UInt8.self)
        sumLow = memory.array(neurons, repeating: 0)
        sumHigh = memory.array(neurons, repeating: 0)
    }

    /// Everything the program allows.
    func reset() {
        let program = problem.program
        alive.update(repeating: 1, count: problem.pairs)
        rowMust.update(from: program.mandatory.base, count: problem.rows)
        columnMust.update(repeating: 0, count: problem.columns)
        capacity.update(from: program.capacity.base, count: problem.columns)
        low.update(repeating: -.infinity, count: problem.stride)
        high.update(repeating: .infinity, count: problem.stride)
        phase.update(repeating: 0, count: problem.stride)
        forgetLines()
    }

    /// Pairs were numbered anew.
    func forgetLines() {
        isStale.update(repeating: 1, count: problem.rows + problem.columns)
        aliveThen.update(from: alive, count: problem.pairs)
    }

    /// Whether every row is decided.
    var isLeaf: Bool {
        for row in 0..<problem.rows where rowAlive[row] > 1 || rowAlive[row] == 1 && rowMust[row] == 0 { return false }
        return true
    }

    /// Narrows the neurons' intervals to what the pairs left can reach: the sums over rows of each row's least and
    /// greatest influence, and the same over the columns' slots, whichever is narrower.
    ///
    /// - Returns: false where an interval is empty. Where the clock ends it they stay as they are.
    func narrowIntervals(_ clock: CallClock) -> Bool {
        let (graph, stride) = (problem.assignment, problem.stride)
        guard stride > 0 else { return true }
        followChanges()
        for side in 0..<2 {
            let byColumn = side == 1
            sumLow.update(from: problem.bias, count: stride)
            sumHigh.update(from: problem.bias, count: stride)
            let lines = byColumn ? problem.columns : problem.rows
            let start = byColumn ? graph.columnStart : graph.rowStart
            for line in 0..<lines {
                if line & 15 == 0, clock.expired { return true }
                let count = byColumn ? columnAlive[line] : rowAlive[line]
                let must = byColumn ? columnMust[line] != 0 : rowMust[line] != 0
                if count == 0 { continue }
                let place = byColumn ? problem.rows + line : line
                let least = lineLow + place * stride, most = lineHigh + place * stride
                if isStale[place] != 0 {
                    isStale[place] = 0
                    least.update(repeating: .infinity, count: stride)
                    most.update(repeating: -.infinity, count: stride)
                    var listed = 0
                    for index in Int(start[line])..<Int(start[line + 1]) {
                        let pair = byColumn ? Int(graph.columnPair[index]) : index
                        if alive[pair] == 0 { continue }
                        pairsOfLine[listed] = Int32(pair)
                        listed += 1
                    }
                    problem.influences.widen(least, most, by: pairsOfLine, listed)
                }
                let slots = byColumn ? Double(min(capacity[line], count)) : 1
                kernels_add_range(sumLow, sumHigh, least, most, slots, must ? 1 : 0, stride)
            }
            for neuron in 0..<problem.neurons {
                let slip = 1e-12 * (1 + sumLow[neuron].magnitude + sumHigh[neuron].magnitude)
                low[neuron] = max(low[neuron], sumLow[neuron] - slip)
                high[neuron] = min(high[neuron], sumHigh[neuron] + slip)
            }
        }
        for neuron in 0..<problem.neurons where low[neuron] > high[neuron] + 1e-9 * (1 + low[neuron].magnitude) {
            return false
        }
        return true
    }

    /// Brings the lines up to date with the pairs that are alive: a pair that came back widens its lines' ranges, and one that
    /// is gone leaves them as they are unless it was at their ends; then they are found anew.
    @_optimize(speed)
    private func followChanges() {
        let graph = problem.assignment
        for pair in 0..<problem.pairs where alive[pair] != aliveThen[pair] {
            aliveThen[pair] = alive[pair]
            let (row, column) = (Int(graph.pairRow[pair]), problem.rows + Int(graph.pairColumn[pair]))
            guard isStale[row] == 0 || isStale[column] == 0 else { continue }
            let influence = problem.influences.row(pair)
            follow(row, influence, widens: alive[pair] != 0)
            follow(column, influence, widens: alive[pair] != 0)
        }
    }

    @inline(__always)
    private func follow(_ line: Int, _ influence: UnsafePointer<Double>, widens: Bool) {
        guard isStale[line] == 0 else { return }
        let stride = problem.stride
        let least = lineLow + line * stride, most = lineHigh + line * stride
        if widens {
            kernels_extend_range(least, most, influence, stride)
        } else if kernels_touches_range(least, most, influence, stride) != 0 {
            isStale[line] = 1
        }
    }
}

import CKernels
import PatrolModel

/// A program in the solver's own layout, shrinking as pairs are fixed to zero at the root.
///
/// Reserves count as neurons here: a reserve is a neuron of weight 0 whose activation
/// z = limit − (pairs used) must not be negative. Rows of influences and vectors over neurons are padded with zeros to a
/// multiple of 8. All numbers are scaled by powers of two, each neuron's activations and the objective as a whole, so
/// that the greatest are near 1 and tolerances mean the same for every program. The graph itself (rows, columns, pairs
/// by row and by column) is that of `assignment`.
final class ReducedProgram {
    var program: DispatchProgram
    let assignment: Assignment
    /// Neurons in use, of which the first `hidden` have a ReLU, and the padded length of a vector over them.
    var neurons = 0, hidden = 0, stride = 0
    /// A value here is the program's times this.
    var objectiveScale = 1.0
    var constant = 0.0
    /// Whether rules 3 to 5 are there; rules 1 and 2 always are, and rule 6 is a neuron.
    var hasRules = false

    /// Shape [pairs]: the pair's index in the program, and c.
    let original: UnsafeMutablePointer<Int32>
    let value: UnsafeMutablePointer<Double>
    /// Shape [program's pairs]: the pair's index here, or −1.
    let reduced: UnsafeMutablePointer<Int32>
    /// A.
    let influences: Influences
    /// Shape [neurons]; at least the greatest |A| of each, and what makes it up.
    let bias, weight, reach: UnsafeMutablePointer<Double>
    /// More than any pair's |c| + Σ |σ A|.
    private(set) var largestValue = 0.0
    /// Rows eligible for each protected column: shape [columns + 1], [pairs].
    let protectedStart, protectedRow: UnsafeMutablePointer<Int32>
    /// Rule 4: the pairs of each prerequisite (shape [prerequisites + 1], [pairs]), and the slots of its columns (shape
    /// [prerequisites]).
    let dependentStart, dependentPair: UnsafeMutablePointer<Int32>
    let slotsToFill: UnsafeMutablePointer<Int32>
    /// Shape [rows]: rings of rows that the program does not tell apart, after `findTwins`; what rows of one ring share.
    let twin: UnsafeMutablePointer<Int32>
    let likeness: UnsafeMutablePointer<UInt64>
    /// Scratch: rows on each column.
    let held: UnsafeMutablePointer<Int32>
    private let memory: SolverMemory

    static func padded(_ count: Int) -> Int { (count &+ 7) & ~7 }

    init(limits: DispatchProgram.Limits, _ memory: SolverMemory) {
        self.memory = memory
        program = DispatchProgram(limits: .init(rows: 0, columns: 0, pairs: 0, hidden: 0), &memory.requests)
        assignment = Assignment(
            rows: limits.rows, columns: limits.columns, pairs: Self.padded(limits.pairs) &+ 32, memory)
        let neuronLimit = Self.padded(limits.hidden &+ limits.reserves)
        let pairLimit = Self.padded(limits.pairs)
        original = memory.unwritten(limits.pairs, of: Int32.self)
        value = memory.unwritten(pairLimit, of: Double.self)
        reduced = memory.unwritten(limits.pairs, of: Int32.self)
        influences = Influences(
            graph: assignment, original: original, program: program, limits: limits, memory)
        bias = memory.array(neuronLimit, repeating: 0)
        weight = memory.array(neuronLimit, repeating: 0)
        reach = memory.array(neuronLimit, repeating: 0)
        protectedStart = memory.array(limits.columns &+ 1, repeating: 0)
        protectedRow = memory.unwritten(limits.pairs, of: Int32.self)
        dependentStart = memory.unwritten(limits.prerequisites &+ 1, of: Int32.self)
        dependentPair = memory.unwritten(limits.pairs, of: Int32.self)
        slotsToFill = memory.unwritten(limits.prerequisites, of: Int32.self)
        twin = memory.array(limits.rows, repeating: 0)
        likeness = memory.array(limits.rows, repeating: 0)
        held = memory.array(limits.columns, repeating: 0)
    }

    var rows: Int { assignment.rows }
    var columns: Int { assignment.columns }
    var pairs: Int { assignment.pairs }

    /// - Returns: false where the clock ended it first.
    func load(_ program: DispatchProgram, _ clock: CallClock) -> Bool {
        self.program = program
        var clock = clock
        hidden = program.hiddenCount
        neurons = hidden + program.reserveCount
        stride = Self.padded(neurons)
        let pairs = program.pairCount
        assignment.pairRow.update(from: program.pairRow.base, count: pairs)
        assignment.pairColumn.update(from: program.pairColumn.base, count: pairs)
        value.update(from: program.value.base, count: pairs)
        bias.update(repeating: 0, count: stride)
        weight.update(repeating: 0, count: stride)
        bias.update(from: program.bias.base, count: hidden)
        weight.update(from: program.weight.base, count: hidden)
        for pair in 0..<pairs {
            if clock.expired(after: 1) { return false }
            original[pair] = Int32(pair)
            reduced[pair] = Int32(pair)
        }
        for reserve in 0..<program.reserveCount { bias[hidden + reserve] = Double(program.reserveLimit[reserve]) }
        assignment.indexPairs(rows: program.rowCount, columns: program.columnCount, pairs: pairs)
        influences.load(program, stride: stride)
        chooseScales()
        largestValue = 0
        for pair in 0..<pairs {
            value[pair] *= objectiveScale
            largestValue = max(largestValue, value[pair].magnitude)
        }
        for neuron in 0..<hidden { largestValue += weight[neuron].magnitude * reach[neuron] }
        listProtectedRows()
        listDependents()
        return true
    }

    /// Chooses the scales of the neurons and of the objective, and applies them to all but the pairs' values.
    private func chooseScales() {
        var greatest = program.constant.magnitude
        for pair in 0..<pairs { greatest = max(greatest, value[pair].magnitude) }
        reach.update(repeating: 0, count: stride)
        for neuron in 0..<neurons {
            reach[neuron] = neuron < hidden ? program.magnitude(neuron) : 1
            guard neuron < hidden else { continue }
            let scale = Self.scale(toOne: max(reach[neuron], bias[neuron].magnitude))
            influences.scale[neuron] = scale
            reach[neuron] *= scale
            bias[neuron] *= scale
            weight[neuron] /= scale
            greatest = max(greatest, weight[neuron].magnitude)
        }
        influences.useScales()
        objectiveScale = Self.scale(toOne: greatest)
        constant = program.constant * objectiveScale
        for neuron in 0..<hidden { weight[neuron] *= objectiveScale }
    }

    /// The power of two that brings a magnitude into 1 ..< 2; 1 for 0.
    private static func scale(toOne magnitude: Double) -> Double {
        magnitude > 0 ? Double(sign: .plus, exponent: max(-1000, min(1000, -magnitude.exponent)), significand: 1) : 1
    }

    /// Keeps only the pairs marked in `alive`, which is then all ones. Prices stay; assignments are forgotten.
    func compact(alive: UnsafeMutablePointer<UInt8>) {
        var count = 0
        for pair in 0..<pairs {
            guard alive[pair] != 0 else {
                reduced[Int(original[pair])] = -1
                continue
            }
            if count < pair {
                original[count] = original[pair]
                value[count] = value[pair]
                assignment.pairRow[count] = assignment.pairRow[pair]
                assignment.pairColumn[count] = assignment.pairColumn[pair]
            }
            reduced[Int(original[count])] = Int32(count)
            alive[count] = 1
            count += 1
        }
        assignment.indexPairs(rows: rows, columns: columns, pairs: count)
        listDependents()
    }

    /// The pair's prerequisite, or −1.
    @inline(__always)
    func prerequisite(of pair: Int) -> Int { Int(program.prerequisite[Int(original[pair])]) }

    /// The pair of a row and a column, or −1.
    func pair(row: Int, column: Int) -> Int {
        var low = Int(assignment.rowStart[row]), high = Int(assignment.rowStart[row + 1])
        while low < high {
            let middle = (low + high) / 2
            if Int(assignment.pairColumn[middle]) < column { low = middle + 1 } else { high = middle }
        }
        let found = low < Int(assignment.rowStart[row + 1]) && Int(assignment.pairColumn[low]) == column
        return found ? low : -1
    }

    /// Σ c and the activations of an assignment (reduced pairs by row, −1 for none).
    @_optimize(speed)
    func activations(_ pairOfRow: UnsafePointer<Int32>, into activation: UnsafeMutablePointer<Double>) -> Double {
        activation.update(from: bias, count: stride)
        var linear = 0.0
        for row in 0..<rows where pairOfRow[row] >= 0 {
            let pair = Int(pairOfRow[row])
            linear += value[pair]
            guard neurons > 0 else { continue }
            let influence = influences.row(pair)
            for neuron in 0..<neurons { activation[neuron] += influence[neuron] }
        }
        return linear
    }
}

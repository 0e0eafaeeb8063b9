import PatrolModel

/// A rule of a program that an assignment breaks.
public enum DispatchRule: Int32, Sendable {
    /// A row used more than once, or an entry that is no pair of its row.
    case row = 0
    case mandatoryRow = 1
    case columnCapacity = 2
    case allOrNone = 3
    case strictPriority = 4
    case neverHold = 5
    case reserve = 6
}

/// Assignments are arrays of `rowCount` pair indices, −1 for a row that is left unused.
extension DispatchProgram {
    /// Checks all numbers: finite, and no sum the solver forms can overflow.
    ///
    /// - Returns: false where the clock ended it first.
    /// - Throws: `invalidNumber`, or `outOfRange` for a negative capacity.
    @discardableResult
    public func validate(_ clock: CallClock = CallClock()) throws(PatrolError) -> Bool {
        var (clock, magnitude) = (clock, constant.magnitude)
        for column in 0..<columnCount where capacity[column] < 0 {
            throw PatrolError(.outOfRange, "column \(column) has capacity \(capacity[column])")
        }
        let (hidden, weight) = (hiddenCount, self.weight.base)
        for neuron in 0..<hidden { magnitude += (1 + weight[neuron].magnitude) * bias[neuron].magnitude }
        for pair in 0..<pairCount {
            if clock.expired(after: 1) { return false }
            magnitude += value[pair].magnitude
            guard !limits.isFactored else { continue }
            let row = influence(of: pair)
            for neuron in 0..<hidden { magnitude += (1 + weight[neuron].magnitude) * row[neuron].magnitude }
        }
        if limits.isFactored { magnitude += factoredMagnitude }
        guard magnitude < 1e305 else {
            throw PatrolError(.invalidNumber, "a program of finite numbers whose sums stay below 1e305 is expected")
        }
        return true
    }

    /// More than any two assignments differ by.
    var reach: Double {
        var (total, largest, row) = (0.0, 0.0, Int32(-1))
        for pair in 0..<pairCount {
            if pairRow[pair] != row { (total, largest, row) = (total + largest, 0, pairRow[pair]) }
            var size = value[pair].magnitude
            for neuron in 0..<hiddenCount { size += (weight[neuron] * influence(pair, neuron)).magnitude }
            largest = max(largest, size)
        }
        return max(1, total + largest)
    }

    /// At least the sum of (1 + σ) |A| over all pairs and neurons, without a look at each.
    private var factoredMagnitude: Double {
        var (counted, factored) = (0.0, 0.0)
        for neuron in 0..<hiddenCount {
            let cost = 1 + weight[neuron].magnitude
            counted = max(counted, cost)
            factored += cost * magnitude(neuron)
        }
        return (counted + factored) * Double(pairCount)
    }

    /// At least the magnitude of a hidden neuron's A, and the sum of the magnitudes of what makes it up.
    func magnitude(_ neuron: Int) -> Double {
        if limits.isFactored {
            guard let factors, neuron < factors.count else { return 1 }
            return factors.magnitude(neuron, rows: rowCount, columns: columnCount)
        }
        var greatest = 0.0
        for pair in 0..<pairCount { greatest = max(greatest, table[pair * hiddenCount + neuron].magnitude) }
        return greatest
    }

    /// The objective of an assignment that breaks neither rule 1 nor bounds of the array.
    ///
    /// Summation order, which never changes: constant, then c_p by ascending row; then for each hidden neuron in
    /// order, z = b, then A by ascending row, and σ·ReLU(z) is added. One rounding for each operation.
    public func evaluate(_ assignment: UnsafePointer<Int32>) -> Double {
        var objective = constant
        for row in 0..<rowCount where assignment[row] >= 0 { objective += value[Int(assignment[row])] }
        for neuron in 0..<hiddenCount {
            var activation = bias[neuron]
            for row in 0..<rowCount where assignment[row] >= 0 {
                activation += influence(Int(assignment[row]), neuron)
            }
            if activation > 0 { objective += weight[neuron] * activation }
        }
        return objective
    }

    /// Objective value of one pair alone.
    func evaluate(pair: Int) -> Double {
        var objective = constant + value[pair]
        for neuron in 0..<hiddenCount {
            let activation = bias[neuron] + influence(pair, neuron)
            if activation > 0 { objective += weight[neuron] * activation }
        }
        return objective
    }

    /// The first rule (in the order of `DispatchRule`) that the assignment breaks, or nil where it is feasible.
    public func violation(_ assignment: UnsafePointer<Int32>) -> DispatchRule? {
        for row in 0..<rowCount {
            let pair = Int(assignment[row])
            if pair < -1 || pair >= pairCount || pair >= 0 && Int(pairRow[pair]) != row { return .row }
        }
        for row in 0..<rowCount where mandatory[row] != 0 && assignment[row] < 0 { return .mandatoryRow }
        let fill = heldRows.base
        fill.update(repeating: 0, count: columnCount)
        for row in 0..<rowCount where assignment[row] >= 0 { fill[Int(pairColumn[Int(assignment[row])])] += 1 }
        for column in 0..<columnCount where fill[column] > capacity[column] { return .columnCapacity }
        for column in 0..<columnCount where allOrNone[column] >= 0 {
            for other in 0..<columnCount where allOrNone[other] == allOrNone[column] {
                let bothFilled = fill[column] == capacity[column] && fill[other] == capacity[other]
                if !bothFilled && !(fill[column] == 0 && fill[other] == 0) { return .allOrNone }
            }
        }
        for row in 0..<rowCount where assignment[row] >= 0 && prerequisite[Int(assignment[row])] >= 0 {
            for column in columns(ofPrerequisite: Int(prerequisite[Int(assignment[row])])) {
                if fill[Int(column)] < capacity[Int(column)] { return .strictPriority }
            }
        }
        for pair in 0..<pairCount where assignment[Int(pairRow[pair])] < 0 {
            let column = Int(pairColumn[pair])
            if protected[column] != 0, fill[column] < capacity[column] { return .neverHold }
        }
        for reserve in 0..<reserveCount {
            var used: Int32 = 0
            for index in Int(reserveStart[reserve])..<Int(reserveStart[reserve + 1]) {
                let pair = reserveMember[index]
                if assignment[Int(pairRow[Int(pair)])] == pair { used += 1 }
            }
            if used > reserveLimit[reserve] { return .reserve }
        }
        return nil
    }

    /// Rows that the assignment puts on a column.
    func held(_ column: Int, _ assignment: UnsafePointer<Int32>) -> Int {
        var count = 0
        for row in 0..<rowCount where assignment[row] >= 0 {
            if Int(pairColumn[Int(assignment[row])]) == column { count += 1 }
        }
        return count
    }
}

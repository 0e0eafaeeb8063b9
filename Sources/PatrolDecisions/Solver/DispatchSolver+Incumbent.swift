import CKernels
import PatrolModel

/// Finding and keeping the best assignment known.
extension DispatchSolver {
    /// Begins with what the caller offers and with holding every call. The reduced program need not have been loaded.
    func tryStarts(_ starts: UnsafePointer<Int32>?, _ count: Int) {
        let program = problem.program, rows = program.rowCount
        scratchPairs.update(repeating: -1, count: rows)
        holdingAll = program.evaluate(scratchPairs) * problem.objectiveScale
        if program.violation(scratchPairs) == nil { keep(scratchPairs) }
        guard let starts else { return }
        for index in 0..<max(0, count) where program.violation(starts + index * rows) == nil {
            keep(starts + index * rows)
        }
    }

    /// Prices the columns by the program's own values, so that nothing is left of the last program.
    func startPrices(urgentFirst: Bool = false) {
        dual.begin()
        if urgentFirst { favorUrgent() }
        problem.assignment.value.update(from: dual.base, count: problem.pairs)
        problem.assignment.priceColumns()
    }

    /// Lets assignments fill the columns first that more prerequisites have, and use all rows where none may be held, so that
    /// few break rules 4 and 5.
    private func favorUrgent() {
        let (program, most) = (problem.program, 2 * problem.largestValue)
        for column in 0..<problem.columns { columnShare[column] = program.protected[column] == 0 ? 0 : most }
        for index in 0..<program.prerequisiteCount {
            for column in program.columns(ofPrerequisite: index) { columnShare[Int(column)] += most }
        }
        for pair in 0..<problem.pairs { dual.base[pair] += columnShare[Int(problem.assignment.pairColumn[pair])] }
    }

    /// Assigns for the gradient of the value at the present assignment, repeatedly, and searches around the best.
    func startFromGradients() {
        startPrices(urgentFirst: problem.hasRules)
        if result.hasAssignment {
            _ = problem.activations(incumbent, into: dual.activation)
        } else {
            dual.activation.update(from: problem.bias, count: problem.stride)
        }
        for _ in 0..<4 {
            for neuron in 0..<problem.stride {
                dual.slope[neuron] = dual.activation[neuron] > 0 ? problem.weight[neuron] : 0
            }
            guard dual.evaluate(clock: clock) == .solved else { break }
            if !consider() { break }
        }
        if result.hasAssignment, !mustStop() { searchAround(incumbent) }
        if problem.hasRules { startPrices() }
    }

    /// Keeps the assignment of the last bound if it is feasible and better.
    ///
    /// - Returns: whether it was kept.
    func consider() -> Bool {
        consider(problem.assignment.pairOfRow, linear: dual.linear, activation: dual.activation)
    }

    /// The same for any assignment in reduced pairs with its Σ c and activations.
    func consider(
        _ pairOfRow: UnsafePointer<Int32>, linear: Double, activation: UnsafePointer<Double>
    ) -> Bool {
        guard worth(linear: linear, activation) > best,
            problem.satisfiesRules(pairOfRow, activation: activation)
        else { return false }
        for row in 0..<problem.rows {
            let pair = Int(pairOfRow[row])
            scratchPairs[row] = pair < 0 ? -1 : problem.original[pair]
        }
        return keep(scratchPairs)
    }

    /// The scaled objective of an assignment from its Σ c and activations.
    func worth(linear: Double, _ activation: UnsafePointer<Double>) -> Double {
        var value = problem.constant + linear
        for neuron in 0..<problem.hidden where activation[neuron] > 0 {
            value += problem.weight[neuron] * activation[neuron]
        }
        return value
    }

    /// Improves an assignment (in the program's pairs, all of them alive) and keeps the outcome if it is better.
    func searchAround(_ assignment: UnsafePointer<Int32>) {
        for row in 0..<problem.rows {
            let pair = Int(assignment[row])
            let reduced = pair < 0 ? -1 : problem.reduced[pair]
            if pair >= 0, reduced < 0 { return }
            scratchPairs[row] = reduced
        }
        searchAroundReduced(scratchPairs)
    }

    func searchAroundReduced(_ pairOfRow: UnsafePointer<Int32>) {
        search.improve(pairOfRow, clock: clock)
        let linear = problem.activations(search.pairOfRow, into: search.activation)
        _ = consider(search.pairOfRow, linear: linear, activation: search.activation)
    }

    @discardableResult
    private func keep(_ assignment: UnsafePointer<Int32>) -> Bool {
        let objective = problem.program.evaluate(assignment)
        guard objective > result.objective else { return false }
        result.objective = objective
        best = objective * problem.objectiveScale
        result.hasAssignment = true
        incumbent.update(from: assignment, count: problem.program.rowCount)
        return true
    }
}

import PatrolModel
import PatrolNetworks

/// Taking a decision that was made before.
extension DispatchPlanner {
    /// Makes given assignments the decision: finds the slots they fill under every rule, and computes the objective.
    func restate(units: UnsafeBufferPointer<Int32>, incidents: UnsafeBufferPointer<Int32>) throws(PatrolError) {
        try prepare()
        guard let solver, try problem.build(valueNeurons: value?.hiddenCount ?? 0) else {
            throw PatrolError(.mismatch, "the decision has no program that a deadline could have ended")
        }
        // All that is stated and nothing else is worth most, where the rules allow it.
        for p in 0..<program.pairCount { program.value[p] = isStated(p, units, incidents) ? 1 : -1 }
        var options = DispatchSolver.Options()
        options.nodeLimit = DispatchPlanner.restatementNodes
        let found = try solver.solve(program, options: options)
        var stated = 0
        for f in 0..<program.rowCount {
            chosen[f] = found.hasAssignment ? solver.assignment[f] : -1
            guard chosen[f] >= 0, !problem.continues(Int(chosen[f])) else { continue }
            stated += program.value[Int(chosen[f])] > 0 ? 1 : -1
        }
        guard stated == units.count else {
            throw PatrolError(
                .mismatch, "the \(units.count) recorded assignments are not all eligible, or they break a rule: \(stated) can be made")
        }
        try fill()
        objective = program.evaluate(chosen.base) - chosenExcess()
        collect()
    }

    /// Slots are few where assignments are given: a search that needs more is one for a record that was made up.
    private static var restatementNodes: Int { 10_000 }

    /// Whether a pair is one of the assignments, or leaves a unit that none of them names on its call.
    private func isStated(_ p: Int, _ units: UnsafeBufferPointer<Int32>, _ incidents: UnsafeBufferPointer<Int32>) -> Bool {
        let pair = pairs.pairs[Int(problem.source[p])]
        var named = false
        for k in 0..<units.count where units[k] == pair.unit {
            if incidents[k] == pair.incident { return true }
            named = true
        }
        return !named && problem.continues(p)
    }
}

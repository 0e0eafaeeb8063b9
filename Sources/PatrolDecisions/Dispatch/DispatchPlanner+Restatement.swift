import PatrolModel
import PatrolNetworks

/// Restating a decision that was made before.
extension DispatchPlanner {
    /// Makes given assignments the decision: finds their slots, checks every rule and computes the objective.
    /// - Throws: `noTime` where the clock ends it.
    func restate(
        units: UnsafeBufferPointer<Int32>, incidents: UnsafeBufferPointer<Int32>, _ clock: CallClock
    ) throws(PatrolError) {
        guard try prepare(clock) else { throw CallClock.outOfTime }
        let fit = try layProgram(clock)
        guard fit != .outOfTime else { throw CallClock.outOfTime }
        guard let solver, fit == .fits else {
            throw PatrolError(.mismatch, "the decision has no program that a deadline could have ended")
        }
        try fillSlots(units, incidents)
        if let rule = program.violation(chosen.base) {
            // Other slots of the same calls may keep the rule.
            guard try findSlots(solver, units, incidents, clock) else {
                throw PatrolError(
                    .mismatch, "the recorded assignments break rule \(rule.rawValue) of the dispatch program")
            }
        }
        guard try fill(clock) else { throw CallClock.outOfTime }
        objective = program.evaluate(chosen.base) - chosenExcess()
        collect()
    }

    /// Fills slots with the assignments, the more demanding ones first, as most programs want it.
    private func fillSlots(_ units: UnsafeBufferPointer<Int32>, _ incidents: UnsafeBufferPointer<Int32>)
        throws(PatrolError)
    {
        let slots = try Assignment(rows: program.rowCount, columns: program.columnCount, pairs: program.pairCount)
        let original = try Buffer<Int32>(count: program.pairCount, repeating: -1)
        var count = 0
        for p in 0..<program.pairCount where isStated(p, units, incidents) {
            slots.pairRow[count] = program.pairRow[p]
            slots.pairColumn[count] = program.pairColumn[p]
            let demands = problem.columnNeed[Int(program.pairColumn[p])].nonzeroBitCount
            slots.value[count] = 1 + Double(demands) / 8192
            original[count] = Int32(p)
            count += 1
        }
        for column in 0..<program.columnCount { slots.capacity[column] = program.capacity[column] }
        slots.indexPairs(rows: program.rowCount, columns: program.columnCount, pairs: count)
        slots.clearPrices()
        guard slots.solve() == .solved else {
            throw PatrolError(.internalError, "an assignment without mandatory rows failed")
        }
        for f in 0..<program.rowCount {
            chosen[f] = slots.pairOfRow[f] >= 0 ? original[Int(slots.pairOfRow[f])] : -1
        }
        let stated = statedCount(units, incidents)
        guard stated == units.count else {
            throw PatrolError(
                .mismatch, "only \(stated) of the \(units.count) recorded assignments are eligible and find room")
        }
    }

    /// Searches for slots under every rule, with values that make exactly the stated assignments the optimum.
    private func findSlots(
        _ solver: DispatchSolver, _ units: UnsafeBufferPointer<Int32>, _ incidents: UnsafeBufferPointer<Int32>,
        _ clock: CallClock
    ) throws(PatrolError) -> Bool {
        for p in 0..<program.pairCount { program.value[p] = isStated(p, units, incidents) ? 1 : -1 }
        var options = DispatchSolver.Options()
        options.nodeLimit = DispatchPlanner.restatementNodes
        options.clock = clock
        let result = try solver.solve(program, options: options)
        if result.status == .deadline || result.status == .cancelled { throw CallClock.outOfTime }
        guard result.hasAssignment else { return false }
        for f in 0..<program.rowCount { chosen[f] = solver.assignment[f] }
        return statedCount(units, incidents) == units.count
    }

    /// A genuine record never needs a search of more nodes.
    private static var restatementNodes: Int { 10_000 }

    /// Units sent as stated minus units sent otherwise.
    private func statedCount(_ units: UnsafeBufferPointer<Int32>, _ incidents: UnsafeBufferPointer<Int32>) -> Int {
        var count = 0
        for f in 0..<program.rowCount where chosen[f] >= 0 && !problem.continues(Int(chosen[f])) {
            count += isStated(Int(chosen[f]), units, incidents) ? 1 : -1
        }
        return count
    }

    /// Whether a pair is one of the assignments, or leaves a unit that none of them names on its call.
    private func isStated(_ p: Int, _ units: UnsafeBufferPointer<Int32>, _ incidents: UnsafeBufferPointer<Int32>)
        -> Bool
    {
        let pair = pairs.pairs[Int(problem.source[p])]
        var named = false
        for k in 0..<units.count where units[k] == pair.unit {
            if incidents[k] == pair.incident { return true }
            named = true
        }
        return !named && problem.continues(p)
    }
}

import PatrolModel

/// One call that waits for one unit, as nearly every decision of a simulation is about. Any heuristic that takes the nearest unit
/// takes the nearest here, and so does the program of least weighted travel, whose search begins with it and finds none that is
/// worth more: no program need be built.
extension DispatchPlanner {
    /// Decides so where that is the same decision: what is said about it, but its assignments, is left as it was.
    /// - Returns: false where it is to be decided as any other.
    func decideForOneCall() throws(PatrolError) -> Bool {
        guard situation.waitingCount == 1, takesNearest else { return false }
        try pairs.prepareTravel()
        assignmentCount = 0
        guard let nearest = pairs.nearestUnit() else { return true }
        assignments[0] = assignment(of: nearest)
        assignmentCount = 1
        return true
    }

    /// Whether the nearest unit that may serve the first call is the decision about it.
    private var takesNearest: Bool {
        let call = problem.call(0)
        guard call.unitsMissing == 1, call.substitutes == 0, !call.hasNeeds else { return false }
        let rules = problem.rules
        guard rules.preemption == 0, rules.reservePerBeat == 0, situation.engine.holdRows == 0,
            situation.freeCount <= DispatchProblem.maximumPairs, snapshot.pairCosts.count == 0
        else { return false }
        switch policy {
        case .closestFirstCome, .priorityClosest: return true
        // Of a call without weight, no unit is worth more than none; with one far from any in use, rounding could decide.
        case .minimumWeightedTravel: return (1e-6...1e6).contains(pairs.weight(call))
        case .ownBeatFirst, .weightedIndex, .learned: return false
        }
    }
}

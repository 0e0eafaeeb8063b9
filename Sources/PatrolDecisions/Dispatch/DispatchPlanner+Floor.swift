import PatrolModel
import PatrolNetworks

/// Decisions without a search: by a heuristic, or because the clock or the flag ended it early. They keep every rule.
extension DispatchPlanner {
    /// Decides on the best start. Of the program's values only those of its own pairs are found.
    func takeBestStart(_ outcome: DispatchOutcome) throws(PatrolError) {
        objective = try choose(start: startCount - 1)
        if startCount == 2 {
            let better = objective
            objective = try choose(start: 0)
            if better > objective { objective = try choose(start: 1) }
        }
        (self.outcome, bound, relativeGap, nodes) = (outcome, .infinity, .infinity, 0)
    }

    /// Ends a decision that begins without a search.
    func endWithStart() throws(PatrolError) {
        try takeBestStart(.noTime)
        timeCollect()
    }

    /// - Returns: its objective.
    private func choose(start: Int) throws(PatrolError) -> Double {
        for f in 0..<program.rowCount { chosen[f] = starts[start * program.rowCount + f] }
        if policy == .minimumWeightedTravel {
            values.fillTravel(asBefore: false)
        } else {
            try values.fill(chosen.base, isScored: isScored)
        }
        return program.evaluate(chosen.base) - chosenExcess()
    }

    /// Decides for the prepared situation as if there were no time for it.
    func decideWithoutTime() throws(PatrolError) {
        phases = DispatchPhases()
        try chooseWithoutTime(CallClock())
        collect()
    }

    /// Chooses for the prepared situation where there was no time for all of it: the closest units for the most urgent calls.
    /// Takes its time, which the number of pairs that are looked at limits.
    func chooseWithoutTime(_ clock: CallClock) throws(PatrolError) {
        let all = situation.waitingCount
        urgent.keep()
        _ = try pairs.prepare(holds: false)
        isScored = policy != .learned
        _ = try layProgram()
        let isWhole = situation.waitingCount == all && !policy.isProgram
        // The index looks at every pair for each assignment.
        let isOwn = isWhole && (policy != .weightedIndex || pairs.count <= 1 << 12)
        greedy.decide(isOwn ? policy : .priorityClosest)
        for f in 0..<program.rowCount { starts[f] = greedy.assignment[f] }
        startCount = 1
        try takeBestStart(isOwn ? .heuristic : clock.cancelled ? .cancelled : .noTime)
    }
}

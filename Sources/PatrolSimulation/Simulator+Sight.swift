import PatrolDecisions
import PatrolModel

/// Decisions of policies that look at free units and waiting calls alone, or at no more than the units that decide: what they
/// see is shown without a look at the rest of the fleet.
extension Simulator {
    private var onDuty: Int { units.count - count(.offDuty) - count(.outOfService) }

    /// - Precondition: `dispatchSight` is `free`.
    @_optimize(speed)
    func decideDispatchSeen() throws(PatrolError) {
        let seen = policies.seen
        seen.time = now
        // From the latest call back: those that have waited long are few.
        var (open, left) = (openCount, needing)
        while left > 0 {
            open -= 1
            let slot = openCalls.base[open]
            guard calls.base[Int(slot)].needsUnits else { continue }
            left -= 1
            waitingSlots.base[left] = slot
            show(call: Int(slot), seen.incidents.base + left)
        }
        seen.incidentCount = needing
        showChanged()
        // Where the others are does not change with time, and how long their shifts last is asked where the rules go by it.
        let rules = engine.options.rules
        let asksForShifts = rules.shiftEndMargin > 0 || rules.arrivesBeforeShiftEnd
        (asksForShifts ? free : driving).forEach { show($0, seen.units.base + $0, mayBeDiverted: false) }
        listFree()
        try policies.decideDispatchSeen(limits, onDuty: onDuty, free: free.count)
    }

    /// - Precondition: `patrolSight` is not `everything`.
    func decidePatrolSeen() throws(PatrolError) {
        let seen = policies.seen
        seen.time = now
        seen.incidentCount = 0
        let looksAtOthers = patrolSight == .free
        if looksAtOthers {
            // Those that drive count where they go.
            showChanged()
            listFree()
        } else {
            dueUnits.forEach { show($0, seen.units.base + $0, mayBeDiverted: false) }
        }
        let inTurn = looksAtOthers && dueUnits.count >= DecisionSession.fewestInTurn
        let count = list(inTurn ? free : dueUnits)
        try policies.decidePatrolSeen(
            UnsafeBufferPointer(start: order.base, count: count), onDuty: onDuty, free: looksAtOthers ? free.count : 0)
    }

    /// Shows the free units that are otherwise than they were shown last.
    private func showChanged() {
        if seenSince != policies.snapshotsTaken { changed.fill() }
        seenSince = policies.snapshotsTaken
        let rows = policies.seen.units.base
        changed.forEach { u in
            if free.contains(u) { show(u, rows + u, mayBeDiverted: false) }
            changed.set(u, false)
        }
    }

    private func listFree() {
        let list = policies.freeSeen
        var count = 0
        free.forEach { u in
            list[count] = Int32(truncatingIfNeeded: u)
            count += 1
        }
    }

    /// Lists units in ascending id in `order`. - Returns: their number.
    private func list(_ set: UnitSet) -> Int {
        var count = 0
        func append(_ u: Int) {
            order[count] = Int32(truncatingIfNeeded: u)
            count += 1
        }
        if model.idsAscend {
            set.forEach(append)
        } else {
            for k in 0..<units.count where set.contains(Int(model.unitOrder[k])) { append(Int(model.unitOrder[k])) }
        }
        return count
    }
}

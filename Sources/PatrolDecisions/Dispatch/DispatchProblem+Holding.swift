import PatrolModel

/// Travel limits for holding: how far a unit goes for a call that may be held, by number of free units and category.
///
/// A pair *needs* m units if m must be free for a limit to let it through. Assignments can be ordered so
/// that each finds the units it needs if, for every m, at most *free − m + 1* of them need m or more: the limits are
/// a chain of reserves. With limits of 0 and infinity alone they are the cutoff priorities of Schaack & Larson (1986, 1989).
extension DispatchProblem {
    /// Free units that a program pair needs; 0 if the limits do not apply.
    func unitsNeeded(_ p: Int) -> Int32 {
        let engine = situation.engine
        let pair = pairs.pairs[Int(source[p])]
        if engine.holdRows == 0 || continues(p) || forbidsHolding(pair.incident) { return 0 }
        var cell = Int(situation.snapshot.incidents[Int(pair.incident)].category)
        for row in 0..<engine.holdRows {
            let limit = engine.holdTravelSeconds[cell]
            if limit > 0 && pair.seconds <= limit { return Int32(row + 1) }
            cell += engine.area.categoryCount
        }
        return .max
    }

    /// Units on patrol minus those still needed by calls that may not be held; at least 1.
    func countUnitsToSpare() -> Int32 {
        var count = Int32(situation.freeCount)
        for f in 0..<situation.freeCount {
            let unit = situation.snapshot.units[Int(situation.free[f])]
            // One that may be diverted is not free, and the call that it is on misses it.
            if unit.status == .enRoute && !forbidsHolding(unit.incident) { count -= 1 }
        }
        for w in 0..<situation.waitingCount where forbidsHolding(situation.waiting[w]) && !cannotBeStaffed(w) {
            count -= min(call(w).unitsMissing, Int32(eligibleUnits(w)))
        }
        return max(1, count)
    }

    /// The chain, without links that are implied by the next one or by the number of slots.
    func addHoldReserves() throws(PatrolError) {
        var slots = 0
        for g in 0..<program.columnCount { slots += Int(program.capacity[g]) }
        var needed = min(Int(unitsToSpare), situation.engine.holdRows) + 1
        var limit = 0
        var next = 0
        while needed > 1 {
            var members = 0
            for p in 0..<program.pairCount where unitsNeeded(p) >= needed { members += 1 }
            if members > next && min(members, slots) > limit {
                next = members
                try program.addReserve(limit: limit)
                for p in 0..<program.pairCount where unitsNeeded(p) >= needed { try program.addReserveMember(pair: p) }
            }
            needed -= 1
            limit = Int(unitsToSpare) - needed + 1
        }
    }
}

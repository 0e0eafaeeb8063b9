import PatrolModel

/// Why a call still waits.
extension DispatchPlanner {
    func reason(_ w: Int) -> WaitReason {
        if pairs.plans.isPlanned(situation.waiting[w]) { return .planned }
        if problem.eligibleUnits(w) == 0 { return .noEligibleUnit }
        if problem.cannotBeStaffed(w) { return .allOrNone }
        var reason = WaitReason.noEligibleUnit
        var next = Int(problem.firstPair[w])
        while next >= 0 {
            let p = next
            next = Int(problem.nextPair[p])
            guard !isFilled(Int(program.pairColumn[p])) else { continue }
            if chosen[Int(program.pairRow[p])] >= 0 {
                if reason == .noEligibleUnit { reason = .unitsTaken }
            } else if isBarredByPriority(p) {
                reason = .strictPriority
            } else if isBarredByReserve(p) {
                reason = .reserve
            } else {
                return problem.call(w).allOrNone ? .allOrNone : .held
            }
        }
        return reason
    }

    /// Counts what the decision fills. Needed before reasons are asked for.
    func countFilled() {
        for g in 0..<program.columnCount { filled[g] = 0 }
        for r in 0..<program.reserveCount { reserveUsed[r] = 0 }
        for f in 0..<program.rowCount where chosen[f] >= 0 {
            filled[Int(program.pairColumn[Int(chosen[f])])] += 1
            let reserve = Int(problem.reserveOf[Int(chosen[f])])
            if reserve >= 0 { reserveUsed[reserve] += 1 }
        }
    }

    private func isFilled(_ column: Int) -> Bool { filled[column] >= program.capacity[column] }

    private func isBarredByPriority(_ p: Int) -> Bool {
        problem.isBarred(p, filled: filled, ignoring: problem.columnCall[Int(program.pairColumn[p])])
    }

    private func isBarredByReserve(_ p: Int) -> Bool {
        let reserve = Int(problem.reserveOf[p])
        return reserve >= 0 && reserveUsed[reserve] >= program.reserveLimit[reserve]
    }
}

import PatrolModel

/// Why a call still waits.
extension DispatchPlanner {
    func reason(_ w: Int) -> WaitReason {
        if problem.eligibleUnits(w) == 0 { return .noEligibleUnit }
        if problem.cannotBeStaffed(w) { return .allOrNone }
        var reason = WaitReason.noEligibleUnit
        for p in 0..<programme.pairCount
        where Int(problem.columnCall[Int(programme.pairColumn[p])]) == w && !filled(Int(programme.pairColumn[p])) {
            if chosen[Int(programme.pairRow[p])] >= 0 {
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

    private func filled(_ column: Int) -> Bool {
        var count: Int32 = 0
        for f in 0..<programme.rowCount where chosen[f] >= 0 && Int(programme.pairColumn[Int(chosen[f])]) == column { count += 1 }
        return count >= programme.capacity[column]
    }

    private func isBarredByPriority(_ p: Int) -> Bool {
        let call = problem.columnCall[Int(programme.pairColumn[p])]
        for k in Int(problem.implicationStart[p])..<Int(problem.implicationStart[p + 1]) {
            let other = Int(programme.implicationColumn[k])
            if problem.columnCall[other] != call && !filled(other) { return true }
        }
        return false
    }

    private func isBarredByReserve(_ p: Int) -> Bool {
        let reserve = problem.reserveOf[p]
        guard reserve >= 0 else { return false }
        var used: Int32 = 0
        for f in 0..<programme.rowCount where chosen[f] >= 0 && problem.reserveOf[Int(chosen[f])] == reserve { used += 1 }
        return used >= programme.reserveLimit[Int(reserve)]
    }
}

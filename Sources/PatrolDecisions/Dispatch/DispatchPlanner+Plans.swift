import PatrolModel

extension DispatchPlanner {
    /// Plans busy units for calls of the last decision, the most urgent first, for each the unit that is there first. Those that
    /// calls wait for are theirs.
    /// - Precondition: the situation is the one after that decision.
    func planBusy(most: Int, _ clock: CallClock) {
        planCount = 0
        situation.prepareBusy()
        pairs.plans.keepHeld()
        urgent.sort()
        for place in 0..<situation.waitingCount {
            let w = Int(urgent.order[place])
            let j = Int(situation.waiting[w])
            if reasons[j] == .planned, planCount < min(most, plans.count) {
                plans[planCount] = pairs.plans.plan(j)
                planCount += 1
            }
            guard reasons[j] == .noEligibleUnit || reasons[j] == .unitsTaken else { continue }
            for _ in 0..<snapshot.incidents[j].unitsMissing {
                if planCount == min(most, plans.count) || clock.expired { return }
                guard let plan = pairs.plans.takeFirst(toReach: w, pairs) else { break }
                plans[planCount] = plan
                planCount += 1
            }
        }
    }
}

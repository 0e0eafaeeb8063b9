import PatrolModel

/// Which busy unit could serve a call that no free unit can.
public struct DispatchPlan: BitwiseCopyable, Sendable {
    /// Indices in the snapshot.
    public var unit: Int32 = 0
    public var incident: Int32 = 0
    /// Until it is there.
    public var seconds: Float = 0
}

extension DispatchPlanner {
    /// Plans busy units for calls of the last decision, the most urgent first, for each the unit that is there first.
    /// - Precondition: the situation is the one after that decision.
    func planBusy(most: Int, _ clock: CallClock) {
        planCount = 0
        situation.prepareBusy()
        urgent.sort()
        for place in 0..<situation.waitingCount {
            let w = Int(urgent.order[place])
            let j = Int(situation.waiting[w])
            guard reasons[j] == .noEligibleUnit || reasons[j] == .unitsTaken else { continue }
            for _ in 0..<snapshot.incidents[j].unitsMissing {
                if planCount == min(most, plans.count) || clock.expired { return }
                guard let b = first(toReach: w) else { break }
                let seconds = pairs.roadSeconds(from: situation.busyNode[b], to: snapshot.incidents[j].node)
                guard seconds < .infinity else { break }
                plans[planCount] = DispatchPlan(
                    unit: situation.busy[b], incident: Int32(j), seconds: situation.busyRemaining[b] + seconds)
                planCount += 1
                situation.busyRemaining[b] = .infinity
            }
        }
    }

    /// The busy unit that is expected at a call first, of those that are not planned for another one.
    private func first(toReach w: Int) -> Int? {
        let node = snapshot.incidents[Int(situation.waiting[w])].node
        var best: (unit: Int, seconds: Float)?
        for b in 0..<situation.busyCount where situation.busyRemaining[b] < .infinity {
            let travel = situation.seconds(from: situation.busyNode[b], near: node)
            let seconds = situation.busyRemaining[b] + travel
            if seconds < best?.seconds ?? .infinity, pairs.mayServeLater(b, w, travel) { best = (b, seconds) }
        }
        return best?.unit
    }
}

import PatrolModel

/// Which busy unit is to serve a call once it is free.
public struct DispatchPlan: BitwiseCopyable, Sendable {
    /// Indices in the snapshot; no unit: −1.
    public var unit: Int32 = -1
    public var incident: Int32 = 0
    /// Until it is there: expected, and nine times in ten.
    public var seconds: Float = 0
    public var lateSeconds: Float = 0
}

/// Plans for busy units. Before a decision, as far as the margin for plans allows: calls that wait for a busy unit because it is
/// expected there before every free one. The decision is then made without them, whatever its policy.
final class BusyPlans {
    private let situation: Situation
    private let urgent: MostUrgentCalls
    /// Of each incident: what it waits for.
    private let held: Buffer<DispatchPlan>
    private var heldCount = 0
    /// 1: a busy unit that has a plan; a free unit that a call before can have.
    private let isTaken: Buffer<UInt8>
    private let isClaimed: Buffer<UInt8>

    init(situation: Situation, urgent: MostUrgentCalls, _ memory: inout WorkingMemory) {
        self.situation = situation
        self.urgent = urgent
        held = memory.buffer(count: situation.snapshot.maximumIncidents, repeating: DispatchPlan())
        isTaken = memory.buffer(count: situation.snapshot.maximumUnits, repeating: 0)
        isClaimed = memory.buffer(count: situation.snapshot.maximumUnits, repeating: 0)
    }

    private var snapshot: Snapshot { situation.snapshot }
    private var rules: DispatchRules { situation.engine.options.rules }

    /// Whether a call waits for a busy unit.
    func isPlanned(_ incident: Int32) -> Bool { heldCount > 0 && held[Int(incident)].unit >= 0 }

    func plan(_ incident: Int) -> DispatchPlan { held[incident] }

    /// No call waits for a busy unit.
    func clear() {
        guard heldCount > 0 else { return }
        for j in 0..<held.count { held[j].unit = -1 }
        heldCount = 0
    }

    /// Takes the plans of calls that wait for busy units out of what is left to plan.
    /// - Precondition: the situation is the one after the decision.
    func keepHeld() {
        for b in 0..<situation.busyCount { isTaken[b] = 0 }
        guard heldCount > 0 else { return }
        for w in 0..<situation.waitingCount where isPlanned(situation.waiting[w]) {
            let unit = held[Int(situation.waiting[w])].unit
            for b in 0..<situation.busyCount where situation.busy[b] == unit { isTaken[b] = 1 }
        }
    }

    /// The plan for the busy unit that is expected at a call first, of those without one; it then has it.
    func takeFirst(toReach w: Int, _ pairs: DispatchPairs) -> DispatchPlan? {
        guard let b = first(toReach: w, pairs) else { return nil }
        let drive = pairs.roadSeconds(from: situation.busyNode[b], to: call(w).node)
        return drive < .infinity ? take(b, w, drive) : nil
    }

    /// Chooses the calls that wait for a busy unit, the most urgent first, and makes the travel of every free unit to them infinite.
    /// Calls that find no free unit beside those that came before have busy units, too: those are not for less urgent ones.
    /// - Precondition: the travel of free units is known, infinite where they may not serve a call.
    /// - Returns: false where the clock ended it first.
    func hold(_ pairs: DispatchPairs, _ clock: CallClock) -> Bool {
        guard situation.freeCount > 0, situation.busyCount > 0 else { return true }
        var clock = clock
        situation.prepareBusy()
        for b in 0..<situation.busyCount { isTaken[b] = 0 }
        for f in 0..<situation.freeCount { isClaimed[f] = 0 }
        urgent.sort()
        for place in 0..<situation.waitingCount {
            if clock.expired(after: situation.freeCount + situation.busyCount) { return false }
            let w = Int(urgent.order[place])
            guard let plan = planBeforeFree(w, pairs) else {
                claim(w, pairs)
                continue
            }
            held[Int(plan.incident)] = plan
            heldCount += 1
            for f in 0..<situation.freeCount { pairs.travel[f * situation.waitingCount + w] = .infinity }
        }
        return true
    }

    /// The plan for a busy unit that is expected at a call before every free unit, where the call may wait for it.
    private func planBeforeFree(_ w: Int, _ pairs: DispatchPairs) -> DispatchPlan? {
        let call = call(w)
        guard call.unitsMissing == 1, !call.allOrNone, !rules.forbidsHolding(call) else { return nil }
        let limit = leastSeconds(w, pairs)
        guard limit > 0, limit < .infinity, let b = first(toReach: w, before: limit, pairs) else { return nil }
        let drive = pairs.roadSeconds(from: situation.busyNode[b], to: call.node)
        guard drive < .infinity, pairs.mayServeLater(b, w, drive),
            pairs.charged(remaining(b) + drive, unit(b), call) < limit
        else { return nil }
        return take(b, w, drive)
    }

    /// The least charged travel of a free unit that may serve a call; infinite: there is none; 0: one is on its way there.
    private func leastSeconds(_ w: Int, _ pairs: DispatchPairs) -> Float {
        var least = Float.infinity
        for f in 0..<situation.freeCount {
            let seconds = pairs.travel[f * situation.waitingCount + w]
            guard seconds < .infinity else { continue }
            let unit = snapshot.units[Int(situation.free[f])]
            if unit.status == .enRoute, unit.incident == situation.waiting[w] { return 0 }
            least = min(least, pairs.charged(seconds, unit, call(w)))
        }
        return least
    }

    /// Counts the nearest free units as those of a call, and where there are too few, the busy units that are there first.
    private func claim(_ w: Int, _ pairs: DispatchPairs) {
        var missing = call(w).unitsMissing
        while missing > 0 {
            var (nearest, least) = (-1, Float.infinity)
            for f in 0..<situation.freeCount where isClaimed[f] == 0 {
                let seconds = pairs.travel[f * situation.waitingCount + w]
                if seconds < least { (nearest, least) = (f, seconds) }
            }
            guard nearest >= 0 else { break }
            isClaimed[nearest] = 1
            missing -= 1
        }
        while missing > 0, let b = first(toReach: w, pairs) {
            isTaken[b] = 1
            missing -= 1
        }
    }

    /// The busy unit that is expected at a call first, of those without a plan.
    private func first(toReach w: Int, _ pairs: DispatchPairs) -> Int? {
        var (best, least) = (-1, Float.infinity)
        for b in 0..<situation.busyCount where isTaken[b] == 0 {
            let travel = situation.seconds(from: situation.busyNode[b], near: call(w).node)
            let seconds = situation.busyRemaining[b] + travel
            if seconds < least, pairs.mayServeLater(b, w, travel) { (best, least) = (b, seconds) }
        }
        return best < 0 ? nil : best
    }

    /// The same with the margin, and the penalty for other beats, of those that are there before a time.
    private func first(toReach w: Int, before limit: Float, _ pairs: DispatchPairs) -> Int? {
        let (j, call) = (Int(situation.waiting[w]), call(w))
        var (best, least) = (-1, limit)
        for b in 0..<situation.busyCount where isTaken[b] == 0 {
            let travel = situation.seconds(from: situation.busyNode[b], near: call.node)
            let seconds = pairs.charged(remaining(b) + travel, unit(b), call)
            guard seconds < least, snapshot.hostSeconds(unit: Int(situation.busy[b]), incident: j) != .infinity,
                pairs.mayServeLater(b, w, travel)
            else { continue }
            (best, least) = (b, seconds)
        }
        return best < 0 ? nil : best
    }

    /// Seconds until a busy unit is free, with the margin.
    private func remaining(_ b: Int) -> Float {
        situation.busyRemaining[b] + rules.planMargin * (situation.busyLate[b] - situation.busyRemaining[b])
    }

    private func take(_ b: Int, _ w: Int, _ drive: Float) -> DispatchPlan {
        isTaken[b] = 1
        return DispatchPlan(
            unit: situation.busy[b], incident: situation.waiting[w], seconds: situation.busyRemaining[b] + drive,
            lateSeconds: situation.busyLate[b] + drive)
    }

    private func call(_ w: Int) -> Incident { snapshot.incidents[Int(situation.waiting[w])] }

    private func unit(_ b: Int) -> PatrolUnit { snapshot.units[Int(situation.busy[b])] }
}

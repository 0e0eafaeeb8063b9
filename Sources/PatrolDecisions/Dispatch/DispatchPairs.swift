import PatrolModel

/// A free unit that may serve a waiting call.
public struct DispatchPair: BitwiseCopyable, Sendable {
    /// Positions in the lists of free units and of waiting calls.
    public var free: Int32
    public var waiting: Int32
    /// Indices in the snapshot.
    public var unit: Int32
    public var incident: Int32
    /// Emergency driving, from where the unit is now.
    public var seconds: Float
    /// The network "pair"'s value; 0 without.
    public var value: Float = 0
}

/// Travel times between free units and waiting calls, and the pairs that are eligible.
final class DispatchPairs {
    let situation: Situation
    let router: Router
    let matrix: TravelMatrix
    /// Shape [free units, waiting calls]. The solver has it while it works (`travelMemory`).
    let travel: Buffer<Float>
    /// Nodes of the free units; waiting calls whose travel times are searched for, and their nodes.
    let unitNodes: Buffer<Int32>
    let searched: Buffer<Int32>
    let callNodes: Buffer<Int32>
    /// Eligible pairs, by unit, then by call. Of more than fit, those of each call's nearest units: more than any program takes.
    let pairs: Buffer<DispatchPair>
    private(set) var count = 0
    /// Seconds that the snapshot adds to the travel of each pair, if it adds any.
    let costs: Buffer<Float>
    private(set) var hasCosts = false
    /// Whether any pair is charged other seconds than those of its travel.
    private(set) var isCharged = false
    /// 1 for waiting calls that any unit may serve, whatever it can do.
    let takesAny: Buffer<UInt8>
    /// Pairs of free unit f are `rowStart[f] ..< rowStart[f + 1]`.
    let rowStart: Buffer<Int32>
    let nearest: NearestUnits
    private let substitutes: SubstituteChoice
    let plans: BusyPlans

    init(situation: Situation, router: Router, urgent: MostUrgentCalls, _ memory: inout WorkingMemory) {
        self.situation = situation
        self.router = router
        let (units, incidents) = (situation.snapshot.maximumUnits, situation.snapshot.maximumIncidents)
        travel = memory.buffer(unwritten: units * incidents)
        matrix = TravelMatrix(situation.engine.area.routing, origins: units, destinations: incidents, &memory)
        unitNodes = memory.buffer(count: units, repeating: 0)
        searched = memory.buffer(count: incidents, repeating: 0)
        callNodes = memory.buffer(count: incidents, repeating: 0)
        pairs = memory.buffer(unwritten: min(units * incidents, DispatchProblem.maximumPairs + incidents + units))
        costs = memory.buffer(unwritten: pairs.count)
        nearest = NearestUnits(maximumCalls: incidents, &memory)
        rowStart = memory.buffer(count: units + 1, repeating: 0)
        takesAny = memory.buffer(count: incidents, repeating: 0)
        substitutes = SubstituteChoice(situation: situation, urgent: urgent, &memory)
        plans = BusyPlans(situation: situation, urgent: urgent, &memory)
    }

    /// The memory of all travel times, in which nothing is between a `prepare` or `look` and the next one.
    var travelMemory: UnsafeMutableRawBufferPointer {
        UnsafeMutableRawBufferPointer(start: travel.base, count: travel.count * MemoryLayout<Float>.stride)
    }

    var engine: DecisionEngine { situation.engine }
    var snapshot: Snapshot { situation.snapshot }

    /// - Parameters:
    ///   - only: the one waiting call that is asked about, which then waits for no busy unit; nil: all.
    ///   - holds: calls may wait for busy units.
    /// - Returns: false where the clock ended it first.
    func prepare(
        only: Int? = nil, holds: Bool = true, _ clock: CallClock = CallClock()
    ) throws(PatrolError) -> Bool {
        try router.use(snapshot.overlay)
        let calls = only.map { $0..<$0 + 1 } ?? 0..<situation.waitingCount
        guard fillTravel(calls, clock), chooseSubstitutes(calls, clock) else { return false }
        for w in calls { takesAny[w] = snapshot.incidents[Int(situation.waiting[w])].takesAnyUnit ? 1 : 0 }
        for f in 0..<situation.freeCount { strikeIneligible(f, calls) }
        plans.clear()
        // A dispatcher who asks about one call is shown every unit.
        if holds, only == nil, engine.options.rules.planMargin < .infinity, !plans.hold(self, clock) { return false }
        return listPairs(calls, clock) && takeCosts(clock)
    }

    /// Finds the travel times to the one call that waits, infinite for units that may not serve it, and no more: `nearestUnit` asks.
    func prepareTravel() throws(PatrolError) {
        try router.use(snapshot.overlay)
        _ = fillTravel(0..<1, CallClock())
        takesAny[0] = snapshot.incidents[Int(situation.waiting[0])].takesAnyUnit ? 1 : 0
        hasCosts = false
        for f in 0..<situation.freeCount { strikeIneligible(f, 0..<1) }
    }

    /// The pair of least seconds charged, the first of equal ones; nil where there is none.
    func nearestUnit() -> DispatchPair? {
        let call = snapshot.incidents[Int(situation.waiting[0])]
        var (best, bestSeconds) = (-1, Float.infinity)
        for f in 0..<situation.freeCount where travel[f] < .infinity {
            let seconds = charged(travel[f], snapshot.units.base[Int(situation.free[f])], call)
            if best < 0 || seconds < bestSeconds { (best, bestSeconds) = (f, seconds) }
        }
        return best < 0 ? nil : pair(best, 0)
    }

    /// - Returns: false where the clock ended it first.
    private func chooseSubstitutes(_ calls: Range<Int>, _ clock: CallClock) -> Bool {
        guard snapshot.hasSubstitutes else { return true }
        for w in calls { takesAny[w] = 0 }
        return substitutes.choose(calls, clock) { f, w in
            let unit = snapshot.units[Int(situation.free[f])]
            let seconds = travel[f * situation.waitingCount + w]
            return absence(unit) == nil && exclusion(engine.options.rules, unit, w, seconds) == nil
        }
    }

    /// - Returns: false where the clock ended it first.
    private func listPairs(_ calls: Range<Int>, _ clock: CallClock) -> Bool {
        nearest.keepAll(calls: situation.waitingCount)
        if appendPairs(calls, clock) { return true }
        if clock.expired { return false }
        // One more than a program takes, as it may leave one out; and where a unit is on its way it may go on.
        let kept = DispatchProblem.maximumPairs / situation.waitingCount + 1
        return nearest.keep(kept, calls: situation.waitingCount, clock, of: forEachEligible)
            && appendPairs(calls, clock)
    }

    /// Adds up the snapshot's costs of each pair. - Returns: false where the clock ended it first.
    private func takeCosts(_ clock: CallClock) -> Bool {
        hasCosts = snapshot.pairCosts.count > 0
        let penalty = engine.options.rules.ownBeatPenalty
        isCharged = hasCosts || penalty > 0 && penalty < .infinity
        guard hasCosts else { return true }
        for p in 0..<count { costs[p] = 0 }
        for k in 0..<snapshot.pairCosts.count {
            if k & 1023 == 0, clock.expired { return false }
            guard let cost = snapshot.pairCost(k) else { continue }
            var (low, high) = (0, count)
            while low < high {
                let middle = (low + high) / 2
                let isBefore = (pairs[middle].unit, pairs[middle].incident) < (cost.unit, cost.incident)
                if isBefore { low = middle + 1 } else { high = middle }
            }
            if low < count, pairs[low].unit == cost.unit, pairs[low].incident == cost.incident {
                costs[low] += cost.seconds
            }
        }
        return true
    }

    private func forEachEligible(_ visit: (Int, Float) -> Void) {
        for f in 0..<situation.freeCount {
            let row = travel.base + f * situation.waitingCount
            for w in 0..<situation.waitingCount where row[w] < .infinity { visit(w, row[w]) }
        }
    }

    func forEach(_ visit: (Int, Float) -> Void) {
        for p in 0..<count { visit(Int(pairs[p].waiting), pairs[p].seconds) }
    }

    /// - Returns: false where there are more than fit, and where the clock ended it.
    private func appendPairs(_ calls: Range<Int>, _ clock: CallClock) -> Bool {
        var clock = clock
        count = 0
        for f in 0..<situation.freeCount {
            if clock.expired(after: calls.count) { return false }
            rowStart[f] = Int32(count)
            guard appendPairs(ofUnit: f, calls) else { return false }
        }
        rowStart[situation.freeCount] = Int32(count)
        return true
    }

    /// - Returns: false where there are more than fit.
    @_optimize(speed)
    private func appendPairs(ofUnit f: Int, _ calls: Range<Int>) -> Bool {
        let i = situation.free[f]
        let unit = snapshot.units.base + Int(i)
        let own = unit.pointee.status == .enRoute ? unit.pointee.incident : -1
        let row = travel.base + f * situation.waitingCount
        for w in calls where row[w] < .infinity {
            let j = situation.waiting[w]
            guard j == own || nearest.takes(w, row[w]) else { continue }
            guard count < pairs.count else { return false }
            pairs[count] = pair(f, w)
            count += 1
        }
        return true
    }

    @inline(__always)
    private func pair(_ f: Int, _ w: Int) -> DispatchPair {
        let (j, seconds) = (situation.waiting[w], travel[f * situation.waitingCount + w])
        return DispatchPair(
            free: Int32(f), waiting: Int32(w), unit: situation.free[f], incident: j, seconds: seconds)
    }
}

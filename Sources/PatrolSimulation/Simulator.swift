import PatrolDecisions
import PatrolModel

/// Which decision a simulation waits for.
public enum DecisionDue: Sendable {
    /// None: the requested time is reached.
    case none
    case dispatch
    /// Of the units that `Simulator.isDue` names.
    case patrol
}

/// A city in motion: an event-driven simulation in continuous time that takes its decisions the way a host does, by filling
/// a session's snapshot with what is known now and carrying out the answer (rules in `Simulation.md`).
///
///     let simulator = try Simulator(model, engine: engine, seed: 1)
///     try simulator.run(until: 48 * 3600)
///     let metrics = try simulator.metrics()
///
/// A host may decide in the policies' place:
///
///     while case let due = try simulator.stepToDecision(until: end), due != .none {
///         if due == .dispatch { try simulator.assign(unit: 0, toIncident: 0) }   // of `session.snapshot`
///         try simulator.decide()                                                // or leave it to the policies
///     }
///
/// Equal model, engine and seed give equal bytes. Memory is allocated here and nowhere else.
public final class Simulator {
    public let model: Scenario
    /// Its snapshot shows the present state whenever a decision is due; units are in the order of the fleet.
    public var session: DecisionSession {
        showSnapshot()
        return policies
    }
    /// The same without a look at the snapshot, which is filled only for those who read it.
    let policies: DecisionSession
    /// What their decisions look at.
    let dispatchSight: PolicySight
    let patrolSight: PolicySight
    /// Limits of the policies' dispatch decisions. A deadline would make answers depend on the machine: limit nodes instead.
    public var limits = SolverLimits()
    /// How much longer than the engine says units stay before they are asked again: decisions of units that stay are most of what
    /// is simulated, and rollouts that compare other things can do with fewer. `copy` leaves it alone.
    public var stayFactor = 1.0
    /// Where a host wants to look on.
    public let events: EventRing?
    /// Fills the snapshot's idle times even if the patrol policy does not read them.
    public var showsIdleTimes: Bool
    /// Seconds since a Monday 00:00: when this replication began, and now.
    public private(set) var start = 0.0
    public internal(set) var now = 0.0
    public internal(set) var eventCount: UInt64 = 0
    public internal(set) var decisionCount: UInt64 = 0
    /// When a decision was due last.
    var decidedAt = 0.0
    /// The decision that is due, from the host or from `decide`.
    public internal(set) var due = DecisionDue.none

    let units: Buffer<SimulatedUnit>
    let calls: Buffer<SimulatedCall>
    /// Slots of calls: those in use by time of the call, and those free.
    let openCalls: Buffer<Int32>
    var openCount = 0
    let freeSlots: Buffer<Int32>
    var freeSlotCount = 0
    /// Open calls that no unit is assigned to, and those that need more units than they have.
    var queued = 0
    var needing = 0
    /// Units that are free, and those of which a patrol decision is due.
    let free: UnitSet
    let dueUnits: UnitSet
    /// Free units that drive, and units that are otherwise than `policies.seen` shows them.
    let driving: UnitSet
    let changed: UnitSet
    /// When the session last took a whole snapshot in the place of what was seen.
    var seenSince = -1
    /// Units in each phase.
    let phaseCounts: Buffer<Int32>
    var stream: CallStream
    var nextCall = Call()
    let calendar: EventCalendar
    let sources: EventSources
    /// Whether something happened that requires a decision.
    var isDispatchWanted = false
    var isPatrolWanted = false
    /// The snapshot shows the present state, a host's assignments included.
    var isSnapshotShown = false
    let recorder: MetricsRecorder?
    /// The cost so far (of calls up to their `chargedUntil`, and of lost ones), and its value when measuring began.
    var cost = 0.0
    var costBefore = 0.0
    let waypoints: Buffer<Waypoint>
    let keptWays: KeptWays
    /// Index of a call's slot in the snapshot.
    let snapshotIndex: Buffer<Int32>
    /// Slots of the waiting calls, and the units that decide, as they are shown to policies that look at no more.
    let waitingSlots: Buffer<Int32>
    let order: Buffer<Int32>
    /// Travel times that keep working units away from calls they may not leave their work for; shape [units, incidents] or empty.
    let barred: Buffer<Float>
    /// By patrol location: when a unit was there last, as far as it has left, and how many units stand there.
    let lastVisit: Buffer<Double>
    let standing: Buffer<Int32>
    /// Seconds in which places did not count as visited, by their share of demand, until each was last visited; and as of all
    /// places when measuring began.
    var absence = 0.0
    var absenceBefore = 0.0
    let idleSeconds: Buffer<Float>

    /// - Parameters:
    ///   - delay: as in `restart`.
    ///   - measures: whether `metrics` will be asked for.
    /// - Throws: `mismatch` where the engine is of another area; `outOfMemory`.
    public init(
        _ model: Scenario, engine: DecisionEngine, seed: UInt64, delay: Double = 0, events: EventRing? = nil,
        measures: Bool = true
    ) throws(PatrolError) {
        guard engine.area === model.area else {
            throw PatrolError(.mismatch, "the engine and the scenario do not share one area object")
        }
        self.model = model
        self.events = events
        let unitCount = model.scenario.units.count
        let incidents = model.maximumIncidents
        policies = try DecisionSession(engine: engine, maximumUnits: unitCount, maximumIncidents: incidents)
        policies.dispatch.findsNextNodes = false
        // Units at work that they would leave are shown to policies as free, and kept from most calls.
        let hidesWork = model.scenario.selfInitiated.interruptiblePriority > 0
        let options = engine.options
        dispatchSight = hidesWork ? .everything : options.dispatchSight
        patrolSight = hidesWork && options.patrolSight == .free ? .everything : options.patrolSight
        showsIdleTimes = engine.options.patrolPolicy == .learned
        units = try Buffer(count: unitCount, repeating: SimulatedUnit())
        calls = try Buffer(count: incidents, repeating: SimulatedCall())
        openCalls = try Buffer(count: incidents, repeating: 0)
        freeSlots = try Buffer(count: incidents, repeating: 0)
        free = try UnitSet(units: unitCount)
        dueUnits = try UnitSet(units: unitCount)
        driving = try UnitSet(units: unitCount)
        changed = try UnitSet(units: unitCount)
        phaseCounts = try Buffer(count: UnitPhase.count, repeating: 0)
        sources = EventSources(units: unitCount)
        calendar = try EventCalendar(sources: sources.count)
        recorder = measures ? try MetricsRecorder(model) : nil
        waypoints = try Buffer(count: unitCount * Simulator.waypointsKept, repeating: Waypoint())
        keptWays = try KeptWays(steps: Simulator.waypointsKept)
        snapshotIndex = try Buffer(count: incidents, repeating: -1)
        waitingSlots = try Buffer(count: incidents, repeating: -1)
        order = try Buffer(count: unitCount, repeating: 0)
        let isInterruptible = model.scenario.selfInitiated.interruptiblePriority > 0
        barred = try Buffer(count: isInterruptible ? unitCount * incidents : 0, repeating: 0)
        lastVisit = try Buffer(count: model.area.locationCount, repeating: 0)
        standing = try Buffer(count: model.area.locationCount, repeating: 0)
        idleSeconds = try Buffer(count: model.area.locationCount, repeating: 0)
        stream = CallStream(model, seed: seed)
        restart(seed: seed, delay: delay)
    }

    public var engine: DecisionEngine { policies.engine }
    var router: Router { policies.router }

    /// Begins another replication in the same memory.
    /// - Parameter delay: seconds by which it begins later than the scenario says, ≥ 0.
    public func restart(seed: UInt64, delay: Double = 0) {
        let scenario = model.scenario
        start = scenario.start + delay
        (now, decidedAt) = (start, start)
        (eventCount, decisionCount, due) = (0, 0, .none)
        (isDispatchWanted, isPatrolWanted, isSnapshotShown) = (false, false, false)
        (openCount, queued, needing, freeSlotCount) = (0, 0, 0, calls.count)
        free.clear()
        dueUnits.clear()
        driving.clear()
        changed.fill()
        for phase in 0..<UnitPhase.count { phaseCounts[phase] = 0 }
        phaseCounts[Int(UnitPhase.offDuty.rawValue)] = Int32(units.count)
        for slot in 0..<calls.count { freeSlots[slot] = Int32(calls.count - 1 - slot) }
        (cost, costBefore) = (0, 0)
        (absence, absenceBefore) = (0, 0)
        for location in 0..<lastVisit.count { (lastVisit[location], standing[location]) = (now, 0) }
        calendar.clear()
        recorder?.clear()
        events?.clear()
        stream = CallStream(model, seed: seed, start: start)
        seedChoices(seed)
        calendar.set(sources.measuring, now + scenario.warmUp)
        expectNextCall()
        for u in 0..<units.count { beginUnit(u, seed: seed) }
        snapshotFleet()
    }

    /// Simulates until a time, the session's policies deciding.
    /// - Throws: what a decision throws.
    public func run(until end: Double) throws(PatrolError) {
        while try stepToDecision(until: end) != .none { try decide() }
    }

    /// Simulates until a decision is due or the time is reached. Calls that were not assigned in the last decision are held;
    /// units that were given no move stay.
    public func stepToDecision(until end: Double) throws(PatrolError) -> DecisionDue {
        settle()
        while true {
            if isDispatchWanted {
                isDispatchWanted = false
                if canDispatch { return demand(.dispatch) }
                settleDispatch()
            }
            if isPatrolWanted {
                isPatrolWanted = false
                // The unit may have been sent to a call meanwhile.
                if dueUnits.count > 0 { return demand(.patrol) }
            }
            let time = calendar[calendar.first]
            guard time <= end else {
                now = max(now, end)
                return .none
            }
            now = time
            applyInstant()
        }
    }

    private func demand(_ decision: DecisionDue) -> DecisionDue {
        decisionCount += 1
        decidedAt = now
        due = decision
        isSnapshotShown = false
        return decision
    }

    /// ∫ Σ w · missing-on-scene share dt + Σ w · P over lost calls, and the prices of late calls and of absence where there are any,
    /// from the start until now: weighted seconds. Its differences are the costs between decisions. O(open calls), and with a price of
    /// absence O(patrol locations).
    public var cumulativeCost: Double {
        var sum = cost
        for k in 0..<openCount { sum += uncharged(calls.base + Int(openCalls.base[k])) }
        let price = model.scenario.absencePrice
        return price > 0 ? sum + Double(price) * cumulativeAbsence : sum
    }

    /// How many times a unit stopped being free, for trainers, which follow it from one patrol decision to the next.
    package func timesTaken(_ unit: Int) -> Int { units[unit].timesTaken }

    public var openCallCount: Int { openCount }

    /// Whether a call is still to come: false after the last one of a log, and where no call ever comes.
    public var hasMoreCalls: Bool { nextCall.time < .infinity }

    public var queuedCallCount: Int { queued }

    /// Policies draw other random numbers too.
    func seedChoices(_ seed: UInt64) {
        var numbers = RandomNumbers(seed: seed, stream: 5)
        policies.choiceSeed = numbers.next()
    }

    @inline(__always)
    func record(_ kind: SimulationEvent.Kind, unit: Int = -1, call: Incident? = nil, node: Int32 = -1) {
        guard let events else { return }
        var event = SimulationEvent()
        event.time = now
        event.kind = kind
        event.unit = Int32(unit)
        if let call { (event.call, event.priority, event.category) = (call.id, call.priority, call.category) }
        event.node = node
        events.append(event)
    }
}

/// The calendar's sources, in the order in which events of one instant are applied: what frees units comes before what
/// needs them, and each call is decided before the next.
struct EventSources {
    let units: Int

    /// Arrivals, and ends of stays, calls and work, of a unit.
    func motion(_ u: Int) -> Int { u }
    func shift(_ u: Int) -> Int { units + u }
    func outage(_ u: Int) -> Int { 2 * units + u }
    func work(_ u: Int) -> Int { 3 * units + u }
    var measuring: Int { 4 * units }
    var reassessment: Int { 4 * units + 1 }
    var call: Int { 4 * units + 2 }
    var count: Int { 4 * units + 3 }
}

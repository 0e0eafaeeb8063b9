import CKernels
import PatrolModel

/// Working memory for decisions with one engine; one thread at a time. Decisions allocate nothing.
public final class DecisionSession {
    public var engine: DecisionEngine { situation.engine }
    /// Filled by the caller before each decision, which only reads it.
    public let snapshot: Snapshot
    let situation: Situation
    package let router: Router
    let patrol: PatrolPlanner
    public let dispatch: DispatchPlanner
    /// Moves of the last decision, shape [units].
    public let moves: Buffer<PatrolMove>
    /// Varies random choices between replications of a simulation, in addition to the engine's seed. 0 in a host's session.
    package var choiceSeed: UInt64 {
        get { patrol.choiceSeed }
        set { patrol.choiceSeed = newValue }
    }

    public init(engine: DecisionEngine, maximumUnits: Int, maximumIncidents: Int) throws(PatrolError) {
        var memory = WorkingMemory()
        snapshot = Snapshot(maximumUnits: maximumUnits, maximumIncidents: maximumIncidents, &memory)
        situation = Situation(engine: engine, snapshot: snapshot, &memory)
        router = Router(engine.area.routing, &memory)
        patrol = PatrolPlanner(situation: situation, router: router, &memory)
        dispatch = DispatchPlanner(situation: situation, router: router, &memory)
        moves = memory.buffer(count: maximumUnits, repeating: PatrolMove())
        try memory.check()
    }

    /// Decides dispatch. The answer is in `dispatch`.
    /// - Parameter beforePatrol: patrol is decided next, by the same clock.
    public func decideDispatch(_ limits: SolverLimits, beforePatrol: Bool = false) throws(PatrolError) {
        var limits = limits
        situation.prepare(forDispatch: true)
        if beforePatrol { limits.clock = limits.clock.leaving(patrol.expectedNanoseconds) }
        try dispatch.decide(limits)
    }

    /// Decides dispatch as it is decided where there is no time.
    public func decideDispatchWithoutTime() throws(PatrolError) {
        situation.prepare(forDispatch: true)
        try dispatch.decideWithoutTime()
    }

    /// Makes given assignments the dispatch decision after checking every rule; allocates.
    /// - Parameter units, incidents: indices in the snapshot, pair by pair.
    /// - Throws: `mismatch` where they break a rule, `noTime` where the clock ends it.
    public func restateDispatch(
        units: UnsafeBufferPointer<Int32>, incidents: UnsafeBufferPointer<Int32>, _ clock: CallClock = CallClock()
    ) throws(PatrolError) {
        situation.prepare(forDispatch: true)
        try dispatch.restate(units: units, incidents: incidents, clock)
    }

    /// Decides patrol.
    /// - Parameters:
    ///   - afterDispatch: units assigned by the last dispatch decision are no longer free.
    ///   - most: how many units are decided about; for those after them there is no time.
    public func decidePatrol(
        afterDispatch: Bool, _ clock: CallClock = CallClock(), most: Int = .max
    ) throws(PatrolError) {
        situation.prepare(forDispatch: false, after: afterDispatch ? dispatch : nil)
        let order = UnsafeBufferPointer(start: snapshot.unitOrder.base, count: snapshot.unitCount)
        try patrol.decide(order, into: moves.base, clock, most: most)
    }

    /// Plans busy units for calls that the last dispatch decision leaves without, into `dispatch.plans`.
    public func planBusy(most: Int, _ clock: CallClock) {
        situation.prepare(forDispatch: false, after: dispatch)
        dispatch.planBusy(most: most, clock)
    }

    /// The move of one unit whose decision is due, as `decidePatrol` makes it when earlier units have the targets in the
    /// snapshot.
    public func move(ofUnit unit: Int) throws(PatrolError) -> PatrolMove {
        situation.prepare(forDispatch: false)
        try patrol.prepare(observing: situation.patrolPolicy == .learned)
        return try patrol.move(of: unit)
    }

    /// Candidate moves of a free unit with their values, as if it were the first to decide.
    /// - Parameter features: shape [candidates, 28] where wanted; room for `maximumCandidates` rows.
    /// - Throws: `noTime` where the clock ends it.
    public func candidates(
        ofUnit unit: Int, features: UnsafeMutablePointer<Float>?, _ clock: CallClock = CallClock()
    ) throws(PatrolError) -> UnsafeBufferPointer<PatrolCandidate> {
        situation.prepare(forDispatch: false)
        guard try patrol.prepare(observing: true, clock), try patrol.evaluate(unit, features: features, clock) else {
            throw CallClock.outOfTime
        }
        patrol.choices.findNextNodes()
        return patrol.choices.candidates
    }

    /// The same with features of the table of another width, shape [candidates, width].
    package func candidates(
        ofUnit unit: Int, features: UnsafeMutablePointer<Float>, width: Int
    ) throws(PatrolError) -> UnsafeBufferPointer<PatrolCandidate> {
        situation.prepare(forDispatch: false)
        try patrol.prepare(observing: true)
        try patrol.evaluate(unit, features: features, width: width)
        return patrol.choices.candidates
    }

    /// Demand-weighted arrival time, in units of τ, without the unit whose candidates were asked for last.
    package var arrivalWithoutUnit: Float { patrol.observation.othersArrival }

    public var maximumCandidates: Int { engine.maximumCandidates }

    /// Whether the learned policy left the last dispatch, or patrol, decision to a heuristic.
    public var abstainedFromDispatch: Bool { situation.dispatchPolicy != engine.options.dispatchPolicy }
    public var abstainedFromPatrol: Bool { situation.patrolPolicy != engine.options.patrolPolicy }

    /// Explains each assignment of the dispatch decision, into `dispatch.explanations`.
    /// - Parameter incident: the one call that is asked about; nil: all.
    public func explain(_ limits: SolverLimits, incident: Int? = nil) throws(PatrolError) {
        situation.prepare(forDispatch: true)
        try dispatch.explain(limits, incident: incident)
    }

    /// Says why the dispatch decision does not send a unit to a call.
    public func explainPair(unit: Int, incident: Int, _ limits: SolverLimits) throws(PatrolError) -> PairExplanation {
        situation.prepare(forDispatch: true)
        return try dispatch.explainPair(unit: unit, incident: incident, limits)
    }

    /// Ranks the eligible units of a call into `dispatch.ranking`; one that misses no unit is looked at as if it missed one. Where
    /// the clock ends it once they are known: the nearest first, their worth not a number.
    /// - Returns: their number.
    /// - Throws: `noTime` where the clock ends it before.
    public func rankUnits(incident: Int, _ clock: CallClock = CallClock()) throws(PatrolError) -> Int {
        situation.prepare(forDispatch: true, wanting: incident)
        return try dispatch.rank(incident: incident, clock)
    }

    /// The dispatch program of the snapshot, valid until the next call.
    /// - Throws: `noTime` where the clock ends it.
    public func dispatchProgram(_ clock: CallClock = CallClock()) throws(PatrolError) -> DispatchProgram {
        situation.prepare(forDispatch: true)
        return try dispatch.programForExport(clock)
    }

    /// Eligible pairs with their scores, and the held state's features; both valid until the next call.
    /// - Throws: `noTime` where the clock ends it.
    public func eligiblePairs(
        _ clock: CallClock = CallClock()
    ) throws(PatrolError) -> UnsafeBufferPointer<DispatchPair> {
        situation.prepare(forDispatch: true)
        return try dispatch.observe(clock)
    }
}

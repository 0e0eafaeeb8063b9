import CPatrol
import PatrolABI
import PatrolDecisions
import PatrolModel
import PatrolSimulation

@_cdecl("patrol_simulation_options_init") @implementation
public func patrol_simulation_options_init(_ options: UnsafeMutablePointer<patrol_simulation_options>!) {
    initialize(options)
}

@_cdecl("patrol_simulation_state_init") @implementation
public func patrol_simulation_state_init(_ state: UnsafeMutablePointer<patrol_simulation_state>!) {
    initialize(state)
}

/// A simulation, and room for what is written for the caller only once it is known to fit.
final class SimulationHandle {
    let simulator: Simulator
    let candidateFeatures: Buffer<Float>

    init(_ simulator: Simulator) throws(PatrolError) {
        self.simulator = simulator
        candidateFeatures = try Buffer(
            count: simulator.session.maximumCandidates * Int(PATROL_CANDIDATE_FEATURES), repeating: 0)
    }
}

func simulator(_ simulation: OpaquePointer?) throws(PatrolError) -> Simulator {
    try object(simulation, "simulation", as: SimulationHandle.self).simulator
}

@_cdecl("patrol_simulation_create") @implementation
public func patrol_simulation_create(
    _ scenario: OpaquePointer!, _ engine: OpaquePointer!, _ options: UnsafePointer<patrol_simulation_options>!,
    _ simulation: UnsafeMutablePointer<OpaquePointer?>!, _ error: UnsafeMutablePointer<patrol_error>!
) -> Int32 {
    boundary(error) { () throws(PatrolError) in
        let model: Scenario = try object(scenario, "scenario")
        let engine: DecisionEngine = try object(engine, "engine")
        let simulation = try required(simulation, "simulation")
        let given = try readOptional(options, "options")
        try checkCount(Int(given.event_capacity), in: 0...1 << 24, "event_capacity")
        try checkNonNegative(given.relative_gap, "relative_gap")
        let ring = given.event_capacity > 0 ? try EventRing(capacity: Int(given.event_capacity)) : nil
        let simulator = try Simulator(model, engine: engine, seed: given.seed, events: ring)
        simulator.limits.nodeLimit = given.node_limit
        simulator.limits.relativeGap = given.relative_gap
        simulation.pointee = try give(SimulationHandle(simulator))
    }
}

@_cdecl("patrol_simulation_destroy") @implementation
public func patrol_simulation_destroy(_ simulation: OpaquePointer!) { release(simulation, as: SimulationHandle.self) }

@_cdecl("patrol_simulation_restart") @implementation
public func patrol_simulation_restart(
    _ simulation: OpaquePointer!, _ seed: UInt64, _ error: UnsafeMutablePointer<patrol_error>!
) -> Int32 {
    boundary(error) { () throws(PatrolError) in try simulator(simulation).restart(seed: seed) }
}

@_cdecl("patrol_simulation_run") @implementation
public func patrol_simulation_run(
    _ simulation: OpaquePointer!, _ until_seconds: Double, _ error: UnsafeMutablePointer<patrol_error>!
) -> Int32 {
    boundary(error) { () throws(PatrolError) in
        let simulator = try simulator(simulation)
        try checkTime(until_seconds)
        try simulator.run(until: until_seconds)
    }
}

@_cdecl("patrol_simulation_step") @implementation
public func patrol_simulation_step(
    _ simulation: OpaquePointer!, _ until_seconds: Double, _ due: UnsafeMutablePointer<Int32>!,
    _ error: UnsafeMutablePointer<patrol_error>!
) -> Int32 {
    boundary(error) { () throws(PatrolError) in
        let simulator = try simulator(simulation)
        let due = try required(due, "due")
        try checkTime(until_seconds)
        due.pointee = cDue(try simulator.stepToDecision(until: until_seconds))
    }
}

private func checkTime(_ seconds: Double) throws(PatrolError) {
    try checkNumber(seconds, in: 0...latestTime, "until_seconds")
}

private func cDue(_ due: DecisionDue) -> Int32 {
    switch due {
    case .none: PATROL_DUE_NOTHING
    case .dispatch: PATROL_DUE_DISPATCH
    case .patrol: PATROL_DUE_PATROL
    }
}

@_cdecl("patrol_simulation_decide") @implementation
public func patrol_simulation_decide(_ simulation: OpaquePointer!, _ error: UnsafeMutablePointer<patrol_error>!)
    -> Int32
{
    boundary(error) { () throws(PatrolError) in try simulator(simulation).decide() }
}

@_cdecl("patrol_simulation_assign") @implementation
public func patrol_simulation_assign(
    _ simulation: OpaquePointer!, _ unit: UInt32, _ incident: UInt32, _ error: UnsafeMutablePointer<patrol_error>!
) -> Int32 {
    boundary(error) { () throws(PatrolError) in
        try simulator(simulation).assign(unit: Int(unit), toIncident: Int(incident))
    }
}

@_cdecl("patrol_simulation_move") @implementation
public func patrol_simulation_move(
    _ simulation: OpaquePointer!, _ unit: UInt32, _ node: UInt32, _ error: UnsafeMutablePointer<patrol_error>!
) -> Int32 {
    boundary(error) { () throws(PatrolError) in try simulator(simulation).move(unit: Int(unit), to: Int(node)) }
}

@_cdecl("patrol_simulation_copy") @implementation
public func patrol_simulation_copy(
    _ simulation: OpaquePointer!, _ other: OpaquePointer!, _ measuring: UInt32,
    _ error: UnsafeMutablePointer<patrol_error>!
) -> Int32 {
    boundary(error) { () throws(PatrolError) in
        let simulator = try simulator(simulation)
        let other: SimulationHandle = try object(other, "other")
        try checkCount(Int(measuring), in: 0...1, "measuring")
        try check(
            simulator !== other.simulator, .invalidArgument, "other is the simulation itself, expected another one")
        try simulator.copy(other.simulator, measuring: measuring == 1)
    }
}

@_cdecl("patrol_simulation_renew_future") @implementation
public func patrol_simulation_renew_future(
    _ simulation: OpaquePointer!, _ seed: UInt64, _ error: UnsafeMutablePointer<patrol_error>!
) -> Int32 {
    boundary(error) { () throws(PatrolError) in try simulator(simulation).renewFuture(seed: seed) }
}

@_cdecl("patrol_simulation_get_state") @implementation
public func patrol_simulation_get_state(
    _ simulation: OpaquePointer!, _ state: UnsafeMutablePointer<patrol_simulation_state>!,
    _ error: UnsafeMutablePointer<patrol_error>!
) -> Int32 {
    boundary(error) { () throws(PatrolError) in
        let simulator = try simulator(simulation)
        try fill(state, "state") {
            $0.due = cDue(simulator.due)
            $0.time_seconds = simulator.now
            $0.cumulative_cost = simulator.cumulativeCost
            $0.events = simulator.eventCount
            $0.decisions = simulator.decisionCount
            $0.open_incidents = UInt32(simulator.openCallCount)
            $0.queued_incidents = UInt32(simulator.queuedCallCount)
            $0.events_lost = simulator.events?.overwritten ?? 0
        }
    }
}

import PatrolDecisions
import PatrolModel
import PatrolSimulation

extension Buffer {
    convenience init(_ values: [Element], or empty: Element) throws {
        try self.init(count: values.count, repeating: empty)
        for k in values.indices { self[k] = values[k] }
    }
}

/// An engine with a patrol and a dispatch policy, and rules changed at will.
func engine(
    _ area: ServiceArea, _ patrol: PatrolPolicyKind = .stay, _ dispatch: DispatchPolicyKind = .closestFirstCome,
    groupWeights: [Float]? = nil, _ change: (inout EngineOptions) -> Void = { _ in }
) throws -> DecisionEngine {
    var options = EngineOptions()
    options.patrolPolicy = patrol
    options.dispatchPolicy = dispatch
    change(&options)
    guard let groupWeights else {
        return try DecisionEngine(area: area, policy: nil, options: options, groupWeights: nil)
    }
    return try groupWeights.withUnsafeBufferPointer {
        try DecisionEngine(area: area, policy: nil, options: options, groupWeights: $0)
    }
}

/// A scenario with changes.
func scenario(
    _ area: ServiceArea, units: Int, _ change: (inout ScenarioArrays) throws -> Void = { _ in }
) throws -> ScenarioArrays {
    var scenario = try ScenarioArrays(area: area, unitCount: units)
    try change(&scenario)
    return scenario
}

/// A log of calls as (time, node, category, service seconds).
func log(_ calls: [(time: Double, node: Int32, category: Int32, service: Float)]) throws -> CallLog {
    CallLog(
        try Buffer(
            calls.map { call in
                var entry = CallLog.Entry()
                (entry.time, entry.node, entry.category, entry.serviceSeconds) = (
                    call.time, call.node, call.category, call.service
                )
                return entry
            }, or: CallLog.Entry()))
}

/// Every event of a run.
func trace(_ model: Scenario, _ engine: DecisionEngine, seed: UInt64, until end: Double) throws -> [SimulationEvent] {
    let ring = try EventRing(capacity: 1 << 16)
    let simulator = try Simulator(model, engine: engine, seed: seed, events: ring)
    var events: [SimulationEvent] = []
    var time = model.scenario.start
    while time < end {
        time = min(end, time + 3600)
        try simulator.run(until: time)
        while let event = ring.next() { events.append(event) }
    }
    precondition(ring.overwritten == 0, "the ring is too small for this test")
    return events
}

/// An event with every bit of it, for comparisons.
struct Bits: Hashable {
    let time: UInt64
    let kind: Int32
    let unit: Int32
    let call: UInt64
    let node: Int32

    init(_ event: SimulationEvent) {
        (time, kind, unit) = (event.time.bitPattern, event.kind.rawValue, event.unit)
        (call, node) = (event.call, event.node)
    }
}

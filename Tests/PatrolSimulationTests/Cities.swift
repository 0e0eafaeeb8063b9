import PatrolDecisions
import PatrolModel
import PatrolSimulation

/// A small area, to be changed at will.
struct City {
    var nodeCount = 1
    var edges: [UInt32] = []
    var seconds: [Float] = []
    var emergencySeconds: [Float] = []
    var beats: [Int32]?
    var groups: [Int32]?
    var serviceSeconds: [Float] = [600]
    var weights: [Float] = [1]
    var periodHours = 1
    /// [nodes, categories, period hours].
    var demand: [Float] = []
    var locations: [UInt32] = []

    /// One place where everything happens: no travel.
    init(callsPerHour: Float, serviceSeconds: Float = 600) {
        self.serviceSeconds = [serviceSeconds]
        demand = [callsPerHour]
    }

    /// Streets of a grid, both ways, in two beats, the columns left and right of the middle, and two groups, top and bottom.
    init(side: Int, edgeSeconds: Float = 60, callsPerHour: Float, serviceSeconds: [Float] = [1500, 900]) {
        nodeCount = side * side
        for node in 0..<nodeCount {
            for other in [node % side + 1 < side ? node + 1 : nil, node + side < nodeCount ? node + side : nil] {
                guard let other else { continue }
                edges += [UInt32(node), UInt32(other), UInt32(other), UInt32(node)]
                seconds += [edgeSeconds, edgeSeconds]
            }
        }
        emergencySeconds = seconds.map { 0.7 * $0 }
        beats = (0..<nodeCount).map { $0 % side < side / 2 ? 0 : 1 }
        groups = (0..<nodeCount).map { $0 / side < side / 2 ? 0 : 1 }
        self.serviceSeconds = serviceSeconds
        weights = serviceSeconds.indices.map { $0 == 0 ? 3 : 1 }
        let cells = nodeCount * serviceSeconds.count
        demand = Array(repeating: callsPerHour / Float(cells), count: cells)
    }

    /// A random city: streets of random length both ways on a ring with chords, demand by hour of the day.
    init(random: inout RandomNumbers) {
        nodeCount = 6 + random.below(30)
        func street(_ a: Int, _ b: Int, _ random: inout RandomNumbers) {
            let length = Float(5 + random.below(120))
            edges += [UInt32(a), UInt32(b), UInt32(b), UInt32(a)]
            seconds += [length, length]
        }
        for node in 0..<nodeCount { street(node, (node + 1) % nodeCount, &random) }
        for _ in 0..<nodeCount / 3 { street(random.below(nodeCount), random.below(nodeCount), &random) }
        emergencySeconds = seconds.map { 0.6 * $0 }
        beats = (0..<nodeCount).map { _ in Int32(random.below(4)) - 1 }
        groups = (0..<nodeCount).map { _ in Int32(random.below(3)) }
        serviceSeconds = [900, 1800, 600]
        weights = [4, 2, 1]
        periodHours = 24
        demand = (0..<nodeCount * 3 * 24).map { _ in Float(random.below(100)) / Float(100 * nodeCount) }
        if random.below(2) == 0 { locations = stride(from: 0, to: nodeCount, by: 3).map { UInt32($0) } }
    }

    func area() throws -> ServiceArea {
        var description = AreaDescription()
        description.nodeCount = nodeCount
        description.categoryCount = serviceSeconds.count
        description.periodHours = periodHours
        description.demandNodeCount = nodeCount
        let (edges, seconds, emergency) = (Lent(edges), Lent(seconds), Lent(emergencySeconds))
        let (service, weights, demand) = (Lent(serviceSeconds), Lent(weights), Lent(demand))
        let (beats, groups, locations) = (beats.map { Lent($0) }, groups.map { Lent($0) }, Lent(locations))
        description.edges = edges.elements
        description.edgePatrolSeconds = seconds.elements
        description.edgeEmergencySeconds = emergency.elements
        description.categoryServiceSeconds = service.elements
        description.categoryWeights = weights.elements
        description.demandCallsPerHour = demand.elements
        description.nodeBeats = beats?.elements
        description.nodeGroups = groups?.elements
        description.patrolLocations = locations.elements
        return try withExtendedLifetime((edges, seconds, emergency, service, weights, demand)) {
            try withExtendedLifetime((beats, groups, locations)) {
                try ServiceArea(description, maxDemandPoints: 256, patrolSpacing: 90)
            }
        }
    }
}

/// A copy of an array that ends with this object.
private final class Lent<Element> {
    let elements: UnsafeBufferPointer<Element>

    init(_ values: [Element]) {
        let copy = UnsafeMutableBufferPointer<Element>.allocate(capacity: max(1, values.count))
        _ = copy.initialize(from: values)
        elements = UnsafeBufferPointer(start: copy.baseAddress, count: values.count)
    }

    deinit { UnsafeMutablePointer(mutating: elements.baseAddress)?.deallocate() }
}

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
    guard let groupWeights else { return try DecisionEngine(area: area, policy: nil, options: options, groupWeights: nil) }
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
    CallLog(try Buffer(calls.map { call in
        var entry = CallLog.Entry()
        (entry.time, entry.node, entry.category, entry.serviceSeconds) = (call.time, call.node, call.category, call.service)
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

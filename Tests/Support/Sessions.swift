import PatrolDecisions
import PatrolModel
import PatrolNetworks

extension ServiceArea {
    public func session(
        _ options: EngineOptions = EngineOptions(), policy: TrainedPolicy? = nil, units: Int = 16, incidents: Int = 16,
        holdTravelSeconds: [Float] = []
    ) throws(PatrolError) -> DecisionSession {
        let engine = try holdTravelSeconds.withUnsafeBufferPointer { (limits) throws(PatrolError) in
            try DecisionEngine(
                area: self, policy: policy, options: options, groupWeights: nil, holdTravelSeconds: limits)
        }
        return try DecisionSession(engine: engine, maximumUnits: units, maximumIncidents: incidents)
    }
}

extension DecisionSession {
    /// Starts a new snapshot at a time of day.
    public func begin(time: Double = 43_200) {
        snapshot.unitCount = 0
        snapshot.incidentCount = 0
        snapshot.time = time
    }

    @discardableResult
    public func add(unit node: Int, _ change: (inout PatrolUnit) -> Void = { _ in }) -> Int {
        var unit = PatrolUnit()
        unit.id = UInt64(100 + snapshot.unitCount)
        unit.node = Int32(node)
        change(&unit)
        snapshot.units[snapshot.unitCount] = unit
        snapshot.unitOrder[snapshot.unitCount] = Int32(snapshot.unitCount)
        snapshot.unitCount += 1
        return snapshot.unitCount - 1
    }

    @discardableResult
    public func add(call node: Int, priority: Int32 = 2, _ change: (inout Incident) -> Void = { _ in }) -> Int {
        var call = Incident()
        call.id = UInt64(500 + snapshot.incidentCount)
        call.node = Int32(node)
        call.priority = priority
        call.serviceSeconds = 1200
        change(&call)
        snapshot.incidents[snapshot.incidentCount] = call
        snapshot.incidentCount += 1
        return snapshot.incidentCount - 1
    }

    /// The call that each unit is assigned to, or nil.
    public func dispatched() throws(PatrolError) -> [Int?] {
        try decideDispatch(SolverLimits())
        var calls = [Int?](repeating: nil, count: snapshot.unitCount)
        for a in 0..<dispatch.assignmentCount {
            calls[Int(dispatch.assignments[a].unit)] = Int(dispatch.assignments[a].incident)
        }
        return calls
    }
}

/// Networks with random weights.
public func randomPolicy(
    _ random: inout RandomNumbers, hidden: Int, concave: Bool, scale: Double
) throws(PatrolError) -> TrainedPolicy {
    func floats(_ count: Int, _ scale: Double) throws(PatrolError) -> Buffer<Float> {
        let buffer = try Buffer<Float>(count: count, repeating: 0)
        for k in 0..<count { buffer[k] = Float((2 * random.uniform() - 1) * scale) }
        return buffer
    }
    func doubles(_ count: Int, _ scale: Double) throws(PatrolError) -> Buffer<Double> {
        let buffer = try Buffer<Double>(count: count, repeating: 0)
        for k in 0..<count { buffer[k] = (2 * random.uniform() - 1) * scale }
        return buffer
    }
    func network(_ inputs: Int, _ scale: Double) throws(PatrolError) -> DenseNetwork {
        try DenseNetwork(layers: [
            DenseLayer(inputs: inputs, outputs: 16, weights: try floats(inputs * 16, 0.5), bias: try floats(16, 0.5)),
            DenseLayer(inputs: 16, outputs: 1, weights: try floats(16, scale), bias: try floats(1, scale)),
        ])
    }
    let output = try doubles(hidden, scale)
    if concave { for k in 0..<hidden { output[k] = -abs(output[k]) } }
    let value = try ValueNetwork(
        skip: try doubles(64, scale), constant: 0, hidden: try doubles(64 * hidden, 1),
        hiddenBias: try doubles(hidden, 1),
        output: output, normalization: nil)
    return TrainedPolicy(patrol: try network(28, 1), pair: try network(24, scale), value: value)
}

/// A session of a city of 36 nodes under a dispatch policy and rules.
public func session(
    _ policy: DispatchPolicyKind, _ change: (inout DispatchRules) -> Void = { _ in }
) throws -> DecisionSession {
    var options = EngineOptions()
    options.dispatchPolicy = policy
    change(&options.rules)
    return try City(side: 6, seed: 1).area().session(options)
}

import Patrol

/// A street of three corners, two units and one call: who goes to the call, and where does the other unit patrol?
func decideOnce() throws -> String {
    let edges: [UInt32] = [0, 1, 1, 0, 1, 2, 2, 1]  // from, to: one street, both ways
    let (seconds, onScene): ([Float], [Float]) = ([60, 60, 90, 90], [900])
    var street = AreaDescription()
    (street.nodeCount, street.categoryCount) = (3, 1)
    let area = try edges.withUnsafeBufferPointer { edges in
        try seconds.withUnsafeBufferPointer { seconds in
            try onScene.withUnsafeBufferPointer { onScene in
                (street.edges, street.edgePatrolSeconds, street.categoryServiceSeconds) = (edges, seconds, onScene)
                return try ServiceArea(street, maxDemandPoints: 256, patrolSpacing: 90)
            }
        }
    }
    let engine = try DecisionEngine(area: area, policy: nil, options: EngineOptions(), groupWeights: nil)
    let session = try DecisionSession(engine: engine, maximumUnits: 2, maximumIncidents: 1)
    let now = session.snapshot
    (now.unitCount, now.incidentCount) = (2, 1)
    (now.units[0].id, now.units[0].node, now.unitOrder[0]) = (17, 0, 0)
    (now.units[1].id, now.units[1].node, now.unitOrder[1]) = (18, 1, 1)
    (now.incidents[0].id, now.incidents[0].node, now.incidents[0].serviceSeconds) = (4711, 2, 900)
    try session.decideDispatch(SolverLimits())
    try session.decidePatrol(afterDispatch: true)
    let sent = session.dispatch.assignments[0]
    return
        "unit \(now.units[Int(sent.unit)].id) goes to call \(now.incidents[Int(sent.incident)].id); unit 17 patrols at \(session.moves[0].target)"
}

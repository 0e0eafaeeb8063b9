import CKernels
import CPatrol
import PatrolDecisions
import PatrolModel

@_cdecl("patrol_explain") @implementation
public func patrol_explain(
    _ session: OpaquePointer!, _ snapshot: UnsafePointer<patrol_snapshot>!,
    _ options: UnsafePointer<patrol_decide_options>!,
    _ explanations: UnsafeMutablePointer<patrol_explanation>!, _ capacity: Int, _ stride: Int,
    _ count: UnsafeMutablePointer<Int>!,
    _ error: UnsafeMutablePointer<patrol_error>!
) -> Int32 {
    let start = kernels_monotonic_nanoseconds()
    return boundary(error) { () throws(PatrolError) in
        let question = try Question(session, snapshot, options, start: start, error)
        try explain(question, incident: nil, explanations, capacity, stride, count)
    }
}

@_cdecl("patrol_explain_call") @implementation
public func patrol_explain_call(
    _ session: OpaquePointer!, _ snapshot: UnsafePointer<patrol_snapshot>!,
    _ options: UnsafePointer<patrol_decide_options>!, _ incident_id: UInt64,
    _ explanations: UnsafeMutablePointer<patrol_explanation>!, _ capacity: Int, _ stride: Int,
    _ count: UnsafeMutablePointer<Int>!,
    _ error: UnsafeMutablePointer<patrol_error>!
) -> Int32 {
    let start = kernels_monotonic_nanoseconds()
    return boundary(error) { () throws(PatrolError) in
        let question = try Question(session, snapshot, options, start: start, error)
        let incident = try question.handle.incident(incident_id)
        try explain(question, incident: incident, explanations, capacity, stride, count)
    }
}

@_cdecl("patrol_pair_explanation_init") @implementation
public func patrol_pair_explanation_init(_ explanation: UnsafeMutablePointer<patrol_pair_explanation>!) {
    initialize(explanation)
}

@_cdecl("patrol_explain_pair") @implementation
public func patrol_explain_pair(
    _ session: OpaquePointer!, _ snapshot: UnsafePointer<patrol_snapshot>!,
    _ options: UnsafePointer<patrol_decide_options>!, _ unit_id: UInt64, _ incident_id: UInt64,
    _ explanation: UnsafeMutablePointer<patrol_pair_explanation>!, _ error: UnsafeMutablePointer<patrol_error>!
) -> Int32 {
    let start = kernels_monotonic_nanoseconds()
    return boundary(error) { () throws(PatrolError) in
        let target = try required(explanation, "explanation")
        let given = try read(target, "explanation")
        let question = try Question(session, snapshot, options, start: start, error)
        let handle = question.handle
        let found = try handle.session.explainPair(
            unit: try handle.unit(unit_id), incident: try handle.incident(incident_id), question.limits)
        fill(target, given: given) {
            $0.reason = found.reason.rawValue
            let incident = Int(found.assignedIncident)
            $0.assigned_incident_id = incident >= 0 ? handle.snapshot.incidents[incident].id : .max
            $0.objective_loss = found.objectiveLoss
            $0.least_loss = found.leastLoss
            $0.travel_seconds = found.seconds
            $0.solver_status = found.outcome?.rawValue ?? PATROL_SOLVER_NOT_ASKED
            $0.abstained = handle.session.abstainedFromDispatch ? 1 : 0
        }
    }
}

/// A session that has taken a snapshot about which something is asked, and what limits the answer.
private struct Question {
    let handle: SessionHandle
    let limits: SolverLimits

    init(
        _ session: OpaquePointer?, _ snapshot: UnsafePointer<patrol_snapshot>?,
        _ options: UnsafePointer<patrol_decide_options>?, start: Int64, _ error: UnsafeMutablePointer<patrol_error>?
    ) throws(PatrolError) {
        handle = try object(session, "session")
        let options = try decideOptions(options)
        limits = solverLimits(options, start: start)
        try handle.take(snapshot, refusing: options.bad_rows == UInt32(PATROL_BAD_ROWS_REFUSE), error)
    }
}

extension SessionHandle {
    fileprivate func incident(_ id: UInt64) throws(PatrolError) -> Int {
        let incident = Int(incidentRows.index(of: id))
        try check(
            incident >= 0, .invalidId,
            "incident_id is \(id), which is not a call of the snapshot, or is one that is left out")
        return incident
    }

    func unit(_ id: UInt64) throws(PatrolError) -> Int {
        let unit = Int(unitRows.index(of: id))
        try check(
            unit >= 0, .invalidId, "unit_id is \(id), which is not a unit of the snapshot, or is one that is left out")
        return unit
    }
}

private func explain(
    _ question: Question, incident: Int?, _ explanations: UnsafeMutablePointer<patrol_explanation>?, _ capacity: Int,
    _ stride: Int, _ count: UnsafeMutablePointer<Int>?
) throws(PatrolError) {
    let count = try required(count, "count")
    _ = try Strided(UnsafePointer(explanations), count: capacity == 0 ? 0 : 1, stride: stride, "explanations")
    let session = question.handle.session
    try session.explain(question.limits, incident: incident)
    let length = session.dispatch.explanationCount
    try announce(length, capacity: capacity, into: count, "explanations")
    guard capacity > 0 else { return }
    let output = try Strided(UnsafePointer(explanations), count: length, stride: stride, "explanations")
    for k in 0..<length {
        var explanation = cExplanation(session.dispatch.explanations[k], session.snapshot)
        explanation.abstained = session.abstainedFromDispatch ? 1 : 0
        output.store(explanation, at: k)
    }
}

private func cExplanation(_ explanation: DispatchExplanation, _ snapshot: Snapshot) -> patrol_explanation {
    let runnerUp = Int(explanation.runnerUp)
    return patrol_explanation.with {
        $0.unit_id = snapshot.units[Int(explanation.assignment.unit)].id
        $0.incident_id = snapshot.incidents[Int(explanation.assignment.incident)].id
        $0.runner_up_unit_id = runnerUp >= 0 ? snapshot.units[runnerUp].id : .max
        $0.objective_loss = explanation.objectiveLoss
        $0.reward = explanation.assignment.reward
        $0.value_change = explanation.valueChange
        $0.travel_seconds = explanation.assignment.seconds
        $0.runner_up_travel_seconds = explanation.runnerUpSeconds
        $0.solver_status = explanation.outcome.rawValue
        $0.least_loss = explanation.leastLoss
    }
}

@_cdecl("patrol_rank_units") @implementation
public func patrol_rank_units(
    _ session: OpaquePointer!, _ snapshot: UnsafePointer<patrol_snapshot>!, _ incident_id: UInt64,
    _ units: UnsafeMutablePointer<patrol_ranked_unit>!, _ capacity: Int, _ stride: Int,
    _ count: UnsafeMutablePointer<Int>!,
    _ error: UnsafeMutablePointer<patrol_error>!
) -> Int32 {
    boundary(error) { () throws(PatrolError) in
        let handle: SessionHandle = try object(session, "session")
        let count = try required(count, "count")
        let capacity = try size(capacity, "capacity")
        _ = try Strided(UnsafePointer(units), count: min(capacity, 1), stride: stride, "units")
        try handle.take(snapshot, error)
        let taken = handle.session.snapshot
        let incident = try handle.incident(incident_id)
        let ranked = try handle.session.rankUnits(incident: incident)
        let length = min(ranked, capacity)
        let output = try Strided(UnsafePointer(units), count: length, stride: stride, "units")
        for k in 0..<length {
            let unit = handle.session.dispatch.ranking[k]
            output.store(
                patrol_ranked_unit.with {
                    $0.unit_id = taken.units[Int(unit.unit)].id
                    $0.worth = unit.worth
                    $0.travel_seconds = unit.seconds
                },
                at: k)
        }
        count.pointee = length
    }
}

@_cdecl("patrol_write_program") @implementation
public func patrol_write_program(
    _ session: OpaquePointer!, _ snapshot: UnsafePointer<patrol_snapshot>!, _ text: UnsafeMutablePointer<CChar>!,
    _ capacity: Int,
    _ size: UnsafeMutablePointer<Int>!, _ error: UnsafeMutablePointer<patrol_error>!
) -> Int32 {
    boundary(error) { () throws(PatrolError) in
        let handle: SessionHandle = try object(session, "session")
        let size = try required(size, "size")
        if capacity != 0 { _ = try required(text, "text") }
        try handle.take(snapshot, error)
        let program = try handle.session.dispatchProgram()
        let length = program.writeLP(into: nil, capacity: 0)
        try announce(length, capacity: capacity, into: size, "text")
        guard capacity > 0 else { return }
        text.withMemoryRebound(to: UInt8.self, capacity: length) { _ = program.writeLP(into: $0, capacity: length) }
    }
}

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

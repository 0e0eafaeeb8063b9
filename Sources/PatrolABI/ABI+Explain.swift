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
        let handle: SessionHandle = try object(session, "session")
        let options = try decideOptions(options)
        let count = try required(count, "count")
        _ = try Strided(UnsafePointer(explanations), count: capacity == 0 ? 0 : 1, stride: stride, "explanations")
        try handle.take(snapshot, refusing: options.bad_rows == UInt32(PATROL_BAD_ROWS_REFUSE), error)
        try handle.session.explain(solverLimits(options, start: start))
        let dispatch = handle.session.dispatch
        let length = dispatch.explanationCount
        try announce(length, capacity: capacity, into: count, "explanations")
        guard capacity > 0 else { return }
        let output = try Strided(UnsafePointer(explanations), count: length, stride: stride, "explanations")
        for k in 0..<length { output.store(cExplanation(dispatch.explanations[k], handle.session.snapshot), at: k) }
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
        let incident = Int(handle.incidentRows.index(of: incident_id))
        try check(
            incident >= 0, .invalidId,
            "incident_id is \(incident_id), which is not a call of the snapshot, or is one that is left out")
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

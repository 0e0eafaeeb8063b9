import CPatrol
import PatrolDecisions
import PatrolModel

/// A session that has taken a snapshot about which something is asked, and what limits the answer.
struct Question {
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
    func incident(_ id: UInt64) throws(PatrolError) -> Int {
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

/// Asks with the default options, but without a deadline.
func inAnyTime(_ ask: (UnsafePointer<patrol_decide_options>) -> Int32) -> Int32 {
    var options = patrol_decide_options()
    patrol_decide_options_init(&options)
    options.deadline_microseconds = 0
    return ask(&options)
}

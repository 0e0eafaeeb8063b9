import CKernels
import CPatrol
import PatrolDecisions
import PatrolModel

@_cdecl("patrol_unit_init") @implementation
public func patrol_unit_init(_ unit: UnsafeMutablePointer<patrol_unit>!) {
    initialize(unit)
}

@_cdecl("patrol_incident_init") @implementation
public func patrol_incident_init(_ incident: UnsafeMutablePointer<patrol_incident>!) {
    initialize(incident)
}

@_cdecl("patrol_snapshot_init") @implementation
public func patrol_snapshot_init(_ snapshot: UnsafeMutablePointer<patrol_snapshot>!) {
    initialize(snapshot)
}

@_cdecl("patrol_decide_options_init") @implementation
public func patrol_decide_options_init(_ options: UnsafeMutablePointer<patrol_decide_options>!) {
    initialize(options)
}

private let bothTasks = UInt32(PATROL_TASK_DISPATCH) | UInt32(PATROL_TASK_PATROL)

@_cdecl("patrol_answer_init") @implementation
public func patrol_answer_init(_ answer: UnsafeMutablePointer<patrol_answer>!) {
    initialize(answer)
}

@_cdecl("patrol_decide") @implementation
public func patrol_decide(
    _ session: OpaquePointer!, _ snapshot: UnsafePointer<patrol_snapshot>!,
    _ options: UnsafePointer<patrol_decide_options>!,
    _ answer: UnsafeMutablePointer<patrol_answer>!, _ error: UnsafeMutablePointer<patrol_error>!
) -> Int32 {
    let start = kernels_monotonic_nanoseconds()
    return boundary(error) { () throws(PatrolError) in
        let handle: SessionHandle = try object(session, "session")
        try decide(handle, snapshot, try decideOptions(options), answer, start: start, error)
    }
}

@_cdecl("patrol_decide_many") @implementation
public func patrol_decide_many(
    _ session: OpaquePointer!, _ snapshots: UnsafePointer<patrol_snapshot>!, _ snapshot_stride: Int, _ count: Int,
    _ options: UnsafePointer<patrol_decide_options>!, _ answers: UnsafeMutablePointer<patrol_answer>!,
    _ answer_stride: Int,
    _ statuses: UnsafeMutablePointer<Int32>!, _ errors: UnsafeMutablePointer<patrol_error>!,
    _ error: UnsafeMutablePointer<patrol_error>!
) -> Int32 {
    boundary(error) { () throws(PatrolError) in
        let handle: SessionHandle = try object(session, "session")
        let options = try decideOptions(options)
        let snapshots = try Strided(snapshots, count: count, stride: snapshot_stride, "snapshots")
        let answers = try Strided(UnsafePointer(answers), count: count, stride: answer_stride, "answers")
        guard snapshots.count > 0 else { return }
        let statuses = try required(statuses, "statuses")
        for k in 0..<snapshots.count {
            let start = kernels_monotonic_nanoseconds()
            let own = errors.map { $0 + k }
            statuses[k] = boundary(own) { () throws(PatrolError) in
                try decide(handle, snapshots.pointer(k), options, answers.pointer(k), start: start, own)
            }
        }
    }
}

/// Decides one snapshot. - Parameter error: receives the first row that is left out.
private func decide(
    _ handle: SessionHandle, _ snapshot: UnsafePointer<patrol_snapshot>?, _ options: patrol_decide_options,
    _ answer: UnsafeMutablePointer<patrol_answer>?, start: Int64, _ error: UnsafeMutablePointer<patrol_error>?
) throws(PatrolError) {
    let limits = solverLimits(options, start: start)
    let target = try required(answer, "answer")
    var answer = try read(target, "answer")
    try handle.take(snapshot, refusing: options.bad_rows == UInt32(PATROL_BAD_ROWS_REFUSE), error)
    let output = try AnswerBuffers(answer, tasks: options.tasks, handle.session.snapshot)
    let dispatch = options.tasks & UInt32(PATROL_TASK_DISPATCH) != 0
    let patrol = options.tasks & UInt32(PATROL_TASK_PATROL) != 0
    if dispatch { try handle.session.decideDispatch(limits, beforePatrol: patrol) }
    let dispatched = kernels_monotonic_nanoseconds()
    if patrol { try handle.session.decidePatrol(afterDispatch: dispatch, limits.clock) }
    if dispatch, output.plans.count > 0 { handle.session.planBusy(most: output.plans.count, limits.clock) }
    output.write(handle, tasks: options.tasks, into: &answer)
    output.writeIssues(handle.issues, into: &answer)
    let phases = dispatch ? handle.session.dispatch.phases : DispatchPhases()
    answer.routing_microseconds = microseconds(phases.routing)
    answer.setup_microseconds = microseconds(phases.setup)
    answer.solver_microseconds = microseconds(phases.solver)
    let end = kernels_monotonic_nanoseconds()
    answer.patrol_microseconds = patrol ? microseconds(end - dispatched) : 0
    answer.microseconds = microseconds(end - start)
    write(answer, to: target)
}

private func microseconds(_ nanoseconds: Int64) -> UInt64 { UInt64(max(0, nanoseconds)) / 1000 }

/// The options, checked.
func decideOptions(_ pointer: UnsafePointer<patrol_decide_options>?) throws(PatrolError) -> patrol_decide_options {
    let options = try readOptional(pointer, "options")
    try check(
        options.tasks >= 1 && options.tasks <= bothTasks, .invalidArgument,
        "tasks is \(options.tasks), expected 1 (dispatch), 2 (patrol) or 3 (both)")
    try checkNonNegative(options.relative_gap, "relative_gap")
    try check(
        options.bad_rows <= UInt32(PATROL_BAD_ROWS_REFUSE), .invalidArgument,
        "bad_rows is \(options.bad_rows), expected 0 (leave out) or 1 (refuse)")
    try checkCount(Int(options.reserved), in: 0...0, "options->reserved")
    return options
}

func solverLimits(_ options: patrol_decide_options, start: Int64) -> SolverLimits {
    var limits = SolverLimits()
    limits.relativeGap = options.relative_gap
    limits.nodeLimit = options.node_limit
    limits.clock = callClock(options.deadline_microseconds, options.cancel, start: start)
    return limits
}

/// Work is cut a little before the answer is due: a 64th of the time, at most 4 ms, is left for what follows the last look at
/// the clock.
/// - Parameter deadline: microseconds from the start, 0 for none.
func callClock(_ deadline: UInt64, _ cancelFlag: UnsafePointer<Int32>?, start: Int64) -> CallClock {
    var clock = CallClock()
    clock.cancelFlag = cancelFlag
    if deadline != 0 {
        let nanoseconds = Int64(clamping: deadline).multipliedReportingOverflow(by: 1000)
        let end = start.addingReportingOverflow(nanoseconds.partialValue)
        if !nanoseconds.overflow && !end.overflow {
            clock.deadline = end.partialValue - min(nanoseconds.partialValue / 64, 4_000_000)
        }
    }
    return clock
}

/// The caller's output arrays, checked before anything is decided.
struct AnswerBuffers {
    let moves: Strided<patrol_move>
    let assignments: Strided<patrol_assignment>
    let waits: Strided<patrol_wait>
    let issues: Strided<patrol_row_issue>
    let plans: Strided<patrol_plan>

    init(_ answer: patrol_answer, tasks: UInt32, _ snapshot: Snapshot) throws(PatrolError) {
        let patrol = tasks & UInt32(PATROL_TASK_PATROL) != 0
        let dispatch = tasks & UInt32(PATROL_TASK_DISPATCH) != 0
        moves = try AnswerBuffers.buffer(
            answer.moves, answer.move_capacity, answer.move_stride, needed: patrol ? snapshot.unitCount : 0, "moves")
        assignments = try AnswerBuffers.buffer(
            answer.assignments, answer.assignment_capacity, answer.assignment_stride,
            needed: dispatch ? snapshot.unitCount : 0, "assignments")
        waits = try AnswerBuffers.buffer(
            answer.waits, answer.wait_capacity, answer.wait_stride, needed: dispatch ? snapshot.incidentCount : 0,
            "waits")
        issues = try Strided(
            UnsafePointer(answer.issues), count: answer.issue_capacity, stride: answer.issue_stride, "issues")
        plans = try Strided(
            UnsafePointer(answer.plans), count: answer.plan_capacity, stride: answer.plan_stride, "plans")
    }

    private static func buffer<Element>(
        _ pointer: UnsafeMutablePointer<Element>?, _ capacity: Int, _ stride: Int, needed: Int, _ name: StaticString
    ) throws(PatrolError) -> Strided<Element> {
        if needed > 0 { _ = try required(pointer, name) }
        try check(capacity >= needed, .capacity, "\(name) has room for \(capacity) elements, \(needed) are needed")
        return try Strided(UnsafePointer(pointer), count: needed, stride: stride, name)
    }

    /// As many issues as there is room for; the count is of all.
    func writeIssues(_ found: RowIssues, into answer: inout patrol_answer) {
        for k in 0..<min(found.count, found.list.count, issues.count) { issues.store(found.list[k], at: k) }
        answer.issue_count = found.count
    }

    func write(_ handle: SessionHandle, tasks: UInt32, into answer: inout patrol_answer) {
        let session = handle.session
        let snapshot = session.snapshot
        answer.move_count = 0
        answer.assignment_count = 0
        answer.wait_count = 0
        answer.plan_count = 0
        answer.abstained = session.abstained & tasks
        if tasks & UInt32(PATROL_TASK_PATROL) != 0 {
            for i in 0..<snapshot.unitCount {
                var move = session.moves[i]
                if handle.unitRows.isLeftOut(i) { move.reason = .leftOut }
                moves.store(cMove(move, snapshot.units[i].id), at: i)
            }
            answer.move_count = snapshot.unitCount
        }
        guard tasks & UInt32(PATROL_TASK_DISPATCH) != 0 else {
            answer.solver_status = PATROL_SOLVER_NOT_ASKED
            return
        }
        let dispatch = session.dispatch
        for a in 0..<dispatch.assignmentCount {
            assignments.store(cAssignment(dispatch.assignments[a], snapshot), at: a)
        }
        answer.assignment_count = dispatch.assignmentCount
        for j in 0..<snapshot.incidentCount {
            let isLeftOut = handle.incidentRows.isLeftOut(j)
            guard isLeftOut || dispatch.missing[j] > 0 else { continue }
            let wait = patrol_wait.with {
                $0.incident_id = snapshot.incidents[j].id
                $0.units_missing = isLeftOut ? handle.leftOutMissing[j] : UInt32(dispatch.missing[j])
                $0.reason = (isLeftOut ? WaitReason.leftOut : dispatch.reasons[j]).rawValue
            }
            waits.store(wait, at: answer.wait_count)
            answer.wait_count += 1
        }
        if plans.count > 0 {
            answer.plan_count = dispatch.planCount
            for k in 0..<dispatch.planCount { plans.store(cPlan(dispatch.plans[k], snapshot), at: k) }
        }
        answer.solver_status = dispatch.outcome.rawValue
        answer.objective = dispatch.objective
        answer.bound = dispatch.bound
        answer.relative_gap = dispatch.relativeGap
        answer.nodes = dispatch.nodes
    }
}

extension DecisionSession {
    /// Tasks that the learned policy left to heuristics.
    fileprivate var abstained: UInt32 {
        (abstainedFromDispatch ? UInt32(PATROL_TASK_DISPATCH) : 0)
            | (abstainedFromPatrol ? UInt32(PATROL_TASK_PATROL) : 0)
    }
}

private func cMove(_ move: PatrolMove, _ id: UInt64) -> patrol_move {
    patrol_move.with {
        $0.unit_id = id
        $0.target_node = UInt32(bitPattern: move.target)
        $0.next_node = UInt32(bitPattern: move.nextNode)
        $0.travel_seconds = move.travelSeconds
        $0.dwell_seconds = move.dwellSeconds
        $0.value = move.value
        $0.gain = move.gain
        $0.reason = move.reason.rawValue
    }
}

private func cPlan(_ plan: DispatchPlan, _ snapshot: Snapshot) -> patrol_plan {
    patrol_plan.with {
        $0.unit_id = snapshot.units[Int(plan.unit)].id
        $0.incident_id = snapshot.incidents[Int(plan.incident)].id
        $0.seconds_until_arrival = plan.seconds
        $0.late_seconds_until_arrival = plan.lateSeconds
    }
}

private func cAssignment(_ assignment: DispatchAssignment, _ snapshot: Snapshot) -> patrol_assignment {
    let from = Int(assignment.divertedFrom)
    return patrol_assignment.with {
        $0.unit_id = snapshot.units[Int(assignment.unit)].id
        $0.incident_id = snapshot.incidents[Int(assignment.incident)].id
        $0.diverted_from = from >= 0 ? snapshot.incidents[from].id : .max
        $0.travel_seconds = assignment.seconds
        $0.next_node = UInt32(bitPattern: assignment.nextNode)
        $0.reward = assignment.reward
        $0.need = assignment.need
        $0.substitute = UInt32(bitPattern: assignment.substitute)
    }
}

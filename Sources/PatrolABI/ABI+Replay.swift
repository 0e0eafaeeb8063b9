import CKernels
import CPatrol
import PatrolDecisions
import PatrolModel

@_cdecl("patrol_replay_options_init") @implementation
public func patrol_replay_options_init(_ options: UnsafeMutablePointer<patrol_replay_options>!) {
    initialize(options)
}

@_cdecl("patrol_decision_replay") @implementation
public func patrol_decision_replay(
    _ engine: OpaquePointer!, _ bytes: UnsafePointer<UInt8>!, _ size: Int,
    _ answer: UnsafeMutablePointer<patrol_answer>!,
    _ error: UnsafeMutablePointer<patrol_error>!
) -> Int32 {
    patrol_decision_replay_within(engine, bytes, size, nil, answer, error)
}

@_cdecl("patrol_decision_replay_within") @implementation
public func patrol_decision_replay_within(
    _ engine: OpaquePointer!, _ bytes: UnsafePointer<UInt8>!, _ size: Int,
    _ options: UnsafePointer<patrol_replay_options>!, _ answer: UnsafeMutablePointer<patrol_answer>!,
    _ error: UnsafeMutablePointer<patrol_error>!
) -> Int32 {
    let start = kernels_monotonic_nanoseconds()
    return boundary(error) { () throws(PatrolError) in
        let engine: DecisionEngine = try object(engine, "engine")
        let bytes = try required(bytes, "bytes")
        let size = try PatrolABI.size(size, "size")
        let options = try readOptional(options, "options")
        try checkCount(Int(options.reserved), in: 0...0, "options->reserved")
        let clock = callClock(options.deadline_microseconds, options.cancel, start: start)
        let record = try DecisionRecord(UnsafeRawBufferPointer(start: bytes, count: size), for: engine)
        let tasks = record.outcome.tasks
        let handle = try SessionHandle(
            engine: engine, units: max(1, record.units.count), incidents: record.incidents.count)
        try handle.take(record)
        guard let target = answer else {
            _ = try handle.decideAgain(record, clock)
            return
        }
        var answer = try read(target, "answer")
        let output = try AnswerBuffers(answer, tasks: tasks, handle.session.snapshot)
        let isRestated = try handle.decideAgain(record, clock)
        output.write(handle, tasks: tasks, into: &answer)
        if isRestated { output.takeReasons(of: record.waits) }
        output.writeIssues(handle.issues, into: &answer)
        if isRestated {
            answer.solver_status = record.outcome.status
            answer.bound = record.outcome.bound
            answer.relative_gap = record.outcome.gap
            answer.nodes = record.outcome.nodes
        }
        write(answer, to: target)
    }
}

/// Whether the clock or the cancel flag ended the decision, so that a search would not come to the same end.
private func wasCutShort(_ record: DecisionRecord) -> Bool {
    record.outcome.tasks & UInt32(PATROL_TASK_DISPATCH) != 0
        && (record.outcome.status == DispatchOutcome.deadline.rawValue
            || record.outcome.status == DispatchOutcome.noTime.rawValue
            || record.outcome.status == DispatchOutcome.cancelled.rawValue)
}

/// Whether the clock or the cancel flag may have chosen among decisions that are as good, or that a budget allows.
private func mayHaveBeenCutShort(_ record: DecisionRecord, _ engine: DecisionEngine) -> Bool {
    guard record.outcome.tasks & UInt32(PATROL_TASK_DISPATCH) != 0, engine.options.dispatchPolicy.isProgram else {
        return false
    }
    return record.clock.map { $0.deadline != 0 || $0.hadCancelFlag != 0 } ?? true
}

extension SessionHandle {
    fileprivate func take(_ record: DecisionRecord) throws(PatrolError) {
        var snapshot = patrol_snapshot()
        snapshot.struct_size = UInt32(MemoryLayout<patrol_snapshot>.size)
        snapshot.time_seconds = record.time
        (snapshot.units, snapshot.unit_count, snapshot.unit_stride) = record.units.array
        (snapshot.incidents, snapshot.incident_count, snapshot.incident_stride) = record.incidents.array
        (snapshot.edge_changes, snapshot.edge_change_count, snapshot.edge_change_stride) = record.edgeChanges.array
        (snapshot.pair_costs, snapshot.pair_cost_count, snapshot.pair_cost_stride) = record.costs.array
        (snapshot.substitutes, snapshot.substitute_count, snapshot.substitute_stride) = record.substitutes.array
        if record.travel.count > 0 { snapshot.travel_seconds = record.travel.baseAddress }
        if record.idle.count > 0 { snapshot.location_idle_seconds = record.idle.baseAddress }
        try withUnsafePointer(to: &snapshot) { (pointer) throws(PatrolError) in try take(pointer, nil) }
    }

    /// Takes the decision again, or checks it where the search may not come to the same end.
    /// - Returns: whether it was checked.
    /// - Throws: `mismatch` where it is another decision.
    fileprivate func decideAgain(_ record: DecisionRecord, _ clock: CallClock) throws(PatrolError) -> Bool {
        let dispatch = record.outcome.tasks & UInt32(PATROL_TASK_DISPATCH) != 0
        if wasCutShort(record) {
            if try !decideWithoutTime(record, clock) { try restate(record, clock) }
            return true
        }
        if dispatch {
            var limits = SolverLimits()
            limits.nodeLimit = record.outcome.nodeLimit
            limits.relativeGap = record.outcome.gapAsked
            limits.clock = clock
            try session.decideDispatch(limits)
            switch session.dispatch.outcome {
            case .deadline, .cancelled, .noTime: throw CallClock.outOfTime
            default: break
            }
        }
        let best = session.dispatch.objective
        do {
            try finish(record, clock)
            return false
        } catch {
            guard error.status == .mismatch, mayHaveBeenCutShort(record, session.engine) else { throw error }
        }
        try take(record)
        try restate(record, clock)
        try checkClaim(record, best: best)
        return true
    }

    /// - Returns: whether it is the decision that is made where there is no time at all.
    private func decideWithoutTime(_ record: DecisionRecord, _ clock: CallClock) throws(PatrolError) -> Bool {
        guard record.outcome.status != DispatchOutcome.deadline.rawValue else { return false }
        try session.decideDispatchWithoutTime()
        do {
            try finish(record, clock)
            return true
        } catch {
            guard error.status == .mismatch else { throw error }
        }
        try take(record)
        return false
    }

    /// - Throws: `mismatch` where a search finds more than a record says there is.
    private func checkClaim(_ record: DecisionRecord, best: Double) throws(PatrolError) {
        let outcome = record.outcome
        guard outcome.status == DispatchOutcome.optimal.rawValue || outcome.status == DispatchOutcome.withinGap.rawValue
        else { return }
        let rounding = 1e-9 * max(1, best.magnitude)
        try check(
            best <= outcome.bound + rounding, .mismatch,
            "the replayed objective is \(best), above the recorded bound \(outcome.bound)")
    }

    /// Decides patrol after the dispatch decision, and compares both.
    private func finish(_ record: DecisionRecord, _ clock: CallClock, isRestated: Bool = false) throws(PatrolError) {
        let dispatch = record.outcome.tasks & UInt32(PATROL_TASK_DISPATCH) != 0
        if record.outcome.tasks & UInt32(PATROL_TASK_PATROL) != 0 {
            try session.decidePatrol(afterDispatch: dispatch, clock, most: record.unitsDecided)
            if clock.expired { throw CallClock.outOfTime }
        }
        try compare(self, record, isRestated: isRestated)
    }

    private func restate(_ record: DecisionRecord, _ clock: CallClock) throws(PatrolError) {
        let count = record.assignments.count
        let units = try Buffer<Int32>(count: count, repeating: -1)
        let incidents = try Buffer<Int32>(count: count, repeating: -1)
        for k in 0..<count {
            units[k] = unitRows.index(of: record.assignments[k].unit_id)
            incidents[k] = incidentRows.index(of: record.assignments[k].incident_id)
        }
        try session.restateDispatch(units: units.elements, incidents: incidents.elements, clock)
        try finish(record, clock, isRestated: true)
    }
}

/// - Throws: `mismatch` where the decision differs from the recorded one.
private func compare(_ handle: SessionHandle, _ record: DecisionRecord, isRestated: Bool) throws(PatrolError) {
    let moves = try Buffer(count: record.units.count, repeating: patrol_move())
    let assignments = try Buffer(count: record.units.count, repeating: patrol_assignment())
    let waits = try Buffer(count: record.incidents.count, repeating: patrol_wait())
    var answer = patrol_answer()
    (answer.moves, answer.move_capacity, answer.move_stride) = (
        moves.base, moves.count, MemoryLayout<patrol_move>.stride
    )
    (answer.assignments, answer.assignment_capacity) = (assignments.base, assignments.count)
    answer.assignment_stride = MemoryLayout<patrol_assignment>.stride
    (answer.waits, answer.wait_capacity, answer.wait_stride) = (
        waits.base, waits.count, MemoryLayout<patrol_wait>.stride
    )
    let output = try AnswerBuffers(answer, tasks: record.outcome.tasks, handle.session.snapshot)
    output.write(handle, tasks: record.outcome.tasks, into: &answer)
    if record.clock == nil { forgetNextNodes(assignments, answer.assignment_count, record) }
    try compare(moves, answer.move_count, record.moves, "moves")
    try compare(assignments, answer.assignment_count, record.assignments, "assignments")
    if isRestated { output.takeReasons(of: record.waits) }
    try compare(waits, answer.wait_count, record.waits, "waits")
    if record.outcome.tasks & UInt32(PATROL_TASK_DISPATCH) != 0 {
        try check(
            answer.objective.bitPattern == record.outcome.objective.bitPattern, .mismatch,
            "the replayed objective is \(answer.objective), the recorded one \(record.outcome.objective)")
    }
}

/// Where the host gave the travel time, records of the first format have no next node.
private func forgetNextNodes(_ found: Buffer<patrol_assignment>, _ count: Int, _ record: DecisionRecord) {
    for k in 0..<min(count, record.assignments.count) where record.assignments[k].next_node == .max {
        found[k].next_node = .max
    }
}

/// As far as the record goes: it has the fields of version 0.1.
private func compare<Element: GrowingStruct & BitwiseCopyable>(
    _ found: Buffer<Element>, _ count: Int, _ recorded: Strided<Element>, _ name: StaticString
) throws(PatrolError) {
    try check(
        count == recorded.count, .mismatch,
        "the replayed decision has \(count) \(name), the recorded one \(recorded.count)")
    for k in 0..<count {
        let same = withUnsafeBytes(of: found[k]) { a in
            withUnsafeBytes(of: recorded[k]) { b in
                a.prefix(Element.firstSize).elementsEqual(b.prefix(Element.firstSize))
            }
        }
        try check(same, .mismatch, "the replayed decision differs in \(name)[\(k)]")
    }
}

extension AnswerBuffers {
    /// Which slots a stated decision fills is not recorded, and why a call waits may depend on it: the record says so.
    fileprivate func takeReasons(of recorded: Strided<patrol_wait>) {
        for k in 0..<min(waits.count, recorded.count) where WaitReason(rawValue: recorded[k].reason) != nil {
            var wait = waits[k]
            wait.reason = recorded[k].reason
            waits.store(wait, at: k)
        }
    }
}

import CPatrol
import PatrolDecisions
import PatrolModel

@_cdecl("patrol_decision_record") @implementation
public func patrol_decision_record(
    _ engine: OpaquePointer!, _ snapshot: UnsafePointer<patrol_snapshot>!,
    _ options: UnsafePointer<patrol_decide_options>!,
    _ answer: UnsafePointer<patrol_answer>!, _ bytes: UnsafeMutablePointer<UInt8>!, _ capacity: Int,
    _ size: UnsafeMutablePointer<Int>!, _ error: UnsafeMutablePointer<patrol_error>!
) -> Int32 {
    boundary(error) { () throws(PatrolError) in
        let engine: DecisionEngine = try object(engine, "engine")
        try record(engine, snapshot, options, answer, after: nil, bytes, capacity, size)
    }
}

@_cdecl("patrol_decision_record_after") @implementation
public func patrol_decision_record_after(
    _ engine: OpaquePointer!, _ snapshot: UnsafePointer<patrol_snapshot>!,
    _ options: UnsafePointer<patrol_decide_options>!,
    _ answer: UnsafePointer<patrol_answer>!, _ previous: UnsafePointer<UInt8>!, _ previous_size: Int,
    _ bytes: UnsafeMutablePointer<UInt8>!, _ capacity: Int,
    _ size: UnsafeMutablePointer<Int>!, _ error: UnsafeMutablePointer<patrol_error>!
) -> Int32 {
    boundary(error) { () throws(PatrolError) in
        let engine: DecisionEngine = try object(engine, "engine")
        var hash = RecordHash()
        if previous_size != 0 {
            let previous = try recordBytes(previous, previous_size)
            let head = try RecordHead(previous)
            try check(
                head.size == previous.count, .invalidFile,
                "previous_size is \(previous.count), the record has \(head.size) bytes")
            hash = RecordHash(of: previous)
        }
        try record(engine, snapshot, options, answer, after: hash, bytes, capacity, size)
    }
}

/// - Parameter previous: of the record before it; nil: records are not chained.
private func record(
    _ engine: DecisionEngine, _ snapshot: UnsafePointer<patrol_snapshot>?,
    _ options: UnsafePointer<patrol_decide_options>?, _ answer: UnsafePointer<patrol_answer>?,
    after previous: RecordHash?, _ bytes: UnsafeMutablePointer<UInt8>?, _ capacity: Int,
    _ size: UnsafeMutablePointer<Int>?
) throws(PatrolError) {
    let snapshot = try read(try required(snapshot, "snapshot"), "snapshot")
    let options = try decideOptions(options)
    let answer = try read(try required(answer, "answer"), "answer")
    let size = try required(size, "size")
    if capacity != 0 { _ = try required(bytes, "bytes") }
    var counter = RecordWriter(nil, capacity: 0)
    try write(engine, snapshot, options, answer, after: previous, to: &counter)
    try announce(counter.count + 8, capacity: capacity, into: size, "bytes")
    guard capacity > 0 else { return }
    var writer = RecordWriter(bytes, capacity: counter.count + 8)
    try write(engine, snapshot, options, answer, after: previous, to: &writer)
    writer.append(DecisionRecord.sum(bytes, counter.count))
}

/// Whether rows say what could not be said in so many bytes, those of version 0.1 or of a later one.
private func haveGrown<Row: GrowingStruct>(_ rows: Strided<Row>, beyond size: Int = Row.firstSize) -> Bool {
    for k in 0..<rows.count {
        let said = withUnsafeBytes(of: rows[k]) { $0.suffix(from: size).contains { $0 != 0 } }
        if said { return true }
    }
    return false
}

private func write(
    _ engine: DecisionEngine, _ snapshot: patrol_snapshot, _ options: patrol_decide_options, _ answer: patrol_answer,
    after previous: RecordHash?, to writer: inout RecordWriter
) throws(PatrolError) {
    let units = try Strided(snapshot.units, count: snapshot.unit_count, stride: snapshot.unit_stride, "units")
    let incidents = try Strided(
        snapshot.incidents, count: snapshot.incident_count, stride: snapshot.incident_stride, "incidents")
    let changes = try Strided(
        snapshot.edge_changes, count: snapshot.edge_change_count, stride: snapshot.edge_change_stride, "edge_changes")
    try check(
        units.count <= 4096 && incidents.count <= 4096, .sessionTooSmall,
        "the snapshot has \(units.count) units and \(incidents.count) incidents, a session holds at most 4096 of each")
    let travel = UnsafeBufferPointer(
        start: snapshot.travel_seconds, count: snapshot.travel_seconds == nil ? 0 : units.count * incidents.count)
    let idle = UnsafeBufferPointer(
        start: snapshot.location_idle_seconds,
        count: snapshot.location_idle_seconds == nil ? 0 : engine.area.locationCount)
    let costs = try Strided(
        snapshot.pair_costs, count: snapshot.pair_cost_count, stride: snapshot.pair_cost_stride, "pair_costs")
    let substitutes = try Strided(
        snapshot.substitutes, count: snapshot.substitute_count, stride: snapshot.substitute_stride, "substitutes")
    var extent: DecisionRecord.Extent?
    if costs.count > 0 || substitutes.count > 0 || haveGrown(units) || haveGrown(incidents) {
        extent = DecisionRecord.Extent(
            unitBytes: UInt64(
                haveGrown(units, beyond: patrol_unit.secondSize)
                    ? MemoryLayout<patrol_unit>.size : patrol_unit.secondSize),
            incidentBytes: UInt64(MemoryLayout<patrol_incident>.size), costs: UInt64(costs.count))
    }
    let moves = try Strided(UnsafePointer(answer.moves), count: answer.move_count, stride: answer.move_stride, "moves")
    let assignments = try Strided(
        UnsafePointer(answer.assignments), count: answer.assignment_count, stride: answer.assignment_stride,
        "assignments")
    let waits = try Strided(UnsafePointer(answer.waits), count: answer.wait_count, stride: answer.wait_stride, "waits")
    try checkCount(moves.count, in: 0...units.count, "answer->move_count")
    try checkCount(assignments.count, in: 0...units.count, "answer->assignment_count")
    try checkCount(waits.count, in: 0...incidents.count, "answer->wait_count")
    let format: UInt64 = substitutes.count > 0 ? 5 : extent != nil ? 4 : previous != nil ? 3 : 2
    writer.append(DecisionRecord.header(of: engine, time: snapshot.time_seconds, format: format))
    writer.append(
        DecisionRecord.Counts(
            units: UInt64(units.count), incidents: UInt64(incidents.count), edgeChanges: UInt64(changes.count),
            travel: UInt64(travel.count), idle: UInt64(idle.count), moves: UInt64(moves.count),
            assignments: UInt64(assignments.count), waits: UInt64(waits.count)))
    writer.append(
        DecisionRecord.Outcome(
            tasks: options.tasks, status: answer.solver_status, nodeLimit: options.node_limit,
            gapAsked: options.relative_gap,
            objective: answer.objective, bound: answer.bound, gap: answer.relative_gap, nodes: answer.nodes))
    writer.append(
        DecisionRecord.Clock(deadline: options.deadline_microseconds, hadCancelFlag: options.cancel == nil ? 0 : 1))
    if format > 2 { writer.append(previous ?? RecordHash()) }
    if let extent { writer.append(extent) }
    if format > 4 {
        writer.append(
            DecisionRecord.LaterExtent(
                substituteBytes: UInt64(MemoryLayout<patrol_substitute>.size), substitutes: UInt64(substitutes.count)))
    }
    writer.append(units, size: (extent ?? DecisionRecord.Extent()).unitBytes)
    writer.append(incidents, size: (extent ?? DecisionRecord.Extent()).incidentBytes)
    writer.append(changes)
    writer.append(travel)
    writer.append(idle)
    writer.append(costs)
    writer.append(substitutes, size: UInt64(MemoryLayout<patrol_substitute>.size))
    writer.append(moves)
    writer.append(assignments)
    writer.append(waits)
}

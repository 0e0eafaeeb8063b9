import CKernels
import CPatrol
import PatrolDecisions
import PatrolModel

@_cdecl("patrol_unit_candidates") @implementation
public func patrol_unit_candidates(
    _ session: OpaquePointer!, _ snapshot: UnsafePointer<patrol_snapshot>!, _ unit_id: UInt64,
    _ candidates: UnsafeMutablePointer<patrol_candidate>!, _ capacity: Int, _ stride: Int,
    _ count: UnsafeMutablePointer<Int>!,
    _ features: UnsafeMutablePointer<Float>!, _ error: UnsafeMutablePointer<patrol_error>!
) -> Int32 {
    inAnyTime {
        patrol_unit_candidates_within(
            session, snapshot, $0, unit_id, candidates, capacity, stride, count, features, error)
    }
}

@_cdecl("patrol_unit_candidates_within") @implementation
public func patrol_unit_candidates_within(
    _ session: OpaquePointer!, _ snapshot: UnsafePointer<patrol_snapshot>!,
    _ options: UnsafePointer<patrol_decide_options>!, _ unit_id: UInt64,
    _ candidates: UnsafeMutablePointer<patrol_candidate>!, _ capacity: Int, _ stride: Int,
    _ count: UnsafeMutablePointer<Int>!,
    _ features: UnsafeMutablePointer<Float>!, _ error: UnsafeMutablePointer<patrol_error>!
) -> Int32 {
    let start = kernels_monotonic_nanoseconds()
    return boundary(error) { () throws(PatrolError) in
        let count = try required(count, "count")
        let question = try Question(session, snapshot, options, start: start, error)
        let handle = question.handle
        let unit = try handle.unit(unit_id)
        let status = handle.session.snapshot.units[unit].status
        try check(
            status == .patrolling, .invalidId,
            "unit \(unit_id) has status \(status.rawValue), expected \(UnitStatus.patrolling.rawValue), patrolling")
        let own = handle.candidateFeatures.base
        let found = try handle.session.candidates(ofUnit: unit, features: own, question.limits.clock)
        try write(found, own, into: candidates, capacity, stride, count, features)
    }
}

/// Writes candidates and their features for the caller once their number is known to fit; capacity 0 only asks for it.
package func write(
    _ found: UnsafeBufferPointer<PatrolCandidate>, _ own: UnsafePointer<Float>,
    into candidates: UnsafeMutablePointer<patrol_candidate>?, _ capacity: Int, _ stride: Int,
    _ count: UnsafeMutablePointer<Int>, _ features: UnsafeMutablePointer<Float>?
) throws(PatrolError) {
    let output = try Strided(
        UnsafePointer(candidates), count: capacity == 0 ? 0 : found.count, stride: stride, "candidates")
    try announce(found.count, capacity: capacity, into: count, "candidates")
    guard capacity > 0 else { return }
    for k in 0..<found.count {
        output.store(
            patrol_candidate.with {
                $0.node = UInt32(bitPattern: found[k].node)
                $0.next_node = UInt32(bitPattern: found[k].nextNode)
                $0.travel_seconds = found[k].seconds
                $0.value = found[k].value
            },
            at: k)
    }
    features?.update(from: own, count: found.count * Int(PATROL_CANDIDATE_FEATURES))
}

@_cdecl("patrol_eligible_pairs") @implementation
public func patrol_eligible_pairs(
    _ session: OpaquePointer!, _ snapshot: UnsafePointer<patrol_snapshot>!, _ pairs: UnsafeMutablePointer<patrol_pair>!,
    _ capacity: Int, _ stride: Int, _ count: UnsafeMutablePointer<Int>!, _ features: UnsafeMutablePointer<Float>!,
    _ deltas: UnsafeMutablePointer<Float>!, _ state: UnsafeMutablePointer<Float>!,
    _ error: UnsafeMutablePointer<patrol_error>!
) -> Int32 {
    inAnyTime {
        patrol_eligible_pairs_within(
            session, snapshot, $0, pairs, capacity, stride, count, features, deltas, state, error)
    }
}

@_cdecl("patrol_eligible_pairs_within") @implementation
public func patrol_eligible_pairs_within(
    _ session: OpaquePointer!, _ snapshot: UnsafePointer<patrol_snapshot>!,
    _ options: UnsafePointer<patrol_decide_options>!, _ pairs: UnsafeMutablePointer<patrol_pair>!,
    _ capacity: Int, _ stride: Int, _ count: UnsafeMutablePointer<Int>!, _ features: UnsafeMutablePointer<Float>!,
    _ deltas: UnsafeMutablePointer<Float>!, _ state: UnsafeMutablePointer<Float>!,
    _ error: UnsafeMutablePointer<patrol_error>!
) -> Int32 {
    let start = kernels_monotonic_nanoseconds()
    return boundary(error) { () throws(PatrolError) in
        let count = try required(count, "count")
        let question = try Question(session, snapshot, options, start: start, error)
        let (session, clock) = (question.handle.session, question.limits.clock)
        let found = try session.eligiblePairs(clock)
        try write(found, session.dispatch, into: pairs, capacity, stride, count, features, deltas, state, clock)
    }
}

/// Writes pairs with their features for the caller; capacity 0 only asks for their number and the state.
/// - Throws: `noTime` where the clock ends it.
package func write(
    _ found: UnsafeBufferPointer<DispatchPair>, _ dispatch: DispatchPlanner,
    into pairs: UnsafeMutablePointer<patrol_pair>?,
    _ capacity: Int, _ stride: Int, _ count: UnsafeMutablePointer<Int>, _ features: UnsafeMutablePointer<Float>?,
    _ deltas: UnsafeMutablePointer<Float>?, _ state: UnsafeMutablePointer<Float>?, _ clock: CallClock = CallClock()
) throws(PatrolError) {
    let output = try Strided(UnsafePointer(pairs), count: capacity == 0 ? 0 : found.count, stride: stride, "pairs")
    try announce(found.count, capacity: capacity, into: count, "pairs")
    state?.update(from: dispatch.heldState, count: Int(PATROL_STATE_FEATURES))
    guard capacity > 0 else { return }
    var clock = clock
    for p in 0..<found.count {
        if clock.expired(after: features == nil && deltas == nil ? 8 : 512) { throw CallClock.outOfTime }
        output.store(
            patrol_pair.with {
                $0.unit = UInt32(found[p].unit)
                $0.incident = UInt32(found[p].incident)
                $0.travel_seconds = found[p].seconds
                $0.value = found[p].value
                $0.reward = dispatch.reward(ofPair: p)
            },
            at: p)
        if let features { dispatch.writeFeatures(pair: p, into: features + p * Int(PATROL_PAIR_FEATURES)) }
        if let deltas { dispatch.writeDelta(pair: p, into: deltas + p * Int(PATROL_STATE_FEATURES)) }
    }
}

@_cdecl("patrol_rank_units") @implementation
public func patrol_rank_units(
    _ session: OpaquePointer!, _ snapshot: UnsafePointer<patrol_snapshot>!, _ incident_id: UInt64,
    _ units: UnsafeMutablePointer<patrol_ranked_unit>!, _ capacity: Int, _ stride: Int,
    _ count: UnsafeMutablePointer<Int>!, _ error: UnsafeMutablePointer<patrol_error>!
) -> Int32 {
    inAnyTime {
        patrol_rank_units_within(session, snapshot, $0, incident_id, units, capacity, stride, count, error)
    }
}

@_cdecl("patrol_rank_units_within") @implementation
public func patrol_rank_units_within(
    _ session: OpaquePointer!, _ snapshot: UnsafePointer<patrol_snapshot>!,
    _ options: UnsafePointer<patrol_decide_options>!, _ incident_id: UInt64,
    _ units: UnsafeMutablePointer<patrol_ranked_unit>!, _ capacity: Int, _ stride: Int,
    _ count: UnsafeMutablePointer<Int>!, _ error: UnsafeMutablePointer<patrol_error>!
) -> Int32 {
    let start = kernels_monotonic_nanoseconds()
    return boundary(error) { () throws(PatrolError) in
        let count = try required(count, "count")
        let capacity = try size(capacity, "capacity")
        _ = try Strided(UnsafePointer(units), count: min(capacity, 1), stride: stride, "units")
        let question = try Question(session, snapshot, options, start: start, error)
        let session = question.handle.session
        let incident = try question.handle.incident(incident_id)
        let length = min(try session.rankUnits(incident: incident, question.limits.clock), capacity)
        let output = try Strided(UnsafePointer(units), count: length, stride: stride, "units")
        for k in 0..<length {
            let unit = session.dispatch.ranking[k]
            output.store(
                patrol_ranked_unit.with {
                    $0.unit_id = session.snapshot.units[Int(unit.unit)].id
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
    _ capacity: Int, _ size: UnsafeMutablePointer<Int>!, _ error: UnsafeMutablePointer<patrol_error>!
) -> Int32 {
    inAnyTime {
        patrol_write_program_within(session, snapshot, $0, text, capacity, size, error)
    }
}

@_cdecl("patrol_write_program_within") @implementation
public func patrol_write_program_within(
    _ session: OpaquePointer!, _ snapshot: UnsafePointer<patrol_snapshot>!,
    _ options: UnsafePointer<patrol_decide_options>!, _ text: UnsafeMutablePointer<CChar>!, _ capacity: Int,
    _ size: UnsafeMutablePointer<Int>!, _ error: UnsafeMutablePointer<patrol_error>!
) -> Int32 {
    let start = kernels_monotonic_nanoseconds()
    return boundary(error) { () throws(PatrolError) in
        let size = try required(size, "size")
        if capacity != 0 { _ = try required(text, "text") }
        let question = try Question(session, snapshot, options, start: start, error)
        let clock = question.limits.clock
        let program = try question.handle.session.dispatchProgram(clock)
        guard let length = program.writeLP(into: nil, capacity: 0, clock) else { throw CallClock.outOfTime }
        try announce(length, capacity: capacity, into: size, "text")
        guard capacity > 0 else { return }
        let written = text.withMemoryRebound(to: UInt8.self, capacity: length) {
            program.writeLP(into: $0, capacity: length, clock)
        }
        if written == nil { throw CallClock.outOfTime }
    }
}

@_cdecl("patrol_assignment_solve") @implementation
public func patrol_assignment_solve(
    _ values: UnsafePointer<Double>!, _ row_count: Int, _ column_count: Int, _ complete: UInt32,
    _ columns: UnsafeMutablePointer<Int32>!, _ objective: UnsafeMutablePointer<Double>!,
    _ error: UnsafeMutablePointer<patrol_error>!
) -> Int32 {
    boundary(error) { () throws(PatrolError) in
        try checkCount(row_count, in: 0...1 << 16, "row_count")
        try checkCount(column_count, in: 0...1 << 16, "column_count")
        try checkCount(Int(complete), in: 0...1, "complete")
        let values = try array(values, row_count * column_count, "values")
        var total = 0.0
        if row_count > 0 {
            total = try denseAssignment(
                values, rows: row_count, columns: column_count, complete: complete == 1,
                into: try required(columns, "columns"))
        }
        objective?.pointee = total
    }
}

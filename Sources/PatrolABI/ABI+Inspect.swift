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
    boundary(error) { () throws(PatrolError) in
        let handle: SessionHandle = try object(session, "session")
        let count = try required(count, "count")
        try handle.take(snapshot, error)
        let taken = handle.session.snapshot
        let unit = try handle.unit(unit_id)
        try check(
            taken.units[unit].status == .patrolling, .invalidId,
            "unit \(unit_id) has status \(taken.units[unit].status.rawValue), expected \(UnitStatus.patrolling.rawValue), patrolling"
        )
        let found = try handle.session.candidates(ofUnit: unit, features: handle.candidateFeatures.base)
        try write(found, handle.candidateFeatures.base, into: candidates, capacity, stride, count, features)
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
    boundary(error) { () throws(PatrolError) in
        let handle: SessionHandle = try object(session, "session")
        let count = try required(count, "count")
        try handle.take(snapshot, error)
        let found = try handle.session.eligiblePairs()
        try write(found, handle.session.dispatch, into: pairs, capacity, stride, count, features, deltas, state)
    }
}

/// Writes pairs with their features for the caller; capacity 0 only asks for their number and the state.
package func write(
    _ found: UnsafeBufferPointer<DispatchPair>, _ dispatch: DispatchPlanner,
    into pairs: UnsafeMutablePointer<patrol_pair>?,
    _ capacity: Int, _ stride: Int, _ count: UnsafeMutablePointer<Int>, _ features: UnsafeMutablePointer<Float>?,
    _ deltas: UnsafeMutablePointer<Float>?, _ state: UnsafeMutablePointer<Float>?
) throws(PatrolError) {
    let output = try Strided(UnsafePointer(pairs), count: capacity == 0 ? 0 : found.count, stride: stride, "pairs")
    try announce(found.count, capacity: capacity, into: count, "pairs")
    state?.update(from: dispatch.heldState, count: Int(PATROL_STATE_FEATURES))
    guard capacity > 0 else { return }
    for p in 0..<found.count {
        output.store(
            patrol_pair.with {
                $0.unit = UInt32(found[p].unit)
                $0.incident = UInt32(found[p].incident)
                $0.travel_seconds = found[p].seconds
                $0.value = found[p].value
                $0.reward = found[p].reward
            },
            at: p)
        if let features { dispatch.writeFeatures(pair: p, into: features + p * Int(PATROL_PAIR_FEATURES)) }
        if let deltas { dispatch.writeDelta(pair: p, into: deltas + p * Int(PATROL_STATE_FEATURES)) }
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
        let columns = row_count > 0 ? try required(columns, "columns") : columns
        let answer = try denseAssignment(values, rows: row_count, columns: column_count, complete: complete == 1)
        for row in 0..<row_count { columns?[row] = answer.columnOfRow[row] }
        objective?.pointee = answer.objective
    }
}

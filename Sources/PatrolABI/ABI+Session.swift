import CKernels
import CPatrol
import PatrolDecisions
import PatrolModel
import PatrolNetworks

@_cdecl("patrol_session_create") @implementation
public func patrol_session_create(
    _ engine: OpaquePointer!, _ max_units: UInt32, _ max_incidents: UInt32,
    _ session: UnsafeMutablePointer<OpaquePointer?>!,
    _ error: UnsafeMutablePointer<patrol_error>!
) -> Int32 {
    boundary(error) { () throws(PatrolError) in
        let engine: DecisionEngine = try object(engine, "engine")
        let session = try required(session, "session")
        session.pointee = try give(makeSession(engine, max_units, max_incidents))
    }
}

@_cdecl("patrol_session_bytes") @implementation
public func patrol_session_bytes(
    _ engine: OpaquePointer!, _ max_units: UInt32, _ max_incidents: UInt32, _ bytes: UnsafeMutablePointer<UInt64>!,
    _ error: UnsafeMutablePointer<patrol_error>!
) -> Int32 {
    boundary(error) { () throws(PatrolError) in
        let engine: DecisionEngine = try object(engine, "engine")
        let bytes = try required(bytes, "bytes")
        let meter = kernels_meter_begin()
        let session: SessionHandle
        do throws(PatrolError) {
            session = try makeSession(engine, max_units, max_incidents)
        } catch {
            _ = kernels_meter_end(meter)
            throw error
        }
        let counted = kernels_meter_end(meter)
        defer { withExtendedLifetime(session) {} }
        try checkMemory()
        bytes.pointee = UInt64(counted)
    }
}

private func makeSession(
    _ engine: DecisionEngine, _ max_units: UInt32, _ max_incidents: UInt32
) throws(PatrolError) -> SessionHandle {
    try checkCount(Int(max_units), in: 1...Snapshot.mostUnits, "max_units")
    try checkCount(Int(max_incidents), in: 0...Snapshot.mostIncidents, "max_incidents")
    return try SessionHandle(engine: engine, units: Int(max_units), incidents: Int(max_incidents))
}

@_cdecl("patrol_session_least_deadline") @implementation
public func patrol_session_least_deadline(
    _ session: OpaquePointer!, _ microseconds: UnsafeMutablePointer<UInt64>!,
    _ error: UnsafeMutablePointer<patrol_error>!
) -> Int32 {
    boundary(error) { () throws(PatrolError) in
        let handle: SessionHandle = try object(session, "session")
        let microseconds = try required(microseconds, "microseconds")
        microseconds.pointee = try handle.session.measureLeastDeadline()
    }
}

@_cdecl("patrol_session_move") @implementation
public func patrol_session_move(
    _ session: OpaquePointer!, _ engine: OpaquePointer!, _ error: UnsafeMutablePointer<patrol_error>!
) -> Int32 {
    boundary(error) { () throws(PatrolError) in
        let handle: SessionHandle = try object(session, "session")
        try handle.session.move(to: try object(engine, "engine"))
    }
}

@_cdecl("patrol_session_destroy") @implementation
public func patrol_session_destroy(_ session: OpaquePointer!) { release(session, as: SessionHandle.self) }

/// A session and what reading the caller's snapshot needs.
final class SessionHandle {
    let session: DecisionSession
    let unitRows: JudgedRows
    let incidentRows: JudgedRows
    let candidateFeatures: Buffer<Float>
    /// Units that left-out calls still need.
    let leftOutMissing: Buffer<UInt32>
    let issues: RowIssues

    var snapshot: Snapshot { session.snapshot }
    var area: ServiceArea { session.engine.area }

    init(engine: DecisionEngine, units: Int, incidents: Int) throws(PatrolError) {
        session = try DecisionSession(engine: engine, maximumUnits: units, maximumIncidents: incidents)
        var memory = WorkingMemory()
        unitRows = JudgedRows(.units, order: session.snapshot.unitOrder, &memory)
        incidentRows = JudgedRows(.incidents, order: memory.buffer(count: incidents, repeating: 0), &memory)
        candidateFeatures = memory.buffer(count: session.maximumCandidates * CandidateTable.width, repeating: 0)
        leftOutMissing = memory.buffer(count: incidents, repeating: 0)
        issues = RowIssues(capacity: units + incidents + SessionHandle.arrayIssues, &memory)
        try memory.check()
    }

    /// Room for bad travel times, edge changes and idle times, beside one issue for each unit and call.
    private static let arrayIssues = 256
}

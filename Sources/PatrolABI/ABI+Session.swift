import CPatrol
import PatrolDecisions
import PatrolModel

@_cdecl("patrol_session_create") @implementation
public func patrol_session_create(
    _ engine: OpaquePointer!, _ max_units: UInt32, _ max_incidents: UInt32, _ session: UnsafeMutablePointer<OpaquePointer?>!,
    _ error: UnsafeMutablePointer<patrol_error>!
) -> Int32 {
    boundary(error) { () throws(PatrolError) in
        let engine: DecisionEngine = try object(engine, "engine")
        let session = try required(session, "session")
        try check((1...4096).contains(max_units), .invalidArgument, "max_units is \(max_units), expected 1 to 4096")
        try check(max_incidents <= 4096, .invalidArgument, "max_incidents is \(max_incidents), expected 0 to 4096")
        session.pointee = try give(SessionHandle(engine: engine, units: Int(max_units), incidents: Int(max_incidents)))
    }
}

@_cdecl("patrol_session_least_deadline") @implementation
public func patrol_session_least_deadline(
    _ session: OpaquePointer!, _ microseconds: UnsafeMutablePointer<UInt64>!, _ error: UnsafeMutablePointer<patrol_error>!
) -> Int32 {
    boundary(error) { () throws(PatrolError) in
        let handle: SessionHandle = try object(session, "session")
        let microseconds = try required(microseconds, "microseconds")
        microseconds.pointee = try handle.session.measureLeastDeadline()
    }
}

@_cdecl("patrol_session_destroy") @implementation
public func patrol_session_destroy(_ session: OpaquePointer!) { release(session, as: SessionHandle.self) }

/// A session and what reading the caller's snapshot needs.
final class SessionHandle {
    let session: DecisionSession
    /// Incident indices in ascending id.
    let incidentOrder: Buffer<Int32>
    let keys: Buffer<UInt64>
    let candidateFeatures: Buffer<Float>
    /// Rows of the snapshot that the decision leaves out, 1 each; the units that such calls miss; and why.
    let leftOutUnit: Buffer<UInt8>
    let leftOutIncident: Buffer<UInt8>
    let leftOutMissing: Buffer<UInt32>
    let issues: RowIssues

    var snapshot: Snapshot { session.snapshot }
    var area: ServiceArea { session.engine.area }

    init(engine: DecisionEngine, units: Int, incidents: Int) throws(PatrolError) {
        session = try DecisionSession(engine: engine, maximumUnits: units, maximumIncidents: incidents)
        incidentOrder = try Buffer(count: incidents, repeating: 0)
        keys = try Buffer(count: max(units, incidents), repeating: 0)
        candidateFeatures = try Buffer(count: session.maximumCandidates * CandidateTable.width, repeating: 0)
        leftOutUnit = try Buffer(count: units, repeating: 0)
        leftOutIncident = try Buffer(count: incidents, repeating: 0)
        leftOutMissing = try Buffer(count: incidents, repeating: 0)
        issues = try RowIssues(capacity: units + incidents + SessionHandle.arrayIssues)
    }

    /// Room for bad travel times, edge changes and idle times, beside one issue for each unit and call.
    private static let arrayIssues = 256
}

import CPatrol
import PatrolABI
import PatrolModel

/// Area, policy, engine and session of a `load` request, and room for the largest snapshot and answer of that session.
final class Loaded {
    private(set) var area: OpaquePointer?
    private(set) var policy: OpaquePointer?
    private(set) var engine: OpaquePointer?
    private(set) var session: OpaquePointer?
    private(set) var areaInfo = patrol_area_info.initial
    private(set) var policyInfo = patrol_policy_info.initial
    /// Nil unless asked for.
    private(set) var leastDeadline: UInt64?
    let units: Buffer<patrol_unit>
    let incidents: Buffer<patrol_incident>
    private(set) var edgeChanges: Buffer<patrol_edge_change>
    private(set) var idle: Buffer<Float>
    let travel: Buffer<Float>
    let pairCosts: Buffer<patrol_pair_cost>
    let substitutes: Buffer<patrol_substitute>
    let moves: Buffer<patrol_move>
    let assignments: Buffer<patrol_assignment>
    let waits: Buffer<patrol_wait>
    let plans: Buffer<patrol_plan>
    let issues: Buffer<patrol_row_issue>
    let explanations: Buffer<patrol_explanation>
    let ranked: Buffer<patrol_ranked_unit>

    static var mostEdgeChanges: Int { 65_536 }
    static var mostPairCosts: Int { 1 << 20 }
    static var mostIssues: Int { 64 }

    init(_ request: Request) throws(PatrolError) {
        var (maxUnits, maxIncidents) = (UInt64(256), UInt64(256))
        _ = try request.read("max_units") { (reader) throws(PatrolError) in maxUnits = try reader.natural(atMost: 4096)
        }
        _ = try request.read("max_incidents") { (reader) throws(PatrolError) in
            maxIncidents = try reader.natural(atMost: 4096)
        }
        let (unitCount, callCount) = (Int(maxUnits), Int(maxIncidents))
        units = try Buffer(unwritten: unitCount)
        incidents = try Buffer(unwritten: callCount)
        travel = try Buffer(unwritten: unitCount * callCount)
        pairCosts = try Buffer(unwritten: min(unitCount * callCount, Loaded.mostPairCosts))
        substitutes = try Buffer(unwritten: callCount * Int(PATROL_SUBSTITUTES))
        moves = try Buffer(unwritten: unitCount)
        assignments = try Buffer(unwritten: unitCount)
        waits = try Buffer(unwritten: callCount)
        plans = try Buffer(unwritten: unitCount)
        issues = try Buffer(unwritten: Loaded.mostIssues)
        explanations = try Buffer(unwritten: unitCount)
        ranked = try Buffer(unwritten: unitCount)
        edgeChanges = try Buffer(unwritten: 0)
        idle = try Buffer(unwritten: 0)
        try loadFiles(request)
        try makeEngine(request)
        try call { patrol_session_create(engine, UInt32(maxUnits), UInt32(maxIncidents), &session, $0) }
        edgeChanges = try Buffer(unwritten: min(Int(areaInfo.edge_count), Loaded.mostEdgeChanges))
        idle = try Buffer(unwritten: Int(areaInfo.patrol_location_count))
        var measure = false
        _ = try request.read("measure_deadline") { (reader) throws(PatrolError) in measure = try reader.boolean() }
        if measure {
            var microseconds: UInt64 = 0
            try call { patrol_session_least_deadline(session, &microseconds, $0) }
            leastDeadline = microseconds
        }
    }

    deinit {
        patrol_session_destroy(session)
        patrol_engine_destroy(engine)
        patrol_policy_destroy(policy)
        patrol_area_destroy(area)
    }

    var hasPolicy: Bool { policy != nil }

    private func loadFiles(_ request: Request) throws(PatrolError) {
        var options = patrol_area_options.initial
        _ = try request.read("area_options") { (reader) throws(PatrolError) in
            try reader.object(NameList("max_demand_points|patrol_spacing_seconds")) {
                (reader, key) throws(PatrolError) in
                switch key.place {
                case 0: options.max_demand_points = UInt32(try reader.natural(atMost: 4096))
                default: options.patrol_spacing_seconds = try reader.float()
                }
            }
        }
        try request.require("area") { (reader) throws(PatrolError) in
            try load(try reader.cString()) { patrol_area_load_file($0, &options, &area, $1) }
        }
        try call { patrol_area_get_info(area, &areaInfo, $0) }
        _ = try request.read("policy") { (reader) throws(PatrolError) in
            if try reader.null() { return }
            try load(try reader.cString()) { patrol_policy_load_file($0, &policy, $1) }
            try call { patrol_policy_get_info(policy, &policyInfo, $0) }
        }
    }

    private func load(
        _ path: Buffer<CChar>, _ function: (UnsafePointer<CChar>, UnsafeMutablePointer<patrol_error>) -> Int32
    ) throws(PatrolError) {
        do throws(PatrolError) { try call { error in withExtendedLifetime(path) { function(path.base, error) } } } catch
        {
            throw PatrolError(error.status, ": \(error.text)")
        }
    }

    private func makeEngine(_ request: Request) throws(PatrolError) {
        let options = try EngineOptionsReader(areaInfo)
        _ = try request.read("options") { (reader) throws(PatrolError) in try options.read(&reader) }
        try call { patrol_engine_create(area, policy, &options.options, &engine, $0) }
    }
}

import CPatrol
import PatrolDecisions
import PatrolModel

/// Checks the caller's snapshot and resolves it into the session's: coordinates to nodes, ids to indices, defaults to values.
///
/// What concerns the snapshot as a whole is refused. Rows are judged one by one: a bad one is left out and noted in
/// `issues`, and the rest is decided.
extension SessionHandle {
    /// - Parameters:
    ///   - refusing: whether a bad row refuses the snapshot.
    ///   - error: receives the first bad row where rows are left out.
    func take(
        _ pointer: UnsafePointer<patrol_snapshot>?, refusing: Bool = false, _ error: UnsafeMutablePointer<patrol_error>?
    ) throws(PatrolError) {
        let pointer = try required(pointer, "snapshot")
        let given = try read(pointer, "snapshot")
        try checkNumber(given.time_seconds, in: 0...latestTime, "time_seconds")
        try checkCount(Int(given.reserved), in: 0...0, "snapshot->reserved")
        try check(
            given.unit_count <= snapshot.maximumUnits, .sessionTooSmall,
            "unit_count is \(given.unit_count), the session was created for \(snapshot.maximumUnits)")
        try check(
            given.incident_count <= snapshot.maximumIncidents, .sessionTooSmall,
            "incident_count is \(given.incident_count), the session was created for \(snapshot.maximumIncidents)")
        let units = try Strided(given.units, count: given.unit_count, stride: given.unit_stride, "units")
        let incidents = try Strided(
            given.incidents, count: given.incident_count, stride: given.incident_stride, "incidents")
        let changes = try Strided(
            given.edge_changes, count: given.edge_change_count, stride: given.edge_change_stride, "edge_changes")
        let costs = try Strided(
            given.pair_costs, count: given.pair_cost_count, stride: given.pair_cost_stride, "pair_costs")
        let substitutes = try Strided(
            given.substitutes, count: given.substitute_count, stride: given.substitute_stride, "substitutes")
        try check(
            changes.count <= area.roads.edgeCount, .invalidArgument,
            "edge_change_count is \(changes.count), the area has \(area.roads.edgeCount) edges")
        issues.clear()
        defer { issues.first = nil }
        snapshot.time = given.time_seconds
        snapshot.unitCount = units.count
        snapshot.incidentCount = incidents.count
        incidentRows.take(incidents, issues: issues) { (given, row) throws(BadRow) in
            snapshot.incidents[row.index] = try incident(given, row)
        } leaveOut: { given, j in
            // Misses no unit for the decision; the answer says how many it does miss.
            snapshot.incidents[j] = Incident()
            snapshot.incidents[j].id = given.id
            snapshot.incidents[j].unitsMissing = 0
            leftOutMissing[j] = given.units_required - min(given.units_required, given.units_assigned)
        }
        unitRows.take(units, issues: issues) { (given, row) throws(BadRow) in
            snapshot.units[row.index] = try unit(given, row)
        } leaveOut: { given, i in
            snapshot.units[i] = PatrolUnit()
            snapshot.units[i].id = given.id
            snapshot.units[i].status = .offDuty
        }
        try takeEdgeChanges(changes)
        takeTravel(given)
        takeIdleTimes(given)
        takePairCosts(costs)
        takeSubstitutes(substitutes)
        if refusing, let first = issues.first { throw first }
        if let error, let first = issues.first { report(first, into: error) }
    }

    // MARK: Units

    private func unit(_ given: patrol_unit, _ row: SnapshotRow) throws(BadRow) -> PatrolUnit {
        var unit = PatrolUnit()
        try row.check(given.id != PATROL_NO_ID_VALUE, .id, .invalidId, "is PATROL_NO_ID, expected the unit's id")
        guard let status = UnitStatus(rawValue: given.status) else {
            throw row.bad(.status, .invalidArgument, "is \(given.status), expected 0 to 3")
        }
        unit.id = given.id
        unit.status = status
        // Nothing else is asked of a unit that is at home.
        if status == .offDuty { return unit }
        try row.requireIndex(Int(given.home_beat), from: -1, below: area.beatCount, .homeBeat)
        try row.requireTime(given.seconds_to_node, .secondsToNode)
        try row.requireLimit(given.position_age_seconds, .positionAge)
        if !given.seconds_until_free.isNaN { try row.requireTime(given.seconds_until_free, .secondsUntilFree) }
        try row.requireLimit(given.seconds_until_shift_end, .secondsUntilShiftEnd)
        try row.requireTime(given.seconds_until_due, .secondsUntilDue)
        try row.requireCount(Int(given.reserved), in: 0...0, .reserved)
        try row.requireCount(Int(given.priorities), in: 0...255, .priorities)
        try row.requireCount(Int(given.may_leave_scene), in: 0...1, .mayLeaveScene)
        try row.requireTime(given.late_seconds_until_free, .lateSecondsUntilFree)
        try row.requireCount(Int(given.reserved_2), in: 0...0, .reserved)
        unit.mayLeaveScene = status == .onScene && given.may_leave_scene == 1
        if given.priorities != 0 { unit.priorities = UInt8(given.priorities) }
        unit.capabilities = given.capabilities
        unit.node = try node(given.node, given.x, given.y, row)
        if given.target_node != UInt32.max {
            try row.requireIndex(Int(given.target_node), below: area.nodeCount, .targetNode)
            unit.target = Int32(bitPattern: given.target_node)
        }
        unit.homeBeat = given.home_beat
        unit.secondsToNode = given.seconds_to_node
        unit.positionAge = given.position_age_seconds
        unit.secondsUntilFree = given.seconds_until_free
        unit.lateSecondsUntilFree = given.late_seconds_until_free
        unit.secondsUntilShiftEnd = given.seconds_until_shift_end
        unit.secondsUntilDue = given.seconds_until_due
        if given.incident_id != PATROL_NO_ID_VALUE && (status == .enRoute || status == .onScene) {
            unit.incident = incidentRows.index(of: given.incident_id)
        }
        return unit
    }

    /// The node given, or the one nearest to the coordinate.
    private func node(_ given: UInt32, _ x: Double, _ y: Double, _ row: SnapshotRow) throws(BadRow) -> Int32 {
        guard given == UInt32.max else {
            try row.requireIndex(Int(given), below: area.nodeCount, .node)
            return Int32(bitPattern: given)
        }
        try row.judge(.place) { (name) throws(PatrolError) in try checkPlace(area, x, y, name()) }
        guard let nearest = area.nearestNode(x: x, y: y) else { return 0 }
        let limit = session.engine.options.maximumSnapMetres
        try row.check(
            nearest.metres <= limit, .place, .outOfRange,
            "is (\(x), \(y)), \(nearest.metres) m from the nearest node, expected at most maximum_snap_metres, \(limit)"
        )
        return Int32(truncatingIfNeeded: nearest.node)
    }

    // MARK: Incidents

    private func incident(_ given: patrol_incident, _ row: SnapshotRow) throws(BadRow) -> Incident {
        var call = Incident()
        try row.check(given.id != PATROL_NO_ID_VALUE, .id, .invalidId, "is PATROL_NO_ID, expected the call's id")
        try row.requireIndex(Int(given.category), below: area.categoryCount, .category)
        try row.requireCount(Int(given.priority), in: 1...Incident.priorities, .priority)
        try row.requireCount(Int(given.flags), in: 0...1, .flags)
        try row.requireTime(given.seconds_waited, .secondsWaited)
        call.id = given.id
        call.requiredCapabilities = given.required_capabilities
        call.node = try node(given.node, given.x, given.y, row)
        call.category = given.category
        call.priority = given.priority
        call.allOrNone = given.flags & 1 == 1
        call.secondsWaited = given.seconds_waited
        call.weight = given.weight
        if given.weight.isNaN { call.weight = area.categoryWeights[Int(given.category)] }
        try row.requirePositive(call.weight, .weight)
        call.weight *= session.engine.groupWeights[Int(area.groups[Int(call.node)])]
        call.serviceSeconds = given.service_seconds
        if given.service_seconds.isNaN { call.serviceSeconds = area.categoryServiceSeconds[Int(given.category)] }
        try row.requirePositive(call.serviceSeconds, .serviceSeconds)
        try takeCounts(given, row, into: &call)
        try row.requireTime(given.not_before_seconds, .notBefore)
        try row.requireTime(given.lead_seconds, .lead)
        call.isForLater = given.not_before_seconds > given.lead_seconds
        return call
    }

    func takeCounts(_ given: patrol_incident, _ row: SnapshotRow, into call: inout Incident) throws(BadRow) {
        try row.requireCount(Int(given.units_required), in: 1...Incident.mostUnits, .unitsRequired)
        try row.check(
            given.units_assigned <= given.units_required, .unitsAssigned, .invalidArgument,
            "is \(given.units_assigned), expected at most units_required, \(given.units_required)")
        try row.check(
            given.units_on_scene <= given.units_assigned, .unitsOnScene, .invalidArgument,
            "is \(given.units_on_scene), expected at most units_assigned, \(given.units_assigned)")
        call.unitsRequired = Int32(given.units_required)
        call.unitsMissing = Int32(given.units_required - given.units_assigned)
        let needs = (given.needs.0, given.needs.1, given.needs.2, given.needs.3)
        call.needs = (
            try need(needs.0, 0, row), try need(needs.1, 1, row), try need(needs.2, 2, row), try need(needs.3, 3, row)
        )
        var missing: Int32 = 0
        for k in 0..<Incident.maximumNeeds { missing += call.need(k).missing }
        try row.check(
            missing <= call.unitsMissing, .needs, .invalidArgument,
            "lack \(missing) units, but the call lacks only \(call.unitsMissing)")
    }

    private func need(_ given: patrol_need, _ k: Int, _ row: SnapshotRow) throws(BadRow) -> CapabilityNeed {
        try row.check(
            given.required <= Incident.mostUnits && given.assigned <= given.required, .needs, .invalidArgument,
            "(entry \(k)) has \(given.assigned) assigned of \(given.required), expected at most \(Incident.mostUnits) required, and no more assigned than required"
        )
        try row.check(
            given.capabilities != 0 || given.required == 0, .needs, .invalidArgument,
            "(entry \(k)) requires \(given.required) units without naming a capability")
        var need = CapabilityNeed()
        need.capabilities = given.capabilities
        need.missing = Int32(given.required - given.assigned)
        return need
    }
}

/// `PATROL_NO_ID`: the macro's cast is not imported.
let PATROL_NO_ID_VALUE = UInt64.max

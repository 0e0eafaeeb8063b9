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
        try check(
            given.time_seconds.isFinite && given.time_seconds >= 0 && given.time_seconds <= 1e12, .invalidNumber,
            "time_seconds is \(given.time_seconds), expected 0 to 1e12")
        try check(given.reserved == 0, .invalidArgument, "snapshot->reserved is \(given.reserved), expected 0")
        try check(
            given.unit_count <= snapshot.maximumUnits, .sessionTooSmall,
            "unit_count is \(given.unit_count), the session was created for \(snapshot.maximumUnits)")
        try check(
            given.incident_count <= snapshot.maximumIncidents, .sessionTooSmall,
            "incident_count is \(given.incident_count), the session was created for \(snapshot.maximumIncidents)")
        let units = try Strided(given.units, count: given.unit_count, stride: given.unit_stride, "units")
        let incidents = try Strided(given.incidents, count: given.incident_count, stride: given.incident_stride, "incidents")
        let changes = try Strided(
            given.edge_changes, count: given.edge_change_count, stride: given.edge_change_stride, "edge_changes")
        try check(
            changes.count <= area.roads.edgeCount, .invalidArgument,
            "edge_change_count is \(changes.count), the area has \(area.roads.edgeCount) edges")
        issues.clear()
        defer { issues.first = nil }
        snapshot.time = given.time_seconds
        snapshot.unitCount = units.count
        snapshot.incidentCount = incidents.count
        takeIncidents(incidents)
        takeUnits(units)
        try takeEdgeChanges(changes)
        takeTravel(given)
        takeIdleTimes(given)
        if refusing, let first = issues.first { throw first }
        if let error, let first = issues.first { report(first, into: error) }
    }

    // MARK: Units

    private func takeUnits(_ units: Strided<patrol_unit>) {
        for i in 0..<units.count {
            let row = SnapshotRow(table: .units, index: i)
            do throws(BadRow) {
                snapshot.units[i] = try unit(units[i], row)
                leftOutUnit[i] = 0
            } catch {
                leaveOutUnit(i, id: units[i].id, because: error)
            }
        }
        order(snapshot.unitOrder, count: units.count) { snapshot.units[$0].id }
        forEachRepeated(
            snapshot.unitOrder, count: units.count, isLeftOut: { leftOutUnit[$0] != 0 }, id: { snapshot.units[$0].id }
        ) { i, first in
            let bad = SnapshotRow(table: .units, index: i).bad(.id, .invalidId, "is \(units[i].id), as units[\(first)].id is")
            leaveOutUnit(i, id: units[i].id, because: bad)
        }
    }

    /// A unit that is left out is off duty for the decision.
    private func leaveOutUnit(_ i: Int, id: UInt64, because bad: BadRow) {
        snapshot.units[i] = PatrolUnit()
        snapshot.units[i].id = id
        snapshot.units[i].status = .offDuty
        leftOutUnit[i] = 1
        issues.add(bad, SnapshotRow(table: .units, index: i))
    }

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
        try row.check(
            given.home_beat >= -1 && Int(given.home_beat) < area.beatCount, .homeBeat, .outOfRange,
            "is \(given.home_beat), expected -1 to \(area.beatCount - 1)")
        try row.checkTime(given.seconds_to_node, .secondsToNode)
        try row.checkLimit(given.position_age_seconds, .positionAge)
        if !given.seconds_until_free.isNaN { try row.checkTime(given.seconds_until_free, .secondsUntilFree) }
        try row.checkLimit(given.seconds_until_shift_end, .secondsUntilShiftEnd)
        try row.checkTime(given.seconds_until_due, .secondsUntilDue)
        try row.check(given.reserved == 0, .reserved, .invalidArgument, "is \(given.reserved), expected 0")
        unit.capabilities = given.capabilities
        unit.node = try node(given.node, given.x, given.y, row)
        if given.target_node != UInt32.max {
            try row.checkIndex(Int(given.target_node), below: area.nodeCount, .targetNode)
            unit.target = Int32(bitPattern: given.target_node)
        }
        unit.homeBeat = given.home_beat
        unit.secondsToNode = given.seconds_to_node
        unit.positionAge = given.position_age_seconds
        unit.secondsUntilFree = given.seconds_until_free
        unit.secondsUntilShiftEnd = given.seconds_until_shift_end
        unit.secondsUntilDue = given.seconds_until_due
        if given.incident_id != PATROL_NO_ID_VALUE && (status == .enRoute || status == .onScene) {
            unit.incident = incidentIndex(given.incident_id)
        }
        return unit
    }

    /// The node given, or the one nearest to the coordinate.
    private func node(_ given: UInt32, _ x: Double, _ y: Double, _ row: SnapshotRow) throws(BadRow) -> Int32 {
        guard given == UInt32.max else {
            try row.checkIndex(Int(given), below: area.nodeCount, .node)
            return Int32(bitPattern: given)
        }
        do throws(PatrolError) { try checkPlace(area, x, y, "\(row.table.name)[\(row.index)].x, y") } catch {
            throw BadRow(field: .place, failure: error)
        }
        guard let nearest = area.nearestNode(x: x, y: y) else { return 0 }
        let limit = session.engine.options.maximumSnapMetres
        try row.check(
            nearest.metres <= limit, .place, .outOfRange,
            "is (\(x), \(y)), \(nearest.metres) m from the nearest node, expected at most maximum_snap_metres, \(limit)")
        return Int32(truncatingIfNeeded: nearest.node)
    }

    // MARK: Incidents

    private func takeIncidents(_ incidents: Strided<patrol_incident>) {
        for j in 0..<incidents.count {
            let row = SnapshotRow(table: .incidents, index: j)
            do throws(BadRow) {
                snapshot.incidents[j] = try incident(incidents[j], row)
                leftOutIncident[j] = 0
            } catch {
                leaveOutIncident(j, incidents[j], because: error)
            }
        }
        order(incidentOrder, count: incidents.count) { snapshot.incidents[$0].id }
        forEachRepeated(
            incidentOrder, count: incidents.count, isLeftOut: { leftOutIncident[$0] != 0 }, id: { snapshot.incidents[$0].id }
        ) { j, first in
            let bad = SnapshotRow(table: .incidents, index: j).bad(
                .id, .invalidId, "is \(incidents[j].id), as incidents[\(first)].id is")
            leaveOutIncident(j, incidents[j], because: bad)
        }
    }

    /// A call that is left out misses no unit for the decision; the answer says how many it does miss.
    private func leaveOutIncident(_ j: Int, _ given: patrol_incident, because bad: BadRow) {
        snapshot.incidents[j] = Incident()
        snapshot.incidents[j].id = given.id
        snapshot.incidents[j].unitsMissing = 0
        leftOutIncident[j] = 1
        leftOutMissing[j] = given.units_required - min(given.units_required, given.units_assigned)
        issues.add(bad, SnapshotRow(table: .incidents, index: j))
    }

    private func incident(_ given: patrol_incident, _ row: SnapshotRow) throws(BadRow) -> Incident {
        var call = Incident()
        try row.check(given.id != PATROL_NO_ID_VALUE, .id, .invalidId, "is PATROL_NO_ID, expected the call's id")
        try row.checkIndex(Int(given.category), below: area.categoryCount, .category)
        try row.check(
            given.priority >= 1 && given.priority <= Incident.priorities, .priority, .invalidArgument,
            "is \(given.priority), expected 1 to \(Incident.priorities)")
        try row.check(given.flags <= 1, .flags, .invalidArgument, "is \(given.flags), expected 0 or 1")
        try row.checkTime(given.seconds_waited, .secondsWaited)
        call.id = given.id
        call.requiredCapabilities = given.required_capabilities
        call.node = try node(given.node, given.x, given.y, row)
        call.category = given.category
        call.priority = given.priority
        call.allOrNone = given.flags & 1 == 1
        call.secondsWaited = given.seconds_waited
        call.weight = given.weight
        if given.weight.isNaN { call.weight = area.categoryWeights[Int(given.category)] }
        try row.checkPositive(call.weight, .weight)
        call.weight *= session.engine.groupWeights[Int(area.groups[Int(call.node)])]
        call.serviceSeconds = given.service_seconds
        if given.service_seconds.isNaN { call.serviceSeconds = area.categoryServiceSeconds[Int(given.category)] }
        try row.checkPositive(call.serviceSeconds, .serviceSeconds)
        try takeCounts(given, row, into: &call)
        return call
    }

    private func takeCounts(_ given: patrol_incident, _ row: SnapshotRow, into call: inout Incident) throws(BadRow) {
        try row.check(
            (1...64).contains(given.units_required), .unitsRequired, .invalidArgument,
            "is \(given.units_required), expected 1 to 64")
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
            try need(needs.0, 0, row), try need(needs.1, 1, row), try need(needs.2, 2, row), try need(needs.3, 3, row))
        var missing: Int32 = 0
        for k in 0..<Incident.maximumNeeds { missing += call.need(k).missing }
        try row.check(
            missing <= call.unitsMissing, .needs, .invalidArgument,
            "lack \(missing) units, but the call lacks only \(call.unitsMissing)")
    }

    private func need(_ given: patrol_need, _ k: Int, _ row: SnapshotRow) throws(BadRow) -> CapabilityNeed {
        try row.check(
            given.required <= 64 && given.assigned <= given.required, .needs, .invalidArgument,
            "(entry \(k)) has \(given.assigned) assigned of \(given.required), expected at most 64 required, and no more assigned than required")
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

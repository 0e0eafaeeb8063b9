import CPatrol
import PatrolDecisions
import PatrolModel

/// Checks the caller's snapshot and resolves it into the session's: coordinates to nodes, ids to indices, defaults to values.
extension SessionHandle {
    private var snapshot: Snapshot { session.snapshot }
    private var area: ServiceArea { session.engine.area }

    func take(_ pointer: UnsafePointer<patrol_snapshot>?) throws(PatrolError) {
        let pointer = try required(pointer, "snapshot")
        try checkSize(pointer, "snapshot")
        let given = pointer.pointee
        try check(
            given.time_seconds.isFinite && given.time_seconds >= 0 && given.time_seconds <= 1e12, .invalidNumber,
            "time_seconds is \(given.time_seconds), expected 0 to 1e12")
        try check(given.reserved == 0, .invalidArgument, "snapshot->reserved is \(given.reserved), expected 0")
        try check(
            given.unit_count <= snapshot.maximumUnits, .capacity,
            "unit_count is \(given.unit_count), the session was made for \(snapshot.maximumUnits)")
        try check(
            given.incident_count <= snapshot.maximumIncidents, .capacity,
            "incident_count is \(given.incident_count), the session was made for \(snapshot.maximumIncidents)")
        let units = try Strided(given.units, count: given.unit_count, stride: given.unit_stride, "units")
        let incidents = try Strided(given.incidents, count: given.incident_count, stride: given.incident_stride, "incidents")
        snapshot.time = given.time_seconds
        snapshot.unitCount = units.count
        snapshot.incidentCount = incidents.count
        for j in 0..<incidents.count { snapshot.incidents[j] = try incident(incidents[j], j) }
        try orderIncidents()
        for i in 0..<units.count { snapshot.units[i] = try unit(units[i], i) }
        try orderUnits()
        try takeEdgeChanges(given)
        try takeTravel(given)
        try takeIdleTimes(given)
    }

    private func unit(_ given: patrol_unit, _ i: Int) throws(PatrolError) -> PatrolUnit {
        var unit = PatrolUnit()
        try check(given.id != PATROL_NO_ID_VALUE, .invalidId, "units[\(i)].id is PATROL_NO_ID, expected the unit's id")
        guard let status = UnitStatus(rawValue: given.status) else {
            throw PatrolError(.invalidArgument, "units[\(i)].status is \(given.status), expected 0 to 3")
        }
        try check(
            given.home_beat >= -1 && Int(given.home_beat) < area.beatCount, .outOfRange,
            "units[\(i)].home_beat is \(given.home_beat), expected -1 to \(area.beatCount - 1)")
        try checkNonNegative(given.seconds_to_node, "units[\(i)].seconds_to_node")
        try checkLimit(given.position_age_seconds, "units[\(i)].position_age_seconds")
        if !given.seconds_until_free.isNaN { try checkNonNegative(given.seconds_until_free, "units[\(i)].seconds_until_free") }
        try checkLimit(given.seconds_until_shift_end, "units[\(i)].seconds_until_shift_end")
        try checkNonNegative(given.seconds_until_due, "units[\(i)].seconds_until_due")
        try check(given.reserved == 0, .invalidArgument, "units[\(i)].reserved is \(given.reserved), expected 0")
        unit.id = given.id
        unit.capabilities = given.capabilities
        unit.status = status
        unit.node = try node(given.node, given.x, given.y, "units[\(i)]")
        if given.target_node != UInt32.max {
            try checkIndex(Int(given.target_node), below: area.nodeCount, "units[\(i)].target_node")
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
    private func node(_ given: UInt32, _ x: Double, _ y: Double, _ name: @autoclosure () -> ByteText) throws(PatrolError) -> Int32 {
        if given == UInt32.max {
            try checkPlace(area, x, y, "\(name()).x, y")
            return Int32(truncatingIfNeeded: area.nearestNode(x: x, y: y)?.node ?? 0)
        }
        try checkIndex(Int(given), below: area.nodeCount, "\(name()).node")
        return Int32(bitPattern: given)
    }

    private func incident(_ given: patrol_incident, _ j: Int) throws(PatrolError) -> Incident {
        var call = Incident()
        try check(given.id != PATROL_NO_ID_VALUE, .invalidId, "incidents[\(j)].id is PATROL_NO_ID, expected the call's id")
        try checkIndex(Int(given.category), below: area.categoryCount, "incidents[\(j)].category")
        try check(
            given.priority >= 1 && given.priority <= Incident.priorities, .invalidArgument,
            "incidents[\(j)].priority is \(given.priority), expected 1 to \(Incident.priorities)")
        try check(given.flags <= 1, .invalidArgument, "incidents[\(j)].flags is \(given.flags), expected 0 or 1")
        try checkNonNegative(given.seconds_waited, "incidents[\(j)].seconds_waited")
        call.id = given.id
        call.requiredCapabilities = given.required_capabilities
        call.node = try node(given.node, given.x, given.y, "incidents[\(j)]")
        call.category = given.category
        call.priority = given.priority
        call.allOrNone = given.flags & 1 == 1
        call.secondsWaited = given.seconds_waited
        call.weight = given.weight
        if given.weight.isNaN { call.weight = area.categoryWeights[Int(given.category)] }
        try checkPositive(call.weight, "incidents[\(j)].weight")
        call.weight *= session.engine.groupWeights[Int(area.groups[Int(call.node)])]
        call.serviceSeconds = given.service_seconds
        if given.service_seconds.isNaN { call.serviceSeconds = area.categoryServiceSeconds[Int(given.category)] }
        try checkPositive(call.serviceSeconds, "incidents[\(j)].service_seconds")
        try takeCounts(given, j, into: &call)
        return call
    }

    private func takeCounts(_ given: patrol_incident, _ j: Int, into call: inout Incident) throws(PatrolError) {
        try check(
            (1...64).contains(given.units_required), .invalidArgument,
            "incidents[\(j)].units_required is \(given.units_required), expected 1 to 64")
        try check(
            given.units_assigned <= given.units_required, .invalidArgument,
            "incidents[\(j)].units_assigned is \(given.units_assigned), expected at most units_required, \(given.units_required)")
        try check(
            given.units_on_scene <= given.units_assigned, .invalidArgument,
            "incidents[\(j)].units_on_scene is \(given.units_on_scene), expected at most units_assigned, \(given.units_assigned)")
        call.unitsRequired = Int32(given.units_required)
        call.unitsMissing = Int32(given.units_required - given.units_assigned)
        let given = (given.needs.0, given.needs.1, given.needs.2, given.needs.3)
        call.needs = (
            try need(given.0, j, 0), try need(given.1, j, 1), try need(given.2, j, 2), try need(given.3, j, 3))
        var missing: Int32 = 0
        for k in 0..<Incident.maximumNeeds { missing += call.need(k).missing }
        try check(
            missing <= call.unitsMissing, .invalidArgument,
            "incidents[\(j)].needs miss \(missing) units, but the call misses \(call.unitsMissing)")
    }

    private func need(_ given: patrol_need, _ j: Int, _ k: Int) throws(PatrolError) -> CapabilityNeed {
        try check(
            given.required <= 64 && given.assigned <= given.required, .invalidArgument,
            "incidents[\(j)].needs[\(k)] has \(given.assigned) assigned of \(given.required), expected at most 64 and no more assigned")
        try check(
            given.capabilities != 0 || given.required == 0, .invalidArgument,
            "incidents[\(j)].needs[\(k)] requires \(given.required) units without naming a capability")
        var need = CapabilityNeed()
        need.capabilities = given.capabilities
        need.missing = Int32(given.required - given.assigned)
        return need
    }

    // MARK: Ids

    private func orderIncidents() throws(PatrolError) {
        for j in 0..<snapshot.incidentCount {
            incidentOrder[j] = Int32(j)
            keys[j] = snapshot.incidents[j].id
        }
        sortIndices(incidentOrder.base, count: snapshot.incidentCount, by: keys.base)
        try checkDistinct(incidentOrder, snapshot.incidentCount, "incidents")
    }

    private func orderUnits() throws(PatrolError) {
        for i in 0..<snapshot.unitCount {
            snapshot.unitOrder[i] = Int32(i)
            keys[i] = snapshot.units[i].id
        }
        sortIndices(snapshot.unitOrder.base, count: snapshot.unitCount, by: keys.base)
        try checkDistinct(snapshot.unitOrder, snapshot.unitCount, "units")
    }

    private func checkDistinct(_ order: Buffer<Int32>, _ count: Int, _ name: StaticString) throws(PatrolError) {
        for k in 1..<max(count, 1) where keys[Int(order[k])] == keys[Int(order[k - 1])] {
            throw PatrolError(
                .invalidId, "\(name)[\(order[k - 1])] and \(name)[\(order[k])] have the same id, \(keys[Int(order[k])])")
        }
    }

    /// Index of the incident with this id, or −1.
    func incidentIndex(_ id: UInt64) -> Int32 {
        var (low, high) = (0, snapshot.incidentCount)
        while low < high {
            let middle = (low + high) / 2
            if snapshot.incidents[Int(incidentOrder[middle])].id < id { low = middle + 1 } else { high = middle }
        }
        guard low < snapshot.incidentCount, snapshot.incidents[Int(incidentOrder[low])].id == id else { return -1 }
        return incidentOrder[low]
    }

    // MARK: Arrays

    private func takeEdgeChanges(_ given: patrol_snapshot) throws(PatrolError) {
        let changes = try Strided(
            given.edge_changes, count: given.edge_change_count, stride: given.edge_change_stride, "edge_changes")
        try check(
            changes.count <= area.roads.edgeCount, .invalidArgument,
            "edge_change_count is \(changes.count), the area has \(area.roads.edgeCount) edges")
        try snapshot.overlay.reset(capacity: changes.count)
        for k in 0..<changes.count {
            let change = changes[k]
            try checkIndex(Int(change.from_node), below: area.nodeCount, "edge_changes[\(k)].from_node")
            try checkIndex(Int(change.to_node), below: area.nodeCount, "edge_changes[\(k)].to_node")
            try checkLimit(change.patrol_seconds, "edge_changes[\(k)].patrol_seconds")
            try checkLimit(change.emergency_seconds, "edge_changes[\(k)].emergency_seconds")
            var exists = false
            for arc in area.roads.outgoing[Int(change.from_node)] where arc.node == Int32(bitPattern: change.to_node) { exists = true }
            try check(
                exists, .outOfRange, "edge_changes[\(k)]: there is no edge from node \(change.from_node) to node \(change.to_node)")
            let isNew = try snapshot.overlay.insert(
                from: Int(change.from_node), to: Int(change.to_node), patrolSeconds: change.patrol_seconds,
                emergencySeconds: change.emergency_seconds)
            try check(
                isNew, .invalidId, "edge_changes[\(k)] changes the edge from \(change.from_node) to \(change.to_node) a second time")
        }
    }

    private func takeTravel(_ given: patrol_snapshot) throws(PatrolError) {
        snapshot.hostTravelSeconds = given.travel_seconds
        guard let travel = given.travel_seconds else { return }
        for i in 0..<snapshot.unitCount {
            for j in 0..<snapshot.incidentCount {
                let seconds = travel[i * snapshot.incidentCount + j]
                if !seconds.isNaN { try checkLimit(seconds, "travel_seconds[\(i)][\(j)]") }
            }
        }
    }

    private func takeIdleTimes(_ given: patrol_snapshot) throws(PatrolError) {
        snapshot.locationIdleSeconds = given.location_idle_seconds
        guard let idle = given.location_idle_seconds else { return }
        for location in 0..<area.locationCount { try checkNonNegative(idle[location], "location_idle_seconds[\(location)]") }
    }
}

/// `PATROL_NO_ID`: the macro's cast is not imported.
let PATROL_NO_ID_VALUE = UInt64.max

import CPatrol
import PatrolABI
import PatrolDecisions
import PatrolModel
import PatrolSimulation

@_cdecl("patrol_simulation_get_snapshot") @implementation
public func patrol_simulation_get_snapshot(
    _ simulation: OpaquePointer!, _ units: UnsafeMutablePointer<patrol_unit>!, _ unit_capacity: Int, _ unit_stride: Int,
    _ unit_count: UnsafeMutablePointer<Int>!, _ incidents: UnsafeMutablePointer<patrol_incident>!,
    _ incident_capacity: Int,
    _ incident_stride: Int, _ incident_count: UnsafeMutablePointer<Int>!,
    _ travel_seconds: UnsafeMutablePointer<Float>!,
    _ location_idle_seconds: UnsafeMutablePointer<Float>!, _ due: UnsafeMutablePointer<UInt8>!,
    _ error: UnsafeMutablePointer<patrol_error>!
) -> Int32 {
    boundary(error) { () throws(PatrolError) in
        let simulator = try simulator(simulation)
        let unitCount = try required(unit_count, "unit_count")
        let incidentCount = try required(incident_count, "incident_count")
        try check(simulator.due != .none, .invalidArgument, "no decision is due")
        let snapshot = simulator.session.snapshot
        let shownUnits = try output(units, unit_capacity, unit_stride, snapshot.unitCount, "units")
        let shownIncidents = try output(
            incidents, incident_capacity, incident_stride, snapshot.incidentCount, "incidents")
        unitCount.pointee = snapshot.unitCount
        incidentCount.pointee = snapshot.incidentCount
        try checkRoom(unit_capacity, snapshot.unitCount, "units")
        try checkRoom(incident_capacity, snapshot.incidentCount, "incidents")
        for u in 0..<shownUnits.count { shownUnits.store(cUnit(snapshot.units[u], snapshot), at: u) }
        for j in 0..<shownIncidents.count { shownIncidents.store(cIncident(j, simulator), at: j) }
        if let travel_seconds { write(travel: snapshot, into: travel_seconds) }
        if let location_idle_seconds {
            location_idle_seconds.update(from: simulator.idleTimes(), count: simulator.model.area.locationCount)
        }
        if let due {
            for u in 0..<snapshot.unitCount { due[u] = simulator.isDue(u) ? 1 : 0 }
        }
    }
}

/// The caller's array for `length` elements; none where it only asks for their number, or has no room.
private func output<Element: GrowingStruct>(
    _ pointer: UnsafeMutablePointer<Element>?, _ capacity: Int, _ stride: Int, _ length: Int, _ name: StaticString
) throws(PatrolError) -> Strided<Element> {
    let capacity = try size(capacity, name)
    return try Strided(UnsafePointer(pointer), count: capacity == 0 ? 0 : length, stride: stride, name)
}

private func checkRoom(_ capacity: Int, _ length: Int, _ name: StaticString) throws(PatrolError) {
    try check(
        capacity == 0 || capacity >= length, .capacity,
        "\(name) has room for \(capacity) elements, \(length) are needed")
}

private func cUnit(_ unit: PatrolUnit, _ snapshot: Snapshot) -> patrol_unit {
    patrol_unit.with {
        $0.id = unit.id
        $0.incident_id = unit.incident >= 0 ? snapshot.incidents[Int(unit.incident)].id : .max
        $0.capabilities = unit.capabilities
        $0.x = 0
        $0.y = 0
        $0.node = UInt32(bitPattern: unit.node)
        $0.target_node = UInt32(bitPattern: unit.target)
        $0.status = unit.status.rawValue
        $0.home_beat = unit.homeBeat
        $0.seconds_to_node = unit.secondsToNode
        $0.position_age_seconds = unit.positionAge
        $0.seconds_until_free = unit.secondsUntilFree
        $0.seconds_until_shift_end = unit.secondsUntilShiftEnd
        $0.seconds_until_due = unit.secondsUntilDue
        $0.late_seconds_until_free = unit.lateSecondsUntilFree
    }
}

private func cIncident(_ j: Int, _ simulator: Simulator) -> patrol_incident {
    let call = simulator.session.snapshot.incidents[j]
    var incident = patrol_incident()
    incident.id = call.id
    incident.required_capabilities = call.requiredCapabilities
    incident.node = UInt32(bitPattern: call.node)
    incident.category = call.category
    incident.priority = call.priority
    incident.seconds_waited = call.secondsWaited
    incident.weight = simulator.ownWeight(incident: j)
    incident.service_seconds = call.serviceSeconds
    incident.units_required = UInt32(call.unitsRequired)
    incident.units_assigned = UInt32(call.unitsRequired - call.unitsMissing)
    incident.units_on_scene = UInt32(simulator.unitsOnScene(incident: j))
    return incident
}

private func write(travel snapshot: Snapshot, into rows: UnsafeMutablePointer<Float>) {
    for k in 0..<snapshot.unitCount * snapshot.incidentCount { rows[k] = snapshot.hostTravelSeconds?[k] ?? .nan }
}

@_cdecl("patrol_simulation_get_candidates") @implementation
public func patrol_simulation_get_candidates(
    _ simulation: OpaquePointer!, _ unit: UInt32, _ candidates: UnsafeMutablePointer<patrol_candidate>!,
    _ capacity: Int,
    _ stride: Int, _ count: UnsafeMutablePointer<Int>!, _ features: UnsafeMutablePointer<Float>!,
    _ error: UnsafeMutablePointer<patrol_error>!
) -> Int32 {
    boundary(error) { () throws(PatrolError) in
        let handle: SimulationHandle = try object(simulation, "simulation")
        let count = try required(count, "count")
        let found = try handle.simulator.candidates(ofUnit: Int(unit), features: handle.candidateFeatures.base)
        try write(found, handle.candidateFeatures.base, into: candidates, capacity, stride, count, features)
    }
}

@_cdecl("patrol_simulation_get_pairs") @implementation
public func patrol_simulation_get_pairs(
    _ simulation: OpaquePointer!, _ pairs: UnsafeMutablePointer<patrol_pair>!, _ capacity: Int, _ stride: Int,
    _ count: UnsafeMutablePointer<Int>!, _ features: UnsafeMutablePointer<Float>!,
    _ deltas: UnsafeMutablePointer<Float>!,
    _ state: UnsafeMutablePointer<Float>!, _ error: UnsafeMutablePointer<patrol_error>!
) -> Int32 {
    boundary(error) { () throws(PatrolError) in
        let simulator = try simulator(simulation)
        let count = try required(count, "count")
        let found = try simulator.eligiblePairs()
        try write(found, simulator.session.dispatch, into: pairs, capacity, stride, count, features, deltas, state)
    }
}

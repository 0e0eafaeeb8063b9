import CPatrol
import PatrolModel

/// What a snapshot has beside its rows: edge changes, the host's travel times, idle times.
extension SessionHandle {
    /// A bad change leaves its edge as it is.
    func takeEdgeChanges(_ changes: Strided<patrol_edge_change>) throws(PatrolError) {
        try snapshot.overlay.reset(capacity: changes.count)
        for k in 0..<changes.count {
            let row = SnapshotRow(table: .edgeChanges, index: k)
            do throws(BadRow) { try checkChange(changes[k], row) } catch {
                issues.add(error, row)
                continue
            }
            let isNew = try snapshot.overlay.insert(
                from: Int(changes[k].from_node), to: Int(changes[k].to_node), patrolSeconds: changes[k].patrol_seconds,
                emergencySeconds: changes[k].emergency_seconds)
            if isNew { continue }
            issues.add(
                row.bad(
                    .edge, .invalidId,
                    "changes the edge from node \(changes[k].from_node) to node \(changes[k].to_node) a second time"),
                row)
        }
    }

    private func checkChange(_ change: patrol_edge_change, _ row: SnapshotRow) throws(BadRow) {
        var exists = false
        if Int(change.from_node) < area.nodeCount {
            for arc in area.roads.outgoing[Int(change.from_node)] where arc.node == Int32(bitPattern: change.to_node) {
                exists = true
            }
        }
        try row.check(
            exists, .edge, .outOfRange,
            "is for an edge from node \(change.from_node) to node \(change.to_node), which the area does not have")
        try row.requireLimit(change.patrol_seconds, .patrolSeconds)
        try row.requireLimit(change.emergency_seconds, .emergencySeconds)
    }

    /// For a bad time the library's own is taken.
    func takeTravel(_ given: patrol_snapshot) {
        snapshot.hostTravelSeconds = given.travel_seconds
        guard let travel = given.travel_seconds else { return }
        for k in 0..<snapshot.unitCount * snapshot.incidentCount {
            if Snapshot.isTime(travel[k]) || travel[k].isNaN || travel[k] == .infinity { continue }
            let row = SnapshotRow(table: .travelSeconds, index: k)
            issues.add(
                row.bad(
                    .value, .invalidNumber,
                    "(unit \(k / snapshot.incidentCount), incident \(k % snapshot.incidentCount)) is \(travel[k]), expected 0 to 1e9, infinity or NAN"
                ),
                row)
        }
    }

    /// A bad cost is taken as 0.
    func takePairCosts(_ costs: Strided<patrol_pair_cost>) {
        let rows = costs.array
        (snapshot.pairCosts.count, snapshot.pairCosts.stride) = (rows.count, rows.stride)
        snapshot.pairCosts.start = rows.0.map { UnsafeRawPointer($0) }
        for k in 0..<costs.count where snapshot.pairCost(k) == nil {
            let row = SnapshotRow(table: .pairCosts, index: k)
            do throws(BadRow) { try checkCost(costs[k], row) } catch { issues.add(error, row) }
        }
    }

    private func checkCost(_ cost: patrol_pair_cost, _ row: SnapshotRow) throws(BadRow) {
        try row.requireIndex(Int(cost.unit), below: snapshot.unitCount, .unit)
        try row.requireIndex(Int(cost.incident), below: snapshot.incidentCount, .incident)
        try row.judge(.seconds) { (name) throws(PatrolError) in
            try checkNumber(cost.seconds, in: -largestNumber...largestNumber, name())
        }
        try row.requireCount(Int(cost.reserved), in: 0...0, .reserved)
    }

    /// A bad substitute is left out.
    func takeSubstitutes(_ rows: Strided<patrol_substitute>) {
        snapshot.dropSubstitutes()
        for k in 0..<rows.count {
            let row = SnapshotRow(table: .substitutes, index: k)
            do throws(BadRow) { try take(rows[k], row) } catch { issues.add(error, row) }
        }
    }

    private func take(_ given: patrol_substitute, _ row: SnapshotRow) throws(BadRow) {
        try row.requireIndex(Int(given.incident), below: snapshot.incidentCount, .incident)
        let j = Int(given.incident)
        // The call's own row says why.
        if incidentRows.isLeftOut(j) { return }
        let call = snapshot.incidents[j]
        try row.check(
            call.unitsMissing == call.unitsRequired, .incident, .invalidArgument,
            "is \(j), whose units_assigned is \(call.unitsRequired - call.unitsMissing), expected a call without units: those that it has settle what it goes by"
        )
        try row.check(
            call.substitutes < Requirement.mostSubstitutes, .incident, .invalidArgument,
            "is \(j), as in \(call.substitutes) rows before, expected no more than \(Requirement.mostSubstitutes) of one call"
        )
        var asked = Incident()
        try takeCounts(
            .with { ($0.units_required, $0.needs) = (given.units_required, given.needs) }, row, into: &asked)
        let assigned =
            given.needs.0.assigned | given.needs.1.assigned | given.needs.2.assigned | given.needs.3.assigned
        try row.check(
            assigned == 0, .needs, .invalidArgument, "have units assigned, expected none: the call has no units")
        asked.requiredCapabilities = given.required_capabilities
        var substitute = asked.requirement
        substitute.number = Int32(truncatingIfNeeded: row.index + 1)
        snapshot.add(substitute, to: j)
    }

    /// A bad idle time is taken as 0.
    func takeIdleTimes(_ given: patrol_snapshot) {
        snapshot.locationIdleSeconds = given.location_idle_seconds
        guard let idle = given.location_idle_seconds else { return }
        for location in 0..<area.locationCount {
            let row = SnapshotRow(table: .locationIdleSeconds, index: location)
            do throws(BadRow) { try row.requireTime(idle[location], .value) } catch { issues.add(error, row) }
        }
    }
}

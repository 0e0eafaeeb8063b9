import CPatrol
import PatrolABI
import PatrolModel

/// Reads `patrol_snapshot` and `patrol_decide_options`, as the JSON of a record has them.
extension Loaded {
    func snapshot(_ request: Request) throws(PatrolError) -> patrol_snapshot {
        var snapshot = patrol_snapshot.initial
        try request.require("snapshot") { (reader) throws(PatrolError) in
            snapshot = try self.snapshot(&reader)
        }
        return snapshot
    }

    private func snapshot(_ reader: inout ValueReader) throws(PatrolError) -> patrol_snapshot {
        var snapshot = patrol_snapshot.initial
        var travelCount: Int?
        let names = NameList(
            "time_seconds|units|incidents|travel_seconds|edge_changes|location_idle_seconds|pair_costs|substitutes")
        try reader.object(names) { (reader, key) throws(PatrolError) in
            switch key.place {
            case 0: snapshot.time_seconds = try reader.double()
            case 1: snapshot.unit_count = try reader.rows(RowFields.unit, into: units)
            case 2: snapshot.incident_count = try reader.rows(RowFields.incident, into: incidents)
            case 3: travelCount = try reader.floats(into: travel)
            case 4: snapshot.edge_change_count = try reader.rows(RowFields.edgeChange, into: edgeChanges)
            case 5:
                let count = try reader.floats(into: idle)
                if count != idle.count {
                    throw reader.invalid(" has \(count) entries, expected \(idle.count), one for each patrol location")
                }
                snapshot.location_idle_seconds = UnsafePointer(idle.base)
            case 6: snapshot.pair_cost_count = try reader.rows(RowFields.pairCost, into: pairCosts)
            default: snapshot.substitute_count = try reader.rows(RowFields.substitute, into: substitutes)
            }
        }
        if let travelCount {
            let pairs = snapshot.unit_count * snapshot.incident_count
            if travelCount != pairs {
                throw reader.invalid(
                    ".travel_seconds has \(travelCount) entries, expected \(pairs), by unit and then by incident")
            }
            snapshot.travel_seconds = UnsafePointer(travel.base)
        }
        (snapshot.units, snapshot.unit_stride) = (UnsafePointer(units.base), MemoryLayout<patrol_unit>.stride)
        snapshot.incidents = UnsafePointer(incidents.base)
        snapshot.incident_stride = MemoryLayout<patrol_incident>.stride
        snapshot.edge_changes = UnsafePointer(edgeChanges.base)
        snapshot.edge_change_stride = MemoryLayout<patrol_edge_change>.stride
        snapshot.pair_costs = UnsafePointer(pairCosts.base)
        snapshot.pair_cost_stride = MemoryLayout<patrol_pair_cost>.stride
        snapshot.substitutes = UnsafePointer(substitutes.base)
        snapshot.substitute_stride = MemoryLayout<patrol_substitute>.stride
        return snapshot
    }

    func decideOptions(_ request: Request) throws(PatrolError) -> patrol_decide_options {
        var options = patrol_decide_options.initial
        _ = try request.read("options") { (reader) throws(PatrolError) in
            let names = NameList("tasks|deadline_microseconds|node_limit|relative_gap|bad_rows")
            try reader.object(names) { (reader, key) throws(PatrolError) in
                switch key.place {
                case 0:
                    options.tasks = 0
                    _ = try reader.list(atMost: 2) { (reader, _) throws(PatrolError) in
                        options.tasks |= 1 << UInt32(try reader.choice(NameList("dispatch|patrol")))
                    }
                case 1: options.deadline_microseconds = try reader.natural()
                case 2: options.node_limit = try reader.natural()
                case 3: options.relative_gap = try reader.double()
                default: options.bad_rows = UInt32(try reader.choice(NameList("leave_out|refuse")))
                }
            }
        }
        return options
    }

    /// Room for the answer, with its plans where the request asks for them.
    func answer(_ request: Request) throws(PatrolError) -> patrol_answer {
        var answer = patrol_answer.initial
        var wantsPlans = false
        _ = try request.read("plans") { (reader) throws(PatrolError) in wantsPlans = try reader.boolean() }
        (answer.plans, answer.plan_capacity) = (plans.base, wantsPlans ? plans.count : 0)
        answer.plan_stride = MemoryLayout<patrol_plan>.stride
        (answer.moves, answer.move_capacity) = (moves.base, moves.count)
        (answer.assignments, answer.assignment_capacity) = (assignments.base, assignments.count)
        (answer.waits, answer.wait_capacity) = (waits.base, waits.count)
        (answer.issues, answer.issue_capacity) = (issues.base, issues.count)
        answer.move_stride = MemoryLayout<patrol_move>.stride
        answer.assignment_stride = MemoryLayout<patrol_assignment>.stride
        answer.wait_stride = MemoryLayout<patrol_wait>.stride
        answer.issue_stride = MemoryLayout<patrol_row_issue>.stride
        return answer
    }
}

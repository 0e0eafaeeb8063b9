import CPatrol
import PatrolModel

// What version 0.1 has of each struct of patrol.h, in its order, and what stands in fields that a caller does not give.

extension patrol_area_arrays: SizedStruct {
    package static var firstSize: Int { 120 }
    package static var defaults: Self { .with { $0.period_hours = 1 } }
}

extension patrol_area_options: SizedStruct {
    package static var firstSize: Int { 16 }
    package static var defaults: Self {
        .with {
            $0.max_demand_points = 256
            $0.patrol_spacing_seconds = 90
        }
    }
}

extension patrol_area_info: SizedStruct {
    package static var firstSize: Int { 56 }
}

extension patrol_policy_info: SizedStruct {
    package static var firstSize: Int { 40 }
}

extension patrol_engine_options: SizedStruct {
    package static var firstSize: Int { 208 }
    package static var defaults: Self { engineDefaults() }
}

extension patrol_unit: GrowingStruct {
    package static var firstSize: Int { 80 }
    /// Up to `may_leave_scene`: of records in which nothing is said that came later.
    static var secondSize: Int { 88 }
    package static var defaults: Self {
        .with {
            $0.id = .max
            $0.incident_id = .max
            $0.node = .max
            $0.target_node = .max
            $0.status = UnitStatus.patrolling.rawValue
            $0.home_beat = -1
            $0.seconds_until_free = .nan
            $0.seconds_until_shift_end = .infinity
        }
    }
}

extension patrol_incident: GrowingStruct {
    package static var firstSize: Int { 136 }
    package static var defaults: Self {
        .with {
            $0.id = .max
            $0.node = .max
            $0.priority = 1
            $0.weight = .nan
            $0.service_seconds = .nan
            $0.units_required = 1
        }
    }
}

extension patrol_edge_change: GrowingStruct {
    package static var firstSize: Int { 16 }
}

extension patrol_pair_cost: GrowingStruct {
    package static var firstSize: Int { 16 }
}

extension patrol_substitute: GrowingStruct {
    package static var firstSize: Int { 80 }
}

extension patrol_snapshot: SizedStruct {
    package static var firstSize: Int { 104 }
    package static var defaults: Self {
        .with {
            $0.unit_stride = patrol_unit.firstSize
            $0.incident_stride = patrol_incident.firstSize
            $0.edge_change_stride = patrol_edge_change.firstSize
            $0.pair_cost_stride = patrol_pair_cost.firstSize
            $0.substitute_stride = patrol_substitute.firstSize
        }
    }
}

extension patrol_row_issue: GrowingStruct {
    package static var firstSize: Int { 16 }
}

extension patrol_decide_options: SizedStruct {
    package static var firstSize: Int { 48 }
    package static var defaults: Self {
        .with {
            $0.tasks = UInt32(PATROL_TASK_DISPATCH) | UInt32(PATROL_TASK_PATROL)
            $0.deadline_microseconds = 50_000
            $0.relative_gap = 1e-6
        }
    }
}

extension patrol_move: GrowingStruct {
    package static var firstSize: Int { 40 }
}

extension patrol_assignment: GrowingStruct {
    package static var firstSize: Int { 40 }
}

extension patrol_plan: GrowingStruct {
    package static var firstSize: Int { 24 }
}

extension patrol_wait: GrowingStruct {
    package static var firstSize: Int { 16 }
}

extension patrol_answer: SizedStruct {
    package static var firstSize: Int { 208 }
    package static var defaults: Self {
        .with {
            $0.move_stride = patrol_move.firstSize
            $0.assignment_stride = patrol_assignment.firstSize
            $0.wait_stride = patrol_wait.firstSize
            $0.issue_stride = patrol_row_issue.firstSize
            $0.plan_stride = patrol_plan.firstSize
        }
    }
}

extension patrol_candidate: GrowingStruct {
    package static var firstSize: Int { 16 }
}

extension patrol_pair: GrowingStruct {
    package static var firstSize: Int { 24 }
}

extension patrol_explanation: GrowingStruct {
    package static var firstSize: Int { 64 }
}

extension patrol_pair_explanation: SizedStruct {
    package static var firstSize: Int { 48 }
}

extension patrol_record_info: SizedStruct {
    package static var firstSize: Int { 112 }
}

extension patrol_replay_options: SizedStruct {
    package static var firstSize: Int { 24 }
}

extension patrol_ranked_unit: GrowingStruct {
    package static var firstSize: Int { 24 }
}

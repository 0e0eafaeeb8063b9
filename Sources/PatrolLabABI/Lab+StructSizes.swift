import CPatrol
import PatrolABI

// What version 0.1 has of each struct of patrol_lab.h, in its order, and what stands in fields that a caller does not give.

extension patrol_fleet_unit: GrowingStruct {
    package static var firstSize: Int { 24 }
}

extension patrol_shift: GrowingStruct {
    package static var firstSize: Int { 16 }
}

extension patrol_call_category: GrowingStruct {
    package static var firstSize: Int { 48 }
}

extension patrol_storm: GrowingStruct {
    package static var firstSize: Int { 24 }
}

extension patrol_logged_call: GrowingStruct {
    package static var firstSize: Int { 24 }
}

extension patrol_scenario_arrays: SizedStruct {
    package static var firstSize: Int { 296 }
    package static var defaults: Self {
        .with {
            $0.unit_stride = patrol_fleet_unit.firstSize
            $0.shift_stride = patrol_shift.firstSize
            $0.category_stride = patrol_call_category.firstSize
            $0.storm_stride = patrol_storm.firstSize
            $0.call_stride = patrol_logged_call.firstSize
            $0.work_mean_seconds = 900
            $0.out_of_service_mean_seconds = 1800
            $0.rate_scale = 1
            $0.overflow_seconds = 3600
            $0.compliance = 1
            $0.reassessment_seconds = 60
            $0.queue_capacity = 1000
            $0.presence_seconds = 3600
            withUnsafeMutableBytes(of: &$0.response_target_seconds) { bytes in
                bytes.storeBytes(of: SIMD8(repeating: Float.infinity), as: SIMD8<Float>.self)
            }
        }
    }
}

extension patrol_simulation_options: SizedStruct {
    package static var firstSize: Int { 32 }
    package static var defaults: Self {
        .with {
            $0.node_limit = 2000
            $0.relative_gap = 1e-6
        }
    }
}

extension patrol_simulation_state: SizedStruct {
    package static var firstSize: Int { 56 }
}

extension patrol_simulation_event: GrowingStruct {
    package static var firstSize: Int { 32 }
}

/// Part of `patrol_metrics`: can never grow.
extension patrol_response: GrowingStruct {
    package static var firstSize: Int { 104 }
}

extension patrol_metrics: SizedStruct {
    package static var firstSize: Int { 280 }
}

extension patrol_unit_times: GrowingStruct {
    package static var firstSize: Int { 64 }
}

extension patrol_batch_options: SizedStruct {
    package static var firstSize: Int { 40 }
    package static var defaults: Self {
        .with {
            $0.simulations = 1
            $0.episode_seconds = 28_800
            $0.node_limit = 2000
        }
    }
}

extension patrol_batch_arrays: SizedStruct {
    package static var firstSize: Int { 80 }
}

extension patrol_trainer_options: SizedStruct {
    package static var firstSize: Int { 224 }
    package static var defaults: Self { trainerDefaults() }
}

extension patrol_phase_outcome: GrowingStruct {
    package static var firstSize: Int { 56 }
}

extension patrol_training_progress: SizedStruct {
    package static var firstSize: Int { 56 }
}

"""The functions of `include/patrol.h` and `patrol_lab.h`, in the headers' order: result and arguments as ctypes."""

from ctypes import POINTER, c_char_p, c_double, c_int32, c_size_t, c_uint32, c_uint64, c_void_p
from typing import Any

from libpatrol._native import abi

_ERROR = POINTER(abi.Error)


def _initializer(struct: type) -> tuple[Any, list[Any]]:
    return None, [POINTER(struct)]


def _fallible(*arguments: Any) -> tuple[Any, list[Any]]:
    return c_int32, [*arguments, _ERROR]


PROTOTYPES: dict[str, tuple[Any, list[Any]]] = {
    "patrol_abi_version": (c_uint32, []),
    "patrol_version": (c_char_p, []),
    "patrol_abi_check": _fallible(c_uint32),
    "patrol_status_name": (c_char_p, [c_int32]),
    "patrol_area_arrays_init": _initializer(abi.AreaArrays),
    "patrol_area_options_init": _initializer(abi.AreaOptions),
    "patrol_area_create": _fallible(POINTER(abi.AreaArrays), POINTER(abi.AreaOptions), POINTER(abi.AreaHandle)),
    "patrol_area_load_file": _fallible(c_char_p, POINTER(abi.AreaOptions), POINTER(abi.AreaHandle)),
    "patrol_area_load_memory": _fallible(c_void_p, c_size_t, POINTER(abi.AreaOptions), POINTER(abi.AreaHandle)),
    "patrol_area_destroy": (None, [abi.AreaHandle]),
    "patrol_area_info_init": _initializer(abi.AreaInfo),
    "patrol_area_get_info": _fallible(abi.AreaHandle, POINTER(abi.AreaInfo)),
    "patrol_area_get_patrol_locations": _fallible(abi.AreaHandle, c_void_p, c_size_t, c_void_p),
    "patrol_area_get_demand_points": _fallible(abi.AreaHandle, c_void_p, c_size_t, c_void_p),
    "patrol_area_nearest_nodes": _fallible(abi.AreaHandle, c_void_p, c_size_t, c_void_p, c_void_p),
    "patrol_area_get_travel_factors": _fallible(abi.AreaHandle, c_void_p),
    "patrol_area_travel_times": _fallible(abi.AreaHandle, c_uint32, c_void_p, c_size_t, c_void_p, c_size_t, c_void_p),
    "patrol_area_path": _fallible(abi.AreaHandle, c_uint32, c_uint32, c_uint32, c_void_p, c_size_t, c_void_p, c_void_p),
    "patrol_policy_load_file": _fallible(c_char_p, POINTER(abi.PolicyHandle)),
    "patrol_policy_load_memory": _fallible(c_void_p, c_size_t, POINTER(abi.PolicyHandle)),
    "patrol_policy_destroy": (None, [abi.PolicyHandle]),
    "patrol_policy_info_init": _initializer(abi.PolicyInfo),
    "patrol_policy_get_info": _fallible(abi.PolicyHandle, POINTER(abi.PolicyInfo)),
    "patrol_policy_get_tensor": _fallible(
        abi.PolicyHandle, c_uint32, POINTER(c_char_p), POINTER(c_char_p), c_void_p, c_void_p
    ),
    "patrol_policy_get_metadata": _fallible(abi.PolicyHandle, c_uint32, POINTER(c_char_p), POINTER(c_char_p)),
    "patrol_policy_evaluate": _fallible(abi.PolicyHandle, c_char_p, c_size_t, c_size_t, c_void_p, c_void_p),
    "patrol_engine_options_init": _initializer(abi.EngineOptions),
    "patrol_engine_create": _fallible(
        abi.AreaHandle, abi.PolicyHandle, POINTER(abi.EngineOptions), POINTER(abi.EngineHandle)
    ),
    "patrol_engine_retain": (None, [abi.EngineHandle]),
    "patrol_engine_destroy": (None, [abi.EngineHandle]),
    "patrol_session_create": _fallible(abi.EngineHandle, c_uint32, c_uint32, POINTER(abi.SessionHandle)),
    "patrol_session_bytes": _fallible(abi.EngineHandle, c_uint32, c_uint32, c_void_p),
    "patrol_session_least_deadline": _fallible(abi.SessionHandle, c_void_p),
    "patrol_session_move": _fallible(abi.SessionHandle, abi.EngineHandle),
    "patrol_session_destroy": (None, [abi.SessionHandle]),
    "patrol_unit_init": _initializer(abi.Unit),
    "patrol_incident_init": _initializer(abi.Incident),
    "patrol_snapshot_init": _initializer(abi.Snapshot),
    "patrol_decide_options_init": _initializer(abi.DecideOptions),
    "patrol_answer_init": _initializer(abi.Answer),
    "patrol_decide": _fallible(
        abi.SessionHandle, POINTER(abi.Snapshot), POINTER(abi.DecideOptions), POINTER(abi.Answer)
    ),
    "patrol_decide_many": _fallible(
        abi.SessionHandle,
        POINTER(abi.Snapshot),
        c_size_t,
        c_size_t,
        POINTER(abi.DecideOptions),
        POINTER(abi.Answer),
        c_size_t,
        c_void_p,
        POINTER(abi.Error),
    ),
    "patrol_unit_candidates": _fallible(
        abi.SessionHandle, POINTER(abi.Snapshot), c_uint64, c_void_p, c_size_t, c_size_t, c_void_p, c_void_p
    ),
    "patrol_eligible_pairs": _fallible(
        abi.SessionHandle, POINTER(abi.Snapshot), c_void_p, c_size_t, c_size_t, c_void_p, c_void_p, c_void_p, c_void_p
    ),
    "patrol_explain": _fallible(
        abi.SessionHandle,
        POINTER(abi.Snapshot),
        POINTER(abi.DecideOptions),
        c_void_p,
        c_size_t,
        c_size_t,
        c_void_p,
    ),
    "patrol_explain_call": _fallible(
        abi.SessionHandle,
        POINTER(abi.Snapshot),
        POINTER(abi.DecideOptions),
        c_uint64,
        c_void_p,
        c_size_t,
        c_size_t,
        c_void_p,
    ),
    "patrol_pair_explanation_init": _initializer(abi.PairExplanation),
    "patrol_explain_pair": _fallible(
        abi.SessionHandle,
        POINTER(abi.Snapshot),
        POINTER(abi.DecideOptions),
        c_uint64,
        c_uint64,
        POINTER(abi.PairExplanation),
    ),
    "patrol_rank_units": _fallible(
        abi.SessionHandle, POINTER(abi.Snapshot), c_uint64, c_void_p, c_size_t, c_size_t, c_void_p
    ),
    "patrol_write_program": _fallible(abi.SessionHandle, POINTER(abi.Snapshot), c_void_p, c_size_t, c_void_p),
    "patrol_unit_candidates_within": _fallible(
        abi.SessionHandle,
        POINTER(abi.Snapshot),
        POINTER(abi.DecideOptions),
        c_uint64,
        c_void_p,
        c_size_t,
        c_size_t,
        c_void_p,
        c_void_p,
    ),
    "patrol_eligible_pairs_within": _fallible(
        abi.SessionHandle,
        POINTER(abi.Snapshot),
        POINTER(abi.DecideOptions),
        c_void_p,
        c_size_t,
        c_size_t,
        c_void_p,
        c_void_p,
        c_void_p,
        c_void_p,
    ),
    "patrol_rank_units_within": _fallible(
        abi.SessionHandle,
        POINTER(abi.Snapshot),
        POINTER(abi.DecideOptions),
        c_uint64,
        c_void_p,
        c_size_t,
        c_size_t,
        c_void_p,
    ),
    "patrol_write_program_within": _fallible(
        abi.SessionHandle, POINTER(abi.Snapshot), POINTER(abi.DecideOptions), c_void_p, c_size_t, c_void_p
    ),
    "patrol_decision_record": _fallible(
        abi.EngineHandle,
        POINTER(abi.Snapshot),
        POINTER(abi.DecideOptions),
        POINTER(abi.Answer),
        c_void_p,
        c_size_t,
        c_void_p,
    ),
    "patrol_decision_replay": _fallible(abi.EngineHandle, c_void_p, c_size_t, POINTER(abi.Answer)),
    "patrol_decision_record_after": _fallible(
        abi.EngineHandle,
        POINTER(abi.Snapshot),
        POINTER(abi.DecideOptions),
        POINTER(abi.Answer),
        c_void_p,
        c_size_t,
        c_void_p,
        c_size_t,
        c_void_p,
    ),
    "patrol_record_info_init": _initializer(abi.RecordInfo),
    "patrol_record_get_info": _fallible(c_void_p, c_size_t, POINTER(abi.RecordInfo)),
    "patrol_records_check": _fallible(c_void_p, c_size_t, c_void_p),
    "patrol_decision_json": _fallible(abi.EngineHandle, c_void_p, c_size_t, c_void_p, c_size_t, c_void_p),
    "patrol_replay_options_init": _initializer(abi.ReplayOptions),
    "patrol_decision_replay_within": _fallible(
        abi.EngineHandle, c_void_p, c_size_t, POINTER(abi.ReplayOptions), POINTER(abi.Answer)
    ),
    "patrol_assignment_solve": _fallible(c_void_p, c_size_t, c_size_t, c_uint32, c_void_p, c_void_p),
    "patrol_scenario_arrays_init": _initializer(abi.ScenarioArrays),
    "patrol_scenario_create": _fallible(abi.AreaHandle, POINTER(abi.ScenarioArrays), POINTER(abi.ScenarioHandle)),
    "patrol_scenario_destroy": (None, [abi.ScenarioHandle]),
    "patrol_engine_post_seconds": _fallible(abi.EngineHandle, c_uint32, c_void_p),
    "patrol_simulation_options_init": _initializer(abi.SimulationOptions),
    "patrol_simulation_create": _fallible(
        abi.ScenarioHandle, abi.EngineHandle, POINTER(abi.SimulationOptions), POINTER(abi.SimulationHandle)
    ),
    "patrol_simulation_destroy": (None, [abi.SimulationHandle]),
    "patrol_simulation_restart": _fallible(abi.SimulationHandle, c_uint64),
    "patrol_simulation_run": _fallible(abi.SimulationHandle, c_double),
    "patrol_simulation_step": _fallible(abi.SimulationHandle, c_double, c_void_p),
    "patrol_simulation_decide": _fallible(abi.SimulationHandle),
    "patrol_simulation_assign": _fallible(abi.SimulationHandle, c_uint32, c_uint32),
    "patrol_simulation_move": _fallible(abi.SimulationHandle, c_uint32, c_uint32),
    "patrol_simulation_copy": _fallible(abi.SimulationHandle, abi.SimulationHandle, c_uint32),
    "patrol_simulation_renew_future": _fallible(abi.SimulationHandle, c_uint64),
    "patrol_simulation_state_init": _initializer(abi.SimulationState),
    "patrol_simulation_get_state": _fallible(abi.SimulationHandle, POINTER(abi.SimulationState)),
    "patrol_simulation_get_snapshot": _fallible(
        abi.SimulationHandle,
        c_void_p,
        c_size_t,
        c_size_t,
        c_void_p,
        c_void_p,
        c_size_t,
        c_size_t,
        c_void_p,
        c_void_p,
        c_void_p,
        c_void_p,
    ),
    "patrol_simulation_get_candidates": _fallible(
        abi.SimulationHandle, c_uint32, c_void_p, c_size_t, c_size_t, c_void_p, c_void_p
    ),
    "patrol_simulation_get_pairs": _fallible(
        abi.SimulationHandle, c_void_p, c_size_t, c_size_t, c_void_p, c_void_p, c_void_p, c_void_p
    ),
    "patrol_simulation_read_events": _fallible(abi.SimulationHandle, c_void_p, c_size_t, c_size_t, c_void_p),
    "patrol_metrics_init": _initializer(abi.Metrics),
    "patrol_simulation_get_metrics": _fallible(abi.SimulationHandle, POINTER(abi.Metrics)),
    "patrol_simulation_get_responses": _fallible(abi.SimulationHandle, c_int32, c_void_p, c_size_t, c_size_t, c_void_p),
    "patrol_simulation_get_unit_times": _fallible(abi.SimulationHandle, c_void_p, c_size_t, c_size_t, c_void_p),
    "patrol_batch_options_init": _initializer(abi.BatchOptions),
    "patrol_batch_create": _fallible(
        abi.ScenarioHandle, abi.EngineHandle, POINTER(abi.BatchOptions), POINTER(abi.BatchHandle)
    ),
    "patrol_batch_destroy": (None, [abi.BatchHandle]),
    "patrol_batch_get_width": _fallible(abi.BatchHandle, c_void_p),
    "patrol_batch_arrays_init": _initializer(abi.BatchArrays),
    "patrol_batch_step": _fallible(abi.BatchHandle, c_size_t, c_size_t, c_void_p, POINTER(abi.BatchArrays)),
    "patrol_trainer_options_init": _initializer(abi.TrainerOptions),
    "patrol_trainer_create": _fallible(
        c_void_p, c_void_p, c_size_t, POINTER(abi.TrainerOptions), POINTER(abi.TrainerHandle)
    ),
    "patrol_trainer_destroy": (None, [abi.TrainerHandle]),
    "patrol_training_progress_init": _initializer(abi.TrainingProgress),
    "patrol_trainer_advance": _fallible(abi.TrainerHandle, POINTER(abi.TrainingProgress)),
    "patrol_trainer_get_outcomes": _fallible(abi.TrainerHandle, c_void_p, c_size_t, c_size_t, c_void_p),
    "patrol_trainer_get_policies": _fallible(abi.TrainerHandle, POINTER(c_char_p), POINTER(c_char_p)),
    "patrol_trainer_write_policy": _fallible(
        abi.TrainerHandle, c_void_p, c_void_p, c_size_t, c_void_p, c_size_t, c_void_p
    ),
    "patrol_trainer_write_checkpoint": _fallible(abi.TrainerHandle, c_void_p, c_size_t, c_void_p),
    "patrol_trainer_read_checkpoint": _fallible(abi.TrainerHandle, c_void_p, c_size_t),
}

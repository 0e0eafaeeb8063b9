"""The functions of `include/patrol.h`, in the header's order: result and arguments as ctypes."""

from ctypes import POINTER, c_char_p, c_int32, c_size_t, c_uint32, c_uint64, c_void_p
from typing import Any

from libpatrol import _abi as abi

_ERROR = POINTER(abi.Error)


def _initialiser(struct: type) -> tuple[Any, list[Any]]:
    return None, [POINTER(struct)]


def _fallible(*arguments: Any) -> tuple[Any, list[Any]]:
    return c_int32, [*arguments, _ERROR]


PROTOTYPES: dict[str, tuple[Any, list[Any]]] = {
    "patrol_abi_version": (c_uint32, []),
    "patrol_version": (c_char_p, []),
    "patrol_abi_check": _fallible(c_uint32),
    "patrol_status_name": (c_char_p, [c_int32]),
    "patrol_area_arrays_init": _initialiser(abi.AreaArrays),
    "patrol_area_options_init": _initialiser(abi.AreaOptions),
    "patrol_area_create": _fallible(POINTER(abi.AreaArrays), POINTER(abi.AreaOptions), POINTER(abi.AreaHandle)),
    "patrol_area_load_file": _fallible(c_char_p, POINTER(abi.AreaOptions), POINTER(abi.AreaHandle)),
    "patrol_area_load_memory": _fallible(c_void_p, c_size_t, POINTER(abi.AreaOptions), POINTER(abi.AreaHandle)),
    "patrol_area_destroy": (None, [abi.AreaHandle]),
    "patrol_area_info_init": _initialiser(abi.AreaInfo),
    "patrol_area_get_info": _fallible(abi.AreaHandle, POINTER(abi.AreaInfo)),
    "patrol_area_get_patrol_locations": _fallible(abi.AreaHandle, c_void_p, c_size_t, c_void_p),
    "patrol_area_get_demand_points": _fallible(abi.AreaHandle, c_void_p, c_size_t, c_void_p),
    "patrol_area_nearest_nodes": _fallible(abi.AreaHandle, c_void_p, c_size_t, c_void_p, c_void_p),
    "patrol_area_travel_times": _fallible(abi.AreaHandle, c_uint32, c_void_p, c_size_t, c_void_p, c_size_t, c_void_p),
    "patrol_area_path": _fallible(abi.AreaHandle, c_uint32, c_uint32, c_uint32, c_void_p, c_size_t, c_void_p, c_void_p),
    "patrol_policy_load_file": _fallible(c_char_p, POINTER(abi.PolicyHandle)),
    "patrol_policy_load_memory": _fallible(c_void_p, c_size_t, POINTER(abi.PolicyHandle)),
    "patrol_policy_destroy": (None, [abi.PolicyHandle]),
    "patrol_policy_info_init": _initialiser(abi.PolicyInfo),
    "patrol_policy_get_info": _fallible(abi.PolicyHandle, POINTER(abi.PolicyInfo)),
    "patrol_policy_get_tensor": _fallible(
        abi.PolicyHandle, c_uint32, POINTER(c_char_p), POINTER(c_char_p), c_void_p, c_void_p
    ),
    "patrol_policy_get_metadata": _fallible(abi.PolicyHandle, c_uint32, POINTER(c_char_p), POINTER(c_char_p)),
    "patrol_policy_evaluate": _fallible(abi.PolicyHandle, c_char_p, c_size_t, c_size_t, c_void_p, c_void_p),
    "patrol_engine_options_init": _initialiser(abi.EngineOptions),
    "patrol_engine_create": _fallible(
        abi.AreaHandle, abi.PolicyHandle, POINTER(abi.EngineOptions), POINTER(abi.EngineHandle)
    ),
    "patrol_engine_destroy": (None, [abi.EngineHandle]),
    "patrol_session_create": _fallible(abi.EngineHandle, c_uint32, c_uint32, POINTER(abi.SessionHandle)),
    "patrol_session_destroy": (None, [abi.SessionHandle]),
    "patrol_unit_init": _initialiser(abi.Unit),
    "patrol_incident_init": _initialiser(abi.Incident),
    "patrol_snapshot_init": _initialiser(abi.Snapshot),
    "patrol_decide_options_init": _initialiser(abi.DecideOptions),
    "patrol_answer_init": _initialiser(abi.Answer),
    "patrol_decide": _fallible(
        abi.SessionHandle, POINTER(abi.Snapshot), POINTER(abi.DecideOptions), POINTER(abi.Answer)
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
    "patrol_rank_units": _fallible(
        abi.SessionHandle, POINTER(abi.Snapshot), c_uint64, c_void_p, c_size_t, c_size_t, c_void_p
    ),
    "patrol_write_programme": _fallible(abi.SessionHandle, POINTER(abi.Snapshot), c_void_p, c_size_t, c_void_p),
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
    "patrol_assignment_solve": _fallible(c_void_p, c_size_t, c_size_t, c_uint32, c_void_p, c_void_p),
}

"""The C interface of `include/patrol.h` and `patrol_lab.h` in ctypes: handles and structs, in the headers' order.

Arrays and single numbers behind a pointer are `c_void_p`; handles and structs have types of their own. The tests
compare every layout, constant and prototype here with the header.
"""

import ctypes
from ctypes import (
    c_char,
    c_char_p,
    c_double,
    c_float,
    c_int16,
    c_int32,
    c_size_t,
    c_uint8,
    c_uint32,
    c_uint64,
    c_void_p,
)
from typing import Any, NoReturn

import numpy as np

from libpatrol._native.arrays import address, integer, text

ABI_VERSION = 1
NO_NODE = 0xFFFF_FFFF
NO_ID = 0xFFFF_FFFF_FFFF_FFFF
PRIORITIES = 8
NEEDS = 4
SUBSTITUTES = 3
WEEK_HOURS = 168
CANDIDATE_FEATURES = 28
PAIR_FEATURES = 24
STATE_FEATURES = 64
TRAINER_LAYERS = 4


class Handle(ctypes.c_void_p):
    """A counted handle of the library, destroyed with its Python object.

    A call that takes a handle keeps it alive, so that closing an object never frees what another thread uses.
    """

    destroy: Any = None

    def __del__(self) -> None:
        if self.value is not None and self.destroy is not None:
            type(self).destroy(self)

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError(f"a {type(self).__name__} is an address in this process and cannot be copied or pickled")


class AreaHandle(Handle):
    """`patrol_area *`."""


class PolicyHandle(Handle):
    """`patrol_policy *`."""


class EngineHandle(Handle):
    """`patrol_engine *`."""


class SessionHandle(Handle):
    """`patrol_session *`."""


class ScenarioHandle(Handle):
    """`patrol_scenario *`."""


class SimulationHandle(Handle):
    """`patrol_simulation *`."""


class BatchHandle(Handle):
    """`patrol_batch *`."""


class TrainerHandle(Handle):
    """`patrol_trainer *`."""


class Error(ctypes.Structure):
    """`patrol_error`."""

    _fields_ = (("status", c_int32), ("message", c_char * 508))


def _whole(bits: int, signed: bool) -> Any:
    low, high = (-(1 << bits - 1), 1 << bits - 1) if signed else (0, 1 << bits)

    def convert(name: str, value: Any, kept: dict[str, Any]) -> int:
        return value if type(value) is int and low <= value < high else integer(name, value, bits, signed=signed)

    return convert


def _real(name: str, value: Any, kept: dict[str, Any]) -> float:
    try:
        if not isinstance(value, str):
            return float(value)
    except TypeError:
        pass
    raise TypeError(f"{name} is of type {type(value).__name__}, expected a number")


def _pointer(name: str, value: Any, kept: dict[str, Any]) -> Any:
    kept[name] = value
    if isinstance(value, np.ndarray):
        return address(value)
    return ctypes.addressof(value) if isinstance(value, ctypes.Array) else value


def _string(name: str, value: str | None, kept: dict[str, Any]) -> bytes | None:
    return None if value is None else text(name, value)


_CONVERSIONS = {
    c_int32: _whole(32, True),
    c_uint32: _whole(32, False),
    c_uint64: _whole(64, False),
    c_size_t: _whole(64, False),
    c_float: _real,
    c_double: _real,
    c_void_p: _pointer,
    c_char_p: _string,
}


class Sized(ctypes.Structure):
    """A struct that starts with its own size. The arrays that its pointers lead to live as long as it does."""

    _conversions: dict[str, Any] = {}  # noqa: RUF012, each class has its own

    def __init_subclass__(cls) -> None:
        cls._conversions = {field[0]: _CONVERSIONS[field[1]] for field in cls._fields_ if field[1] in _CONVERSIONS}

    def __init__(self, **values: Any) -> None:
        self._kept: dict[str, Any] = {}
        for name, value in values.items():
            if name in self._conversions:
                values[name] = self._conversions[name](name, value, self._kept)
        super().__init__(struct_size=ctypes.sizeof(self), **values)

    def put(self, name: str, value: Any) -> None:
        """Set a field as the constructor does: whole numbers, which ctypes would cut, are checked, and arrays kept.

        Raises
        ------
        TypeError, ValueError
            Where the field cannot hold the value.
        """
        if name in self._conversions:
            value = self._conversions[name](name, value, self._kept)
        setattr(self, name, value)


class AreaArrays(Sized):
    """`patrol_area_arrays`."""

    _fields_ = (
        ("struct_size", c_uint32),
        ("coordinate_system", c_uint32),
        ("node_count", c_uint32),
        ("edge_count", c_uint32),
        ("coordinates", c_void_p),
        ("edges", c_void_p),
        ("edge_patrol_seconds", c_void_p),
        ("edge_emergency_seconds", c_void_p),
        ("node_beats", c_void_p),
        ("node_groups", c_void_p),
        ("category_count", c_uint32),
        ("period_hours", c_uint32),
        ("category_service_seconds", c_void_p),
        ("category_weights", c_void_p),
        ("demand_node_count", c_uint32),
        ("patrol_location_count", c_uint32),
        ("demand_nodes", c_void_p),
        ("demand_calls_per_hour", c_void_p),
        ("patrol_locations", c_void_p),
        ("travel_factors", c_void_p),
    )


class AreaOptions(Sized):
    """`patrol_area_options`."""

    _fields_ = (
        ("struct_size", c_uint32),
        ("max_demand_points", c_uint32),
        ("patrol_spacing_seconds", c_float),
        ("reserved", c_uint32),
    )


class AreaInfo(Sized):
    """`patrol_area_info`."""

    _fields_ = (
        ("struct_size", c_uint32),
        ("coordinate_system", c_uint32),
        ("node_count", c_uint32),
        ("edge_count", c_uint32),
        ("beat_count", c_uint32),
        ("group_count", c_uint32),
        ("category_count", c_uint32),
        ("period_hours", c_uint32),
        ("demand_point_count", c_uint32),
        ("patrol_location_count", c_uint32),
        ("content_hash", c_uint64),
        ("calls_per_hour", c_double),
    )


class PolicyInfo(Sized):
    """`patrol_policy_info`."""

    _fields_ = (
        ("struct_size", c_uint32),
        ("networks", c_uint32),
        ("value_is_concave", c_uint32),
        ("tensor_count", c_uint32),
        ("metadata_count", c_uint32),
        ("requires_categories", c_uint32),
        ("requires_area", c_uint64),
        ("content_hash", c_uint64),
        ("patrol_most_free_share", c_float),
        ("dispatch_most_free_share", c_float),
        ("dispatch_unit", c_uint32),
        ("reserved", c_uint32),
    )


class EngineOptions(Sized):
    """`patrol_engine_options`."""

    _fields_ = (
        ("struct_size", c_uint32),
        ("home_beat_patrol", c_uint32),
        ("patrol_policy", c_char_p),
        ("dispatch_policy", c_char_p),
        ("group_weights", c_void_p),
        ("seed", c_uint64),
        ("stay_seconds", c_float),
        ("keep_target_gain", c_float),
        ("stale_position_seconds", c_float),
        ("never_hold_priority", c_int32),
        ("strict_priority", c_uint32),
        ("longest_hold_seconds", c_float * PRIORITIES),
        ("maximum_travel_seconds", c_float),
        ("shift_end_margin_seconds", c_float),
        ("own_beat_penalty_seconds", c_float),
        ("reserve_per_beat", c_uint32),
        ("reserve_price", c_float),
        ("preemption", (c_uint8 * PRIORITIES) * PRIORITIES),
        ("discount_rate", c_float),
        ("compliance_rows", c_uint32),
        ("hold_rows", c_size_t),
        ("hold_travel_seconds", c_void_p),
        ("maximum_snap_metres", c_float),
        ("reserved", c_uint32),
        ("arrive_before_shift_end", c_uint32),
        ("reserved_2", c_uint32),
        ("plan_margin", c_float),
        ("reserved_3", c_uint32),
    )


class Unit(ctypes.Structure):
    """`patrol_unit`."""

    _fields_ = (
        ("id", c_uint64),
        ("incident_id", c_uint64),
        ("capabilities", c_uint64),
        ("x", c_double),
        ("y", c_double),
        ("node", c_uint32),
        ("target_node", c_uint32),
        ("status", c_int32),
        ("home_beat", c_int32),
        ("seconds_to_node", c_float),
        ("position_age_seconds", c_float),
        ("seconds_until_free", c_float),
        ("seconds_until_shift_end", c_float),
        ("seconds_until_due", c_float),
        ("reserved", c_uint32),
        ("priorities", c_uint32),
        ("may_leave_scene", c_uint32),
        ("late_seconds_until_free", c_float),
        ("reserved_2", c_uint32),
    )


class Need(ctypes.Structure):
    """`patrol_need`."""

    _fields_ = (("capabilities", c_uint64), ("required", c_uint32), ("assigned", c_uint32))


class Incident(ctypes.Structure):
    """`patrol_incident`."""

    _fields_ = (
        ("id", c_uint64),
        ("required_capabilities", c_uint64),
        ("x", c_double),
        ("y", c_double),
        ("node", c_uint32),
        ("category", c_int32),
        ("priority", c_int32),
        ("flags", c_uint32),
        ("seconds_waited", c_float),
        ("weight", c_float),
        ("service_seconds", c_float),
        ("units_required", c_uint32),
        ("units_assigned", c_uint32),
        ("units_on_scene", c_uint32),
        ("needs", Need * NEEDS),
        ("not_before_seconds", c_float),
        ("lead_seconds", c_float),
    )


class EdgeChange(ctypes.Structure):
    """`patrol_edge_change`."""

    _fields_ = (
        ("from_node", c_uint32),
        ("to_node", c_uint32),
        ("patrol_seconds", c_float),
        ("emergency_seconds", c_float),
    )


class PairCost(ctypes.Structure):
    """`patrol_pair_cost`."""

    _fields_ = (("unit", c_uint32), ("incident", c_uint32), ("seconds", c_float), ("reserved", c_uint32))


class Substitute(ctypes.Structure):
    """`patrol_substitute`."""

    _fields_ = (
        ("incident", c_uint32),
        ("units_required", c_uint32),
        ("required_capabilities", c_uint64),
        ("needs", Need * NEEDS),
    )


class Snapshot(Sized):
    """`patrol_snapshot`."""

    _fields_ = (
        ("struct_size", c_uint32),
        ("reserved", c_uint32),
        ("time_seconds", c_double),
        ("units", c_void_p),
        ("unit_count", c_size_t),
        ("unit_stride", c_size_t),
        ("incidents", c_void_p),
        ("incident_count", c_size_t),
        ("incident_stride", c_size_t),
        ("travel_seconds", c_void_p),
        ("edge_changes", c_void_p),
        ("edge_change_count", c_size_t),
        ("edge_change_stride", c_size_t),
        ("location_idle_seconds", c_void_p),
        ("pair_costs", c_void_p),
        ("pair_cost_count", c_size_t),
        ("pair_cost_stride", c_size_t),
        ("substitutes", c_void_p),
        ("substitute_count", c_size_t),
        ("substitute_stride", c_size_t),
    )


class DecideOptions(Sized):
    """`patrol_decide_options`."""

    _fields_ = (
        ("struct_size", c_uint32),
        ("tasks", c_uint32),
        ("deadline_microseconds", c_uint64),
        ("node_limit", c_uint64),
        ("relative_gap", c_double),
        ("cancel", c_void_p),
        ("bad_rows", c_uint32),
        ("reserved", c_uint32),
    )


class RowIssue(ctypes.Structure):
    """`patrol_row_issue`."""

    _fields_ = (("table", c_uint32), ("row", c_uint32), ("field", c_uint32), ("status", c_int32))


class Move(ctypes.Structure):
    """`patrol_move`."""

    _fields_ = (
        ("unit_id", c_uint64),
        ("target_node", c_uint32),
        ("next_node", c_uint32),
        ("travel_seconds", c_float),
        ("dwell_seconds", c_float),
        ("value", c_float),
        ("gain", c_float),
        ("reason", c_int32),
        ("reserved", c_uint32),
    )


class Assignment(ctypes.Structure):
    """`patrol_assignment`."""

    _fields_ = (
        ("unit_id", c_uint64),
        ("incident_id", c_uint64),
        ("diverted_from", c_uint64),
        ("travel_seconds", c_float),
        ("next_node", c_uint32),
        ("reward", c_double),
        ("need", c_int32),
        ("substitute", c_uint32),
    )


class Wait(ctypes.Structure):
    """`patrol_wait`."""

    _fields_ = (("incident_id", c_uint64), ("units_missing", c_uint32), ("reason", c_int32))


class Plan(ctypes.Structure):
    """`patrol_plan`."""

    _fields_ = (
        ("unit_id", c_uint64),
        ("incident_id", c_uint64),
        ("seconds_until_arrival", c_float),
        ("late_seconds_until_arrival", c_float),
    )


class Answer(Sized):
    """`patrol_answer`."""

    _fields_ = (
        ("struct_size", c_uint32),
        ("solver_status", c_int32),
        ("moves", c_void_p),
        ("move_capacity", c_size_t),
        ("move_stride", c_size_t),
        ("move_count", c_size_t),
        ("assignments", c_void_p),
        ("assignment_capacity", c_size_t),
        ("assignment_stride", c_size_t),
        ("assignment_count", c_size_t),
        ("waits", c_void_p),
        ("wait_capacity", c_size_t),
        ("wait_stride", c_size_t),
        ("wait_count", c_size_t),
        ("objective", c_double),
        ("bound", c_double),
        ("relative_gap", c_double),
        ("nodes", c_uint64),
        ("microseconds", c_uint64),
        ("issues", c_void_p),
        ("issue_capacity", c_size_t),
        ("issue_stride", c_size_t),
        ("issue_count", c_size_t),
        ("routing_microseconds", c_uint64),
        ("setup_microseconds", c_uint64),
        ("solver_microseconds", c_uint64),
        ("patrol_microseconds", c_uint64),
        ("plans", c_void_p),
        ("plan_capacity", c_size_t),
        ("plan_stride", c_size_t),
        ("plan_count", c_size_t),
        ("abstained", c_uint32),
        ("reserved", c_uint32),
    )


class Candidate(ctypes.Structure):
    """`patrol_candidate`."""

    _fields_ = (("node", c_uint32), ("next_node", c_uint32), ("travel_seconds", c_float), ("value", c_float))


class Pair(ctypes.Structure):
    """`patrol_pair`."""

    _fields_ = (
        ("unit", c_uint32),
        ("incident", c_uint32),
        ("travel_seconds", c_float),
        ("value", c_float),
        ("reward", c_double),
    )


class Explanation(ctypes.Structure):
    """`patrol_explanation`."""

    _fields_ = (
        ("unit_id", c_uint64),
        ("incident_id", c_uint64),
        ("runner_up_unit_id", c_uint64),
        ("objective_loss", c_double),
        ("reward", c_double),
        ("value_change", c_double),
        ("travel_seconds", c_float),
        ("runner_up_travel_seconds", c_float),
        ("solver_status", c_int32),
        ("reserved", c_uint32),
        ("least_loss", c_double),
        ("abstained", c_uint32),
        ("reserved_2", c_uint32),
    )


class PairExplanation(Sized):
    """`patrol_pair_explanation`."""

    _fields_ = (
        ("struct_size", c_uint32),
        ("reason", c_int32),
        ("assigned_incident_id", c_uint64),
        ("objective_loss", c_double),
        ("least_loss", c_double),
        ("travel_seconds", c_float),
        ("solver_status", c_int32),
        ("abstained", c_uint32),
        ("reserved", c_uint32),
    )


class RecordInfo(Sized):
    """`patrol_record_info`."""

    _fields_ = (
        ("struct_size", c_uint32),
        ("format", c_uint32),
        ("byte_count", c_uint64),
        ("area_hash", c_uint64),
        ("policy_hash", c_uint64),
        ("options_hash", c_uint64),
        ("time_seconds", c_double),
        ("hash", c_uint8 * 32),
        ("previous", c_uint8 * 32),
    )


class ReplayOptions(Sized):
    """`patrol_replay_options`."""

    _fields_ = (
        ("struct_size", c_uint32),
        ("reserved", c_uint32),
        ("deadline_microseconds", c_uint64),
        ("cancel", c_void_p),
    )


class RankedUnit(ctypes.Structure):
    """`patrol_ranked_unit`."""

    _fields_ = (("unit_id", c_uint64), ("worth", c_double), ("travel_seconds", c_float), ("reserved", c_uint32))


class FleetUnit(ctypes.Structure):
    """`patrol_fleet_unit`."""

    _fields_ = (
        ("id", c_uint64),
        ("capabilities", c_uint64),
        ("start_node", c_uint32),
        ("home_beat", c_int32),
    )


class Shift(ctypes.Structure):
    """`patrol_shift`."""

    _fields_ = (
        ("unit", c_uint32),
        ("start_hour", c_float),
        ("end_hour", c_float),
        ("reserved", c_uint32),
    )


class CallCategory(ctypes.Structure):
    """`patrol_call_category`."""

    _fields_ = (
        ("required_capabilities", c_uint64),
        ("service_mean_seconds", c_double),
        ("service_variation", c_double),
        ("weight", c_float),
        ("priority", c_int32),
        ("units_required", c_uint32),
        ("service_kind", c_int32),
        ("first_sample", c_uint32),
        ("sample_count", c_uint32),
    )


class Storm(ctypes.Structure):
    """`patrol_storm`."""

    _fields_ = (
        ("start_seconds", c_double),
        ("end_seconds", c_double),
        ("multiplier", c_double),
    )


class LoggedCall(ctypes.Structure):
    """`patrol_logged_call`."""

    _fields_ = (
        ("time_seconds", c_double),
        ("node", c_uint32),
        ("category", c_int32),
        ("priority", c_int32),
        ("service_seconds", c_float),
    )


class ScenarioArrays(Sized):
    """`patrol_scenario_arrays`."""

    _fields_ = (
        ("struct_size", c_uint32),
        ("unit_count", c_uint32),
        ("units", c_void_p),
        ("unit_stride", c_size_t),
        ("shifts", c_void_p),
        ("shift_count", c_size_t),
        ("shift_stride", c_size_t),
        ("categories", c_void_p),
        ("category_stride", c_size_t),
        ("service_samples", c_void_p),
        ("service_sample_count", c_size_t),
        ("group_weights", c_void_p),
        ("storms", c_void_p),
        ("storm_count", c_size_t),
        ("storm_stride", c_size_t),
        ("calls", c_void_p),
        ("call_count", c_size_t),
        ("call_stride", c_size_t),
        ("work_per_hour", c_void_p),
        ("work_hours", c_size_t),
        ("work_mean_seconds", c_double),
        ("out_of_service_per_hour", c_double),
        ("out_of_service_mean_seconds", c_double),
        ("rate_scale", c_double),
        ("overflow_seconds", c_double),
        ("compliance", c_double),
        ("reassessment_seconds", c_double),
        ("start_seconds", c_double),
        ("warm_up_seconds", c_double),
        ("queue_capacity", c_uint32),
        ("work_interruptible_priority", c_int32),
        ("response_target_seconds", c_float * PRIORITIES),
        ("grace_seconds", c_float * PRIORITIES),
        ("knows_time_left", c_uint32),
        ("notice_seconds", c_float),
        ("late_price_seconds", c_float * PRIORITIES),
        ("presence_seconds", c_float),
        ("absence_price", c_float),
    )


class SimulationOptions(Sized):
    """`patrol_simulation_options`."""

    _fields_ = (
        ("struct_size", c_uint32),
        ("event_capacity", c_uint32),
        ("seed", c_uint64),
        ("node_limit", c_uint64),
        ("relative_gap", c_double),
    )


class SimulationState(Sized):
    """`patrol_simulation_state`."""

    _fields_ = (
        ("struct_size", c_uint32),
        ("due", c_int32),
        ("time_seconds", c_double),
        ("cumulative_cost", c_double),
        ("events", c_uint64),
        ("decisions", c_uint64),
        ("open_incidents", c_uint32),
        ("queued_incidents", c_uint32),
        ("events_lost", c_uint64),
    )


class SimulationEvent(ctypes.Structure):
    """`patrol_simulation_event`."""

    _fields_ = (
        ("time_seconds", c_double),
        ("incident_id", c_uint64),
        ("kind", c_int32),
        ("unit", c_int32),
        ("node", c_uint32),
        ("priority", c_int16),
        ("category", c_int16),
    )


class Response(ctypes.Structure):
    """`patrol_response`."""

    _fields_ = (
        ("calls", c_uint64),
        ("reached", c_uint64),
        ("lost", c_uint64),
        ("waiting", c_uint64),
        ("mean", c_double),
        ("median", c_double),
        ("p90", c_double),
        ("p95", c_double),
        ("charged_mean", c_double),
        ("charged_median", c_double),
        ("charged_p90", c_double),
        ("charged_p95", c_double),
        ("within_target", c_double),
    )


class Metrics(Sized):
    """`patrol_metrics`."""

    _fields_ = (
        ("struct_size", c_uint32),
        ("reserved", c_uint32),
        ("seconds", c_double),
        ("calls", c_uint64),
        ("served", c_uint64),
        ("lost", c_uint64),
        ("open", c_uint64),
        ("response", Response),
        ("mean_queue_wait", c_double),
        ("p90_queue_wait", c_double),
        ("mean_travel", c_double),
        ("p90_travel", c_double),
        ("mean_until_complete", c_double),
        ("cost_rate", c_double),
        ("utilization", c_double),
        ("utilization_gini", c_double),
        ("across_beats", c_double),
        ("coverage", c_double),
        ("equity_difference", c_double),
        ("equity_ratio", c_double),
        ("dispatches", c_uint64),
        ("diversions", c_uint64),
        ("events", c_uint64),
        ("decisions", c_uint64),
        ("presence", c_double),
    )


class UnitTimes(ctypes.Structure):
    """`patrol_unit_times`."""

    _fields_ = (
        ("off_duty", c_double),
        ("out_of_service", c_double),
        ("standing", c_double),
        ("driving", c_double),
        ("en_route", c_double),
        ("on_scene", c_double),
        ("self_initiated", c_double),
        ("dispatches", c_uint64),
    )


class BatchOptions(Sized):
    """`patrol_batch_options`."""

    _fields_ = (
        ("struct_size", c_uint32),
        ("simulations", c_uint32),
        ("seed", c_uint64),
        ("episode_seconds", c_double),
        ("node_limit", c_uint64),
        ("seeds", c_void_p),
    )


class BatchArrays(Sized):
    """`patrol_batch_arrays`."""

    _fields_ = (
        ("struct_size", c_uint32),
        ("reserved", c_uint32),
        ("features", c_void_p),
        ("moves", c_void_p),
        ("nodes", c_void_p),
        ("units", c_void_p),
        ("time_seconds", c_void_p),
        ("cumulative_cost", c_void_p),
        ("interrupted", c_void_p),
        ("ended", c_void_p),
        ("ended_cost", c_void_p),
    )


class TrainerOptions(Sized):
    """`patrol_trainer_options`."""

    _fields_ = (
        ("struct_size", c_uint32),
        ("rounds", c_uint32),
        ("seed", c_uint64),
        ("variant", c_int32),
        ("goal", c_int32),
        ("warm_start", c_uint32),
        ("threads", c_uint32),
        ("validations", c_uint32),
        ("heuristic_patrol_count", c_uint32),
        ("heuristic_dispatch_count", c_uint32),
        ("reserved", c_uint32),
        ("heuristic_patrols", c_void_p),
        ("heuristic_dispatches", c_void_p),
        ("validation_seconds", c_double),
        ("value_form", c_int32),
        ("learns_pairs", c_uint32),
        ("pair_layers", c_uint32 * TRAINER_LAYERS),
        ("value_hidden", c_uint32),
        ("value_block", c_uint32),
        ("bootstrap_comparisons", c_uint32),
        ("comparisons", c_uint32),
        ("iterations", c_uint32),
        ("dispatch_generations", c_uint32),
        ("horizon_seconds", c_double),
        ("compared_share", c_float),
        ("explored_share", c_float),
        ("search_population", c_uint32),
        ("search_replications", c_uint32),
        ("patrol_method", c_int32),
        ("patrol_generations", c_uint32),
        ("patrol_reward", c_int32),
        ("patrol_spans_calls", c_uint32),
        ("patrol_presence", c_float),
        ("patrol_driving_price", c_float),
        ("patrol_layers", c_uint32 * TRAINER_LAYERS),
        ("patrol_rounds", c_uint32),
        ("patrol_heuristic_rounds", c_uint32),
        ("patrol_episodes", c_uint32),
        ("patrol_steps", c_uint32),
        ("patrol_episode_seconds", c_double),
        ("patrol_discount_rate", c_double),
        ("validation_limit", c_uint32),
        ("reserved_end", c_uint32),
        ("goal_price", c_float),
        ("goal_priority", c_uint32),
    )


class PhaseOutcome(ctypes.Structure):
    """`patrol_phase_outcome`."""

    _fields_ = (
        ("kind", c_int32),
        ("round", c_uint32),
        ("events", c_uint64),
        ("cost", c_double),
        ("worst_group", c_double),
        ("difference", c_double),
        ("half_width", c_double),
        ("is_accepted", c_uint32),
        ("replications", c_uint32),
        ("goal_value", c_double),
        ("mean_response", c_double),
    )


class TrainingProgress(Sized):
    """`patrol_training_progress`."""

    _fields_ = (
        ("struct_size", c_uint32),
        ("kind", c_int32),
        ("phase", c_uint32),
        ("phase_count", c_uint32),
        ("is_validating", c_uint32),
        ("outcome_count", c_uint32),
        ("share", c_double),
        ("best_cost", c_double),
        ("events", c_uint64),
        ("replications", c_uint32),
        ("next_look", c_uint32),
    )

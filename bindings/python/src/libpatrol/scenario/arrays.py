"""A scenario's fleet and calls as numpy arrays: the source of a `Scenario`."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from libpatrol._native import abi
from libpatrol._native.arrays import frozen, integer, numbers, read_only
from libpatrol._native.handles import FrozenFields
from libpatrol.area import AreaInfo
from libpatrol.enums import Service

FLEET_UNIT_DTYPE = np.dtype(abi.FleetUnit)
SHIFT_DTYPE = np.dtype(abi.Shift)
CALL_CATEGORY_DTYPE = np.dtype(abi.CallCategory)
STORM_DTYPE = np.dtype(abi.Storm)
LOGGED_CALL_DTYPE = np.dtype(abi.LoggedCall)

Rows: TypeAlias = Any
"""A structured array of the type that `ScenarioArrays` documents, or None."""


def categories(count: int) -> NDArray[np.void]:
    """Return `count` categories of calls: exponential service of 15 minutes, weight 1, priority 1, one unit.

    Returns
    -------
    NDArray
        CALL_CATEGORY_DTYPE, shape [count].
    """
    rows = np.zeros(count, CALL_CATEGORY_DTYPE)
    rows["service_mean_seconds"] = 900.0
    rows["service_variation"] = 1.0
    rows["weight"] = 1.0
    rows["priority"] = 1
    rows["units_required"] = 1
    rows["service_kind"] = Service.EXPONENTIAL
    return rows


def logged_calls(count: int) -> NDArray[np.void]:
    """Return `count` calls of a log, with their category's priority and service times to be drawn.

    Returns
    -------
    NDArray
        LOGGED_CALL_DTYPE, shape [count].
    """
    rows = np.zeros(count, LOGGED_CALL_DTYPE)
    rows["service_seconds"] = np.nan
    return rows


@dataclass(frozen=True, kw_only=True, eq=False)
class ScenarioArrays(FrozenFields):
    """Fleet and calls with the library's defaults; the header explains each value.

    Arrays that the caller could still write to are copied; the ones here are read-only.

    Attributes
    ----------
    unit_count : int
        Needed only without `units`.
    units : FLEET_UNIT_DTYPE [units] or None
        None: spread over the demand points, each with the beat there as its home.
    shifts : SHIFT_DTYPE [shifts] or None
        In hours since Monday 00:00; None: all units are always on duty.
    categories : CALL_CATEGORY_DTYPE [categories] or None
        See `categories`; None: exponential service with the area's means.
    service_samples : float32 [samples] or None
        Samples for categories whose service is empirical.
    group_weights : float32 [groups] or None
        Multiplies the cost of waiting; None: 1.
    storms : STORM_DTYPE [storms] or None
        Periods in which calls come faster or slower.
    calls : LOGGED_CALL_DTYPE [calls] or None
        A log to replay, see `logged_calls`; None: calls are drawn from the area's demand.
    work_per_hour : float32 [1 | 24 | 168] or None
        Starts of self-initiated work per hour of a free unit.
    response_target_seconds : sequence of float
        By priority 1 ... 8; infinite: none.
    grace_seconds : sequence of float
        By priority: time after the call in which waiting costs nothing; set to the targets, the cost is lateness.
    knows_time_left : bool
        Decisions are told when busy units will be free, expected and nine times in ten, given how long they have been
        on scene and the distribution of their category; else the library estimates both from the mean.
    notice_seconds : float
        So long before a call is over its units say so: decisions then know it. Needs `knows_time_left`.
    late_price_seconds : sequence of float
        By priority: what a call costs that no unit has reached by its response target, in seconds of the waiting of a
        call of weight 1.
    presence_seconds : float
        How long a patrol location counts as visited after a unit was there.
    absence_price : float
        What a second costs in which no patrol location counts as visited, in seconds of the waiting of a call of
        weight 1; in proportion to their demand where some do.

    Examples
    --------
    >>> from libpatrol import Area, Scenario
    >>> from libpatrol.scenario.arrays import ScenarioArrays
    >>> from libpatrol.synthetic import cities
    >>> ScenarioArrays(unit_count=3, queue_capacity=10).overflow_seconds
    3600.0
    >>> Scenario(Area.from_arrays(**cities.grid(4, 4)), unit_count=3, queue_capacity=10).unit_count
    3
    """

    unit_count: int = 0
    units: Rows = None
    shifts: Rows = None
    categories: Rows = None
    service_samples: Any = None
    group_weights: Any = None
    storms: Rows = None
    calls: Rows = None
    work_per_hour: Any = None
    work_mean_seconds: float = 900.0
    work_interruptible_priority: int = 0
    out_of_service_per_hour: float = 0.0
    out_of_service_mean_seconds: float = 1800.0
    rate_scale: float = 1.0
    overflow_seconds: float = 3600.0
    compliance: float = 1.0
    reassessment_seconds: float = 60.0
    start_seconds: float = 0.0
    warm_up_seconds: float = 0.0
    queue_capacity: int = 1000
    response_target_seconds: Sequence[float] = (math.inf,) * abi.PRIORITIES
    grace_seconds: Sequence[float] = (0.0,) * abi.PRIORITIES
    knows_time_left: bool = False
    notice_seconds: float = 0.0
    late_price_seconds: Sequence[float] = (0.0,) * abi.PRIORITIES
    presence_seconds: float = 3600.0
    absence_price: float = 0.0

    def __post_init__(self) -> None:
        for name, dtype in (
            ("units", FLEET_UNIT_DTYPE),
            ("shifts", SHIFT_DTYPE),
            ("categories", CALL_CATEGORY_DTYPE),
            ("storms", STORM_DTYPE),
            ("calls", LOGGED_CALL_DTYPE),
        ):
            rows = getattr(self, name)
            if rows is not None:
                if not isinstance(rows, np.ndarray) or rows.dtype != dtype or rows.ndim != 1:
                    raise ValueError(
                        f"{name} must be a one-dimensional array of its structured type (libpatrol.{name})"
                    )
                self._set(name, read_only(np.ascontiguousarray(rows), rows))
        for name in ("service_samples", "group_weights", "work_per_hour"):
            if getattr(self, name) is not None:
                self._set(name, frozen(name, getattr(self, name), np.float32, (None,)))
        self._set("unit_count", integer("unit_count", self.unit_count))
        for name in ("response_target_seconds", "grace_seconds", "late_price_seconds"):
            seconds = numbers(name, getattr(self, name), np.float32, (abi.PRIORITIES,))
            self._set(name, tuple(seconds.tolist()))
        if self.units is not None:
            self._set("unit_count", len(self.units))

    def _set(self, name: str, value: Any) -> None:
        object.__setattr__(self, name, value)

    def to_abi(self, info: AreaInfo) -> abi.ScenarioArrays:
        """Return the C struct for the area that `info` describes; it points to this object's arrays."""
        for name, count in (("categories", info.category_count), ("group_weights", info.group_count)):
            given = getattr(self, name)
            if given is not None and len(given) != count:
                raise ValueError(f"{name} has shape [{len(given)}], expected [{count}], as many as the area has")
        return abi.ScenarioArrays(
            shift_count=_length(self.shifts),
            service_sample_count=_length(self.service_samples),
            storm_count=_length(self.storms),
            call_count=_length(self.calls),
            work_hours=_length(self.work_per_hour),
            **self.fields(),
        )


LATER_FIELDS = {
    name: ScenarioArrays.__dataclass_fields__[name].default
    for name in ("knows_time_left", "notice_seconds", "late_price_seconds", "presence_seconds", "absence_price")
}
"""What was added after the first hashes, with its defaults: it counts only where it differs, so that other scenarios
keep their hashes."""


def _length(array: NDArray[Any] | None) -> int:
    return 0 if array is None else len(array)


def structured(dtype: np.dtype, rows: Sequence[Mapping[str, Any]]) -> NDArray[np.void]:
    """Return a structured array of `rows`; fields that a row does not name are 0."""
    array = np.zeros(len(rows), dtype)
    for k, row in enumerate(rows):
        for name, value in row.items():
            try:
                array[name][k] = value
            except OverflowError as reason:
                raise ValueError(f"{name} is {value}, expected a value of type {dtype[name]}") from reason
    return array

"""A scenario: an area's fleet and calls."""

import copy
import ctypes
import dataclasses
import hashlib
import math
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any

import numpy as np

from libpatrol._native import abi
from libpatrol._native.handles import Fixed, SharedObject, of_kind, rebuild
from libpatrol._native.library import call, library
from libpatrol.area import Area
from libpatrol.engine import Engine
from libpatrol.policy import Policy
from libpatrol.scenario.arrays import LATER_FIELDS, ScenarioArrays
from libpatrol.scenario.details import ScenarioDetails, repeats_after
from libpatrol.scenario.files import Source, build
from libpatrol.training_range import Use

_LEAST_HOURS = 48.0


class Scenario(SharedObject):
    """An area's fleet and calls, drawn or replayed: immutable and shared by threads.

    Parameters
    ----------
    area : Area
        The area in which it takes place.
    details : ScenarioDetails, optional
        Names, defaults and measures.
    **arrays
        The fields of `ScenarioArrays`.

    Examples
    --------
    >>> from libpatrol import Scenario
    >>> scenario = Scenario.load("hotspots", load="heavy")
    >>> scenario.unit_count
    5
    """

    details: Fixed[ScenarioDetails] = Fixed()
    arrays: Fixed[ScenarioArrays] = Fixed()

    def __init__(self, area: Area, details: ScenarioDetails | None = None, **arrays: Any) -> None:
        self._area = copy.copy(of_kind("area", area, Area))
        self.details = ScenarioDetails() if details is None else details
        self.arrays = ScenarioArrays(**arrays)
        handle = abi.ScenarioHandle()
        struct = self.arrays.to_abi(area.info)
        call(library.scenario_create, area._handle, ctypes.byref(struct), ctypes.byref(handle))
        super().__init__(handle)

    @classmethod
    def load(cls, name: Source, load: str | float | None = None) -> "Scenario":
        """Load a scenario file, or one that comes with the package (`libpatrol scenarios` lists them).

        Parameters
        ----------
        name : Source
            Path of a file, or a name such as "hotspots" or "hotspots-heavy"; or a parsed description.
        load : str or float, optional
            One of the file's loads, or any offered load per unit; None: the file's default.
        """
        area, arrays, details = build(name, load if load is None or isinstance(load, str) else float(load))
        return cls(area, details, **arrays.fields())

    def with_rules(self, **rules: Any) -> "Scenario":
        """Return the same scenario with other rules of the department: fields of `EngineOptions`."""
        details = dataclasses.replace(self.details, rules={**self.details.rules, **rules})
        return Scenario(self._area, details, **self.arrays.fields())

    def _content(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        return rebuild, (type(self), {"area": self._area, "details": self.details, **self.arrays.fields()})

    def __deepcopy__(self, memo: dict[int, Any]) -> "Scenario":
        other = super().__deepcopy__(memo)
        vars(other)["details"] = copy.deepcopy(self.details, memo)  # its rules may be the caller's own mapping
        return other

    @property
    def area(self) -> Area:
        """The area in which it takes place; closing it does not affect the scenario."""
        return copy.copy(self._area)

    @property
    def unit_count(self) -> int:
        """Number of units in the fleet."""
        return self.arrays.unit_count

    @property
    def category_names(self) -> tuple[str, ...]:
        """Of the calls."""
        numbered = tuple(f"category {k}" for k in range(self._area.info.category_count))
        return tuple(self.details.category_names) or numbered

    @property
    def is_log(self) -> bool:
        """Whether calls come from a log and are not drawn."""
        return self.arrays.calls is not None and len(self.arrays.calls) > 0

    @property
    def period_hours(self) -> int:
        """Hours after which demand, travel times, shifts and self-initiated work repeat: 1, 24 or 168."""
        return repeats_after(self.area.info.period_hours, self.area.travel_factors, self.arrays)

    @property
    def hours(self) -> float:
        """Default hours for which a replication is measured.

        As `details` says; else whole periods, at least 48 hours: a week if the week repeats, so that every hour of it
        counts alike.
        """
        if self.details.hours is not None:
            return self.details.hours
        return float(self.period_hours * math.ceil(_LEAST_HOURS / self.period_hours))

    @property
    def shift_starts(self) -> tuple[float, ...]:
        """Hours of the day at which shifts begin, ascending: results by shift cover the time from each to the next.

        Empty without shifts, and if there are more than 24 such times.
        """
        shifts = self.arrays.shifts
        starts = () if shifts is None else tuple(np.unique(shifts["start_hour"].astype(np.float64) % 24).tolist())
        return starts if len(starts) <= 24 else ()

    @property
    def measured_from_seconds(self) -> float:
        """End of the warm-up, seconds since a Monday 00:00."""
        return self.arrays.start_seconds + self.arrays.warm_up_seconds

    def end_seconds(self, hours: float | None = None) -> float:
        """Return the end of a replication that measures `hours`, by default `hours` of the scenario.

        Seconds since a Monday 00:00.

        Raises
        ------
        ValueError
            If `hours` is not a finite number above 0.
        """
        measured = float(self.hours if hours is None else hours)
        if not 0 < measured < math.inf:
            raise ValueError(f"hours is {measured:g}, expected more than 0")
        return self.measured_from_seconds + 3600 * measured

    @cached_property
    def content_hash(self) -> str:
        """SHA-256, in hexadecimal, of everything that results depend on but for the code: city, fleet, calls, rules."""
        digest = hashlib.sha256(str([self.area.info.content_hash, self.hours, self.details.rules]).encode())
        for name in self.arrays.__dataclass_fields__:
            value = getattr(self.arrays, name)
            if name in LATER_FIELDS and value == LATER_FIELDS[name]:
                continue
            digest.update(name.encode())
            digest.update(value.tobytes() if isinstance(value, np.ndarray) else repr(value).encode())
        return digest.hexdigest()

    @property
    def use(self) -> Use:
        """What a policy is used for here, to compare with what it was trained for."""
        workload = self.details.workload
        return Use(
            units=self.unit_count,
            load=None if workload is None else workload.offered_load,
            nodes=self.area.info.node_count,
            travel_seconds=None if workload is None else workload.post_seconds,
        )

    def engine(self, policy: Policy | None = None, **options: Any) -> Engine:
        """Return an engine of the scenario's area, under the department's rules.

        Parameters
        ----------
        policy : Policy, optional
            Trained networks.
        **options
            Fields of `EngineOptions`; they take precedence over the scenario's rules.
        """
        rules: Mapping[str, Any] = self.details.rules
        return Engine(self._area, policy, use=self.use, **{**rules, **options})

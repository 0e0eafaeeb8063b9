"""A city that changes between decisions: units drive, calls arrive and are served.

Enough for a demonstration: time advances in equal steps and a unit drives to its target without stopping on the way.
"""

import numpy as np
from numpy.typing import NDArray

from libpatrol._native.abi import NO_ID, NO_NODE
from libpatrol.answer import Answer
from libpatrol.area_arrays import AreaArrays
from libpatrol.enums import UnitStatus
from libpatrol.records import INCIDENT_DTYPE, incidents, units
from libpatrol.snapshot import Snapshot


class World:
    """Units and open calls of a city.

    Parameters
    ----------
    city : AreaArrays
        With beats and demand by hour of the day.
    unit_count : int
        Number of units; they start at random nodes, with the beat there as their home.
    rng : numpy.random.Generator
        Source of calls and service times.
    start_seconds : float
        Start, seconds since a Monday 00:00.

    Attributes
    ----------
    response_seconds : list of float
        From call to arrival on scene, of the calls that have a unit on scene.
    """

    def __init__(
        self, city: AreaArrays, unit_count: int, rng: np.random.Generator, start_seconds: float = 8 * 3600.0
    ) -> None:
        self.city = city
        self.rng = rng
        self.time_seconds = start_seconds
        self.units = units(unit_count)
        self.units["node"] = rng.integers(city.node_count, size=unit_count)
        self.units["home_beat"] = city.node_beats[self.units["node"]]
        self.calls = np.empty(0, INCIDENT_DTYPE)
        self.call_count = 0
        self.response_seconds: list[float] = []

    def snapshot(self) -> Snapshot:
        """Return what a host would know now."""
        return Snapshot(self.time_seconds, self.units, self.calls)

    @property
    def waiting(self) -> NDArray[np.void]:
        """Calls without a unit."""
        return self.calls[self.calls["units_assigned"] == 0]

    def apply(self, answer: Answer) -> None:
        """Send the units where the answer says."""
        for assignment in answer.assignments:
            unit = self._unit(assignment["unit_id"])
            call = self._call(assignment["incident_id"])
            unit["status"] = UnitStatus.EN_ROUTE
            unit["incident_id"] = call["id"]
            unit["node"] = call["node"]
            unit["target_node"] = NO_NODE
            unit["seconds_to_node"] = assignment["travel_seconds"]
            call["units_assigned"] = 1
        for unit, move in zip(self.units, answer.moves, strict=True):
            if move["target_node"] != NO_NODE:
                unit["target_node"] = move["target_node"]
                unit["node"] = move["target_node"]
                unit["seconds_to_node"] = move["travel_seconds"]
                unit["seconds_until_due"] = move["dwell_seconds"]

    def advance(self, seconds: float) -> None:
        """Let time pass; within it every unit makes at most one transition."""
        self.time_seconds += seconds
        self.calls["seconds_waited"][self.calls["units_on_scene"] == 0] += seconds
        for name in ("seconds_to_node", "seconds_until_due", "seconds_until_free"):
            self.units[name] = np.maximum(self.units[name] - np.float32(seconds), 0)
        for unit in self.units:
            if unit["status"] == UnitStatus.EN_ROUTE and unit["seconds_to_node"] == 0:
                self._arrive(unit)
            elif unit["status"] == UnitStatus.ON_SCENE and unit["seconds_until_free"] == 0:
                self._clear(unit)
            elif unit["node"] == unit["target_node"] and unit["seconds_to_node"] == 0:
                unit["target_node"] = NO_NODE
        self._receive(seconds)

    def _arrive(self, unit: np.void) -> None:
        call = self._call(unit["incident_id"])
        self.response_seconds.append(float(call["seconds_waited"]))
        call["units_on_scene"] = 1
        unit["status"] = UnitStatus.ON_SCENE
        unit["seconds_until_free"] = self.rng.exponential(self.city.category_service_seconds[call["category"]])

    def _clear(self, unit: np.void) -> None:
        self.calls = self.calls[self.calls["id"] != unit["incident_id"]]
        unit["status"] = UnitStatus.PATROLLING
        unit["incident_id"] = NO_ID
        unit["seconds_until_free"] = np.nan

    def _receive(self, seconds: float) -> None:
        """Add the calls of the last seconds: a Poisson process at each node and category."""
        hour = int(self.time_seconds // 3600) % self.city.period_hours
        arrivals = np.asarray(self.rng.poisson(self.city.demand_calls_per_hour[:, :, hour] * seconds / 3600))
        new = incidents(int(arrivals.sum()))
        node, category = np.nonzero(arrivals)
        repeats = arrivals[node, category]
        new["id"] = self.call_count + np.arange(len(new))
        new["node"] = np.repeat(node, repeats)
        new["category"] = np.repeat(category, repeats)
        new["priority"] = new["category"] + 1
        self.call_count += len(new)
        self.calls = np.concatenate([self.calls, new])

    def _unit(self, identifier: int) -> np.void:
        return self.units[int(np.flatnonzero(self.units["id"] == identifier)[0])]

    def _call(self, identifier: int) -> np.void:
        return self.calls[int(np.flatnonzero(self.calls["id"] == identifier)[0])]

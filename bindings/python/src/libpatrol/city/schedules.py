"""Schedules: how many units begin their tour at each hour, every day alike."""

import dataclasses
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp

from libpatrol.city.fitting import stations
from libpatrol.city.fleet import spread
from libpatrol.city.model import CityModel
from libpatrol.city.queues import erlang_c
from libpatrol.scenario.arrays import FLEET_UNIT_DTYPE, SHIFT_DTYPE
from libpatrol.scenario.details import units_on_duty

_USUAL_STARTS = (7, 15, 23)
"""Preferred where other hours fit as well."""


@dataclass(frozen=True)
class Schedule:
    """Units by the hour at which they begin.

    Attributes
    ----------
    starts : tuple of (int, int)
        Hour of the day and units, ascending, without zeros.
    tour_hours : int
        Length of a tour.
    """

    starts: tuple[tuple[int, int], ...]
    tour_hours: int

    @classmethod
    def of(cls, counts: NDArray[np.int64], tour_hours: int) -> "Schedule":
        """Return the schedule of int64 [24] units by hour of their start."""
        return cls(tuple((int(hour), int(counts[hour])) for hour in np.flatnonzero(counts)), tour_hours)

    @property
    def counts(self) -> NDArray[np.int64]:
        """Units by hour of their start: int64 [24]."""
        counts = np.zeros(24, np.int64)
        for hour, units in self.starts:
            counts[hour] = units
        return counts

    @cached_property
    def units(self) -> int:
        """Tours a day."""
        return sum(units for _, units in self.starts)

    @property
    def unit_hours(self) -> int:
        """Unit hours a day."""
        return self.units * self.tour_hours

    @property
    def on_duty(self) -> NDArray[np.int64]:
        """Units on duty by hour of the day: int64 [24]."""
        return sum((np.roll(self.counts, k) for k in range(self.tour_hours)), np.zeros(24, np.int64))

    def changed(self, hour: int, by: int) -> "Schedule":
        """Return the schedule with more, or fewer, units that begin at an hour."""
        counts = self.counts
        counts[hour] += by
        return Schedule.of(counts, self.tour_hours)

    def __str__(self) -> str:
        return ", ".join(
            f"{units} from {hour:02d}:00 to {(hour + self.tour_hours) % 24:02d}:00" for hour, units in self.starts
        )


def today(model: CityModel, tour_hours: int) -> Schedule:
    """Return the schedule of tours that comes nearest to the units on duty by hour of the day, with few starts."""
    wanted = units_on_duty(model.scenario.arrays).reshape(7, 24).mean(0)
    most = int(np.ceil(wanted.max())) + 1
    # Variables: units by start [24], deviation by hour [24], whether anybody starts [24].
    usual = np.array([min((hour - start) % 24 for start in _USUAL_STARTS) for hour in range(24)])
    cost = np.r_[np.zeros(24), np.ones(24), 0.3 + 0.01 * usual]
    covers = np.array([[(hour - start) % 24 < tour_hours for start in range(24)] for hour in range(24)], float)
    one, none = np.eye(24), np.zeros((24, 24))
    constraints = [
        LinearConstraint(np.hstack([covers, one, none]), wanted, np.inf),
        LinearConstraint(np.hstack([covers, -one, none]), -np.inf, wanted),
        LinearConstraint(np.hstack([one, none, -most * one]), -np.inf, 0),
    ]
    integrality = np.r_[np.ones(24), np.zeros(24), np.ones(24)]
    bounds = Bounds(0, np.r_[np.full(24, most), np.full(24, np.inf), np.ones(24)])
    found = milp(cost, constraints=constraints, integrality=integrality, bounds=bounds, options={"time_limit": 20.0})
    if found.x is None:
        raise ValueError(f"no tours of {tour_hours} hours fit the units on duty: {found.message}")
    return Schedule.of(np.rint(found.x[:24]).astype(np.int64), tour_hours)


def scheduled(model: CityModel, schedule: Schedule) -> CityModel:
    """Return the model with the units of a schedule, spread over the beats as the work in their hours is."""
    beats = model.scenario.area.info.beat_count
    at = stations(model.folder.beats(), model.folder.nodes()[["x", "y"]].to_numpy(np.float64))
    work = _work_by_beat(model, beats)
    units: list[tuple[int, ...]] = []
    shifts: list[tuple[float, ...]] = []
    for hour, count in schedule.starts:
        hours = (np.arange(schedule.tour_hours) + hour) % 24
        for home in spread(count, work[:, hours].sum(1)):
            shifts += [(len(units), 24.0 * day + hour, 24.0 * day + hour + schedule.tour_hours, 0) for day in range(7)]
            units.append((len(units), 0, int(at[home]), int(home)))
    fleet, weekly = np.array(units, FLEET_UNIT_DTYPE), np.array(shifts, SHIFT_DTYPE)
    scenario = model.varied(model.scenario, units=fleet, shifts=weekly)
    return dataclasses.replace(model, scenario=scenario)


def _work_by_beat(model: CityModel, beats: int) -> NDArray[np.float64]:
    """Return unit hours that calls take, by beat and hour of the day: float64 [beats, 24]."""
    rates = model.area.demand_calls_per_hour.astype(np.float64)  # [places, kinds, 168]
    nodes = np.arange(len(rates)) if model.area.demand_nodes is None else model.area.demand_nodes
    own = model.node_beats[nodes]
    table = np.zeros((beats, 168))
    np.add.at(table, own[own >= 0], np.einsum("pkh,k->ph", rates, _effort_hours(model, 0.0))[own >= 0])
    return np.asarray(table.reshape(beats, 7, 24).sum(1))


def _effort_hours(model: CityModel, travel_seconds: float) -> NDArray[np.float64]:
    kinds = model.scenario.arrays.categories
    return np.asarray(kinds["units_required"] * (kinds["service_mean_seconds"] + travel_seconds) / 3600)


def offered_load(model: CityModel, travel_seconds: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return units that calls keep busy, and unit demands an hour, by hour of the week: float64 [168] each."""
    rates = model.area.demand_calls_per_hour.sum(0, dtype=np.float64)
    units = model.scenario.arrays.categories["units_required"].astype(np.float64)
    return _effort_hours(model, travel_seconds) @ rates, units @ rates


def expected_wait(model: CityModel, schedule: Schedule, travel_seconds: float) -> tuple[float, float]:
    """Return the share of calls that wait and their mean wait by M/M/c, hour by hour (Green & Kolesar 1991).

    Hours in which units cannot keep up count as if calls took 98 % of their time, plus their excess.
    """
    load, demands = offered_load(model, travel_seconds)
    duty = np.tile(schedule.on_duty, 7)
    waiting, seconds = 0.0, 0.0
    for busy, rate, units in zip(load, demands, duty, strict=True):
        if rate <= 0:
            continue
        service = 3600 * busy / rate
        if units == 0:
            waiting, seconds = waiting + rate, seconds + rate * 3600 * (1 + busy)
            continue
        usable = min(rate, 0.98 * units * 3600 / service)
        found = erlang_c(int(units), usable, service)
        waiting += rate * found.waiting_share
        seconds += rate * (found.wait_seconds_mean + 3600 * (rate - usable) / rate)
    return waiting / demands.sum(), seconds / demands.sum()

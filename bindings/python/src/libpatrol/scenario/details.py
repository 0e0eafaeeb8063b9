"""What is known about a scenario besides its arrays: names, rules, and the workload of its calls."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from libpatrol.area_arrays import WEEK_HOURS, AreaArrays
from libpatrol.enums import Mode
from libpatrol.scenario.arrays import ScenarioArrays


@dataclass(frozen=True, kw_only=True)
class Workload:
    """The workload of the calls.

    Attributes
    ----------
    calls_per_hour : float
        Mean over the week, without storms.
    offered_load : float
        Unit hours that calls take, travel included, per hour of an available unit: the sum over categories of
        rate * units required * (mean service + post_seconds) / units on duty. Without storms.
    peak_load : float
        The same in the busiest hour in which somebody is on duty, storms included.
    post_seconds : float
        Mean emergency travel time to demand from the nearest of as many p-median posts as units.
    unstaffed_hours : int
        Hours of the week in which calls come and nobody is on duty.

    Examples
    --------
    >>> from libpatrol import Scenario
    >>> round(Scenario.load("hotspots-medium").details.workload.offered_load, 2)
    0.6
    """

    calls_per_hour: float
    offered_load: float
    peak_load: float
    post_seconds: float
    unstaffed_hours: int = 0


@dataclass(frozen=True, kw_only=True)
class ScenarioDetails:
    """Names, defaults and measures of a scenario.

    Attributes
    ----------
    name, description : str
        Name and description.
    version : int
        Of the scenario: results of one version can be compared.
    category_names : sequence of str
        Of the calls.
    hours : float or None
        Default hours for which a replication is measured; None: see `Scenario.hours`.
    rules : mapping
        Options of an `Engine` that the department sets for every policy.
    workload : Workload or None
        None if unknown.
    notes : sequence of str
        Likely mistakes: hours without units, places that cannot be reached.

    Examples
    --------
    >>> from libpatrol import Scenario
    >>> Scenario.load("hotspots").hours
    48.0
    """

    name: str = ""
    description: str = ""
    version: int = 1
    category_names: Sequence[str] = ()
    hours: float | None = None
    rules: Mapping[str, Any] = field(default_factory=dict)
    workload: Workload | None = None
    notes: Sequence[str] = ()


def workload(area: AreaArrays, scenario: ScenarioArrays, post_seconds: float) -> Workload:
    """Return the volume of an area's demand on a fleet.

    Parameters
    ----------
    area : AreaArrays
        With demand.
    scenario : ScenarioArrays
        With categories.
    post_seconds : float
        As `Engine.post_seconds` of the fleet gives it.
    """
    rates = scenario.rate_scale * area.demand_calls_per_hour.sum(0, dtype=np.float64)  # [categories, period]
    week = np.tile(rates, WEEK_HOURS // rates.shape[1])
    kinds = scenario.categories
    effort = kinds["units_required"] * (kinds["service_mean_seconds"] + post_seconds) / 3600
    busy = effort @ week
    if area.travel_factors is not None:
        slower = area.travel_factors[Mode.EMERGENCY].astype(np.float64) - 1
        busy = busy + slower * (kinds["units_required"] * post_seconds / 3600 @ week)
    on_duty = units_on_duty(scenario)
    staffed = on_duty > 0
    stormy = busy * most_storm(scenario, np.arange(WEEK_HOURS)) / np.where(staffed, on_duty, np.inf)
    return Workload(
        calls_per_hour=float(week.sum() / WEEK_HOURS),
        offered_load=float(busy.sum() / on_duty.sum()),
        peak_load=float(stormy.max()),
        post_seconds=post_seconds,
        unstaffed_hours=int(((busy > 0) & ~staffed).sum()),
    )


def repeats_after(period_hours: int, factors: NDArray[np.float32], scenario: ScenarioArrays) -> int:
    """Return the hours after which demand, travel times, shifts and self-initiated work repeat: 1, 24 or 168.

    Parameters
    ----------
    period_hours : int
        Of the area's demand.
    factors : float32 [2, 168]
        Of the area's travel.
    scenario : ScenarioArrays
        With shifts and work.
    """
    travel = next(hours for hours in (1, 24, WEEK_HOURS) if (np.roll(factors, hours, axis=1) == factors).all())
    work = 1 if scenario.work_per_hour is None else max(1, len(scenario.work_per_hour))
    shifts = () if scenario.shifts is None else scenario.shifts
    times = {(int(row["unit"]), float(row["start_hour"]), float(row["end_hour"] - row["start_hour"])) for row in shifts}
    daily = all((unit, (start + 24) % WEEK_HOURS, length) in times for unit, start, length in times)
    return max(period_hours, travel, work, 1 if not times else 24 if daily else WEEK_HOURS)


def units_on_duty(scenario: ScenarioArrays) -> NDArray[np.float64]:
    """Return the mean number of units on duty in each hour of the week: float64 [168]."""
    on_duty = np.zeros(WEEK_HOURS)
    start, end = np.arange(WEEK_HOURS), np.arange(1, WEEK_HOURS + 1)
    shifts = () if scenario.shifts is None else scenario.shifts
    for shift in shifts:
        for week in (-WEEK_HOURS, 0):
            first, last = float(shift["start_hour"]) + week, float(shift["end_hour"]) + week
            on_duty += np.clip(np.minimum(end, last) - np.maximum(start, first), 0, 1)
    with_shifts = len({int(shift["unit"]) for shift in shifts})
    return on_duty + scenario.unit_count - with_shifts


def most_storm(scenario: ScenarioArrays, hours: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the highest rate multiplier of storms in each hour of any week, at least 1 outside storms."""
    most = np.ones(len(hours))
    for storm in () if scenario.storms is None else scenario.storms:
        first, last = int(storm["start_seconds"] // 3600), int(np.ceil(storm["end_seconds"] / 3600))
        within = np.isin(hours, np.arange(first, min(last, first + WEEK_HOURS)) % WEEK_HOURS)
        most[within] *= max(1.0, float(storm["multiplier"]))
    return most

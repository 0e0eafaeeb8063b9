"""Scenarios that replay a log."""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from libpatrol.area import Area
from libpatrol.engine import Engine
from libpatrol.enums import Service
from libpatrol.replay.beat_city import beat_city
from libpatrol.replay.call_csv import read_calls
from libpatrol.replay.call_mapping import CallMapping
from libpatrol.replay.reports import Reports
from libpatrol.replay.scaling import Folded, as_it_is, folded
from libpatrol.scenario.arrays import ScenarioArrays, categories, logged_calls
from libpatrol.scenario.details import ScenarioDetails, Workload
from libpatrol.scenario.files import build
from libpatrol.scenario.scenario import Scenario
from libpatrol.synthetic.demand import CATEGORY_NAMES, CATEGORY_SERVICE_SECONDS, CATEGORY_WEIGHTS

_DAY = 86_400.0
_TARGETS = (480.0, 1200.0, *[np.inf] * 6)
_LONGEST_WARM_UP = 6 * 3600.0


class Replay(NamedTuple):
    """A scenario that replays a log, and notes on its results."""

    scenario: Scenario
    notes: list[str]


@dataclass(frozen=True, kw_only=True)
class Assumptions:
    """What logs do not say.

    Attributes
    ----------
    units : int
        In the field at all hours; not used if a log is replayed in a scenario, which has its own fleet.
    load : float or None
        Offered load per unit that the log is scaled to; None: as it is.
    patrol_speed, emergency_speed : float
        Metres per second on the beat graph.
    seed : int
        Seed for the choice of calls that scaling removes.
    """

    units: int = 5
    load: float | None = None
    patrol_speed: float = 8.0
    emergency_speed: float = 12.0
    seed: int = 0


def from_reports(reports: Reports, assumed: Assumptions) -> Replay:
    """Return a scenario that replays reports on the graph of their beats.

    The demand that policies know is the log's own mean by beat and category: they know averages, not calls.
    """
    table = reports.table
    known = table["service_seconds"].dropna().to_numpy(np.float32)
    kinds = categories(2)
    kinds["weight"], kinds["priority"] = CATEGORY_WEIGHTS, (1, 2)
    kinds["service_mean_seconds"] = float(known.mean()) if len(known) else CATEGORY_SERVICE_SECONDS
    if len(known):
        kinds["service_kind"], kinds["sample_count"] = Service.EMPIRICAL, len(known)
    city, beats = beat_city(
        table,
        patrol_speed=assumed.patrol_speed,
        emergency_speed=assumed.emergency_speed,
        category_service_seconds=kinds["service_mean_seconds"],
        category_weights=kinds["weight"],
    )
    calls = logged_calls(len(table))
    calls["time_seconds"] = (table["time"] - _monday(table["time"].iloc[0])).dt.total_seconds()
    calls["node"] = pd.Index(beats).get_indexer(table["beat"])
    calls["category"] = np.where(table["is_urgent"], 0, 1)
    calls["service_seconds"] = table["service_seconds"]
    notes = [
        f"{len(table)} {reports.source}, {table['time'].iloc[0]:%Y-%m-%d} to {table['time'].iloc[-1]:%Y-%m-%d}",
        *reports.notes,
        *reports.account.sentences(),
        f"places are the {len(beats)} beats, each at the median of its reports; drives within a beat take no time; "
        f"speeds of {assumed.patrol_speed:g} and {assumed.emergency_speed:g} m/s on 1.3 times the straight line are "
        "assumed",
        f"{assumed.units} units at all hours are assumed",
    ]
    if not len(known):
        notes.append(
            "times on scene are assumed: exponential, 25 min for urgent calls (persons) and 15 min for the others"
        )
    arrays = ScenarioArrays(
        unit_count=assumed.units, categories=kinds, service_samples=known, response_target_seconds=_TARGETS
    )

    def area(log: NDArray[np.void], fold: Folded) -> Area:
        kind = log["node"].astype(np.intp) * len(kinds) + log["category"]
        per_hour = np.bincount(kind, minlength=city.node_count * len(kinds)) / (fold.length_seconds / 3600)
        demand = per_hour.reshape(city.node_count, len(kinds), 1)
        return Area.from_arrays(**dataclasses.replace(city, demand_calls_per_hour=demand))

    scaled = _scaled(calls, area(calls, as_it_is(calls["time_seconds"])), arrays, assumed)
    details = {"name": reports.source, "category_names": CATEGORY_NAMES}
    return _replay(area(scaled.calls, scaled.fold), arrays, scaled, notes, details)


def from_csv(path: str, scenario: str, assumed: Assumptions, mapping: CallMapping | None = None) -> Replay:
    """Return a scenario that replays a log of calls in a scenario's area, with its fleet and categories.

    Parameters
    ----------
    path : str
        CSV file, see `read_calls`.
    scenario : str
        By path or name.
    assumed : Assumptions
        Load and seed.
    mapping : CallMapping, optional
        If the log has its own names and values.
    """
    area, arrays, details = build(scenario)
    calls, account = read_calls(path, area, details.category_names, mapping)
    notes = [f"{len(calls)} calls of {path}, in the area and with the fleet of the scenario {details.name}"]
    notes += account.sentences()
    drawn = int(np.isnan(calls["service_seconds"]).sum())
    if drawn:
        notes.append(f"the times on scene of {drawn} calls are drawn from the scenario's distributions")
    scaled = _scaled(calls, area, arrays, assumed)
    wording = {"name": f"{path} in {details.name}", "category_names": details.category_names, "rules": details.rules}
    return _replay(area, arrays, scaled, notes, wording)


def _monday(time: pd.Timestamp) -> pd.Timestamp:
    return time.normalize() - pd.Timedelta(days=time.weekday())


class _Scaled(NamedTuple):
    """The calls that are replayed, their start, how they were chosen, and their load."""

    calls: NDArray[np.void]
    start_seconds: float
    fold: Folded
    offered_load: float
    post_seconds: float


def _scaled(calls: NDArray[np.void], area: Area, arrays: ScenarioArrays, assumed: Assumptions) -> _Scaled:
    with Engine(area, patrol_policy="stay", dispatch_policy="closest_fcfs") as engine:
        post_seconds = engine.post_seconds(arrays.unit_count)
    kinds = arrays.categories[calls["category"]]
    service = np.where(np.isnan(calls["service_seconds"]), kinds["service_mean_seconds"], calls["service_seconds"])
    effort = kinds["units_required"] * (service + post_seconds)
    first_day = float(calls["time_seconds"][0] // _DAY * _DAY)
    times = calls["time_seconds"] - first_day
    fold = as_it_is(times)
    if assumed.load is not None and assumed.load > 0:
        load = effort.sum() / (fold.days * _DAY * arrays.unit_count)
        fold = folded(times, load, assumed.load, assumed.seed)
    elif assumed.load is not None:
        raise ValueError(f"the load is {assumed.load:g}, expected a number above 0")
    reached = effort[fold.chosen].sum() / (fold.length_seconds * arrays.unit_count)
    kept = calls[fold.chosen]
    kept["time_seconds"] = first_day + fold.seconds
    return _Scaled(kept, first_day + fold.start_seconds, fold, float(reached), post_seconds)


def _replay(
    area: Area, arrays: ScenarioArrays, log: _Scaled, notes: Sequence[str], details: Mapping[str, Any]
) -> Replay:
    fold = log.fold
    length = fold.length_seconds
    warm_up = min(_LONGEST_WARM_UP, length / 8)
    scaled = "as the log has it"
    if (fold.days, fold.kept) != (fold.original_days, 1.0):
        scaled = (
            f"its {fold.original_days} days overlaid on {fold.days}, and "
            f"{100 * fold.kept:.0f} % of the calls kept at random"
        )
    whole = (length - warm_up) / 3600
    hours = whole - whole % 24 if whole >= 24 else whole
    spoken = [*notes]
    if hours < whole:
        spoken.append(
            f"whole days are measured, so the last {whole - hours:g} h of the log are not: "
            f"--hours {whole:g} takes them in"
        )
    spoken += [
        f"offered load {log.offered_load:.2f} per unit: {scaled}",
        "not validated: nobody has compared simulated current practice with this department's own response times",
    ]
    workload = Workload(
        calls_per_hour=len(log.calls) / length * 3600,
        offered_load=log.offered_load,
        peak_load=np.nan,
        post_seconds=log.post_seconds,
    )
    scenario = Scenario(
        area,
        ScenarioDetails(description="a log replayed", hours=hours, workload=workload, **details),
        **{name: getattr(arrays, name) for name in arrays.__dataclass_fields__}
        | {"calls": log.calls, "start_seconds": log.start_seconds, "warm_up_seconds": warm_up, "storms": None},
    )
    return Replay(scenario, spoken)

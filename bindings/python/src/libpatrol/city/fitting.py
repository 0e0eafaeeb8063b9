"""Fits a city's model to the weeks of its log that are not held out."""

import dataclasses
from dataclasses import asdict
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from libpatrol.area_arrays import AreaArrays
from libpatrol.city.demand import Demand, Smoothing, counts_of, fit_demand, weekly_rate
from libpatrol.city.fleet import Fleet, assumed_fleet, fleet_of, hourly_duty, unit_hours
from libpatrol.city.folder import CityFolder
from libpatrol.city.history import DAY, History
from libpatrol.city.kinds import Kind, kind_index, kinds_of
from libpatrol.city.model import AREA, MODEL, SCENARIO, ModelFacts
from libpatrol.city.places import Places, places_of
from libpatrol.city.practice import Practice
from libpatrol.city.service import ServiceTime, service_times
from libpatrol.city.surges import Surge, Variation, variation_of
from libpatrol.city.toml_text import toml_text
from libpatrol.city.travel import TravelByHour
from libpatrol.files import write_area
from libpatrol.scenario.description import FORMAT, FORMAT_VERSION

_WORK_SECONDS = 900.0
_ASSUMED_BUSY = 0.4
"""Share of time committed to calls that an assumed number of units has."""


class Work(NamedTuple):
    """Self-initiated and administrative work: starts per hour of a free unit by hour of the week, and mean seconds."""

    per_hour: NDArray[np.float64]
    mean_seconds: float


class Fitted(NamedTuple):
    """All that is fitted; the practice is not part of it."""

    kinds: list[Kind]
    places: Places
    demand: Demand
    service: list[ServiceTime]
    work: Work
    fleet: Fleet | None
    variation: Variation
    surges: list[Surge]


def fit(folder: CityFolder, history: History) -> Fitted:
    """Fit everything to the calls, responses and other work of a part of the log."""
    calls, streets = history.activity.calls, folder.streets
    if not len(calls):
        raise ValueError(f"{folder.path} has no calls in the weeks that are fitted")
    kinds = kinds_of(calls, folder.facts.categories)
    kind = kind_index(calls, kinds, folder.category_names)
    beats = folder.beats()
    node_beats = np.full(streets.node_count, -1) if streets.node_beats is None else streets.node_beats.astype(np.int64)
    xy = folder.nodes()[["x", "y"]].to_numpy(np.float64)
    node = calls["node"].to_numpy(np.int64)
    places = places_of(xy, node_beats, node)
    received = calls["received"].to_numpy()
    counts = counts_of(received, places.of_node[node], kind, history.start, history.end, history.gaps)
    demand = fit_demand(counts, places, len(kinds), len(beats))
    assumed = np.array([streets.category_service_seconds[folder.category_names.index(k.category)] for k in kinds])
    service = service_times(kind, (calls["cleared"] - calls["arrived"]).to_numpy(np.float64), assumed)
    days = [day for day in range(int(history.start // DAY), int(history.end // DAY)) if day not in history.gaps]
    variation, surges = variation_of(received, demand.rates.sum((0, 1)), np.array(days, np.int64))
    fleet = fleet_of(history, stations(beats, xy)) if hourly_duty(history).sum() > 0 else None
    return Fitted(kinds, places, demand, service, other_work(history, demand.smoothing), fleet, variation, surges)


def stations(beats: pd.DataFrame, xy: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the node at which units of each beat begin: its station, or the node nearest to its middle."""
    middle = beats[["x", "y"]].to_numpy(np.float64)
    nearest = ((xy[None] - middle[:, None]) ** 2).sum(-1).argmin(1)
    station = beats["station_node"].to_numpy()
    return np.asarray(np.where(station >= 0, station, nearest), np.int64)


def other_work(history: History, smoothing: Smoothing) -> Work:
    """Return the other work of free units."""
    work = history.activity.work
    length = (work["end"] - work["start"]).to_numpy(np.float64)
    work, length = work[length > 0], length[length > 0]
    on_duty = unit_hours(history.activity.duty, len(history.units), history).sum(0)
    busy = unit_hours(history.activity.busy, len(history.units), history).sum(0)
    free = np.maximum(on_duty - busy, 0.05 * on_duty)
    if not len(work) or not free.sum() > 0:
        return Work(np.zeros(168), _WORK_SECONDS)
    hours = (work["start"].to_numpy() // 3600).astype(np.int64) % 168
    rate = weekly_rate(np.bincount(hours, minlength=168), free, smoothing)
    return Work(np.minimum(rate, 3600.0), float(length.mean()))


def fleet_for(fitted: Fitted, practice: Practice, folder: CityFolder, history: History) -> Fleet:
    """Return the fleet of the log, or the one that ``practice.toml`` assumes."""
    if fitted.fleet is not None:
        return fitted.fleet
    if practice.units_on_duty < 1:
        raise ValueError("the log names no units and there is no roster: set units_on_duty in practice.toml")
    at = stations(folder.beats(), folder.nodes()[["x", "y"]].to_numpy(np.float64))
    return assumed_fleet(practice.units_on_duty, history.activity.calls, at)


def units_needed(fitted: Fitted) -> int:
    """Return how many units a log without any would need, if calls took 40 % of their time."""
    by_kind = fitted.demand.rates.sum(0).mean(1)
    effort = [kind.units * time.mean_seconds / 3600 for kind, time in zip(fitted.kinds, fitted.service, strict=True)]
    return max(1, int(np.ceil(by_kind @ np.array(effort) / _ASSUMED_BUSY)))


def write_model(
    place: Path,
    folder: CityFolder,
    fitted: Fitted,
    fleet: Fleet,
    practice: Practice,
    facts: ModelFacts,
    travel: TravelByHour | None = None,
) -> None:
    """Write the area with its demand, the scenario and ``model.toml`` into a folder."""
    area = _area(folder, fitted, practice)
    readable = _readable(fitted, practice)
    if travel is not None:
        area = dataclasses.replace(area, travel_factors=travel.of_the_week)
        factors = [] if travel.factors is None else travel.factors.round(4).tolist()
        readable["travel_by_hour"] = {"factors": factors, "sentence": travel.sentence}
    write_area(place / AREA, **area)
    (place / SCENARIO).write_text(_scenario(folder, fitted, fleet, practice), encoding="utf-8")
    (place / MODEL).write_text(facts.text(readable), encoding="utf-8")


def _area(folder: CityFolder, fitted: Fitted, practice: Practice) -> AreaArrays:
    if practice.returns_to_stations and (folder.beats()["station_node"] < 0).any():
        raise ValueError(
            "practice.toml says that units return to stations, and a beat has none: import it with --stations, or "
            'set posts = "chosen"'
        )
    posts = np.unique(folder.beats()["station_node"]) if practice.returns_to_stations else None
    return dataclasses.replace(
        folder.streets,
        patrol_locations=posts,
        category_service_seconds=[time.plus(practice.turnout_seconds).mean_seconds for time in fitted.service],
        category_weights=[kind.weight for kind in fitted.kinds],
        demand_nodes=fitted.places.nodes,
        demand_calls_per_hour=fitted.demand.rates,
    )


def _scenario(folder: CityFolder, fitted: Fitted, fleet: Fleet, practice: Practice) -> str:
    categories = []
    for kind, found in zip(fitted.kinds, fitted.service, strict=True):
        time = found.plus(practice.turnout_seconds)
        row: dict[str, Any] = {
            "name": kind.name,
            "priority": kind.priority,
            "weight": kind.weight,
            "service": time.service,
        }
        if time.service == "empirical":
            row["service_samples"] = time.samples
        else:
            row["service_mean_seconds"] = time.mean_seconds
            if time.service != "exponential":
                row["service_variation"] = time.variation
        categories.append(row | {"units_required": kind.units})
    content: dict[str, Any] = {
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        "description": f"The mean week of {folder.facts.name}, fitted to its log",
        "city": {"file": AREA},
        "fleet": {
            "units": len(fleet.units),
            "start_nodes": fleet.units["start_node"].tolist(),
            "home_beats": fleet.units["home_beat"].tolist(),
        },
        "run": {"start_hour": 156.0, "warm_up_hours": 12.0},  # measured from a Monday 00:00 on
        "rules": practice.rules(),
    }
    if fitted.work.per_hour.any():
        content["work"] = {
            "per_hour": fitted.work.per_hour.round(5).tolist(),
            "mean_seconds": fitted.work.mean_seconds,
            "interruptible_priority": practice.work_interruptible_priority,
        }
    return toml_text(content | {"shifts": _shifts(fleet.shifts), "categories": categories})


def _shifts(shifts: NDArray[np.void]) -> list[dict[str, Any]]:
    """Return `[[shifts]]`: units that work the same hours on the same days share a table."""
    days: dict[tuple[int, float, float], list[int]] = {}
    for row in shifts:
        start, length = float(row["start_hour"]), float(row["end_hour"] - row["start_hour"])
        days.setdefault((int(row["unit"]), start % 24, length), []).append(int(start // 24))
    units: dict[tuple[float, float, tuple[int, ...]], list[int]] = {}
    for (unit, start, length), own in days.items():
        units.setdefault((start, length, tuple(sorted(own))), []).append(unit)
    return [
        {"units": own, "start_hour": start, "end_hour": start + length, "days": list(when)}
        for (start, length, when), own in units.items()
    ]


def _readable(fitted: Fitted, practice: Practice) -> dict[str, Any]:
    """Return what ``model.toml`` tells besides what later steps read."""
    return {
        "smoothing": asdict(fitted.demand.smoothing) | {"log_likelihood_gain_per_call": fitted.demand.score},
        "practice": {"policies": f"{practice.patrol}+{practice.dispatch}", "assumed": practice.assumed},
        "turnout_seconds": practice.turnout_seconds,
        "other_work": {
            "starts_per_free_unit_hour": fitted.work.per_hour.round(4).tolist(),
            "mean_seconds": fitted.work.mean_seconds,
        },
        "surges": [surge._asdict() for surge in fitted.surges],
        "service": [
            {"kind": kind.name, "calls": time.calls, "form": time.service, "mean_seconds": time.mean_seconds,
             "variation": time.variation}
            for kind, time in zip(fitted.kinds, fitted.service, strict=True)
        ],
    }  # fmt: skip

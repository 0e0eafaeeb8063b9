"""Scenarios from files: those that come with the package, and a user's own."""

import dataclasses
import math
import os
import re
from collections.abc import Callable, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from libpatrol import cities, demand
from libpatrol.area import Area
from libpatrol.area_arrays import AreaArrays
from libpatrol.engine import Engine, EngineOptions
from libpatrol.enums import Service
from libpatrol.files import read_area
from libpatrol.scenario_about import About, units_on_duty, volume
from libpatrol.scenario_arrays import (
    CALL_CATEGORY_DTYPE,
    FLEET_UNIT_DTYPE,
    SHIFT_DTYPE,
    STORM_DTYPE,
    ScenarioArrays,
    structured,
)
from libpatrol.scenario_description import CategoryTable, CityTable, DemandTable, ScenarioDescription, parse_scenario
from libpatrol.scenario_generator import generated

_SUFFIX = ".toml"
_GENERATED = re.compile(r"generated-[0-9]{1,9}")


def bundled_names() -> list[str]:
    """Return the names of the scenarios in the package, in order."""
    return sorted(entry.name.removesuffix(_SUFFIX) for entry in _bundle().iterdir() if entry.name.endswith(_SUFFIX))


Source: TypeAlias = str | os.PathLike[str] | ScenarioDescription
"""A path, or the name of a scenario in the package, alone or followed by a dash and the name of a load, or
"generated-" and a number; or what a file would say."""


def read_description(name: Source) -> tuple[ScenarioDescription, str, str | None, Path]:
    """Read a scenario file.

    Parameters
    ----------
    name : Source
        Where a description stands, or the description itself.

    Returns
    -------
    tuple
        What it says, its name, the load that `name` names, and the directory that its paths start from.
    """
    if isinstance(name, ScenarioDescription):
        return name, "described", None, Path()
    path = Path(name)
    if path.suffix == _SUFFIX or path.exists():
        return parse_scenario(path.read_text(encoding="utf-8"), str(path)), path.stem, None, path.parent
    scenario, load = str(name), None
    if _GENERATED.fullmatch(scenario):
        return generated(int(scenario.rpartition("-")[2])), scenario, None, Path()
    if scenario not in bundled_names():
        scenario, _, load = scenario.rpartition("-")
    if scenario not in bundled_names():
        raise ValueError(
            f"there is no scenario {name}, expected a {_SUFFIX} file, generated-NUMBER, "
            f"or one of {', '.join(bundled_names())}"
        )
    text = (_bundle() / f"{scenario}{_SUFFIX}").read_text(encoding="utf-8")
    return parse_scenario(text, scenario), scenario, load, Path()


def build(name: Source, load: str | float | None = None) -> tuple[Area, ScenarioArrays, About]:
    """Return area, fleet and calls of a scenario file; the parameters are those of `build_arrays`."""
    city, fleet, about = build_arrays(name, load)
    return Area.from_arrays(**city), fleet, about


def build_arrays(name: Source, load: str | float | None = None) -> tuple[AreaArrays, ScenarioArrays, About]:
    """Return the arrays that a scenario file describes: city, fleet and calls.

    Parameters
    ----------
    name : Source
        As in `read_description`.
    load : str or float, optional
        One of the file's loads, or any offered load per unit; None: the file's default.
    """
    said, stem, named, directory = read_description(name)
    if load is not None and named is not None:
        raise ValueError(f"{name} names the load {named}, and {load} is asked for")
    unknown = [key for key in said.rules if key not in EngineOptions.__dataclass_fields__]
    if unknown:
        raise ValueError(
            f"{name}: rules has no key {unknown[0]}, expected options of an engine (libpatrol.EngineOptions)"
        )
    title, wanted = _load(said, stem, load if load is not None else named)
    city = _city(said, directory, title)
    fleet = _fleet(said, city)
    if wanted is not None and city.demand_calls_per_hour is None:
        raise ValueError(f"{title}: an area without demand has no load to scale; give it demand or drop the loads")
    with Engine(Area.from_arrays(**city), patrol_policy="hold", dispatch_policy="closest_fcfs") as engine:
        post_seconds = engine.post_seconds(max(1, round(float(units_on_duty(fleet).mean()))))
    if wanted is not None:
        scale = wanted / volume(city, fleet, post_seconds).offered_load
        city = dataclasses.replace(city, demand_calls_per_hour=city.demand_calls_per_hour * np.float32(scale))
    about = About(
        name=title,
        description=said.description,
        category_names=tuple(category.name for category in said.categories),
        hours=said.run.hours,
        rules=said.rules,
        volume=None if city.demand_calls_per_hour is None else volume(city, fleet, post_seconds),
    )
    return city, fleet, about


def _bundle() -> Any:
    return files("libpatrol") / "scenarios"


def _load(said: ScenarioDescription, stem: str, load: str | float | None) -> tuple[str, float | None]:
    """Return the scenario's full name and the offered load; None where the file states the volume itself."""
    if said.demand.calls_per_hour is not None:
        if load is not None:
            raise ValueError(f"{stem}: demand.calls_per_hour fixes the volume, a load cannot be chosen")
        return stem, None
    if not isinstance(load, int | float) and not said.loads:
        if load is None:
            return stem, None
        raise ValueError(f"{stem} has no loads, {load} was asked for")
    chosen = said.default_load if load is None else load
    if isinstance(chosen, int | float):
        if not 0 < chosen < math.inf:
            raise ValueError(f"{stem}: the load is {chosen}, expected a finite number above 0")
        return f"{stem}-{chosen:g}", float(chosen)
    if chosen not in said.loads:
        raise ValueError(f"{stem} has no load {chosen}, expected one of {', '.join(said.loads)}")
    return f"{stem}-{chosen}", said.loads[chosen]


# City and demand


def _city(said: ScenarioDescription, directory: Path, title: str) -> AreaArrays:
    table = said.city
    roads = read_area(directory / table.file) if table.file else _generated(table, title)
    if table.east_group is not None:
        roads = dataclasses.replace(roads, node_groups=cities.far_side(roads.coordinates, table.east_group))
    kinds: dict[str, Any] = {
        "category_service_seconds": [category.service_mean_seconds for category in said.categories],
        "category_weights": [category.weight for category in said.categories],
    }
    if not table.file:
        kinds["demand_calls_per_hour"] = _demand(said.demand, said.categories, roads, title)
    elif len(said.categories) != len(roads.category_service_seconds):
        raise ValueError(
            f"{title} describes {len(said.categories)} categories, its area has {len(roads.category_service_seconds)}"
        )
    return dataclasses.replace(roads, **kinds)


def _generated(table: CityTable, title: str) -> AreaArrays:
    generators: dict[str, Callable[..., AreaArrays]] = {
        "grid": lambda **common: cities.grid(table.rows, table.columns, beats=table.beats, **common),
        "two_beats": lambda **common: cities.two_beats(table.rows, table.columns, crossings=table.crossings, **common),
        "irregular": lambda **common: cities.irregular(table.nodes, beats=table.beats, **common),
    }
    if table.generator not in generators:
        raise ValueError(f"{title}: city.generator is {table.generator!r}, expected one of {', '.join(generators)}")
    return generators[table.generator](seed=table.seed, block_metres=table.block_metres)


def _demand(
    table: DemandTable, categories: Sequence[CategoryTable], roads: AreaArrays, title: str
) -> NDArray[np.float32]:
    """Return call rates, [nodes, categories, 1 or 24]; one call an hour where the volume follows from the load."""
    low, size = roads.coordinates.min(0), np.ptp(roads.coordinates, axis=0)
    if any(len(centre) != 2 for centre in table.hotspots):
        raise ValueError(f"{title}: each of demand.hotspots is [x, y], in shares of the city's width and height")
    if table.busiest_hours is not None and len(table.busiest_hours) != len(table.hotspots):
        raise ValueError(
            f"{title}: demand has {len(table.hotspots)} hotspots and {len(table.busiest_hours)} busiest hours"
        )
    shares = demand.hotspot_shares(
        roads.coordinates,
        centres=low + size * np.reshape(table.hotspots, (-1, 2)),
        concentration=table.concentration,
        width=table.width * float(size.max()),
        busiest_hours=table.busiest_hours,
    )
    if table.beat_shares is not None:
        shares = demand.with_class_shares(shares, roads.node_beats, table.beat_shares)
    if table.group_shares is not None:
        shares = demand.with_class_shares(shares, roads.node_groups, table.group_shares)
    if table.hourly_volume is not None:
        if len(table.hourly_volume) != 24:
            raise ValueError(f"{title}: demand.hourly_volume has {len(table.hourly_volume)} values, expected 24")
        shares = shares * (np.array(table.hourly_volume) / np.mean(table.hourly_volume))
    by_category = np.array([category.share for category in categories])
    calls = table.calls_per_hour if table.calls_per_hour is not None else 1.0
    return (calls * shares[:, None] * (by_category / by_category.sum())[:, None]).astype(np.float32)


# Fleet and calls


def _fleet(said: ScenarioDescription, city: AreaArrays) -> ScenarioArrays:
    work, out = said.work, said.out_of_service
    targets = [*said.response_targets_seconds, *[np.inf] * 8][:8]
    grace = [*said.grace_seconds, *[0.0] * 8][:8]
    optional: dict[str, Any] = {}
    if work is not None:
        optional |= {
            "work_per_hour": work.per_hour,
            "work_mean_seconds": work.mean_seconds,
            "work_interruptible_priority": work.interruptible_priority,
        }
    if out is not None:
        optional |= {"out_of_service_per_hour": out.per_hour, "out_of_service_mean_seconds": out.mean_seconds}
    rows, samples = _categories(said.categories)
    return ScenarioArrays(
        unit_count=said.fleet.units,
        units=_units(said, city),
        shifts=_shifts(said),
        categories=rows,
        service_samples=samples,
        group_weights=said.group_weights,
        storms=structured(
            STORM_DTYPE,
            [
                {
                    "start_seconds": 3600 * storm.start_hour,
                    "end_seconds": 3600 * storm.end_hour,
                    "multiplier": storm.multiplier,
                }
                for storm in said.storms
            ],
        ),
        overflow_seconds=said.queue.overflow_seconds,
        compliance=said.fleet.compliance,
        reassessment_seconds=said.queue.reassessment_seconds,
        start_seconds=3600 * said.run.start_hour,
        warm_up_seconds=3600 * said.run.warm_up_hours,
        queue_capacity=said.queue.capacity,
        response_target_seconds=targets,
        grace_seconds=grace,
        **optional,
    )


def _categories(tables: Sequence[CategoryTable]) -> tuple[NDArray[np.void], list[float]]:
    rows: list[dict[str, Any]] = []
    samples: list[float] = []
    for table in tables:
        name = table.service.upper()
        if name not in Service.__members__:
            kinds = ", ".join(kind.name.lower() for kind in Service)
            raise ValueError(f"category {table.name}: service is {table.service!r}, expected one of {kinds}")
        mean = float(np.mean(table.service_samples)) if table.service_samples else table.service_mean_seconds
        rows.append(
            {
                "required_capabilities": table.required_capabilities,
                "service_mean_seconds": mean,
                "service_variation": table.service_variation,
                "weight": table.weight,
                "priority": table.priority,
                "units_required": table.units_required,
                "service_kind": Service[name],
                "first_sample": len(samples),
                "sample_count": len(table.service_samples),
            }
        )
        samples += table.service_samples
    return structured(CALL_CATEGORY_DTYPE, rows), samples


def _units(said: ScenarioDescription, city: AreaArrays) -> NDArray[np.void] | None:
    fleet = said.fleet
    if fleet.start_nodes is None:
        if fleet.home_beats is not None or fleet.capabilities is not None:
            raise ValueError("fleet.home_beats and fleet.capabilities need fleet.start_nodes")
        return None
    for name in ("start_nodes", "home_beats", "capabilities"):
        given = getattr(fleet, name)
        if given is not None and len(given) != fleet.units:
            raise ValueError(f"fleet.{name} has {len(given)} values for {fleet.units} units")
    units = np.zeros(fleet.units, FLEET_UNIT_DTYPE)
    units["id"] = np.arange(fleet.units)
    nodes = np.array(fleet.start_nodes)
    if nodes.min() < 0 or nodes.max() >= city.node_count:
        raise ValueError(f"fleet.start_nodes holds a node outside 0 ... {city.node_count - 1}")
    units["start_node"] = nodes
    beats = np.full(city.node_count, -1) if city.node_beats is None else city.node_beats
    units["home_beat"] = beats[nodes] if fleet.home_beats is None else fleet.home_beats
    if fleet.capabilities is not None:
        units["capabilities"] = fleet.capabilities
    return units


def _shifts(said: ScenarioDescription) -> NDArray[np.void]:
    rows = [
        {"unit": unit, "start_hour": 24 * day + shift.start_hour, "end_hour": 24 * day + shift.end_hour}
        for shift in said.shifts
        for unit in shift.units
        for day in shift.days
    ]
    return structured(SHIFT_DTYPE, rows)

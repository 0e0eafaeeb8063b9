"""Scenarios from files: those that come with the package, and a user's own."""

import dataclasses
import math
import os
import re
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from libpatrol.area import Area
from libpatrol.area_arrays import AreaArrays
from libpatrol.engine import Engine
from libpatrol.scenario.arrays import ScenarioArrays
from libpatrol.scenario.city import city_of, cut_off
from libpatrol.scenario.departments import department
from libpatrol.scenario.description import ScenarioDescription, parse_scenario
from libpatrol.scenario.details import ScenarioDetails, Workload, units_on_duty, workload
from libpatrol.scenario.fleet import fleet_of
from libpatrol.scenario.generator import generated
from libpatrol.scenario.toml_tables import read_text

_SUFFIX = ".toml"
_GENERATED = re.compile(r"generated-[0-9]{1,9}")
_DEPARTMENT = re.compile(r"(department-[0-9]{1,9})(?:-(.+))?")


def bundled_names() -> list[str]:
    """Return the names of the scenarios in the package, in order."""
    return sorted(entry.name.removesuffix(_SUFFIX) for entry in _bundle().iterdir() if entry.name.endswith(_SUFFIX))


def is_scenario(name: str) -> bool:
    """Return whether `name` is meant for a scenario: a file's path, or a name that `read_description` knows."""
    path = Path(name)
    if path.suffix == _SUFFIX or path.is_file() or _GENERATED.fullmatch(name) or _DEPARTMENT.fullmatch(name):
        return True
    return not {name, name.rpartition("-")[0]}.isdisjoint(bundled_names())


Source: TypeAlias = str | os.PathLike[str] | ScenarioDescription
"""A path, or the name of a scenario in the package, alone or followed by a dash and the name of a load, or
"generated-" and a number, or "department-", a number and perhaps a load; or a parsed description."""


def read_description(name: Source) -> tuple[ScenarioDescription, str, str | None]:
    """Read a scenario file.

    Parameters
    ----------
    name : Source
        The place of a description, or the description itself.

    Returns
    -------
    tuple
        Its content, with the path of its area file or roads resolved; its name; and the load that `name` names.
    """
    if isinstance(name, ScenarioDescription):
        return name, "described", None
    path = Path(name)
    if path.suffix == _SUFFIX or path.is_file():
        return _placed(parse_scenario(read_text(path), str(path)), path.parent), path.stem, None
    scenario, load = str(name), None
    if _GENERATED.fullmatch(scenario):
        return generated(int(scenario.rpartition("-")[2])), scenario, None
    if drawn := _DEPARTMENT.fullmatch(scenario):
        return department(int(drawn[1].rpartition("-")[2])), drawn[1], drawn[2]
    if scenario not in bundled_names():
        scenario, _, load = scenario.rpartition("-")
    if scenario not in bundled_names():
        raise ValueError(
            f"there is no scenario {name}, expected a {_SUFFIX} file, generated-NUMBER, department-NUMBER, "
            f"or one of {', '.join(bundled_names())}"
        )
    text = (_bundle() / f"{scenario}{_SUFFIX}").read_text(encoding="utf-8")
    return _placed(parse_scenario(text, scenario), _bundle()), scenario, load


def _placed(description: ScenarioDescription, folder: Any) -> ScenarioDescription:
    """Return a description that has the path of the area file or roads beside it in the folder."""
    city = description.city
    beside: dict[str, Any] = {key: str(folder / name) for key in ("file", "roads") if (name := getattr(city, key))}
    return dataclasses.replace(description, city=dataclasses.replace(city, **beside))


def build(name: Source, load: str | float | None = None) -> tuple[Area, ScenarioArrays, ScenarioDetails]:
    """Return area, fleet and calls of a scenario file; the parameters are those of `build_arrays`."""
    city, fleet, details = build_arrays(name, load)
    return Area.from_arrays(**city), fleet, details


def build_arrays(name: Source, load: str | float | None = None) -> tuple[AreaArrays, ScenarioArrays, ScenarioDetails]:
    """Return the arrays that a scenario file describes: city, fleet and calls.

    Parameters
    ----------
    name : Source
        As in `read_description`.
    load : str or float, optional
        One of the file's loads, or any offered load per unit; None: the file's default.
    """
    description, stem, named = read_description(name)
    if load is not None and named is not None:
        raise ValueError(f"{name} names the load {named}, but {load} is requested")
    title, wanted = _load(description, stem, load if load is not None else named)
    try:
        city = city_of(description)
        fleet = fleet_of(description, city)
        post_seconds = _post_seconds(description, city, fleet)
        if wanted is not None:
            city = _scaled(city, fleet, post_seconds, wanted)
    except ValueError as reason:
        raise ValueError(f"{title}: {reason}") from reason
    busy = None if city.demand_calls_per_hour is None else workload(city, fleet, post_seconds)
    details = ScenarioDetails(
        name=title,
        description=description.description,
        version=description.version,
        category_names=tuple(category.name for category in description.categories),
        hours=description.run.hours,
        rules=description.rules,
        workload=busy,
        notes=tuple(_notes(city, busy)),
    )
    return city, fleet, details


def _post_seconds(description: ScenarioDescription, city: AreaArrays, fleet: ScenarioArrays) -> float:
    """Return the travel part of the load, from an engine with the department's rules, so that they are checked, too."""
    rules = {name: value for name, value in description.rules.items() if value != "learned"}
    options = {"patrol_policy": "stay", "dispatch_policy": "closest_fcfs", **rules}
    with Engine(Area.from_arrays(**city), **options) as engine:
        return engine.post_seconds(max(1, round(float(units_on_duty(fleet).mean()))))


def _scaled(city: AreaArrays, fleet: ScenarioArrays, post_seconds: float, load: float) -> AreaArrays:
    """Return the city with its calls scaled to the offered load."""
    if city.demand_calls_per_hour is None:
        raise ValueError("an area without demand has no load to scale; give it demand or drop the loads")
    offered = workload(city, fleet, post_seconds).offered_load
    if not offered > 0:
        raise ValueError("no calls come in this area: there is no load to scale")
    return dataclasses.replace(city, demand_calls_per_hour=city.demand_calls_per_hour * np.float32(load / offered))


def _notes(city: AreaArrays, busy: Workload | None) -> Iterator[str]:
    """Return notes on likely mistakes in a scenario."""
    if busy is not None and busy.unstaffed_hours:
        yield f"nobody is on duty in {busy.unstaffed_hours} of the 168 hours of the week, and calls come in them"
    places, share = cut_off(city)
    if places:
        yield (
            f"{100 * share:.2g} % of the calls come from {places} place{'s' * (places > 1)} that the road graph cuts "
            "off: units cannot drive there from where most calls are, or not back"
        )


def _bundle() -> Any:
    return files("libpatrol") / "data" / "scenarios"


def _load(description: ScenarioDescription, stem: str, load: str | float | None) -> tuple[str, float | None]:
    """Return the scenario's full name and the offered load; None where the file states the volume itself."""
    if description.demand.calls_per_hour is not None:
        if load is not None:
            raise ValueError(f"{stem}: demand.calls_per_hour fixes the volume, a load cannot be chosen")
        return stem, None
    if not isinstance(load, int | float) and not description.loads:
        if load is None and description.city.file:
            return stem, None
        if load is None:
            raise ValueError(f"{stem} does not say how many calls come: give it loads or demand.calls_per_hour")
        raise ValueError(f"{stem} has no loads, but {load} is requested")
    chosen = description.default_load if load is None else load
    if isinstance(chosen, int | float):
        if not 0 < chosen < math.inf:
            raise ValueError(f"{stem}: the load is {chosen}, expected a finite number above 0")
        return f"{stem}-{chosen:g}", float(chosen)
    if chosen not in description.loads:
        raise ValueError(f"{stem} has no load {chosen}, expected one of {', '.join(description.loads)}")
    return f"{stem}-{chosen}", description.loads[chosen]

"""A city whose demand, service and practice are known, and its log, imported."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from libpatrol import Area, Scenario
from libpatrol.city import import_city
from libpatrol.city.export_log import KnownCity, export_log
from libpatrol.city.folder import CityFolder
from libpatrol.scenario.arrays import FLEET_UNIT_DTYPE
from libpatrol.scenario.description import parse_scenario
from libpatrol.scenario.files import build_arrays

HANDLING = (45.0, 75.0, 75.0)
TRUTH = """
format = "libpatrol scenario"
format_version = 1
description = "known"
response_targets_seconds = [480, 900, 1800]

[city]
generator = "grid"
rows = 8
columns = 8
beats = 4
block_metres = 600
seed = 3

[demand]
calls_per_hour = 5.0
hotspots = [[0.2, 0.3], [0.8, 0.7]]
concentration = 0.5
hourly_volume = [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2]

[fleet]
units = 12

[[categories]]
name = "assault"
priority = 1
share = 0.2
weight = 4.0
service = "log_normal"
service_mean_seconds = 2400
service_variation = 0.7
units_required = 2

[[categories]]
name = "burglary"
priority = 2
share = 0.35
weight = 2.0
service = "log_normal"
service_mean_seconds = 1800
service_variation = 0.6

[[categories]]
name = "noise"
priority = 3
share = 0.45
service = "log_normal"
service_mean_seconds = 1200
service_variation = 0.6

[run]
start_hour = 162                # six hours of warm-up until Monday 00:00

[work]
per_hour = [0.2]
mean_seconds = 900
interruptible_priority = 1
"""
OWN_BEAT = {"patrol_policy": "fixed_posts", "dispatch_policy": "own_beat_first", "home_beat_patrol": True}
HELD = OWN_BEAT | {"hold_travel_seconds": [[np.inf, np.inf, 0.0]] * 8 + [[np.inf] * 3]}
"""The same, but calls about noise wait while at most 8 units are free."""


def known_city(practice: dict = OWN_BEAT, *, travel_by_hour: np.ndarray | None = None) -> KnownCity:
    """Return a city whose units return to the stations of their beats, unless the practice is another one."""
    city, fleet, details = build_arrays(parse_scenario(TRUTH, "known"))
    if travel_by_hour is not None:
        city = replace(city, travel_factors=np.resize(travel_by_hour, 168))
    stations = np.array([_middle(city.coordinates, city.node_beats == beat) for beat in range(4)])
    if practice.get("patrol_policy") == "fixed_posts":
        city = replace(city, patrol_locations=np.unique(stations))
    units = np.zeros(fleet.unit_count, FLEET_UNIT_DTYPE)
    units["id"] = np.arange(len(units))
    units["home_beat"] = np.array([0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3])
    units["start_node"] = stations[units["home_beat"]]
    scenario = Scenario(Area.from_arrays(**city), details, **{**fleet.fields(), "units": units})
    return KnownCity(scenario=scenario, city=city, engine=scenario.engine(**practice), handling_seconds=HANDLING)


def imported(known: KnownCity, place: Path, *, weeks: int, seed: int = 1, dirt: float = 0.0) -> CityFolder:
    """Write the log of a known city as files, and import them into a folder ``city`` beside them."""
    export_log(known, place / "files", weeks=weeks, seed=seed, dirt=dirt)
    names = {"calls": "calls.csv", "roads": "roads", "beats": "beats.geojson", "stations": "stations.csv",
             "roster": "roster.csv", "mapping": "mapping.toml"}  # fmt: skip
    return import_city(place / "city", **{kind: place / "files" / name for kind, name in names.items()})


def _middle(xy: np.ndarray, chosen: np.ndarray) -> int:
    own = np.flatnonzero(chosen)
    return int(own[((xy[own] - xy[own].mean(0)) ** 2).sum(1).argmin()])


def replaced_practice(folder: CityFolder, **keys: str) -> None:
    """Answer keys of ``practice.toml``, given as TOML."""
    path = folder.path / "practice.toml"
    lines = path.read_text().splitlines()
    for name, value in keys.items():
        lines = [f"{name} = {value}" if line.startswith(f"{name} = ") else line for line in lines]
    path.write_text("\n".join(lines) + "\n")

"""A city whose demand, service and practice are known, and its log as a city folder."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from libpatrol import Area, Scenario
from libpatrol.city.export_log import CRS, KnownCity, beat_polygons, log_rows
from libpatrol.city.facts import FROM_FILE, Category, CityFacts
from libpatrol.city.folder import CityContent, CityFolder
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


def clean_folder(known: KnownCity, path: Path, *, weeks: int, seed: int = 1) -> CityFolder:
    """Write the city folder that a flawless import of the log makes."""
    activity = known.activity(weeks, seed)
    rows = log_rows(known, activity)
    for name in ("received", "dispatched", "arrived", "cleared"):
        rows[name] = rows[name].dt.tz_localize(known.time_zone).dt.tz_convert("UTC")
    names = known.scenario.category_names
    kinds = known.scenario.arrays.categories
    categories = [
        Category(
            name=name, priority=int(row["priority"]), units=int(row["units_required"]), weight=float(row["weight"])
        )
        for name, row in zip(names, kinds, strict=True)
    ]
    rows["node"] = _nodes(known, rows)
    rows[["x", "y"]] = known.xy[rows["node"]]
    is_call = rows["call_id"].str.startswith("I")
    sent = rows[is_call & rows["unit"].notna()]
    first = sent.groupby("call_id").agg(
        dispatched=("dispatched", "min"),
        arrived=("arrived", "min"),
        cleared=("cleared", "max"),
        responding=("unit", "size"),
    )
    calls = rows[is_call].drop_duplicates("call_id")[["call_id", "received", "x", "y", "node", "beat", "type"]]
    calls = calls.merge(first, left_on="call_id", right_index=True, how="left")
    index = calls["type"].str.lower().map({name: k for k, name in enumerate(names)})
    calls["category"] = np.array(names)[index]
    for name in ("priority", "units", "weight"):
        calls[name] = np.array([getattr(category, name) for category in categories])[index]
    calls["self_initiated"] = False
    work = rows[~is_call].rename(columns={"dispatched": "start", "cleared": "end", "type": "category"})
    duty = activity.duty
    start = pd.Timestamp(known.monday, tz=known.time_zone).tz_convert("UTC")
    roster = pd.DataFrame({"unit": [f"U{unit + 1:02d}" for unit in duty["unit"]]})
    for name in ("start", "end"):
        roster[name] = start + pd.to_timedelta(duty[name].round().to_numpy(), unit="s")
    xy = known.xy
    beats = beat_polygons(known).set_index("beat").loc[known.beats]
    middle = beats.geometry.representative_point()
    beat_table = pd.DataFrame(
        {
            "index": range(len(beats)), "name": known.beats, "group": "", "x": middle.x.to_numpy(),
            "y": middle.y.to_numpy(), "geometry": beats.geometry.to_wkb().to_numpy(), "station_node": _stations(known),
        }
    )  # fmt: skip
    nodes = pd.DataFrame({"index": range(len(xy)), "x": xy[:, 0], "y": xy[:, 1], "longitude": 0.0, "latitude": 0.0})
    nodes["beat"], nodes["street"] = np.array(known.beats)[known.city.node_beats], ""
    streets = {name: getattr(known.city, name) for name in known.city}
    streets |= {"coordinates": xy, "demand_calls_per_hour": None, "demand_nodes": None, "patrol_locations": None}
    return CityContent(
        facts=CityFacts(name="Known", time_zone=known.time_zone, crs=CRS, streets=FROM_FILE, categories=categories),
        mapping="",
        streets=type(known.city)(**streets),
        calls=calls.sort_values("received"),
        responses=sent,
        other_work=work,
        roster=roster,
        beats=beat_table,
        nodes=nodes,
    ).write(path)


def _middle(xy: np.ndarray, chosen: np.ndarray) -> int:
    own = np.flatnonzero(chosen)
    return int(own[((xy[own] - xy[own].mean(0)) ** 2).sum(1).argmin()])


def _stations(known: KnownCity) -> np.ndarray:
    units = known.scenario.arrays.units
    return units["start_node"][np.unique(units["home_beat"], return_index=True)[1]]


def _nodes(known: KnownCity, rows: pd.DataFrame) -> np.ndarray:
    import pyproj

    x, y = pyproj.Transformer.from_crs("EPSG:4326", CRS, always_xy=True).transform(rows["longitude"], rows["latitude"])
    return known.scenario.area.nearest_nodes(np.stack([x, y], -1) - (known.xy[0] - known.city.coordinates[0]))[0]


def replaced_practice(folder: CityFolder, **keys: str) -> None:
    """Answer keys of ``practice.toml``, given as TOML."""
    path = folder.path / "practice.toml"
    lines = path.read_text().splitlines()
    for name, value in keys.items():
        lines = [f"{name} = {value}" if line.startswith(f"{name} = ") else line for line in lines]
    path.write_text("\n".join(lines) + "\n")

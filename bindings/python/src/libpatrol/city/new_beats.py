"""A city's model with other beats."""

import dataclasses
import os
from pathlib import Path

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

from libpatrol.area import Area
from libpatrol.city.fitting import stations
from libpatrol.city.fleet import spread
from libpatrol.city.model import CityModel
from libpatrol.city.reading.beats import BeatShapes
from libpatrol.city.reading.mapping_tables import BeatColumns


def with_beats(model: CityModel, path: str | os.PathLike[str]) -> CityModel:
    """Return the model with the beats of a file; units are spread over them as the workload is, shift by shift.

    Parameters
    ----------
    model : CityModel
        Of the city today.
    path : path-like
        Polygons, read as those of ``libpatrol import --beats`` are.

    Raises
    ------
    ValueError
        If they do not fit the city's streets; the sentence names file and row.
    """
    nodes = model.folder.nodes()
    xy = nodes[["x", "y"]].to_numpy(np.float64)
    crs, columns = model.folder.facts.crs, BeatColumns()
    found = BeatShapes.read(Path(path), columns).on_streets(xy, crs, columns, "the city")
    node_beats = found.node_beats
    polygons = gpd.GeoSeries(found.polygons, crs=crs)
    middle = polygons.representative_point()
    beats = gpd.GeoDataFrame(
        {"name": found.names, "group": found.groups, "x": middle.x, "y": middle.y, "station_node": -1},
        geometry=polygons,
    )
    arrays = model.scenario.arrays
    units = arrays.units.copy()
    units["home_beat"] = _homes(model, node_beats, len(beats))
    units["start_node"] = stations(beats, xy)[units["home_beat"]]
    posts = np.unique(units["start_node"]) if model.practice.returns_to_stations else None
    area = dataclasses.replace(model.area, node_beats=node_beats, patrol_locations=posts)
    scenario = model.varied(model.scenario, area=Area.from_arrays(**area), units=units)
    return dataclasses.replace(model, area=area, scenario=scenario, other_beats=beats)


def _homes(model: CityModel, node_beats: NDArray[np.int32], beats: int) -> NDArray[np.int64]:
    """Return the beat of each unit: units of the same hours are spread in proportion to the work of each beat."""
    kinds = model.scenario.arrays.categories
    effort = kinds["units_required"] * kinds["service_mean_seconds"]
    work = (model.area.demand_calls_per_hour.sum(2, dtype=np.float64) * effort).sum(1)
    at = np.arange(len(work)) if model.area.demand_nodes is None else model.area.demand_nodes
    own = node_beats[at]
    weights = np.bincount(own[own >= 0], work[own >= 0], minlength=beats)
    shifts = model.scenario.arrays.shifts
    hours: dict[int, list[tuple[float, float]]] = {unit: [] for unit in range(model.scenario.unit_count)}
    for row in () if shifts is None else shifts:
        hours[int(row["unit"])].append((float(row["start_hour"]), float(row["end_hour"])))
    groups: dict[tuple[tuple[float, float], ...], list[int]] = {}
    for unit, times in hours.items():
        groups.setdefault(tuple(sorted(times)), []).append(unit)
    homes = np.zeros(len(hours), np.int64)
    for members in groups.values():
        homes[members] = spread(len(members), weights)
    return homes

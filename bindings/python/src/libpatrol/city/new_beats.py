"""A city's model with other beats."""

import dataclasses
import os

import numpy as np
from numpy.typing import NDArray

from libpatrol.area import Area
from libpatrol.city.fitting import stations
from libpatrol.city.fleet import spread
from libpatrol.city.model import CityModel
from libpatrol.extras import extra


def with_beats(model: CityModel, path: str | os.PathLike[str]) -> CityModel:
    """Return the model with the beats of a file; units are spread over them as the workload is, shift by shift.

    Parameters
    ----------
    model : CityModel
        Of the city today.
    path : path-like
        Polygons, in any format and CRS that geopandas reads; names are those of the first text column.
    """
    with extra("city", "libpatrol.city"):
        import geopandas as gpd
        import shapely

    polygons = gpd.read_file(path)
    if not len(polygons) or polygons.geometry.isna().any() or polygons.geometry.is_empty.any():
        raise ValueError(f"{path} has an empty polygon, or none at all")
    if polygons.crs is None:
        raise ValueError(f"{path} does not say its coordinate system")
    polygons = polygons.to_crs(model.folder.facts.crs)
    texts = [name for name in polygons if name != "geometry" and polygons[name].dtype.kind in "OTU"]
    names = polygons[texts[0]].astype(str).tolist() if texts else [f"beat {k + 1}" for k in range(len(polygons))]
    nodes = model.folder.nodes()
    xy = nodes[["x", "y"]].to_numpy(np.float64)
    point, beat = shapely.STRtree(polygons.geometry.to_numpy()).query(shapely.points(xy), "within")
    node_beats = np.full(len(xy), -1, np.int32)
    node_beats[point[::-1]] = beat[::-1]  # the first polygon of two that overlap
    empty = sorted(set(range(len(names))) - set(node_beats.tolist()))
    if empty:
        raise ValueError(f"{path}: no street lies in the beat {names[empty[0]]}")
    middle = polygons.geometry.representative_point()
    beats = nodes.iloc[: len(names)].assign(x=middle.x.to_numpy(), y=middle.y.to_numpy(), station_node=-1)
    arrays = model.scenario.arrays
    units = arrays.units.copy()
    units["home_beat"] = _homes(model, node_beats, len(names))
    units["start_node"] = stations(beats, xy)[units["home_beat"]]
    posts = np.unique(units["start_node"]) if model.practice.returns_to_stations else None
    area = dataclasses.replace(model.area, node_beats=node_beats, patrol_locations=posts)
    scenario = model.varied(model.scenario, area=Area.from_arrays(**area), units=units)
    return dataclasses.replace(model, area=area, scenario=scenario, beat_names=tuple(names))


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

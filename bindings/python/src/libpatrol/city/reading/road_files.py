"""Roads from a file of any of the formats that departments and map projects use."""

import os
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pyproj

from libpatrol.area_arrays import AreaArrays
from libpatrol.city.reading.crs import DEGREES, converted, named_crs
from libpatrol.city.reading.layers import read_layer
from libpatrol.city.reading.mapping_tables import RoadColumns, unstated_crs
from libpatrol.city.reading.road_graphs import from_graph, read_graphml
from libpatrol.city.reading.road_lines import from_lines
from libpatrol.city.reading.road_network import RoadNetwork
from libpatrol.city.reading.road_tables import from_tables
from libpatrol.enums import CoordinateSystem
from libpatrol.files import read_area
from libpatrol.synthetic.roads import roads_from_jemss

_LINES = ("LineString", "MultiLineString")


def read_roads(source: Any, columns: RoadColumns) -> RoadNetwork:
    """Read roads.

    Parameters
    ----------
    source : path-like, networkx graph or AreaArrays
        A GraphML file or a graph, as OSMnx makes them; lines in a GeoJSON file, GeoPackage, zipped shapefile or file
        geodatabase; a folder or zip archive with `nodes.csv` and `arcs.csv` in the format of JEMSS, or with `nodes.csv`
        and `edges.csv`; an area file.
    columns : RoadColumns
        Names of columns that are not the usual ones.

    Raises
    ------
    ValueError
        If it cannot be read; the sentence names file and row.
    """
    if isinstance(source, AreaArrays):
        return _from_area(source, "the roads", columns)
    if hasattr(source, "is_directed"):
        return from_graph(source, "the graph", columns).drivable()
    path = Path(os.fspath(source))
    if not path.exists():
        raise FileNotFoundError(f"{path} does not exist")
    where, names = path.name, _names_in(path)
    if path.suffix.lower() == ".graphml":
        return from_graph(read_graphml(path), where, columns).drivable()
    if path.suffix.lower() == ".safetensors":
        return _from_area(read_area(path), where, columns)
    if names & {"arcs.csv", "roads.zip"}:
        return _from_area(roads_from_jemss(path), where, columns)
    if {"nodes.csv", "edges.csv"} <= names:
        return from_tables(path, columns).drivable()
    return from_lines(read_layer(path, _LINES, columns.layer, columns.crs, "roads"), where, columns).drivable()


def _names_in(path: Path) -> set[str]:
    if path.is_dir():
        return {entry.name for entry in path.iterdir()}
    if path.suffix.lower() == ".zip":
        try:
            with zipfile.ZipFile(path) as archive:
                return {name.rsplit("/", 1)[-1] for name in archive.namelist()}
        except zipfile.BadZipFile as reason:
            raise ValueError(f"{path} is not a zip archive: {reason}") from reason
    return set()


def _from_area(area: AreaArrays, where: str, columns: RoadColumns) -> RoadNetwork:
    if area.coordinates is None:
        raise ValueError(f"{where} has no coordinates, so calls have no place on it")
    degrees = np.asarray(area.coordinates)
    if area.coordinate_system is not CoordinateSystem.GEOGRAPHIC:
        if columns.crs is None:
            raise unstated_crs(f"{where} is in metres: say in [roads] of the mapping in which crs")
        degrees = converted(degrees, named_crs(columns.crs, "roads.crs"), pyproj.CRS(DEGREES))
    emergency = area.edge_emergency_seconds
    return RoadNetwork(
        where=where,
        degrees=degrees,
        edges=area.edges.astype(np.int64),
        patrol_seconds=area.edge_patrol_seconds.astype(np.float64),
        emergency_seconds=None if emergency is None else emergency.astype(np.float64),
        notes=[f"driving times of {len(area.edges):,} roads are those of {where}"],
    ).drivable()

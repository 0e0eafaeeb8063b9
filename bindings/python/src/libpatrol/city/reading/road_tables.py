"""Roads from two tables: ``nodes.csv`` with id, x, y and ``edges.csv`` with from, to and a time or a length.

``edges.csv`` may also have the time with lights and sirens.
"""

import tempfile
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pyproj
from numpy.typing import NDArray

from libpatrol.city.reading.crs import DEGREES, can_be_degrees, converted, named_crs
from libpatrol.city.reading.mapping_tables import RoadColumns, unstated_crs
from libpatrol.city.reading.road_network import RoadNetwork
from libpatrol.city.reading.road_speeds import driving_seconds, numbers_in
from libpatrol.replay.log_table import read_log
from libpatrol.replay.log_values import read_codes

_IDS = ("id", "node", "node_id", "osmid", "index")
_X = ("x", "longitude", "lon", "long")
_Y = ("y", "latitude", "lat")
_FROM = ("from", "u", "source", "fromnode", "from_node", "start")
_TO = ("to", "v", "target", "tonode", "to_node", "end")
_SECONDS = ("seconds", "travel_time", "time")
_EMERGENCY = ("emergency_seconds", "emergency_time")
_LENGTHS = ("length", "length_m", "metres", "meters", "distance")


def from_tables(source: Path, columns: RoadColumns) -> RoadNetwork:
    """Return the roads of a folder or zip archive with the two tables; edges are driven from ``from`` to ``to``."""
    if source.is_dir():
        return _read(source, source.name, columns)
    with zipfile.ZipFile(source) as archive, tempfile.TemporaryDirectory() as folder:
        for entry in archive.namelist():
            if (name := entry.rsplit("/", 1)[-1]) in ("nodes.csv", "edges.csv"):
                (Path(folder) / name).write_bytes(archive.read(entry))
        return _read(Path(folder), source.name, columns)


def _read(folder: Path, where: str, columns: RoadColumns) -> RoadNetwork:
    (nodes, _), (edges, remarks) = _table(folder / "nodes.csv"), _table(folder / "edges.csv")
    ids = read_codes(nodes[_find(nodes, _IDS, f"{where}: nodes.csv")])
    if ids.duplicated().any():
        row = int(np.flatnonzero(ids.duplicated())[0])
        raise ValueError(f"{where}: nodes.csv, row {row + 2}: the node {ids.iloc[row]} comes twice")
    places = np.stack([numbers_in(nodes[_find(nodes, names, f"{where}: nodes.csv")]) for names in (_X, _Y)], 1)
    wrong = np.flatnonzero(~np.isfinite(places).all(1))
    if len(wrong):
        raise ValueError(f"{where}: nodes.csv, row {wrong[0] + 2}: the node {ids.iloc[wrong[0]]} has no place")
    if columns.crs is None and not can_be_degrees(places):
        raise unstated_crs(f"{where}: nodes.csv is not in degrees: say in [roads] of the mapping in which crs")
    degrees = converted(places, named_crs(columns.crs or DEGREES, "roads.crs"), DEGREES)
    ends = np.stack([_ends(edges, ids, names, where) for names in (_FROM, _TO)], 1)
    metres = pyproj.Geod(ellps="WGS84").inv(*degrees[ends[:, 0]].T, *degrees[ends[:, 1]].T)[2]
    stated = _named(edges, columns.length, _LENGTHS)
    if stated is not None:
        metres = np.where(np.isfinite(found := numbers_in(edges[stated])), found, metres)
    table = edges.rename(columns={name: "travel_time" for name in [_named(edges, None, _SECONDS)] if name})
    seconds, notes = driving_seconds(table, metres, columns, where)
    with_lights = _named(edges, None, _EMERGENCY)
    return RoadNetwork(
        where=where,
        degrees=degrees,
        edges=ends,
        patrol_seconds=seconds,
        emergency_seconds=None if with_lights is None else numbers_in(edges[with_lights]),
        streets=edges["name"].fillna("").astype(object).to_numpy() if "name" in edges else None,
        notes=[*notes, *remarks],
    )


def _table(path: Path) -> tuple[pd.DataFrame, list[str]]:
    log = read_log(path)
    return log.columns(list(log.table)), log.account.remarks


def _ends(edges: pd.DataFrame, ids: pd.Series, names: tuple[str, ...], where: str) -> NDArray[np.int64]:
    column = _find(edges, names, f"{where}: edges.csv")
    found = pd.Index(ids).get_indexer(read_codes(edges[column]))
    if (found < 0).any():
        row = int(np.flatnonzero(found < 0)[0])
        raise ValueError(f"{where}: edges.csv, row {row + 2}: {column} is {edges[column].iloc[row]}, which is no node")
    return np.asarray(found, np.int64)


def _find(table: pd.DataFrame, names: tuple[str, ...], where: str) -> str:
    found = _named(table, None, names)
    if found is None:
        raise ValueError(f"{where} has no column {' or '.join(names)}, it has {', '.join(table)}")
    return found


def _named(table: pd.DataFrame, named: str | None, usual: tuple[str, ...]) -> str | None:
    spelled = {str(name).lower(): str(name) for name in table}
    return named if named is not None else next((spelled[name] for name in usual if name in spelled), None)

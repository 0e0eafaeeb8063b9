"""Reads a real road graph in the format of JEMSS (uoa-ems-research/JEMSS.jl): `nodes.csv` and `arcs.csv`."""

import os
import re
import warnings
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from libpatrol.area_arrays import AreaArrays
from libpatrol.enums import CoordinateSystem
from libpatrol.synthetic.demand import CATEGORY_SERVICE_SECONDS, CATEGORY_WEIGHTS, Demand, hotspot_demand
from libpatrol.synthetic.jemss_tables import JemssTable, read_tables

_SECONDS_PER_DAY = 86_400.0
_NODE_COLUMNS = ("index", "x", "y", "offRoadAccess", "attributes", "note")
_ARC_COLUMNS = ("index", "fromNode", "toNode", "distance", "attributes", "note")


def roads_from_jemss(
    source: str | os.PathLike[str],
    *,
    seed: int = 0,
    demand: Demand | None = None,
    emergency_mode: int = 1,
    patrol_mode: int | None = None,
) -> AreaArrays:
    """Return a road graph with synthetic demand: the format has no calls.

    Travel times are in days. Undirected arcs are driven both ways. Calls come only from nodes with off-road access.
    A warning names the columns that are not used: travel modes that are not requested, and columns that the format
    leaves to its users.

    Parameters
    ----------
    source : path-like
        A directory with `nodes.csv` and `arcs.csv`, or with both in `roads.zip`; or such an archive.
    seed : int
        Of the hotspots.
    demand : Demand, optional
        Volume and hotspots; default: 30 calls an hour.
    emergency_mode, patrol_mode : int
        Travel modes of `arcs.csv`, from 1. By convention mode 1 is with lights and sirens and mode 2 ordinary driving;
        if a network has only one mode, it is used for both.

    Raises
    ------
    ValueError
        If the files violate the format; the sentence names file, table and row.
    """
    path = Path(source)
    nodes = read_tables(path, "nodes.csv", ("nodes",))["nodes"]
    tables = read_tables(path, "arcs.csv", ("miscData", "arcs"))
    coordinates, access = _places(nodes)
    both_ways, modes = _settings(tables["miscData"])
    arcs = tables["arcs"]
    edges = _ends(arcs, len(coordinates), both_ways)
    seconds = _seconds(arcs, modes)
    used = (emergency_mode, min(2, modes) if patrol_mode is None else patrol_mode)
    for mode in used:
        if mode not in seconds:
            raise ValueError(f"travel mode {mode} is requested, but {arcs.where} has modes 1 to {modes}")
    _warn(nodes, _NODE_COLUMNS)
    _warn(arcs, (*_ARC_COLUMNS, *(f"mode_{mode}" for mode in used)))
    if both_ways:
        edges = np.concatenate([edges, edges[:, ::-1]])
        seconds = {mode: np.tile(times, 2) for mode, times in seconds.items()}
    return AreaArrays(
        coordinates=coordinates,
        coordinate_system=CoordinateSystem.GEOGRAPHIC,
        edges=edges,
        edge_emergency_seconds=seconds[used[0]],
        edge_patrol_seconds=seconds[used[1]],
        category_service_seconds=CATEGORY_SERVICE_SECONDS,
        category_weights=CATEGORY_WEIGHTS,
        demand_nodes=None if access.all() else np.flatnonzero(access),
        demand_calls_per_hour=hotspot_demand(
            coordinates[access], demand or Demand(calls_per_hour=30.0, hotspots=6), np.random.default_rng(seed)
        ),
    )


def _places(nodes: JemssTable) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return longitude and latitude of the nodes, and whether calls can come from them."""
    if len(nodes) < 2:
        raise ValueError(f"{nodes.where} has {len(nodes)} rows, expected two or more")
    nodes.in_order()
    east = nodes.numbers("x", "degrees of longitude, -180 to 180", least=-180, most=180)
    north = nodes.numbers("y", "degrees of latitude, -90 to 90", least=-90, most=90)
    access = nodes.truths("offRoadAccess") if "offRoadAccess" in nodes.columns else np.ones(len(nodes), bool)
    if not access.any():
        raise ValueError(f"{nodes.where}: no node has offRoadAccess, expected at least one for calls to come from")
    return np.stack([east, north], 1), access


def _settings(table: JemssTable) -> tuple[bool, int]:
    """Return whether arcs are driven both ways, and how many travel modes they have."""
    if len(table) != 1:
        raise ValueError(f"{table.where} has {len(table)} rows, expected one; a row without a first cell ends a table")
    unknown = [name for name in table.columns if name not in ("arcForm", "numModes", "note")]
    if unknown:
        raise ValueError(f"{table.where} has a column {unknown[0]}, which the format does not define")
    form = table.text("arcForm")[0]
    if form not in ("directed", "undirected"):
        raise ValueError(f"{table.where}, row 1: arcForm is {form!r}, expected directed or undirected")
    return form == "undirected", int(table.indices("numModes", 1000)[0])


def _ends(arcs: JemssTable, nodes: int, both_ways: bool) -> NDArray[np.int64]:
    """Return the tail and head of each arc, from 0."""
    if len(arcs) == 0:
        raise ValueError(f"{arcs.where} has no rows")
    arcs.in_order()
    ends = np.stack([arcs.indices("fromNode", nodes), arcs.indices("toNode", nodes)], 1) - 1
    loops = np.flatnonzero(ends[:, 0] == ends[:, 1])
    if len(loops):
        raise ValueError(f"{arcs.where}, row {loops[0] + 1}: fromNode and toNode are both {ends[loops[0], 0] + 1}")
    _, first, number = np.unique(
        np.sort(ends, 1) if both_ways else ends, axis=0, return_index=True, return_inverse=True
    )
    again = np.flatnonzero(first[number.ravel()] != np.arange(len(ends)))
    if len(again):
        row, (start, end) = again[0], ends[again[0]] + 1
        raise ValueError(
            f"{arcs.where}, row {row + 1}: there is an arc from {start} to {end} in row "
            f"{first[number.ravel()[row]] + 1} already, expected one"
        )
    if "distance" in arcs.columns:
        arcs.numbers("distance", "a distance of at least 0", least=0)
    return ends


def _seconds(arcs: JemssTable, modes: int) -> dict[int, NDArray[np.float64]]:
    """Return the travel times of each mode."""
    for name in arcs.columns:
        if re.fullmatch(r"mode_\d+", name) and not 1 <= int(name[5:]) <= modes:
            raise ValueError(f"{arcs.where} has a column {name}, miscData states numModes {modes}")
    days = "a travel time in days, above 0"
    return {
        mode: arcs.numbers(f"mode_{mode}", days, least=np.nextafter(0, 1)) * _SECONDS_PER_DAY
        for mode in range(1, modes + 1)
    }


def _warn(table: JemssTable, read: tuple[str, ...]) -> None:
    others = [name for name in table.columns if name not in read]
    if others:
        warnings.warn(f"{table.where}: unused columns {', '.join(others)}", stacklevel=3)

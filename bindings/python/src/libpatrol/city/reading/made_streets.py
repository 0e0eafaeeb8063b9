"""Streets made from the places of calls, for logs without roads."""

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import Delaunay, cKDTree

from libpatrol.city.reading.crs import DEGREES, converted
from libpatrol.city.reading.road_network import RoadNetwork

DETOUR = 1.3  # road distance / straight line
PATROL_SPEED = 8.0  # metres a second
_MOST_NODES = 600
_LEAST_CELL = 100.0  # metres
_LEAST_SHARE = 1e-4  # of the calls
_ISLAND, _RADIUS = 3.0, 0.02  # degrees: where nobody can mistake them for a city


def streets_of_calls(places: NDArray[np.float64], crs: str, where: str) -> RoadNetwork:
    """Return a network whose nodes are where calls come from.

    Places are put together in squares, as small as keeps them few; a square's node is the median of its calls. Two
    nodes are neighbors if no third one lies in the circle over them (the Gabriel graph).

    Parameters
    ----------
    places : float64 [calls, 2]
        In metres, finite.
    crs : str
        Of the places.
    where : str
        The log, for errors.
    """
    cell = _LEAST_CELL
    while len(parts := _squares(places, cell)) > _MOST_NODES:
        cell *= 1.25
    if len(parts) < 3:
        raise ValueError(f"the calls of {where} come from {len(parts)} places, expected 3 or more: give --roads")
    nodes = np.array([np.median(part, axis=0) for part in parts])
    streets = gabriel_edges(nodes)
    metres = np.linalg.norm(nodes[streets[:, 0]] - nodes[streets[:, 1]], axis=1) * DETOUR
    return RoadNetwork(
        where="the places of calls",
        degrees=converted(nodes, crs, DEGREES),
        edges=np.concatenate([streets, streets[:, ::-1]]).astype(np.int64),
        patrol_seconds=np.tile(metres / PATROL_SPEED, 2),
        notes=[
            f"there is no road file: {len(nodes)} places of calls, squares of {cell:.0f} m, stand for streets; driving "
            f"between neighbors takes {DETOUR:g} times the straight line at {PATROL_SPEED:g} m/s"
        ],
    ).drivable()


def streets_of_beats(count: int, seconds: float) -> RoadNetwork:
    """Return a network of one node for each beat, all equally far apart, for logs that have no other places.

    Parameters
    ----------
    count : int
        Beats.
    seconds : float
        From any of them to any other, on patrol.
    """
    around = 2 * np.pi * np.arange(count) / count
    edges = np.argwhere(~np.eye(count, dtype=bool))
    return RoadNetwork(
        where="the beats of calls",
        degrees=np.stack([_ISLAND + _RADIUS * np.cos(around), _RADIUS * np.sin(around)], 1),
        edges=edges.astype(np.int64),
        patrol_seconds=np.full(len(edges), seconds),
        notes=[
            f"there are neither roads nor places: {count} beats stand on a circle in the sea, and driving between any "
            f"two takes {seconds:.0f} s"
        ],
    ).drivable()


def _squares(places: NDArray[np.float64], cell: float) -> list[NDArray[np.float64]]:
    """Return the places in each square that has a share of them; single wrong ones make no street."""
    column, row = np.floor((places - places.min(0)) / cell).astype(np.int64).T
    square = row * (column.max() + 1) + column  # sorting numbers is faster than sorting pairs
    counts = np.unique(square, return_counts=True)[1]
    parts = np.split(places[np.argsort(square, kind="stable")], np.cumsum(counts)[:-1])
    return [part for part in parts if len(part) >= _LEAST_SHARE * len(places)]


def gabriel_edges(places: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the pairs of places with no third one in the circle over them, int64 [pairs, 2], ascending."""
    try:
        triangles = Delaunay(places).simplices
    except ValueError as reason:  # QhullError is one
        raise ValueError("the places lie on one line") from reason
    pairs = np.sort(np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [0, 2]]]), 1)
    pairs = np.unique(pairs, axis=0)
    ends = places[pairs]
    radius = np.linalg.norm(ends[:, 0] - ends[:, 1], axis=1) / 2
    nearest = cKDTree(places).query(ends.mean(1))[0]
    return np.asarray(pairs[nearest >= radius * (1 - 1e-9)], np.int64)

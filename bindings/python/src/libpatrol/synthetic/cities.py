"""Seeded cities with beats, two population groups and demand: a grid, two beats with a boundary, irregular roads."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from libpatrol._native.arrays import unsigned
from libpatrol.area_arrays import AreaArrays
from libpatrol.synthetic.demand import CATEGORY_SERVICE_SECONDS, CATEGORY_WEIGHTS, Demand, hotspot_demand

_PATROL_SPEED = 8.0  # metres a second
_EMERGENCY_RATIO = 0.7  # emergency seconds / patrol seconds


def grid(
    rows: int = 10,
    columns: int = 10,
    *,
    seed: int = 0,
    beats: int = 5,
    block_metres: float = 480.0,
    demand: Demand | None = None,
) -> AreaArrays:
    """Return a grid city of `rows` x `columns` nodes with two-way streets.

    Parameters
    ----------
    rows, columns : int
        Streets in each direction.
    seed : int
        The same seed gives the same city.
    beats : int
        Number of beats.
    block_metres : float
        Length of a street between two nodes.
    demand : Demand, optional
        Volume and hotspots.
    """
    rows, columns = unsigned("rows", rows), unsigned("columns", columns)
    rng = np.random.default_rng(seed)
    places, streets = _grid(rows, columns, block_metres)
    return _city(places, streets, beats, demand or Demand(), rng)


def two_beats(
    rows: int = 10,
    columns: int = 10,
    *,
    crossings: int = 3,
    seed: int = 0,
    block_metres: float = 480.0,
    demand: Demand | None = None,
) -> AreaArrays:
    """Return a grid city whose west half is beat 0 and whose east half is beat 1, with few streets between them.

    Parameters
    ----------
    rows, columns, seed, block_metres, demand
        As in `grid`.
    crossings : int
        Streets across the boundary, spread over the rows; at least 1.
    """
    rows, columns, crossings = unsigned("rows", rows), unsigned("columns", columns), unsigned("crossings", crossings)
    if not 1 <= crossings <= rows or columns < 2:
        raise ValueError(f"crossings is {crossings}, expected 1 to {rows}, the number of rows, and at least 2 columns")
    rng = np.random.default_rng(seed)
    places, streets = _grid(rows, columns, block_metres)
    row, column = np.divmod(np.arange(rows * columns), columns)
    beats = (column >= columns // 2).astype(np.intp)
    open_rows = (np.arange(crossings) * 2 + 1) * rows // (2 * crossings)
    crosses = beats[streets[:, 0]] != beats[streets[:, 1]]
    streets = streets[~crosses | np.isin(row[streets[:, 0]], open_rows)]
    return replace(_city(places, streets, 2, demand or Demand(), rng), node_beats=beats)


def irregular(
    nodes: int = 150, *, seed: int = 0, beats: int = 5, block_metres: float = 480.0, demand: Demand | None = None
) -> AreaArrays:
    """Return a city of irregular two-way roads: random places, their relative neighborhood graph, some short cuts.

    Parameters
    ----------
    nodes : int
        Number of nodes, at most a few hundred: the roads take nodes^3 steps.
    seed, beats, block_metres, demand
        As in `grid`; `block_metres` is the mean distance between neighboring places.
    """
    nodes = unsigned("nodes", nodes)
    rng = np.random.default_rng(seed)
    places = rng.uniform(0, block_metres * np.sqrt(nodes), (nodes, 2))
    road, neighbors = neighbor_graphs(places)
    short_cut = neighbors & (rng.random((nodes, nodes)) < 0.4)
    streets = np.argwhere(np.triu(road | short_cut, 1))
    return _city(places, streets, beats, demand or Demand(), rng)


def neighbor_graphs(places: NDArray[np.float64]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return the relative neighborhood graph and the Gabriel graph of places in the plane: bool [nodes, nodes] each.

    Two places are neighbors if no third one lies within the lune, or the circle, of the two. Takes nodes^3 steps.
    """
    nodes = len(places)
    squares = ((places[:, None] - places[None]) ** 2).sum(-1)
    lune = np.full((nodes, nodes), np.inf)
    circle = np.full((nodes, nodes), np.inf)
    for third in range(nodes):
        to_third = squares[third]
        farther = np.maximum(to_third[:, None], to_third[None])
        together = to_third[:, None] + to_third[None]
        others = np.ones((nodes, nodes), bool)
        others[third] = others[:, third] = False
        np.minimum(lune, farther, out=lune, where=others)
        np.minimum(circle, together, out=circle, where=others)
    return squares <= lune, squares <= circle


def far_side(places: NDArray[np.float64], share: float) -> NDArray[np.int32]:
    """Return population groups: the easternmost `share` of the places are group 1, the others group 0."""
    return (places[:, 0] > np.quantile(places[:, 0], 1 - share)).astype(np.int32)


def _grid(rows: int, columns: int, block_metres: float) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    """Return places and streets of a grid."""
    y, x = np.divmod(np.arange(rows * columns), columns)
    index = np.arange(rows * columns).reshape(rows, columns)
    streets = np.concatenate(
        [
            np.stack([index[:, :-1], index[:, 1:]], -1).reshape(-1, 2),
            np.stack([index[:-1], index[1:]], -1).reshape(-1, 2),
        ]
    )
    return np.stack([x, y], -1) * block_metres, streets


def _city(
    places: NDArray[np.float64], streets: NDArray[np.intp], beats: int, demand: Demand, rng: np.random.Generator
) -> AreaArrays:
    """Furnish a road graph: driving times, beats around random centers, the outer sixth as group 1, demand."""
    metres = np.linalg.norm(places[streets[:, 0]] - places[streets[:, 1]], axis=1)
    seconds = metres / _PATROL_SPEED * rng.uniform(0.85, 1.15, len(streets))
    from_center = np.linalg.norm(places - places.mean(0), axis=1)
    return AreaArrays(
        coordinates=places,
        edges=np.concatenate([streets, streets[:, ::-1]]),
        edge_patrol_seconds=np.tile(seconds, 2),
        edge_emergency_seconds=np.tile(seconds * _EMERGENCY_RATIO, 2),
        node_beats=beats_around(places, unsigned("beats", beats), rng),
        node_groups=from_center > np.quantile(from_center, 5 / 6),
        category_service_seconds=CATEGORY_SERVICE_SECONDS,
        category_weights=CATEGORY_WEIGHTS,
        demand_calls_per_hour=hotspot_demand(places, demand, rng),
    )


def beats_around(
    places: NDArray[np.float64], count: int, rng: np.random.Generator, rounds: int = 20
) -> NDArray[np.intp]:
    """Return the beat of each place, by Lloyd's algorithm from random centers.

    Parameters
    ----------
    places : float64 [nodes, 2]
        In the plane.
    count : int
        Number of beats; some may end empty.
    rng : numpy.random.Generator
        Draws the centers.
    rounds : int
        Of the algorithm.
    """
    if not 1 <= count <= len(places):
        raise ValueError(f"beats is {count}, expected 1 to {len(places)}, the number of nodes")
    centers = places[rng.choice(len(places), count, replace=False)]
    for _ in range(rounds):
        nearest: NDArray[np.intp] = ((places[:, None] - centers[None]) ** 2).sum(-1).argmin(1)
        for beat in np.unique(nearest):
            centers[beat] = places[nearest == beat].mean(0)
    return nearest

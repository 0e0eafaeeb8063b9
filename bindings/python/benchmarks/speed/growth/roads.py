"""Made-up road networks of any size, in the proportions of a real map."""

import numpy as np
from numpy.typing import NDArray

from libpatrol import AreaArrays
from libpatrol.synthetic.demand import CATEGORY_SERVICE_SECONDS, CATEGORY_WEIGHTS, Demand, hotspot_demand

BLOCK = 120.0  # metres between corners
MOST_ADDRESSES = 20_000  # nodes that calls come from
ARTERIAL = 8  # every so many streets one is wide and fast
BRIDGES = 16  # streets for each one that crosses the river
Corners = NDArray[np.int64]


def road_map(node_count: int, *, seed: int = 0) -> AreaArrays:
    """Return roads like those of a map: of three nodes one is a corner, two lie between corners or on dead ends.

    Corners stand on an uneven grid, one street in ten is missing and one in ten is one-way, a river has few bridges,
    and arterial roads are twice as fast. Calls come from at most 20,000 addresses.
    """
    rng = np.random.default_rng(seed)
    side = int(np.sqrt(node_count / 3))
    corners = BLOCK * (np.stack(np.divmod(np.arange(side * side), side), 1) + rng.uniform(-0.3, 0.3, (side * side, 2)))
    streets, is_fast = _streets(side, rng)
    dead_ends = rng.integers(side * side, size=node_count // 8)
    between = node_count - len(corners) - len(dead_ends)
    parts = 1 + np.bincount(rng.integers(len(streets), size=between), minlength=len(streets))
    chain, places = _chains(streets, parts, corners)
    ends = places[dead_ends] + rng.uniform(-0.4 * BLOCK, 0.4 * BLOCK, (len(dead_ends), 2))
    places = np.concatenate([places, ends])
    last = np.arange(len(places) - len(dead_ends), len(places))
    segments = np.concatenate([chain, np.stack([dead_ends, last], 1)])
    fast = np.concatenate([np.repeat(is_fast, parts), np.zeros(len(dead_ends), bool)])
    both = np.concatenate([np.repeat(is_fast | (rng.random(len(streets)) > 0.1), parts), np.ones(len(dead_ends), bool)])
    metres = np.linalg.norm(places[segments[:, 0]] - places[segments[:, 1]], axis=1)
    seconds = 1.0 + metres / np.where(fast, 16.0, 8.0)
    edges = np.concatenate([segments, segments[both][:, ::-1]])
    patrol = np.concatenate([seconds, seconds[both]])
    addresses = np.sort(rng.choice(len(places), min(len(places), MOST_ADDRESSES), replace=False))
    demand = Demand(calls_per_hour=30.0, hotspots=6)
    return AreaArrays(
        coordinates=places,
        edges=edges,
        edge_patrol_seconds=patrol,
        edge_emergency_seconds=0.7 * patrol,
        category_service_seconds=CATEGORY_SERVICE_SECONDS,
        category_weights=CATEGORY_WEIGHTS,
        demand_nodes=addresses,
        demand_calls_per_hour=hotspot_demand(places[addresses], demand, rng),
    )


def _streets(side: int, rng: np.random.Generator) -> tuple[Corners, NDArray[np.bool_]]:
    """Return the ends of the streets between neighboring corners, and which of them are arterial."""
    number = np.arange(side * side).reshape(side, side)
    along = np.stack([number[:, :-1].ravel(), number[:, 1:].ravel()], 1)
    across = np.stack([number[:-1].ravel(), number[1:].ravel()], 1)
    row, column = np.divmod(along[:, 0], side)
    keeps_along = rng.random(len(along)) < 0.9
    fast_along = row % ARTERIAL == 0
    river = (side // 2 + side / 10 * np.sin(3.0 * row / side)).astype(int)
    keeps_along &= (column != river) | (row % BRIDGES == 0)
    keeps_along |= fast_along & (column != river)
    keeps_across = (rng.random(len(across)) < 0.9) | (across[:, 0] % side % ARTERIAL == 0)
    fast = np.concatenate([fast_along[keeps_along], (across[:, 0] % side % ARTERIAL == 0)[keeps_across]])
    return np.concatenate([along[keeps_along], across[keeps_across]]), fast


def _chains(
    streets: Corners, parts: NDArray[np.intp], corners: NDArray[np.float64]
) -> tuple[Corners, NDArray[np.float64]]:
    """Return streets cut into so many parts each, as pairs of nodes, and the places of corners and nodes between."""
    street = np.repeat(np.arange(len(streets)), parts)
    first = np.cumsum(parts) - parts
    step = np.arange(len(street)) - first[street]
    inside = step > 0
    node = np.full(len(street), -1)
    node[inside] = len(corners) + np.arange(inside.sum())
    tails = np.where(inside, node, streets[street, 0])
    heads = np.where(step + 1 < parts[street], np.roll(node, -1), streets[street, 1])
    share = (step / parts[street])[inside, None]
    ends = streets[street[inside]]
    between = corners[ends[:, 0]] * (1 - share) + corners[ends[:, 1]] * share
    return np.stack([tails, heads], 1), np.concatenate([corners, between])

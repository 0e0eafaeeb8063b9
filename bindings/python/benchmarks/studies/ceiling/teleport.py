"""A city in which a free unit may be anywhere at once: what patrol could reach if moving took no time."""

import dataclasses

import numpy as np

from benchmarks.studies.scenarios import Cell
from libpatrol import Area, AreaArrays, Scenario
from libpatrol.scenario.files import build_arrays

MOVE_SECONDS = 1.0
"""A patrol move from any place to any other; the simulator has none that is shorter."""
STAY_SECONDS = 20.0
"""How soon a unit that stays decides again: the others may have been sent away."""


def scenario(cell: Cell) -> Scenario:
    """Return the cell's scenario with patrol moves from anywhere to anywhere; emergency driving takes what it took."""
    city, fleet, about = build_arrays(cell.family, cell.load)
    fields = {name: getattr(fleet, name) for name in fleet.__dataclass_fields__}
    return Scenario(Area.from_arrays(**_with_free_moves(city)), about, **fields)


def _with_free_moves(city: AreaArrays) -> AreaArrays:
    """Return the city with an edge for every pair of nodes: a second on patrol, the shortest path's in an emergency.

    A dispatched unit first finishes its edge at the city's mean ratio of emergency to patrol seconds; a loop that
    nobody drives keeps that ratio small.
    """
    nodes = np.arange(city.node_count, dtype=np.uint32)
    between = Area.from_arrays(**city).travel_times(nodes, nodes)
    pairs = np.argwhere(~np.eye(len(nodes), dtype=bool))
    return dataclasses.replace(
        city,
        edges=np.concatenate([pairs, [[0, 0]]]),
        edge_patrol_seconds=np.append(np.full(len(pairs), MOVE_SECONDS), 1e9),
        edge_emergency_seconds=np.append(between[pairs[:, 0], pairs[:, 1]], 0.0),
    )

"""Decisions while edges are closed or slow."""

import time
from dataclasses import dataclass, field
from itertools import cycle
from typing import Any

import numpy as np

from libpatrol import EDGE_CHANGE_DTYPE, Area, AreaArrays, Engine, PatrolError, Session, Snapshot
from libpatrol.synthetic.snapshots import sample_snapshot

EDGES = 64


@dataclass
class Changes:
    """Median seconds of a decision without changes, with changes that are new, and with the same ones again."""

    without: float = 0.0
    first: dict[str, float] = field(default_factory=dict)
    again: dict[str, float] = field(default_factory=dict)


def changes(city: AreaArrays, rounds: int) -> Changes:
    """Time decisions for 60 units and 25 calls with 64 random edges and with 64 along a way through the city.

    Units and calls are elsewhere in each decision than in the one before: nothing that is kept of them helps.
    """
    area = Area.from_arrays(**city)
    session = Session(Engine(area), 60, 25)
    rng = np.random.default_rng(2)
    sizes: dict[str, Any] = {"unit_count": 60, "incident_count": 25, "busy_share": 0.4}
    snapshots = cycle([sample_snapshot(city, rng, **sizes, nodes=area.patrol_locations) for _ in range(7)])
    found = Changes(without=float(np.median([seconds(session, next(snapshots)) for _ in range(rounds)])))
    edges = city.edges.astype(int)
    for which in ("at random", "of one way through the city"):
        times = []
        for _ in range(rounds):
            if which == "at random":
                chosen = edges[rng.choice(len(edges), EDGES, replace=False)]
            else:
                chosen = way(area, city.node_count, rng)
            slowed = np.unique(chosen, axis=0)
            times.append([seconds(session, slow(next(snapshots), slowed)) for _ in range(2)])
        found.first[which], found.again[which] = np.median(times, axis=0).tolist()
    return found


def seconds(session: Session, snapshot: Snapshot) -> float:
    start = time.thread_time()
    session.decide(snapshot)
    return time.thread_time() - start


def way(area: Area, node_count: int, rng: np.random.Generator) -> np.ndarray:
    """Return the first edges of a long path between two random nodes, [EDGES, 2]."""
    while True:
        try:
            nodes = area.path(*rng.integers(node_count, size=2).tolist()).nodes
        except PatrolError:
            continue
        if len(nodes) > EDGES:
            return np.stack([nodes[:EDGES], nodes[1 : EDGES + 1]], 1)


def slow(snapshot: Snapshot, edges: np.ndarray) -> Snapshot:
    """Return the snapshot with five minutes on each of the edges."""
    changed = np.zeros(len(edges), EDGE_CHANGE_DTYPE)
    changed["from_node"], changed["to_node"] = edges.T
    changed["patrol_seconds"] = changed["emergency_seconds"] = 300
    return Snapshot(snapshot.time_seconds, snapshot.units, snapshot.incidents, edge_changes=changed)

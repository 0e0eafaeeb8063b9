"""Decisions of every kind, to be recorded: policies, rules, snapshots, and all that may end a search."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.lib.recfunctions import repack_fields

import libpatrol
from libpatrol import Answer, AreaArrays, Engine, Policy, Session, Snapshot, Task
from libpatrol.files import write_policy
from reference.instances import HEURISTICS, limit_units, pair_costs, places, rules, snapshot, substitutes, travel_limits
from reference.networks import random_layers, state_dict, value_network

LEARNED = ("pair", "value", "concave value", "pair and value")
PATROL = ("stay", "demand_walk", "marginal_coverage", "fixed_posts")
DEADLINES = (1e-6, 20e-6, 50e-6, 200e-6, None)


class Decision(NamedTuple):
    """A decision, and what it was asked with."""

    kind: str
    engine: Engine
    snapshot: Snapshot
    options: dict[str, Any]
    answer: Answer


def same_decision(one: Answer, other: Answer) -> bool:
    """Whether two answers are the same decision, whatever a solver under a clock says of its search.

    Which of a call's needs its units fill is not recorded, and may be another where the decision is checked.
    """
    arrays = zip(map(_recorded, one[:3]), map(_recorded, other[:3]), strict=True)
    return all(a.tobytes() == b.tobytes() for a, b in arrays) and one.objective == other.objective


def _recorded(rows: np.ndarray) -> np.ndarray:
    """Return the fields that records hold."""
    return repack_fields(rows[[name for name in rows.dtype.names if name != "need"]])


def decisions(seed: int, count: int, directory: Path, most: int = 12) -> Iterator[Decision]:
    """Yield `count` decisions for at most `most` units and as many calls; the same seed asks the same."""
    rng = np.random.default_rng(seed)
    kinds = HEURISTICS + LEARNED
    for index in range(count):
        if index % 20 == 0:
            kind = kinds[index // 20 % len(kinds)]
            city, engine = _engine(kind, rng, directory)
            session = Session(engine, most, most)
        taken = snapshot(city, rng, most, most)
        if rng.random() < 0.3:
            taken = _with_edge_changes(taken, city, rng)
        # From a generator of their own: what else is drawn does not depend on them.
        later = np.random.default_rng([seed, index])
        taken.pair_costs = pair_costs(later, len(taken.units), len(taken.incidents))
        limit_units(taken, later)
        taken.substitutes = substitutes(np.random.default_rng([seed, index, 2]), taken.incidents)
        options = _options(rng)
        yield Decision(kind, engine, taken, options, session.decide(taken, **options))


def _engine(kind: str, rng: np.random.Generator, directory: Path) -> tuple[AreaArrays, Engine]:
    place = places()[rng.integers(2)]
    given: dict[str, Any] = rules(rng) | {"compliance_rows": 4, "hold_travel_seconds": travel_limits(rng)}
    given["patrol_policy"] = str(rng.choice(PATROL))
    if kind in HEURISTICS:
        return place.city, Engine(place.area, dispatch_policy=kind, **given)
    networks: dict[str, Any] = {}
    if "pair" in kind:
        networks["pair"] = state_dict(random_layers(rng, [24, 8, 1]))
    if "value" in kind:
        networks["value"] = value_network(rng, int(rng.integers(1, 25)), 0, -1.0 if "concave" in kind else 0.0)
    write_policy(directory / "policy", **networks)
    return place.city, Engine(place.area, Policy.load(directory / "policy"), **given)


def _with_edge_changes(taken: Snapshot, city: AreaArrays, rng: np.random.Generator) -> Snapshot:
    edges = np.unique(city.edges[rng.choice(len(city.edges), 3, replace=False)], axis=0)
    changes = np.zeros(len(edges), libpatrol.EDGE_CHANGE_DTYPE)
    changes["from_node"], changes["to_node"] = edges.T
    for mode in ("patrol_seconds", "emergency_seconds"):
        changes[mode] = rng.choice([0.0, 20.0, 300.0, np.inf], len(edges))
    return Snapshot(
        taken.time_seconds, taken.units, taken.incidents, travel_seconds=taken.travel_seconds, edge_changes=changes
    )


def _options(rng: np.random.Generator) -> dict[str, Any]:
    cancel = None if rng.random() < 0.8 else np.array([rng.integers(2)], np.int32)
    return {
        "tasks": Task(int(rng.integers(1, 4))),
        "deadline": DEADLINES[rng.integers(len(DEADLINES))],
        "node_limit": int(rng.choice([0, 0, 1, 5])),
        "relative_gap": float(rng.choice([0.0, 1e-6, 0.1])),
        "cancel": cancel,
    }

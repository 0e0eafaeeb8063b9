"""Random value networks that make a dispatch decision hard: all hidden neurons undecided, as strong as the rewards.

For a snapshot with units and calls, the hidden weights are drawn anew for each instance and each neuron is shifted
and scaled so that over random assignments its activation has a standard deviation of 1 and changes its sign in 30 to
70 % of them. The linear part is what a trained network has: a waiting call costs, a free unit is worth something.
"""

import numpy as np
from numpy.typing import NDArray

import libpatrol
from libpatrol import AreaArrays, Snapshot
from libpatrol.session import Pairs

# Minutes of a mean call's waiting: for a call that no longer waits, for a free unit, and for a hidden neuron whose
# activation is one standard deviation up, with 16 of them (with more as 1 / sqrt(hidden)).
SERVED, FREE, HIDDEN = 4.0, 1.0, 1.0


def hard_snapshot(city: AreaArrays, rng: np.random.Generator, units: int, calls: int) -> Snapshot:
    """Return free units anywhere, and calls of three priorities where demand is."""
    crew, waiting = libpatrol.units(units), libpatrol.incidents(calls)
    crew["node"] = rng.integers(city.node_count, size=units)
    crew["home_beat"] = city.node_beats[crew["node"]]
    waiting["node"] = rng.integers(city.node_count, size=calls)
    waiting["category"] = rng.integers(2, size=calls)
    waiting["priority"] = rng.choice([1, 2, 3], calls, p=(0.1, 0.4, 0.5))
    waiting["seconds_waited"] = rng.exponential(300, calls)
    return Snapshot(float(rng.integers(86_400)), crew, waiting)


def hard_network(
    rng: np.random.Generator, found: Pairs, hidden: int, *, concave: bool, strength: float = 1.0
) -> dict[str, NDArray[np.float32]]:
    """Return the value network of a policy file for a snapshot's eligible pairs; `strength` is of hidden neurons."""
    states = found.state + random_assignments(rng, found, 200) @ found.deltas
    weights = rng.normal(size=(hidden, states.shape[1])) / np.maximum(states.std(0), 1e-3)
    weights[:, states.std(0) < 1e-6] = 0
    activations = states @ weights.T
    weights /= np.maximum(activations.std(0), 1e-9)[:, None]
    activations /= np.maximum(activations.std(0), 1e-9)
    shares = rng.uniform(0.3, 0.7, hidden)
    bias = [-np.quantile(activations[:, neuron], share) for neuron, share in enumerate(shares)]
    output = rng.normal(size=(1, hidden)) * strength * HIDDEN * np.sqrt(16 / hidden)
    skip = np.zeros((1, 64))
    skip[0, 56:58], skip[0, 54] = -4 * SERVED, 4 * FREE
    return {
        "skip.weight": skip.astype(np.float32),
        "skip.bias": np.zeros(1, np.float32),
        "hidden.weight": weights.astype(np.float32),
        "hidden.bias": np.array(bias, np.float32),
        "output.weight": (-np.abs(output) if concave else output).astype(np.float32),
    }


def random_assignments(rng: np.random.Generator, found: Pairs, count: int) -> NDArray[np.float64]:
    """Return assignments as indicators [count, pairs]: pairs in random order, while unit and call are free."""
    chosen = np.zeros((count, len(found.pairs)))
    for row in chosen:
        limit = rng.integers(0, 1 + min(len(set(found.pairs[side].tolist())) for side in ("unit", "incident")))
        units: set[int] = set()
        calls: set[int] = set()
        for pair in rng.permutation(len(found.pairs)):
            if len(units) == limit:
                break
            unit, call = int(found.pairs["unit"][pair]), int(found.pairs["incident"][pair])
            if unit not in units and call not in calls:
                row[pair] = 1
                units.add(unit)
                calls.add(call)
    return chosen


def undecided(found: Pairs, network: dict[str, NDArray[np.float32]]) -> int:
    """Return how many hidden neurons no interval bound decides: each unit's least and greatest influence, or none."""
    hidden = network["hidden.weight"].astype(np.float64)
    start = hidden @ found.state + network["hidden.bias"]
    influence = found.deltas.astype(np.float64) @ hidden.T
    low = high = start
    for unit in np.unique(found.pairs["unit"]):
        its = influence[found.pairs["unit"] == unit]
        low, high = low + np.minimum(its.min(0), 0), high + np.maximum(its.max(0), 0)
    return int(((low < 0) & (high > 0)).sum())

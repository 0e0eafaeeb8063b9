"""Fits the policy `coverage` to heuristics in a few seconds.

    bindings/python/run python -m benchmarks.policies.fit_coverage PATH

The network `patrol` learns the value of the heuristic "marginal_coverage" from the features candidate/1. The network
`pair` learns a price list: serving a call is worth some minutes of its waiting, minus a price for the coverage that
leaves with the unit. So dispatch is by least weighted travel, but prefers a unit whose place others cover.
"""

import os
import sys
from collections.abc import Iterator
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from libpatrol import Area, AreaArrays, Engine, Session, UnitStatus, __version__
from libpatrol.files import write_policy
from libpatrol.synthetic.cities import grid, irregular
from libpatrol.synthetic.demand import Demand
from libpatrol.synthetic.snapshots import sample_snapshot

SERVING_MINUTES = 10.0
"""Serving a call is worth this many minutes of its waiting."""
COVERAGE_PRICE = 2.0
"""Price of one unit of marginal coverage (τ seconds for every call) in mean calls waiting one minute."""

_WEIGHT, _LEAVING_COVERAGE = 1, 6  # of pair/1
_HIDDEN = (32, 32)
_FITTED_CITIES, _OTHER_CITIES = 32, 6


def fit_coverage(path: str | os.PathLike[str], *, seed: int = 0) -> dict[str, str]:
    """Fit both networks and write the policy file.

    Parameters
    ----------
    path : path-like
        Where to.
    seed : int
        Of cities, snapshots and initial weights. The same seed gives the same file on the same machine.

    Returns
    -------
    dict of str to str
        The file's provenance, the quality of the fit on other cities among it.
    """
    rng = np.random.default_rng(seed)
    moves, values, pairs = _samples(_cities(rng, _FITTED_CITIES), rng, snapshots=40)
    held_out = _samples(_cities(rng, _OTHER_CITIES), rng, snapshots=40)
    patrol = _Network(moves, values, rng)
    pair = _Network(pairs, _price(pairs), rng)
    others = f"of the variance in {_OTHER_CITIES} other cities"
    metadata = {
        "name": "coverage",
        "fitted_to": (
            "the marginal-coverage heuristic, not trained: 'patrol' is fitted to the heuristic's value of each move, "
            f"'pair' to {SERVING_MINUTES:g} minutes of the call's waiting less {COVERAGE_PRICE:g} times the marginal "
            "coverage that leaves with the unit"
        ),
        "fit": f"libpatrol {__version__}, fit_coverage, seed {seed}, numpy, Adam on squared error",
        "samples": f"{len(moves)} candidate moves and {len(pairs)} pairs of {_FITTED_CITIES} generated cities",
        "explained_patrol": f"{patrol.explained(held_out[0], held_out[1]):.4f} {others}",
        "explained_pair": f"{pair.explained(held_out[2], _price(held_out[2])):.4f} {others}",
    }
    write_policy(path, patrol=patrol.state(), pair=pair.state(), metadata=metadata)
    return metadata


def _price(pairs: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return what the network `pair` is fitted to, from features pair/1, in mean calls waiting one minute."""
    return SERVING_MINUTES * pairs[:, _WEIGHT] - COVERAGE_PRICE * pairs[:, _LEAVING_COVERAGE]


def _cities(rng: np.random.Generator, count: int) -> Iterator[AreaArrays]:
    for index in range(count):
        demand = Demand(hotspots=int(rng.integers(1, 6)), concentration=rng.uniform(0, 0.9))
        seed = int(rng.integers(2**32))
        yield grid(seed=seed, demand=demand) if index % 2 == 0 else irregular(120, seed=seed, demand=demand)


def _samples(
    cities: Iterator[AreaArrays], rng: np.random.Generator, snapshots: int
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
    """Return candidate features [moves, 28], the heuristic's values [moves], and pair features [pairs, 24]."""
    moves, values, pairs = [], [], []
    for city in cities:
        engine = Engine(Area.from_arrays(**city), patrol_policy="marginal_coverage")
        session = Session(engine, max_units=12, max_incidents=8)
        for _ in range(snapshots):
            units, calls = int(rng.integers(2, 13)), int(rng.integers(0, 9))
            snapshot = sample_snapshot(city, rng, unit_count=units, incident_count=calls)
            for unit in snapshot.units[snapshot.units["status"] == UnitStatus.PATROLLING]:
                candidates = session.candidates(snapshot, unit["id"])
                moves.append(candidates.features)
                values.append(candidates.moves["value"])
            pairs.append(session.pairs(snapshot).features)
    return np.concatenate(moves), np.concatenate(values), np.concatenate(pairs)


class _Network:
    """A dense ReLU network with one output on standardized inputs, fitted by Adam (Kingma & Ba 2015).

    Parameters
    ----------
    inputs : float32 [rows, features]
        Observations.
    targets : float32 [rows]
        Values to fit.
    rng : numpy.random.Generator
        Initial weights (He et al. 2015) and the order of the rows.
    """

    def __init__(
        self,
        inputs: NDArray[np.float32],
        targets: NDArray[np.float32],
        rng: np.random.Generator,
        epochs: int = 50,
        batch: int = 128,
        rate: float = 5e-3,
    ) -> None:
        self.mean = inputs.mean(0)
        self.scale = 1 / np.maximum(inputs.std(0), 1e-3)
        sizes = (inputs.shape[1], *_HIDDEN, 1)
        self.weights = [
            rng.normal(0, np.sqrt(2 / fan_in), (fan_out, fan_in)).astype(np.float32)
            for fan_in, fan_out in pairwise(sizes)
        ]
        self.biases = [np.zeros(size, np.float32) for size in sizes[1:]]
        parameters = self.weights + self.biases
        first = [np.zeros_like(parameter) for parameter in parameters]
        second = [np.zeros_like(parameter) for parameter in parameters]
        steps = epochs * (len(inputs) // batch)
        step = 0
        for _ in range(epochs):
            order = rng.permutation(len(inputs))
            for start in range(0, len(inputs) - batch + 1, batch):
                rows = order[start : start + batch]
                step += 1
                step_rate = rate * (1 - step / (steps + 1)) * np.sqrt(1 - 0.999**step) / (1 - 0.9**step)
                for parameter, m, v, gradient in zip(
                    parameters, first, second, self._gradients(inputs[rows], targets[rows]), strict=True
                ):
                    m += 0.1 * (gradient - m)
                    v += 0.001 * (gradient * gradient - v)
                    parameter -= step_rate * m / (np.sqrt(v) + 1e-8)

    def _activations(self, inputs: NDArray[np.float32]) -> list[NDArray[np.float32]]:
        """Return the standardized inputs, each hidden layer, and the outputs [rows, 1]."""
        layers = [(inputs - self.mean) * self.scale]
        for weight, bias in zip(self.weights[:-1], self.biases[:-1], strict=True):
            layers.append(np.maximum(layers[-1] @ weight.T + bias, 0))
        layers.append(layers[-1] @ self.weights[-1].T + self.biases[-1])
        return layers

    def _gradients(self, inputs: NDArray[np.float32], targets: NDArray[np.float32]) -> list[NDArray[np.float32]]:
        """Return the gradients of half the mean squared error, weights first."""
        layers = self._activations(inputs)
        error = (layers[-1] - targets[:, None]) / np.float32(len(targets))
        weights, biases = [], []
        for layer in reversed(range(len(self.weights))):
            weights.append(error.T @ layers[layer])
            biases.append(error.sum(0))
            error = (error @ self.weights[layer]) * (layers[layer] > 0)
        return weights[::-1] + biases[::-1]

    def explained(self, inputs: NDArray[np.float32], targets: NDArray[np.float32]) -> float:
        """Return the share of the targets' variance that the network explains."""
        residual = targets - self._activations(inputs)[-1][:, 0]
        return float(1 - residual.var() / targets.var())

    def state(self) -> dict[str, NDArray[np.float32]]:
        """Return the parameters in the names of an `nn.Sequential`."""
        layers = {"mean": self.mean, "scale": self.scale.astype(np.float32)}
        for index, (weight, bias) in enumerate(zip(self.weights, self.biases, strict=True)):
            layers |= {f"{2 * index}.weight": weight, f"{2 * index}.bias": bias}
        return layers


if __name__ == "__main__":
    for key, value in fit_coverage(sys.argv[1]).items():
        print(f"{key}: {value}")

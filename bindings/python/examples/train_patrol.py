"""Trains a patrol policy with JAX on a batch of simulations, and compares it with heuristics on calls it has not seen.

    bindings/python/run python bindings/python/examples/train_patrol.py [--rounds N] [--out policy.safetensors]

Double deep Q-learning (van Hasselt, Guez & Silver 2016) of units that share one network over their candidate moves.
The reward of a move is the marginal coverage that the unit provides from its new place (feature 0 of staying), for as
long as the move lasts; a move that ends with a dispatch has no next state and is left out. This is a starting point:
it comes close to the heuristic "marginal_coverage" without beating it.
"""

import argparse
from pathlib import Path
from typing import NamedTuple

import numpy as np

from libpatrol import Batch, Policy, Scenario
from libpatrol.extras import extra
from libpatrol.files import write_policy
from libpatrol.studies.comparison import COMPARED, Comparison
from libpatrol.studies.pairs import PolicyPair
from libpatrol.studies.replications import replicate

with extra("examples", "this example"):
    import jax
    import jax.numpy as jnp
    import optax

FEATURES = 28
HIDDEN = 32
DISCOUNT_RATE = 1e-3  # per second
SIMULATIONS = 64
TRAINING_SEED = 2_000_000  # distinct from the seeds of the results

Network = list[dict[str, jax.Array]]


class Transitions(NamedTuple):
    """What units did, one row each: a move and its outcome."""

    chosen: np.ndarray  # float32 [rows, 28]
    reward: np.ndarray  # float32 [rows]
    discount: np.ndarray  # float32 [rows]
    following: np.ndarray  # float32 [rows, width, 28]
    moves: np.ndarray  # int32 [rows]


def initial(key: jax.Array) -> Network:
    """Return a network 28 -> 32 -> 32 -> 1 (He et al. 2015)."""
    sizes = (FEATURES, HIDDEN, HIDDEN, 1)
    keys = jax.random.split(key, len(sizes) - 1)
    return [
        {"weight": jax.random.normal(k, (fan_out, fan_in)) * (2 / fan_in) ** 0.5, "bias": jnp.zeros(fan_out)}
        for k, fan_in, fan_out in zip(keys, sizes, sizes[1:], strict=False)
    ]


@jax.jit
def value(network: Network, features: jax.Array) -> jax.Array:
    """Return the values of moves, [...]; features are [..., 28]."""
    hidden = features
    for layer in network[:-1]:
        hidden = jax.nn.relu(hidden @ layer["weight"].T + layer["bias"])
    return (hidden @ network[-1]["weight"].T + network[-1]["bias"])[..., 0]


def loss(network: Network, target: Network, rows: Transitions) -> jax.Array:
    """Return the Huber loss of the double Q-learning target."""
    there = jnp.arange(rows.following.shape[1]) < rows.moves[:, None]
    best = jnp.where(there, value(network, rows.following), -jnp.inf).argmax(1)
    future = jnp.take_along_axis(value(target, rows.following), best[:, None], 1)[:, 0]
    wanted = jax.lax.stop_gradient(rows.reward + rows.discount * future)
    return optax.huber_loss(value(network, rows.chosen), wanted).mean()


class Collector:
    """Plays a batch and turns the decisions of each unit into transitions."""

    def __init__(self, scenario: Scenario, rng: np.random.Generator) -> None:
        self.batch = Batch(scenario, scenario.engine(), simulations=SIMULATIONS, seed=TRAINING_SEED)
        self.rng, self.rows = rng, np.arange(SIMULATIONS)
        units = scenario.unit_count
        self.chosen = np.zeros((SIMULATIONS, units, FEATURES), np.float32)
        self.since = np.zeros((SIMULATIONS, units))
        self.batch.step()

    def play(self, network: Network, steps: int, explore: float) -> Transitions:
        """Take `steps` decisions in every simulation, a share `explore` of them at random."""
        batch, found = self.batch, []
        for _ in range(steps):
            there = np.arange(batch.width) < batch.moves[:, None]
            best = np.where(there, value(network, batch.features), -np.inf).argmax(1)
            random = self.rng.integers(batch.moves)
            choice = np.where(self.rng.random(SIMULATIONS) < explore, random, best).astype(np.int32)
            self.chosen[self.rows, batch.units] = batch.features[self.rows, choice]
            self.since[self.rows, batch.units] = batch.time_seconds
            batch.step(choice)
            found.append(self._ended())
        return Transitions(*(np.concatenate(column) for column in zip(*found, strict=True)))

    def _ended(self) -> Transitions:
        """Return the moves that led to the decisions shown now."""
        batch = self.batch
        whole = ~batch.interrupted
        rows, units = self.rows[whole], batch.units[whole]
        seconds = batch.time_seconds[whole] - self.since[rows, units]
        discount = np.exp(-DISCOUNT_RATE * seconds)
        reward = batch.features[whole, 0, 0] * (1 - discount)
        return Transitions(
            self.chosen[rows, units],
            reward.astype(np.float32),
            discount.astype(np.float32),
            batch.features[whole],
            batch.moves[whole].astype(np.int32),
        )


def train(scenario: Scenario, rounds: int, seed: int = 0) -> Network:
    """Return the network after `rounds` of playing 40 steps and learning from what was played last."""
    rng = np.random.default_rng(seed)
    network = target = initial(jax.random.PRNGKey(seed))
    optimizer = optax.adam(5e-4)
    state = optimizer.init(network)
    collector = Collector(scenario, rng)

    @jax.jit
    def improve(network: Network, target: Network, state: optax.OptState, rows: Transitions) -> tuple:
        gradient = jax.grad(loss)(network, target, rows)
        changes, state = optimizer.update(gradient, state)
        network = optax.apply_updates(network, changes)
        target = jax.tree.map(lambda old, new: old + 0.005 * (new - old), target, network)
        return network, target, state

    kept: list[Transitions] = []
    for round_ in range(rounds):
        explore = max(0.05, 0.3 * (1 - round_ / (0.7 * rounds)))
        kept = [*kept[-19:], collector.play(target, 40, explore)]
        replay = Transitions(*(np.concatenate(column) for column in zip(*kept, strict=True)))
        for _ in range(50):
            chosen = rng.integers(len(replay.reward), size=256)
            network, target, state = improve(network, target, state, Transitions(*(part[chosen] for part in replay)))
    return target


def save(network: Network, path: Path) -> None:
    """Write a policy file that `libpatrol` loads."""
    tensors = {f"{2 * k}.{name}": np.asarray(array) for k, layer in enumerate(network) for name, array in layer.items()}
    write_policy(path, patrol=tensors, metadata={"trained_by": "examples/train_patrol.py"})


def main() -> None:
    """Train, save, and compare on the calls of 30 replications."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--scenario", default="hotspots-medium")
    parser.add_argument("--rounds", type=int, default=150)
    parser.add_argument("--replications", type=int, default=30)
    parser.add_argument("--out", type=Path, default=Path("policy.safetensors"))
    options = parser.parse_args()
    scenario = Scenario.load(options.scenario)
    save(train(scenario, options.rounds), options.out)
    pairs = [
        PolicyPair(patrol="random_walk"),
        PolicyPair(patrol="marginal_coverage"),
        PolicyPair(patrol="learned", policy=Policy.load(options.out)),
    ]
    seeds = range(options.replications)
    found = Comparison({pair.name: replicate(scenario, pair.engine(scenario), seeds) for pair in pairs})
    print(
        f"{scenario.details.name}, {options.replications} replications; weighted calls waiting, and difference "
        "from random_walk with its 95 % interval"
    )
    for name in found.names:
        cost, gap = found.mean(name, COMPARED[0]), found.difference(name, COMPARED[0])
        print(f"{name:45} weighted wait {cost.mean:.3f}  {gap.mean:+.3f} ± {gap.half_width:.3f}")


if __name__ == "__main__":
    main()

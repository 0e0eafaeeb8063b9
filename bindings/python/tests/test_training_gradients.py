"""One gradient step of the trainer's patrol learner, and of the same in numpy, against JAX.

The trainer's state before and after the step is read from its checkpoints, and the batch is drawn anew.
"""

from itertools import pairwise
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from safetensors.numpy import load

from benchmarks.speed.train import cases
from benchmarks.speed.train.episodes import FEATURES, BatchEpisodes, PythonEpisodes
from libpatrol import Area, Engine, Scenario
from libpatrol.lab.training import Trainer
from reference.q_learning import Learner, Memory, Stack
from reference.random_numbers import RandomNumbers

BATCH = 256
RATE = 1e-3  # of the first step


class Step(NamedTuple):
    """What a step begins and ends with: the tensors of two checkpoints, and which transitions were drawn."""

    before: dict[str, np.ndarray]
    after: dict[str, np.ndarray]
    drawn: np.ndarray
    hidden: tuple[int, ...]


@pytest.fixture(scope="module", params=[(32, 32), (17,), ()], ids=str)
def step(request: pytest.FixtureRequest, area: Area) -> Step:
    """Return the first step of a patrol phase, of which each round has one."""
    trainer = Trainer(
        Scenario(area, unit_count=4),
        seed=5,
        variant="patrol_only",
        validations=2,
        validation_seconds=3600,
        heuristic_patrols="marginal_coverage",
        heuristic_dispatches="closest_fcfs",
        # Begins at random. With a difference reward networks begin with coverage, and ideal places are at ReLUs' kinks.
        patrol_method="q_learning",
        patrol_reward="team_coverage",
        patrol_layers=request.param,
        patrol_rounds=4,
        patrol_heuristic_rounds=1,
        patrol_episodes=2,
        patrol_steps=1,
        patrol_episode_seconds=4 * 3600,
    )
    states = []
    for _ in trainer:
        states.append(load(trainer.checkpoint()))
        if states[-1]["patrol.counters"][4] == 1:  # steps of Adam
            break
    before, after = states[-2:]
    learner_seed, phase, round_after = (int(k) for k in after["patrol.counters"][:3].astype(np.uint64))
    random = RandomNumbers(learner_seed, (phase + 1) << 40 | (round_after - 1) << 16 | 1)
    count = len(after["patrol.memory.rewards"])
    assert count > BATCH
    return Step(before, after, np.array([random.below(count) for _ in range(BATCH)]), request.param)


def memory_of(step: Step) -> Memory:
    """Return the replay memory that the step drew from."""
    tensors, width = step.after, len(step.after["patrol.mean"])
    rows = tensors["patrol.memory.rows"].reshape(len(tensors["patrol.memory.rewards"]), 2, -1, width)
    memory = Memory(len(rows), rows.shape[2], width)
    memory.append(
        tensors["patrol.memory.rewards"],
        discounts=tensors["patrol.memory.discounts"],
        rows=rows[:, 0],
        candidates=tensors["patrol.memory.candidates"],
        chosen=tensors["patrol.memory.chosen"],
        following=rows[:, 1],
        following_candidates=tensors["patrol.memory.next_candidates"],
    )
    return memory


def learner_of(step: Step) -> Learner:
    """Return the reference's learner as the trainer's was before the step."""
    tensors = step.before
    stack = Stack((len(tensors["patrol.mean"]), *step.hidden, 1))
    learner = Learner(stack, tensors["patrol.online"], tensors["patrol.target"])
    learner.mean, learner.scale = step.after["patrol.mean"], step.after["patrol.scale"]
    return learner


def jax_gradient(
    widths: tuple[int, ...], online: Any, target: Any, memory: Any, drawn: Any, learner: Any
) -> np.ndarray:
    """Return the gradient of the loss by JAX, in double precision; nothing of it is numpy's code."""
    with jax.enable_x64(True):

        def values(parameters: jax.Array, rows: jax.Array) -> jax.Array:
            place = 0
            for k, (before, after) in enumerate(pairwise(widths)):
                weight = parameters[place : place + before * after].reshape(after, before)
                place += before * after
                rows = rows @ weight.T + parameters[place : place + after]
                place += after
                rows = rows if k + 2 == len(widths) else jax.nn.relu(rows)
            return rows[..., 0]

        def double(array: np.ndarray) -> jax.Array:
            return jnp.asarray(array, jnp.float64)

        mean, scale = double(learner.mean), double(learner.scale)

        def decisions(rows: np.ndarray, candidates: np.ndarray) -> tuple[jax.Array, jax.Array]:
            there = jnp.arange(rows.shape[1]) < candidates[drawn][:, None]
            return (double(rows[drawn]) - mean) * scale, jnp.where(there, 0.0, -jnp.inf)

        def taken(values_of: jax.Array, which: Any) -> jax.Array:
            return jnp.take_along_axis(values_of, jnp.asarray(which)[:, None], 1)[:, 0]

        present, beyond = decisions(memory.rows, memory.candidates)
        following, beyond_next = decisions(memory.following, memory.following_candidates)
        best = (values(double(online), following) + beyond_next).argmax(1)
        future = taken(values(double(target), following), best)
        now = values(double(target), present)
        gap = (now + beyond).max(1) - taken(now, memory.chosen[drawn])
        wanted = double(memory.rewards[drawn]) + double(memory.discounts[drawn]) * future - 0.9 * gap
        chosen = jnp.take_along_axis(present, jnp.asarray(memory.chosen[drawn])[:, None, None], 1)[:, 0]

        def loss(parameters: jax.Array) -> jax.Array:
            errors = jnp.abs(values(parameters, chosen) - wanted)
            return jnp.where(errors <= 1, errors**2 / 2, errors - 0.5).mean()

        return np.asarray(jax.grad(loss)(double(online)))


def expect_close(gradient: np.ndarray, expected: np.ndarray) -> None:
    assert np.abs(expected).max() > 1e-3
    np.testing.assert_allclose(gradient, expected, rtol=1e-4, atol=2e-6 * np.abs(expected).max())


def test_the_trainer_s_gradient_is_jax_s(step: Step) -> None:
    memory, learner = memory_of(step), learner_of(step)
    gradient = step.after["patrol.adam.first"] / np.float32(0.1)  # m = (1 - β₁) g after the first step
    expected = jax_gradient(learner.stack.widths, learner.online, learner.target, memory, step.drawn, learner)
    expect_close(gradient, expected)


def test_numpy_s_gradient_is_jax_s(step: Step, rng: np.random.Generator) -> None:
    """On networks of other numbers too, whose targets lie beyond Huber's threshold."""
    memory, learner = memory_of(step), learner_of(step)
    for _ in range(4):
        expected = jax_gradient(learner.stack.widths, learner.online, learner.target, memory, step.drawn, learner)
        expect_close(learner.gradient(memory, step.drawn), expected)
        learner.online, learner.target = (2 * learner.stack.initial(rng) for _ in range(2))


def test_the_trainer_s_step_is_adam_s_and_polyak_s(step: Step) -> None:
    after, before = step.after, step.before
    gradient = after["patrol.adam.first"] / np.float32(0.1)
    np.testing.assert_allclose(after["patrol.adam.second"], 0.001 * gradient**2, rtol=1e-4, atol=1e-30)
    online = before["patrol.online"] - RATE * gradient / (np.abs(gradient) + 1e-8)  # both corrected moments: g and g²
    np.testing.assert_allclose(after["patrol.online"], online, atol=2e-7)
    target = before["patrol.target"] + 0.005 * (after["patrol.online"] - before["patrol.target"])
    np.testing.assert_allclose(after["patrol.target"], target, atol=1e-7)


def test_numpy_s_step_is_the_trainer_s(step: Step) -> None:
    learner = learner_of(step)
    learner.step(memory_of(step), step.drawn, RATE)
    gradient = np.abs(step.after["patrol.adam.first"])
    large = gradient > 1e-4 * gradient.max()  # Adam's first step is the gradient's sign: that of rounding where it is 0
    np.testing.assert_allclose(learner.online[large], step.after["patrol.online"][large], atol=1e-6)
    np.testing.assert_allclose(learner.target[large], step.after["patrol.target"][large], atol=1e-6)


def test_numpy_learns_on_its_own_episodes() -> None:
    """Episodes of the library and of Python's simulator are alike, and steps on them lower the loss."""
    city = cases.town(5, 5)
    area = Area.from_arrays(**city)
    engine = Engine(area, dispatch_policy="minimum_weighted_travel")
    rng = np.random.default_rng(1)
    stack = Stack((FEATURES, 16, 1))
    initial = stack.initial(rng)
    learner = Learner(stack, initial, initial)
    learner.stack.layers(learner.target)[-1][0][:] = 0  # all moves are worth the same: units walk alike in both
    ours, memory = (Memory(20_000, 8, FEATURES) for _ in range(2))
    BatchEpisodes(cases.scenario(city, area), engine, learner, ours, simulations=3, seconds=6 * 3600.0).play(3)
    for _ in range(3):
        logged = cases.scenario(city, area, cases.log(city, rng, 6 * 3600.0))
        assert PythonEpisodes(city, logged, learner, memory).play(6 * 3600.0) > 1000
    found = []
    for kept in (ours, memory):
        place = slice(kept.count)
        assert kept.count < 20_000 and kept.candidates[place].min() >= 2
        assert np.all((kept.discounts[place] > 0) & (kept.discounts[place] <= 1))
        parts = kept.discounts[place], kept.rows[place, 0, :27], kept.rewards[place], kept.candidates[place]
        found.append([kept.count, *(part.mean() for part in parts)])
    np.testing.assert_allclose(found[0], found[1], rtol=0.2)

    rows = np.arange(memory.count)
    chosen = memory.rows[rows, memory.chosen[rows]]
    learner.mean, learner.scale = chosen.mean(0), 1 / np.maximum(chosen.std(0), np.float32(0.02))

    def loss() -> float:
        values = stack.values(learner.online, learner.normalized(chosen))
        errors = np.abs(values - learner.targets(memory, rows))
        return float(np.where(errors <= 1, errors**2 / 2, errors - 0.5).mean())

    first = loss()
    for _ in range(200):
        learner.step(memory, rng.integers(memory.count, size=128), 1e-3)
    assert loss() < 0.5 * first

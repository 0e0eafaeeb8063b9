"""Times the patrol phase of training beside the same algorithm in numpy.

    bindings/python/run python -m benchmarks.speed.train [--rounds N]

Takes about three minutes. Writes results.md beside this file.
"""

import argparse
import os
import statistics
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # more only get in each other's way on matrices of this size

import numpy as np

from benchmarks.pages import page, table
from benchmarks.speed.train import cases
from benchmarks.speed.train.episodes import FEATURES, BatchEpisodes, PythonEpisodes
from libpatrol import Area, Engine
from libpatrol.enums import Phase
from libpatrol.lab.training import Trainer
from reference.q_learning import Learner, Memory, Stack

HERE = Path(__file__).resolve().parent
EPISODES, STEPS, SECONDS = 4, 100, 6 * 3600.0  # of a round, as the trainer's defaults
BATCH, CAPACITY, HIDDEN = 256, 50_000, (32, 32)
AT_ONCE = 64  # simulations of the batch: more episodes than a round has, to numpy's advantage
ABOUT = f"""\
A round of the patrol phase, with the trainer's defaults: {EPISODES} episodes of {SECONDS / 3600:.0f} simulated hours
(100 nodes, 5 units, 6 calls an hour), acted in ε-greedily by the network 33 → 32 → 32 → 1, then {STEPS} gradient steps
of double deep Q-learning with advantage learning on batches of {BATCH} transitions.

* **trainer**: `Trainer`, rounds after its heuristic ones.
* **numpy + `Batch`**: the network, the replay memory and the steps in numpy (`reference/q_learning.py`), the city and
  the features by the library, {AT_ONCE} simulations at once. A batch has 28 features, the trainer computes 33
  (`candidate/2`): the others are 0 here.
* **numpy + Python**: the simulator and the features in Python and numpy as well, one episode at a time
  (`reference/simulator.py`, `reference/vectorized.py`; without idle times, which the trainer has as a feature).

Medians; numpy has {os.environ["OPENBLAS_NUM_THREADS"]} thread, as the first row of the trainer. Gradients of trainer
and of numpy agree with each other and with JAX (`tests/test_training_gradients.py`)."""


def trainer_times(area: Area, threads: int, steps: int, rounds: int) -> tuple[float, float]:
    """Return the seconds of a round after the heuristic ones, and its events."""
    city = cases.scenario(cases.town(), area)
    trainer = Trainer(
        city,
        variant="patrol_only",
        threads=threads,
        validations=2,
        validation_seconds=60.0,
        heuristic_patrols="marginal_coverage",
        heuristic_dispatches="minimum_weighted_travel",
        patrol_method="q_learning",
        patrol_reward="difference",
        patrol_layers=HIDDEN,
        patrol_rounds=rounds + 4,
        patrol_heuristic_rounds=2,
        patrol_episodes=EPISODES,
        patrol_steps=steps,
        patrol_episode_seconds=SECONDS,
    )
    times, events, before = [], [], None
    while before is None or before.kind is not Phase.NONE:
        start = time.perf_counter()
        now = trainer.advance()
        if before is not None and before.kind is now.kind is Phase.PATROL and not now.is_validating:
            times.append(time.perf_counter() - start)
            events.append(now.events - before.events)
        before = now
    return statistics.median(times[3:]), statistics.median(events[3:])


def median(rounds: int, work: Callable[[], object]) -> float:
    """Return the median time of a piece of work, after one to warm up."""
    work()
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def numpy_times(area: Area, rounds: int) -> tuple[float, float, float]:
    """Return the seconds of an episode in `Batch` and in Python, and of a gradient step."""
    city, rng = cases.town(), np.random.default_rng(0)
    engine = Engine(area, dispatch_policy="minimum_weighted_travel")
    stack = Stack((FEATURES, *HIDDEN, 1))
    initial = stack.initial(rng)
    learner = Learner(stack, initial, initial)
    memory = Memory(CAPACITY, 16, FEATURES)
    batch = BatchEpisodes(cases.scenario(city, area), engine, learner, memory, AT_ONCE, SECONDS)
    in_batch = median(max(3, rounds // 10), lambda: batch.play(AT_ONCE)) / AT_ONCE
    step = median(10 * rounds, lambda: learner.step(memory, rng.integers(memory.count, size=BATCH), 1e-3))
    python = PythonEpisodes(city, cases.scenario(city, area, cases.log(city, rng, SECONDS)), learner, memory)
    return in_batch, median(max(3, rounds // 10), lambda: python.play(SECONDS)), step


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=60)
    rounds = parser.parse_args().rounds
    area = Area.from_arrays(**cases.town())
    in_batch, in_python, step = numpy_times(area, rounds)
    ways = {"numpy + Python": (in_python, step), "numpy + `Batch`": (in_batch, step)}
    for threads in (1, 2):
        acting, events = trainer_times(area, threads, 0, rounds)
        whole, _ = trainer_times(area, threads, STEPS, rounds)
        name = f"trainer, {threads} thread{'s' if threads > 1 else ''}"
        ways[name] = (acting / EPISODES, (whole - acting) / STEPS)
    total = {name: EPISODES * episode + STEPS * gradient for name, (episode, gradient) in ways.items()}
    rows = [
        [
            name,
            f"{1e3 * episode:,.2f}",
            f"{1e3 * gradient:,.3f}",
            f"{1e3 * total[name]:,.1f}",
            f"{events / total[name]:,.0f}",
            f"{STEPS / total[name]:,.0f}",
            f"{total['numpy + Python'] / total[name]:,.1f}",
            f"{total['numpy + `Batch`'] / total[name]:,.1f}",
        ]
        for name, (episode, gradient) in ways.items()
    ]
    head = [
        "way", "episode, ms", "step, ms", "round, ms", "events/s", "steps/s",
        "times numpy + Python", "times numpy + `Batch`",
    ]  # fmt: skip
    text = page("Training patrol", ["numpy", "scipy"], [ABOUT, table(head, rows)])
    (HERE / "results.md").write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()

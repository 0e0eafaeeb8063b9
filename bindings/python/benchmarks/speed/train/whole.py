"""Times whole joint trainings, and compares what they make with the policies that were made before.

    bindings/python/run python bindings/python/benchmarks/train/whole.py [SCENARIO ...] [--seeds N] [--threads N]

Takes a quarter of an hour. Writes whole.md beside this file.
"""

import argparse
import os
import sys
import time
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from relative_changes import percent, relative_change  # noqa: E402
from report import page, table  # noqa: E402

from benchmarks import policies  # noqa: E402
from libpatrol import Policy, Scenario, Trainer  # noqa: E402
from libpatrol.studies.measures import COST  # noqa: E402
from libpatrol.studies.pairs import PolicyPair  # noqa: E402
from libpatrol.studies.replications import replicate  # noqa: E402

REPLICATIONS = 200
HEAD = ("scenario", "seconds", "longest", "events/s", "cost", "made before", "change", "changes of seeds")
ABOUT = """\
Joint training from nothing with the trainer's defaults, on {threads} threads: seeds 1 to {seeds}; the
policies made before are of seed 0. *Seconds*: mean by the clock, validation included; *change*: of the mean cost over seeds to
the one made before, with its 95 % interval (bootstrap over seeds and replications), on {replications} test
replications of 48 h."""


def cost(scenario: Scenario, pair: PolicyPair, threads: int) -> NDArray[np.float64]:
    with pair.engine(scenario) as engine:
        return np.array(COST.values(replicate(scenario, engine, range(REPLICATIONS), threads=threads)))


def trained(scenario: Scenario, seed: int, threads: int) -> tuple[PolicyPair, float, int]:
    """Return what a training makes, its seconds and its events."""
    start = time.perf_counter()
    trainer = Trainer(scenario, seed=seed, threads=threads)
    for progress in trainer:
        events = progress.events
    seconds = time.perf_counter() - start
    chosen = trainer.policies()
    policy = Policy.from_bytes(trainer.policy_file()) if "learned" in chosen else None
    return PolicyPair(patrol=chosen.patrol, dispatch=chosen.dispatch, policy=policy), seconds, events


def row(name: str, seeds: int, threads: int) -> list[str]:
    scenario, shipped = Scenario.load(name), policies.policy(name)
    reference = cost(scenario, PolicyPair.trained(shipped), threads)
    times, events, costs = [], [], []
    for seed in range(1, seeds + 1):
        pair, seconds, simulated = trained(scenario, seed, threads)
        times.append(seconds)
        events.append(simulated)
        costs.append(cost(scenario, pair, threads))
        print(f"{name}, seed {seed}: {seconds:.0f} s, {costs[-1].mean():.4f}", flush=True)
    changes = [100 * (one.mean() / reference.mean() - 1) for one in costs]
    return [
        name, f"{np.mean(times):.0f}", f"{max(times):.0f}", f"{sum(events) / sum(times):,.0f}", f"{np.mean(costs):.4f}",
        f"{reference.mean():.4f}", percent(relative_change(np.array(costs), reference)),
        f"{min(changes):+.1f} to {max(changes):+.1f} %",
    ]  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("scenarios", nargs="*", default=["hotspots-heavy", "hotspots-medium"])
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    given = parser.parse_args()
    rows = [row(name, given.seeds, given.threads) for name in given.scenarios]
    about = ABOUT.format(threads=given.threads, seeds=given.seeds, replications=REPLICATIONS)
    text = page("Whole trainings", ["numpy"], [about, table(HEAD, rows)])
    (HERE / "whole.md").write_text(text, encoding="utf-8")
    print(text)


main()

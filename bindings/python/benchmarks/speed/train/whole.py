"""Times whole joint trainings, and compares what they make with the policies that were made before.

    bindings/python/run python -m benchmarks.speed.train.whole [SCENARIO ...] [--seeds N] [--threads N]

Takes a quarter of an hour. Writes whole.md beside this file.
"""

import argparse
import os
import tempfile
from pathlib import Path

import numpy as np

from benchmarks.pages import page, table
from benchmarks.studies.laboratory import Laboratory
from benchmarks.studies.measures import change, mean, percent
from benchmarks.studies.pairs import trained_pair
from libpatrol import Scenario
from libpatrol.studies.measures import COST

HERE = Path(__file__).resolve().parent
REPLICATIONS = 200
HEAD = ("scenario", "seconds", "longest", "events/s", "cost", "made before", "change", "changes of seeds")
ABOUT = """\
Joint training from nothing with the trainer's defaults, on {threads} threads: seeds 1 to {seeds}; the policies made
before are of seed 0. *Seconds*: mean by the clock, validation included; *change*: of the mean cost over seeds to the
one made before, with its 95 % interval (bootstrap over seeds and replications), on {replications} test
replications of 48 h."""


def row(lab: Laboratory, name: str, seeds: int) -> list[str]:
    scenario = Scenario.load(name)
    reference = lab.measured(f"{name}-package", scenario, trained_pair(name), [COST])
    trained = [lab.trained(name, scenario, seed=seed) for seed in range(1, seeds + 1)]
    measured = [lab.measured(f"{name}-{seed}", scenario, one.pair, [COST]) for seed, one in enumerate(trained, 1)]
    times, events = [one.seconds for one in trained], [one.events for one in trained]
    changes = [100 * (mean([one], COST) / mean([reference], COST) - 1) for one in measured]
    return [
        name, f"{np.mean(times):.0f}", f"{max(times):.0f}", f"{sum(events) / sum(times):,.0f}",
        f"{mean(measured, COST):.4f}", f"{mean([reference], COST):.4f}", percent(change(measured, reference)),
        f"{min(changes):+.1f} to {max(changes):+.1f} %",
    ]  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("scenarios", nargs="*", default=["hotspots-heavy", "hotspots-medium"])
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        lab = Laboratory(Path(directory), REPLICATIONS, given.threads)
        rows = [row(lab, name, given.seeds) for name in given.scenarios]
    about = ABOUT.format(threads=given.threads, seeds=given.seeds, replications=REPLICATIONS)
    text = page("Whole trainings", ["numpy"], [about, table(HEAD, rows)])
    (HERE / "whole.md").write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()

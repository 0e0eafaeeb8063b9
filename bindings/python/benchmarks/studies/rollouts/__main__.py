"""Measures what learned dispatch gains for the processor time of its training, by the length of rollouts.

    bindings/python/run python -m benchmarks.studies.rollouts [--replications N] [--seeds N] [--folder DIR]

Dispatch is learned beside backup coverage in a department, with more and fewer comparisons and rollouts of several
lengths, and measured on test calls. Everything that is made is kept in the folder and not made again. Writes results.md
and results.png beside this file.
"""

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from benchmarks import BUILD
from benchmarks.pages import page, table
from benchmarks.studies.laboratory import Laboratory
from benchmarks.studies.measures import change, percent
from benchmarks.studies.scenarios import Cell
from libpatrol.studies.pairs import PolicyPair

HERE = Path(__file__).resolve().parent
CELLS = (Cell("metro", "medium"),)
COMPARISONS = (4_500, 18_000)
MINUTES = (5, 10, 20, 80)
BESIDE = "backup_coverage+minimum_weighted_travel"
ABOUT = """\
Dispatch learned beside backup coverage, with the trainer's defaults but for the length of rollouts and the comparisons
of each of three iterations; the one before them, which follows a heuristic, has 4/9 as many. *Change*: of the mean
weighted wait, to {beside}, on {replications} test replications; 95 % intervals, of several
seeds from a bootstrap over seeds and replications. *Core-seconds*: of the whole training on one thread, with the
validation of the heuristics and of the result on 64 replications each. {seeds}"""


class Point(NamedTuple):
    """What a way to train came to: mean core-seconds and events, and the change in percent with half its interval."""

    core_seconds: float
    events: float
    change: float
    half_width: float
    text: str


def point(room: Laboratory, cell: Cell, minutes: int, comparisons: int, seeds: int) -> Point:
    """Return what training with rollouts of a length and some comparisons comes to."""
    scenario, pair = cell.scenario(), PolicyPair.parse(BESIDE)
    reference = room.measured("heuristics", scenario, pair)
    options = {"horizon_seconds": 60.0 * minutes, "comparisons": comparisons}
    options |= {"bootstrap_comparisons": comparisons * 4 // 9, "variant": "dispatch_only", "rounds": 1}
    trained, measured = [], []
    for seed in range(1, 1 + seeds):
        name = f"{minutes}-minutes-{comparisons}"
        trained.append(room.trained(name, scenario, pair, seed, validations=64, validation_limit=64, **options))
        measured.append(room.measured(f"{name}-{seed}", scenario, trained[-1].pair))
    found = change(measured, reference)
    return Point(
        sum(one.core_seconds for one in trained) / seeds,
        sum(one.events for one in trained) / seeds,
        100 * found.mean,
        100 * found.half_width,
        percent(found),
    )


def draw(points: Mapping[Cell, Mapping[tuple[int, int], Point]], path: Path) -> None:
    """Write the picture: the change over core-seconds, a panel for each department and a line for each length."""
    import matplotlib

    matplotlib.use("agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(
        1, len(points), figsize=(6.5 * len(points), 3.8), layout="constrained", squeeze=False
    )
    for axis, (cell, found) in zip(axes[0], points.items(), strict=True):
        for minutes in MINUTES:
            line = [found[minutes, count] for count in COMPARISONS]
            axis.errorbar(
                [one.core_seconds for one in line],
                [one.change for one in line],
                [one.half_width for one in line],
                marker="o",
                capsize=3,
                label=f"{minutes} minutes",
            )
        axis.axhline(0, color="#888888", linewidth=0.8)
        axis.set(title=cell.name, xlabel="core-seconds of training", ylabel="change of weighted wait, %")
    axes[0, 0].legend(title="rollouts of")
    figure.savefig(path, dpi=120)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--replications", type=int, default=200)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--folder", type=Path, default=BUILD / "rollouts")
    options = parser.parse_args()
    lab = Laboratory(options.folder.resolve(), options.replications)
    points: dict[Cell, dict[tuple[int, int], Point]] = {}
    rows = []
    for cell in CELLS:
        for minutes in MINUTES:
            for comparisons in COMPARISONS:
                found = point(lab.room(cell.name), cell, minutes, comparisons, options.seeds)
                points.setdefault(cell, {})[minutes, comparisons] = found
                first = cell.name if minutes == MINUTES[0] and comparisons == COMPARISONS[0] else ""
                cells = [f"{comparisons:,}", f"{found.core_seconds:.0f}", f"{found.events / 1e6:.0f} million"]
                rows.append([first, f"{minutes} min", *cells, found.text])
                print(cell.name, *rows[-1][1:], flush=True)
    seeds = f"Mean of {options.seeds} training seeds." if options.seeds > 1 else "One training seed."
    about = ABOUT.format(beside=BESIDE, replications=options.replications, seeds=seeds)
    head = ("department", "rollouts of", "comparisons", "core-seconds", "events", "change")
    draw(points, HERE / "results.png")
    text = page("How long should rollouts be?", ["numpy"], [about, table(head, rows)], ["results.png"])
    (HERE / "results.md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()

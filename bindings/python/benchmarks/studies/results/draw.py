"""The plots of the results page."""

from collections.abc import Sequence
from pathlib import Path

import matplotlib
import numpy as np

from benchmarks.studies.results.plan import JOINT, trainings
from benchmarks.studies.results.rows import Row
from benchmarks.studies.results.study import Study
from benchmarks.studies.scenarios import Cell

matplotlib.use("agg")
from matplotlib import pyplot


def draw_changes(found: dict[Cell, list[Row]], path: Path) -> None:
    """Draw each cell's change by joint training, its seeds, and the change by tuned travel limits."""
    cells = list(found)[::-1]
    figure, axis = pyplot.subplots(figsize=(9, 1.2 + 0.4 * len(cells)), layout="constrained")
    for title, color, shift in ((f"{JOINT.title}:", "#3b6ea5", 0.15), ("travel limits", "#b0b0b0", -0.15)):
        label: str | None = title.rstrip(":")
        for place, cell in enumerate(cells):
            row = next((row for row in found[cell] if row.title.startswith(title) and row.change), None)
            if row is None or row.change is None:
                continue
            change, width = 100 * row.change.mean, 100 * row.change.half_width
            axis.errorbar(change, place + shift, xerr=width, fmt="o", color=color, label=label)
            if len(row.changes) > 1:
                axis.plot(100 * np.array(row.changes), [place + shift - 0.12] * len(row.changes), "|", color=color)
            label = None
    axis.axvline(0, color="black", linewidth=0.8)
    axis.set(
        yticks=range(len(cells)),
        xlabel="cost, % against the best pair of heuristics (95 % intervals, ticks: training seeds)",
    )
    axis.set_yticklabels([cell.name for cell in cells])
    axis.legend()
    figure.savefig(path, dpi=120)


def draw_training(study: Study, cells: Sequence[Cell], path: Path) -> None:
    """Draw the validated cost of the policy so far after each phase of joint training, relative to the heuristics."""
    columns = 4
    rows = max(1, -(-len(cells) // columns))
    figure, axes = pyplot.subplots(rows, columns, figsize=(12, 2.6 * rows), squeeze=False, layout="constrained")
    for axis in axes.flat[len(cells) :]:
        axis.set_visible(False)
    for axis, cell in zip(axes.flat, cells, strict=False):
        seeds = dict((training.title, seeds) for training, seeds in trainings(cell))[JOINT.title]
        for seed in range(seeds):
            outcomes = study.learned(cell, JOINT, seed).outcomes
            costs, kinds = np.array(outcomes["cost"]), np.array(outcomes["kind"])
            accepted = np.array(outcomes["is_accepted"]) == 1
            start = costs[(kinds == 0) & accepted].min()
            learned = np.where(accepted[kinds != 0], costs[kinds != 0], np.inf)
            best = np.minimum.accumulate(np.concatenate(([start], learned)))
            axis.plot(100 * (best / start - 1), marker=".", color="#3b6ea5", alpha=0.6)
            axis.set_xticks(range(len(best)))
            names = {1: "dispatch", 2: "patrol", 3: "both"}
            axis.set_xticklabels(["start", *(names[kind] for kind in kinds[kinds != 0])], fontsize=7)
        axis.set_title(cell.name, fontsize=9)
    figure.supylabel("validated cost, % against the trainer's best heuristics")
    figure.savefig(path, dpi=120)

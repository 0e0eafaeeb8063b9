"""What joint training is made of: one thing is left out, or replaced, at a time."""

from collections.abc import Iterable

import numpy as np

from benchmarks.studies.measures import percent, relative_change
from benchmarks.studies.results.plan import ABLATION_CELLS, ABLATION_SEEDS, ABLATIONS, JOINT
from benchmarks.studies.results.rows import training_row
from benchmarks.studies.results.study import Study
from benchmarks.studies.scenarios import Cell
from libpatrol.studies.measures import COST

HEAD = ("scenario", "training", "cost", "change", "to joint", "seeds", "events to make it")
ABOUT = """\
{seeds} training seeds each, and for joint training the same. *Change*: to the best heuristics, as above; *to joint*:
to the mean of joint training, on the same calls. *Learned apart*: patrol and dispatch each beside heuristics, then
combined, at as many simulated events as joint training. *Best dispatch*, *best patrol*: of the trainer's heuristics,
for what is not learned. After the colon: the policies that validation chose."""


def about() -> str:
    """Return the section's text."""
    return ABOUT.format(seeds=ABLATION_SEEDS)


def lines(study: Study, chosen: Iterable[Cell]) -> list[list[str]]:
    """Return the table's rows, for the cells that have ablations."""
    return [line for cell in chosen if cell in ABLATION_CELLS for line in _of_cell(study, cell)]


def _of_cell(study: Study, cell: Cell) -> list[list[str]]:
    plain, _ = study.heuristics(cell)
    reference = study.measured(cell, plain.name, plain)
    rows = [training_row(study, cell, training, ABLATION_SEEDS, reference) for training in (JOINT, *ABLATIONS)]
    costs = [np.array([one[COST.name] for one in row.measured]) for row in rows]
    joint = costs[0].mean(axis=0)
    return [
        [
            "" if number else cell.name, row.title, *row.cells[:2],
            percent(relative_change(costs[number], joint)) if number else "",
            f"{100 * min(row.changes):+.1f} to {100 * max(row.changes):+.1f} %", f"{row.events:.1e}",
        ]
        for number, row in enumerate(rows)
    ]  # fmt: skip

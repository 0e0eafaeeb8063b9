"""What joint training is made of: one thing is left out, or replaced, at a time."""

from collections.abc import Iterable

import numpy as np
from changes import percent, relative_change
from numpy.typing import NDArray
from plan import ABLATION_CELLS, ABLATION_SEEDS, ABLATIONS, JOINT
from study import Cell, Study, Training

from libpatrol.experiments.measures import COST

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
    reference = study.measured(cell, plain.name, plain)[COST.name]
    joint = _costs(study, cell, JOINT).mean(axis=0)
    rows = []
    for training in (JOINT, *ABLATIONS):
        costs = _costs(study, cell, training)
        made = [study.learned(cell, training, seed) for seed in range(ABLATION_SEEDS)]
        chosen = " / ".join(sorted({f"{pair.patrol}+{pair.dispatch}" for pair, _ in made}))
        seeds = [100 * (own.mean() / reference.mean() - 1) for own in costs]
        rows.append([
            "" if rows else cell.name, f"{training.title}: {chosen}", f"{costs.mean():.4f}",
            percent(relative_change(costs, reference)),
            "" if training == JOINT else percent(relative_change(costs, joint)),
            f"{min(seeds):+.1f} to {max(seeds):+.1f} %", f"{np.mean([how['events'] for _, how in made]):.1e}",
        ])  # fmt: skip
    return rows


def _costs(study: Study, cell: Cell, training: Training) -> NDArray[np.float64]:
    """Return costs on the test seeds, shape [training seeds, replications]."""
    pairs = [study.learned(cell, training, seed)[0] for seed in range(ABLATION_SEEDS)]
    return np.array([study.measured(cell, pair.name, pair)[COST.name] for pair in pairs])

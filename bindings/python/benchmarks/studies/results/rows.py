"""The rows of a cell: what is compared, and how it came out on the test seeds."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from relative_changes import relative_change
from study import PAPER, Cell, Study, Training

from libpatrol.studies.intervals import Interval
from libpatrol.studies.measures import CHARGED_RESPONSE, COST, OVERFLOW, RESPONSE_P90


@dataclass(frozen=True)
class Row:
    """One policy on the test seeds: means, the relative change of cost to the reference, and what making it took.

    Attributes
    ----------
    changes : tuple of float
        Of each training seed.
    probability : float
        Of a change as large without any effect, Holm-corrected over all joint rows; NaN for other rows.
    """

    title: str
    cost: float
    change: Interval | None
    response: float
    p90: float
    lost: float
    changes: tuple[float, ...] = ()
    events: float = 0
    probability: float = math.nan


def rows_of(study: Study, cell: Cell, trainings: Sequence[tuple[Training, int]]) -> list[Row]:
    """Return the rows of a cell, the best pair of heuristics among them as the reference.

    Parameters
    ----------
    trainings : sequence of (Training, int)
        Ways to train, each with its number of training seeds.
    """
    plain, limited = study.heuristics(cell)
    reference = study.measured(cell, "heuristics", plain)
    rows = [_row("random walk + closest", [study.measured(cell, "paper", PAPER)], reference)]
    rows.append(_row(f"best heuristics: {plain.name}", [reference], None))
    if limited is not plain:
        rows.append(_row("travel limits, tuned", [study.measured(cell, "limits", limited)], reference))
    rows += [training_row(study, cell, training, seeds, reference)[0] for training, seeds in trainings]
    return rows


def training_row(
    study: Study, cell: Cell, training: Training, seeds: int, reference: dict[str, NDArray[np.float64]]
) -> tuple[Row, NDArray[np.float64]]:
    """Return the row of a way to train, and its costs, shape [training seeds, replications]."""
    measured, events, chosen = [], 0, set()
    for seed in range(seeds):
        pair, made = study.learned(cell, training, seed)
        measured.append(study.measured(cell, pair.name, pair))
        chosen.add(f"{pair.patrol}+{pair.dispatch}{', rules kept' if pair.options else ''}")
        events += made["events"] / seeds
    row = _row(f"{training.title}: {' / '.join(sorted(chosen))}", measured, reference, events)
    return row, np.array([one[COST.name] for one in measured])


def corrected(found: dict[Cell, list[Row]], title: str) -> dict[Cell, list[Row]]:
    """Return the rows with Holm's (1979) correction over all rows of one way to train."""
    tested = [
        (math.erfc(abs(row.change.mean) / (row.change.half_width / 1.96) / math.sqrt(2)), cell, number)
        for cell, rows in found.items()
        for number, row in enumerate(rows)
        if row.title.startswith(f"{title}:") and row.change is not None and row.change.half_width > 0
    ]
    result = {cell: list(rows) for cell, rows in found.items()}
    largest = 0.0
    for rank, (probability, cell, number) in enumerate(sorted(tested, key=lambda test: test[0])):
        largest = max(largest, min(1.0, probability * (len(tested) - rank)))
        result[cell][number] = replace(result[cell][number], probability=largest)
    return result


def _row(
    title: str,
    measured: list[dict[str, NDArray[np.float64]]],
    reference: dict[str, NDArray[np.float64]] | None,
    events: float = 0,
) -> Row:
    mean = {name: float(np.mean([np.nanmean(one[name]) for one in measured])) for name in measured[0]}
    change, changes = None, ()
    if reference is not None:
        costs, base = np.array([one[COST.name] for one in measured]), reference[COST.name]
        change = relative_change(costs, base)
        changes = tuple(costs.mean(axis=1) / base.mean() - 1)
    return Row(
        title=title, cost=mean[COST.name], change=change, response=mean[CHARGED_RESPONSE.name],
        p90=mean[RESPONSE_P90.name], lost=mean[OVERFLOW.name], changes=changes, events=events,
    )  # fmt: skip

"""The rows of a cell: what is compared, and how it came out on the test seeds."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from benchmarks.studies.measures import Measured, cells, change
from benchmarks.studies.pairs import RANDOM_PAIR
from benchmarks.studies.results.study import Study, Training
from benchmarks.studies.scenarios import Cell
from libpatrol.studies.intervals import Interval, holm
from libpatrol.studies.measures import COST


@dataclass(frozen=True)
class Row:
    """One policy on the test seeds, beside the reference, and what making it took.

    Attributes
    ----------
    measured : list of Measured
        Of each training seed.
    reference : Measured or None
        None: this is the reference.
    events : float
        Mean over training seeds; 0 for heuristics.
    probability : float
        Of a change as large without any effect, Holm-corrected over all joint rows; NaN for other rows.
    """

    title: str
    measured: list[Measured]
    reference: Measured | None
    events: float = 0
    probability: float = math.nan

    @cached_property
    def change(self) -> Interval | None:
        """Relative change of cost to the reference."""
        return None if self.reference is None else change(self.measured, self.reference)

    @property
    def changes(self) -> list[float]:
        """Relative change of cost by each training seed."""
        if self.reference is None:
            return []
        base = self.reference[COST.name].mean()
        return [float(one[COST.name].mean() / base - 1) for one in self.measured]

    @property
    def cells(self) -> list[str]:
        """Cost, change, response, p90 and losses, as tables show them."""
        return cells(self.measured, self.reference, digits=4)


def rows_of(study: Study, cell: Cell, trainings: Sequence[tuple[Training, int]]) -> list[Row]:
    """Return the rows of a cell, the best pair of heuristics among them as the reference.

    Parameters
    ----------
    trainings : sequence of (Training, int)
        Ways to train, each with its number of training seeds.
    """
    plain, limited = study.heuristics(cell)
    reference = study.measured(cell, "heuristics", plain)
    rows = [Row("random walk + closest", [study.measured(cell, "paper", RANDOM_PAIR)], reference)]
    rows.append(Row(f"best heuristics: {plain.name}", [reference], None))
    if limited is not plain:
        rows.append(Row("travel limits, tuned", [study.measured(cell, "limits", limited)], reference))
    return rows + [training_row(study, cell, training, seeds, reference) for training, seeds in trainings]


def training_row(study: Study, cell: Cell, training: Training, seeds: int, reference: Measured) -> Row:
    """Return the row of a way to train."""
    measured, events, chosen = [], 0.0, set()
    for seed in range(seeds):
        trained = study.learned(cell, training, seed)
        pair = trained.pair
        measured.append(study.measured(cell, pair.name, pair))
        chosen.add(f"{pair.patrol}+{pair.dispatch}{', rules kept' if pair.options else ''}")
        events += trained.events / seeds
    return Row(f"{training.title}: {' / '.join(sorted(chosen))}", measured, reference, events)


def corrected(found: dict[Cell, list[Row]], title: str) -> dict[Cell, list[Row]]:
    """Return the rows with Holm's (1979) correction over all rows of one way to train."""
    tested = [
        (row.change.probability, cell, number)
        for cell, rows in found.items()
        for number, row in enumerate(rows)
        if row.title.startswith(f"{title}:") and row.change is not None
    ]
    result = {cell: list(rows) for cell, rows in found.items()}
    corrections = holm([probability for probability, *_ in tested])
    for probability, (_, cell, number) in zip(corrections, tested, strict=True):
        result[cell][number] = replace(result[cell][number], probability=probability)
    return result

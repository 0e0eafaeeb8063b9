"""The rows of a department: policies beside the best heuristics, and joint training beside each of them."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from benchmarks.studies.departments.plan import LOWEST_P90, trainings
from benchmarks.studies.measurement_store import NotMadeError
from benchmarks.studies.measures import Measured, cells, change, mean, percent
from benchmarks.studies.pairs import GENERAL, RANDOM_PAIR, trained_pair
from benchmarks.studies.results.plan import JOINT
from benchmarks.studies.results.study import Study, Training
from benchmarks.studies.scenarios import Cell
from libpatrol.studies.intervals import Interval, holm
from libpatrol.studies.measures import DRIVING

BEST, RANDOM, LIMITS = "best heuristics", "random walk + closest", "travel limits, tuned"
HEAD = (
    "department", "policies", "cost", "change", "p", "mean response, min", "p90, min", "lost",
    "lowest priority p90, min", "driving, of free time", "joint against it", "p", "seeds", "events to make it",
    "core-hours",
)  # fmt: skip


@dataclass(frozen=True)
class Run:
    """One policy on the test seeds, its name, and what making it took."""

    chosen: str
    measured: Measured
    events: float = 0.0
    core_hours: float = 0.0


@dataclass(frozen=True)
class Department:
    """The rows of a cell by title, each with a run of every training seed, and what has not been run."""

    cell: Cell
    rows: dict[str, list[Run]]
    missing: list[str]

    def measured(self, title: str) -> list[Measured]:
        """Return what a row came to, by training seed."""
        return [run.measured for run in self.rows[title]]

    def from_best(self, title: str) -> Interval | None:
        """Return a row's change of cost from the best heuristics."""
        if title == BEST or BEST not in self.rows:
            return None
        return change(self.measured(title), self.measured(BEST)[0])

    def to_joint(self, title: str) -> Interval | None:
        """Return the change of cost from a row to joint training."""
        if title == JOINT.title or JOINT.title not in self.rows:
            return None
        found = self.measured(title)
        over_seeds = {name: np.mean([one[name] for one in found], axis=0) for name in found[0]}
        return change(self.measured(JOINT.title), over_seeds)


def department(study: Study, cell: Cell, learning: Study | None = None) -> Department:
    """Return what a cell comes to; what the study, or the one that trains, may not make is missing."""
    wanted: list[tuple[str, str, Callable[[], Run]]] = [
        (BEST, BEST, lambda: _heuristics(study, cell, limited=False)),
        (RANDOM, RANDOM, lambda: Run("", study.measured(cell, "paper", RANDOM_PAIR))),
        (LIMITS, LIMITS, lambda: _heuristics(study, cell, limited=True)),
        (GENERAL, GENERAL, lambda: Run("", study.measured(cell, GENERAL, trained_pair("general")))),
    ]
    for training, seeds in trainings(cell):
        for seed in range(seeds):
            name = f"{training.title}, seed {seed}" if seeds > 1 else training.title
            wanted.append((training.title, name, partial(_trained, study, learning or study, cell, training, seed)))
    rows: dict[str, list[Run]] = {}
    missing = []
    for title, name, make in wanted:
        try:
            run = make()
        except NotMadeError:
            missing.append(name)
        else:
            rows.setdefault(title, []).append(run)
    return Department(cell, rows, missing)


def _heuristics(study: Study, cell: Cell, *, limited: bool) -> Run:
    """Return the best pair of heuristics, or it with travel limits where they are confirmed."""
    if limited and study.effort.pairs:
        raise NotMadeError(LIMITS)
    plain, tuned = study.heuristics(cell)
    pair = tuned if limited else plain
    chosen = "none are confirmed" if limited and tuned is plain else pair.name
    return Run(chosen, study.measured(cell, pair.name, pair))


def _trained(study: Study, learning: Study, cell: Cell, training: Training, seed: int) -> Run:
    trained = learning.learned(cell, training, seed)
    pair = trained.pair
    measured = study.measured(cell, pair.name, pair)
    return Run(f"{pair.patrol}+{pair.dispatch}", measured, trained.events, trained.core_seconds / 3600)


def lines(found: Sequence[Department]) -> list[list[str]]:
    """Return the table's lines, with probabilities corrected over all comparisons of the page (Holm)."""
    shown = [(one, title) for one in found for title in one.rows]
    compared = [(one.from_best(title), one.to_joint(title)) for one, title in shown]
    corrected = iter(holm([math.nan if change is None else change.probability for row in compared for change in row]))
    return [
        _line(one, title, [(change, next(corrected)) for change in row])
        for (one, title), row in zip(shown, compared, strict=True)
    ]


def _line(one: Department, title: str, compared: Sequence[tuple[Interval | None, float]]) -> list[str]:
    runs = one.rows[title]
    (best, best_p), (joint, joint_p) = ((_percent(change), _shown(p)) for change, p in compared)
    measured = one.measured(title)
    cost, _, *rest = cells(measured, None)
    chosen = " / ".join(sorted({run.chosen for run in runs if run.chosen}))
    events = sum(run.events for run in runs) / len(runs)
    hours = sum(run.core_hours for run in runs) / len(runs)
    return [
        one.cell.name if title == next(iter(one.rows)) else "",
        f"{title}: {chosen}" if chosen else title,
        cost, best, best_p, *rest, f"{mean(measured, LOWEST_P90):.1f}", f"{mean(measured, DRIVING):.0f} %",
        joint, joint_p,
        f"{len(runs)}" if events else "",
        f"{events:.1e}" if events else "",
        f"{hours:.2f}" if hours else "",
    ]  # fmt: skip


def _percent(change: Interval | None) -> str:
    return "" if change is None else percent(change)


def _shown(probability: float) -> str:
    return "" if math.isnan(probability) else "< 0.001" if probability < 0.001 else f"{probability:.3f}"

"""What is run at the scale of a department, and what it takes: declared before it is run."""

from benchmarks.studies.departments.changes import CHANGES, ChangedCell
from benchmarks.studies.measures import MEASURES
from benchmarks.studies.pairs import SHORT_LIST
from benchmarks.studies.results.plan import APART, DISPATCH_ONLY, JOINT, MOST_SEEDS, PAPER_TERMS, PATROL_ONLY
from benchmarks.studies.results.study import Effort, Training
from benchmarks.studies.scenarios import BOROUGH_ROADS, DEPARTMENTS, LOADS, Cell
from libpatrol.lab.metrics import Metrics
from libpatrol.studies.best import heuristic_pairs
from libpatrol.studies.measures import DRIVING, Measure


def _lowest_p90(metrics: Metrics) -> float:
    rows = metrics.by_priority
    return float(rows["charged_p90"][rows["calls"] > 0][-1])


LOWEST_P90 = Measure("lowest_priority_p90_seconds", "lowest priority: p90", 1 / 60, "min", _lowest_p90)
MEASURED = (*MEASURES, LOWEST_P90, DRIVING)

TRAINER = {"rounds": 1}
"""One phase of dispatch and one of patrol, as `metro-medium` of the package was trained."""

EFFORTS = {
    "full": Effort(
        test_replications=200, validation_replications=40, tuning_events=30_000_000, trainer=TRAINER, measures=MEASURED
    ),
    "first": Effort(
        test_replications=20, validation_replications=10, tuning_events=0, trainer=TRAINER, measures=MEASURED,
        pairs=SHORT_LIST,
    ),
}  # fmt: skip
"""Trainings are the same in both. A first look chooses among few pairs, and tunes no travel limits."""

FIVE_SEEDS = (Cell("metro", "medium"), Cell("metro", "heavy"), Cell("county", "medium"))
BESIDE = (PATROL_ONLY, DISPATCH_ONLY, APART, *PAPER_TERMS)
"""What joint training is compared with."""

EVENTS_OF_A_TRAINING = 94e6
"""Of joint training for 30 units, taken for all."""
EVENTS_A_SECOND = {"metro": 285e3, "county": 410e3, "milwaukee": 237e3, "borough": 80e3}
"""Of a core in training; milwaukee and borough by the speed of their heuristics beside metro's."""
EVENTS_A_REPLICATION = {"metro": 37e3, "county": 59e3, "milwaukee": 185e3, "borough": 65e3}
PAIRS = len(heuristic_pairs())


def cells() -> list[Cell]:
    """Return all cells, those of most weight first; the borough's only where its roads are."""
    families = [family for family in DEPARTMENTS if family != "borough" or BOROUGH_ROADS.exists()]
    loads = sorted(LOADS, key=lambda load: load != "medium")
    changed = [ChangedCell("metro", "medium", change=change) for change in CHANGES]
    return [*(Cell(family, load) for family in families for load in loads), *changed]


def trainings(cell: Cell) -> list[tuple[Training, int]]:
    """Return the ways to train that a cell gets, each with its number of training seeds."""
    if cell.load == "light" or isinstance(cell, ChangedCell):
        return [(JOINT, 1)]
    return [(JOINT, MOST_SEEDS if cell in FIVE_SEEDS else 1), *((training, 1) for training in BESIDE)]


def core_hours(cell: Cell, effort: Effort) -> tuple[float, float]:
    """Return what heuristics with all tests, and trainings, are expected to take."""
    each = EVENTS_A_REPLICATION[cell.family]
    runs = trainings(cell)
    tests = effort.test_replications * each * (3 + 5 * sum(seeds for _, seeds in runs))  # networks take 5 times as long
    chosen = (len(effort.pairs) or PAIRS) * effort.validation_replications * each + effort.tuning_events
    learned = sum(seeds for _, seeds in runs) * EVENTS_OF_A_TRAINING
    seconds = 3600 * EVENTS_A_SECOND[cell.family]
    return (tests + chosen) / seconds, learned / seconds

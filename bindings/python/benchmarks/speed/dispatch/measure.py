"""Times both solvers on the same decisions."""

import math
import multiprocessing
import time
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.speed.dispatch.cases import Case, Setting, Size, cases
from libpatrol import Answer, EngineOptions
from reference.highs import Optimum, solve
from reference.rules import Department

TIGHT, LOOSE = 1e-4, 1e-2
"""Gaps to prove, as the library defines them: (bound - objective) / max(1, objective - objective of holding all)."""
DEADLINES = (0.01, 0.05, 0.2)
PATIENCE, PATIENCE_OF_HIGHS = 3.0, 30.0
"""Seconds by the clock after which a solver is stopped that has not proven the gap."""


@dataclass
class Measured:
    """Of one size, network and setting; seconds of processor time, infinite where a solver was stopped before."""

    size: Size
    network: str
    setting: Setting
    tight: list[float]
    loose: list[float]
    highs_tight: list[float]
    highs_loose: list[float]
    gaps: dict[float, list[float]]
    root_gaps: list[float]
    undecided: list[int]
    differs: list[bool]
    beats_heuristics: list[bool]
    highs_spent: list[float] = field(default_factory=list)
    """Processor time of HiGHS in the runs that were stopped."""


def measure(size: Size, network: str, setting: Setting, work: Path) -> Measured:
    """Time the decisions of one size, network and setting."""
    found = Measured(size, network, setting, [], [], [], [], {d: [] for d in DEADLINES}, [], [], [], [])
    for index, case in enumerate(cases(size, network, setting, work)):
        case.decide(node_limit=1, deadline=None)  # what a session's first decision costs is not the solver's
        tight, seconds = _run(case, TIGHT)
        found.tight.append(seconds)
        found.loose.append(_run(case, LOOSE)[1])
        for deadline in DEADLINES:
            answer = case.decide(relative_gap=0.0, deadline=deadline)
            found.gaps[deadline].append(answer.relative_gap)
        rounding = 1e-9 * abs(answer.objective)
        found.beats_heuristics.append(_worth(case, answer) >= _best_heuristic(case) - rounding)
        found.root_gaps.append(case.decide(node_limit=1, deadline=None, relative_gap=0.0).relative_gap)
        found.undecided.append(case.undecided())
        best = max((tight, answer), key=lambda decision: decision.objective)
        found.differs.append(_pairs(best) != _pairs(case.linear_decision()))
        if index < round(size.for_highs * setting.share):
            _time_highs(case, best, found, work)
    return found


def _run(case: Case, gap: float) -> tuple[Answer, float]:
    """Decide to a gap; of decisions that take no time, the quickest of three."""
    runs = [_timed(case, gap)]
    while len(runs) < 3 and runs[0][1] < 0.1:
        runs.append(_timed(case, gap))
    return min(runs, key=lambda run: run[1])


def _timed(case: Case, gap: float) -> tuple[Answer, float]:
    """Decide once; the time is what Python's call or, if that is less, the library's clock says."""
    before = time.thread_time()
    answer = case.decide(relative_gap=gap, deadline=PATIENCE)
    spent = min(time.thread_time() - before, answer.microseconds * 1e-6)
    return answer, spent if answer.relative_gap <= gap else math.inf


def _time_highs(case: Case, best: Answer, found: Measured, work: Path) -> None:
    """Run HiGHS to the same gaps; a second run where the first came that far."""
    text, scale = case.session.program(case.snapshot), max(1.0, best.objective - case.held())
    tight = _quickest(text, work, TIGHT * scale)
    found.highs_tight.append(tight.seconds if tight.proven else math.inf)
    if not tight.proven:
        found.highs_spent.append(tight.seconds)
    if not tight.proven and tight.bound - tight.objective > LOOSE * scale:
        found.highs_loose.append(math.inf)
        return
    loose = _quickest(text, work, LOOSE * scale)
    found.highs_loose.append(loose.seconds if loose.proven else math.inf)
    if tight.proven and best.relative_gap <= TIGHT and abs(tight.objective - best.objective) > 2.1 * TIGHT * scale:
        raise SystemExit(f"HiGHS finds {tight.objective}, the library {best.objective}")


def _quickest(text: str, work: Path, gap: float) -> Optimum:
    """Solve with HiGHS; what takes no time three times, like the library's.

    It has a process of its own, which is ended where HiGHS does not heed its time limit: presolve may not.
    """
    with multiprocessing.get_context("spawn").Pool(1) as pool:

        def run() -> Optimum:
            return pool.apply_async(solve, (text, work, PATIENCE_OF_HIGHS, gap)).get(3 * PATIENCE_OF_HIGHS)

        try:
            runs = [run()]
            while len(runs) < 3 and runs[0].seconds < 0.1:
                runs.append(run())
        except multiprocessing.TimeoutError:
            return Optimum(proven=False, objective=-math.inf, bound=math.inf, seconds=3 * PATIENCE_OF_HIGHS)
    return min(runs, key=lambda run: run.seconds)


def _pairs(answer: Answer) -> list[tuple[int, int]]:
    return answer.assignments[["unit_id", "incident_id"]].tolist()


def _best_heuristic(case: Case) -> float:
    """Return the highest objective, under the network, of any heuristic's decision."""
    return max(_worth(case, answer) for answer in case.heuristic_decisions())


def _worth(case: Case, answer: Answer) -> float:
    """Return the objective as numpy computes it, which heuristics do not report under a network."""
    department = Department(case.place.roads, EngineOptions(**case.options), case.snapshot)
    return department.worth(answer, case.found, case.value, case.minute)

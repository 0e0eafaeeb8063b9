"""Times both solvers on the same decisions."""

import math
from dataclasses import dataclass
from pathlib import Path

from cases import Case, Size, cases
from dispatch_rules import Department
from highs import solve

from libpatrol import Answer, EngineOptions

TIGHT, LOOSE = 1e-4, 1e-2
"""Gaps to prove, as the library defines them: (bound - objective) / max(1, objective - objective of holding all)."""
DEADLINES = (0.01, 0.05, 0.2)
PATIENCE, PATIENCE_OF_HIGHS = 3.0, 30.0
"""Seconds after which a solver is stopped that has not proven the gap."""


@dataclass
class Measured:
    """Of one size, form and rules; times in seconds, infinite where a solver was stopped before."""

    size: Size
    form: str
    rules: str
    tight: list[float]
    loose: list[float]
    highs_tight: list[float]
    highs_loose: list[float]
    gaps: dict[float, list[float]]
    root_gaps: list[float]
    undecided: list[int]
    differs: list[bool]
    beats_heuristics: list[bool]


def measure(size: Size, form: str, rules: str, work: Path) -> Measured:
    """Time the decisions of one size, form and rules."""
    found = Measured(size, form, rules, [], [], [], [], {d: [] for d in DEADLINES}, [], [], [], [])
    for index, case in enumerate(cases(size, form, rules, work)):
        case.decide(node_limit=1, deadline=None)  # what a session's first decision costs is not the solver's
        tight, loose = _run(case, TIGHT), _run(case, LOOSE)
        found.tight.append(_seconds(tight, TIGHT))
        found.loose.append(_seconds(loose, LOOSE))
        for deadline in DEADLINES:
            answer = case.decide(relative_gap=0.0, deadline=deadline)
            found.gaps[deadline].append(answer.relative_gap)
        rounding = 1e-9 * abs(answer.objective)
        found.beats_heuristics.append(_worth(case, answer) >= _best_heuristic(case) - rounding)
        found.root_gaps.append(case.decide(node_limit=1, deadline=None, relative_gap=0.0).relative_gap)
        found.undecided.append(case.undecided())
        best = max((tight, answer), key=lambda decision: decision.objective)
        found.differs.append(_pairs(best) != _pairs(case.linear_decision()))
        if index < size.for_highs:
            _time_highs(case, best, found, work)
    return found


def _run(case: Case, gap: float) -> Answer:
    """Decide to a gap; of decisions that take no time, the middle one of three."""
    answers = [case.decide(relative_gap=gap, deadline=PATIENCE)]
    while len(answers) < 3 and answers[0].microseconds < 1e5:
        answers.append(case.decide(relative_gap=gap, deadline=PATIENCE))
    return sorted(answers, key=lambda answer: answer.microseconds)[len(answers) // 2]


def _time_highs(case: Case, best: Answer, found: Measured, work: Path) -> None:
    """Run HiGHS to the same gaps; a second run where the first came that far."""
    text, scale = case.session.programme(case.snapshot), max(1.0, best.objective - case.held())
    tight = solve(text, work, PATIENCE_OF_HIGHS, TIGHT * scale)
    found.highs_tight.append(tight.seconds if tight.proven else math.inf)
    if not tight.proven and tight.bound - tight.objective > LOOSE * scale:
        found.highs_loose.append(math.inf)
        return
    loose = solve(text, work, PATIENCE_OF_HIGHS, LOOSE * scale)
    found.highs_loose.append(loose.seconds if loose.proven else math.inf)
    if tight.proven and best.relative_gap <= TIGHT and abs(tight.objective - best.objective) > 2.1 * TIGHT * scale:
        raise SystemExit(f"HiGHS finds {tight.objective}, the library {best.objective}")


def _seconds(answer: Answer, gap: float) -> float:
    return answer.microseconds * 1e-6 if answer.relative_gap <= gap else math.inf


def _pairs(answer: Answer) -> list[tuple[int, int]]:
    return answer.assignments[["unit_id", "incident_id"]].tolist()


def _best_heuristic(case: Case) -> float:
    """Return the highest objective, under the network, of any heuristic's decision."""
    return max(_worth(case, answer) for answer in case.heuristic_decisions())


def _worth(case: Case, answer: Answer) -> float:
    """Return the objective as numpy reckons it, which heuristics do not report under a network."""
    department = Department(case.city, case.area, EngineOptions(**case.options), case.snapshot)
    return department.worth(answer, case.found, case.value, case.minute)

"""One decision proven: HiGHS on the same program, the rules one by one, the objective computed in numpy.

Checks: random decisions with every rule switched on and off, in `tests/test_dispatch_proof.py`; 11,000 of them by
`python -m benchmarks.checks.proof`.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from libpatrol import Answer, Session, SolverStatus, Task
from libpatrol.session import Pairs
from reference.broken_rules import broken
from reference.highs import solve, solve_again_with_whole_numbers
from reference.instances import Instance
from reference.rules import Department

TOLERANCE = 1e-6


def decide(instance: Instance) -> tuple[Session, Answer]:
    """Take a decision to the end."""
    session = Session(instance.engine, max(1, len(instance.snapshot.units)), len(instance.snapshot.incidents))
    return session, session.decide(instance.snapshot, tasks=Task.DISPATCH, deadline=None, relative_gap=0.0)


def faults(instance: Instance, directory: Path) -> Iterator[str]:
    """Yield what is wrong with the library's decision; nothing, where all is well."""
    session, answer = decide(instance)
    if answer.solver_status != SolverStatus.OPTIMAL:
        yield f"the solver ended with {answer.solver_status.name}"
    department = instance.department()
    yield from broken(department, answer)

    found = session.pairs(instance.snapshot)
    excess = 0.0 if instance.kind != "none" else travel_excess(department, found, department.serving(answer))
    if instance.kind != "none":
        worth = department.worth(answer, found, instance.value, instance.minute)
        if abs(answer.objective - worth) > 1e-4 * max(1.0, abs(worth)):
            yield f"the objective is {answer.objective}, numpy computes {worth}"

    text = session.program(instance.snapshot)
    best = solve(text, directory)
    scale = max(1.0, abs(best.objective))
    objective, bound = answer.objective + excess, answer.bound + excess
    if not best.proven or abs(objective - best.objective) > TOLERANCE * scale:
        exact = solve_again_with_whole_numbers(text, directory)
        if not exact.proven or objective < exact.objective - TOLERANCE * scale:
            yield f"the objective is {objective}, that of HiGHS {best.objective}, {exact.objective} with whole numbers"
        else:
            yield f"tolerance of HiGHS: {best.objective}, {exact.objective} with whole numbers; ours {objective}"
    elif bound < best.objective - 1e-9 * scale:
        exact = solve_again_with_whole_numbers(text, directory)
        if bound < exact.objective - 1e-9 * scale:
            yield f"the bound {bound} is below the optimum {exact.objective}"


def travel_excess(department: Department, found: Pairs, serving: dict[int, int]) -> float:
    """Return what the program of "minimum_weighted_travel" pays for the pairs that serve, beyond their travel."""
    unstaffed = department.together & (department.eligible.sum(0) < department.missing)
    pairs = found.pairs[~unstaffed[found.pairs["incident"]]]
    charged = [_charged_seconds(department, pair) for pair in pairs]
    least, horizon = min([0.0, *charged]), 2.0 * max([1.0, *charged])
    waiting = np.flatnonzero((department.missing > 0) & ~unstaffed & ~department.for_later)
    slots = [(department.weight(call), int(department.missing[call])) for call in waiting]
    units = int(department.free.sum())
    heaviest = max((weight for weight, _ in slots), default=0.0)
    bonus = (horizon - least) * min(sum(weight * missing for weight, missing in slots), heaviest * units)
    if department.options.reserve_per_beat and np.isfinite(department.options.reserve_price):
        bonus += units * department.options.reserve_price
    return sum(bonus + horizon * department.weight(call) for call in serving.values())


def _charged_seconds(department: Department, pair: np.void) -> float:
    """Return a pair's charged travel in the library's precision, which a large excess shows."""
    penalty = department.options.own_beat_penalty_seconds
    foreign = np.isfinite(penalty) and not department.own_beat[pair["unit"], pair["incident"]]
    cost = np.float32(department.costs[pair["unit"], pair["incident"]])
    return float(pair["travel_seconds"] + cost + np.float32(penalty if foreign else 0.0))

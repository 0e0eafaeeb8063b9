"""HiGHS on programs in LP format, one thread: an optimum that owes nothing to the library's solver.

Checks: the optimum and the bound of dispatch decisions, in `proof.py` and `tests/test_dispatch_proof.py`.
"""

import time
from pathlib import Path
from typing import NamedTuple

import highspy
import numpy as np


class Optimum(NamedTuple):
    """What HiGHS found: proven or stopped by the time, its objective, its bound, and seconds of processor time."""

    proven: bool
    objective: float
    bound: float
    seconds: float


def _load(text: str, directory: Path, time_limit: float, absolute_gap: float) -> highspy.Highs:
    (directory / "program.lp").write_text(text, encoding="ascii")
    solver = highspy.Highs()
    for name, value in {
        "output_flag": False,
        "threads": 1,
        "time_limit": time_limit,
        "mip_rel_gap": 0.0,
        "mip_abs_gap": absolute_gap,
        "mip_feasibility_tolerance": 1e-9,
        "primal_feasibility_tolerance": 1e-9,
        "dual_feasibility_tolerance": 1e-9,
    }.items():
        solver.setOptionValue(name, value)
    if solver.readModel(str(directory / "program.lp")) == highspy.HighsStatus.kError:
        raise ValueError("HiGHS cannot read the program")
    return solver


def solve(text: str, directory: Path, time_limit: float = 60.0, absolute_gap: float = 0.0) -> Optimum:
    """Solve a program to a gap in units of its objective; reading it is not timed."""
    return _solved(_load(text, directory, time_limit, absolute_gap))


def solve_again_with_whole_numbers(text: str, directory: Path, time_limit: float = 60.0) -> Optimum:
    """Solve, then once more with every binary fixed at its rounded value: what the decision found is truly worth."""
    solver = _load(text, directory, time_limit, 0.0)
    solver.run()
    values = np.array(solver.getSolution().col_value)
    kinds = solver.getLp().integrality_
    for column, kind in enumerate(kinds):
        if kind == highspy.HighsVarType.kInteger:
            solver.changeColBounds(column, round(values[column]), round(values[column]))
    return _solved(solver)


def _solved(solver: highspy.Highs) -> Optimum:
    before = time.process_time()
    solver.run()
    spent = time.process_time() - before
    proven = solver.getModelStatus() == highspy.HighsModelStatus.kOptimal
    info = solver.getInfo()
    bound = info.mip_dual_bound if any(solver.getLp().integrality_) else info.objective_function_value
    return Optimum(proven, info.objective_function_value, bound, spent)

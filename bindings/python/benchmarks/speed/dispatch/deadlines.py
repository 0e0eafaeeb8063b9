"""How well a deadline is kept by decisions that the solver does not finish."""

import resource
from itertools import cycle, islice
from pathlib import Path

from benchmarks.speed.dispatch.cases import DEFAULTS, FREE, Size, cases

SIZES = (Size(50, 20, 32, 3, 0), Size(200, 50, 32, 2, 0))


def overshoots(size: Size, deadline: float, decisions: int, work: Path) -> list[float]:
    """Return the seconds that answers come after the deadline: general networks, rules at defaults and off in turn.

    Decisions are left out during which the system gave the processor to another process.
    """
    hard = [case for setting in (DEFAULTS, FREE) for case in cases(size, "general", setting, work)]
    late = []
    for case in islice(cycle(hard), decisions):
        before = resource.getrusage(resource.RUSAGE_THREAD).ru_nivcsw
        answer = case.decide(deadline=deadline, relative_gap=0.0)
        if resource.getrusage(resource.RUSAGE_THREAD).ru_nivcsw == before:
            late.append(answer.microseconds * 1e-6 - deadline)
    return late

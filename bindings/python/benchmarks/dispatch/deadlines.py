"""How well a deadline is kept by decisions that the solver does not finish."""

from itertools import cycle, islice
from pathlib import Path

from cases import RULES, Size, cases

SIZES = (Size(50, 20, 32, 3, 0), Size(200, 50, 32, 2, 0))


def overshoots(size: Size, deadline: float, decisions: int, work: Path) -> list[float]:
    """Return the seconds that answers come after the deadline: general networks, rules at defaults and off in turn."""
    hard = [case for rules in RULES for case in cases(size, "general", rules, work)]
    late = []
    for case in islice(cycle(hard), decisions):
        answer = case.decide(deadline=deadline, relative_gap=0.0)
        late.append(answer.microseconds * 1e-6 - deadline)
    return late

"""What the pages say of changes."""

from collections.abc import Iterable

import numpy as np

from benchmarks.studies.laboratory import Laboratory
from benchmarks.studies.measures import percent
from libpatrol.studies.intervals import Interval


def plus_minus(difference: Interval, digits: int) -> str:
    """Return a difference with its interval."""
    return f"{difference.mean:+.{digits}f} ± {difference.half_width:.{digits}f}"


def verdicts(title: str, changes: Iterable[tuple[str, Interval]]) -> str:
    """Return in a sentence where changes are confirmed (their interval excludes zero), and where not."""
    found = list(changes)
    parts = []
    for word, wanted in (("lower", -1), ("higher", 1)):
        confirmed = {place: one for place, one in found if one.excludes_zero and np.sign(one.mean) == wanted}
        if confirmed:
            most = max(confirmed, key=lambda place: abs(confirmed[place].mean))
            parts.append(
                f"confirmed {word} in {len(confirmed)} of {len(found)} (most at {most}: {percent(confirmed[most])})"
            )
    open_cases = sum(not one.excludes_zero for _, one in found)
    if open_cases:
        parts.append(f"no confirmed difference in {open_cases} of {len(found)}")
    return f"{title}: {', '.join(parts)}."


def training_says(lab: Laboratory, seeds: int) -> str:
    """Return how everything is trained in a laboratory, for a page."""
    given = ", ".join(f"{name} {value}" for name, value in lab.trainer.items())
    if seeds == 1:
        how = "One training seed each: how much results differ between seeds is not in the intervals"
    else:
        how = f"{seeds} training seeds each, intervals from a bootstrap over seeds and replications"
    return f"{how} (a small budget: {given}, the rest at the trainer's defaults)."

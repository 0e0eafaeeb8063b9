"""Rows of the pages: measures of policies and their changes, with intervals; and what can be said from them."""

from collections.abc import Iterable, Sequence

import numpy as np
from laboratory import Measured
from numpy.typing import NDArray
from relative_changes import percent, relative_change

from libpatrol.studies.intervals import Interval
from libpatrol.studies.measures import CHARGED_RESPONSE, COST, OVERFLOW, RESPONSE_P90, Measure

HEAD = ("cost", "change", "mean response, min", "p90, min", "lost")
_FORMATS = {COST: "{:.3f}", CHARGED_RESPONSE: "{:.2f}", RESPONSE_P90: "{:.2f}", OVERFLOW: "{:.2f} %"}


def mean(measured: Sequence[Measured], measure: Measure) -> float:
    """Return a measure in its table's unit, over training seeds and replications."""
    return measure.scale * float(np.mean([np.nanmean(one[measure.name]) for one in measured]))


def change(measured: Sequence[Measured], reference: Measured, measure: Measure = COST) -> Interval:
    """Return the relative change to a reference on the same calls."""
    return relative_change(np.array([one[measure.name] for one in measured]), reference[measure.name])


def change_of_mean(values: NDArray[np.float64], reference: NDArray[np.float64]) -> Interval:
    """Return the relative change of the mean over replications."""
    return relative_change(values[None], reference)


def plus_minus(difference: Interval, digits: int) -> str:
    return f"{difference.mean:+.{digits}f} ± {difference.half_width:.{digits}f}"


def cells(measured: Sequence[Measured], reference: Measured | None) -> list[str]:
    """Return a row's cells under `HEAD`; without a reference it is the reference itself."""
    cost, *rest = (form.format(mean(measured, measure)) for measure, form in _FORMATS.items())
    return [cost, "" if reference is None else percent(change(measured, reference)), *rest]


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

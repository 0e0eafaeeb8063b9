"""What the studies measure and how it changes: numbers by replication, relative changes with intervals, cells."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from libpatrol.studies.intervals import Interval, paired
from libpatrol.studies.measures import CHARGED_RESPONSE, COST, OVERFLOW, RESPONSE_P90, Measure

MEASURES = (COST, CHARGED_RESPONSE, RESPONSE_P90, OVERFLOW)
EVENTS = Measure("events", "events simulated", 1.0, "", lambda metrics: float(metrics.events))
HEAD = ("cost", "change", "mean response, min", "p90, min", "lost")
"""Of the table cells of `MEASURES`."""

Measured = dict[str, NDArray[np.float64]]
"""Each measure by name, [replications]."""

_DRAWS = 2000


def mean(measured: Sequence[Measured], measure: Measure) -> float:
    """Return a measure in its table's unit, over training seeds and replications."""
    return measure.scale * float(np.mean([np.nanmean(one[measure.name]) for one in measured]))


def change(measured: Sequence[Measured], reference: Measured, measure: Measure = COST) -> Interval:
    """Return the relative change to a reference on the same calls."""
    return relative_change(np.array([one[measure.name] for one in measured]), reference[measure.name])


def cells(measured: Sequence[Measured], reference: Measured | None, digits: int = 3) -> list[str]:
    """Return a row's cells under `HEAD`, cost with some digits; without a reference it is the reference itself."""
    return [
        f"{mean(measured, COST):.{digits}f}",
        "" if reference is None else percent(change(measured, reference)),
        f"{mean(measured, CHARGED_RESPONSE):.2f}",
        f"{mean(measured, RESPONSE_P90):.2f}",
        f"{mean(measured, OVERFLOW):.2f} %",
    ]


def relative_change(values: NDArray[np.float64], reference: NDArray[np.float64]) -> Interval:
    """Return the change of the mean, as a share of the reference's, with its 95 % interval.

    Parameters
    ----------
    values : float64 [training seeds, replications]
        With several training seeds the interval is from a bootstrap over seeds and replications; with one it is paired.
    reference : float64 [replications]
        On the same calls.
    """
    base = reference.mean()
    if len(values) == 1:
        difference = paired(reference, values[0])
        return Interval(difference.mean / base, difference.half_width / base, difference.replications)
    rng = np.random.default_rng(0)
    differences = values - reference
    drawn = np.empty(_DRAWS)
    for k in range(_DRAWS):
        seeds = rng.integers(len(values), size=len(values))
        replications = rng.integers(values.shape[1], size=values.shape[1])
        drawn[k] = differences[np.ix_(seeds, replications)].mean()
    low, high = np.quantile(drawn, (0.025, 0.975))
    return Interval(differences.mean() / base, (high - low) / 2 / base, values.shape[1])


def percent(change: Interval) -> str:
    """Return a relative change as tables show it."""
    return f"{100 * change.mean:+.1f} % ± {100 * change.half_width:.1f}"

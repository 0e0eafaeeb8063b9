"""Relative changes of a measure between policies on the same calls, over training seeds too."""

import numpy as np
from numpy.typing import NDArray

from libpatrol.studies.intervals import Interval, paired

_DRAWS = 2000


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

"""Means over replications with their 95 % intervals."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

LEVEL = 0.95


class Interval(NamedTuple):
    """A mean, half the width of its 95 % interval (Student's t), and the number of replications behind it.

    Without replications the mean is NaN; with one the half width is.

    Examples
    --------
    >>> from libpatrol.studies.intervals import interval
    >>> found = interval([1.0, 2.0, 3.0])
    >>> found.mean, round(found.half_width, 2), found.excludes_zero
    (2.0, 2.48, False)
    """

    mean: float
    half_width: float
    replications: int

    @property
    def excludes_zero(self) -> bool:
        """Whether zero is outside the interval."""
        return abs(self.mean) > self.half_width

    @property
    def probability(self) -> float:
        """Of a mean at least as far from zero if the true one is zero: two-sided t-test; NaN without an interval."""
        from scipy.special import stdtr, stdtrit

        if not self.half_width > 0:
            return np.nan
        errors = abs(self.mean) / self.half_width * stdtrit(self.replications - 1, (1 + LEVEL) / 2)
        return float(2 * stdtr(self.replications - 1, -errors))


def interval(values: ArrayLike) -> Interval:
    """Return the mean of independent replications; those that measured nothing (NaN) are left out.

    Parameters
    ----------
    values : array_like [replications]
        One number each.
    """
    given = np.asarray(values, np.float64)
    known = given[np.isfinite(given)]
    count = len(known)
    if count == 0:
        return Interval(np.nan, np.nan, 0)
    if count == 1:
        return Interval(float(known[0]), np.nan, 1)
    from scipy.special import stdtrit  # as scipy.stats.t.ppf, without a second of loading

    half = stdtrit(count - 1, (1 + LEVEL) / 2) * known.std(ddof=1) / np.sqrt(count)
    return Interval(float(known.mean()), float(half), count)


def holm(probabilities: Sequence[float]) -> list[float]:
    """Return probabilities of error corrected for their number (Holm 1979); those that are NaN do not count.

    Examples
    --------
    >>> from libpatrol.studies.intervals import holm
    >>> holm([0.04, 0.01, 0.03])
    [0.06, 0.03, 0.06]
    """
    corrected = [np.nan] * len(probabilities)
    tested = sorted((value, k) for k, value in enumerate(probabilities) if not np.isnan(value))
    largest = 0.0
    for rank, (value, k) in enumerate(tested):
        largest = max(largest, min(1.0, value * (len(tested) - rank)))
        corrected[k] = largest
    return corrected


def paired(reference: ArrayLike, values: ArrayLike) -> Interval:
    """Return the mean of `values` - `reference`, replication by replication: the same seeds in the same order.

    A policy under which nothing is random has one run, which is compared with each run of the other.

    Raises
    ------
    ValueError
        If both have several runs and their numbers differ.
    """
    before, after = np.asarray(reference, np.float64), np.asarray(values, np.float64)
    if before.size != after.size and 1 not in (before.size, after.size):
        raise ValueError(f"values has {after.size} replications, expected {before.size}, as reference has")
    return interval(after - before)

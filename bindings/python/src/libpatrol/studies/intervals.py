"""Means over replications with their 95 % intervals."""

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

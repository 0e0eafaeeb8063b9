"""Means of comparisons whose days are independent of each other, with their intervals."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from libpatrol.shadow.comparisons import SAME
from libpatrol.studies.intervals import LEVEL, Interval

_LEAST_FREEDOM = 1.5
"""Degrees of freedom below which there is no interval: two blocks have one, three of the same size two."""


def by_blocks(values: ArrayLike, blocks: ArrayLike) -> Interval:
    """Return the mean of values of which those of one block depend on each other, with its 95 % interval.

    The mean is over all values. Its error comes from the sums of their deviations by block, each divided by what its
    own share takes from it, and the interval from Student's t with as many degrees of freedom as blocks of their sizes
    have if each has an error of its own (Bell & McCaffrey 2002): for blocks of one size, one fewer than there are. A
    run that begins and ends in the middle of a day has fewer, since half a day says less than a whole one.

    Parameters
    ----------
    values : array_like [values]
        NaN is left out.
    blocks : array_like [values]
        Which block each is of.

    Returns
    -------
    Interval
        Its `replications` are the blocks. No half width with fewer than three blocks of about the same size, or if the
        blocks do not differ.

    Examples
    --------
    >>> from libpatrol.shadow.blocks import by_blocks
    >>> found = by_blocks([1.0, 1.0, 4.0, 2.0], [0, 0, 1, 2])
    >>> found.mean, round(found.half_width, 2), found.replications
    (2.0, 4.13, 3)
    """
    given, block = np.asarray(values, np.float64), np.asarray(blocks)
    known = np.isfinite(given)
    given, block = given[known], np.unique(block[known], return_inverse=True)[1]
    if given.size == 0:
        return Interval(math.nan, math.nan, 0)
    mean, count = float(given.mean()), int(block.max()) + 1
    sums, shares = np.bincount(block, given - mean), np.bincount(block) / len(given)
    if freedom(shares) < _LEAST_FREEDOM or not (np.abs(sums) > 1e-9 * np.abs(given).max()).any():
        return Interval(mean, math.nan, count)
    from scipy.special import stdtrit

    error = math.sqrt(float((sums**2 / (1 - shares)).sum())) / len(given)
    return Interval(mean, float(stdtrit(freedom(shares), (1 + LEVEL) / 2)) * error, count)


def freedom(shares: NDArray[np.float64]) -> float:
    """Return the degrees of freedom of blocks that have these shares of all values.

    Examples
    --------
    >>> import numpy as np
    >>> from libpatrol.shadow.blocks import freedom
    >>> round(freedom(np.full(7, 1 / 7)), 6), round(freedom(np.array([0.8, 0.1, 0.1])), 2)
    (6.0, 1.11)
    """
    if len(shares) < 2:
        return 0.0
    deviations = np.eye(len(shares)) - shares  # of blocks' errors from their mean
    form = deviations.T * (shares**2 / (1 - shares)) @ deviations
    return float(np.trace(form) ** 2 / np.trace(form @ form))


def days_of(rows: Sequence[dict[str, Any]]) -> list[int]:
    """Return the day, in local time, of each comparison."""
    return [int(row["local_seconds"] // 86_400) for row in rows]


def agreement(rows: Sequence[dict[str, Any]]) -> Interval:
    """Return the share of comparisons in which the unit is the same, %."""
    return by_blocks([100.0 * (row["outcome"] == SAME) for row in rows], days_of(rows))


def nearer(rows: Sequence[dict[str, Any]]) -> Interval:
    """Return by how much less travel is predicted for the units that would have been sent, seconds."""
    return by_blocks([difference(row) for row in rows], days_of(rows))


def difference(row: dict[str, Any]) -> float:
    """Return how much longer the drive of the first unit that would have been sent is, seconds; NaN if not known."""
    proposed, sent = row["proposed_seconds"], row["sent_seconds"]
    return math.nan if proposed is None or sent is None else proposed - sent


def text_of(found: Interval, unit: str = "", digits: int = 0) -> str:
    r"""Return a mean with its interval in words for a table.

    Examples
    --------
    >>> from libpatrol.shadow.blocks import text_of
    >>> from libpatrol.studies.intervals import Interval
    >>> text_of(Interval(-35.2, 12.0, 7), "s"), text_of(Interval(90.0, float("nan"), 1), "%")
    ('\N{MINUS SIGN}35 ± 12 s', '90 %')
    """
    if math.isnan(found.mean):
        return "\N{EN DASH}"
    half = "" if math.isnan(found.half_width) else f" ± {found.half_width:,.{digits}f}"
    return f"{found.mean:,.{digits}f}{half} {unit}".strip().replace("-", "\N{MINUS SIGN}")

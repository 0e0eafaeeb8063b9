"""Means of comparisons whose days are independent of each other, with their intervals."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from libpatrol.shadow.comparisons import SAME
from libpatrol.studies.intervals import LEVEL, Interval


def by_blocks(values: ArrayLike, blocks: ArrayLike) -> Interval:
    """Return the mean of values of which those of one block depend on each other, with its 95 % interval.

    The mean is over all values; its error comes from the sums of their deviations by block (the ratio estimator of
    cluster sampling), and the interval from Student's t with one degree of freedom fewer than there are blocks.

    Parameters
    ----------
    values : array_like [values]
        NaN is left out.
    blocks : array_like [values]
        Which block each is of.

    Returns
    -------
    Interval
        Its `replications` are the blocks. No half width with fewer than two, or if the blocks do not differ.

    Examples
    --------
    >>> from libpatrol.shadow.blocks import by_blocks
    >>> found = by_blocks([1.0, 1.0, 4.0, 2.0], [0, 0, 1, 2])
    >>> found.mean, round(found.half_width, 2), found.replications
    (2.0, 3.73, 3)
    """
    given, block = np.asarray(values, np.float64), np.asarray(blocks)
    known = np.isfinite(given)
    given, block = given[known], np.unique(block[known], return_inverse=True)[1]
    if given.size == 0:
        return Interval(math.nan, math.nan, 0)
    mean, count = float(given.mean()), int(block.max()) + 1
    sums = np.bincount(block, given - mean)
    if count < 2 or not (np.abs(sums) > 1e-9 * np.abs(given).max()).any():
        return Interval(mean, math.nan, count)
    from scipy.special import stdtrit

    error = math.sqrt(count / (count - 1) * float((sums**2).sum())) / len(given)
    return Interval(mean, float(stdtrit(count - 1, (1 + LEVEL) / 2)) * error, count)


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

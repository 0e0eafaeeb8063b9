"""Which days and hours a log of shadow mode covers, and what therefore cannot be said."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from libpatrol.shadow.blocks import by_blocks, days_of

_FEW_DAYS = 20
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def about_intervals(compared: Sequence[dict[str, Any]]) -> str:
    """Return in a sentence what the intervals of a report are, or why it has none."""
    days, together = len(set(days_of(compared))), "because decisions of one day depend on each other"
    if math.isnan(by_blocks(np.arange(len(compared)), days_of(compared)).half_width):
        return (
            f"No intervals: the calls are of {days} day{'s' * (days != 1)}, and a day counts as one observation, "
            f"{together}. "
            "Intervals need at least three days with about as many calls each. Until then a difference may be that of "
            "these days alone, however many calls there were."
        )
    few = f" {days} days are few: the intervals are rough." if days < _FEW_DAYS else ""
    return (
        f"Intervals of 95 %: Student's t over {days} days, each day one block, {together}; a day of which only a part "
        f"was seen counts for less.{few}"
    )


def not_seen(compared: Sequence[dict[str, Any]]) -> list[str]:
    """Return which hours of the day and which days of the week no call was compared in, as what is not known.

    Parameters
    ----------
    compared : sequence of dict
        Comparisons as the log has them, of which `local_seconds` counts: since a Monday 00:00, local time.

    Examples
    --------
    >>> from libpatrol.shadow.coverage import not_seen
    >>> hours = [{"local_seconds": 3600.0 * hour} for hour in range(5 * 24)]
    >>> not_seen(hours)
    ['No call was compared on Saturday, Sunday. What differs on such days does not show.']
    """
    if not compared:
        return []
    told, seen = [], {int(row["local_seconds"] // 3600) % 24 for row in compared}
    hours = [hour for hour in range(24) if hour not in seen]
    if hours:
        names = ", ".join(_hours(hours))
        told.append(f"No call was compared from {names}. What differs at such hours does not show.")
    week = {day % 7 for day in days_of(compared)}
    if missing := [name for day, name in enumerate(_DAYS) if day not in week]:
        told.append(f"No call was compared on {', '.join(missing)}. What differs on such days does not show.")
    return told


def _hours(hours: Sequence[int]) -> list[str]:
    """Return hours of the day as spans, such as "22:00 to 06:00"."""
    first = [hour for hour in hours if (hour - 1) % 24 not in hours] or [0]
    spans = []
    for begin in first:
        length = next((k for k in range(1, 24) if (begin + k) % 24 not in hours), 24)
        spans.append(f"{begin:02}:00 to {(begin + length) % 24:02}:00")
    return spans

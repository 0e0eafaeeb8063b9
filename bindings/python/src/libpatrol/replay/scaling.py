"""A log brought to a given load: its days are overlaid, and calls are removed at random."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

_DAY = 86_400.0
_HOUR = 3600.0


class Folded(NamedTuple):
    """Which calls of a log are replayed, and when.

    Attributes
    ----------
    chosen : intp [calls]
        Indices in the log, by the new time.
    seconds : float64 [calls]
        New times.
    days : int
        Length of the folded log.
    original_days : int
        Length of the log.
    kept : float
        Share of the calls that are kept.
    start_seconds, length_seconds : float
        When it starts, and how long it lasts.
    """

    chosen: NDArray[np.intp]
    seconds: NDArray[np.float64]
    days: int
    original_days: int
    kept: float
    start_seconds: float
    length_seconds: float


def as_it_is(seconds: NDArray[np.float64]) -> Folded:
    """Return the log unchanged, from the hour of its first call to that of its last.

    Parameters
    ----------
    seconds : float64 [calls]
        Ascending, since a midnight.
    """
    days = int(seconds[-1] // _DAY) + 1
    start, end = seconds[0] // _HOUR * _HOUR, (seconds[-1] // _HOUR + 1) * _HOUR
    return Folded(np.arange(len(seconds)), seconds, days, days, 1.0, float(start), float(end - start))


def folded(seconds: NDArray[np.float64], load: float, wanted: float, seed: int) -> Folded:
    """Return the log at the load wanted; each call keeps its hour of the day.

    The log is folded onto the largest number of days that reaches the load; then calls are removed at random until
    it is met.

    Parameters
    ----------
    seconds : float64 [calls]
        Ascending, since a midnight.
    load : float
        Offered load of the log as it is.
    wanted : float
        Mean offered load of the result.
    seed : int
        Of the choice.

    Raises
    ------
    ValueError
        If all days folded onto one do not reach the load.
    """
    original = int(seconds[-1] // _DAY) + 1
    days = original
    if wanted > load:
        days = int(original * load / wanted)
        if days < 1:
            raise ValueError(
                f"the log reaches a load of {load * original:.2f} with all its {original} days on one: "
                f"{wanted:g} is too high; give fewer units"
            )
    times = seconds % (days * _DAY)
    kept = min(1.0, wanted * days / (load * original))
    stays = np.random.default_rng(seed).random(len(times)) < kept
    order = np.argsort(times, kind="stable")
    chosen = order[stays[order]]
    return Folded(chosen, times[chosen], days, original, kept, 0.0, days * _DAY)

"""How long drives take at each hour of the day: those of the log against a simulation in which all hours are alike."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from libpatrol.area_arrays import WEEK_HOURS
from libpatrol.city.measures import LEAST_CALLS, Period, resampled_days

_LEAST, _MOST = 0.1, 10.0
_CHI_SQUARE = 49.7
"""Chance alone exceeds it in one of a thousand logs: the quantile for 23 degrees of freedom."""
_KEY = ("travel_seconds", "hour")
_ALIKE = "driving takes as long at all hours"


class TravelByHour(NamedTuple):
    """Factors of travel times.

    Attributes
    ----------
    factors : float64 [24]
        By hour of the day; their mean over the drives is about 1.
    sentence : str
        What they are and come from, or why there are none.
    """

    factors: NDArray[np.float64] | None
    sentence: str

    @property
    def of_the_week(self) -> NDArray[np.float64] | None:
        """The factors by hour of the week: float64 [168]."""
        return None if self.factors is None else np.resize(self.factors, WEEK_HOURS)


NO_WEEKS = TravelByHour(None, f"{_ALIKE}: no week that is fitted is full")


def travel_by_hour(log: Period, simulated: Period, turnout_seconds: float) -> TravelByHour:
    """Compare the drives of a log with those of a simulation of the same calls.

    How far units drive depends on how many are free: that, the simulation has, too. What is left between hours is how
    fast they drive. An hour's quotient is drawn towards 1, that of all hours, by as much as chance alone would move it
    (Efron & Morris 1975). The level is left as it is: whether it fits is for the verdict to say.

    Parameters
    ----------
    log, simulated : Period
        The same weeks.
    turnout_seconds : float
        Part of the travel of both that is not driven.
    """
    counts = log.sums[_KEY][1].sum(1)
    if not counts.any():
        return TravelByHour(None, f"{_ALIKE}: the log has no driving times")
    if (few := int((counts < LEAST_CALLS).sum())) > 0:
        return TravelByHour(None, f"{_ALIKE}: the log has fewer than {LEAST_CALLS} drives in {few} hours of the day")
    found = _quotients(log, simulated, np.ones((1, log.days)), turnout_seconds)[0]
    again = _quotients(log, simulated, resampled_days(log.days), turnout_seconds)
    chance = np.nanvar(again, axis=0) * log.days / max(1, log.days - 1)
    if not np.isfinite(found).all() or not (found > 0).all():
        return TravelByHour(None, f"{_ALIKE}: the simulation has hours without drives")
    weights = counts / counts.sum()
    spread = weights @ (found - 1) ** 2 - weights @ chance
    if not (((found - 1) ** 2 / chance).sum() > _CHI_SQUARE and spread > 0):
        return TravelByHour(None, f"{_ALIKE}: the log's hours differ by no more than chance")
    factors = np.clip(1 + (found - 1) * spread / (spread + chance), _LEAST, _MOST)
    slow, fast = int(factors.argmax()), int(factors.argmin())
    return TravelByHour(
        factors,
        f"driving takes {factors[fast]:.2f} of its usual time at {fast:02d}:00 and {factors[slow]:.2f} at "
        f"{slow:02d}:00, as the log's drives against simulated ones tell; the same is assumed on patrol",
    )


def _quotients(
    log: Period, simulated: Period, days: NDArray[np.float64], turnout_seconds: float
) -> NDArray[np.float64]:
    """Return an hour's mean drive in the log over that in the simulation, relative to that of all hours.

    `days` is how often each day counts, [resamples, days]. Returns float64 [resamples, 24].
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        drives = [_drives(period, days, turnout_seconds) for period in (log, simulated)]
        hourly, total = ([part[k] for part in drives] for k in (0, 1))
        return np.asarray(hourly[0] / hourly[1] / (total[0] / total[1]))


def _drives(
    period: Period, days: NDArray[np.float64], turnout_seconds: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return mean drives by hour, [resamples, 24], and the mean of all, [resamples, 1]."""
    seconds, count = (days @ table.T for table in period.sums[_KEY])
    hourly = seconds / count - turnout_seconds
    return hourly, seconds.sum(1, keepdims=True) / count.sum(1, keepdims=True) - turnout_seconds

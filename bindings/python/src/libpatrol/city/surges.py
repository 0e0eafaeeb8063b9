"""How much more calls vary than chance alone explains, and the surges among them."""

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from libpatrol.scenario.arrays import STORM_DTYPE

_WINDOW_HOURS = 4
_RARE = 1e-5
_LEAST_MULTIPLE = 1.8
_MOST_STORMS = 1000


class Surge(NamedTuple):
    """A period with far more calls than expected."""

    start_seconds: float
    hours: float
    calls: int
    expected_calls: float


@dataclass(frozen=True, kw_only=True)
class Variation:
    """How calls vary around their rates.

    Attributes
    ----------
    day_ratio, hour_ratio : float
        Variance of the calls of a day, or an hour, divided by what Poisson calls would have; 1: chance alone.
    day_factor_deviation : float
        Standard deviation of the factor, of mean 1, that multiplies a day's rates beyond chance. Without surges.
    surges_per_week : float
        Periods with far more calls than even such days explain.
    surge_hours, surge_multiple : float
        Their mean length, and how many times the calls expected came; 0 without surges.
    """

    day_ratio: float
    hour_ratio: float
    day_factor_deviation: float
    surges_per_week: float
    surge_hours: float
    surge_multiple: float

    def storms(self, start_seconds: float, end_seconds: float, seed: int) -> NDArray[np.void]:
        """Draw what a scenario calls storms: a factor for each day, and surges at their frequency.

        Returns
        -------
        NDArray
            STORM_DTYPE; the mean of all factors is 1 over many seeds, except that surges add calls.
        """
        rng = np.random.default_rng((0x5706, seed))
        rows: list[tuple[float, float, float]] = []
        first = start_seconds // 86_400 * 86_400
        if self.day_factor_deviation > 0:
            shape = self.day_factor_deviation**-2
            for day in np.arange(first, end_seconds, 86_400):
                rows.append((float(day), float(day) + 86_400, float(rng.gamma(shape, 1 / shape))))
        weeks = (end_seconds - start_seconds) / 604_800
        for _ in range(rng.poisson(self.surges_per_week * weeks)):
            begin = float(rng.uniform(start_seconds, end_seconds))
            rows.append((begin, begin + 3600 * self.surge_hours, self.surge_multiple))
        storms = np.zeros(min(len(rows), _MOST_STORMS), STORM_DTYPE)
        for k, row in enumerate(rows[:_MOST_STORMS]):
            storms[k] = row
        return storms

    def sentences(self) -> list[str]:
        """Return what was measured, in words."""
        wording = (
            f"calls a day vary {self.day_ratio:.1f} times as much as chance alone explains (1.0: no more than chance), "
            f"calls an hour {self.hour_ratio:.1f} times"
        )
        if self.surges_per_week > 0:
            wording += (
                f"; {self.surges_per_week:.1f} surges a week, each {self.surge_hours:.0f} hours with "
                f"{self.surge_multiple:.1f} times the calls expected"
            )
        return [wording]


def variation_of(
    received: NDArray[np.float64], hourly: NDArray[np.float64], covered_days: NDArray[np.int64]
) -> tuple[Variation, list[Surge]]:
    """Measure variation around rates.

    Parameters
    ----------
    received : float64 [calls]
        Seconds since a Monday.
    hourly : float64 [168]
        Calls an hour that are expected.
    covered_days : int64 [days]
        Days since that Monday that the log covers.
    """
    calls = np.zeros((len(covered_days), 24))
    position = {int(day): k for k, day in enumerate(covered_days)}
    hours = (received // 3600).astype(np.int64)
    inside = np.array([position.get(int(day), -1) for day in hours // 24], np.int64)
    np.add.at(calls, (inside[inside >= 0], hours[inside >= 0] % 24), 1)
    expected = np.array([hourly[24 * (day % 7) : 24 * (day % 7) + 24] for day in covered_days])
    by_day, means = calls.sum(1), expected.sum(1)
    factor = _extra_variance(by_day, means)
    surges = _surges(calls, expected, covered_days, factor)
    quiet = _without(calls, surges, covered_days)
    factor = _extra_variance(np.where(quiet, calls, 0).sum(1), np.where(quiet, expected, 0).sum(1))
    found: dict[str, Any] = {
        "surges_per_week": 7 * len(surges) / max(1, len(covered_days)),
        "surge_hours": float(np.mean([surge.hours for surge in surges])) if surges else 0.0,
        "surge_multiple": float(sum(s.calls for s in surges) / sum(s.expected_calls for s in surges))
        if surges
        else 0.0,
    }
    return (
        Variation(
            day_ratio=_ratio(by_day, means),
            hour_ratio=_ratio(calls.ravel(), expected.ravel()),
            day_factor_deviation=float(np.sqrt(factor)),
            **found,
        ),
        surges,
    )


def _ratio(calls: NDArray[np.float64], expected: NDArray[np.float64]) -> float:
    known = expected > 0
    scaled = expected[known] * calls[known].sum() / expected[known].sum()
    return float(((calls[known] - scaled) ** 2 / scaled).sum() / max(1, known.sum() - 1))


def _extra_variance(calls: NDArray[np.float64], expected: NDArray[np.float64]) -> float:
    """Return the variance of a factor beyond chance, by moments; 0 unless it is shown at the 5 % level."""
    if len(calls) < 7 or not expected.sum() > 0:
        return 0.0
    scaled = expected * calls.sum() / expected.sum()
    squares = (calls - scaled) ** 2
    if stats.chi2.sf((squares / np.maximum(scaled, 1e-9)).sum(), len(calls) - 1) > 0.05:
        return 0.0
    return max(0.0, float((squares - scaled).sum() / (scaled**2).sum()))


def _surges(
    calls: NDArray[np.float64], expected: NDArray[np.float64], days: NDArray[np.int64], factor: float
) -> list[Surge]:
    """Return the periods in which windows of 4 hours have more calls than 1 in 100,000 windows should."""
    flat, mean = calls.ravel(), expected.ravel()
    window = np.ones(_WINDOW_HOURS)
    if len(flat) < _WINDOW_HOURS:
        return []
    seen, due = np.convolve(flat, window, "valid"), np.convolve(mean, window, "valid")
    variance = np.maximum(due + factor * due**2, 1e-12)
    if factor > 0:
        size = 1 / factor
        tail = stats.nbinom.sf(seen - 1, size, size / (size + np.maximum(due, 1e-9)))
    else:
        tail = stats.poisson.sf(seen - 1, variance)
    high = (tail < _RARE) & (seen >= _LEAST_MULTIPLE * due)
    marked = np.zeros(len(flat), bool)
    for k in np.flatnonzero(high):
        marked[k : k + _WINDOW_HOURS] |= flat[k : k + _WINDOW_HOURS] > mean[k : k + _WINDOW_HOURS]
    edges = np.flatnonzero(np.diff(np.r_[0, marked.astype(int), 0]))
    return [
        Surge(
            float(days[first // 24] * 86_400 + 3600 * (first % 24)),
            float(last - first),
            int(flat[first:last].sum()),
            float(mean[first:last].sum()),
        )
        for first, last in zip(edges[::2], edges[1::2], strict=True)
    ]


def _without(calls: NDArray[np.float64], surges: list[Surge], days: NDArray[np.int64]) -> NDArray[np.bool_]:
    quiet = np.ones(calls.size, bool)
    start = {int(day): 24 * k for k, day in enumerate(days)}
    for surge in surges:
        first = start[int(surge.start_seconds // 86_400)] + int(surge.start_seconds // 3600 % 24)
        quiet[first : first + int(surge.hours)] = False
    return quiet.reshape(calls.shape)

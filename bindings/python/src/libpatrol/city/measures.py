"""What a log and simulations of the same period are compared by."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from libpatrol.city.activity import Activity
from libpatrol.city.fleet import by_hour

DAY = 86_400.0
TOLERANCE = 0.10
TOLERANCE_SECONDS = 15.0
LEAST_CALLS = 50
_RESAMPLES = 400

WITHIN, UNCLEAR, OUTSIDE, TOO_FEW, MISSING = "within", "unclear", "outside", "too few calls", "not in the log"

TIMES: dict[str, Callable[[pd.DataFrame], pd.Series]] = {
    "dispatch_delay_seconds": lambda calls: calls["dispatched"] - calls["received"],
    "travel_seconds": lambda calls: calls["arrived"] - calls["dispatched"],
    "on_scene_seconds": lambda calls: calls["cleared"] - calls["arrived"],
    "response_seconds": lambda calls: calls["arrived"] - calls["received"],
}
"""Times of a call."""


@dataclass(frozen=True)
class Period:
    """A log or a simulation of whole days from second 0 on, summed by day.

    Attributes
    ----------
    days : int
        How many.
    sums : dict of (quantity, grouping) to (float64 [groups, days], float64 [groups, days])
        Sums and how many they are of: the mean is their quotient over any days.
    values : dict of (priority, quantity) to (float64 [calls], int64 [calls])
        Values and their days.
    """

    days: int
    sums: dict[tuple[str, str], tuple[NDArray[np.float64], NDArray[np.float64]]]
    values: dict[tuple[int, str], tuple[NDArray[np.float64], NDArray[np.int64]]]

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return {
            "days": self.days,
            "sums": [[*key, *(part.round(4).tolist() for part in parts)] for key, parts in self.sums.items()],
            "values": [[*key, seconds.round(2).tolist(), day.tolist()] for key, (seconds, day) in self.values.items()],
        }

    @classmethod
    def of_json(cls, content: dict[str, Any]) -> "Period":
        """Return what ``as_json`` told."""
        return cls(
            content["days"],
            {(name, by): (np.array(sums), np.array(count)) for name, by, sums, count in content["sums"]},
            {
                (priority, name): (np.array(seconds, np.float64), np.array(day, np.int64))
                for priority, name, seconds, day in content["values"]
            },
        )


def period(activity: Activity, days: int, beats: int, categories: int) -> Period:
    """Sum an activity that begins at second 0.

    Parameters
    ----------
    activity : Activity
        Calls of other times are left out; unit times are cut to the period.
    days : int
        How many.
    beats, categories : int
        Of the city; those of the calls are numbered alike.
    """
    end = days * DAY
    calls = activity.calls
    inside = calls["received"].between(0, end, inclusive="left")
    own = calls[inside]
    day = (own["received"] // DAY).to_numpy(np.int64)
    labels = {
        "all": np.zeros(len(own), np.int64),
        "hour": (own["received"] // 3600 % 24).to_numpy(np.int64),
        "beat": own["beat"].to_numpy(np.int64),
        "category": own["category"].to_numpy(np.int64),
    }
    sizes = {"all": 1, "hour": 24, "beat": beats, "category": categories}
    sums: dict[tuple[str, str], tuple[NDArray[np.float64], NDArray[np.float64]]] = {}
    values: dict[tuple[int, str], tuple[NDArray[np.float64], NDArray[np.int64]]] = {}
    times = {name: of(own).to_numpy(np.float64) for name, of in TIMES.items()}
    for grouping, label in labels.items():
        sums["calls_per_day", grouping] = (
            _table(label, day, None, sizes[grouping], days), np.ones((sizes[grouping], days)),
        )  # fmt: skip
        for name, seconds in times.items():
            known = np.isfinite(seconds)
            sums[name, grouping] = (
                _table(label[known], day[known], seconds[known], sizes[grouping], days),
                _table(label[known], day[known], None, sizes[grouping], days),
            )
    for name in ("busy_units", "units_on_duty"):
        for grouping, table in _unit_time(activity, name, days, sizes).items():
            hours = {"all": 24.0, "hour": 1.0, "beat": 24.0}[grouping]
            sums[name, grouping] = table, np.full(table.shape, hours)
    for priority in np.unique(own["priority"]):
        chosen = (own["priority"] == priority).to_numpy()
        for name, seconds in times.items():
            known = chosen & np.isfinite(seconds)
            values[int(priority), name] = seconds[known], day[known]
    return Period(days, sums, values)


def joined(periods: Sequence[Period]) -> Period:
    """Return several simulations of the same days as one."""
    first = periods[0]
    sums = {
        key: (sum(part.sums[key][0] for part in periods), sum(part.sums[key][1] for part in periods))
        for key in first.sums
    }
    keys = {key for part in periods for key in part.values}
    values = {
        key: tuple(np.concatenate([part.values[key][k] for part in periods if key in part.values]) for k in (0, 1))
        for key in sorted(keys)
    }
    return Period(first.days, sums, values)  # type: ignore[arg-type]


def _table(
    label: NDArray[np.int64], day: NDArray[np.int64], weight: NDArray[np.float64] | None, groups: int, days: int
) -> NDArray[np.float64]:
    known = label >= 0
    index = label[known] * days + day[known]
    weights = None if weight is None else weight[known]
    return np.bincount(index, weights, minlength=groups * days).reshape(groups, days).astype(np.float64)


def _unit_time(activity: Activity, name: str, days: int, sizes: dict[str, int]) -> dict[str, NDArray[np.float64]]:
    """Return unit hours by day, of busy units also by the beat of their call."""
    end = days * DAY
    if name == "busy_units":
        jobs = activity.responses
        spans = pd.DataFrame({"unit": jobs["unit"], "start": jobs["dispatched"], "end": jobs["cleared"].fillna(end)})
        spans["beat"] = activity.calls["beat"].to_numpy(np.int64)[jobs["call"].to_numpy(np.int64)]
        spans = pd.concat([spans, activity.work.assign(beat=-1)], ignore_index=True)
    else:
        spans = activity.duty.assign(beat=-1)
    spans = spans.assign(start=spans["start"].clip(0, end), end=spans["end"].clip(0, end))
    spans = spans[spans["end"] > spans["start"]]
    row, hour, share = by_hour(spans.assign(unit=np.arange(len(spans))))
    inside = (hour >= 0) & (hour < 24 * days)
    row, hour, share = row[inside], hour[inside], share[inside]
    found = {
        "all": _table(np.zeros(len(hour), np.int64), hour // 24, share, 1, days),
        "hour": _table(hour % 24, hour // 24, share, 24, days),
    }
    if name == "busy_units":
        found["beat"] = _table(spans["beat"].to_numpy(np.int64)[row], hour // 24, share, sizes["beat"], days)
    return found


def tolerance(quantity: str, log: float) -> float:
    """Return the share of the log's value by which a simulation may differ: 10 %, or 15 s of times if that is more."""
    if quantity.endswith("_seconds") or "_seconds_" in quantity:
        return max(TOLERANCE, TOLERANCE_SECONDS / log) if log > 0 else math.inf
    return TOLERANCE


class Difference(NamedTuple):
    """How far a simulation is from a log: in shares of the log's value, with a 95 % interval over days."""

    log: float
    simulated: float
    relative: float
    low: float
    high: float
    calls: float

    def status(self, quantity: str) -> str:
        """Return whether the difference is within the tolerance: 10 %, or 15 s for times if that is more."""
        if not np.isfinite(self.log):
            return MISSING
        if self.calls < LEAST_CALLS:
            return TOO_FEW
        allowed = tolerance(quantity, self.log)
        if not np.isfinite(self.relative):
            return UNCLEAR
        if abs(self.relative) <= allowed:
            return WITHIN
        return OUTSIDE if self.low > allowed or self.high < -allowed else UNCLEAR


def resampled_days(days: int, seed: int = 0) -> NDArray[np.float64]:
    """Return how often each day is drawn in each resample: float64 [resamples, days]."""
    rng = np.random.default_rng((0xDA75, seed))
    return rng.multinomial(days, np.full(days, 1 / days), _RESAMPLES).astype(np.float64)


def mean_difference(
    log: Period, simulated: Period, key: tuple[str, str], weights: NDArray[np.float64]
) -> list[Difference]:
    """Return how far the means are apart, group by group."""
    (log_sum, log_count), (sum_, count) = log.sums[key], simulated.sums[key]
    counted = log.sums["calls_per_day", key[1]][0] if key[0] in ("calls_per_day", "busy_units") else log_count
    with np.errstate(divide="ignore", invalid="ignore"):
        there, here = log_sum.sum(1) / log_count.sum(1), sum_.sum(1) / count.sum(1)
        again = (weights @ sum_.T) / (weights @ count.T) / ((weights @ log_sum.T) / (weights @ log_count.T)) - 1
        found = here / there - 1
    low, high = _interval(again, found, log.days)
    calls = np.where(key[0] == "units_on_duty", np.inf, counted.sum(1))
    return [Difference(*map(float, row)) for row in zip(there, here, found, low, high, calls, strict=True)]


def quantile_difference(
    log: Period, simulated: Period, key: tuple[int, str], share: float, weights: NDArray[np.float64]
) -> Difference:
    """Return how far a quantile of a priority's times is apart."""
    there, of_log = log.values.get(key, (np.empty(0), np.empty(0, np.int64)))
    here, of_simulated = simulated.values.get(key, (np.empty(0), np.empty(0, np.int64)))
    if not len(there) or not len(here):
        return Difference(np.nan, np.nan, np.nan, np.nan, np.nan, float(len(there)))
    value, reached = float(np.quantile(there, share)), float(np.quantile(here, share))
    again = np.empty((len(weights), 1))
    order, order_log = np.argsort(here), np.argsort(there)
    for k, drawn in enumerate(weights):
        top = _quantile(here[order], drawn[of_simulated[order]], share)
        below = _quantile(there[order_log], drawn[of_log[order_log]], share)
        again[k] = top / below - 1 if below > 0 else np.nan
    relative = reached / value - 1 if value > 0 else float("nan")
    low, high = _interval(again, np.array([relative]), log.days)
    return Difference(value, reached, relative, float(low[0]), float(high[0]), float(len(there)))


def _quantile(ascending: NDArray[np.float64], weight: NDArray[np.float64], share: float) -> float:
    total = np.cumsum(weight)
    if not len(total) or not total[-1] > 0:
        return float("nan")
    return float(ascending[min(np.searchsorted(total, share * total[-1]), len(ascending) - 1)])


def _interval(
    again: NDArray[np.float64], found: NDArray[np.float64], days: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the 95 % interval of resamples around a value, widened as few days need it."""
    wider = np.sqrt(days / max(1, days - 1)) * (1 + 2 / max(1, days - 1))  # Student's t against the normal, about
    with np.errstate(invalid="ignore"):
        around = np.where(np.isfinite(again), again - found, np.nan)
    known = np.isfinite(around).any(0)
    low, high = np.full(len(found), -np.inf), np.full(len(found), np.inf)
    if known.any():
        low[known] = found[known] + wider * np.nanquantile(around[:, known], 0.025, axis=0)
        high[known] = found[known] + wider * np.nanquantile(around[:, known], 0.975, axis=0)
    return low, high

"""How near the fitted calls are to days of the log to which nothing was fitted."""

import dataclasses
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmarks.pages import table
from benchmarks.studies.departments.milwaukee.fit import City, days_of, without
from libpatrol.city import fitting
from libpatrol.city.history import DAY, HOUR
from libpatrol.city.kinds import kind_index

GROUPINGS = ("hour of the day", "beat", "beat and hour", "kind", "single hour")
DRAWN = 10
"""Logs that are drawn from the model to see what chance does."""


class Held(NamedTuple):
    """Calls of days that were left out, as the log has them and as the model expects them.

    Attributes
    ----------
    name : str
        The days.
    calls, expected : float
        In all.
    away : float64 [groupings, 2]
        Mean absolute difference in shares of what is expected, and variance / mean about it, once both have as many.
    """

    name: str
    calls: float
    expected: float
    away: NDArray[np.float64]


def held_out(city: City) -> list[Held]:
    """Return each week of the log, compared with what is fitted to all others."""
    days = days_of(city.history)
    weeks = sorted({day // 7 for day in days})
    return [_held(city, [day for day in days if day // 7 == week]) for week in weeks]


def drawn(city: City, seed: int) -> City:
    """Return the city with a log that is drawn from what is fitted to its own: Poisson calls on the same days."""
    folder, history = city
    fitted, rng = fitting.fit(folder, history), np.random.default_rng(seed)
    hours = np.array([24 * day + clock for day in days_of(history) for clock in range(24)])
    counts = rng.poisson(fitted.demand.rates[:, :, hours % 168])
    place, kind, hour = np.repeat(np.argwhere(counts), counts[counts > 0], axis=0).T
    of = [fitted.kinds[k] for k in kind]
    calls = pd.DataFrame(
        {
            "received": HOUR * (hours[hour] + rng.uniform(size=len(hour))),
            "node": fitted.places.nodes[place],
            "beat": fitted.places.beats[place],
            "category": [folder.category_names.index(one.category) for one in of],
            "priority": [one.priority for one in of],
            "responding": [one.units for one in of],
            "weight": [one.weight for one in of],
        }
    ).sort_values("received", ignore_index=True)
    calls = calls.reindex(columns=history.activity.calls.columns)
    activity = dataclasses.replace(history.activity, calls=calls)
    return city._replace(history=dataclasses.replace(history, activity=activity))


def _held(city: City, days: Sequence[int]) -> Held:
    folder, history = city
    fitted = fitting.fit(folder, without(history, days))
    calls = history.activity.calls
    calls = calls[(calls["received"] // DAY).isin(days)]
    kind = kind_index(calls, fitted.kinds, folder.category_names)
    beat = fitted.places.beats[fitted.places.of_node[calls["node"].to_numpy(np.int64)]]
    hour = (calls["received"] // HOUR).to_numpy(np.int64)
    shape = len(folder.beats()), len(fitted.kinds), len(days), 24
    seen, expected = np.zeros(shape), np.zeros(shape)
    np.add.at(seen, (beat, kind, np.searchsorted(days, hour // 24), hour % 24), 1)
    rates = fitted.demand.rates.reshape(*fitted.demand.rates.shape[:2], 7, 24)
    np.add.at(expected, fitted.places.beats, rates[:, :, np.array(days) % 7])
    groups = ((0, 1, 2), (1, 2, 3), (1, 2), (0, 2, 3), (0, 1))  # over which to sum for each of GROUPINGS
    scale = seen.sum() / expected.sum()
    away = [_away(seen.sum(axes), scale * expected.sum(axes)) for axes in groups]
    first, last = (f"{history.monday + pd.Timedelta(days=day):%d %B}" for day in (days[0], days[-1]))
    return Held(f"{first} to {last}, {len(days)} days", seen.sum(), expected.sum(), np.array(away))


def _away(seen: NDArray[np.float64], expected: NDArray[np.float64]) -> tuple[float, float]:
    return np.abs(seen - expected).sum() / expected.sum(), ((seen - expected) ** 2 / expected).mean()


def line(one: Held) -> list[str]:
    """Return the cells of a week that was left out."""
    difference = f"{100 * (one.expected / one.calls - 1):+.1f} %".replace("-", "−")
    return [one.name, f"{one.calls:,.0f}", difference, *map(_shown, one.away)]


def text_of(city: City) -> str:
    """Return a table of the held-out weeks, and below each what chance alone does to it."""
    by_chance = [held_out(drawn(city, seed)) for seed in range(DRAWN)]
    rows = []
    for week, one in enumerate(held_out(city)):
        away = np.mean([log[week].away for log in by_chance], axis=0)
        totals = np.array([log[week].expected / log[week].calls - 1 for log in by_chance])
        rows.append(line(one))
        rows.append(["by chance alone", "", f"± {100 * np.sqrt((totals**2).mean()):.1f} %", *map(_shown, away)])
    return table(("held out", "calls", "expected", *GROUPINGS), rows)


def _shown(away: NDArray[np.float64]) -> str:
    return f"{100 * away[0]:.1f} %; {away[1]:.2f}"

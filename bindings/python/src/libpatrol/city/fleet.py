"""The units on duty by hour of the week, and their home beats, from a roster or from their own jobs."""

from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from libpatrol.city.history import HOUR, History
from libpatrol.scenario.arrays import FLEET_UNIT_DTYPE, SHIFT_DTYPE

_WEEK_HOURS = 168
_HOME_SHARE = 0.25


class Fleet(NamedTuple):
    """Units and their weekly shifts.

    Attributes
    ----------
    names : list of str
        Of the units.
    units : FLEET_UNIT_DTYPE [units]
        With the station of the home beat as the start.
    shifts : SHIFT_DTYPE [shifts]
        Weekly.
    """

    names: list[str]
    units: NDArray[np.void]
    shifts: NDArray[np.void]


def hourly_duty(history: History) -> NDArray[np.float64]:
    """Return each unit's share of the hours on duty: float64 [units, 168], by hour of the week."""
    return unit_hours(history.activity.duty, len(history.units), history) / np.maximum(history.exposure(), 1)


def unit_hours(spans: pd.DataFrame, units: int, history: History) -> NDArray[np.float64]:
    """Return the hours that spans take in each hour of the week, by unit: float64 [units, 168].

    Parameters
    ----------
    spans : DataFrame
        ``unit`` (rows with -1 count for none), ``start``, ``end`` in seconds.
    units : int
        How many there are.
    history : History
        Days that the log lacks do not count.
    """
    table = np.zeros((units, _WEEK_HOURS))
    for unit, hour, share in zip(*by_hour(spans), strict=True):
        if hour // 24 not in history.gaps and unit >= 0:
            table[unit, hour % _WEEK_HOURS] += share
    return table


def by_hour(spans: pd.DataFrame) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Return spans cut at the hours: the unit, the hour since the Monday, and the share of that hour."""
    start, end = spans["start"].to_numpy(np.float64) / HOUR, spans["end"].to_numpy(np.float64) / HOUR
    first = np.floor(start).astype(np.int64)
    count = np.maximum(np.ceil(end).astype(np.int64) - first, 0)
    row = np.repeat(np.arange(len(spans)), count)
    hour = first[row] + np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    share = np.minimum(end[row], hour + 1) - np.maximum(start[row], hour)
    return spans["unit"].to_numpy(np.int64)[row], hour, np.maximum(share, 0)


def fleet_of(history: History, beat_stations: NDArray[np.int64]) -> Fleet:
    """Return the weekly fleet: in each hour as many units as were on duty on average, those that were most often.

    Parameters
    ----------
    history : History
        With duty.
    beat_stations : int64 [beats]
        Where the units of each beat begin.

    Raises
    ------
    ValueError
        If the log names no units and there is no roster.
    """
    duty = hourly_duty(history)
    if not duty.sum() > 0:
        raise ValueError("the log names no units and there is no roster")
    counts = _rounded(duty.sum(0))
    chosen = np.zeros(duty.shape, bool)
    usual = duty.sum(1)
    for hour in range(_WEEK_HOURS):
        order = np.lexsort((-usual, -duty[:, hour].round(3)))
        chosen[order[: counts[hour]], hour] = True
    present = np.flatnonzero(chosen.any(1))
    homes = home_beats(history)
    units = np.zeros(len(present), FLEET_UNIT_DTYPE)
    units["id"] = np.arange(len(present))
    units["home_beat"] = homes[present]
    middle = int(np.bincount(history.activity.calls["node"]).argmax())
    units["start_node"] = [int(beat_stations[home]) if home >= 0 else middle for home in homes[present]]
    return Fleet([history.units[k] for k in present], units, weekly_shifts(chosen[present]))


def assumed_fleet(count: int, calls: pd.DataFrame, beat_stations: NDArray[np.int64]) -> Fleet:
    """Return units that are always on duty, spread over the beats as the calls are.

    Parameters
    ----------
    count : int
        Of units.
    calls : DataFrame
        With ``beat``.
    beat_stations : int64 [beats]
        Where the units of each beat begin.
    """
    own = calls["beat"].to_numpy(np.int64)
    homes = spread(count, np.bincount(own[own >= 0], minlength=len(beat_stations)).astype(np.float64))
    units = np.zeros(count, FLEET_UNIT_DTYPE)
    units["id"], units["home_beat"], units["start_node"] = np.arange(count), homes, beat_stations[homes]
    return Fleet([f"unit {k + 1}" for k in range(count)], units, np.zeros(0, SHIFT_DTYPE))


def spread(count: int, weights: NDArray[Any]) -> NDArray[np.int64]:
    """Return the beat of each of `count` units, in proportion to the beats' weights (Sainte-Lague): int64 [count]."""
    given = np.zeros(len(weights))
    homes = []
    for _ in range(count):
        beat = int(np.argmax((weights + 1e-9) / (2 * given + 1)))
        given[beat] += 1
        homes.append(beat)
    return np.array(sorted(homes), np.int64)


def _rounded(hourly: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return whole numbers whose running sum stays nearest to that of `hourly`, at least one where there is any."""
    total = np.rint(np.cumsum(hourly)).astype(np.int64)
    counts = np.diff(np.r_[0, total])
    return np.asarray(np.where(hourly > 0.25, np.maximum(counts, 1), counts))


def weekly_shifts(on_duty: NDArray[np.bool_]) -> NDArray[np.void]:
    """Return the shifts of units that are on duty in some hours of the week: bool [units, 168] to SHIFT_DTYPE."""
    rows: list[tuple[int, float, float, int]] = []
    for unit, hours in enumerate(on_duty):
        if hours.all():
            rows.append((unit, 0.0, float(_WEEK_HOURS), 0))
            continue
        begins = np.flatnonzero(hours & ~np.roll(hours, 1))
        for begin in begins:
            length = int(np.argmin(np.roll(hours, -begin)))
            rows.append((unit, float(begin), float(begin + length), 0))
    return np.array(rows, SHIFT_DTYPE)


def home_beats(history: History) -> NDArray[np.int64]:
    """Return the beat in which each unit has most of its jobs, if it has a fourth of them there; else -1."""
    jobs = history.activity.responses
    beats = history.activity.calls["beat"].to_numpy(np.int64)[jobs["call"].to_numpy(np.int64)]
    known = (jobs["unit"].to_numpy() >= 0) & (beats >= 0)
    homes = np.full(len(history.units), -1, np.int64)
    if not known.any():
        return homes
    table = pd.crosstab(jobs["unit"].to_numpy()[known], beats[known])
    at = table.columns.to_numpy()[table.to_numpy().argmax(1)]
    is_home = table.max(axis=1).to_numpy() >= _HOME_SHARE * table.sum(axis=1).to_numpy()
    homes[table.index.to_numpy()] = np.where(is_home, at, -1)
    return homes

"""A city folder's log on the city's own clock, and the weeks that are fitted and held out."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from libpatrol.city.activity import Activity
from libpatrol.city.folder import CityFolder

HOUR = 3600.0
DAY = 86_400.0
WEEK = 604_800.0
_LEAST_LACKING = 20.0
"""Calls that usually come in hours without any, from which on the log is taken to lack them."""
_LONGEST_PAUSE = 5 * HOUR
"""Between two jobs of a unit that is still on duty, where there is no roster."""


@dataclass(frozen=True)
class History:
    """What a department's log says happened.

    Attributes
    ----------
    activity : Activity
        Seconds since ``monday``, by the clock of the city; ``category`` is the index in the city's categories.
    monday : Timestamp
        Local, without a time zone: the Monday 00:00 at or before the first call.
    units : list of str
        By index.
    start, end : float
        Seconds since ``monday``: of the whole days that the log covers.
    gaps : list of int
        Days since ``monday`` with hours, or only hours, in which calls usually come and none did: the log is taken to
        lack them, and what it has of these days is left out.
    has_roster : bool
        Whether ``activity.duty`` comes from a roster; else it is made from the units' own jobs.
    """

    activity: Activity
    monday: pd.Timestamp
    units: list[str]
    start: float
    end: float
    gaps: list[int]
    has_roster: bool

    @classmethod
    def of(cls, folder: CityFolder) -> "History":
        """Read a city folder's log."""
        calls, responses, work, roster = folder.calls(), folder.responses(), folder.other_work(), folder.roster()
        if not len(calls):
            raise ValueError(f"{folder.path} has no calls")
        zone = folder.facts.time_zone
        calls = calls.sort_values("received", ignore_index=True)
        local = calls["received"].dt.tz_convert(zone).dt.tz_localize(None)
        first = local.iloc[0].normalize()
        monday = first - pd.Timedelta(days=first.weekday())

        def clock(times: pd.Series) -> pd.Series:
            return (times.dt.tz_convert(zone).dt.tz_localize(None) - monday).dt.total_seconds()

        received = clock(calls["received"])
        named = {name: k for k, name in enumerate(folder.category_names)}
        beats = folder.beats()
        beat_index = pd.Series(beats["index"].to_numpy(), beats["name"].to_numpy())
        table = pd.DataFrame({"received": received})
        for name in ("dispatched", "arrived", "cleared"):  # durations by the instants: clocks change twice a year
            table[name] = received + (calls[name] - calls["received"]).dt.total_seconds()
        table["node"] = calls["node"].astype(np.int64)
        table["beat"] = beat_index.reindex(calls["beat"]).fillna(-1).to_numpy(np.int64)
        table["category"] = calls["category"].map(named).to_numpy(np.int64)
        table["priority"] = calls["priority"].astype(np.int64)
        sent = calls["responding"].astype("Float64").fillna(0)
        table["responding"] = sent.where(sent > 0, calls["units"].astype("Float64")).fillna(1).to_numpy(np.int64)
        table["weight"] = calls["weight"].to_numpy(np.float64)

        units = _unit_names(responses, work, roster)
        number = pd.Series(np.arange(len(units)), units)
        row = pd.Series(np.arange(len(calls)), calls["call_id"])
        jobs = pd.DataFrame({"call": row[~row.index.duplicated()].reindex(responses["call_id"]).to_numpy()})
        jobs["unit"] = number.reindex(responses["unit"]).fillna(-1).to_numpy(np.int64)
        known = jobs["call"].notna().to_numpy()
        jobs, responses = jobs[known].astype({"call": np.int64}), responses[known]
        base, instant = received.to_numpy()[jobs["call"]], calls["received"].iloc[jobs["call"]].array
        for name in ("dispatched", "arrived", "cleared"):
            jobs[name] = base + (responses[name].array - instant).total_seconds()
        jobs = jobs.reset_index(drop=True)
        if not len(jobs):
            jobs = _one_unit_each(table)

        def spans(rows: pd.DataFrame | None) -> pd.DataFrame:
            if rows is None or not len(rows):
                return pd.DataFrame({"unit": np.empty(0, np.int64), "start": np.empty(0), "end": np.empty(0)})
            begin = clock(rows["start"])
            of = number.reindex(rows["unit"]).fillna(-1).to_numpy(np.int64)
            return pd.DataFrame(
                {"unit": of, "start": begin, "end": begin + (rows["end"] - rows["start"]).dt.total_seconds()}
            )

        others = spans(work).dropna()
        duty = spans(roster) if roster is not None else _sessions(jobs, others)
        start, end = float(received.min() // DAY * DAY), float((received.max() // DAY + 1) * DAY)
        gaps = gaps_of(received.to_numpy(np.float64))
        activity = Activity(table, jobs, others.reset_index(drop=True), duty.reset_index(drop=True))
        return cls(activity.without(gaps), monday, units, start, end, gaps, roster is not None)

    @cached_property
    def full_weeks(self) -> list[int]:
        """Weeks since ``monday`` that the log covers from Monday to Sunday, and without gaps."""
        weeks = range(int(np.ceil(self.start / WEEK)), int(self.end // WEEK))
        return [week for week in weeks if not any(7 * week <= gap < 7 * week + 7 for gap in self.gaps)]

    def split(self, held_out_weeks: int) -> tuple["History", "History"]:
        """Return the part to fit and the part that is held out: the last full weeks.

        Raises
        ------
        ValueError
            If nothing remains to be fitted.
        """
        weeks = self.full_weeks
        if held_out_weeks < 1 or len(weeks) < held_out_weeks or weeks[-held_out_weeks] * WEEK <= self.start:
            needed = f"{held_out_weeks + 1} full weeks" if held_out_weeks > 1 else "two full weeks"
            raise ValueError(
                f"check needs {needed}, Monday to Sunday, one of them to be fitted; this log has {len(weeks) or 'none'}"
            )
        cut = weeks[-held_out_weeks] * WEEK
        if len(weeks) > held_out_weeks and weeks[-held_out_weeks] != weeks[-1] - held_out_weeks + 1:
            raise ValueError(
                f"the last {held_out_weeks} weeks of the log have days without calls: hold out fewer weeks"
            )
        return self.within(self.start, cut), self.within(cut, (weeks[-1] + 1) * WEEK)

    def within(self, start: float, end: float) -> "History":
        """Return the part of a period of whole days."""
        gaps = [day for day in self.gaps if start <= day * DAY < end]
        return replace(self, activity=self.activity.within(start, end), start=start, end=end, gaps=gaps)

    def exposure(self) -> NDArray[np.float64]:
        """Return how often the log covers each hour of the week: float64 [168]."""
        days = [day for day in range(int(self.start // DAY), int(self.end // DAY)) if day not in self.gaps]
        return np.repeat(np.bincount(np.array(days, np.int64) % 7, minlength=7), 24).astype(np.float64)


def gaps_of(received: NDArray[np.float64]) -> list[int]:
    """Return the days with a run of hours without a call in which 20 usually come, by the days that have calls."""
    hour = (received // HOUR).astype(np.int64)
    first = int(hour.min() // 24)
    calls = np.bincount(hour - 24 * first)
    calls = np.pad(calls, (0, -len(calls) % 24)).reshape(-1, 24)
    usual = calls[calls.any(1)].mean(0)
    lacking = np.zeros(len(calls))
    run = np.zeros(len(calls))
    for clock in range(24):
        run = np.where(calls[:, clock] == 0, run + usual[clock], 0.0)
        lacking = np.maximum(lacking, run)
    return [first + int(day) for day in np.flatnonzero(lacking >= _LEAST_LACKING)]


def _unit_names(*tables: pd.DataFrame | None) -> list[str]:
    names: set[str] = set()
    for table in tables:
        if table is not None:
            names |= set(table["unit"].dropna().astype(str))
    return sorted(names - {""})


def _one_unit_each(calls: pd.DataFrame) -> pd.DataFrame:
    """Return responses of a log without units: as many as went, none of them named."""
    sent = calls[calls["dispatched"].notna() & calls["cleared"].notna()]
    rows = np.repeat(sent.index.to_numpy(), sent["responding"])
    table = calls.loc[rows, ["dispatched", "arrived", "cleared"]].reset_index(drop=True)
    return table.assign(call=rows, unit=-1)[["call", "unit", "dispatched", "arrived", "cleared"]]


def _sessions(jobs: pd.DataFrame, work: pd.DataFrame) -> pd.DataFrame:
    """Return when units were on duty, by their own jobs: pauses of more than five hours end a tour.

    A unit is on duty before its first job and after its last; half a mean pause is added at both ends.
    """
    begun = jobs.rename(columns={"dispatched": "start", "cleared": "end"})[["unit", "start", "end"]]
    own = pd.concat([begun, work]).dropna()
    own = own[own["unit"] >= 0].sort_values(["unit", "start"], ignore_index=True)
    if not len(own):
        return own
    last = own.groupby("unit")["end"].cummax().shift()
    pause = own["start"] - last
    new = own["unit"].ne(own["unit"].shift()) | (pause > _LONGEST_PAUSE)
    inside = pause[~new & (pause > 0)]
    margin = float(inside.mean()) / 2 if len(inside) else 0.0
    tour = new.cumsum().rename("tour")
    found = own.groupby(tour).agg(unit=("unit", "first"), start=("start", "min"), end=("end", "max"))
    return found.assign(start=found["start"] - margin, end=found["end"] + margin)

"""What a simulated period is judged by, from the receipt of each call; the same numbers for every strategy."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from libpatrol.city.activity import Activity
from libpatrol.city.fleet import by_hour
from libpatrol.city.model import CityModel
from libpatrol.city.targets import Target
from libpatrol.studies.intervals import interval, paired

_DAY = 86_400.0

MEASURES = {
    "calls": "response_calls",
    "weighted_wait": "cost_rate",
    "response_seconds_mean": "response_charged_mean",
    "response_seconds_p50": "response_charged_median",
    "response_seconds_p90": "response_charged_p90",
    "dispatch_delay_seconds_mean": "mean_queue_wait_seconds",
    "dispatch_delay_seconds_longest": "longest_queue_wait_seconds",
    "travel_seconds_mean": "mean_travel_seconds",
    "share_within_target": "response_within_target",
    "share_waiting": "waiting_share",
    "share_time_committed": "utilization",
    "share_dispatches_to_other_beats": "across_beats",
    "workload_unit_hours_per_day": "workload_unit_hours_per_day",
    "busy_units": "busy_units",
    "hours_on_duty_per_day": "hours_on_duty_per_day",
    "hours_committed_per_day": "hours_committed_per_day",
    "hours_driving_per_day": "hours_driving_per_day",
    "dispatches_per_day": "dispatches_per_day",
    "kilometers_per_day": "kilometers_per_day",
}
"""Measures, and what tables call them."""


def outcome(model: CityModel, activity: Activity, days: int, targets: Sequence[Target]) -> dict[str, Any]:
    """Return the measures of a period that begins at second 0, as JSON has them.

    Calls that no unit has reached at the end count with their wait so far.

    Parameters
    ----------
    model : CityModel
        Whose beats and kinds of calls are meant.
    activity : Activity
        From ``replaying.run``.
    days : int
        Measured.
    targets : sequence of Target
        By priority; calls of other priorities have no share within a target.

    Returns
    -------
    dict
        ``all``, and by ``priority``, ``beat``, ``group`` of beats if there are several, and ``hour`` of the day the
        class's measures, by name of the class.
    """
    end = days * _DAY
    last = float(np.nanmax(activity.calls[["received", "cleared"]].to_numpy())) if len(activity.calls) else end
    calls = activity.calls[activity.calls["received"].between(0, end, inclusive="left")]
    weights = np.array([kind.weight for kind in model.facts.kinds])
    table = pd.DataFrame(
        {
            "priority": calls["priority"],
            "beat": calls["beat"],
            "hour": (calls["received"] // 3600 % 24).astype(np.int64),
            "response": calls["arrived"].fillna(last) - calls["received"],
            "delay": calls["dispatched"].fillna(last) - calls["received"],
            "travel": calls["arrived"] - calls["dispatched"],
            "weight": weights[calls["category"].to_numpy(np.int64)],
        }
    )
    limit = {target.priority: target for target in targets}
    seconds = calls["priority"].map({p: t.seconds for p, t in limit.items()}).to_numpy(np.float64)
    start = np.where(
        calls["priority"].map({p: t.from_dispatch for p, t in limit.items()}).fillna(False), table["delay"], 0
    )
    known = ~np.isnan(seconds)
    table["waits"] = table["delay"] > 1.0 + model.handling[calls["priority"].to_numpy(np.int64)]
    table["within"] = np.where(known, calls["arrived"].notna() & (table["response"] - start <= seconds), np.nan)
    names = model.beats["name"].tolist()
    found: dict[str, Any] = {"all": _measures(table, end) | _unit_time(model, activity, days)}
    found["priority"] = {str(key): _measures(part, end) for key, part in table.groupby("priority")}
    load = _workload(activity, days, len(names))
    found["beat"] = {
        names[key]: _measures(table[table["beat"] == key], end) | {"workload_unit_hours_per_day": float(load[key])}
        for key in range(len(names))
    }
    groups = np.array([*model.beats["group"].fillna("").astype(str), ""])  # the last one: of no beat
    own = groups[table["beat"].to_numpy(np.int64)]
    if len(known := [name for name in dict.fromkeys(groups) if name]) > 1:
        found["group"] = {name: _measures(table[own == name], end) for name in known}
    busy = _busy_by_hour(activity, days)
    found["hour"] = {
        f"{hour:02d}": _measures(table[table["hour"] == hour], end) | {"busy_units": float(busy[hour])}
        for hour in range(24)
    }
    return found


def _measures(table: pd.DataFrame, end: float) -> dict[str, float | None]:
    if not len(table):
        return {"calls": 0.0}
    within = table["within"].mean()
    travel = table["travel"].mean()
    return {
        "calls": float(len(table)),
        "weighted_wait": float((table["weight"] * table["response"]).sum() / end),
        "response_seconds_mean": float(table["response"].mean()),
        "response_seconds_p50": float(table["response"].quantile(0.5)),
        "response_seconds_p90": float(table["response"].quantile(0.9)),
        "dispatch_delay_seconds_mean": float(table["delay"].mean()),
        "dispatch_delay_seconds_longest": float(table["delay"].max()),
        "travel_seconds_mean": None if np.isnan(travel) else float(travel),
        "share_waiting": float(table["waits"].mean()),
        "share_within_target": None if np.isnan(within) else float(within),
    }


def _unit_time(model: CityModel, activity: Activity, days: int) -> dict[str, float]:
    end = days * _DAY
    jobs = activity.responses
    beat = activity.calls["beat"].to_numpy(np.int64)[jobs["call"].to_numpy(np.int64)]
    home = model.scenario.arrays.units["home_beat"][jobs["unit"].to_numpy(np.int64)]
    own = jobs["dispatched"].between(0, end).to_numpy() & (home >= 0) & (beat >= 0)
    busy, duty = (_seconds(spans, end) for spans in (activity.busy, activity.duty))
    return {
        "share_time_committed": busy / duty if duty > 0 else float("nan"),
        "share_dispatches_to_other_beats": float((home[own] != beat[own]).mean()) if own.any() else float("nan"),
    }


def _seconds(spans: pd.DataFrame, end: float) -> float:
    return float((spans["end"].clip(0, end) - spans["start"].clip(0, end)).sum())


def _workload(activity: Activity, days: int, beats: int) -> NDArray[np.float64]:
    """Return unit hours a day on the calls of each beat."""
    end = days * _DAY
    jobs = activity.responses
    beat = activity.calls["beat"].to_numpy(np.int64)[jobs["call"].to_numpy(np.int64)]
    hours = (jobs["cleared"].fillna(end).clip(0, end) - jobs["dispatched"].clip(0, end)).to_numpy() / 3600
    return np.bincount(beat[beat >= 0], hours[beat >= 0], minlength=beats)[:beats] / days


def _busy_by_hour(activity: Activity, days: int) -> NDArray[np.float64]:
    spans = activity.busy
    end = days * _DAY
    spans = spans.assign(start=spans["start"].clip(0, end), end=spans["end"].clip(0, end))
    _, hour, share = by_hour(spans[spans["end"] > spans["start"]])
    return np.bincount(hour % 24, share, minlength=24)[:24] / days


def summary(outcomes: Sequence[dict[str, Any]], reference: Sequence[dict[str, Any]] | None = None) -> dict[str, Any]:
    """Return means over replications with 95 % intervals, and paired differences from a reference.

    Parameters
    ----------
    outcomes : sequence of dict
        From ``outcome``, of the same seeds in the same order as the reference's.
    reference : sequence of dict, optional
        Of the strategy to compare with.

    Returns
    -------
    dict
        As ``outcome``; each measure has ``mean``, ``interval``, and against a reference ``difference`` and
        ``difference_interval``.
    """

    def told(paths: tuple[str, ...]) -> dict[str, Any]:
        first: dict[str, Any] = {}
        for found in outcomes:
            first |= _at(found, paths)
        return {name: _told(outcomes, reference, (*paths, name)) for name in first}

    found: dict[str, Any] = {"all": told(("all",))}
    for kind in (kind for kind in outcomes[0] if kind != "all"):
        classes = list(dict.fromkeys(name for one in outcomes for name in one[kind]))
        if kind == "priority":  # of which a week may lack some
            classes.sort()
        found[kind] = {name: told((kind, name)) for name in classes}
    return found


def _at(found: Any, path: tuple[str, ...]) -> Any:
    for name in path:
        found = found.get(name) if found is not None else None
    return found if found is not None else {}


def _values(outcomes: Sequence[dict[str, Any]], path: tuple[str, ...]) -> NDArray[np.float64]:
    found = [_at(one, path) for one in outcomes]
    return np.array([np.nan if value is None or isinstance(value, dict) else value for value in found], np.float64)


def _told(
    outcomes: Sequence[dict[str, Any]], reference: Sequence[dict[str, Any]] | None, path: tuple[str, ...]
) -> dict[str, Any]:
    values = _values(outcomes, path)
    mean = interval(values)
    told: dict[str, Any] = {"mean": mean.mean, "interval": _ends(mean), "replications": mean.replications}
    if reference is not None:
        difference = paired(_values(reference, path), values)
        told |= {"difference": difference.mean, "difference_interval": _ends(difference)}
    return told


def _ends(found: Any) -> list[float]:
    return [found.mean - found.half_width, found.mean + found.half_width]


def rows_of(name: str, found: dict[str, Any]) -> list[dict[str, Any]]:
    """Return a summary as rows of a table, with the columns and measures of ``libpatrol.studies.exports``."""
    rows = []
    for kind, classes in found.items():
        for label, measures in ({"": classes} if kind == "all" else classes).items():
            for measure, told in measures.items():
                row = {"policies": name, "class": kind, "row": label, "measure": MEASURES[measure]}
                row |= {"mean": told["mean"], "half_width": told["interval"][1] - told["mean"]}
                row["replications"] = told["replications"]
                if "difference" in told:
                    row["difference"] = told["difference"]
                    row["difference_half_width"] = told["difference_interval"][1] - told["difference"]
                rows.append(row)
    return rows

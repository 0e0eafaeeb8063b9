"""What a log tells about the practice that made it."""

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from libpatrol.city.fleet import home_beats
from libpatrol.city.history import History
from libpatrol.city.practice import ASKED, Hold, Practice

_PLENTY = 0.5
"""Share of the units on duty that is free when a call is dispatched as soon as it is handled."""
_LONG_DELAY = 300.0
_OWN_BEAT_SHARE = 0.85
_LEAST_CALLS = 20
_HELD_SHARE, _NOT_HELD_SHARE = 0.8, 0.3
_MOST_RESERVE = 12


class Found(NamedTuple):
    """A draft of the practice, and what it rests on, in sentences."""

    practice: Practice
    sentences: list[str]


def found_practice(history: History, categories: list[str], turnout_seconds: float) -> Found:
    """Draft a practice from a log; what it does not say gets a default and is listed as assumed.

    Parameters
    ----------
    history : History
        The weeks that may be fitted.
    categories : list of str
        Of the city.
    turnout_seconds : float
        As imported.
    """
    calls = history.activity.calls
    free, on_duty = free_units(history, calls["received"].to_numpy())
    delay = (calls["dispatched"] - calls["received"]).to_numpy()
    handling = _handling(calls["priority"].to_numpy(), delay, free, on_duty)
    sentences = []
    if handling:
        told = ", ".join(f"{seconds:.0f} s" for seconds in handling)
        sentences.append(
            f"calls are dispatched {told} (priority 1, 2, ...) after their receipt while most units are free"
        )
    else:
        sentences.append("the log has no times of dispatch: how long calls are handled before it is not known")
    share, count = own_beat_share(history)
    dispatch = "priority_closest"
    if count >= _LEAST_CALLS:
        dispatch = "own_beat_first" if share >= _OWN_BEAT_SHARE else "priority_closest"
        goes = "units of a call's own beat go first" if dispatch == "own_beat_first" else "the closest unit goes"
        sentences.append(
            f"in {100 * share:.0f} % of {count:,} calls that came while a unit of their beat was free, one such went: "
            f"current practice is taken to be that {goes}"
        )
    else:
        sentences.append(
            "the log does not tell whether units of a call's own beat go first: the closest is assumed to go"
        )
    holds, reasons = _holds(calls, delay, free, handling, categories)
    answered = {"units_on_duty"} | ({"turnout_seconds"} if turnout_seconds > 0 else set())
    practice = Practice(
        dispatch=dispatch,
        handling_seconds=handling,
        turnout_seconds=turnout_seconds,
        hold=holds,
        assumed=[name for name in ASKED if name not in answered],
        home_beat_patrol=dispatch == "own_beat_first",
    )
    return Found(practice, sentences + reasons)


def free_units(history: History, at: NDArray[np.float64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return how many units are free, and how many are on duty, at some times: int64 [times] each."""
    on_duty = _present(history.activity.duty, at)
    busy = _present(history.activity.busy, at)
    return np.maximum(on_duty - busy, 0), on_duty


def _present(spans: pd.DataFrame, at: NDArray[np.float64]) -> NDArray[np.int64]:
    begun = np.searchsorted(np.sort(spans["start"].to_numpy()), at, "left")  # what begins then does not count yet
    ended = np.searchsorted(np.sort(spans["end"].to_numpy()), at, "right")
    return np.asarray(np.maximum(begun - ended, 0))


def _handling(
    priority: NDArray[np.int64], delay: NDArray[np.float64], free: NDArray[np.int64], on_duty: NDArray[np.int64]
) -> list[float]:
    """Return the mean delay by priority of calls that came while half of the units were free, held ones left out."""
    prompt = np.isfinite(delay) & (delay >= 0) & (delay < _LONG_DELAY) & (free >= np.maximum(1, _PLENTY * on_duty))
    if prompt.sum() < _LEAST_CALLS:
        return []
    overall = float(delay[prompt].mean())
    found = []
    for level in range(1, int(priority.max()) + 1):
        own = delay[prompt & (priority == level)]
        found.append(round(float(own.mean()) if len(own) >= _LEAST_CALLS else overall, 1))
    return found


def own_beat_share(history: History) -> tuple[float, int]:
    """Return how often a unit of the call's own beat went while one was free, and in how many calls one was."""
    activity = history.activity
    homes = home_beats(history)
    jobs = activity.responses[(activity.responses["unit"] >= 0) & activity.responses["dispatched"].notna()]
    first = jobs.sort_values("dispatched").groupby("call").first()
    first = first[first["dispatched"] - activity.calls["received"].reindex(first.index) < _LONG_DELAY]
    beat = activity.calls["beat"].reindex(first.index).to_numpy()
    at = first["dispatched"].to_numpy()
    went_home = homes[first["unit"].to_numpy(np.int64)] == beat
    busy = activity.busy
    own_free = np.zeros(len(first), bool)
    for unit in range(len(homes)):
        if homes[unit] < 0:
            continue
        chosen = np.flatnonzero(beat == homes[unit])
        duty = _present(activity.duty[activity.duty["unit"] == unit], at[chosen])
        taken = _present(busy[busy["unit"] == unit], at[chosen])
        own_free[chosen] |= (duty > 0) & (taken == 0)
    known = own_free & (beat >= 0)
    return (float(went_home[known].mean()) if known.any() else float("nan")), int(known.sum())


def _holds(
    calls: pd.DataFrame,
    delay: NDArray[np.float64],
    free: NDArray[np.int64],
    handling: list[float],
    categories: list[str],
) -> tuple[list[Hold], list[str]]:
    """Return the categories that wait while few units are free, although one is."""
    found, sentences = [], []
    usual = np.array([handling[min(p, len(handling)) - 1] if handling else 0.0 for p in calls["priority"]])
    late = np.isfinite(delay) & (delay > usual + 120)
    for index, name in enumerate(categories):
        own = (calls["category"] == index).to_numpy() & np.isfinite(delay)
        for reserve in range(_MOST_RESERVE, 0, -1):
            below, above = own & (free >= 1) & (free <= reserve), own & (free > reserve)
            if min(below.sum(), above.sum()) < _LEAST_CALLS:
                continue
            edge = own & (free == reserve)
            if late[below].mean() >= _HELD_SHARE and late[above].mean() <= _NOT_HELD_SHARE and late[edge].mean() >= 0.5:
                found.append(Hold(category=name, free_units=reserve))
                sentences.append(
                    f"{name}: {100 * late[below].mean():.0f} % of the calls wait while 1 to {reserve} units are free, "
                    f"{100 * late[above].mean():.0f} % while more are"
                )
                break
    return found, sentences

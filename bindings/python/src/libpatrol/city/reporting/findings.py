"""The first page of the report: what was found, in minutes and calls, and what is assumed and unknown."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from libpatrol.city.measures import MISSING, OUTSIDE, TOO_FEW, UNCLEAR, WITHIN
from libpatrol.city.model import DIFFERS, MATCHES, NOT_MATCHED
from libpatrol.city.reporting.comparison import Found, StrategyResults
from libpatrol.city.reporting.words import NOTHING, number, plain, signed, strategy_words

_MINUTES, _PERCENT = 1 / 60, 100.0
_MOST_PRIORITIES, _MOST_SENTENCES = 4, 6
"""What fits on one sheet in full; with more priorities each has fewer rows."""
_BEATS_SHOWN, _FEWER_BEATS = 6, 4
_SHADES = ("", "#eaf3fa", "#cfe4f3", "#a9cfe9")
_MARKS = {MATCHES: "matches", DIFFERS: "differs", NOT_MATCHED: "differs"}
_TIMES = {
    "response_charged_mean": "mean response",
    "response_charged_p90": "time within which 90 % of calls are reached",
    "longest_queue_wait_seconds": "longest time until a unit was sent",
}
_LEAST_MINUTES = 0.1
"""A worsening of less is shown in the table only."""
COMMITTED = "Share of time committed (%)"
_STATUS = {
    UNCLEAR: "{} could not be compared reliably.",
    TOO_FEW: "Too few calls to compare: {}.",
    MISSING: "Not in the log, and so not compared: {}.",
}
_INSTRUCTIONS = "Patrol instructions: free units in each beat"
_NO_INSTRUCTIONS = "Where free units were in the simulation (not instructions)"
_NOT_SIMULATED = "What other strategies would do with these calls: nothing was simulated."
_NEVER_KNOWN = (
    "Everything on this page was simulated; none of these strategies has been tried on the street.",
    "Callers, crime and officers may react to a change of strategy; the simulation holds them fixed.",
)


def verdict(check: dict[str, Any] | None, obstacle: str = "") -> dict[str, str]:
    """Return whether the simulation can be trusted, as ``libpatrol check`` found it, or why it cannot be checked."""
    if check is None:
        to_do = "libpatrol check finds how well a simulation reproduces it."
        if obstacle:
            to_do = f"libpatrol check cannot be run on this log: {obstacle}."
        return {
            "mark": "",
            "headline": "Nothing was simulated.",
            "sentence": f"This page shows what the log says. {to_do}",
        }
    headline = f"Current practice, simulated: {check['verdict']}."
    return {
        "mark": _MARKS.get(check["verdict"], ""),
        "headline": headline,
        "sentence": plain(check["verdict_sentence"]),
    }


def comparison(results: StrategyResults, days: float) -> dict[str, Any]:
    """Return the table of all strategies: each priority, also the lowest.

    Parameters
    ----------
    results : StrategyResults
        At equal staff, on the same calls.
    days : float
        Measured in each replication: calls are shown by day.
    """
    return {
        "caption": "Each strategy at equal staff, on the same calls",
        "corner": "",
        "columns": [strategy_words(name) for name in results.strategies],
        "rows": comparison_rows(results, days),
        "note": (
            "In parentheses: how it differs from the first column, ± half of the 95 % interval; green is better and "
            "orange worse, where the interval excludes zero. The share of time committed has no color: neither "
            "more nor less of it is better in itself."
        ),
    }


def comparison_rows(results: StrategyResults, days: float, beats: bool = False) -> list[dict[str, Any]]:
    """Return the rows of a comparison: totals, then each priority; with ``beats``, how often units leave their own."""
    rows = [
        _row(results, "Weighted wait (calls)", "cost_rate", digits=2),
        _row(results, COMMITTED, "utilization", scale=_PERCENT, judged=False),
    ]
    if beats:
        rows.append(_row(results, "Dispatches to another beat (%)", "across_beats", scale=_PERCENT))
    in_full = has_room(results)
    for priority in results.rows("priority"):
        calls = results.get(results.strategies[0], "response_calls", "priority", priority).value.mean / days
        at: dict[str, Any] = {"kind": "priority", "row": priority}
        within = "90 % of calls within (min)"
        if in_full:
            rows.append({"label": f"Priority {priority}: {number(calls)} calls a day", "cells": []})
            rows.append(_row(results, "mean response (min)", "response_charged_mean", scale=_MINUTES, **at))
        else:
            within = f"Priority {priority} ({number(calls)} a day): 90 % within (min)"
        rows.append(_row(results, within, "response_charged_p90", scale=_MINUTES, **at))
        in_time = _row(
            results, "reached in time (calls a day)", "response_within_target", scale=calls, lower=False, **at
        )
        if any(cell["text"] != NOTHING for cell in in_time["cells"]):
            rows.append(in_time)
        longest = "longest time until a unit was sent (min)"
        rows.append(_row(results, longest, "longest_queue_wait_seconds", scale=_MINUTES, **at))
    return rows


def worsenings(results: StrategyResults) -> list[str]:
    """Return what each strategy clearly makes worse for a priority, the most first; nothing if it is not clear."""
    told = []
    for name in results.strategies[1:]:
        worse = []
        for priority in results.rows("priority"):
            for measure, what in _TIMES.items():
                change = results.get(name, measure, "priority", priority).difference
                if change.low > 0 and _MINUTES * change.mean >= _LEAST_MINUTES:
                    low, high = (signed(_MINUTES * end) for end in (change.low, change.high))
                    text = f"{what}, priority {priority}: {signed(_MINUTES * change.mean)} min ({low} to {high})"
                    worse.append((-change.mean, text))
        if worse:
            told.append(f'Worse under "{strategy_words(name)}": {"; ".join(text for _, text in sorted(worse)[:2])}')
    return told


def has_room(results: StrategyResults | None) -> bool:
    """Return whether there are so few priorities that the sheet shows everything about each."""
    return results is None or len(results.rows("priority")) <= _MOST_PRIORITIES


def neighborhoods(results: StrategyResults) -> dict[str, Any] | None:
    """Return the response in the beats where the strategies differ most; None without several beats."""
    kind = "beat" if len(results.rows("beat")) > 1 else "group"
    beats = results.rows(kind)
    if len(beats) < 2 or len(results.strategies) < 2:
        return None
    measure = "response_charged_mean"

    def largest(beat: str) -> float:
        changes = [results.get(name, measure, kind, beat).difference.mean for name in results.strategies[1:]]
        return -float(np.nanmax(np.abs(changes))) if np.isfinite(changes).any() else 0.0

    chosen = sorted(beats, key=largest)[: _BEATS_SHOWN if has_room(results) else _FEWER_BEATS]
    more = f", the {len(chosen)} of {len(beats)} where it changes most" if len(chosen) < len(beats) else ""
    return {
        "caption": f"Mean response by neighborhood in minutes{more}",
        "corner": kind,
        "columns": [strategy_words(name) for name in results.strategies],
        "rows": [
            _row(results, beat, measure, scale=_MINUTES, kind=kind, row=beat)
            for beat in sorted(chosen, key=beats.index)
        ],
    }


def patrol_plan(
    units: NDArray[np.float64], beats: Sequence[str], strategy: str, in_full: bool = True, check: str = MATCHES
) -> dict[str, Any]:
    """Return how many free units a strategy keeps in each beat in each hour of the day.

    Parameters
    ----------
    units : float64 [beats, 24]
        Free units, as ``observe`` returns them.
    beats : sequence of str [beats]
        Their names.
    strategy : str
        Name of the strategy.
    in_full : bool
        Whether there is room for more beats.
    check : str
        The verdict of ``check``: these are instructions only if the simulation matches the log.
    """
    busiest = np.argsort(-units.sum(1), kind="stable")[: 2 * (_BEATS_SHOWN if in_full else _FEWER_BEATS)]
    shown = sorted(busiest.tolist())
    top = max(float(units.max(initial=0)), 1e-9)
    rows = [
        {
            "name": beats[beat],
            "cells": [
                {"text": number(value) if value >= 0.05 else "·", "shade": _SHADES[min(3, int(4 * value / top))]}
                for value in units[beat].tolist()
            ],
        }
        for beat in shown
    ]
    rest = f" The {len(shown)} beats with most of them are shown." if len(shown) < len(units) else ""
    return {
        "caption": f"{_INSTRUCTIONS if check == MATCHES else _NO_INSTRUCTIONS}, by hour of the day",
        "rows": rows,
        "note": (
            f"Strategy: {strategy_words(strategy)}. Mean number of free units that it keeps in a beat; units on calls "
            f"are not counted. 0.5 means: one unit for half of the hour.{rest}"
        ),
    }


def sentences(*groups: Sequence[str], most: int = _MOST_SENTENCES) -> list[str]:
    """Return the first sentences of each group, each once, and how many were left out."""
    told = list(dict.fromkeys(plain(sentence) for group in groups for sentence in group))
    if len(told) <= most:
        return told
    return [*told[: most - 1], f"{len(told) - most + 1} more are listed under Details."]


def unknown(check: dict[str, Any] | None, far: Sequence[str] = ()) -> list[str]:
    """Return what is not known.

    Parameters
    ----------
    check : dict, optional
        Results of ``check``; None: nothing was simulated.
    far : sequence of str
        Which strategies are used far from what they were trained for.
    """
    if check is None:
        return [_NOT_SIMULATED]
    open_ones = [row for row in check.get("headlines", []) if row["status"] not in (WITHIN, OUTSIDE)]
    told = []
    for status in dict.fromkeys(row["status"] for row in open_ones):
        rows = [row for row in open_ones if row["status"] == status]
        names = [_quantity(row["quantity"]) for row in rows if row["priority"] is None]
        priorities = [str(row["priority"]) for row in rows if row["priority"] is not None]
        if priorities:
            names.append(f"response to priority {_and(list(dict.fromkeys(priorities)))}")
        told.append(_STATUS[status].format(_and(names)))
    return sentences(_NEVER_KNOWN, far, told)


def _and(names: Sequence[str]) -> str:
    """Return names as a list in a sentence; it says "even" if calls per day, which every log has, are among them."""
    listed = " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
    return f"even {listed}" if "calls per day" in names else listed


def _quantity(name: str) -> str:
    """Return a quantity of the check in words, such as "dispatch delay"."""
    return "time on scene" if name == "on_scene_seconds" else name.removesuffix("_seconds").replace("_", " ")


def _row(
    results: StrategyResults, label: str, measure: str, *, scale: float = 1.0, digits: int = 1, lower: bool = True,
    judged: bool = True, kind: str = "all", row: str = "",
) -> dict[str, Any]:  # fmt: skip
    found = [results.get(name, measure, kind, row) for name in results.strategies]
    return {"label": label, "cells": [_cell(one, scale, digits, lower, judged) for one in found]}


def _cell(found: Found, scale: float, digits: int, lower: bool, judged: bool) -> dict[str, str]:
    change, mark = "", ""
    difference = found.difference
    if math.isfinite(difference.mean) and math.isfinite(found.value.mean):
        change = signed(scale * difference.mean, digits)
        half = number(scale * (difference.high - difference.mean), digits)
        zero = number(0, digits)
        if math.isfinite(difference.high) and (change, half) != (zero, zero):
            change += f" ± {half}"
        if judged and found.is_clear:
            mark = "better" if (difference.mean < 0) == lower else "worse"
        change = f"({change})"
    return {"text": number(scale * found.value.mean, digits), "change": change, "mark": mark}

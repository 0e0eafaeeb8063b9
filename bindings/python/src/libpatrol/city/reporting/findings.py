"""The first page of the report: what was found, in minutes and calls, and what is assumed and unknown."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from libpatrol.city.measures import OUTSIDE, TOO_FEW, UNCLEAR, WITHIN
from libpatrol.city.model import DIFFERS, MATCHES, NOT_MATCHED
from libpatrol.city.reporting.comparison import Found, StrategyResults
from libpatrol.city.reporting.words import NOTHING, number, plain, signed, strategy_words

_MINUTES, _PERCENT = 1 / 60, 100.0
_MOST_PRIORITIES, _MOST_SENTENCES = 4, 6
"""What fits on one sheet in full; with more priorities each has fewer rows."""
_BEATS_SHOWN, _FEWER_BEATS = 6, 4
_SHADES = ("", "#eaf3fa", "#cfe4f3", "#a9cfe9")
_MARKS = {MATCHES: "matches", DIFFERS: "differs", NOT_MATCHED: "differs"}
_STATUS = {UNCLEAR: "Whether the simulation matches the log", TOO_FEW: "Too few calls to compare"}
_NEVER_KNOWN = (
    "Everything on this page was simulated; none of these strategies has been tried on the street.",
    "Callers, crime and officers may react to a change of strategy; the simulation holds them fixed.",
)


def verdict(check: dict[str, Any] | None) -> dict[str, str]:
    """Return whether the simulation can be trusted, as ``libpatrol check`` found it."""
    if check is None:
        return {
            "mark": "",
            "headline": "Not checked against the log.",
            "sentence": "Until libpatrol check was run, nobody knows how well the simulation reproduces what happened.",
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
            "orange worse, where the interval excludes zero."
        ),
    }


def comparison_rows(results: StrategyResults, days: float, beats: bool = False) -> list[dict[str, Any]]:
    """Return the rows of a comparison: totals, then each priority; with ``beats``, how often units leave their own."""
    rows = [
        _row(results, "Weighted wait (calls)", "cost_rate", digits=2),
        _row(results, "Share of time committed (%)", "utilization", scale=_PERCENT, judged=False),
    ]
    if beats:
        rows.append(_row(results, "Dispatches to another beat (%)", "across_beats", scale=_PERCENT))
    in_full = has_room(results)
    for priority in results.rows("priority"):
        calls = results.get(results.strategies[0], "response_calls", "priority", priority).value.mean / days
        at: dict[str, Any] = {"kind": "priority", "row": priority}
        within = "90 of 100 calls within (min)"
        if in_full:
            rows.append({"label": f"Priority {priority}: {number(calls)} calls a day", "cells": []})
            rows.append(_row(results, "mean response (min)", "response_charged_mean", scale=_MINUTES, **at))
        else:
            within = f"Priority {priority} ({number(calls)} a day): 90 of 100 within (min)"
        rows.append(_row(results, within, "response_charged_p90", scale=_MINUTES, **at))
        in_time = _row(
            results, "reached in time (calls a day)", "response_within_target", scale=calls, lower=False, **at
        )
        if any(cell["text"] != NOTHING for cell in in_time["cells"]):
            rows.append(in_time)
        longest = "longest time until a unit was sent (min)"
        rows.append(_row(results, longest, "longest_queue_wait_seconds", scale=_MINUTES, judged=False, **at))
    return rows


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
    units: NDArray[np.float64], beats: Sequence[str], strategy: str, in_full: bool = True
) -> dict[str, Any]:
    """Return how many free units to keep in each beat in each hour of the day; of fewer beats unless ``in_full``."""
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
        "caption": "Patrol instructions: free units in each beat, by hour of the day",
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


def unknown(check: dict[str, Any] | None) -> list[str]:
    """Return what is not known: what the held-out weeks could not tell, and what no simulation knows."""
    open_ones = [row for row in (check or {}).get("headlines", []) if row["status"] not in (WITHIN, OUTSIDE)]
    names: dict[str, list[str]] = {}
    for row in open_ones:
        name = _quantity(row["quantity"]) if row["priority"] is None else f"response to priority {row['priority']}"
        names.setdefault(row["status"], []).append(name)
    told = [f"{_STATUS.get(status, status)}: {', '.join(dict.fromkeys(found))}." for status, found in names.items()]
    return sentences(_NEVER_KNOWN, told)


def _quantity(name: str) -> str:
    """Return a quantity of the check in words, such as "dispatch delay"."""
    return name.removesuffix("_seconds").replace("_", " ")


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
        if math.isfinite(difference.high):
            change += f" ± {number(scale * (difference.high - difference.mean), digits)}"
        if judged and found.is_clear:
            mark = "better" if (difference.mean < 0) == lower else "worse"
        change = f"({change})"
    return {"text": number(scale * found.value.mean, digits), "change": change, "mark": mark}

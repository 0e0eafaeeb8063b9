"""The tables behind the first page: calls of the log, staffing, proposed beats."""

from collections.abc import Sequence
from typing import Any

from libpatrol.city.comparing import PRACTICE
from libpatrol.city.reporting.comparison import StrategyResults
from libpatrol.city.reporting.findings import comparison_rows
from libpatrol.city.reporting.source import Source
from libpatrol.city.reporting.words import number, strategy_words

_BETWEEN = "\N{NO-BREAK SPACE}|\N{NO-BREAK SPACE}"


def tables(source: Source) -> list[dict[str, Any]]:
    """Return the tables of the results that are there."""
    found = [_by_category(source)]
    compare, staff, beats = source.results("compare"), source.results("staff"), source.results("beats")
    if compare is not None:
        shown = {PRACTICE, source.best_strategy}
        found.append(_by_unit([option for option in compare["options"] if option["name"] in shown]))
    if staff is not None:
        found += [_staffing(staff), _one_fewer(staff)]
    if beats is not None:
        found += _beats(beats)
    return [table for table in found if table["rows"]]


def _by_category(source: Source) -> dict[str, Any]:
    """Return the calls of the log by category, the sensitive ones in one sum."""
    calls = source.city.calls()
    hidden = source.sensitive
    kinds = calls["category"].where(~calls["category"].isin(hidden), f"sensitive types together ({len(hidden)})")
    response = (calls["arrived"] - calls["received"]).dt.total_seconds() / 60
    grouped = response.groupby(kinds.astype(str))
    rows = []
    for name, times in sorted(grouped):
        told = (len(times), 0), (times.notna().sum(), 0), (times.median(), 1), (times.quantile(0.9), 1)
        rows.append({"label": name, "cells": [{"text": number(float(value), digits)} for value, digits in told]})
    columns = ["calls", "with an arrival", "median response (min)", "90 % within (min)"]
    if not response.notna().any():
        columns = columns[:2]
        rows = [row | {"cells": row["cells"][:2]} for row in rows]
    return {"caption": "Calls of the log by category", "corner": "category", "columns": columns, "rows": rows}


def _by_unit(options: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return how each unit spends its days under one strategy and another."""
    columns = {
        "hours on duty a day": ("hours_on_duty_per_day", 1.0),
        "committed (%)": ("share_time_committed", 100.0),
        "dispatches a day": ("dispatches_per_day", 1.0),
        "hours driving a day": ("hours_driving_per_day", 1.0),
        "about km a day": ("kilometers_per_day", 1.0),
    }

    def cell(unit: str, measure: str, scale: float) -> dict[str, Any]:
        return {"text": _BETWEEN.join(number(_mean(one["unit"][unit].get(measure), scale)) for one in options)}

    return {
        "caption": f"Units, simulated: {' | '.join(strategy_words(one['name']) for one in options)}",
        "corner": "unit",
        "columns": list(columns),
        "rows": [
            {"label": unit, "cells": [cell(unit, measure, scale) for measure, scale in columns.values()]}
            for unit in options[0]["unit"]
        ],
    }


def _staffing(staff: dict[str, Any]) -> dict[str, Any]:
    """Return each schedule with the people it takes and what it gives."""
    options = staff["options"]

    def row(label: str, texts: Sequence[str]) -> dict[str, Any]:
        return {"label": label, "cells": [{"text": text} for text in texts]}

    begins = [", ".join(f"{t['units']} at {t['start_hour']:02d}:00" for t in one["tours"]) for one in options]
    begins = [", ".join(f"{tour['units']} at {tour['start_hour']:02d}:00" for tour in one["tours"]) for one in options]
    rows = [
        row("tours a day", [number(one["tours_per_day"], 0) for one in options]),
        row("begin of tours", begins),
        row("officers", [number(one["officers"], 0) for one in options]),
        row("relief factor", [number(one["relief_factor"], 2) for one in options]),
        row("share of time committed (%)", [_percent(one["all"]["share_time_committed"]) for one in options]),
        row("calls that wait for a free unit (%)", [_percent(one["all"]["share_waiting"]) for one in options]),
        row("the same by M/M/c, hour by hour (%)", [number(100 * one["erlang_c_share_waiting"]) for one in options]),
    ]
    for priority in options[0]["priority"]:
        known = [one["priority"].get(priority, {}) for one in options]
        if any("share_within_target" in measures for measures in known):
            within = [_percent(measures.get("share_within_target")) for measures in known]
            rows.append(row(f"priority {priority} in time (%)", within))
    return {
        "caption": f"Staffing for {'; '.join(staff['targets'])}",
        "corner": "",
        "columns": [one["name"] for one in options],
        "rows": rows,
    }


def _one_fewer(staff: dict[str, Any]) -> dict[str, Any]:
    """Return what one unit fewer costs in each tour, in minutes by priority."""
    rows = staff["one_unit_fewer"]
    priorities = sorted({priority for row in rows for priority in row["priority"]})
    return {
        "caption": "One unit fewer than the target needs: 90 % of calls are reached so many minutes later",
        "corner": "tour from",
        "columns": [f"priority {priority}" for priority in priorities],
        "rows": [
            {
                "label": f"{row['start_hour']:02d}:00",
                "cells": [
                    {"text": _minutes_later(row["priority"].get(priority, {}).get("response_seconds_p90"))}
                    for priority in priorities
                ],
            }
            for row in rows
        ],
    }


def _beats(results: dict[str, Any]) -> list[dict[str, Any]]:
    """Return proposed beats beside those of today: response, then the workload of each beat."""
    found = StrategyResults(results["rows"])
    side_by_side = {
        "caption": "Proposed beats beside those of today, under current practice, on the same calls",
        "corner": "",
        "columns": [strategy_words(name) for name in found.strategies],
        "rows": comparison_rows(found, results["settings"]["hours"] / 24, beats=True),
    }
    workload = [
        {
            "caption": f"Workload: {option['name']}",
            "corner": "beat",
            "columns": ["calls a week", "unit hours a day", "mean response (min)"],
            "rows": [
                {
                    "label": name,
                    "cells": [
                        {"text": number(_mean(beat.get("calls")))},
                        {"text": number(_mean(beat.get("workload_unit_hours_per_day")))},
                        {"text": number(_mean(beat.get("response_seconds_mean"), 1 / 60))},
                    ],
                }
                for name, beat in option["beat"].items()
            ],
        }
        for option in results["options"]
    ]
    return [side_by_side, *workload]


def _mean(told: dict[str, Any] | None, scale: float = 1.0) -> float | None:
    return None if told is None or told["mean"] is None else scale * float(told["mean"])


def _percent(told: dict[str, Any] | None) -> str:
    return number(_mean(told, 100))


def _minutes_later(told: dict[str, Any] | None) -> str:
    if told is None or told.get("difference") is None:
        return number(None)
    low, high = told["difference_interval"]
    return f"{told['difference'] / 60:+.1f} ({low / 60:+.1f} to {high / 60:+.1f})"

"""The verdict on a city's model, by rules that do not depend on what was found."""

import math
from collections.abc import Sequence
from typing import Any

import pandas as pd

from libpatrol.city.fitting import Fitted
from libpatrol.city.folder import CityFolder
from libpatrol.city.measures import (
    MISSING,
    OUTSIDE,
    TIMES,
    TOLERANCE,
    TOO_FEW,
    UNCLEAR,
    WITHIN,
    Difference,
    Period,
    mean_difference,
    quantile_difference,
    resampled_days,
    tolerance,
)
from libpatrol.city.model import DIFFERS, MATCHES, NOT_MATCHED
from libpatrol.city.model import TOO_FEW as TOO_FEW_CALLS

_MEANS = (
    "calls_per_day",
    "units_on_duty",
    "busy_units",
    "dispatch_delay_seconds",
    "travel_seconds",
    "on_scene_seconds",
)
_QUANTILES = {"p50": 0.5, "p90": 0.9}
_CELLS_WITHIN = 0.9
"""Share of the calls in hours, and in beats, that must not be outside the tolerance."""
_SHOWN = 3
_WORDS = {
    "calls_per_day": "calls a day",
    "units_on_duty": "units on duty",
    "busy_units": "busy units",
    "dispatch_delay_seconds": "dispatch delay",
    "travel_seconds": "travel",
    "on_scene_seconds": "time on scene",
}


def comparisons(log: Period, simulated: Period, city: CityFolder) -> pd.DataFrame:
    """Return every comparison as a table."""
    weights = resampled_days(log.days)
    names = {
        "all": [""],
        "hour": [f"{hour:02d}" for hour in range(24)],
        "beat": city.beats()["name"].tolist(),
        "category": city.category_names,
    }
    found: list[dict[str, Any]] = []

    def add(quantity: str, grouping: str, group: str, difference: Difference) -> None:
        found.append(
            {
                "quantity": quantity,
                "by": grouping,
                "group": group,
                "log": difference.log,
                "simulated": difference.simulated,
                "difference_percent": 100 * difference.relative,
                "low_percent": 100 * difference.low,
                "high_percent": 100 * difference.high,
                "calls": difference.calls,
                "status": difference.status(quantity),
            }
        )

    for quantity in _MEANS:
        for grouping, groups in names.items():
            if (quantity, grouping) in log.sums and (quantity, grouping) in simulated.sums:
                differences = mean_difference(log, simulated, (quantity, grouping), weights)
                for group, difference in zip(groups, differences, strict=True):
                    add(quantity, grouping, group, difference)
    for priority in sorted({priority for priority, _ in log.values}):
        for label, share in _QUANTILES.items():
            for quantity in TIMES:
                difference = quantile_difference(log, simulated, (priority, quantity), share, weights)
                add(f"{quantity}_{label}", "priority", str(priority), difference)
    return pd.DataFrame(found)


def is_headline(rows: pd.DataFrame) -> pd.Series:
    """Return which comparisons are of the whole city, or of a priority's response times."""
    response = rows["quantity"].isin([f"response_seconds_{label}" for label in _QUANTILES])
    return (rows["by"] == "all") | ((rows["by"] == "priority") & response)


def lacking_in(city: CityFolder, rows: pd.DataFrame, fitted: Fitted) -> list[str]:
    """Return what the log lacks for a comparison."""
    status = rows[rows["by"] == "all"].set_index("quantity")["status"]
    told = {
        "dispatch_delay_seconds": "times of dispatch",
        "travel_seconds": "times of arrival",
        "on_scene_seconds": "times at which calls were cleared",
    }
    lacking = [name for quantity, name in told.items() if status.get(quantity, MISSING) == MISSING]
    return lacking + (["units on duty"] if fitted.fleet is None else [])


def verdict_on(rows: pd.DataFrame, lacking: Sequence[str]) -> tuple[str, str]:
    """Return the verdict, by rules that do not depend on what was found, and by how much."""
    if lacking:
        return NOT_MATCHED, f"the log has no {', no '.join(lacking)}"
    headlines = rows[is_headline(rows)]
    outside = headlines[headlines["status"] == OUTSIDE]
    told = [_apart(row) for _, row in outside.iterrows()]
    for grouping, what in (("hour", "hours of the day"), ("beat", "beats")):
        for quantity in _MEANS:
            cells = rows[(rows["by"] == grouping) & (rows["quantity"] == quantity)]
            judged = cells[cells["status"].isin([WITHIN, UNCLEAR, OUTSIDE])]
            weight = judged["calls"].replace(math.inf, 1.0)
            if len(judged) and weight[judged["status"] == OUTSIDE].sum() > (1 - _CELLS_WITHIN) * weight.sum():
                share = 100 * weight[judged["status"] == OUTSIDE].sum() / weight.sum()
                told.append(f"{_WORDS[quantity]} is off in {what} with {share:.0f} % of the calls")
    if told:
        return DIFFERS, "; ".join(told)
    open_ones = headlines[(headlines["by"] == "all") & headlines["status"].isin([UNCLEAR, TOO_FEW])]
    if len(open_ones):
        names = ", ".join(_WORDS[name] for name in open_ones["quantity"])
        return TOO_FEW_CALLS, f"the held-out weeks do not tell whether {names} is within {100 * TOLERANCE:.0f} %"
    worst = headlines.loc[headlines["difference_percent"].abs().idxmax()]
    told = [f"every headline is within its tolerance; the largest difference: {_apart(worst)}"]
    return MATCHES, "; ".join([*told, *_not_excluded(headlines)])


def _not_excluded(headlines: pd.DataFrame) -> list[str]:
    """Return differences beyond the tolerance that the log cannot exclude, those with the widest intervals first."""
    found = []
    for _, row in headlines[headlines["status"] == WITHIN].iterrows():
        low, high = row["low_percent"], row["high_percent"]
        beyond = max(high, -low) - 100 * tolerance(row["quantity"], row["log"])
        if beyond > 0 and math.isfinite(beyond):
            found.append((-(high - low), f"{_name(row)} ({low:+.0f} to {high:+.0f} %)"))
    if not found:
        return []
    more = f", and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
    listed = ", ".join(text for _, text in sorted(found)[:_SHOWN])
    return [f"the log cannot exclude differences beyond it: {listed}{more}"]


def _name(row: pd.Series) -> str:
    quantity, _, label = row["quantity"].partition("_seconds_")
    return _WORDS.get(row["quantity"]) or f"{quantity.replace('_', ' ')} {label} of priority {row['group']}"


def _apart(row: pd.Series) -> str:
    def told(value: float) -> str:
        return f"{value / 60:.1f} min" if "_seconds" in row["quantity"] else f"{value:.1f}"

    return (
        f"{_name(row)} {row['difference_percent']:+.0f} % ({row['low_percent']:+.0f} to {row['high_percent']:+.0f}; "
        f"log {told(row['log'])}, simulated {told(row['simulated'])})"
    )

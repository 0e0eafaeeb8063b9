"""The pictures of the report, as images inside the page."""

import base64
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from libpatrol import pictures
from libpatrol.area import Area
from libpatrol.city.reporting.comparison import StrategyResults
from libpatrol.city.reporting.words import strategy_words
from libpatrol.pictures import Band
from libpatrol.pictures.style import written

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_LARGEST_DRAWING = 120_000
"""Bytes of a vector drawing; larger ones, of many streets, are put in as pixels."""

_MOST_CLASSES = 20


def embedded(figure: "Figure", text: str) -> dict[str, str]:
    """Return a figure as a data URI, with the text that describes it."""
    drawing = written(figure, "svg")
    if len(drawing) <= _LARGEST_DRAWING:
        kind, content = "image/svg+xml", drawing
    else:
        kind, content = "image/png", written(figure, "png")
    return {"source": f"data:{kind};base64,{base64.b64encode(content).decode()}", "text": text}


def map_picture(
    area: Area,
    beats: Sequence[str],
    outlines: Sequence[Any],
    stations: NDArray[np.int64] | None,
    is_mapped: bool = True,
) -> dict[str, str]:
    """Return the map: streets, demand, beats and stations; without streets unless they are those of a file."""
    drawn = pictures.city_map(
        area,
        title="The city",
        streets=is_mapped,
        beat_names=beats,
        hulls=False,
        outlines=outlines,
        posts=stations,
    )
    has_demand = area.arrays.demand_calls_per_hour is not None
    parts = ["streets"] if is_mapped else []
    parts += ["beats", "where calls come from (larger: more)"] if has_demand else ["beats"]
    what = " and ".join(filter(None, [", ".join(parts[:-1]), parts[-1]])).capitalize()
    return embedded(drawn, what + ("" if stations is None else "; triangles: stations or posts"))


def week_picture(calls_per_hour: NDArray[np.float64]) -> dict[str, str]:
    """Return the calls by hour of the week."""
    drawn = pictures.hours_of_the_week(calls_per_hour, title="Calls by hour of the week", unit="calls an hour")
    top = int(np.argmax(calls_per_hour))
    day = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")[top // 24]
    busiest = f"the busiest is {day} {top % 24:02d}:00 with {calls_per_hour[top]:.1f}"
    return embedded(drawn, f"Calls an hour in each hour of the week; {busiest}")


def comparison_pictures(results: StrategyResults) -> Iterator[dict[str, str]]:
    """Return responses by priority, group, beat and hour, and the change of the weighted wait."""
    reference, *others = results.strategies
    differences = {name: results.get(name, "cost_rate").difference for name in others}
    known = {strategy_words(name): band for name, band in differences.items() if np.isfinite(band.mean)}
    if known:
        drawn = pictures.differences(
            known, reference=strategy_words(reference), title="Change of the weighted wait", unit="calls waiting"
        )
        yield embedded(drawn, f"Change of the weighted wait against {strategy_words(reference)}, with 95 % intervals")
    for kind, measure, share in (
        ("priority", "response_charged_p90", "time within which 90 % are reached"),
        ("group", "response_charged_mean", "mean"),
        ("beat", "response_charged_mean", "mean"),
    ):
        if len(results.rows(kind)) not in range(1 if kind == "priority" else 2, _MOST_CLASSES):
            continue
        bands = results.bands(measure, kind, 1 / 60)
        named = {
            strategy_words(name): {f"priority {row}" if kind == "priority" else row: band for row, band in rows.items()}
            for name, rows in bands.items()
        }
        title = f"Response by {kind}, {share}"
        yield embedded(pictures.response(named, title=title, what="95 % intervals"), f"{title}, with 95 % intervals")
    title = "Mean response by hour of the day"
    hours = {
        strategy_words(name): [
            results.get(name, "response_charged_mean", "hour", f"{hour:02d}").value.mean / 60 for hour in range(24)
        ]
        for name in results.strategies
    }
    if np.isfinite(list(hours.values())).any():
        yield embedded(pictures.hours_of_the_day(hours, title=title, unit="minutes"), title)


def training_picture(outcomes: Sequence[dict[str, Any]]) -> dict[str, str]:
    """Return the course of training."""
    columns = {name: np.array([row[name] for row in outcomes]) for name in ("kind", "events", "cost", "is_accepted")}
    drawn = pictures.training(columns, title="Training: weighted wait after each phase")
    return embedded(drawn, "Weighted wait on validation calls after each phase of training; filled marks were kept")


def committed_picture(staff: dict[str, Any]) -> dict[str, str]:
    """Return the share of time committed by hour of the week, beside the benchmark."""
    share = 100 * np.array(
        [np.nan if value is None else value for value in staff["share_time_committed_by_hour"]], np.float64
    )
    benchmark = 100 * staff["benchmark_share_time_committed"]
    above = int((share > benchmark).sum())
    drawn = pictures.hours_of_the_week(share, title="Share of time committed by hour of the week", unit="%")
    text = (
        f"Share of the units' time that is committed, as the log has it; {above} of 168 hours are above the benchmark"
    )
    return embedded(drawn, f"{text} of {benchmark:.0f} %, which is no cap")


def staffing_picture(staff: dict[str, Any]) -> dict[str, str]:
    """Return the share of calls reached in time by the number of units."""
    target = staff["target"]
    what = f"of priority {target['priority']} within {target['seconds'] / 60:g} min"
    curves = {
        curve["name"]: [
            Band(share, *interval)
            for share, interval in zip(curve["share_within_target"], curve["intervals"], strict=True)
        ]
        for curve in staff["curves"]
    }
    units, axis = staff["curves"][0]["units"], staff["curves"][0]["name"]
    drawn = pictures.staffing(units, curves, target=target["share"], title="Staffing", what=what, axis=axis)
    return embedded(drawn, f"Calls {what} by {axis}; the dashed line is the target")

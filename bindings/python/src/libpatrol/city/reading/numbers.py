"""The page of numbers that calls alone give: volume, committed hours, response."""

import html
import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import geopandas as gpd
import numpy as np
import pandas as pd

from libpatrol.city.facts import FROM_CALLS
from libpatrol.city.results import beat_shapes

if TYPE_CHECKING:
    from libpatrol.city.folder import CityContent

_PARTS = {
    "dispatch_delay": ("received", "dispatched"),
    "travel": ("dispatched", "arrived"),
    "response": ("received", "arrived"),
}
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_STYLE = (
    "body{font:15px/1.5 sans-serif;max-width:60em;margin:2em auto;padding:0 1em;color:#222}"
    "table{border-collapse:collapse;margin:1em 0}td,th{padding:.2em .8em;text-align:right;border-bottom:1px solid #ddd}"
    "td:first-child,th:first-child{text-align:left}"
)


def tables_of(calls: pd.DataFrame, responses: pd.DataFrame, zone: ZoneInfo) -> dict[str, pd.DataFrame]:
    """Return the tables of the page: by priority, category, beat, hour of the day and hour of the week.

    Parameters
    ----------
    calls, responses : DataFrame
        As a city folder has them.
    zone : ZoneInfo
        Of the city.
    """
    local = calls["received"].dt.tz_convert(zone)
    days = _days(calls, zone)
    seconds = {name: (calls[end] - calls[start]).dt.total_seconds() for name, (start, end) in _PARTS.items()}
    committed = committed_hours(calls, responses)
    table = calls[["priority", "category", "beat"]].assign(
        hour=local.dt.hour, day=local.dt.day_of_week, arrived=calls["arrived"].notna(), committed=committed, **seconds
    )
    tables = {by: _summary(table, by, days) for by in ("priority", "category", "beat", "hour")}
    week = table.groupby(["hour", "day"]).size().unstack("day", fill_value=0)
    week = week.reindex(index=range(24), columns=range(7), fill_value=0) / (days / 7)
    week.columns = list(_DAYS)
    return {**tables, "week": week.round(2).reset_index()}


def committed_hours(calls: pd.DataFrame, responses: pd.DataFrame) -> pd.Series:
    """Return the hours that units spend on each call, from dispatch to clearance, summed over its units.

    A call whose units are not in the log counts for as many as responded, else one; NaN where times are missing.
    """
    own = (responses["cleared"] - responses["dispatched"].fillna(responses["arrived"])).dt.total_seconds() / 3600
    by_call = own.groupby(responses["call_id"]).sum(min_count=1)
    hours = calls["call_id"].map(by_call)
    whole = (calls["cleared"] - calls["dispatched"].fillna(calls["arrived"])).dt.total_seconds() / 3600
    return hours.fillna(whole * calls["responding"].astype("Float64").fillna(1.0).clip(lower=1).astype(float))


def numbers_of(content: "CityContent", folder: Path) -> None:
    """Write ``numbers.json``, ``numbers.html``, ``numbers.xlsx`` and ``beats.gpkg`` into a folder."""
    calls, responses, facts = content.calls, content.responses, content.facts
    zone = ZoneInfo(facts.time_zone)
    tables = tables_of(calls, responses, zone)
    days = _days(calls, zone)
    committed = committed_hours(calls, responses)
    local = calls["received"].dt.tz_convert(zone)
    numbers = {
        "calls": len(calls),
        "first_day": f"{local.min():%Y-%m-%d}",
        "last_day": f"{local.max():%Y-%m-%d}",
        "calls_per_day": round(len(calls) / days, 2),
        "share_with_arrival": round(float(calls["arrived"].notna().mean()), 4),
        "committed_hours_per_day": _rounded(committed.sum(min_count=1) / days),
        "other_work_per_day": 0.0 if content.other_work is None else round(len(content.other_work) / days, 2),
        **{name: json.loads(table.to_json(orient="records")) for name, table in tables.items()},
    }
    numbers["sentences"] = _sentences(numbers, facts.streets == FROM_CALLS)
    (folder / "numbers.json").write_text(json.dumps(numbers, indent=1, ensure_ascii=False), encoding="utf-8")
    (folder / "numbers.html").write_text(_page(facts.name, numbers, facts, tables), encoding="utf-8")
    with pd.ExcelWriter(folder / "numbers.xlsx", engine="openpyxl") as book:
        for name, table in tables.items():
            table.to_excel(book, sheet_name=f"by {name}", index=False)
    outlines = gpd.GeoSeries.from_wkb(content.beats["geometry"], crs=facts.crs)
    shapes = beat_shapes(gpd.GeoDataFrame(content.beats.drop(columns="geometry"), geometry=outlines))
    by_beat = content.beats[["name", "group"]].merge(tables["beat"], left_on="name", right_on="beat", how="left")
    gpd.GeoDataFrame(by_beat.drop(columns="beat"), geometry=shapes).to_file(folder / "beats.gpkg", layer="beats")


def _days(calls: pd.DataFrame, zone: ZoneInfo) -> int:
    local = calls["received"].dt.tz_convert(zone).dt.tz_localize(None).dt.normalize()
    return int((local.max() - local.min()).days) + 1


def _summary(table: pd.DataFrame, by: str, days: int) -> pd.DataFrame:
    grouped = table.groupby(by)
    made = pd.DataFrame(
        {
            "calls": grouped.size(),
            "calls_per_day": (grouped.size() / days).round(2),
            "share_with_arrival": grouped["arrived"].mean().round(4),
            "committed_hours_per_day": (grouped["committed"].sum(min_count=1) / days).round(2),
        }
    )
    for name in _PARTS:
        for percent in (50, 90):
            made[f"{name}_seconds_p{percent}"] = grouped[name].quantile(percent / 100).round(1)
    return made.reset_index()


def _sentences(numbers: Mapping[str, Any], made: bool) -> list[str]:
    count = numbers["calls"]
    said = [
        f"{count:,} call{'s' * (count != 1)} from {numbers['first_day']} to {numbers['last_day']}, "
        f"{numbers['calls_per_day']:,.1f} a day"
    ]
    if numbers["committed_hours_per_day"] is not None:
        said.append(f"calls commit units for {numbers['committed_hours_per_day']:,.1f} hours a day")
    else:
        said.append("the log does not say how long units were committed")
    for row in numbers["priority"]:
        if row["response_seconds_p90"] is not None:
            said.append(
                f"priority {row['priority']}: half of the calls have a unit within "
                f"{row['response_seconds_p50'] / 60:.1f} min, 90 % within {row['response_seconds_p90'] / 60:.1f} min "
                f"({row['share_with_arrival']:.0%} have an arrival)"
            )
    if all(row["response_seconds_p90"] is None for row in numbers["priority"]):
        said.append("the log has no arrivals: response times cannot be known from it")
    if made:
        said.append("streets are made from the places of calls")
    return said


def _page(name: str, numbers: Mapping[str, Any], facts: Any, tables: Mapping[str, pd.DataFrame]) -> str:
    def listed(title: str, sentences: list[str]) -> str:
        items = "".join(f"<li>{html.escape(sentence)}</li>" for sentence in sentences)
        return f"<h2>{title}</h2><ul>{items}</ul>" if sentences else ""

    parts = [
        f'<!DOCTYPE html><html lang="en"><meta charset="utf-8"><title>{html.escape(name)}</title>',
        '<meta name="viewport" content="width=device-width,initial-scale=1">',
        f"<style>{_STYLE}</style><h1>{html.escape(name)}</h1>",
        listed("Numbers", numbers["sentences"]),
        "<p>Columns of which the log says nothing are left out.</p>" if _has_gaps(tables) else "",
        *(f"<h2>By {by}</h2>{_html_table(table)}" for by, table in tables.items()),
        listed("Assumed", facts.assumed),
        listed("Read and left out", facts.account),
        "</html>",
    ]
    return "\n".join(parts)


def _has_gaps(tables: Mapping[str, pd.DataFrame]) -> bool:
    return any(bool(table.isna().all().any()) for table in tables.values())


def _html_table(table: pd.DataFrame) -> str:
    known = table.dropna(axis="columns", how="all")
    spoken = known.rename(columns=lambda name: str(name).replace("_", " "))
    return str(spoken.to_html(index=False, na_rep="", border=0))


def _rounded(value: Any) -> float | None:
    return None if value is pd.NA or not np.isfinite(value) else round(float(value), 2)

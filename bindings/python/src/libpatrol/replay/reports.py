"""Readers of two public data sets: crimes reported in Atlanta (COBRA) and incidents of the Seattle police.

Neither has everything that a simulation needs; what is missing is assumed elsewhere, and `Reports.notes` says so.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

_COBRA = ("rpt_date", "occur_date", "occur_time", "beat", "UC2_Literal", "lat", "long")
_COBRA_URGENT = ("HOMICIDE", "AGG ASSAULT", "ROBBERY")
_SEATTLE = ("Event Clearance Date", "Zone/Beat", "Longitude", "Latitude", "Initial Type Group", "At Scene Time")
_SEATTLE_URGENT = (
    "ASSAULTS",
    "CASUALTIES",
    "COMMERCIAL BURGLARIES",
    "CRISIS CALL",
    "DISTURBANCES",
    "GUN CALLS",
    "HAZARDS",
    "PERSON DOWN/INJURY",
    "PROWLER",
    "RESIDENTIAL BURGLARIES",
    "ROBBERY",
    "THREATS, HARASSMENT",
    "WEAPONS CALLS",
)
_LONGEST_DELAY = pd.Timedelta(days=2)  # between a crime and its report; a later one is a call of the day of the report
_LONGEST_ON_SCENE = 6 * 3600.0


@dataclass(frozen=True)
class Reports:
    """Reports by time and place.

    Attributes
    ----------
    table : pandas.DataFrame
        Ascending by `time` (datetime64), with `beat` (str), `longitude`, `latitude`, `is_urgent` (bool) and
        `service_seconds` (NaN where it is not known).
    source : str
        What the rows are.
    notes : list of str
        What is real and what had to be left out or put in.
    """

    table: pd.DataFrame
    source: str
    notes: list[str]


def read_cobra(path: str | os.PathLike[str], zone: str | None = "4") -> Reports:
    """Read crimes reported in Atlanta (COBRA-2020.csv).

    Parameters
    ----------
    path : path-like
        CSV file with `occur_date`, `occur_time`, `rpt_date`, `beat`, `UC2_Literal`, `lat`, `long`.
    zone : str, optional
        First digit of the beats; None: all.
    """
    raw = _read(path, _COBRA)
    beats = raw[raw["beat"].str.fullmatch(r"\d{3}", na=False)]
    rows = beats if zone is None else beats[beats["beat"].str.startswith(zone)]
    if rows.empty:
        raise ValueError(f"{path} has no reports in beats {zone or ''}..")
    occurred = pd.to_datetime(rows["occur_date"] + " " + rows["occur_time"], format="%m/%d/%Y %H:%M", errors="coerce")
    reported = pd.to_datetime(rows["rpt_date"], format="%m/%d/%Y", errors="coerce")
    # A year such as 0220, or a crime reported years later: the report's date at the hour of the crime stands in.
    delay = reported - occurred.dt.normalize()
    late = occurred.notna() & reported.notna() & ((delay > _LONGEST_DELAY) | (delay < pd.Timedelta(days=-1)))
    clock = occurred[late] - occurred[late].dt.normalize()
    time = occurred.astype("datetime64[s]").where(~late, (reported + clock).astype("datetime64[s]"))
    table = pd.DataFrame(
        {
            "time": time,
            "beat": rows["beat"],
            "longitude": _numbers(rows["long"]),
            "latitude": _numbers(rows["lat"]),
            "is_urgent": rows["UC2_Literal"].isin(_COBRA_URGENT),
            "service_seconds": np.nan,
        }
    )
    notes = ["places, dates and hours are those of reported crimes, which are not calls for service"]
    if late.any():
        notes.append(f"{int(late.sum())} crimes with a date far from their report's stand at the report's date")
    return _reports(table, f"COBRA reports of Atlanta, {'all zones' if zone is None else f'zone {zone}'}", notes)


def read_seattle(path: str | os.PathLike[str]) -> Reports:
    """Read incidents of the Seattle police (Seattle_Police_Department_911_Incident_Response.csv).

    Parameters
    ----------
    path : path-like
        CSV file with `Event Clearance Date`, `At Scene Time`, `Zone/Beat`, `Longitude`, `Latitude`, `Initial Type
        Group`.
    """
    raw = _read(path, _SEATTLE)
    clock = {"format": "%m/%d/%Y %I:%M:%S %p", "errors": "coerce"}
    cleared = pd.to_datetime(raw["Event Clearance Date"], **clock)
    at_scene = pd.to_datetime(raw["At Scene Time"], **clock)
    on_scene = (cleared - at_scene).dt.total_seconds()
    known = on_scene.between(1, _LONGEST_ON_SCENE)
    table = pd.DataFrame(
        {
            "time": cleared.dt.normalize().where(at_scene < cleared.dt.normalize(), at_scene).fillna(cleared),
            "beat": raw["Zone/Beat"],
            "longitude": _numbers(raw["Longitude"]),
            "latitude": _numbers(raw["Latitude"]),
            "is_urgent": raw["Initial Type Group"].isin(_SEATTLE_URGENT),
            "service_seconds": on_scene.where(known),
        }
    )
    notes = [
        "places are real; a call comes at its time at scene, or, where that is missing, when it was cleared",
        f"time on scene is that from arrival to clearance for {int(known.sum())} incidents, "
        "and drawn from these for the others",
    ]
    return _reports(table, "incidents of the Seattle police", notes)


READERS: dict[str, Callable[..., Reports]] = {"cobra": read_cobra, "seattle": read_seattle}


def _read(path: str | os.PathLike[str], columns: tuple[str, ...]) -> pd.DataFrame:
    try:
        table = pd.read_csv(path, dtype=str)
    except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeDecodeError) as reason:
        raise ValueError(f"{path} is no CSV file: {reason}") from reason
    missing = [column for column in columns if column not in table.columns]
    if missing:
        raise ValueError(f"{path} lacks the columns {', '.join(missing)}")
    return table


def _numbers(column: "pd.Series[Any]") -> "pd.Series[Any]":
    """Return coordinates; NaN for what is none."""
    values = pd.to_numeric(column, errors="coerce")
    return values.where(values != 0)


def _reports(table: pd.DataFrame, source: str, notes: list[str]) -> Reports:
    """Leave out the rows without time, beat or coordinates, and say how many."""
    whole = table[["time", "beat", "longitude", "latitude"]].notna().all(axis=1)
    if not whole.any():
        raise ValueError(f"{source}: no row has a time, a beat and coordinates")
    if not whole.all():
        notes.append(f"{int((~whole).sum())} rows without a time, a beat or coordinates are left out")
    return Reports(table[whole].sort_values("time", kind="stable", ignore_index=True), source, notes)

"""Readers of two public data sets: crimes reported in Atlanta (COBRA) and incidents of the Seattle police.

Neither has everything that a simulation needs; what is missing is assumed elsewhere, and `Reports.notes` says so.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from libpatrol.replay.log_table import LogAccount, read_log
from libpatrol.replay.log_times import far_from_the_others, read_times
from libpatrol.replay.log_values import read_codes, read_degrees

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
_LATEST_CLEARANCE = pd.Timedelta(days=1)  # after arrival; a later one is no clearance of that arrival


@dataclass(frozen=True)
class Reports:
    """Reports by time and place.

    Attributes
    ----------
    table : pandas.DataFrame
        Ascending by `time` (datetime64), with `beat` (str), `longitude`, `latitude`, `is_urgent` (bool) and
        `service_seconds` (NaN if unknown).
    source : str
        What the rows are.
    notes : list of str
        What is real and what had to be assumed.
    account : LogAccount
        What was read and what was left out.
    """

    table: pd.DataFrame
    source: str
    notes: list[str]
    account: LogAccount


def read_cobra(path: str | os.PathLike[str], zone: str | None = "4") -> Reports:
    """Read crimes reported in Atlanta (COBRA-2020.csv).

    Parameters
    ----------
    path : path-like
        CSV file with `occur_date`, `occur_time`, `rpt_date`, `beat`, `UC2_Literal`, `lat`, `long`.
    zone : str, optional
        First digit of the beats; None: all.
    """
    log = read_log(path)
    raw, account = log.columns(_COBRA), log.account
    beats = read_codes(raw["beat"])
    account.leave_out(beats.isna(), "beat empty")
    account.leave_out(~beats.str.fullmatch(r"\d{3}", na=False), "beat not of three digits")
    if zone is not None:
        account.leave_out(~beats.str.startswith(zone, na=False), f"beats outside zone {zone}")
    if account.kept == 0:
        raise ValueError(f"{account.where} has no reports in beats {zone or ''}..")
    where = f"{account.where}: "
    occurred = read_times(
        raw["occur_date"] + " " + raw["occur_time"], where + "occur_date, occur_time", day_first=False, row=account.row
    )
    reported = read_times(raw["rpt_date"], where + "rpt_date", day_first=False, needs_clock=False, row=account.row)
    # A year such as 0220, or a crime reported years later: the report's date at the hour of the crime stands in.
    midnight = occurred.astype("datetime64[s]").dt.floor("D")
    delay = reported - midnight
    late = (delay > _LONGEST_DELAY) | (delay < pd.Timedelta(days=-1))
    time = occurred.where(~late, reported + (occurred - midnight))
    table = pd.DataFrame(
        {
            "time": time,
            "beat": beats,
            "is_urgent": read_codes(raw["UC2_Literal"]).isin(_COBRA_URGENT),
            "service_seconds": np.nan,
        }
    )
    account.leave_out(time.isna(), "occur_date, occur_time no time")
    account.remark(late, "a date far from the report's: at the report's date instead")
    notes = ["places, dates and hours are those of reported crimes, which are not calls for service"]
    source = f"COBRA reports of Atlanta, {'all zones' if zone is None else f'zone {zone}'}"
    return _reports(table, raw["long"], raw["lat"], account, source, notes)


def read_seattle(path: str | os.PathLike[str]) -> Reports:
    """Read incidents of the Seattle police (Seattle_Police_Department_911_Incident_Response.csv).

    Parameters
    ----------
    path : path-like
        CSV file with `Event Clearance Date`, `At Scene Time`, `Zone/Beat`, `Longitude`, `Latitude`, `Initial Type
        Group`.
    """
    log = read_log(path)
    raw, account = log.columns(_SEATTLE), log.account
    cleared, at_scene = (
        read_times(raw[name], f"{account.where}: {name}", day_first=False, row=account.row)
        for name in ("Event Clearance Date", "At Scene Time")
    )
    took = cleared - at_scene
    on_scene = took.dt.total_seconds()
    known = on_scene.between(1, _LONGEST_ON_SCENE)
    impossible = (took < pd.Timedelta(0)) | (took > _LATEST_CLEARANCE)
    table = pd.DataFrame(
        {
            "time": at_scene.where(~impossible).fillna(cleared),
            "beat": read_codes(raw["Zone/Beat"]),
            "is_urgent": read_codes(raw["Initial Type Group"]).isin(_SEATTLE_URGENT),
            "service_seconds": on_scene.where(known),
        }
    )
    account.leave_out(table["time"].isna(), "At Scene Time and Event Clearance Date no times")
    account.leave_out(table["beat"].isna(), "Zone/Beat empty")
    account.remark(impossible, "cleared before arrival or a day after it: at the time of clearance instead")
    notes = ["places are real; a call comes at its time at scene, or, if that is missing, when it was cleared"]
    reports = _reports(table, raw["Longitude"], raw["Latitude"], account, "incidents of the Seattle police", notes)
    known_kept = reports.table["service_seconds"].notna().sum()
    notes.append(
        f"time on scene is that from arrival to clearance for {known_kept} incidents, "
        "and drawn from these for the others"
    )
    return reports


def _reports(
    table: pd.DataFrame,
    longitude: pd.Series,
    latitude: pd.Series,
    account: LogAccount,
    source: str,
    notes: list[str],
) -> Reports:
    """Return the rows with a place and a time among the others."""
    table["longitude"], table["latitude"] = read_degrees(account, longitude, latitude).T
    account.leave_out(far_from_the_others(table["time"].where(account.stays)), "far from the other times")
    account.require_rows()
    kept = table[account.stays].sort_values("time", kind="stable", ignore_index=True)
    return Reports(kept, source, notes, account)


READERS: dict[str, Callable[..., Reports]] = {"cobra": read_cobra, "seattle": read_seattle}

"""What the columns of a table seem to be, by their names and values."""

import re
from collections.abc import Mapping, Sequence

import pandas as pd

from libpatrol.replay.log_table import Log, LogAccount
from libpatrol.replay.log_times import read_times, unix_times
from libpatrol.replay.log_values import read_numbers

CALL_COLUMNS = {
    "id": (
        "event number", "cad event number", "incident number", "call number", "cad number", "call id", "incident id",
        "event id", "incident no", "call no", "incident", "event", "id",
    ),
    "received": (
        "received datetime", "time received", "received", "call received", "received time", "original time queued",
        "time create", "create time", "call time", "call datetime", "created", "entry datetime", "entered",
        "start time", "date time", "datetime", "timestamp", "time", "date",
    ),
    "dispatched": (
        "dispatch datetime", "dispatched", "time dispatched", "dispatch time", "time dispatch", "dispatched time",
        "first dispatched", "disp time", "assigned",
    ),
    "arrived": (
        "onscene datetime", "arrived", "time arrived", "arrival time", "arrived time", "time arrive", "on scene",
        "on scene time", "at scene time", "first arrived", "arrival",
    ),
    "cleared": (
        "close datetime", "cleared", "time cleared", "clear time", "closed time", "time closed", "closed",
        "cleared time", "last cleared", "completed", "end time", "close time",
    ),
    "x": ("longitude", "lon", "long", "lng", "x", "x coordinate", "xcoord", "point x", "longitude x"),
    "y": ("latitude", "lat", "y", "y coordinate", "ycoord", "point y", "latitude x"),
    "point": ("location", "point", "geometry", "the geom", "coordinates", "intersection point"),
    "beat": (
        "beat", "police beat", "zone beat", "reporting area", "district", "police district", "sector", "zone",
        "precinct",
    ),
    "category": (
        "final call type", "call type", "type text", "nature", "call nature", "incident type", "incident type desc",
        "event type", "call type description", "type", "problem", "category", "description",
    ),
    "priority": ("priority", "call priority", "priority code", "final priority", "priority final"),
    "unit": ("unit", "unit id", "call sign", "callsign", "primary unit", "unit number", "officer", "car"),
    "responding": ("units", "unit count", "number of units", "responding units", "num units"),
}  # fmt: skip
"""By what is read: names of columns of a log, in words, the likeliest first."""

ROSTER_COLUMNS = {
    "unit": (*CALL_COLUMNS["unit"], "name"),
    "start": (
        "start", "shift start", "start time", "start datetime", "tour start", "on", "on duty", "from", "begin",
        "log on", "logon", "sign on", "time on",
    ),
    "end": (
        "end", "shift end", "end time", "end datetime", "tour end", "off", "off duty", "to", "until", "log off",
        "logoff",        "sign off", "time off",
    ),
}  # fmt: skip
"""The same for a roster."""

_TIMES = ("received", "dispatched", "arrived", "cleared", "start", "end")
_PLACED = ("x", "y")
_SAMPLE = 2000
_REPEATED = 0.05


def guessed_columns(log: Log, known: Mapping[str, Sequence[str]] = CALL_COLUMNS) -> dict[str, str]:
    """Return the column of the log for each of the known things, as far as names and values show it."""
    sample = Log(log.table.head(_SAMPLE), LogAccount(log.account.where, min(_SAMPLE, log.account.rows)))
    spoken = {_spoken(str(column)): str(column) for column in reversed(log.table.columns)}
    found: dict[str, str] = {}
    for thing, names in known.items():
        for column in filter(None, map(spoken.get, names)):
            if column not in found.values() and _fits(thing, sample, column):
                found[thing] = column
                break
    for alone, other in (("x", "y"), ("y", "x")):
        if alone in found and other not in found:
            del found[alone]
    if "x" in found:
        found.pop("point", None)
    return found


def _spoken(column: str) -> str:
    """Return a column's name in words: EventNumber, EVENT_NUMBER and event number are the same."""
    return " ".join(re.sub(r"(?<=[a-z])(?=[A-Z])|[^A-Za-z0-9]+", " ", column).lower().split())


def _fits(thing: str, sample: Log, column: str) -> bool:
    cells = sample.columns([column])[column]
    if not cells.notna().any():
        return False
    if thing in _TIMES:
        return _are_times(cells, column)
    if thing in (*_PLACED, "responding"):
        return bool(read_numbers(cells).notna().sum() > 0.5 * cells.notna().sum())
    if thing == "point":
        return bool(cells.astype("string").str.contains(r"-?\d+\.\d+[ ,]+-?\d+\.\d+").fillna(False).mean() > 0.5)
    if thing == "id":
        return bool(cells.nunique() > 0.3 * len(cells))
    return bool(cells.nunique() <= max(100, 0.5 * len(cells)))


def _are_times(cells: pd.Series, column: str) -> bool:
    if unix_times(cells) is not None:
        return True
    try:
        read = read_times(cells, column, day_first=False, time_zone="UTC")
    except ValueError:
        return False
    return bool(read.notna().sum() > 0.5 * cells.notna().sum())


def row_kind(log: Log, found: Mapping[str, str]) -> str:
    """Return whether a row of a log with such columns is a call, or a unit at a call."""
    if not {"id", "unit"} <= set(found):
        return "call"
    return "unit" if log.table[found["id"]].duplicated().mean() > _REPEATED else "call"


def needs_order(log: Log, name: str) -> bool:
    """Return whether the times of a column can be day or month first."""
    column = log.columns([name])[name]
    try:
        read_times(column, "", time_zone="UTC")
    except ValueError as reason:
        return "day_first" in str(reason)
    return False


def are_degrees(log: Log, found: Mapping[str, str]) -> bool:
    """Return whether the columns x and y hold degrees."""
    x, y = (read_numbers(log.table[found[thing]].head(_SAMPLE)) for thing in _PLACED)
    return bool((x.abs().median() <= 180) & (y.abs().median() <= 90))


def guessed_priority(code: str, codes: Sequence[str]) -> int:
    """Return a priority for a code such as P1, 2C or B: its digit or letter, else its place among the codes."""
    digit = re.search(r"\d", code)
    if digit:
        return min(max(int(digit[0]), 1), 8)
    if len(code) == 1 and "A" <= code <= "Z":
        return min(ord(code) - ord("A") + 1, 8)
    return min(list(codes).index(code) + 1, 8)

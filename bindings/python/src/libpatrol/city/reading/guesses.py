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

_LIKELY = {
    "id": "inc incident event evt call case cad cfs",
    "received": "received recd rcvd recv create created entry entered queued",
    "dispatched": "dispatch dispatched disp dsp dspd assigned",
    "arrived": "arrive arrived arrival arrv arr onscene onscn scene",
    "cleared": "clear cleared clr clrd close closed",
    "x": "longitude lon long lng xcoord",
    "y": "latitude lat ycoord",
    "beat": "beat district dist zone sector precinct",
    "category": "nature type typ problem",
    "priority": "priority prio pri prty",
    "unit": "unit callsign",
}
"""Words and abbreviations, one of which the name of a column has that may be meant."""
_OF_IDS = {"no", "num", "nbr", "number", "id"}

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


def likely_columns(log: Log, found: Mapping[str, str]) -> dict[str, str]:
    """Return columns for things not found yet, by a word or an abbreviation in their names: RCVD_DTTM, LON_WGS."""
    sample = Log(log.table.head(_SAMPLE), LogAccount(log.account.where, min(_SAMPLE, log.account.rows)))
    left = {str(column): set(_spoken(str(column)).split()) for column in log.table if str(column) not in found.values()}
    likely: dict[str, str] = {}
    for thing, words in _LIKELY.items():
        if thing in found or (thing in _PLACED and "point" in found):
            continue
        for column, own in left.items():
            is_it = not own.isdisjoint(words.split()) and (thing != "id" or not own.isdisjoint(_OF_IDS))
            if is_it and column not in likely.values() and _fits(thing, sample, column):
                likely[thing] = column
                break
    if len({"x", "y"} & set(likely)) == 1:
        likely.pop("x", None), likely.pop("y", None)
    return likely


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

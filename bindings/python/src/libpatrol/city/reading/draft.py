"""Drafts a mapping from the columns and values of a log; its user corrects the lines marked with ``# check``."""

import re
from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from libpatrol.city.reading.mapping import CityMapping
from libpatrol.city.reading.presets import Preset, fitting_preset
from libpatrol.city.reading.values import OTHER, rows_of
from libpatrol.city.toml_text import toml_value
from libpatrol.replay.log_table import Log, LogAccount, log_of
from libpatrol.replay.log_times import read_times, unix_times, zone_of
from libpatrol.replay.log_values import read_codes, read_names, read_numbers

_NAMES = {
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
_TIMES = ("received", "dispatched", "arrived", "cleared")
_PLACED = ("x", "y")
_SAMPLE = 2000
_LARGE = 0.03  # share of the calls from which on a type is a category of its own
_MOST = 6
_REPEATED = 0.05


def draft_mapping(log: Log, name: str, time_zone: str | None = None) -> str:
    """Return the text of a mapping for a log: a preset's that fits its columns, else what its columns seem to be.

    Parameters
    ----------
    log : Log
        The log.
    name : str
        Of the city, as far as it is known.
    time_zone : str, optional
        Of the city; takes precedence over the preset's.

    Raises
    ------
    ValueError
        If the time zone is not known.
    """
    if time_zone:
        zone_of(time_zone)
    preset = fitting_preset([str(column) for column in log.table])
    guessed = {} if preset is not None else guessed_columns(log)
    lines = [
        f"# How libpatrol reads {log.account.where}. Correct the lines marked with # check.",
        "",
        *(_preset_lines(preset, time_zone) if preset is not None else _guessed_lines(log, guessed, name, time_zone)),
    ]
    if preset is None or not preset.has_categories:
        lines += _category_lines(_calls_only(log, preset), guessed if preset is None else preset.columns)
    return "\n".join(lines) + "\n"


def guessed_columns(log: Log) -> dict[str, str]:
    """Return the column of the log for each thing that is read, as far as names and values show it."""
    sample = Log(log.table.head(_SAMPLE), LogAccount(log.account.where, min(_SAMPLE, log.account.rows)))
    spoken = {_spoken(str(column)): str(column) for column in reversed(log.table.columns)}
    found: dict[str, str] = {}
    for thing, names in _NAMES.items():
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


def _preset_lines(preset: Preset, time_zone: str | None) -> Iterator[str]:
    own = preset.values["city"]["time_zone"]
    yield f"# From the preset {preset.name}: {preset.title}."
    yield preset.body.strip().replace(_zone_line(own), _zone_line(time_zone or own))


def _zone_line(time_zone: str) -> str:
    return f"time_zone = {toml_value(time_zone)}"


def _guessed_lines(log: Log, found: dict[str, str], name: str, time_zone: str | None) -> Iterator[str]:
    doubt = "" if time_zone else "  # check: such as America/Chicago"
    yield from (
        "[city]",
        f"name = {toml_value(name)}",
        _zone_line(time_zone or "") + doubt,
        "",
    )
    yield "[calls]"
    yield f'row = "{_row_kind(log, found)}"  # check: a row is a call, or a unit at a call'
    for thing in _NAMES:
        if thing in found:
            yield f"{thing} = {toml_value(found[thing])}"
    if "received" not in found:
        yield f'received = ""  # check: one of {", ".join(map(str, log.table))}'
    if _needs_order(log, found):
        yield "day_first = false  # check: is 1/4/2021 in April?"
    if "x" in found and not _are_degrees(log, found):
        yield 'crs = "EPSG:2926"  # check: the coordinate system of x and y, often one of the state plane in feet'
    if "priority" in found:
        yield from _priority_lines(log, found["priority"])


def _row_kind(log: Log, found: dict[str, str]) -> str:
    if not {"id", "unit"} <= set(found):
        return "call"
    return "unit" if log.table[found["id"]].duplicated().mean() > _REPEATED else "call"


def _needs_order(log: Log, found: dict[str, str]) -> bool:
    if "received" not in found:
        return False
    column = log.columns([found["received"]])[found["received"]]
    try:
        read_times(column, "", time_zone="UTC")
    except ValueError as reason:
        return "day_first" in str(reason)
    return False


def _are_degrees(log: Log, found: dict[str, str]) -> bool:
    x, y = (read_numbers(log.table[found[thing]].head(_SAMPLE)) for thing in _PLACED)
    return bool((x.abs().median() <= 180) & (y.abs().median() <= 90))


def _priority_lines(log: Log, column: str) -> Iterator[str]:
    codes = sorted(read_codes(log.columns([column])[column]).dropna().unique())
    unread = [code for code in codes if code not in map(str, range(1, 9))]
    if unread:
        yield from ("", "[priorities]  # check: 1 is the most urgent, 8 the least")
        yield from (f"{toml_value(code)} = {guessed_priority(code, codes)}" for code in unread[:20])


def guessed_priority(code: str, codes: Sequence[str]) -> int:
    """Return a priority for a code such as P1, 2C or B: its digit or letter, else its place among the codes."""
    digit = re.search(r"\d", code)
    if digit:
        return min(max(int(digit[0]), 1), 8)
    if len(code) == 1 and "A" <= code <= "Z":
        return min(ord(code) - ord("A") + 1, 8)
    return min(list(codes).index(code) + 1, 8)


def _calls_only(log: Log, preset: Preset | None) -> Log:
    """Return the rows that a preset does not take for something else than calls."""
    if preset is None:
        return log
    mapping = CityMapping.parse(preset.body, preset.name)
    rules = [rule for rule in (*mapping.other_work, *mapping.left_out) if rule.column in log.table]
    calls = ~rows_of(log.columns({rule.column: None for rule in rules}), rules)
    return log_of(log.table[calls], log.account.where)


def _category_lines(log: Log, columns: dict[str, str]) -> Iterator[str]:
    """Return a category for each large type of calls, and one for all others."""
    if "category" in columns and columns["category"] in log.table:
        types = read_names(log.columns([columns["category"]])[columns["category"]])
        shares = types.value_counts(normalize=True)
        large = shares[shares >= _LARGE].index[:_MOST]
        if len(large) < len(shares) or not len(large):
            yield from (
                "",
                "# Types that are 3 % of the rows or more; put others that belong together into lists of values.",
            )
        for value in large:
            name = value.lower() if value.isupper() else value  # capitals are hard to read in tables
            yield from ("", "[[categories]]", f"name = {toml_value(name)}", f"values = [{toml_value(value)}]")
            if "priority" not in columns:
                yield "priority = 2"
    yield from ("", "[[categories]]  # all others", f'name = "{OTHER}"')
    if "priority" not in columns:
        yield "priority = 3"


def marked_lines(text: str) -> int:
    """Return how many lines of a draft ask to be checked."""
    return int(np.sum(["# check:" in line for line in text.splitlines()]))

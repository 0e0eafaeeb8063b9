"""Drafts a mapping from the columns and values of a log; its user corrects the lines marked with ``# check``."""

from collections.abc import Collection, Iterator

import numpy as np

from libpatrol.city.reading.guesses import (
    CALL_COLUMNS,
    are_degrees,
    guessed_columns,
    guessed_priority,
    likely_columns,
    needs_order,
    row_kind,
)
from libpatrol.city.reading.mapping import CityMapping
from libpatrol.city.reading.mapping_tables import STATE_PLANE
from libpatrol.city.reading.presets import Preset, fitting_preset
from libpatrol.city.reading.values import OTHER, rows_of
from libpatrol.city.toml_text import toml_value
from libpatrol.replay.log_table import Log, log_of
from libpatrol.replay.log_times import zone_of
from libpatrol.replay.log_values import code_of, read_codes, read_names

_LARGE = 0.03  # share of the calls from which on a type is a category of its own
_MOST = 6
_SMALL_SHOWN = 20
_INVENTED = "# check: the log has no priorities; 1 is the most urgent, 8 the least"


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
    sure = {} if preset is not None else guessed_columns(log)
    guessed = sure if preset is not None else sure | likely_columns(log, sure)
    lines = [
        f"# How libpatrol reads {log.account.where}. Correct the lines marked with # check.",
        "",
        *(
            _preset_lines(preset, time_zone)
            if preset is not None
            else _guessed_lines(log, guessed, sure, name, time_zone)
        ),
    ]
    if preset is None or not preset.has_categories:
        lines += _category_lines(_calls_only(log, preset), guessed if preset is None else preset.columns)
    return "\n".join(lines) + "\n"


def _preset_lines(preset: Preset, time_zone: str | None) -> Iterator[str]:
    own = preset.values["city"]["time_zone"]
    yield f"# From the preset {preset.name}: {preset.title}."
    yield preset.body.strip().replace(_zone_line(own), _zone_line(time_zone or own))


def _zone_line(time_zone: str) -> str:
    return f"time_zone = {toml_value(time_zone)}"


def _guessed_lines(
    log: Log, found: dict[str, str], sure: Collection[str], name: str, time_zone: str | None
) -> Iterator[str]:
    doubt = "" if time_zone else "  # check: such as America/Chicago"
    yield from (
        "[city]",
        f"name = {toml_value(name)}  # check: as titles have it",
        _zone_line(time_zone or "") + doubt,
        "",
    )
    yield "[calls]"
    yield f'row = "{row_kind(log, found)}"  # check: a row is a call, or a unit at a call'
    for thing in CALL_COLUMNS:
        if thing in found:
            yield f"{thing} = {toml_value(found[thing])}" + ("" if thing in sure else "  # check: is this the column?")
    if "received" not in found:
        yield f'received = ""  # check: one of {", ".join(map(str, log.table))}'
    if "received" in found and needs_order(log, found["received"]):
        yield "day_first = false  # check: is 1/4/2021 in April?"
    if "x" in found and not are_degrees(log, found):
        yield f'crs = "{STATE_PLANE}"  # check: the coordinate system of x and y, often one of the state plane in feet'
    if "priority" in found:
        yield from _priority_lines(log, found["priority"])


def _priority_lines(log: Log, column: str) -> Iterator[str]:
    codes = sorted(read_codes(log.columns([column])[column]).dropna().unique())
    unread = [code for code in codes if code not in map(str, range(1, 9))]
    if unread:
        yield from ("", "[priorities]  # check: 1 is the most urgent, 8 the least")
        yield from (f"{toml_value(code)} = {guessed_priority(code, codes)}" for code in unread[:20])


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
        shares = types[read_codes(types) != code_of(OTHER)].value_counts() / max(1, types.notna().sum())
        large = shares[shares >= _LARGE].index[:_MOST]
        if len(large) < len(shares) or not len(large):
            yield from (
                "",
                "# Types that are 3 % of the rows or more; put those that belong together in one list of values.",
                *_others([str(name) for name in shares.index if name not in large]),
            )
        for value in large:
            name = value.lower() if value.isupper() else value  # capitals are hard to read in tables
            yield from ("", "[[categories]]", f"name = {toml_value(name)}", f"values = [{toml_value(value)}]")
            if "priority" not in columns:
                yield f"priority = 2  {_INVENTED}"
    yield from ("", "[[categories]]  # all others", f'name = "{OTHER}"')
    if "priority" not in columns:
        yield f"priority = 3  {_INVENTED}"


def _others(names: list[str]) -> Iterator[str]:
    """Return the smaller types, which may also be work that is no call."""
    if names:
        shown = ", ".join(map(toml_value, names[:_SMALL_SHOWN]))
        yield f"# Others: {shown}{', ...' if len(names) > _SMALL_SHOWN else ''}."
        yield "# Those that are no calls, such as meals or traffic stops, belong in the values of [[other_work]]."


def marked_lines(text: str) -> int:
    """Return how many lines of a draft ask to be checked."""
    return int(np.sum(["# check:" in line for line in text.splitlines()]))

"""Drafts what a mapping says about roads, beats, stations and the roster: only what the files themselves do not say."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from libpatrol.city.reading.beats import BeatShapes
from libpatrol.city.reading.crs import DEGREES
from libpatrol.city.reading.guesses import ROSTER_COLUMNS, guessed_columns, needs_order
from libpatrol.city.reading.mapping_tables import BeatColumns, RoadColumns, StationColumns, UnstatedError
from libpatrol.city.reading.road_files import read_roads
from libpatrol.city.reading.stations import station_places
from libpatrol.city.toml_text import toml_value
from libpatrol.replay.log_table import Log
from libpatrol.scenario.toml_tables import as_table, parse_toml


def draft_tables(
    *, roads: str | None = None, beats: str | None = None, stations: str | None = None, roster: Log | None = None
) -> str:
    """Return tables of a mapping, "" if the files need none.

    Parameters
    ----------
    roads, beats, stations : str, optional
        Files.
    roster : Log, optional
        Units on duty.

    Raises
    ------
    ValueError
        If a file cannot be read whatever the mapping says.
    """
    lines: list[str] = []
    if roads is not None:
        lines += _table("roads", RoadColumns, lambda columns: read_roads(roads, columns))
    if beats is not None:
        lines += _table("beats", BeatColumns, lambda columns: BeatShapes.read(Path(beats), columns))
    if stations is not None:
        lines += _table("stations", StationColumns, lambda columns: station_places(Path(stations), columns, DEGREES))
    if roster is not None:
        lines += _roster(roster)
    return "".join(f"{line}\n" for line in lines)


def _table(name: str, kind: Any, read: Callable[[Any], object]) -> list[str]:
    """Return the table with what reading asks for, one line after the other."""
    lines: list[str] = []
    while True:
        try:
            read(as_table(kind, parse_toml("\n".join(lines), name), name))
        except UnstatedError as unstated:
            if set(unstated.lines) <= set(lines):
                break  # what is drafted is no answer: only the user has one
            lines += unstated.lines
        else:
            break
    return ["", f"[{name}]", *lines] if lines else []


def _roster(log: Log) -> list[str]:
    found = guessed_columns(log, ROSTER_COLUMNS)
    others = ", ".join(map(str, log.table))
    lines = []
    for thing in ROSTER_COLUMNS:
        if thing not in found:
            lines.append(f'{thing} = ""  # check: one of {others}')
        elif found[thing] != thing:
            lines.append(f"{thing} = {toml_value(found[thing])}")
    if "start" in found and needs_order(log, found["start"]):
        lines.append("day_first = false  # check: is 1/4/2021 in April?")
    return ["", "[roster]", *lines] if lines else []

"""Reads a department's files into a city folder."""

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd

from libpatrol.city.folder import CityFolder, require_replaceable
from libpatrol.city.reading.beats import BeatShapes
from libpatrol.city.reading.call_log import read_call_log
from libpatrol.city.reading.draft import draft_mapping
from libpatrol.city.reading.mapping import CityMapping
from libpatrol.city.reading.numbers import numbers_of
from libpatrol.city.reading.placed_city import PlacedCity
from libpatrol.city.reading.road_files import read_roads
from libpatrol.city.reading.roster import compare_roster, read_roster
from libpatrol.replay.log_joining import put_together
from libpatrol.replay.log_table import Log, log_of, read_log
from libpatrol.replay.log_times import zone_of

Told = Callable[[str, float], None]
"""Is told what is done now, and which share of the work is behind."""


def import_city(
    out: str | os.PathLike[str],
    *,
    calls: Any,
    roads: Any = None,
    beats: str | os.PathLike[str] | None = None,
    stations: str | os.PathLike[str] | None = None,
    roster: Any = None,
    mapping: CityMapping | str | os.PathLike[str] | None = None,
    time_zone: str | None = None,
    told: Told = lambda doing, share: None,
) -> CityFolder:
    """Read a department's files into a city folder, which appears whole or not at all.

    Parameters
    ----------
    out : path-like
        The folder. One of the same city is replaced, unless it has results of later steps, or what a person has
        written.
    calls : path-like, sequence of path-like, or DataFrame
        The log: CSV, Excel or Parquet; several files with the same columns are read as one.
    roads : path-like, networkx graph or AreaArrays, optional
        See ``libpatrol.city.reading.road_files.read_roads``; None: streets are made from the places of calls.
    beats : path-like, optional
        Polygons; None: beats are those of the calls.
    stations : path-like, optional
        Where units start: points, or a table.
    roster : path-like or DataFrame, optional
        Units on duty.
    mapping : CityMapping or path-like, optional
        The meaning of the files; None: drafted from the log.
    time_zone : str, optional
        Of the city; takes precedence over the mapping.
    told : callable
        Is told of the progress.

    Raises
    ------
    ValueError
        If something does not fit; the sentence names the file, the row and what to do.
    """
    told("reading calls", 0.0)
    log = log_from(calls, "the log")
    meant, drafted = _mapping(mapping, log, Path(out).name, time_zone)
    zone_name = time_zone or meant.city.time_zone
    if not zone_name:
        raise ValueError(
            "the city's time zone is not known: give --time-zone, such as America/Chicago, or city.time_zone "
            "in a mapping, which --draft mapping.toml drafts"
        )
    zone = zone_of(zone_name)
    told("understanding calls", 0.2)
    name = meant.city.name or Path(out).name
    require_replaceable(Path(out), name, meant.text)
    on_duty = None if roster is None else log_from(roster, "the roster")
    duty = None if on_duty is None else read_roster(on_duty, meant, zone)
    read = read_call_log(log, meant, zone, () if duty is None else duty["unit"].unique())
    if duty is not None and on_duty is not None:
        compare_roster(duty, read, on_duty.account)
    del log
    told("reading roads and beats", 0.55)
    network = None if roads is None else read_roads(roads, meant.roads)
    shapes = None if beats is None else BeatShapes.read(Path(beats), meant.beats)
    told("placing calls", 0.65)
    city = PlacedCity(read, meant, network, shapes, zone_name)
    told("writing", 0.85)
    content = city.content(
        zone=zone_name,
        sources=_sources(
            calls=calls, roads=roads, beats=beats, stations=stations, roster=roster, rows=read.account.rows
        ),
        stations=stations,
        roster=duty,
        drafted=drafted,
        name=name,
        remarks=[] if on_duty is None else on_duty.account.remarks,
    )
    folder = content.write(out, more=lambda path: numbers_of(content, path))
    told("done", 1.0)
    return folder


def log_from(source: Any, name: str) -> Log:
    """Return a log from files, which errors call by their names, or from a DataFrame, which they call ``name``."""
    if isinstance(source, pd.DataFrame):
        return log_of(source, name)
    if isinstance(source, list | tuple):
        if not source:
            raise ValueError(f"{name} has no file")
        paths = [Path(entry).resolve() for entry in source]
        again = next((path for k, path in enumerate(paths) if path in paths[:k]), None)
        if again is not None:
            raise ValueError(f"{again.name} is given twice as a part of {name}")
        return put_together([log_from(entry, name) for entry in source])
    log = read_log(source)
    log.account.where = Path(source).name
    return log


def _mapping(mapping: Any, log: Log, name: str, time_zone: str | None) -> tuple[CityMapping, bool]:
    if isinstance(mapping, CityMapping):
        return mapping, False
    if mapping is not None:
        return CityMapping.load(mapping), False
    return CityMapping.parse(draft_mapping(log, name, time_zone), "the drafted mapping"), True


def _sources(rows: int, **given: Any) -> dict[str, dict[str, Any]]:
    found = {}
    for kind, source in given.items():
        if source is None:
            continue
        entry: dict[str, Any] = {"file": "", "sha256": ""}
        if isinstance(source, str | os.PathLike):
            path = Path(source)
            entry = {"file": path.name, "sha256": _digest(path)}
        elif isinstance(source, list | tuple):
            paths = [Path(part) for part in source]
            digests = [_digest(path) for path in paths]
            entry = {"file": ", ".join(path.name for path in paths), "sha256": digests[0]}
            if len(paths) > 1:
                entry["sha256"] = hashlib.sha256("".join(digests).encode()).hexdigest()
        if kind == "calls":
            entry["rows"] = rows
        found[kind] = entry
    return found


def _digest(path: Path) -> str:
    """Return the SHA-256 of a file, or of the files of a folder in order."""
    digest = hashlib.sha256()
    for part in [path] if path.is_file() else sorted(entry for entry in path.rglob("*") if entry.is_file()):
        with part.open("rb") as file:
            while block := file.read(1 << 20):
                digest.update(block)
    return digest.hexdigest()

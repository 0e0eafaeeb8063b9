"""Driving times of roads, from what a file says about them: times, speeds, limits, kinds of road."""

import ast
import re
from collections.abc import Callable, Iterable

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from libpatrol.city.reading.mapping_tables import KPH, MPH, RoadColumns, UnstatedError

_KPH_PER_MPH = 1.609344
CLASS_KPH = {
    "motorway": 90.0, "motorway_link": 45.0, "trunk": 85.0, "trunk_link": 40.0, "primary": 65.0, "primary_link": 30.0,
    "secondary": 55.0, "secondary_link": 25.0, "tertiary": 40.0, "tertiary_link": 20.0, "unclassified": 25.0,
    "residential": 25.0, "living_street": 10.0, "service": 15.0,
}  # fmt: skip
"""Speeds by kind of road: those of OSRM's profile for cars (Project-OSRM/osrm-backend, profiles/car.lua)."""
_SECONDS = ("travel_time",)
_SPEEDS = ("speed_kph", "maxspeed", "speed_limit", "speedlimit", "speed_lim", "posted_spe", "speed", "mph")
_STATED = {"speed_kph": KPH, "mph": MPH}
_USUAL = {"maxspeed": KPH}  # of OpenStreetMap
_CLASSES = ("highway", "fclass", "road_class", "class")


def driving_seconds(
    table: pd.DataFrame, metres: NDArray[np.float64], columns: RoadColumns, where: str
) -> tuple[NDArray[np.float64], list[str]]:
    """Return the driving time of each road, and in words where times come from.

    Parameters
    ----------
    table : DataFrame
        What the file says about each road; text, numbers or lists.
    metres : float64 [roads]
        Lengths.
    columns : RoadColumns
        Names of columns that are not the usual ones.
    where : str
        The file, for errors.

    Notes
    -----
    In this order: a time, a speed or limit (the mean of several), the usual speed of the kind of road, the default.
    """
    seconds, sources = np.full(len(table), np.nan), []

    def fill(name: str, found: NDArray[np.float64]) -> None:
        now = np.isnan(seconds) & np.isfinite(found) & (found > 0)
        seconds[now] = found[now]
        if now.any():
            sources.append(f"{int(now.sum()):,} by {name}")

    for name in _present(table, columns.seconds, _SECONDS, where):
        fill(name, numbers_in(table[name]))
    for name in _present(table, columns.speed, _SPEEDS, where):
        if np.isnan(seconds).any():
            fill(name, 3.6 * metres / speeds_in(table[name], _unit(name, columns, where)))
    for name in _present(table, columns.road_class, _CLASSES, where):
        fill(f"the usual speed of their {name}", 3.6 * metres / _class_speeds(table[name]))
    default = columns.default_speed * (_KPH_PER_MPH if columns.speed_unit == MPH else 1.0)
    fill(f"{columns.default_speed:g} {columns.speed_unit or KPH}", 3.6 * metres / default)
    return seconds, [f"driving times of {len(table):,} roads in {where}: {', '.join(sources)}"]


def _unit(name: str, columns: RoadColumns, where: str) -> float:
    """Return the km/h of one of a column's speeds."""
    stated = _STATED.get(name.lower()) or columns.speed_unit or _USUAL.get(name.lower())
    if stated is None:
        sentence = f"{where}: is {name} in km/h or mph? Say speed_unit in [roads] of the mapping"
        raise UnstatedError(sentence, f'speed_unit = "{MPH}"  # check: or {KPH}, of {name}')
    return _KPH_PER_MPH if stated == MPH else 1.0


def _present(table: pd.DataFrame, named: str | None, usual: Iterable[str], where: str) -> list[str]:
    if named is not None and named not in table:
        raise ValueError(
            f"{where} has no column {named}, which [roads] of the mapping names; it has {', '.join(table)}"
        )
    spelled = {str(name).lower(): str(name) for name in table}
    return [named] if named is not None else [spelled[name] for name in usual if name in spelled]


def numbers_in(column: pd.Series) -> NDArray[np.float64]:
    """Return numbers, the mean where a cell holds a list of them, NaN where it holds none."""
    return _by_value(column, float)


def speeds_in(column: pd.Series, unit: float) -> NDArray[np.float64]:
    """Return speeds in km/h from cells such as 50, 30 mph or ['30', '50']; ``unit`` is km/h for one of the file's."""

    def speed(text: str) -> float:
        found = re.fullmatch(r"(\d+(?:\.\d+)?) ?(mph|km/?h|kph)?", text)
        if found is None:
            return np.nan  # such as signals, walk, none
        return float(found[1]) * (_KPH_PER_MPH if found[2] == "mph" else 1.0 if found[2] else unit)

    return _by_value(column, speed)


def entries_of(cell: object) -> list[str]:
    """Return the entries of a cell, which may hold a list, also as text such as "['a', 'b']"."""
    if isinstance(cell, list | tuple | set | np.ndarray):
        return [str(entry).strip() for entry in cell]
    text = str(cell).strip()
    if text.startswith("[") and text.endswith("]"):
        try:
            return [str(entry).strip() for entry in ast.literal_eval(text)]
        except (ValueError, SyntaxError):
            return []
    return [] if cell is None or text in ("", "nan", "None", "<NA>") else [text]


def _by_value(column: pd.Series, read: Callable[[str], float]) -> NDArray[np.float64]:
    number, values = pd.factorize(column.map(lambda cell: "\0".join(entries_of(cell))))
    means = [_mean(value.split("\0"), read) for value in values]
    return np.asarray(np.array([*means, np.nan])[number], np.float64)


def _mean(entries: list[str], read: Callable[[str], float]) -> float:
    numbers = []
    for entry in entries:
        try:
            numbers.append(read(entry.lower()))
        except ValueError:
            continue
    numbers = [number for number in sorted(numbers) if np.isfinite(number)]  # a list from a set has no order
    return float(np.mean(numbers)) if numbers else np.nan


def _class_speeds(column: pd.Series) -> NDArray[np.float64]:
    return _by_value(column, lambda name: CLASS_KPH.get(name, np.nan))

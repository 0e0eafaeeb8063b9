"""The tables of a mapping file."""

import math
from dataclasses import dataclass, field, fields

from libpatrol._native.abi import PRIORITIES

STATE_PLANE = "EPSG:2926"
"""An example of a coordinate system, in feet."""
ROWS = ("call", "unit")
MPH, KPH = "mph", "km/h"


class UnstatedError(ValueError):
    """A file does not say something that the mapping can say.

    Parameters
    ----------
    sentence : str
        What is not known, and what to do.
    *lines : str
        That a draft of the mapping has in the file's table, to be checked.
    """

    def __init__(self, sentence: str, *lines: str) -> None:
        super().__init__(sentence)
        self.lines = lines


def unstated_crs(sentence: str) -> UnstatedError:
    """Return the error of places whose coordinate system is not known."""
    return UnstatedError(sentence, f'crs = "{STATE_PLANE}"  # check: the coordinate system of the file')


@dataclass(frozen=True, kw_only=True)
class CallColumns:
    """Table ``[calls]``: how the log is read. Columns that the log does not have are left out.

    Attributes
    ----------
    row : str
        "call" or "unit": what a row is, a call, or a unit at a call.
    id : str or None
        Number of the call; needed where a row is a unit.
    received, dispatched, arrived, cleared : str or None
        Times; "DATE + TIME" puts two columns together.
    day_first : bool or None
        Whether 1/4/2021 is in April; None: as the log shows, refused if it does not show.
    time_format : str or None
        Of times in an unusual spelling, as Python's ``strptime`` has it, such as %d%b%y %H%M.
    x, y : str or None
        Coordinates in ``crs``.
    point : str or None
        Coordinates in one cell: POINT (x y), or (latitude, longitude).
    crs : str or None
        Such as EPSG:4326, degrees, which is the default for numbers that can be degrees.
    node, beat, category, priority, unit : str or None
        Number of a node of the streets; names or codes.
    units, responding : str or None
        Numbers of units asked for, and that went.
    """

    row: str = "call"
    id: str | None = None
    received: str | None = None
    dispatched: str | None = None
    arrived: str | None = None
    cleared: str | None = None
    day_first: bool | None = None
    time_format: str | None = None
    x: str | None = None
    y: str | None = None
    point: str | None = None
    crs: str | None = None
    node: str | None = None
    beat: str | None = None
    category: str | None = None
    priority: str | None = None
    unit: str | None = None
    units: str | None = None
    responding: str | None = None

    def __post_init__(self) -> None:
        if self.row not in ROWS:
            raise ValueError(f"row is {self.row!r}, expected one of {', '.join(ROWS)}")
        if self.row == "unit" and not (self.id and self.unit):
            raise ValueError('row is "unit", which needs the columns id and unit')
        if (self.x is None) != (self.y is None):
            raise ValueError("x and y are needed together")

    def columns(self) -> dict[str, str]:
        """Return the log's column for each thing that is read."""
        settings = ("row", "day_first", "time_format", "crs")
        given = {entry.name: getattr(self, entry.name) for entry in fields(self) if entry.name not in settings}
        return {name: column for name, column in given.items() if column}


@dataclass(frozen=True, kw_only=True)
class CategoryRule:
    """Table ``[[categories]]``: calls that are counted together.

    Attributes
    ----------
    name : str
        In all results.
    values : list of str
        Of the log's column ``category``; ``*`` stands for anything. A category without values takes all others.
    priority : int or None
        1 to 8, for calls without one of their own; None: their most frequent one.
    units : int
        That a call asks for.
    weight : float or None
        Of waiting; None: by priority, 4, 2, then 1.
    """

    name: str
    values: list[str] = field(default_factory=list)
    priority: int | None = None
    units: int = 1
    weight: float | None = None

    def __post_init__(self) -> None:
        if not self.name.strip():
            raise ValueError("name is empty, expected what results call the category")
        if self.priority is not None and self.priority not in range(1, PRIORITIES + 1):
            raise ValueError(f"priority is {self.priority}, expected 1 to {PRIORITIES}")
        if not 1 <= self.units <= 127:
            raise ValueError(f"units is {self.units}, expected 1 to 127")
        if self.weight is not None and not 0 < self.weight < math.inf:
            raise ValueError(f"weight is {self.weight:g}, expected a number above 0")


@dataclass(frozen=True, kw_only=True)
class RowRule:
    """Tables ``[[other_work]]`` and ``[[left_out]]``: rows that are not calls.

    Attributes
    ----------
    column : str
        Of the log.
    values : list of str
        With which a row is meant; ``*`` stands for anything, "" for an empty cell.
    """

    column: str
    values: list[str]


@dataclass(frozen=True, kw_only=True)
class RoadColumns:
    """Table ``[roads]``: how a road file is read. Columns with the usual names need no entry.

    Attributes
    ----------
    seconds, length, speed, road_class, name, oneway : str or None
        Columns: driving time; length in metres; speed limit; kind of road; its name; direction.
    speed_unit : str or None
        "km/h" or "mph", of numbers without a unit; those of OpenStreetMap are in km/h.
    default_speed : float
        In that unit, where a file says nothing.
    layer : str or None
        Of a file with several.
    crs : str or None
        If the file does not state its own.
    """

    seconds: str | None = None
    length: str | None = None
    speed: str | None = None
    road_class: str | None = None
    name: str | None = None
    oneway: str | None = None
    speed_unit: str | None = None
    default_speed: float = 40.0
    layer: str | None = None
    crs: str | None = None

    def __post_init__(self) -> None:
        if self.speed_unit not in (None, KPH, MPH):
            raise ValueError(f"speed_unit is {self.speed_unit!r}, expected {KPH} or {MPH}")
        if not 0 < self.default_speed < math.inf:
            raise ValueError(f"default_speed is {self.default_speed:g}, expected a number above 0")


@dataclass(frozen=True, kw_only=True)
class BeatColumns:
    """Table ``[beats]``: ``name`` and ``group`` are columns; ``leave_out`` names beats without streets of their own.

    ``layer`` is that of a file with several, ``crs`` is needed if the file does not state its own.
    """

    name: str | None = None
    group: str | None = None
    layer: str | None = None
    crs: str | None = None
    leave_out: list[str] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class StationColumns:
    """Table ``[stations]``: columns of the places from which units start; not needed for files of points."""

    name: str | None = None
    x: str | None = None
    y: str | None = None
    crs: str | None = None


@dataclass(frozen=True, kw_only=True)
class RosterColumns:
    """Table ``[roster]``: columns of units on duty, with the start and end of each shift.

    ``day_first`` and ``time_format`` are those of the calls if they are not given.
    """

    unit: str | None = None
    start: str | None = None
    end: str | None = None
    day_first: bool | None = None
    time_format: str | None = None


@dataclass(frozen=True, kw_only=True)
class CitySettings:
    """Table ``[city]``: what no file says.

    Attributes
    ----------
    name : str
        Of the city.
    time_zone : str or None
        Such as America/Chicago.
    emergency_factor : float
        Emergency seconds divided by patrol seconds, where the roads do not state both.
    turnout_seconds : float
        From a dispatch to the start of a unit that is not on the road.
    maximum_snap_metres : float
        Calls farther than this from all streets are outside.
    """

    name: str = ""
    time_zone: str | None = None
    emergency_factor: float = 0.8
    turnout_seconds: float = 0.0
    maximum_snap_metres: float = 1000.0

    def __post_init__(self) -> None:
        if not 0 < self.emergency_factor <= 1:
            raise ValueError(f"emergency_factor is {self.emergency_factor:g}, expected above 0, at most 1")
        for name in ("turnout_seconds", "maximum_snap_metres"):
            if not 0 <= getattr(self, name) < math.inf:
                raise ValueError(f"{name} is {getattr(self, name):g}, expected a number of at least 0")

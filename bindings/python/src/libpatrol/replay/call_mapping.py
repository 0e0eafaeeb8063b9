"""The meaning of the columns and values of a log of calls."""

import os
from dataclasses import dataclass, field
from pathlib import Path

from libpatrol._native.abi import PRIORITIES
from libpatrol.scenario.toml_tables import as_table, parse_toml, read_text

READ = ("time", "node", "x", "y", "category", "priority", "service_seconds")


@dataclass(frozen=True, kw_only=True)
class CallMapping:
    """How a log is read: from a TOML file with keys and tables of these names, or from Python.

    Attributes
    ----------
    columns : dict of str
        The log's names of `time`, `node`, `x`, `y`, `category`, `priority` and `service_seconds`, if they differ.
    categories : dict of str
        From a value of the log to a category of the area; to "" for calls that are left out.
    other_category : str or None
        For values that are neither in `categories` nor a category of the area; None: they are refused.
    priorities : dict of int
        From a value of the log to a priority, 1 to 8. Values that already are such numbers need no entry.
    day_first : bool or None
        Whether 1/4/2021 is in April; None: as the log shows, refused if it does not show.
    time_zone : str or None
        Time zone of the city, such as America/Chicago; needed for times in UTC.
    maximum_snap_metres : float
        Calls farther than this from the nearest node are left out.
    """

    columns: dict[str, str] = field(default_factory=dict)
    categories: dict[str, str] = field(default_factory=dict)
    other_category: str | None = None
    priorities: dict[str, int] = field(default_factory=dict)
    day_first: bool | None = None
    time_zone: str | None = None
    maximum_snap_metres: float = 2000.0

    def __post_init__(self) -> None:
        for name, column in self.columns.items():
            if name not in READ or not isinstance(column, str):
                raise ValueError(f"columns.{name} is {column!r}, expected a column's name for one of {', '.join(READ)}")
        for value, category in self.categories.items():
            if not isinstance(category, str):
                raise ValueError(f"categories.{value} is {category!r}, expected the name of a category")
        for value, priority in self.priorities.items():
            if isinstance(priority, bool) or priority not in range(1, PRIORITIES + 1):
                raise ValueError(f"priorities.{value} is {priority!r}, expected 1 to {PRIORITIES}")
        if not self.maximum_snap_metres >= 0:
            raise ValueError(f"maximum_snap_metres is {self.maximum_snap_metres}, expected a number of at least 0")

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> "CallMapping":
        """Read a TOML file."""
        where = os.fspath(path)
        return as_table(cls, parse_toml(read_text(Path(path)), where), where)

"""A city folder: what ``libpatrol import`` writes, and later steps add to."""

import hashlib
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from zoneinfo import ZoneInfo

from libpatrol.area import Area
from libpatrol.area_arrays import AreaArrays
from libpatrol.atomic import written_whole
from libpatrol.city.facts import CityFacts
from libpatrol.city.tables import read_table, write_table
from libpatrol.extras import extra
from libpatrol.files import read_area, write_area

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

CITY = "city.toml"
MAPPING = "mapping.toml"
STREETS = "streets.safetensors"
NUMBERS = "numbers.json"
STEPS = {"check": "model", "compare": "compare", "beats": "beats", "staff": "staff", "train": "train"}
"""The sub-folder of each step; "beats" is a comparison with proposed beats."""
_NEEDED = (CITY, MAPPING, STREETS, *(f"{name}.parquet" for name in ("calls", "responses", "beats", "nodes")))
_WRITTEN = frozenset(
    {*_NEEDED, "other_work.parquet", "roster.parquet", NUMBERS, "numbers.html", "numbers.xlsx", "beats.gpkg"}
)
"""All that an import writes."""


class Step(NamedTuple):
    """What a step has written: its folder, and its results from ``check.json`` or ``results.json``."""

    path: Path
    results: dict[str, Any]


class CityFolder:
    """An opened city folder. Tables are read when asked for.

    Parameters
    ----------
    path : path-like
        The folder.

    Attributes
    ----------
    path : Path
        The folder.
    facts : CityFacts
        What ``city.toml`` says.

    Raises
    ------
    ValueError
        If it is no city folder, or a file is missing or damaged.

    Examples
    --------
    >>> from libpatrol.city.folder import CityFolder
    >>> try:
    ...     CityFolder("elsewhere")
    ... except ValueError as error:
    ...     print(error)
    elsewhere is not a city folder: it has no city.toml; make one with libpatrol import --calls FILE --out elsewhere
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)
        if not (self.path / CITY).is_file():
            raise ValueError(
                f"{self.path} is not a city folder: it has no {CITY}; "
                f"make one with libpatrol import --calls FILE --out {self.path}"
            )
        missing = [name for name in _NEEDED if not (self.path / name).is_file()]
        if missing:
            raise ValueError(f"{self.path} lacks {', '.join(missing)}: import it again")
        self.facts = CityFacts.load(self.path / CITY)

    @staticmethod
    def is_at(path: str | os.PathLike[str]) -> bool:
        """Return whether there is a city folder at ``path``."""
        return (Path(path) / CITY).is_file()

    @property
    def zone(self) -> ZoneInfo:
        """Time zone of the city."""
        return ZoneInfo(self.facts.time_zone)

    @property
    def category_names(self) -> list[str]:
        """Of the calls, in the order of the area's categories."""
        return [category.name for category in self.facts.categories]

    def calls(self) -> "pd.DataFrame":
        """Return the calls, a row each, ascending by ``received``; columns as in ``tables.SCHEMAS``."""
        return self._table("calls")

    def responses(self) -> "pd.DataFrame":
        """Return the responses, a row for each unit and call."""
        return self._table("responses")

    def other_work(self) -> "pd.DataFrame | None":
        """Return self-initiated and administrative work; None if the log has none."""
        return self._table("other_work", optional=True)

    def roster(self) -> "pd.DataFrame | None":
        """Return who was on duty when; None without a roster."""
        return self._table("roster", optional=True)

    def numbers(self) -> dict[str, Any]:
        """Return the numbers that the calls alone give: volume, committed hours, response."""
        numbers: dict[str, Any] = json.loads((self.path / NUMBERS).read_text(encoding="utf-8"))
        return numbers

    def nodes(self) -> "pd.DataFrame":
        """Return the nodes of the streets, row k is node k."""
        return self._table("nodes")

    def beats(self) -> "gpd.GeoDataFrame":
        """Return the beats in the city's CRS, row k is beat k; ``geometry`` is None where there is no polygon."""
        with extra("city", "libpatrol.city"):
            import geopandas as gpd

        table = self._table("beats")
        return gpd.GeoDataFrame(table, geometry=gpd.GeoSeries.from_wkb(table["geometry"]), crs=self.facts.crs)

    @cached_property
    def streets(self) -> AreaArrays:
        """Roads, beats, groups and categories as arrays, without demand."""
        return read_area(self.path / STREETS)

    def area(self, **options: Any) -> Area:
        """Return the area of the streets, without demand; options as those of ``Area.load``."""
        return Area.load(self.path / STREETS, **options)

    @contextmanager
    def write_step(self, name: str) -> Iterator[Path]:
        """Give a folder for a step's files, which becomes the step's when the block ends without an exception."""
        with written_whole(self.path / STEPS[name]) as folder:
            yield folder

    def has_step(self, name: str) -> bool:
        """Return whether a step has been done."""
        return self._results(name).is_file()

    def step(self, name: str) -> Step:
        """Return what a step has written.

        Raises
        ------
        ValueError
            If the step has not been done.
        """
        results = self._results(name)
        if not results.is_file():
            command = f"compare --beats FILE {self.path}" if name == "beats" else f"{name} {self.path}"
            raise ValueError(f"{self.path} has no results of {name} yet: run libpatrol {command}")
        return Step(results.parent, json.loads(results.read_text(encoding="utf-8")))

    def _results(self, name: str) -> Path:
        return self.path / STEPS[name] / ("check.json" if name == "check" else "results.json")

    def _table(self, name: str, optional: bool = False) -> Any:
        path = self.path / f"{name}.parquet"
        return None if optional and not path.exists() else read_table(path, name)


def require_replaceable(target: Path, name: str, mapping: str) -> None:
    """Refuse to write a city folder over anything else than an earlier import of the same city.

    Parameters
    ----------
    target : Path
        Where the folder is to be written.
    name : str
        Of the city.
    mapping : str
        Text of its mapping file.

    Raises
    ------
    ValueError
        If something would be lost: another city, results, or what a person has put there or changed.
    """
    if not target.exists() or (target.is_dir() and not any(target.iterdir())):
        return
    if not CityFolder.is_at(target):
        raise ValueError(f"{target} exists and is not a city folder: give another --out")
    instead = "give another --out, or remove the folder"
    facts = CityFacts.load(target / CITY)
    if facts.name != name:
        raise ValueError(f"{target} is the city folder of {facts.name}, not of {name}: {instead}")
    done = [step for step, folder in STEPS.items() if (target / folder).exists()]
    if done:
        raise ValueError(
            f"{target} has results of {', '.join(done)}, which are of the calls imported before: {instead}"
        )
    others = sorted(entry.name for entry in target.iterdir() if entry.name not in _WRITTEN)
    if others:
        raise ValueError(f"{target} has {', '.join(others)}, which an import does not write: {instead}")
    meant = target / MAPPING
    present = meant.read_text(encoding="utf-8") if meant.is_file() else mapping
    if facts.mapping_sha256 and present != mapping and _digest(present) != facts.mapping_sha256:
        raise ValueError(f"{meant} was changed after the import: give --mapping {meant}; or {instead}")


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True, kw_only=True)
class CityContent:
    """All that a city folder holds before the first step.

    Attributes
    ----------
    facts : CityFacts
        For ``city.toml``.
    mapping : str
        Text of the mapping file.
    streets : AreaArrays
        Without demand.
    calls, responses, other_work, roster, beats, nodes : DataFrame
        As in ``tables.SCHEMAS``; ``other_work`` and ``roster`` may be None.
    """

    facts: CityFacts
    mapping: str
    streets: AreaArrays
    calls: "pd.DataFrame"
    responses: "pd.DataFrame"
    beats: "pd.DataFrame"
    nodes: "pd.DataFrame"
    other_work: "pd.DataFrame | None" = None
    roster: "pd.DataFrame | None" = None

    def write(self, path: str | os.PathLike[str], more: Callable[[Path], None] = lambda folder: None) -> CityFolder:
        """Write the folder whole and open it. ``more`` may add files to it.

        A folder of the same city is replaced if all of it is from an import; others stay, and a ValueError says why.
        """
        target = Path(path)
        require_replaceable(target, self.facts.name, self.mapping)
        with written_whole(target) as folder:
            facts = replace(self.facts, mapping_sha256=_digest(self.mapping))
            (folder / CITY).write_text(facts.text(), encoding="utf-8")
            (folder / MAPPING).write_text(self.mapping, encoding="utf-8")
            write_area(folder / STREETS, **self.streets)
            for name in ("calls", "responses", "other_work", "roster", "beats", "nodes"):
                table = getattr(self, name)
                if table is not None:
                    write_table(folder / f"{name}.parquet", name, table)
            more(folder)
        return CityFolder(target)

"""The meaning of a department's files: a TOML file that ``libpatrol import --draft`` drafts and its user corrects."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from libpatrol._native.abi import PRIORITIES
from libpatrol.city.reading.mapping_tables import (
    BeatColumns,
    CallColumns,
    CategoryRule,
    CitySettings,
    RoadColumns,
    RosterColumns,
    RowRule,
    StationColumns,
)
from libpatrol.replay.log_values import code_of
from libpatrol.scenario.toml_tables import Table, as_table, check_keys, parse_toml, read_text

_TABLES: dict[str, Any] = {
    "city": CitySettings,
    "calls": CallColumns,
    "roads": RoadColumns,
    "beats": BeatColumns,
    "stations": StationColumns,
    "roster": RosterColumns,
}


@dataclass(frozen=True, kw_only=True)
class _Assumed:
    sentences: list[str] = field(default_factory=list)


_LISTS: dict[str, Any] = {"categories": CategoryRule, "other_work": RowRule, "left_out": RowRule}


@dataclass(frozen=True, kw_only=True)
class CityMapping:
    r"""All of a mapping file.

    Attributes
    ----------
    city, calls, roads, beats, stations, roster
        Its tables.
    priorities : dict
        From a value of the log, in which ``*`` and ``?`` stand for anything, to a priority, 1 to 8; values that already
        are such numbers need no entry.
    categories, other_work, left_out : list
        Its lists of tables.
    assumed : list of str
        What the files do not say, or say otherwise than it is read; every later result repeats these sentences.
    text : str
        Of the file.
    where : str
        The file, for errors.

    Examples
    --------
    >>> from libpatrol.city.reading.mapping import CityMapping
    >>> CityMapping.parse("[priorities]\nP1 = 1", "mapping.toml").priorities
    {'P1': 1}
    """

    city: CitySettings = field(default_factory=CitySettings)
    calls: CallColumns = field(default_factory=CallColumns)
    roads: RoadColumns = field(default_factory=RoadColumns)
    beats: BeatColumns = field(default_factory=BeatColumns)
    stations: StationColumns = field(default_factory=StationColumns)
    roster: RosterColumns = field(default_factory=RosterColumns)
    priorities: dict[str, int] = field(default_factory=dict)
    categories: list[CategoryRule] = field(default_factory=list)
    other_work: list[RowRule] = field(default_factory=list)
    left_out: list[RowRule] = field(default_factory=list)
    assumed: list[str] = field(default_factory=list)
    text: str = ""
    where: str = "the mapping"

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> "CityMapping":
        """Read a mapping file; a ValueError names the key that is wrong."""
        return cls.parse(read_text(Path(path)), os.fspath(path))

    @classmethod
    def parse(cls, text: str, where: str) -> "CityMapping":
        """Return the mapping that a text states; ``where`` is its name in errors."""
        values = parse_toml(text, where)
        keys: dict[str, Any] = dict.fromkeys([*_TABLES, "priorities", "preset", "assumed"], Table)
        keys |= dict.fromkeys(_LISTS, list[Table])
        check_keys(keys, values, where)
        tables: dict[str, Any] = {
            name: as_table(kind, values[name], f"{where}: {name}") for name, kind in _TABLES.items() if name in values
        }
        lists: dict[str, Any] = {
            name: [as_table(kind, row, f"{where}: {name}[{k}]") for k, row in enumerate(values.get(name, []))]
            for name, kind in _LISTS.items()
        }
        _check_categories(lists["categories"], where)
        priorities = values.get("priorities", {})
        _check_priorities(priorities, where)
        assumed = as_table(_Assumed, values.get("assumed", {}), f"{where}: assumed").sentences
        given: dict[str, Any] = {**tables, **lists, "priorities": dict(priorities), "assumed": list(assumed)}
        return cls(**given, text=text, where=where)


def _check_categories(rules: list[CategoryRule], where: str) -> None:
    codes = [code_of(rule.name) for rule in rules]
    again = [rule.name for rule, code in zip(rules, codes, strict=True) if codes.count(code) > 1]
    if again:
        raise ValueError(f"{where} has the category {again[0]} {len(again)} times: put its values together")
    others = [rule.name for rule in rules if not rule.values]
    if len(others) > 1:
        raise ValueError(f"{where}: {' and '.join(others)} have no values; only one category can take all others")


def _check_priorities(values: Mapping[str, Any], where: str) -> None:
    for value, priority in values.items():
        if isinstance(priority, bool) or priority not in range(1, PRIORITIES + 1):
            raise ValueError(f"{where}: priorities.{value} is {priority!r}, expected 1 to {PRIORITIES}")

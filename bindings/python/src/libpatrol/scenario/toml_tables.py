"""Tables of a TOML file as dataclasses, with sentences that say which key is wrong."""

import difflib
import sys
import types
from collections.abc import Mapping
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any, TypeAlias, TypeVar, Union, get_args, get_origin

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

Table: TypeAlias = dict[str, Any]
"""A table whose keys are checked later, or are names."""

_Table = TypeVar("_Table")
_SCALARS: dict[type, str] = {
    str: "text",
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    dict: "a table",
}


def read_text(path: Path) -> str:
    """Return the text of a file in UTF-8, without the byte order mark that some editors write."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as reason:
        raise ValueError(f"{path} is not UTF-8 text: {reason.reason} at byte {reason.start}") from reason


def parse_toml(text: str, where: str) -> dict[str, Any]:
    """Return the file's tables; raise a ValueError that names the file if it is not TOML."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as reason:
        raise ValueError(f"{where} is not TOML: {reason}") from reason


def as_table(kind: type[_Table], values: Any, where: str) -> _Table:
    """Return the table `values` as the dataclass `kind`, checking names and types of its keys.

    Raises
    ------
    ValueError
        If a key is unknown, missing or of another type; `where` says in which table.
    """
    # typing has no bound for dataclasses
    known = {field.name: field for field in fields(kind)}  # type: ignore[arg-type]
    check_keys({name: field.type for name, field in known.items()}, values, where)
    for name, field in known.items():
        if field.default is MISSING and field.default_factory is MISSING and name not in values:
            raise ValueError(f"{where} lacks the key {name}")
    try:
        return kind(**values)
    except ValueError as reason:
        raise ValueError(f"{where}: {reason}") from reason


def check_keys(types: Mapping[str, Any], values: Any, where: str) -> None:
    """Check that `values` is a table whose keys are among those of `types` and have their types."""
    if not isinstance(values, Mapping):
        raise ValueError(f"{where} is {_shown(values)}, expected a table")
    for name, value in values.items():
        if name not in types:
            close = difflib.get_close_matches(name, types, 1)
            hint = f": did you mean {close[0]}?" if close else f", expected {', '.join(types)}"
            raise ValueError(f"{where} has no key {name}{hint}")
        if not _fits(value, types[name]):
            raise ValueError(f"{where}.{name} is {_shown(value)}, expected {_said(types[name])}")


def within(name: str, value: float, least: float, most: float, above: bool = False) -> None:
    """Check that `least` <= `value` <= `most`, or with `above` that `least` < `value`; NaN fails."""
    if not least <= value <= most or (above and value == least):
        bounds = f"above {least:g}, at most {most:g}" if above else f"{least:g} to {most:g}"
        raise ValueError(f"{name} is {value:g}, expected {bounds}")


def _fits(value: Any, kind: Any) -> bool:
    if get_origin(kind) in (Union, types.UnionType):
        return any(_fits(value, part) for part in get_args(kind))
    if get_origin(kind) is list:
        return isinstance(value, list) and all(_fits(entry, get_args(kind)[0]) for entry in value)
    kind = get_origin(kind) or kind  # Table
    if isinstance(value, int) and not -(1 << 63) <= value < 1 << 64:
        return False  # no number of TOML, though Python reads it
    if kind is float:
        return isinstance(value, int | float) and not isinstance(value, bool)
    if kind is int:
        return isinstance(value, int) and not isinstance(value, bool)
    return kind is not type(None) and isinstance(value, kind)


def _said(kind: Any) -> str:
    if get_origin(kind) in (Union, types.UnionType):
        return " or ".join(_said(part) for part in get_args(kind) if part is not type(None))
    if get_origin(kind) is list:
        return f"a list, each entry {_said(get_args(kind)[0])}"
    return _SCALARS[get_origin(kind) or kind]


def _shown(value: Any) -> str:
    return repr(value) if len(repr(value)) < 60 else f"{repr(value)[:57]}..."

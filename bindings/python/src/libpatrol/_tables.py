"""Tables of a TOML file as dataclasses, with sentences that say which key is wrong."""

import difflib
import sys
import types
from collections.abc import Mapping
from dataclasses import MISSING, fields
from typing import Any, TypeVar, Union, get_args, get_origin

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

_Table = TypeVar("_Table")
_SCALARS: dict[type, str] = {
    str: "text",
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    dict: "a table",
}


def parse_toml(text: str, where: str) -> dict[str, Any]:
    """Return the file's tables; a ValueError that names the file where it is not TOML."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as reason:
        raise ValueError(f"{where} is not TOML: {reason}") from reason


def as_table(kind: type[_Table], values: Any, where: str) -> _Table:
    """Return the table `values` as the dataclass `kind`, checking names and types of its keys.

    Raises
    ------
    ValueError
        Where a key is unknown, missing or of another type; `where` says in which table.
    """
    if not isinstance(values, Mapping):
        raise ValueError(f"{where} is {_shown(values)}, expected a table")
    known = {field.name: field for field in fields(kind)}  # type: ignore[arg-type]
    for name, value in values.items():
        if name not in known:
            close = difflib.get_close_matches(name, known, 1)
            hint = f": did you mean {close[0]}?" if close else f", expected {', '.join(known)}"
            raise ValueError(f"{where} has no key {name}{hint}")
        if not _fits(value, known[name].type):
            raise ValueError(f"{where}.{name} is {_shown(value)}, expected {_said(known[name].type)}")
    for name, field in known.items():
        if field.default is MISSING and field.default_factory is MISSING and name not in values:
            raise ValueError(f"{where} lacks the key {name}")
    try:
        return kind(**values)
    except ValueError as reason:
        raise ValueError(f"{where}: {reason}") from reason


def _fits(value: Any, kind: Any) -> bool:
    if get_origin(kind) in (Union, types.UnionType):
        return any(_fits(value, part) for part in get_args(kind))
    if get_origin(kind) is list:
        return isinstance(value, list) and all(_fits(entry, get_args(kind)[0]) for entry in value)
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
    return _SCALARS[kind]


def _shown(value: Any) -> str:
    return repr(value) if len(repr(value)) < 60 else f"{repr(value)[:57]}..."

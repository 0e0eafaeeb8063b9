"""TOML text: Python's standard library only reads it."""

import json
import math
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any


def toml_value(value: Any) -> str:
    """Return a value as TOML: text, truth, number, date, list, or table on one line."""
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and not math.isfinite(value):
        return "nan" if math.isnan(value) else f"{'-' * (value < 0)}inf"
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{toml_key(name)} = {toml_value(entry)}" for name, entry in value.items()) + "}"
    if isinstance(value, Sequence):
        return "[" + ", ".join(map(toml_value, value)) + "]"
    raise TypeError(f"{type(value).__name__} has no form in TOML")


def toml_key(name: str) -> str:
    """Return a key, in quotation marks if it needs them."""
    bare = name.isascii() and name.replace("_", "a").replace("-", "a").isalnum()
    return name if bare else toml_value(name)


def toml_text(values: Mapping[str, Any], prefix: str = "") -> str:
    """Return tables as TOML text; empty lists of tables and values of None are left out.

    Examples
    --------
    >>> from libpatrol.city.toml_text import toml_text
    >>> print(toml_text({"format": 1, "city": {"name": "Sundby"}}))
    format = 1
    <BLANKLINE>
    [city]
    name = "Sundby"
    <BLANKLINE>
    """
    plain = {name: value for name, value in values.items() if not _is_table(value) and value is not None}
    lines = [f"{toml_key(name)} = {_spread(value)}\n" for name, value in plain.items()]
    for name, value in values.items():
        full = prefix + toml_key(name)
        if isinstance(value, Mapping):
            lines.append(f"\n[{full}]\n{toml_text(value, f'{full}.')}")
        elif _is_table(value):
            lines += [f"\n[[{full}]]\n{toml_text(entry, f'{full}.')}" for entry in value]
    return "".join(lines)


def _is_table(value: Any) -> bool:
    is_list = isinstance(value, Sequence) and not isinstance(value, str)
    return isinstance(value, Mapping) or (is_list and len(value) > 0 and isinstance(value[0], Mapping))


def _spread(value: Any) -> str:
    """Return a list of texts with one on each line."""
    if isinstance(value, Sequence) and not isinstance(value, str) and any(isinstance(entry, str) for entry in value):
        return "[\n" + "".join(f"    {toml_value(entry)},\n" for entry in value) + "]"
    return toml_value(value)

"""Events of a dispatch system: a line of JSON each, as the schema beside the package's data says."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from libpatrol.extras import extra

LONGEST_LINE = 1 << 20
"""Bytes of a line; a longer one is no event."""
_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_MONDAY = 4 * 86_400.0  # 1970-01-05
_SHOWN = 80  # characters of a wrong value that a sentence repeats


class Event(NamedTuple):
    """Something that happened.

    Attributes
    ----------
    kind : str
        Such as "call_received".
    time : float
        Seconds since 1970-01-01 00:00 UTC.
    local_seconds : float
        The same moment in seconds since a Monday 00:00 local time.
    values : dict
        The other members of the line, checked against the schema.

    Examples
    --------
    >>> from libpatrol.shadow.events import read_event
    >>> event = read_event(b'{"kind": "unit_cleared", "time": "2026-03-02T01:00:00-06:00", "unit": "3A12"}')
    >>> event.kind, event.local_seconds % 604_800, event.values
    ('unit_cleared', 3600.0, {'unit': '3A12'})
    """

    kind: str
    time: float
    local_seconds: float
    values: dict[str, Any]


def event_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft-07) of events.

    Examples
    --------
    >>> from libpatrol.shadow.events import event_schema
    >>> "unit_dispatched" in event_schema()["properties"]["kind"]["enum"]
    True
    """
    text = (files("libpatrol") / "data" / "shadow_event.schema.json").read_text("utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema


def read_event(line: bytes, zone: ZoneInfo | None = None) -> Event:
    """Return the event of a line.

    Parameters
    ----------
    line : bytes
        JSON in UTF-8.
    zone : ZoneInfo, optional
        Of the city; None: the offset that a time is written with is the city's, and a number of seconds is in UTC.

    Raises
    ------
    ValueError
        A sentence that says what is wrong and what was expected.

    Examples
    --------
    >>> from libpatrol.shadow.events import read_event
    >>> try:
    ...     read_event(b'{"kind": "call_closed", "time": 1772463600}')
    ... except ValueError as error:
    ...     print(error)
    call_closed: call is missing, expected kind, time, call
    """
    values = _object(line)
    kind = values.pop("kind", None)
    checks = _checks()
    if not isinstance(kind, str) or kind not in checks:
        raise ValueError(f"kind is {_short(kind)}, expected one of {', '.join(checks)}")
    try:
        checks[kind]({"kind": kind, **values})
    except ValueError as error:
        raise ValueError(f"{kind}: {_sentence(error)}") from error
    time, local = _times(values.pop("time"), zone)
    return Event(kind, time, local, {name: _plain(value) for name, value in values.items()})


def _object(line: bytes) -> dict[str, Any]:
    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        names = [name for name, _ in pairs]
        if len(set(names)) < len(names):
            raise ValueError(f"{_short(max(names, key=names.count))} stands twice, expected once")
        return dict(pairs)

    def no_constant(name: str) -> float:
        raise ValueError(f"{name} is no JSON, expected a number")

    try:
        values = json.loads(line.decode("utf-8"), object_pairs_hook=once, parse_constant=no_constant)
    except json.JSONDecodeError as error:
        raise ValueError(f"not JSON at character {error.pos + 1} ({error.msg}), expected an object") from error
    except UnicodeDecodeError as error:
        raise ValueError(f"not UTF-8 at byte {error.start + 1}, expected JSON in UTF-8") from error
    except RecursionError as error:
        raise ValueError("too many levels, expected an object of numbers and texts") from error
    if not isinstance(values, dict):
        raise ValueError(f"{_short(values)} is no object, expected {{...}}")
    return values


@cache
def _checks() -> dict[str, Callable[[Any], Any]]:
    """Return a check for each kind, so that an error is about that kind alone."""
    with extra("shadow", "libpatrol shadow"):
        import fastjsonschema
    schema = event_schema()
    common = {"$schema": schema["$schema"], "$defs": schema["$defs"]}
    kinds = schema["properties"]["kind"]["enum"]
    return {kind: fastjsonschema.compile({**common, "$ref": f"#/$defs/{kind}"}) for kind in kinds}


def _sentence(error: Any) -> str:
    """Return what an error of the check says, in the words of the schema where it has some."""
    name = ".".join(error.path[1:])
    if error.rule in ("oneOf", "not", "dependencies", "pattern") and "description" in error.definition:
        found = f"{name} is {_short(error.value)}, " if name else ""
        return f"{found}expected {error.definition['description'].rstrip('.')}"
    if error.rule == "minProperties":
        return "nothing that changes, expected at least one other member"
    if error.rule == "required":
        missing = ", ".join(one for one in error.definition["required"] if one not in error.value)
        return f"{missing} is missing, expected {', '.join(error.definition['required'])}"
    if error.rule == "additionalProperties":
        unknown = ", ".join(sorted(_short(one) for one in error.value if one not in error.definition["properties"]))
        return f"{unknown} is not known, expected {', '.join(error.definition['properties'])}"
    return f"{name} is {_short(error.value)}, but {error.message.removeprefix(error.name).strip()}"


def _times(time: str | float, zone: ZoneInfo | None) -> tuple[float, float]:
    """Return seconds since 1970 and since a Monday 00:00 local time."""
    if isinstance(time, str):
        moment = _moment(time)
        seconds, offset = (moment - _EPOCH).total_seconds(), moment.utcoffset() or timedelta()
    else:
        seconds, offset = float(time), timedelta()
    if not 1e6 <= seconds <= 1e11:
        raise ValueError(f"time is {time}, expected a moment after 1970-01-12")
    if zone is not None:
        offset = (_EPOCH + timedelta(seconds=seconds)).astimezone(zone).utcoffset() or timedelta()
    return seconds, seconds + offset.total_seconds() - _MONDAY


def _moment(text: str) -> datetime:
    """Return the moment of a text that the schema's pattern has; Python 3.10 reads only some of these itself."""
    day, rest = text[:10], text[11:].upper().replace("Z", "+00:00")
    clock, sign, offset = rest.partition("+") if "+" in rest else rest.partition("-")
    whole, _, fraction = clock.partition(".")
    shift = offset.replace(":", "")
    try:
        return datetime.fromisoformat(f"{day}T{whole}.{(fraction + '000000')[:6]}{sign}{shift[:2]}:{shift[2:]}")
    except ValueError as error:
        raise ValueError(f"time: {_short(text)} is no moment ({error}), expected ISO 8601 with an offset") from error


def _plain(value: Any) -> Any:
    if isinstance(value, str) and any("\ud800" <= letter <= "\udfff" for letter in value):
        raise ValueError(f"{_short(value)} has half a character, expected text that UTF-8 can have")
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]} ..."

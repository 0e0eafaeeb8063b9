"""Snapshots from the board, and from the records of decisions."""

import json
from typing import Any

import numpy as np
from numpy.typing import NDArray

from libpatrol import audit
from libpatrol._native.abi import NO_ID, NO_NODE
from libpatrol.enums import UnitStatus
from libpatrol.records import INCIDENT_DTYPE, UNIT_DTYPE, incidents, units
from libpatrol.shadow.board import Board
from libpatrol.shadow.entries import Id, number_of, seconds_left
from libpatrol.snapshot import Snapshot

MOST_ROWS = 4096  # of units, and of calls, in a snapshot


def snapshot_of(board: Board, now: float, local_seconds: float) -> tuple[Snapshot, dict[int, Id], list[Id]]:
    """Return the snapshot of a board, its units' and calls' names by number, and the units on duty without a place.

    Units that are off duty are left out, and so are calls that an officer has begun. A call that a unit is on stays.

    Parameters
    ----------
    board : Board
        Units and calls.
    now : float
        Seconds since 1970.
    local_seconds : float
        The same moment, since a Monday 00:00 local time.
    """
    on_duty = [(key, unit) for key, unit in board.units.items() if unit.status != UnitStatus.OFF_DUTY]
    placed = [(key, unit) for key, unit in on_duty if unit.place is not None][:MOST_ROWS]
    open_calls = [(key, call) for key, call in board.calls.items() if not call.self_initiated][:MOST_ROWS]
    crew, calls = units(len(placed)), incidents(len(open_calls))
    for row, (key, unit) in zip(crew, placed, strict=True):
        row["id"], row["status"] = number_of(key), unit.status
        if unit.call is not None and not unit.away:
            row["incident_id"] = number_of(unit.call)
        _put_place(row, unit.place or {})
        age = max(0.0, now - (now if unit.placed is None else unit.placed))
        row["seconds_to_node"] = max(0.0, row["seconds_to_node"] - age)
        row["position_age_seconds"] = age if unit.status == UnitStatus.PATROLLING else 0.0
        row["capabilities"], row["home_beat"], row["priorities"] = unit.capabilities, unit.home_beat, unit.priorities
        row["may_leave_scene"] = unit.may_leave_scene
        row["seconds_until_shift_end"] = seconds_left(unit.shift_end, now, np.inf)
        if unit.status == UnitStatus.PATROLLING:
            row["seconds_until_due"] = seconds_left(unit.free_at, now, 0.0)
        else:
            row["seconds_until_free"] = seconds_left(unit.free_at, now)
    for row, (key, call) in zip(calls, open_calls, strict=True):
        there = [board.units[unit] for unit in board.on(key)]
        row["id"], row["category"], row["priority"] = number_of(key), call.category, call.priority
        row["seconds_waited"] = max(0.0, now - call.received)
        row["units_required"] = call.units_required
        row["units_assigned"] = min(call.served + len(there), call.units_required)
        on_scene = call.served + sum(unit.status == UnitStatus.ON_SCENE for unit in there)
        row["units_on_scene"] = min(on_scene, row["units_assigned"])
        row["required_capabilities"] = call.required_capabilities
        row["weight"] = np.nan if call.weight is None else call.weight
        row["service_seconds"] = np.nan if call.service_seconds is None else call.service_seconds
        _put_place(row, call.place)
    names = {number_of(key): key for key, _ in (*placed, *open_calls)}
    return Snapshot(local_seconds, crew, calls), names, [key for key, unit in on_duty if unit.place is None]


def _put_place(row: Any, place: dict[str, float]) -> None:
    for name, value in place.items():
        row[name] = value


def recorded_snapshot(record: bytes) -> Snapshot:
    """Return the snapshot that a decision was made for, from its record.

    Raises
    ------
    PatrolError
        INVALID_FILE for bytes that are not a record.

    Examples
    --------
    >>> from libpatrol import Area, Engine, Session, Snapshot, units
    >>> from libpatrol.shadow.snapshots import recorded_snapshot
    >>> from libpatrol.synthetic import cities
    >>> crew = units(1)
    >>> crew["node"] = 3
    >>> engine, now = Engine(Area.from_arrays(**cities.grid(4, 4))), Snapshot(60, crew)
    >>> record = engine.record(now, Session(engine, 1, 0).decide(now))
    >>> recorded_snapshot(record).units["node"].tolist()
    [3]
    """
    content = json.loads(audit.to_json(record))
    return Snapshot(
        float(content["time_seconds"]), _rows(content["units"], UNIT_DTYPE), _rows(content["incidents"], INCIDENT_DTYPE)
    )


def _rows(rows: list[dict[str, Any]], dtype: np.dtype) -> NDArray[np.void]:
    made = (units if dtype == UNIT_DTYPE else incidents)(len(rows))
    for row, content in zip(made, rows, strict=True):
        for name in set(content) - {"needs"}:
            row[name] = _value(name, content[name])
    return made


def _value(name: str, value: Any) -> Any:
    if value is None:
        return NO_ID if name.endswith("id") else NO_NODE
    if name == "status":
        return UnitStatus[value]
    return float(value) if isinstance(value, str) else value  # "nan", "inf"

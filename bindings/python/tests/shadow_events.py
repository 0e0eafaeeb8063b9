"""Events for the tests of shadow mode: a small day, and what a log says whatever its states are."""

import json
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from libpatrol import Area, Engine
from libpatrol.shadow.comparisons import Settings
from libpatrol.shadow.decisions import Shadow
from libpatrol.shadow.following import described, follow
from libpatrol.shadow.log import LOG, Log, read_log
from libpatrol.synthetic import cities

MONDAY = datetime(2026, 3, 2, tzinfo=timezone.utc)
AREA = Area.from_arrays(**cities.grid(4, 4))
ENGINE = Engine(AREA, dispatch_policy="priority_closest")


def at(seconds: float, kind: str, **values: Any) -> str:
    """Return a line of an event so many seconds after Monday 00:00."""
    return json.dumps({"kind": kind, "time": (MONDAY + timedelta(seconds=seconds)).isoformat(), **values})


def came(seconds: float, call: Any, node: int, priority: int = 1, **values: Any) -> str:
    return at(seconds, "call_received", call=call, node=node, priority=priority, category=0, **values)


SMALL_DAY = [
    at(0, "unit_on_duty", unit="A", node=0),
    at(0, "unit_on_duty", unit="B", node=15),
    came(10, "c1", 1),  # A is nearer, and sent
    at(30, "unit_dispatched", unit="A", call="c1"),
    at(60, "unit_arrived", unit="A"),
    came(100, "c2", 2),  # B is free alone, and sent
    "this is no event",
    at(130, "unit_dispatched", unit="B", call="c2"),
    at(400, "unit_cleared", unit="A"),
    at(401, "call_closed", call="c1"),
    at(500, "unit_arrived", unit="B"),
    at(700, "unit_cleared", unit="B"),
    at(710, "unit_position", unit="B", node=15),
    came(800, "c3", 12),
    at(820, "unit_dispatched", unit="A", call="c3"),  # the farther one, from node 1
    at(1200, "unit_arrived", unit="A"),
]


def shadowed(
    lines: list[str] | bytes, place: Path, engine: Engine = ENGINE, area: Area = AREA, **settings: Any
) -> list[dict[str, Any]]:
    """Return the log of the shadow of these lines, from where an earlier call for the same place has ended."""
    events = place / "events"
    place.mkdir(exist_ok=True)
    events.write_bytes(lines if isinstance(lines, bytes) else "".join(f"{line}\n" for line in lines).encode())
    run(events, place / "out", engine, area, **settings)
    return list(read_log(place / "out"))


def run(events: Path | None, out: Path, engine: Engine = ENGINE, area: Area = AREA, **settings: Any) -> Shadow:
    """Take the lines that are there."""
    chosen = Settings(**settings)
    names = {"area": "grid", "policy": None, "dispatch": "priority_closest"}
    log = Log(out, described(engine, chosen, names))
    try:
        shadow = Shadow(area, engine, log, chosen)
        follow(shadow, log, events)
    finally:
        log.close()
    return shadow


def said(log: list[dict[str, Any]]) -> list[tuple[int, str]]:
    """Return the lines that were odd, and what about them."""
    return [(line["line"], line["about"]) for line in log if line["kind"] == "said"]


def of_kind(log: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    return [line for line in log if line["kind"] == kind]


def without_states(out: Path) -> list[bytes]:
    """Return the lines of a log but for states, of which there are more if a run was stopped."""
    return [line for line in (out / LOG).read_bytes().splitlines() if not line.startswith(b'{"kind":"state"')]

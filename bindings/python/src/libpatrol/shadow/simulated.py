"""Events of a simulation, in which it is known who decides: to try shadow mode before anything is connected."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from typing import Any

import numpy as np

from libpatrol import records
from libpatrol.engine import Engine
from libpatrol.enums import Due, EventKind, UnitStatus
from libpatrol.lab.simulation import Simulation
from libpatrol.scenario.scenario import Scenario

_KEPT = 1 << 16
_MONDAY = datetime(2024, 1, 1, tzinfo=timezone.utc)
_OF_UNITS = {
    EventKind.UNIT_ON_SCENE: "unit_arrived",
    EventKind.UNIT_FREED: "unit_cleared",
    EventKind.SHIFT_ENDED: "unit_off_duty",
}
_STATUSES = {
    EventKind.OUT_OF_SERVICE_BEGAN: "out of service",
    EventKind.OUT_OF_SERVICE_ENDED: "available",
    EventKind.WORK_BEGAN: "self initiated",
    EventKind.WORK_ENDED: "available",
    EventKind.WORK_LEFT: "available",
}


def simulated_events(scenario: Scenario, engine: Engine, *, seed: int = 0, hours: float | None = None) -> Iterator[str]:
    """Yield the events of a simulation in which an engine decides, as lines of JSON without their newline.

    Units are numbered from 0, calls by the simulation's own numbers. Free units tell where they are whenever a decision
    is due. The simulation begins on Monday, 2024-01-01, at the scenario's first second.

    Parameters
    ----------
    scenario : Scenario
        Fleet and calls.
    engine : Engine
        Decides; of the scenario's area.
    seed : int
        Of the simulation.
    hours : float, optional
        After the warm-up, whose events come too; None: `Scenario.hours`.

    Examples
    --------
    >>> from libpatrol import Scenario
    >>> from libpatrol.shadow.simulated import simulated_events
    >>> scenario = Scenario.load("hotspots")
    >>> lines = list(simulated_events(scenario, scenario.engine(), hours=1))
    >>> lines[0][:67]
    '{"kind":"unit_on_duty","time":"2024-01-01T00:00:00+00:00","unit":0,'
    """
    end, kinds = scenario.end_seconds(hours), scenario.arrays.categories
    required = np.ones(scenario.area.info.category_count, int) if kinds is None else kinds["units_required"]
    with Simulation(scenario, engine, seed=seed, event_capacity=_KEPT) as simulation:
        due, units = Due.PATROL, records.units(scenario.unit_count)
        while due is not Due.NOTHING:
            due, now = simulation.step(until_seconds=end), simulation.state.time_seconds
            if due is not Due.NOTHING:
                units = simulation.snapshot().snapshot.units
            events = simulation.read_events()
            earlier = events["time_seconds"] < now
            for event in events[earlier]:
                yield from _lines(event, units, required)
            if due is Due.DISPATCH:  # where units are, before what makes the decision due
                free = ((k, unit) for k, unit in enumerate(units) if unit["status"] == UnitStatus.PATROLLING)
                yield from (_line("unit_position", now, k, **_place(unit)) for k, unit in free)
            for event in events[~earlier]:
                yield from _lines(event, units, required)
            if due is not Due.NOTHING:
                simulation.decide()


def _lines(event: Any, units: Any, required: Any) -> Iterator[str]:
    """Yield the lines of an event of the simulation, if dispatch systems have such events."""
    kind, time = EventKind(event["kind"]), float(event["time_seconds"])
    unit, call = int(event["unit"]), int(event["incident_id"])
    if kind is EventKind.CALL_CAME:
        category = int(event["category"])
        yield _line(
            "call_received", time, call=call, node=int(event["node"]), priority=int(event["priority"]),
            category=category, units_required=int(required[category]),
        )  # fmt: skip
    elif kind in (EventKind.CALL_LOST, EventKind.CALL_ENDED):
        yield _line("call_closed", time, call=call)
    elif kind is EventKind.UNIT_SENT:
        yield _line("unit_dispatched", time, unit, call=call)
    elif kind is EventKind.SHIFT_BEGAN:
        row = units[unit]
        left = float(row["seconds_until_shift_end"])
        until = {"seconds_until_shift_end": left} if np.isfinite(left) else {}
        own = {name: int(row[name]) for name in ("capabilities", "home_beat", "priorities")}
        yield _line("unit_on_duty", time, unit, node=int(event["node"]), **own, **until)
    elif kind in _OF_UNITS:
        yield _line(_OF_UNITS[kind], time, unit)
    elif kind in _STATUSES:
        yield _line("unit_status", time, unit, status=_STATUSES[kind], node=int(event["node"]))


def _place(unit: Any) -> dict[str, Any]:
    return {"node": int(unit["node"]), "seconds_to_node": float(unit["seconds_to_node"])}


def _line(kind: str, seconds: float, unit: int | None = None, **values: Any) -> str:
    time = (_MONDAY + timedelta(seconds=seconds)).isoformat()
    about = {} if unit is None else {"unit": unit}
    return json.dumps({"kind": kind, "time": time, **about, **values}, separators=(",", ":"))

"""Records a simulated shift, to be watched: the engine decides, and a session of the same engine says why."""

import dataclasses
import math
from collections.abc import Callable, Collection
from typing import Any

import numpy as np

from libpatrol._native.abi import NO_ID, NO_NODE
from libpatrol.area import Area
from libpatrol.city.reporting.shift import (
    FREE,
    OFF_DUTY,
    ON_SCENE,
    OUT_OF_SERVICE,
    OWN_WORK,
    SENT,
    CallStory,
    Moved,
    Sent,
    Shift,
    UnitStory,
    Waits,
)
from libpatrol.city.reporting.tracks import Track
from libpatrol.engine import Engine
from libpatrol.enums import Due, EventKind, Mode, Task, UnitStatus
from libpatrol.lab.simulation import Simulation
from libpatrol.scenario.scenario import Scenario
from libpatrol.session import Session
from libpatrol.snapshot import Snapshot

_BEFORE_SECONDS = 4 * 3600.0
"""Simulated before the shift, so that it begins in an ordinary moment."""

_WEEK_SECONDS = 168 * 3600.0
_MOST_INCIDENTS = 4096
_NODE_LIMIT = 2000


def record_shift(
    scenario: Scenario,
    engine: Engine,
    *,
    start_hour: float | None = None,
    hours: float = 10.0,
    seed: int = 0,
    sensitive: Collection[int] = (),
    internal: bool = False,
    tell: Callable[[float], None] = lambda share: None,
) -> Shift:
    """Simulate a shift and record it.

    Parameters
    ----------
    scenario : Scenario
        The city, its fleet and its calls.
    engine : Engine
        The strategy that decides.
    start_hour : float, optional
        Hour of the week, 0 to 168; None: the beginning of the busiest stretch of so many hours.
    hours : float
        How long the shift is.
    seed : int
        Of the calls.
    sensitive : collection of int
        Categories whose calls are recorded without their type.
    internal : bool
        Allow the calls of a log, which are real ones.
    tell : callable
        Is told the share of the shift that is recorded.

    Raises
    ------
    ValueError
        If the scenario replays a log and `internal` is false, or the area has no coordinates.
    """
    if scenario.is_log and not internal:
        raise ValueError("the calls of this scenario are those of a log: a page of them is made only with --internal")
    if not 0 < hours <= 168:
        raise ValueError(f"a shift of {hours:g} hours cannot be recorded, expected more than 0 and at most 168")
    if scenario.area.arrays.coordinates is None:
        raise ValueError("the streets have no coordinates, and a shift is shown on a map")
    start = 3600 * (busiest_hour(scenario, hours) if start_hour is None else start_hour)
    if not scenario.is_log and start < _BEFORE_SECONDS:
        start += _WEEK_SECONDS
    shown = scenario if scenario.is_log else _beginning(scenario, start)
    recorder = _Recorder(shown, engine, seed, frozenset(sensitive))
    recorder.run(start, start + 3600 * hours, tell)
    return recorder.shift(start, start + 3600 * hours)


def busiest_hour(scenario: Scenario, hours: float) -> int:
    """Return the hour of the week at which the busiest stretch of so many hours begins."""
    rates = scenario.area.arrays.demand_calls_per_hour
    if rates is None:
        return 0
    week = np.resize(rates.sum((0, 1), dtype=np.float64), 168)
    length = max(1, min(168, round(hours)))
    volume = [np.roll(week, -hour)[:length].sum() for hour in range(168)]
    return int(np.argmax(np.round(volume, 6)))


def _beginning(scenario: Scenario, seconds: float) -> Scenario:
    """Return the scenario with its time beginning a few hours earlier than `seconds`."""
    arrays = dataclasses.replace(scenario.arrays, start_seconds=seconds - _BEFORE_SECONDS, warm_up_seconds=0.0)
    return Scenario(scenario.area, scenario.details, **arrays.fields())


class _Recorder:
    """Steps through a simulation whose engine decides; a session of the same engine says why."""

    def __init__(self, scenario: Scenario, engine: Engine, seed: int, sensitive: frozenset[int]) -> None:
        self._area: Area = scenario.area
        self._sensitive = sensitive
        self._simulation = Simulation(scenario, engine, seed=seed, event_capacity=1 << 16, node_limit=_NODE_LIMIT)
        self._session = Session(engine, scenario.unit_count, _MOST_INCIDENTS)
        self._count = scenario.unit_count
        self._units: list[UnitStory] = []
        self._calls: dict[int, CallStory] = {}
        self._numbers: dict[int, int] = {}
        self._needed: dict[int, int] = {}
        self._waiting: dict[int, tuple[int, int]] = {}
        self._decisions: list[Sent | Waits | Moved] = []

    def run(self, start: float, end: float, tell: Callable[[float], None]) -> None:
        """Simulate until `end`; decisions from `start` on are explained."""
        simulation = self._simulation
        while (due := simulation.step(end)) is not Due.NOTHING:
            snapshot, units_due = simulation.snapshot()
            if not self._units:
                self._begin(snapshot)
            self._apply(simulation.read_events(), snapshot)
            for incident in snapshot.incidents:
                self._needed[int(incident["id"])] = int(incident["units_required"])
            explained = self._explained(snapshot, due, units_due) if snapshot.time_seconds >= start else {}
            simulation.decide()
            self._apply(simulation.read_events(), snapshot, explained)
            tell(max(0.0, (snapshot.time_seconds - start) / (end - start)))
        self._apply(simulation.read_events(), None)

    def shift(self, start: float, end: float) -> Shift:
        """Return what happened between two times; calls that ended before are left out."""
        kept = [k for k, call in self._calls.items() if call.ended is None or call.ended >= start]
        kept = [k for k in kept if self._calls[k].came < end]
        number = {k: shown for shown, k in enumerate(sorted(kept, key=lambda k: (self._calls[k].came, k)))}
        for k in kept:
            self._calls[k].units_required = self._needed.get(k, 1)
        for unit in self._units:
            unit.states = [(time, state, number.get(call, -1)) for time, state, call in unit.states]
        decisions: list[Sent | Waits | Moved] = []
        for row in self._decisions:
            if isinstance(row, Sent):
                row = dataclasses.replace(row, call=number[row.call], left_call=number.get(row.left_call, -1))
            elif isinstance(row, Waits):
                row = dataclasses.replace(row, call=number[row.call])
            decisions.append(row)
        return Shift(
            start_seconds=start,
            end_seconds=end,
            units=self._units,
            calls=[self._calls[k] for k in number],
            decisions=decisions,
        )

    def _begin(self, snapshot: Snapshot) -> None:
        for unit in snapshot.units:
            is_off = unit["status"] == UnitStatus.OFF_DUTY
            now = snapshot.time_seconds
            node = 0 if unit["node"] == NO_NODE else int(unit["node"])
            self._units.append(UnitStory(Track(now, node), [(now, OFF_DUTY if is_off else FREE, -1)]))

    def _explained(self, snapshot: Snapshot, due: Due, units_due: Any) -> dict[tuple[int, int], Any]:
        """Return the session's rows: by unit and call for assignments, by unit and -1 for moves; note who waits."""
        options: dict[str, Any] = {"deadline": None, "node_limit": _NODE_LIMIT}
        unit_of = {int(unit): k for k, unit in enumerate(snapshot.units["id"])}
        if due is Due.PATROL:
            moves = self._session.decide(snapshot, tasks=Task.PATROL, **options).moves
            return {(int(k), -1): moves[k] for k in np.flatnonzero(units_due)}
        answer = self._session.decide(snapshot, tasks=Task.DISPATCH, **options)
        now = snapshot.time_seconds
        waits = {int(row["incident_id"]): (int(row["units_missing"]), int(row["reason"])) for row in answer.waits}
        self._decisions += [Waits(now, call, *told) for call, told in waits.items() if self._waiting.get(call) != told]
        self._waiting = waits
        if not len(answer.assignments):
            return {}
        rows = self._session.explain(snapshot, tasks=Task.DISPATCH, **options)
        found: dict[tuple[int, int], Any] = {}
        for row in rows:
            other = int(row["runner_up_unit_id"])
            found[unit_of[int(row["unit_id"])], int(row["incident_id"])] = (
                float(row["travel_seconds"]),
                -1 if other == NO_ID else unit_of[other],
                _known(row["runner_up_travel_seconds"]),
                _known(row["objective_loss"]),
            )
        return found

    def _apply(
        self, events: Any, snapshot: Snapshot | None, explained: dict[tuple[int, int], Any] | None = None
    ) -> None:
        left: dict[int, int] = {}
        names = "kind", "unit", "incident_id", "time_seconds", "node", "priority", "category"
        for number, unit, call, now, node, *about in zip(*(events[name].tolist() for name in names), strict=True):
            kind = EventKind(number)
            if kind in _OF_CALLS:
                self._call(kind, call, now, node, *about)
            elif kind is EventKind.UNIT_DIVERTED:
                left[unit] = call
            elif kind is EventKind.UNIT_SENT:
                self._send(unit, call, now, snapshot, node)
                if explained:
                    travel, other, other_seconds, loss = explained[unit, call]
                    left_call = left.get(unit, -1)
                    self._decisions.append(Sent(now, unit, call, travel, other, other_seconds, loss, left_call))
            elif kind is EventKind.MOVE_BEGAN:
                self._move(unit, now, snapshot, node, (explained or {}).get((unit, -1)))
            elif kind in _STATES and 0 <= unit < len(self._units):
                self._change(kind, unit, call, now, node)
        for (unit, call), row in (explained or {}).items():
            if call < 0 and row["target_node"] == row["next_node"] and row["travel_seconds"] == 0:
                self._stay(unit, snapshot, row)

    def _call(self, kind: EventKind, call: int, now: float, node: int, priority: int, category: int) -> None:
        if kind is EventKind.CALL_CAME:
            shown = -1 if category in self._sensitive else category
            self._calls[call] = CallStory(now, node, priority, shown, 1)
        elif kind is EventKind.CALL_REACHED:
            self._calls[call].reached = now
        else:
            self._calls[call].ended = now
            self._calls[call].is_lost = kind is EventKind.CALL_LOST

    def _send(self, unit: int, call: int, now: float, snapshot: Snapshot | None, node: int) -> None:
        assert snapshot is not None  # a unit is only sent by a decision
        row = snapshot.units[unit]
        self._drive(unit, now, int(row["node"]), float(row["seconds_to_node"]), node, Mode.EMERGENCY)
        self._units[unit].states.append((now, SENT, call))
        self._calls[call].units.append((unit, now, None))

    def _move(self, unit: int, now: float, snapshot: Snapshot | None, node: int, row: Any) -> None:
        assert snapshot is not None  # a move only begins by a decision
        self._drive(unit, now, int(snapshot.units[unit]["node"]), 0.0, node, Mode.PATROL)
        if row is not None:
            self._decisions.append(Moved(now, unit, node, float(row["travel_seconds"]), int(row["reason"])))

    def _stay(self, unit: int, snapshot: Snapshot | None, row: Any) -> None:
        if snapshot is not None:
            node, reason = int(row["target_node"]), int(row["reason"])
            self._decisions.append(Moved(snapshot.time_seconds, unit, node, 0.0, reason))

    def _drive(self, unit: int, now: float, node: int, seconds_to_node: float, target: int, mode: Mode) -> None:
        path = self._area.path(node, target, mode)
        seconds = self._area.travel_times([node], path.nodes, mode, departing=now)[0].tolist()
        self._units[unit].track.drive(now, node, seconds_to_node, path.nodes.tolist(), seconds)

    def _change(self, kind: EventKind, unit: int, call: int, now: float, node: int) -> None:
        story, state = self._units[unit], _STATES[kind]
        if kind is EventKind.UNIT_ON_SCENE:
            sent = self._calls[call].units
            last = max(k for k, (who, *_) in enumerate(sent) if who == unit)
            sent[last] = (unit, sent[last][1], now)
            story.track.arrive(now)
        elif kind is EventKind.UNIT_FREED:
            story.track.stop(now)
        elif kind is EventKind.SHIFT_BEGAN and node != NO_NODE and story.states[-1][1] == OFF_DUTY:
            story.track.jump(now, node)
        story.states.append((now, state, call if state == ON_SCENE else -1))


_OF_CALLS = {EventKind.CALL_CAME, EventKind.CALL_LOST, EventKind.CALL_REACHED, EventKind.CALL_ENDED}
_STATES = {
    EventKind.UNIT_ON_SCENE: ON_SCENE,
    EventKind.UNIT_FREED: FREE,
    EventKind.SHIFT_BEGAN: FREE,
    EventKind.SHIFT_ENDED: OFF_DUTY,
    EventKind.OUT_OF_SERVICE_BEGAN: OUT_OF_SERVICE,
    EventKind.OUT_OF_SERVICE_ENDED: FREE,
    EventKind.WORK_BEGAN: OWN_WORK,
    EventKind.WORK_ENDED: FREE,
    EventKind.WORK_LEFT: FREE,
}


def _known(value: float) -> float | None:
    """Return None where there is no such number: JSON has neither NaN nor infinity."""
    return float(value) if math.isfinite(value) else None

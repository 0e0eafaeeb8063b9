"""The simulator's model in straightforward Python, without its speed: a twin to be compared event by event.

Source: the page `Simulation.md` of the simulator. It replays a log of calls and leaves decisions to a `Decider`. Left
out is what draws random numbers of its own: compliance, self-initiated work, times out of service. Checks: every
event and the cumulative cost of a simulation, in `tests/test_twin.py`.
"""

import math
from typing import Protocol

import numpy as np

from libpatrol.enums import EventKind
from libpatrol.scenario.arrays import ScenarioArrays
from reference.roads import Roads
from reference.simulator_records import FREE, Call, Event, Move, Phase, Send, Unit, shift


class Decider(Protocol):
    """Decides for the twin: whom to send, and where units on patrol go."""

    def dispatch(self, twin: "Twin") -> list[Send]:
        """Return which units go to which calls."""

    def patrol(self, twin: "Twin") -> list[Move]:
        """Return where units that are due go; the others stay where they are."""


class Twin:
    """One replication. `events` grows as `run` goes on."""

    def __init__(self, roads: Roads, arrays: ScenarioArrays, decider: Decider) -> None:
        self.roads, self.arrays, self.decider = roads, arrays, decider
        self.stay_seconds = 60.0
        self.now = arrays.start_seconds
        self.units = [Unit(int(row["start_node"]), int(row["home_beat"]), node_time=self.now) for row in arrays.units]
        self.open: list[Call] = []
        self.events: list[Event] = []
        self.decisions = 0
        self.cost = 0.0
        self.last_visit = np.full(roads.city.node_count, self.now)
        self.coming = iter(row for row in arrays.calls if row["time_seconds"] >= self.now)
        self.number = int((arrays.calls["time_seconds"] < self.now).sum())
        self.motion = [math.inf] * len(self.units)
        self.shift_change = [math.inf] * len(self.units)
        self.reassessment = math.inf
        self.measuring = self.now + arrays.warm_up_seconds
        self.wants_dispatch = self.wants_patrol = False
        self._expect_call()
        for u in range(len(self.units)):
            self._change_shift(u)

    # Time

    def run(self, until: float) -> None:
        """Simulate until a time, seconds."""
        while True:
            self._take_decisions()
            time = min(self._next_times())
            self._advance_cost(min(time, until))
            if time > until:
                self.now = until
                return
            self.now = time
            self._apply_instant()

    def _next_times(self) -> list[float]:
        """When each source has its next event, in the order in which events of one instant are applied."""
        return [*self.motion, *self.shift_change, self.measuring, self.reassessment, self.call_time]

    def _advance_cost(self, time: float) -> None:
        for call in self.open:
            self.cost += call.weight * max(0, call.required - call.on_scene) / call.required * (time - self.now)

    def _apply_instant(self) -> None:
        """Apply all events of this instant, or up to and with the first call."""
        n = len(self.units)
        while True:
            times = self._next_times()
            source = min(range(len(times)), key=times.__getitem__)
            if times[source] > self.now:
                return
            if source < n:
                self._end_phase(source)
            elif source < 2 * n:
                self._change_shift(source - n)
            elif source == 2 * n:
                self.measuring = math.inf
                self._record(EventKind.MEASURING_BEGAN)
            elif source == 2 * n + 1:
                self.reassessment = math.inf
                self.wants_dispatch = True
                self._record(EventKind.REASSESSMENT)
            else:
                self._take_call()
                return

    # Calls

    def _expect_call(self) -> None:
        row = next(self.coming, None)
        self.call_time, self.coming_call = math.inf, None
        if row is not None:
            kind = self.arrays.categories[row["category"]]
            self.coming_call = Call(
                self.number,
                float(row["time_seconds"]),
                int(row["node"]),
                int(row["category"]),
                int(row["priority"]) or int(kind["priority"]),
                float(row["service_seconds"]),
                int(kind["units_required"]),
                float(kind["weight"]),
            )
            self.call_time = self.coming_call.time
            self.number += 1

    def _take_call(self) -> None:
        call = self.coming_call
        self.open.append(call)
        self._record(EventKind.CALL_CAME, call=call.number, node=call.node)
        self._expect_call()
        self.wants_dispatch = True

    def _reach_call(self, u: int) -> None:
        unit = self.units[u]
        call = unit.call
        unit.phase, unit.node, unit.node_time, unit.phase_end = Phase.ON_SCENE, call.node, self.now, math.inf
        self.last_visit[call.node] = self.now
        call.on_scene += 1
        self._record(EventKind.UNIT_ON_SCENE, u, call.number, call.node)
        if call.on_scene == 1:
            unit.phase_end = self.now + call.service
            self._record(EventKind.CALL_REACHED, u, call.number)
        if call.on_scene == call.required:
            self._record(EventKind.CALL_COMPLETE, u, call.number)
        self.motion[u] = unit.phase_end

    def _end_call(self, call: Call) -> None:
        self._record(EventKind.CALL_ENDED, call=call.number, node=call.node)
        self.open.remove(call)
        for u, unit in enumerate(self.units):
            if unit.call is call:
                self.advance(u)
                if unit.phase is Phase.EN_ROUTE:
                    unit.node_time = self.now + unit.rest(self.now) / self.roads.departing(unit.entered).ratio
                self._record(EventKind.UNIT_FREED, u, call.number, unit.node)
                self._become_free(u)

    def _lose_newest(self) -> None:
        call = next(call for call in reversed(self.open) if call.assigned == 0)
        self.open.remove(call)
        self.cost += call.weight * self.arrays.overflow_seconds
        self._record(EventKind.CALL_LOST, call=call.number, node=call.node)

    # Units

    def _end_phase(self, u: int) -> None:
        unit = self.units[u]
        if unit.phase is Phase.MOVING:
            unit.node, unit.node_time, unit.phase = unit.target, self.now, Phase.STANDING
            self.last_visit[unit.node] = self.now
            self._record(EventKind.MOVE_ENDED, u, node=unit.node)
            self._wait(u)
        elif unit.phase is Phase.STANDING:
            self._record(EventKind.STAY_ENDED, u, node=unit.node)
            self._wait(u)
        elif unit.phase is Phase.EN_ROUTE:
            self._reach_call(u)
        elif unit.phase is Phase.ON_SCENE:
            self._end_call(unit.call)

    def _wait(self, u: int) -> None:
        unit = self.units[u]
        unit.target, unit.phase_end, unit.due = -1, self.now, True
        self.wants_patrol = True
        self.motion[u] = math.inf

    def _become_free(self, u: int) -> None:
        unit = self.units[u]
        unit.call, unit.target = None, -1
        if not unit.on_shift:
            self._leave(u)
            return
        self.wants_dispatch = True
        if unit.node_time > self.now:
            unit.phase, unit.target, unit.phase_end = Phase.MOVING, unit.node, unit.node_time
            self.motion[u] = unit.phase_end
        else:
            unit.node_time, unit.phase = self.now, Phase.STANDING
            self._wait(u)

    def _leave(self, u: int) -> None:
        unit = self.units[u]
        unit.phase, unit.call, unit.target, unit.due = Phase.OFF_DUTY, None, -1, False
        self.motion[u] = math.inf
        self._record(EventKind.SHIFT_ENDED, u, node=unit.node)

    def _change_shift(self, u: int) -> None:
        unit = self.units[u]
        was_on = unit.on_shift and unit.phase is not Phase.OFF_DUTY
        unit.on_shift, end = shift(self.arrays, u, self.now)
        self.shift_change[u] = end
        unit.shift_end = end if unit.on_shift else self.now
        if unit.on_shift and unit.phase is Phase.OFF_DUTY:
            unit.node, unit.node_time = int(self.arrays.units[u]["start_node"]), self.now
            self._record(EventKind.SHIFT_BEGAN, u, node=unit.node)
            self._become_free(u)
        elif was_on and not unit.on_shift and unit.phase in FREE:
            self._leave(u)

    # Decisions

    def _take_decisions(self) -> None:
        if self.wants_dispatch:
            self.wants_dispatch = False
            if self._can_dispatch():
                self.decisions += 1
                for send in self.decider.dispatch(self):
                    self._send(send)
            while sum(call.assigned == 0 for call in self.open) > self.arrays.queue_capacity:
                self._lose_newest()
            waits = self._can_dispatch()
            self.reassessment = self.now + self.arrays.reassessment_seconds if waits else math.inf
        if self.wants_patrol:
            self.wants_patrol = False
            if any(unit.due for unit in self.units):
                self._patrol()

    def _patrol(self) -> None:
        self.decisions += 1
        for move in self.decider.patrol(self):
            if self.units[move.unit].due and move.target != self.units[move.unit].node:
                self._go(move)
        for u, unit in enumerate(self.units):
            if unit.due:
                self._stay(u)

    def _can_dispatch(self) -> bool:
        return any(call.assigned < call.required for call in self.open) and any(
            unit.phase in FREE for unit in self.units
        )

    def _send(self, send: Send) -> None:
        unit, call = self.units[send.unit], send.call
        self.advance(send.unit)
        unit.node_time = self.now + unit.rest(self.now) * self.roads.departing(unit.entered).ratio
        call.assigned += 1
        unit.call, unit.target = call, -1
        self._depart(send.unit, Phase.EN_ROUTE, send.seconds)
        self._record(EventKind.UNIT_SENT, send.unit, call.number, call.node)

    def _go(self, move: Move) -> None:
        unit = self.units[move.unit]
        unit.target = move.target
        self._depart(move.unit, Phase.MOVING, max(1.0, move.seconds))
        if move.next_node == move.target:
            unit.node, unit.node_time, unit.entered = move.target, unit.phase_end, unit.departure
        else:
            unit.node_time = self.now
        self._record(EventKind.MOVE_BEGAN, move.unit, node=move.target)

    def _depart(self, u: int, phase: Phase, seconds: float) -> None:
        unit = self.units[u]
        unit.phase, unit.due, unit.departure, unit.phase_end = phase, False, self.now, self.now + seconds
        self.motion[u] = unit.phase_end

    def _stay(self, u: int) -> None:
        unit = self.units[u]
        unit.due, unit.node_time, unit.phase_end = False, self.now, self.now + max(1.0, self.stay_seconds)
        self.motion[u] = unit.phase_end

    # Places

    def advance(self, u: int) -> None:
        """Bring a unit's node up to date: where it stands, or what it reaches next on its way."""
        unit = self.units[u]
        if unit.phase not in (Phase.MOVING, Phase.EN_ROUTE):
            return
        patrols = unit.phase is Phase.MOVING
        destination = unit.target if patrols else unit.call.node
        roads = self.roads.departing(unit.departure)
        times = roads.patrol if patrols else roads.emergency
        while unit.node_time < self.now and unit.node != destination:
            ahead = min(
                roads.neighbors[unit.node],
                key=lambda way: (way[2] if patrols else way[1]) + float(times[way[0], destination]),
            )[0]
            step = float(times[unit.node, destination] - times[ahead, destination])
            time = unit.phase_end if ahead == destination else min(unit.node_time + step, unit.phase_end)
            unit.node, unit.node_time, unit.entered = ahead, time, unit.departure

    def seconds_to(self, u: int, node: int) -> float:
        """Return emergency seconds from where a free unit is to a node."""
        self.advance(u)
        unit = self.units[u]
        way = float(self.roads.departing(self.now).emergency[unit.node, node])
        return self.roads.departing(unit.entered).ratio * unit.rest(self.now) + way

    def _record(self, kind: EventKind, unit: int = -1, call: int = -1, node: int = -1) -> None:
        self.events.append(Event(self.now, kind, unit, call, node))

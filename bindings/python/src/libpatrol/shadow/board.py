"""The board: units and calls as the events tell of them."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from libpatrol.area import AreaInfo
from libpatrol.enums import UnitStatus
from libpatrol.shadow.entries import Call, Change, Id, Unit
from libpatrol.shadow.events import Event
from libpatrol.statuses import status_row

_OF_UNITS = ("capabilities", "home_beat", "priorities")
_OF_CALLS = ("priority", "units_required", "required_capabilities", "weight", "service_seconds", "self_initiated")


class Board:
    """Units and open calls, in the order in which they were first heard of.

    Parameters
    ----------
    info : AreaInfo
        Of the area in which they are.
    categories : sequence of str
        Names of the area's categories; empty if they have none.
    forget_seconds : float
        A call or a unit of which nothing was heard for so long leaves the board.

    Examples
    --------
    >>> from libpatrol import Area
    >>> from libpatrol.shadow.board import Board
    >>> from libpatrol.shadow.events import read_event
    >>> from libpatrol.synthetic import cities
    >>> board = Board(Area.from_arrays(**cities.grid(4, 4)).info)
    >>> change = board.apply(read_event(b'{"kind": "unit_on_duty", "time": 1772463600, "unit": 7, "node": 3}'))
    >>> change.freed, board.units[7].place
    (7, {'node': 3})
    """

    def __init__(self, info: AreaInfo, categories: Sequence[str] = (), forget_seconds: float = 86_400.0) -> None:
        self.units: dict[Id, Unit] = {}
        self.calls: dict[Id, Call] = {}
        self.over: dict[Id, float] = {}
        """When calls left the board, of the last day or so."""
        self._now = 0.0
        self._info, self._categories, self._forget = info, list(categories), forget_seconds

    def state(self) -> dict[str, Any]:
        """Return the board as JSON has it."""
        rows = {name: [[key, asdict(row)] for key, row in getattr(self, name).items()] for name in ("units", "calls")}
        return {**rows, "over": list(self.over.items())}

    def restore(self, state: dict[str, Any]) -> None:
        """Make the board what `state` returned."""
        self.units = {key: Unit(**row) for key, row in state["units"]}
        self.calls = {key: Call(**row) for key, row in state["calls"]}
        self.over = dict(state["over"])

    # What is known

    def missing(self, call: Id) -> int:
        """Return how many units a call still needs; 0 for one that is not decided about."""
        row = self.calls[call]
        return 0 if row.self_initiated else max(0, row.units_required - row.served - len(self.on(call)))

    def on(self, call: Id) -> list[Id]:
        """Return the units on a call."""
        return [key for key, unit in self.units.items() if unit.call == call]

    def waiting(self) -> list[Id]:
        """Return the calls that miss units."""
        on = Counter(unit.call for unit in self.units.values())
        rows = ((key, row, row.units_required - row.served - on[key]) for key, row in self.calls.items())
        return [key for key, row, missing in rows if missing > 0 and not row.self_initiated]

    # What happens

    def apply(self, event: Event) -> Change:
        """Take an event.

        Raises
        ------
        ValueError
            If the area has no such node, beat or category, or the status is in no table; nothing has changed then.
        """
        values = self._checked(event)
        change, self._now = Change(), event.time
        about, _, what = event.kind.partition("_")
        if about == "call":
            getattr(self, f"_call_{what}")(event, values, change)
        else:
            unit = self._unit(values["unit"], what, change)
            unit.heard = event.time
            was_free = unit.status == UnitStatus.PATROLLING
            self._place(unit, event, values)
            getattr(self, f"_unit_{what}")(unit, event, values, change)
            if unit.status == UnitStatus.PATROLLING and not was_free:
                change.freed = values["unit"]
        return change

    def forget(self, now: float) -> Change:
        """Take off what nothing was heard of for too long."""
        change, self._now = Change(), now
        self.over = {key: moment for key, moment in self.over.items() if now - moment <= self._forget}
        for key, call in list(self.calls.items()):
            if now - call.heard > self._forget and not self.on(key):
                self._close(key, change)
                change.note("calls forgotten", f"nothing was heard of the call {key} for too long: it left")
        for key, unit in list(self.units.items()):
            if now - unit.heard > self._forget and unit.status != UnitStatus.OFF_DUTY:
                self._leave(unit, change)
                unit.status = UnitStatus.OFF_DUTY
                change.note("units forgotten", f"nothing was heard of the unit {key} for too long: off duty")
        return change

    def _checked(self, event: Event) -> dict[str, Any]:
        """Return an event's values with the number of its category, after all that may be wrong was looked at."""
        values = dict(event.values)
        node, beat, category = values.get("node", 0), values.get("home_beat", -1), values.get("category", 0)
        if node >= self._info.node_count:
            raise ValueError(f"node is {node}, expected 0 to {self._info.node_count - 1}")
        if "x" in values and self._info.coordinate_system == 0:
            raise ValueError("x and y are given, but the area has no coordinates: expected node")
        if beat >= self._info.beat_count:
            raise ValueError(f"home_beat is {beat}, expected -1 to {self._info.beat_count - 1}")
        if isinstance(category, str):
            if category not in self._categories:
                known = ", ".join(self._categories) or f"0 to {self._info.category_count - 1}: the area has no names"
                raise ValueError(f"category is {category!r}, expected one of {known}")
            values["category"] = self._categories.index(category)
        elif category >= self._info.category_count:
            raise ValueError(f"category is {category}, expected 0 to {self._info.category_count - 1}")
        if "status" in values:
            status_row(values["status"])
        return values

    def _unit(self, key: Id, what: str, change: Change) -> Unit:
        if key not in self.units and what not in ("on_duty", "status", "position"):
            change.note("unknown units", f"the unit {key} was not heard of before: expected unit_on_duty first")
        return self.units.setdefault(key, Unit())

    def _place(self, unit: Unit, event: Event, values: dict[str, Any]) -> None:
        place = _place_in(values)
        if place is not None:
            unit.place, unit.placed = place, event.time

    def _call_received(self, event: Event, values: dict[str, Any], change: Change) -> None:
        key = values["call"]
        if key in self.calls:
            change.note("calls received twice", f"the call {key} is open already: expected call_changed")
            self._call_changed(event, values, change)
            return
        given = {name: values[name] for name in _OF_CALLS if name in values}
        place = _place_in(values)
        assert place is not None  # the schema asks for it
        self.calls[key] = Call(event.time, place, values["category"], heard=event.time, **given)
        if on := self.on(key):
            change.note("calls received after a unit was sent", f"units on the call {key} already: {len(on)}")
        change.received = key

    def _call_changed(self, event: Event, values: dict[str, Any], change: Change) -> None:
        call = self._known(values["call"], event, change)
        if call is not None:
            for name in ("category", *_OF_CALLS):
                setattr(call, name, values.get(name, getattr(call, name)))
            call.place = _place_in(values) or call.place
            change.changed = values["call"]

    def _call_closed(self, event: Event, values: dict[str, Any], change: Change) -> None:
        key = values["call"]
        if key in self.calls:
            self._close(key, change)
        elif self.over.get(key) is None:  # its last unit may have cleared just before
            self._known(key, event, change)

    def _unit_on_duty(self, unit: Unit, event: Event, values: dict[str, Any], change: Change) -> None:
        self._leave(unit, change)
        for name in _OF_UNITS:
            setattr(unit, name, values.get(name, getattr(unit, name)))
        left = values.get("seconds_until_shift_end")
        unit.shift_end = None if left is None else event.time + left
        self._be(unit, UnitStatus.PATROLLING)

    def _unit_off_duty(self, unit: Unit, event: Event, values: dict[str, Any], change: Change) -> None:
        self._leave(unit, change)
        self._be(unit, UnitStatus.OFF_DUTY)

    def _unit_position(self, unit: Unit, event: Event, values: dict[str, Any], change: Change) -> None:
        """Its place is all that this event tells."""

    def _unit_status(self, unit: Unit, event: Event, values: dict[str, Any], change: Change) -> None:
        row = status_row(values["status"])
        status, other_fields = UnitStatus[row["status"]], row["set"]
        if "what the unit does now" in other_fields:
            return  # the call is stacked for it, and waits
        if status in (UnitStatus.PATROLLING, UnitStatus.OFF_DUTY):
            self._leave(unit, change)
        elif values.get("call", unit.call) != unit.call:
            self._send(unit, event, values, change)
        self._be(unit, status)
        unit.away = "no `incident_id`" in other_fields
        unit.may_leave_scene = "`may_leave_scene` 1" in other_fields
        left = values.get("seconds_until_free")
        unit.free_at = None if left is None else event.time + left
        self._stand_at_call(unit, event, values)

    def _unit_dispatched(self, unit: Unit, event: Event, values: dict[str, Any], change: Change) -> None:
        if unit.status == UnitStatus.OFF_DUTY and not change.notes:
            change.note("units sent off duty", f"the unit {values['unit']} was off duty: expected unit_on_duty")
        self._send(unit, event, values, change)
        self._be(unit, UnitStatus.EN_ROUTE)

    def _unit_arrived(self, unit: Unit, event: Event, values: dict[str, Any], change: Change) -> None:
        if values.get("call", unit.call) != unit.call:
            change.note(
                "arrivals elsewhere", f"the unit {values['unit']} was not sent to the call {values['call']} before"
            )
            self._send(unit, event, values, change)
        self._be(unit, UnitStatus.ON_SCENE)
        self._stand_at_call(unit, event, values)

    def _unit_cleared(self, unit: Unit, event: Event, values: dict[str, Any], change: Change) -> None:
        if values.get("call", unit.call) != unit.call:
            change.note(
                "cleared elsewhere",
                f"the unit {values['unit']} is on {unit.call or 'no call'}, not on {values['call']}",
            )
            return
        self._leave(unit, change)
        self._be(unit, UnitStatus.PATROLLING)

    def _known(self, key: Id, event: Event, change: Change) -> Call | None:
        call = self.calls.get(key)
        if call is None and key in self.over:
            change.note("calls that were over", f"the call {key} has left the board: expected call_received again")
        elif call is None:
            change.note("unknown calls", f"the call {key} is not on the board: expected call_received before")
        else:
            call.heard = event.time
        return call

    def _send(self, unit: Unit, event: Event, values: dict[str, Any], change: Change) -> None:
        key = values["call"]
        if unit.call != key:
            self._leave(unit, change)
            change.sent = values["unit"], key
        unit.call = key
        self._known(key, event, change)

    def _be(self, unit: Unit, status: UnitStatus) -> None:
        unit.status, unit.free_at, unit.away, unit.may_leave_scene = int(status), None, False, False

    def _stand_at_call(self, unit: Unit, event: Event, values: dict[str, Any]) -> None:
        """Put a unit on scene where its call is, unless the event itself says where it is."""
        call = None if unit.call is None else self.calls.get(unit.call)
        if unit.status == UnitStatus.ON_SCENE and call is not None and not unit.away and _place_in(values) is None:
            unit.place, unit.placed = call.place, event.time

    def _leave(self, unit: Unit, change: Change) -> None:
        """Take a unit off its call, which is over with the last of the units that were there."""
        key, unit.call = unit.call, None
        if key is None or key not in self.calls or unit.status != UnitStatus.ON_SCENE:
            return
        self.calls[key].served += 1
        if not self.on(key):
            self._close(key, change)

    def _close(self, key: Id, change: Change) -> None:
        del self.calls[key]
        self.over[key] = self._now
        change.closed.append(key)


def _place_in(values: dict[str, Any]) -> dict[str, float] | None:
    given = {str(name): values[name] for name in ("node", "x", "y", "seconds_to_node") if name in values}
    return given or None

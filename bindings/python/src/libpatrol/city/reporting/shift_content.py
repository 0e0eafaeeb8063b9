"""A recorded shift as compact JSON for the page that shows it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from libpatrol.area_arrays import AreaArrays
from libpatrol.city.reporting.shift import (
    FREE,
    OFF_DUTY,
    ON_SCENE,
    OUT_OF_SERVICE,
    OWN_WORK,
    SENT,
    Moved,
    Sent,
    Shift,
    Waits,
)
from libpatrol.enums import MoveReason, WaitReason
from libpatrol.pictures.maps import flat_metres

STATES = {
    OFF_DUTY: "off duty",
    FREE: "free",
    SENT: "on its way",
    ON_SCENE: "on scene",
    OWN_WORK: "own work",
    OUT_OF_SERVICE: "out of service",
}
WAIT_REASONS = {
    WaitReason.NO_ELIGIBLE_UNIT: "no unit on duty that may take this call can get there",
    WaitReason.UNITS_TAKEN: "every unit that could go is on another call",
    WaitReason.HELD: "a unit is free but stays ready: it would have to come from far or leave an area open",
    WaitReason.STRICT_PRIORITY: "the free unit is kept for a more urgent call",
    WaitReason.RESERVE: "the free unit is the reserve that its beat must keep",
    WaitReason.ALL_OR_NONE: "fewer units are free than the call needs at once",
    WaitReason.LEFT_OUT: "what is known about the call is not usable",
}
MOVE_REASONS = {
    MoveReason.POLICY: "the strategy's choice for the calls expected next, given where the other units are",
    MoveReason.KEPT_TARGET: "it keeps its destination: no other place is better by enough to turn around",
    MoveReason.RETURN_TO_BEAT: "it is outside its beat and returns",
    MoveReason.NO_CHOICE: "there is nowhere else to go from here",
}


@dataclass(frozen=True, kw_only=True)
class Names:
    """Names to show.

    Attributes
    ----------
    strategy : str
        That decides in this shift.
    units, categories, beats : sequence of str
        Of the fleet, the calls and the beats.
    streets : sequence of str [nodes]
        Street at each node; "" where unknown. Empty: unknown everywhere.
    """

    strategy: str
    units: Sequence[str]
    categories: Sequence[str]
    beats: Sequence[str]
    streets: Sequence[str] = ()


def shift_content(shift: Shift, city: AreaArrays, names: Names, outlines: Sequence[Any] = ()) -> dict[str, Any]:
    """Return what the page needs, as JSON has it: times in whole seconds from the start, places in whole metres.

    Parameters
    ----------
    shift : Shift
        To show.
    city : AreaArrays
        Where it took place.
    names : Names
        To show.
    outlines : sequence of array_like [corners, 2]
        Boundaries of beats, in the city's coordinates.
    """
    start, end = shift.start_seconds, shift.end_seconds
    places = np.rint(flat_metres(city)).astype(int)
    roads = np.unique(np.sort(city.edges, axis=1), axis=0)
    streets = list(dict.fromkeys(names.streets))
    number = {street: k for k, street in enumerate(streets)}

    def at(seconds: float | None) -> int | None:
        return None if seconds is None or seconds > end else round(seconds - start)

    return {
        "strategy": names.strategy,
        "start": round(start) % (168 * 3600),
        "seconds": round(end - start),
        "x": places[:, 0].tolist(),
        "y": places[:, 1].tolist(),
        "roads": roads.ravel().tolist(),
        "outlines": [np.rint(flat_metres(city, corners)).astype(int).ravel().tolist() for corners in outlines],
        "beats": list(names.beats),
        "beat": [] if city.node_beats is None else city.node_beats.tolist(),
        "streets": streets,
        "street": [number[street] for street in names.streets],
        "kinds": list(names.categories),
        "units": [
            {
                "name": name,
                "way": _differences(unit.track.between(start, end), start),
                "states": [value for row in _within(unit.states, start, end) for value in (at(row[0]), *row[1:])],
            }
            for name, unit in zip(names.units, shift.units, strict=True)
        ],
        "calls": [
            [
                at(call.came), call.node, call.priority, call.category, call.units_required, at(call.reached),
                at(call.ended), int(call.is_lost),
                [value for unit, sent, scene in call.units if sent <= end for value in (unit, at(sent), at(scene))],
            ]
            for call in shift.calls
        ],
        "decisions": [[at(row.seconds), *_row(row)] for row in shift.decisions],
        "states": [STATES[k] for k in range(len(STATES))],
        "waitReasons": [WAIT_REASONS[WaitReason(k)] for k in range(len(WAIT_REASONS))],
        "moveReasons": [MOVE_REASONS[MoveReason(k)] for k in range(len(MOVE_REASONS))],
    }  # fmt: skip


def _row(row: Sent | Waits | Moved) -> list[int | None]:
    """Return a decision's kind (0: sent, 1: waits, 2: moves) and what it consists of."""
    if isinstance(row, Sent):
        told = row.travel_seconds, row.other_seconds, row.loss
        travel, other, loss = (None if value is None else round(value) for value in told)
        return [0, row.unit, row.call, travel, row.other, other, loss, row.left_call]
    if isinstance(row, Waits):
        return [1, row.call, row.missing, row.reason]
    return [2, row.unit, row.node, round(row.travel_seconds), row.reason]


def _within(states: Sequence[tuple[float, int, int]], start: float, end: float) -> list[tuple[float, int, int]]:
    """Return the states from the one at `start` on."""
    first = max((k for k, (time, *_) in enumerate(states) if time <= start), default=0)
    return [row for row in states[first:] if row[0] <= end]


def _differences(points: Sequence[tuple[float, int]], start: float) -> list[int]:
    """Return points as seconds since the one before, and node; the first since `start`."""
    values: list[int] = []
    before = 0
    for seconds, node in points:
        now = round(seconds - start)
        values += [now - before, node]
        before = now
    return values

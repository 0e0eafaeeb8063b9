"""What the simulator in plain Python keeps of calls and units, what it tells, and what a plan of shifts says."""

import math
from dataclasses import dataclass
from enum import Enum, auto
from typing import NamedTuple

from libpatrol.enums import EventKind
from libpatrol.scenario.arrays import ScenarioArrays

_WEEK = 168 * 3600.0


class Phase(Enum):
    """What a unit does."""

    OFF_DUTY = auto()
    STANDING = auto()
    MOVING = auto()
    EN_ROUTE = auto()
    ON_SCENE = auto()


FREE = (Phase.STANDING, Phase.MOVING)


@dataclass
class Call:
    """A call of the log; `service` are the seconds that it takes once a unit is there."""

    number: int
    time: float
    node: int
    category: int
    priority: int
    service: float
    required: int
    weight: float
    assigned: int = 0
    on_scene: int = 0


@dataclass
class Unit:
    """A unit: where it is, what it does, and until when."""

    node: int
    home_beat: int
    phase: Phase = Phase.OFF_DUTY
    node_time: float = 0.0  # when it is at `node`; in the past: it stands there or has left it on a longer way
    phase_end: float = math.inf
    target: int = -1
    call: Call | None = None
    due: bool = False
    on_shift: bool = True
    shift_end: float = math.inf
    departure: float = 0.0  # when its way began
    entered: float = 0.0  # when the way began on which it came to its edge: another where it was sent elsewhere on it

    def rest(self, now: float) -> float:
        """Return seconds until it is at its node."""
        return max(0.0, self.node_time - now)


class Event(NamedTuple):
    """Something that happened; -1 where an event has no unit, call or node."""

    time: float
    kind: EventKind
    unit: int
    call: int
    node: int


class Send(NamedTuple):
    """An assignment, and the unit's way in seconds."""

    unit: int
    call: Call
    seconds: float


class Move(NamedTuple):
    """A patrol move: where to, by which node next, and seconds until there."""

    unit: int
    target: int
    next_node: int
    seconds: float


def shift(arrays: ScenarioArrays, unit: int, now: float) -> tuple[bool, float]:
    """Return whether the plan has a unit on duty at a time, and until when that lasts."""
    planned = [row for row in (() if arrays.shifts is None else arrays.shifts) if row["unit"] == unit]
    if not planned:
        return True, math.inf
    starts = []
    for row in planned:
        for week in range(int(now // _WEEK) - 1, int(now // _WEEK) + 2):
            start, end = (week * _WEEK + 3600 * float(row[name]) for name in ("start_hour", "end_hour"))
            if start <= now < end:
                return True, end
            starts.append(start)
    return False, min(start for start in starts if start > now)

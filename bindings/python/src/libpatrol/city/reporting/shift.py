"""What is known of a recorded shift: where units drove, which calls waited, and why each decision was made."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby

from libpatrol.city.reporting.tracks import Track

OFF_DUTY, FREE, SENT, ON_SCENE, OWN_WORK, OUT_OF_SERVICE = range(6)
"""What a unit is doing."""


@dataclass
class UnitStory:
    """A unit during the shift.

    Attributes
    ----------
    track : Track
        Where it drives.
    states : list of (seconds, state, call)
        From when on it does what: `OFF_DUTY`, ...; the call's number, or -1.
    """

    track: Track
    states: list[tuple[float, int, int]]


@dataclass
class CallStory:
    """A call during the shift; times are None for what did not happen.

    Attributes
    ----------
    came, reached, ended : float or None
        In seconds since Monday 00:00.
    node, priority, category, units_required : int
        Category -1: its type is not shown.
    is_lost : bool
        It ended because the queue was full.
    units : list of (unit, sent, on_scene)
        Who went, and when.
    """

    came: float
    node: int
    priority: int
    category: int
    units_required: int
    reached: float | None = None
    ended: float | None = None
    is_lost: bool = False
    units: list[tuple[int, float, float | None]] = field(default_factory=list)


@dataclass(frozen=True)
class Sent:
    """A unit was sent to a call; `other` would go instead, -1: nobody; `loss` in weighted seconds, None: it has to."""

    seconds: float
    unit: int
    call: int
    travel_seconds: float
    other: int
    other_seconds: float | None
    loss: float | None
    left_call: int


@dataclass(frozen=True)
class Waits:
    """A call goes without `missing` of its units, for a `WaitReason`."""

    seconds: float
    call: int
    missing: int
    reason: int


@dataclass(frozen=True)
class Moved:
    """A free unit was told where to patrol, for a `MoveReason`; its own node: to stay."""

    seconds: float
    unit: int
    node: int
    travel_seconds: float
    reason: int


@dataclass(frozen=True, kw_only=True)
class Shift:
    """A recorded shift. Calls are numbered from 0 in the order in which they came.

    Examples
    --------
    >>> from libpatrol import Scenario
    >>> from libpatrol.city.reporting.recording import record_shift
    >>> scenario = Scenario.load("hotspots")
    >>> shift = record_shift(scenario, scenario.engine(), start_hour=8, hours=1)
    >>> len(shift.units)
    5
    """

    start_seconds: float
    end_seconds: float
    units: Sequence[UnitStory]
    calls: Sequence[CallStory]
    decisions: Sequence[Sent | Waits | Moved]

    @property
    def most_on_duty(self) -> int:
        """The most units that are on duty at a time."""
        changes: list[tuple[float, int]] = []
        for unit in self.units:
            was = 0
            for seconds, state, _ in unit.states:
                if seconds >= self.end_seconds:
                    break
                now = int(state != OFF_DUTY)
                changes.append((max(seconds, self.start_seconds), now - was))
                was = now
        count, most = 0, 0
        for _, at_once in groupby(sorted(changes), key=lambda change: change[0]):  # one tour ends as the next begins
            count += sum(change for _, change in at_once)
            most = max(most, count)
        return most

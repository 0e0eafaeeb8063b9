"""A decision for a call beside what was done, and why a unit that was sent is another than the one proposed."""

import math
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from libpatrol.area import Area
from libpatrol.engine import Engine
from libpatrol.enums import Task
from libpatrol.session import Session
from libpatrol.shadow.entries import Id, number_of
from libpatrol.shadow.snapshots import MOST_ROWS, recorded_snapshot
from libpatrol.snapshot import Snapshot

_SMALLEST = 64  # rows for which a session is made at least

SAME, OTHER, WOULD_WAIT, LATE, NOBODY = "same unit", "other unit", "would have waited", "sent later", "nobody sent"
"""How a decision for a call compares with what was done; LATE: it was too old when a unit was sent."""
NOT_KNOWN, NOT_SAID = "NOT_ON_BOARD", "NOT_SAID"
"""Why a unit was not proposed: off duty by the events, or without a place; the library cannot say."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """How events are read and decisions compared.

    Attributes
    ----------
    window_seconds : float
        Units that are sent to a call within so long after a decision are compared with it.
    tolerance_seconds : float
        How far events may be out of order.
    forget_seconds : float
        A unit or call of which nothing was heard for so long leaves the board; a clock that jumps farther is doubted.
    time_zone : str or None
        Of the city, such as "America/Chicago"; None: the offsets that the times are written with.
    node_limit : int
        Of each decision, in place of a deadline, so that it is the same on any machine; 0: none.

    Examples
    --------
    >>> from libpatrol.shadow.comparisons import Settings
    >>> Settings(window_seconds=60).tolerance_seconds
    5.0
    """

    window_seconds: float = 180.0
    tolerance_seconds: float = 5.0
    forget_seconds: float = 86_400.0
    time_zone: str | None = None
    node_limit: int = 2000

    def __post_init__(self) -> None:
        for name in ("window_seconds", "tolerance_seconds", "forget_seconds"):
            if not 0 <= (value := getattr(self, name)) <= 1e9:
                raise ValueError(f"{name} is {value}, expected 0 to 1e9")
        try:
            self.zone()
        except (KeyError, OSError, ValueError) as error:
            raise ValueError(f"time_zone is {self.time_zone!r}, expected a name such as America/Chicago") from error

    def zone(self) -> ZoneInfo | None:
        """Return the time zone, if there is one."""
        return None if self.time_zone is None else ZoneInfo(self.time_zone)


@dataclass
class Comparison:
    """The latest decision for a call that waits, and who was sent to it since.

    It stays until units are sent: a later decision, made because the call still waited, takes its place.
    """

    call: Id
    priority: int
    line: int
    received: float
    decided: float
    local: float
    proposed: list[list[Any]]  # unit and travel time, seconds
    reasons: list[str]  # why no unit was proposed, or fewer than missing
    record: list[int]  # where the decision's record begins, and its size
    first_proposed: float | None = None
    decisions: int = 1
    flips: int = 0
    late: bool = False
    sent: list[list[Any]] = field(default_factory=list)  # unit and when

    def follows(self, before: "Comparison") -> None:
        """Take the place of a decision after which nobody was sent."""
        units, old = {row[0] for row in self.proposed}, {row[0] for row in before.proposed}
        self.decisions += before.decisions
        self.flips = before.flips + bool(units and old and units != old)
        self.reasons = list(dict.fromkeys(before.reasons + self.reasons))
        if before.first_proposed is not None:
            self.first_proposed = before.first_proposed

    def outcome(self) -> str:
        """Return how it ended."""
        proposed, sent = {row[0] for row in self.proposed}, {row[0] for row in self.sent}
        if not sent:
            return NOBODY
        if self.late:
            return LATE
        if not proposed:
            return WOULD_WAIT
        return SAME if proposed <= sent or sent <= proposed else OTHER


class Decider:
    """An engine with a session that grows, and the options of its decisions.

    Parameters
    ----------
    area, engine : Area, Engine
        Who decides where.
    node_limit : int
        Of each decision.
    """

    def __init__(self, area: Area, engine: Engine, node_limit: int) -> None:
        self.area, self.engine = area, engine
        self.options: dict[str, Any] = {"tasks": Task.DISPATCH, "deadline": None, "node_limit": node_limit}
        self._session: Session | None = None
        self._most = 0

    def session(self, snapshot: Snapshot) -> Session:
        """Return a session with room for a snapshot."""
        rows = max(len(snapshot.units), len(snapshot.incidents))
        if self._session is None or self._most < rows:
            self._most = min(MOST_ROWS, max(_SMALLEST, 1 << rows.bit_length()))
            self._session = Session(self.engine, self._most, self._most)
        return self._session

    def why_not(self, record: bytes, call: Id, unit: Id) -> tuple[str, float | None]:
        """Return why a recorded decision does not send a unit to a call, and the unit's travel time as it was known.

        Raises
        ------
        PatrolError
            If the library cannot say, as of a call whose row was not valid.
        """
        snapshot = recorded_snapshot(record)
        units = snapshot.units[snapshot.units["id"] == number_of(unit)]
        calls = snapshot.incidents[snapshot.incidents["id"] == number_of(call)]
        if len(units) == 0 or len(calls) == 0:
            return NOT_KNOWN, None
        why = self.session(snapshot).why_not(snapshot, number_of(unit), number_of(call), **self.options)
        seconds = why.travel_seconds
        if math.isnan(seconds):
            seconds = self._travel(units[0], calls[0], snapshot.time_seconds)
        return why.reason.name, round(seconds, 1) if math.isfinite(seconds) else None

    def _travel(self, unit: Any, call: Any, time: float) -> float:
        """Return the seconds from where a unit is to a call, for one that no decision looks at."""
        ends = [self._node(row) for row in (unit, call)]
        return float(self.area.travel_times(ends[:1], ends[1:], departing=time)[0, 0] + unit["seconds_to_node"])

    def _node(self, row: Any) -> int:
        node = int(row["node"])
        if node < self.area.info.node_count:
            return node
        return int(self.area.nearest_nodes([[row["x"], row["y"]]])[0][0])

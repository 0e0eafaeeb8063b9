"""What would have been decided at each moment at which dispatch decides, beside what was done."""

import hashlib
import math
import warnings
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from libpatrol.area import Area
from libpatrol.engine import Engine
from libpatrol.enums import Task, WaitReason
from libpatrol.errors import LeftOutWarning, PatrolError
from libpatrol.records import UNIT_DTYPE
from libpatrol.session import Session
from libpatrol.shadow.board import Board, Change, Id, number_of
from libpatrol.shadow.events import LONGEST_LINE, Event, read_event
from libpatrol.shadow.lines import Line
from libpatrol.shadow.log import Log
from libpatrol.shadow.snapshots import MOST_ROWS, recorded_snapshot, snapshot_of

SAME, OTHER, WOULD_WAIT, LATE, NOBODY = "same unit", "other unit", "would have waited", "sent later", "nobody sent"
"""How a decision for a call compares with what was done; LATE: it was too old when a unit was sent."""
NOT_KNOWN = "NOT_ON_BOARD"
"""Why a unit was not proposed that was off duty by the events, or whose place they did not tell."""
_SMALLEST = 64  # rows for which a session is made at least
_REMEMBERED = 20  # sentences that are given to who runs it; the log has all


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
    >>> from libpatrol.shadow.decisions import Settings
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


class Shadow:
    """Follows the events of a running system, decides beside it, and logs both.

    Parameters
    ----------
    area, engine : Area, Engine
        Who decides where.
    log : Log
        What it has done before is taken up from there.
    settings : Settings
        How events are read.
    categories : sequence of str
        Names of the area's categories; empty if they have none.
    placed : callable, optional
        Returns coordinates of the area for the x and y of events; None: they are the area's.

    Attributes
    ----------
    counts : Counter
        What was counted, by name.
    remembered : list of str
        The first sentences about odd lines since it was made.
    """

    def __init__(
        self,
        area: Area,
        engine: Engine,
        log: Log,
        settings: Settings,
        categories: list[str] | tuple[str, ...] = (),
        placed: Callable[[float, float], tuple[float, float]] | None = None,
    ) -> None:
        self._area, self._engine, self._log, self._settings = area, engine, log, settings
        self._zone = None if settings.time_zone is None else ZoneInfo(settings.time_zone)
        self._board = Board(area.info, categories, settings.forget_seconds)
        self._placed, self._options = placed, {"tasks": Task.DISPATCH, "deadline": None, "node_limit": settings.node_limit}
        self._session: tuple[Session, int] | None = None
        self.counts: Counter[str] = Counter()
        self.remembered: list[str] = []
        self._open: dict[Id, Comparison] = {}
        self._clock, self._leap = 0.0, -math.inf
        self.line, self._last = 0, b""
        if log.state is not None:
            self._restore(log.state)

    def _restore(self, state: dict[str, Any]) -> None:
        self.line, self._clock = state["line"], state["clock"]
        self._leap = -math.inf if state["leap"] is None else state["leap"]
        self.counts.update(state["counts"])
        self._board.restore(state["board"])
        self._open = {row["call"]: Comparison(**row) for row in state["open"]}
        size = state["last_record"]
        self._last = self._log.record(state["record_bytes"] - size, size)

    def write_state(self, **where: Any) -> None:
        """Write all that is needed to go on after the line that was taken last, and `where` that is in the events."""
        self._log.write_state(
            line=self.line,
            **where,
            clock=self._clock,
            leap=None if math.isinf(self._leap) else self._leap,
            counts=dict(self.counts),
            last_record=len(self._last),
            open=[asdict(row) for row in self._open.values()],
            board=self._board.state(),
        )

    # Events

    def take(self, line: Line) -> None:
        """Take the next line. One that is no event is counted and said, and changes nothing."""
        self.line += 1
        if not line.text.strip() and not line.too_long:
            return
        try:
            if line.too_long:
                raise ValueError(f"longer than {LONGEST_LINE:,} bytes, expected an event")
            event = read_event(line.text, self._zone)
            self._set_clock(event)
            if self._placed is not None and "x" in event.values:
                event.values["x"], event.values["y"] = self._placed(event.values["x"], event.values["y"])
            change = self._board.apply(event)
        except ValueError as wrong:
            self._say("lines refused", str(wrong))
            return
        self.counts["events"] += 1
        self._follow(change)
        if change.sent is not None:
            self._sent(*change.sent, event.time)
        why = self._why(change)
        if why:
            self._decide(event, why)

    def _why(self, change: Change) -> str:
        """Return why dispatch decides now; "" if it does not."""
        board = self._board
        if change.received is not None and board.missing(change.received):
            return "a call came"
        if change.freed is not None and board.waiting():
            return "a unit became free"
        return "a call changed" if change.changed is not None and board.missing(change.changed) else ""

    def _set_clock(self, event: Event) -> None:
        """Follow the clock of the events.

        Raises
        ------
        ValueError
            If an event comes too late, or its time is so far off that it needs a second event to be believed.
        """
        late = self._clock - event.time
        if self._clock and abs(late) > self._settings.forget_seconds:
            believed = abs(event.time - self._leap) <= self._settings.forget_seconds
            self._leap = -math.inf if believed else event.time
            if not believed:
                raise ValueError(
                    f"time is {abs(late) / 3600:.1f} h {'before' if late > 0 else 'after'} that of the last event: "
                    "expected one of this day, or a second event of that time"
                )
            self._clock = event.time
            self._end_windows(math.inf)
            return
        if late > self._settings.tolerance_seconds:
            raise ValueError(f"time is {late:.0f} s before that of the last event, expected at most "
                             f"{self._settings.tolerance_seconds:g} s")
        if late > 0:
            self._say("events out of order", f"time is {late:.1f} s before that of the last event")
        self._leap = -math.inf
        self._clock = max(self._clock, event.time)
        self._end_windows(self._clock)

    def _say(self, about: str, sentence: str) -> None:
        self.counts[about] += 1
        self._log.write("said", line=self.line, about=about, sentence=sentence)
        if len(self.remembered) < _REMEMBERED:
            self.remembered.append(f"line {self.line}: {sentence}")

    def _follow(self, change: Change) -> None:
        for about, sentence in change.notes:
            self._say(about, sentence)
        for call in change.closed:
            if call in self._open:
                self._end(self._open.pop(call))

    # Decisions

    def _decide(self, event: Event, why: str) -> None:
        board, now = self._board, self._clock
        self._follow(board.forget(now))
        local = event.local_seconds + now - event.time
        snapshot, names, nowhere = snapshot_of(board, now, local)
        session = self._session_for(max(len(snapshot.units), len(snapshot.incidents)))
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", LeftOutWarning)
                answer = session.decide(snapshot, **self._options)
            record = self._engine.record(snapshot, answer, after=self._last, **self._options)
        except PatrolError as error:
            self._say("not decided", f"there is no decision: {error}")
            return
        begin, self._last = self._log.write_record(record), record
        if answer.first_issue:
            self._say("rows left out", f"{len(answer.issues)} rows of the snapshot were left out: {answer.first_issue}")
        self.counts["decisions"] += 1
        sent: dict[Id, list[list[Any]]] = {}
        for row in answer.assignments:
            unit, call = names[int(row["unit_id"])], names[int(row["incident_id"])]
            sent.setdefault(call, []).append([unit, round(float(row["travel_seconds"]), 1)])
        reasons = {names[int(row["incident_id"])]: WaitReason(int(row["reason"])).name for row in answer.waits}
        waiting = [call for call in board.waiting() if number_of(call) in names]
        self._log.write(
            "decision", line=self.line, time=now, why=why, waiting=len(waiting), units=len(snapshot.units),
            without_place=len(nowhere), waits=[list(pair) for pair in reasons.items()],
            proposed=[[call, unit, seconds] for call, rows in sent.items() for unit, seconds in rows],
            record=hashlib.sha256(record).hexdigest(),
        )  # fmt: skip
        for call in waiting:
            proposed = sent.get(call, [])
            made = Comparison(
                call, board.calls[call].priority, self.line, board.calls[call].received, now, local, proposed,
                [reasons[call]] if call in reasons else [], [begin, len(record)], now if proposed else None,
            )  # fmt: skip
            before = self._open.pop(call, None)
            if before is not None and before.sent:
                self._end(before)
            elif before is not None:
                made.follows(before)
            self._open[call] = made

    def _session_for(self, rows: int) -> Session:
        if self._session is None or self._session[1] < rows:
            most = min(MOST_ROWS, max(_SMALLEST, 1 << rows.bit_length()))
            self._session = Session(self._engine, most, most), most
        return self._session[0]

    # Comparisons

    def _sent(self, unit: Id, call: Id, time: float) -> None:
        row = self._open.get(call)
        if row is not None:
            row.sent.append([unit, time])
            row.late = row.late or time - row.decided > self._settings.window_seconds
        elif call in self._board.calls and not self._board.calls[call].self_initiated:
            self.counts["units sent outside of a window"] += 1

    def _end_windows(self, now: float) -> None:
        for call, row in list(self._open.items()):
            if row.sent and now - row.decided > self._settings.window_seconds:
                self._end(self._open.pop(call))

    def _end(self, row: Comparison) -> None:
        """Log a comparison that is over."""
        travel = dict(row.proposed)
        others = [unit for unit, _ in row.sent if unit not in travel]
        found = self._why_not(row, others) if others else {}
        sent = [(unit, travel[unit] if unit in travel else found[unit][1]) for unit, _ in row.sent]
        known = [seconds for _, seconds in sent if seconds is not None]
        self.counts["comparisons"] += 1
        self._log.write(
            "comparison", line=row.line, call=row.call, priority=row.priority, time=row.decided,
            local_seconds=row.local, outcome=row.outcome(), proposed=row.proposed, sent=[list(pair) for pair in sent],
            proposed_seconds=min(travel.values(), default=None),
            sent_seconds=min(known) if known and len(known) == len(sent) else None,
            waited=round(row.decided - row.received, 1),
            first_proposed_after=None if row.first_proposed is None else round(row.first_proposed - row.received, 1),
            sent_after=round(row.sent[0][1] - row.received, 1) if row.sent else None,
            reasons=row.reasons, why_not=[[unit, found[unit][0]] for unit in others], decisions=row.decisions, flips=row.flips,
        )  # fmt: skip

    def _why_not(self, row: Comparison, units: list[Id]) -> dict[Id, tuple[str, float | None]]:
        """Return why each of these units was not proposed, and its travel time as the decision knew it."""
        snapshot = recorded_snapshot(self._log.record(*row.record))
        session = self._session_for(max(len(snapshot.units), len(snapshot.incidents)))
        options = {name: value for name, value in self._options.items()}
        (call,) = snapshot.incidents[snapshot.incidents["id"] == number_of(row.call)]
        found: dict[Id, tuple[str, float | None]] = {}
        for key in units:
            rows = snapshot.units[snapshot.units["id"] == number_of(key)]
            if len(rows) == 0:
                found[key] = NOT_KNOWN, None
                continue
            why = session.why_not(snapshot, number_of(key), number_of(row.call), **options)
            seconds = why.travel_seconds
            if math.isnan(seconds):
                seconds = self._travel(rows[0], call, snapshot.time_seconds)
            found[key] = why.reason.name, round(seconds, 1) if math.isfinite(seconds) else None
        return found

    def _travel(self, unit: Any, call: Any, time: float) -> float:
        """Return the seconds from where a unit is to a call, for one that no decision looks at."""
        ends = [self._node(row) for row in (unit, call)]
        return float(self._area.travel_times(ends[:1], ends[1:], departing=time)[0, 0] + unit["seconds_to_node"])

    def _node(self, row: Any) -> int:
        node = int(row["node"])
        return node if node < self._area.info.node_count else int(self._area.nearest_nodes([[row["x"], row["y"]]])[0][0])

"""What would have been decided at each moment at which dispatch decides, beside what was done."""

import hashlib
import math
import warnings
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from libpatrol.area import Area
from libpatrol.engine import Engine
from libpatrol.enums import WaitReason
from libpatrol.errors import LeftOutWarning, PatrolError
from libpatrol.shadow.board import Board
from libpatrol.shadow.comparisons import NOT_SAID, Comparison, Decider, Settings
from libpatrol.shadow.entries import Change, Id, number_of
from libpatrol.shadow.events import LONGEST_LINE, Event, read_event
from libpatrol.shadow.lines import Line
from libpatrol.shadow.log import Log
from libpatrol.shadow.snapshots import snapshot_of

_REMEMBERED = 20  # sentences that are given to who runs it; the log has all


class Shadow:
    r"""Follows the events of a running system, decides beside it, and logs both.

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

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from libpatrol import Scenario
    >>> from libpatrol.shadow.comparisons import Settings
    >>> from libpatrol.shadow.decisions import Shadow
    >>> from libpatrol.shadow.following import described, follow
    >>> from libpatrol.shadow.log import Log
    >>> from libpatrol.shadow.simulated import simulated_events
    >>> scenario, settings, folder = Scenario.load("hotspots"), Settings(), Path(tempfile.mkdtemp())
    >>> engine = scenario.engine()
    >>> lines = simulated_events(scenario, engine, hours=1)
    >>> _ = (folder / "events").write_text("".join(f"{line}\n" for line in lines))
    >>> log = Log(folder / "out", described(engine, settings, {}))
    >>> shadow = Shadow(scenario.area, engine, log, settings, scenario.category_names)
    >>> follow(shadow, log, folder / "events")
    (0, 0, 0)
    >>> log.close()
    >>> shadow.counts["decisions"] > 20
    True
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
        self._decider, self._log, self._settings = Decider(area, engine, settings.node_limit), log, settings
        self._zone = settings.zone()
        self._board = Board(area.info, categories, settings.forget_seconds)
        self._placed = placed
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
            most = self._settings.tolerance_seconds
            raise ValueError(f"time is {late:.0f} s before that of the last event, expected at most {most:g} s")
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
        decider = self._decider
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", LeftOutWarning)
                answer = decider.session(snapshot).decide(snapshot, **decider.options)
            record = decider.engine.record(snapshot, answer, after=self._last, **decider.options)
        except PatrolError as error:
            self._say("not decided", f"there is no decision: {error}")
            return
        begin, self._last = self._log.write_record(record), record
        if answer.first_issue:
            self._say("rows left out", f"{len(answer.issues)} rows of the snapshot left out: {answer.first_issue}")
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
        record = self._log.record(*row.record) if others else b""
        found = {unit: self._why_not(row, record, unit) for unit in others}
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
            reasons=row.reasons, why_not=[[unit, found[unit][0]] for unit in others], decisions=row.decisions,
            flips=row.flips,
        )  # fmt: skip

    def _why_not(self, row: Comparison, record: bytes, unit: Id) -> tuple[str, float | None]:
        try:
            return self._decider.why_not(record, row.call, unit)
        except PatrolError as error:
            self._say("reasons not found", f"why the unit {unit} was not proposed for the call {row.call}: {error}")
            return NOT_SAID, None

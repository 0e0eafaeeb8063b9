"""What a log of shadow mode says: tables and plain sentences."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import numpy as np

from libpatrol.shadow.blocks import agreement, by_blocks, days_of, difference, nearer, text_of
from libpatrol.shadow.comparisons import LATE, NOBODY, NOT_KNOWN, OTHER, SAME, WOULD_WAIT
from libpatrol.shadow.coverage import about_intervals, not_seen
from libpatrol.shadow.log import read_log
from libpatrol.shadow.words import CONCLUDED, WAITS, WHY_NOT
from libpatrol.studies.intervals import Interval

COMPARED = (SAME, OTHER, WOULD_WAIT)
_UNSEEN = (NOT_KNOWN, "OFF_DUTY", "BUSY")
_MONDAY = datetime(1970, 1, 5, tzinfo=timezone.utc)


@dataclass(frozen=True)
class Table:
    """A table of texts; the first column names its rows."""

    caption: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True)
class Findings:
    """What is shown of a log.

    Attributes
    ----------
    headline : str
        How often the same unit would have been sent.
    sentences : list of str
        What was found.
    tables : list of Table
        By priority, travel, reasons, and what was odd about the events.
    method : list of str
        How it was found.
    unknown : list of str
        What cannot be concluded.

    Examples
    --------
    >>> from libpatrol.shadow.findings import Findings
    >>> Findings("Nothing yet.", [], [], []).unknown[0]
    'Predicted, not observed: nobody drove what libpatrol would have decided.'
    """

    headline: str
    sentences: list[str]
    tables: list[Table]
    method: list[str]
    unknown: list[str] = field(default_factory=lambda: list(CONCLUDED))


def findings(folder: Path) -> Findings:
    """Return what the log in a folder says.

    Raises
    ------
    ValueError
        If the folder has no log, or a line of it is damaged.
    """
    lines = _lines(folder)
    compared = lines.compared
    tables = [_by_priority(lines.found), _travel(compared), _reasons(compared), _waits(lines.found), _odd(lines)]
    shown = [table for table in tables if table.rows]
    unknown = [*CONCLUDED, *not_seen(compared)]
    return Findings(_headline(compared), _sentences(lines), shown, _method(lines.settings, compared), unknown)


@dataclass
class _Lines:
    """What a log's lines say, taken together."""

    settings: dict[str, Any] = field(default_factory=dict)
    state: dict[str, Any] = field(default_factory=dict)
    without_place: list[int] = field(default_factory=list)  # by decision
    found: list[dict[str, Any]] = field(default_factory=list)
    odd: Counter[str] = field(default_factory=Counter)
    example: dict[str, str] = field(default_factory=dict)

    @property
    def compared(self) -> list[dict[str, Any]]:
        return [row for row in self.found if row["outcome"] in COMPARED]


def _lines(folder: Path) -> _Lines:
    lines = _Lines()
    for line in read_log(folder):
        kind = line["kind"]
        if kind == "run":
            lines.settings = line
        elif kind == "state":
            lines.state = line
        elif kind == "decision":
            lines.without_place.append(line["without_place"])
        elif kind == "comparison":
            lines.found.append(line)
        elif kind == "said":
            lines.odd[line["about"]] += 1
            lines.example.setdefault(line["about"], f"line {line['line']}: {line['sentence']}")
    return lines


def _headline(compared: Sequence[dict[str, Any]]) -> str:
    if not compared:
        return "There is nothing to compare yet: no unit was sent within the window after a decision."
    same, share = sum(row["outcome"] == SAME for row in compared), text_of(agreement(compared), "%", 1)
    return f"For {same:,} of {_many(len(compared), 'call')} ({share}) libpatrol would have sent the unit that was sent."


def _sentences(lines: _Lines) -> list[str]:
    counts, compared, found = lines.state.get("counts", {}), lines.compared, lines.found
    outcomes = Counter(row["outcome"] for row in found)
    told = [
        f"{_span(found)}{_many(counts.get('events', 0), 'event')} read, "
        f"{_many(lines.odd['lines refused'], 'line')} refused, "
        f"{_many(len(lines.without_place), 'decision')} made by libpatrol."
    ]
    other = [row for row in compared if row["outcome"] == OTHER]
    known = [row for row in other if not math.isnan(difference(row))]
    if other:
        drive = f"Its first unit's predicted drive is {_longer(nearer(known))}, over {_many(len(known), 'such call')}."
        nothing = "For none of these calls can the drives of both units be predicted."
        told.append(f"For {_many(len(other), 'call')} it would have sent another unit. {drive if known else nothing}")
        told.append(f"Over all calls compared, its first unit's predicted drive is {_longer(nearer(compared))}.")
    if outcomes[WOULD_WAIT]:
        told.append(
            f"For {_many(outcomes[WOULD_WAIT], 'call')} a unit was sent while libpatrol would still have waited."
        )
    if outcomes[LATE]:
        window = f"more than {lines.settings['window_seconds']:g} s after the last decision"
        told.append(f"For {_many(outcomes[LATE], 'call')} a unit was sent {window}: too late to be compared with it.")
    if outcomes[NOBODY]:
        told.append(f"{_many(outcomes[NOBODY], 'call')} ended before a unit was sent.")
    if flips := [row["flips"] for row in found if row["flips"]]:
        told.append(
            f"While calls waited, its choice of a unit changed {_many(sum(flips), 'time')}, "
            f"for {_many(len(flips), 'call')}."
        )
    if unseen := sum(any(why in _UNSEEN for _, why in row["why_not"]) for row in compared):
        told.append(
            f"For {_many(unseen, 'call')} the unit that was sent was busy, off duty or nowhere by the events: "
            "somebody knew more than the events tell."
        )
    first = [row for row in compared if row["first_proposed_after"] is not None]
    if first:
        half = float(np.median([row["sent_after"] - row["first_proposed_after"] for row in first]))
        told.append(
            f"Half of the units were sent within {half:.0f} s of libpatrol's first proposal for the call. People need "
            "time to hear what a call is about; this time is not counted as a difference."
        )
    if nowhere := [count for count in lines.without_place if count]:
        told.append(
            f"At {_many(len(nowhere), 'decision')} some units on duty ({np.mean(nowhere):.1f} on average) had no "
            "known place and could not be proposed."
        )
    if lines.state.get("open"):
        told.append(
            f"{_many(len(lines.state['open']), 'call')} still waited at the end, or had a unit sent just before it."
        )
    return told


def _many(count: int, what: str) -> str:
    return f"{count:,} {what}" if count == 1 else f"{count:,} {what}s"


def _longer(found: Interval) -> str:
    size = text_of(Interval(abs(found.mean), found.half_width, found.replications), "s")
    told = f"{size} {'shorter' if found.mean < 0 else 'longer'}"
    if math.isnan(found.half_width):
        return f"{told}; whether by chance cannot be told" if found.mean else told
    return told if found.excludes_zero else f"{told}, which may be chance"


def _span(found: Sequence[dict[str, Any]]) -> str:
    if not found:
        return ""
    ends = [_MONDAY + timedelta(seconds=pick(row["local_seconds"] for row in found)) for pick in (min, max)]
    return f"From {ends[0]:%Y-%m-%d %H:%M} to {ends[1]:%Y-%m-%d %H:%M} local time, "


def _by_priority(found: Sequence[dict[str, Any]]) -> Table:
    rows = []
    for name, of in _classes(found):
        outcomes = Counter(row["outcome"] for row in of)
        compared = [row for row in of if row["outcome"] in COMPARED]
        counts = [f"{outcomes[outcome]:,}" for outcome in (SAME, OTHER, WOULD_WAIT)]
        rows.append(
            [
                name,
                f"{len(compared):,}",
                *counts,
                text_of(agreement(compared), "%", 1),
                f"{outcomes[LATE]:,}",
                f"{outcomes[NOBODY]:,}",
            ]
        )
    columns = ["priority", "calls", "same", "other", "waits", "share of same", "later", "nobody"]
    return Table("Calls for which libpatrol would have sent the same unit, sent another, or waited", columns, rows)


def _travel(compared: Sequence[dict[str, Any]]) -> Table:
    rows = []
    for name, of in [*_classes(compared), ("where another unit", [row for row in compared if row["outcome"] == OTHER])]:
        known = [row for row in of if not math.isnan(difference(row))]
        if known:
            means = [
                by_blocks([row[end] for row in known], days_of(known)) for end in ("sent_seconds", "proposed_seconds")
            ]
            rows.append(
                [name, f"{len(known):,}", *(f"{one.mean:,.0f} s" for one in means), text_of(nearer(known), "s")]
            )
    columns = ["priority", "calls", "unit sent", "libpatrol's", "difference"]
    return Table("Predicted drive of the first unit, mean", columns, rows)


def _classes(rows: Sequence[dict[str, Any]]) -> list[tuple[str, list[dict[str, Any]]]]:
    priorities = sorted({row["priority"] for row in rows})
    classes = [(str(one), [row for row in rows if row["priority"] == one]) for one in priorities]
    return [*classes, ("all", list(rows))] if len(priorities) != 1 else classes


def _reasons(compared: Sequence[dict[str, Any]]) -> Table:
    reasons = Counter(why for row in compared if row["outcome"] != SAME for _, why in row["why_not"])
    rows = [[WHY_NOT[why], f"{count:,}"] for why, count in reasons.most_common()]
    return Table("Why libpatrol would not have sent the unit that was sent", ["reason", "units"], rows)


def _waits(found: Sequence[dict[str, Any]]) -> Table:
    reasons = Counter(why for row in found for why in row["reasons"])
    rows = [[WAITS[why], f"{count:,}"] for why, count in reasons.most_common()]
    return Table("Why libpatrol would have let calls wait, or go with fewer units", ["reason", "calls"], rows)


def _odd(lines: _Lines) -> Table:
    rows = [[about, f"{count:,}", lines.example[about]] for about, count in lines.odd.most_common()]
    return Table("What was odd about the events", ["what", "times", "the first"], rows)


def _method(settings: dict[str, Any], compared: Sequence[dict[str, Any]]) -> list[str]:
    return [
        f"Decided by {settings['dispatch']} in the area {settings['area']}, policy {settings['policy'] or 'none'}.",
        "Each call is counted once: libpatrol's latest decision before a unit was sent, beside the units sent within "
        f"{settings['window_seconds']:g} s after it. The same: all units that it proposed were sent, or it had "
        "proposed all that were sent.",
        about_intervals(compared),
        "Drives are predicted with the area's travel times, from where the units were at the decision by the events.",
    ]

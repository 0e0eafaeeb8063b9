"""What the board has of a unit and of a call, and what an event changes."""

import hashlib
import math
from dataclasses import dataclass, field

from libpatrol.enums import UnitStatus

Id = int | str


@dataclass
class Unit:
    """A unit; times are seconds since 1970, None where nothing is known."""

    status: int = UnitStatus.OFF_DUTY
    call: Id | None = None
    away: bool = False  # from its call's place, as on the way to the jail
    may_leave_scene: bool = False
    place: dict[str, float] | None = None
    placed: float | None = None
    free_at: float | None = None
    shift_end: float | None = None
    capabilities: int = 0
    home_beat: int = -1
    priorities: int = 0
    heard: float = 0.0  # when the last event about it came


@dataclass
class Call:
    """An open call."""

    received: float
    place: dict[str, float]
    category: int
    priority: int = 1
    units_required: int = 1
    required_capabilities: int = 0
    weight: float | None = None
    service_seconds: float | None = None
    self_initiated: bool = False
    served: int = 0  # units that were there and are free again
    heard: float = 0.0


@dataclass
class Change:
    """What an event means for decisions."""

    received: Id | None = None
    changed: Id | None = None
    freed: Id | None = None
    closed: list[Id] = field(default_factory=list)
    sent: tuple[Id, Id] | None = None
    notes: list[tuple[str, str]] = field(default_factory=list)
    """What is odd about it: the name under which it is counted, and a sentence."""

    def note(self, about: str, sentence: str) -> None:
        """Say what is odd about it."""
        self.notes.append((about, sentence))


def number_of(key: Id) -> int:
    """Return the number that a unit or call has in snapshots and records: its own, or 63 bits of its name's SHA-256.

    Examples
    --------
    >>> from libpatrol.shadow.entries import number_of
    >>> number_of(12), number_of("3A12")
    (12, 8114711087653573735)
    """
    return key if isinstance(key, int) else int.from_bytes(hashlib.sha256(key.encode()).digest()[:8], "big") >> 1


def seconds_left(moment: float | None, now: float, unknown: float = math.nan) -> float:
    """Return the seconds until a moment, 0 if it has passed."""
    return unknown if moment is None else max(0.0, moment - now)

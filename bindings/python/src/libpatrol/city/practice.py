"""Current practice: how a department patrols and dispatches today, as a file that the analyst corrects."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

import numpy as np

from libpatrol._native.abi import PRIORITIES
from libpatrol.city.assumptions import assumptions
from libpatrol.city.kinds import Kind
from libpatrol.city.toml_text import toml_value
from libpatrol.scenario.toml_tables import as_table, parse_toml, read_text, within
from libpatrol.studies.pairs import DISPATCH_POLICIES, PATROL_POLICIES

FILE = "practice.toml"
_POSTS = ("chosen", "stations")


@dataclass(frozen=True, kw_only=True)
class Hold:
    """`[[hold]]`: calls of a category wait while at most ``free_units`` units are free."""

    category: str
    free_units: int

    def __post_init__(self) -> None:
        within("free_units", self.free_units, 1, 63)


@dataclass(frozen=True, kw_only=True)
class Practice:
    """How a department patrols and dispatches.

    Attributes
    ----------
    patrol, dispatch : str
        Policies of the engine.
    home_beat_patrol : bool
        Free units stay in their own beat.
    posts : str
        Of ``fixed_posts``: "chosen" (p-median posts) or "stations": units return to the stations of their beats.
    never_hold_priority : int
        Calls of this priority or more urgent are never left waiting while a unit is free.
    strict_priority : bool
        A less urgent call is served only after the more urgent ones.
    longest_hold_seconds : list of float
        By priority, from 1: how long calls are held at most.
    preemption : bool
        A unit on its way to a less urgent call is sent to a more urgent one.
    work_interruptible_priority : int
        Units leave self-initiated work for calls of this priority or more urgent; 0: never.
    handling_seconds : list of float
        By priority, from 1: from the receipt of a call until it can be dispatched.
    turnout_seconds : float
        From the dispatch until the unit starts.
    units_on_duty : int
        Around the clock, where neither a roster nor the log names units; else 0.
    officers_per_unit : float
        In a car.
    officer_hours_per_year : float
        That an officer is on the street, after leave, training, court and illness.
    hold : list of Hold
        Calls that dispatchers hold.
    assumed : list of str
        Keys whose value nobody has confirmed.
    """

    patrol: str = "random_walk"
    dispatch: str = "priority_closest"
    home_beat_patrol: bool = True
    posts: str = "chosen"
    never_hold_priority: int = 1
    strict_priority: bool = True
    longest_hold_seconds: list[float] = field(default_factory=lambda: [0.0, 600.0, 1200.0, 1800.0])
    preemption: bool = False
    work_interruptible_priority: int = 1
    handling_seconds: list[float] = field(default_factory=list)
    turnout_seconds: float = 0.0
    units_on_duty: int = 0
    officers_per_unit: float = 1.0
    officer_hours_per_year: float = 1700.0
    hold: list[Hold] = field(default_factory=list)
    assumed: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        for name, value, known in (
            ("patrol", self.patrol, PATROL_POLICIES[:-1]),
            ("dispatch", self.dispatch, DISPATCH_POLICIES[:-1]),
            ("posts", self.posts, _POSTS),
        ):
            if value not in known:
                raise ValueError(f"{name} is {value!r}, expected one of {', '.join(known)}")
        within("never_hold_priority", self.never_hold_priority, 0, PRIORITIES)
        within("work_interruptible_priority", self.work_interruptible_priority, 0, PRIORITIES)
        within("units_on_duty", self.units_on_duty, 0, 4096)
        within("turnout_seconds", self.turnout_seconds, 0, 3600)
        within("officers_per_unit", self.officers_per_unit, 0, 100, above=True)
        within("officer_hours_per_year", self.officer_hours_per_year, 0, 8784, above=True)
        for name in ("handling_seconds", "longest_hold_seconds"):
            for value in getattr(self, name):
                within(f"one of {name}", value, 0, 86_400)
            if len(getattr(self, name)) > PRIORITIES:
                raise ValueError(f"{name} has {len(getattr(self, name))} values, expected {PRIORITIES} at most")
        for name in self.assumed:
            if name not in _QUESTIONS and name not in _SAID:
                raise ValueError(f"assumed holds {name!r}, expected keys of the file")

    @classmethod
    def load(cls, path: Path) -> "Practice":
        """Read ``practice.toml``."""
        values = parse_toml(read_text(path), str(path))
        rows = values.pop("hold", [])
        if not isinstance(rows, list):
            raise ValueError(f"{path}: hold is no list of tables: write [[hold]]")
        holds = [as_table(Hold, row, f"{path}: hold[{k}]") for k, row in enumerate(rows)]
        given = as_table(_Keys, values, str(path))
        try:
            return cls(**asdict(given), hold=holds)
        except ValueError as reason:
            raise ValueError(f"{path}: {reason}") from reason

    def text(self, found: Sequence[str] = ()) -> str:
        """Return the content of ``practice.toml``, with what each key means; ``found`` is told at its head."""
        lines = [
            "# How this department patrols and dispatches today. Correct it; remove a key from `assumed` once you have."
        ]
        lines += [f"# {sentence}" for sentence in found]
        for entry in fields(self):
            if entry.name == "hold":
                continue
            lines.append(f"\n# {_SAID.get(entry.name) or _QUESTIONS[entry.name]}")
            lines.append(f"{entry.name} = {toml_value(getattr(self, entry.name))}")
        lines.append("\n# Calls that wait while at most so many units are free, for example:")
        lines += ["# [[hold]]", '# category = "parking"', "# free_units = 2"]
        for row in self.hold:
            lines.append(f"\n[[hold]]\ncategory = {toml_value(row.category)}\nfree_units = {row.free_units}")
        return "\n".join(lines) + "\n"

    def with_units(self, count: int) -> "Practice":
        """Return the practice with an assumed number of units on duty."""
        return replace(self, units_on_duty=count, assumed=[*self.assumed, "units_on_duty"])

    @property
    def returns_to_stations(self) -> bool:
        """Whether free units return to the stations of their beats."""
        return self.patrol == "fixed_posts" and self.posts == "stations"

    def handling(self, priority: int) -> float:
        """Return the handling seconds of a priority: the last value applies to all that follow."""
        if not self.handling_seconds:
            return 0.0
        return self.handling_seconds[min(priority, len(self.handling_seconds)) - 1]

    def rules(self) -> dict[str, Any]:
        """Return what binds every strategy: options of an ``Engine``."""
        holds = [*self.longest_hold_seconds, *[self.longest_hold_seconds[-1] if self.longest_hold_seconds else 0.0] * 8]
        preemption = np.triu(np.ones((PRIORITIES, PRIORITIES), int), 1).T.tolist() if self.preemption else None
        options: dict[str, Any] = {
            "never_hold_priority": self.never_hold_priority,
            "strict_priority": self.strict_priority,
            "longest_hold_seconds": holds[:PRIORITIES],
        }
        return options | ({"preemption": preemption} if preemption else {})

    def options(self, kinds: Sequence[Kind]) -> dict[str, Any]:
        """Return the options of the engine that decides as today, besides ``rules``."""
        options: dict[str, Any] = {
            "patrol_policy": self.patrol,
            "dispatch_policy": self.dispatch,
            "home_beat_patrol": self.home_beat_patrol,
        }
        known = {kind.category for kind in kinds}
        for row in self.hold:
            if row.category not in known:
                raise ValueError(
                    f"{FILE}: hold names the category {row.category!r}, expected one of {', '.join(known)}"
                )
        if self.hold:
            limits = np.zeros((max(row.free_units for row in self.hold) + 1, len(kinds)))
            reserve = {row.category: row.free_units for row in self.hold}
            for column, kind in enumerate(kinds):
                limits[reserve.get(kind.category, 0) :, column] = np.inf
            options["hold_travel_seconds"] = limits.tolist()
        return options

    def sentences(self, others: Sequence[str] = ()) -> list[str]:
        """Return what is assumed, and what the engine cannot express; ``others`` come after what matters most."""
        first, rest = assumptions(self)
        told = [*first, *others, *rest]
        if self.returns_to_stations and not self.home_beat_patrol:
            told.append(
                "units return to the nearest station that needs one, not each to its own: the engine has no such rule"
            )
        return told


@dataclass(frozen=True, kw_only=True)
class _Keys:
    patrol: str = Practice.patrol
    dispatch: str = Practice.dispatch
    home_beat_patrol: bool = Practice.home_beat_patrol
    posts: str = Practice.posts
    never_hold_priority: int = Practice.never_hold_priority
    strict_priority: bool = Practice.strict_priority
    longest_hold_seconds: list[float] = field(default_factory=lambda: [0.0, 600.0, 1200.0, 1800.0])
    preemption: bool = Practice.preemption
    work_interruptible_priority: int = Practice.work_interruptible_priority
    handling_seconds: list[float] = field(default_factory=list)
    turnout_seconds: float = Practice.turnout_seconds
    units_on_duty: int = Practice.units_on_duty
    officers_per_unit: float = Practice.officers_per_unit
    officer_hours_per_year: float = Practice.officer_hours_per_year
    assumed: list[str] = field(default_factory=list)


_QUESTIONS = {
    "patrol": "Where do free units go? random_walk: they drive about; fixed_posts: to a post; stay: nowhere.",
    "home_beat_patrol": "Do free units stay in their own beat?",
    "posts": "If they go to posts: posts that suit the calls (chosen), or the stations of their beats (stations)?",
    "never_hold_priority": "Up to which priority are calls never left waiting while a unit is free?",
    "preemption": "Is a unit on its way to a less urgent call sent to a more urgent one?",
    "work_interruptible_priority": "Up to which priority do units leave self-initiated work for calls? 0: never.",
    "turnout_seconds": "How long after its dispatch does a unit start?",
    "units_on_duty": "How many units are on duty, where neither a roster nor the log names them?",
    "officers_per_unit": "How many officers are in a car?",
    "officer_hours_per_year": "How many hours a year is an officer on the street, after leave, training and illness?",
}
"""What logs do not say."""

_SAID = {
    "dispatch": "own_beat_first: a free unit of the call's beat goes first; priority_closest: the closest; "
    "closest_fcfs: the closest, calls in their order.",
    "strict_priority": "Is a less urgent call served only after the more urgent ones?",
    "longest_hold_seconds": "By priority, from 1: how long calls are held at most, although a unit is free.",
    "handling_seconds": "By priority, from 1: from the receipt of a call until it can be dispatched.",
    "assumed": "Keys whose value nobody has confirmed yet.",
}

ASKED = tuple(_QUESTIONS)
"""Keys that no log answers: assumed until someone says so."""

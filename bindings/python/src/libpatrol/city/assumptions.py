"""What is assumed of a department's practice, in sentences."""

from collections.abc import Callable
from typing import Any

_PATROLS = {
    "stay": "stay where they are",
    "random_walk": "drive about at random",
    "demand_walk": "drive about where calls are frequent",
    "fixed_posts": "wait at posts",
    "compliance_table": "wait at a list of posts",
    "marginal_coverage": "drive to where cover is missing",
    "backup_coverage": "drive to where cover or backup is missing",
    "dmexclp": "drive to where they are expected to cover most calls",
}


def _patrol(value: str) -> str:
    return f"free units are assumed to {_PATROLS.get(value, value)}"


def _home_beats(value: bool) -> str:
    return f"free units are assumed {'to stay' if value else 'not to be kept'} in their own beat"


def _posts(value: str) -> str:
    where = "the stations of their beats" if value == "stations" else "posts that suit the calls"
    return f"units that go to posts are assumed to go to {where}"


def _up_to(priority: int) -> str:
    return "priority 1" if priority == 1 else f"priority 1 to {priority}"


def _never_held(value: int) -> str:
    if value == 0:
        return "calls of every priority are assumed to be held at times although a unit is free"
    return f"calls of {_up_to(value)} are assumed never to wait while a unit is free"


def _preemption(value: bool) -> str:
    sent = "to be sent" if value else "never to be sent"
    return f"a unit on its way to a less urgent call is assumed {sent} to a more urgent one"


def _interruptible(value: int) -> str:
    if value == 0:
        return "units are assumed never to leave self-initiated work for a call"
    return f"units are assumed to leave self-initiated work for calls of {_up_to(value)}"


def _turnout(value: float) -> str:
    return f"a unit is assumed to start {f'{value:g} s after' if value else 'at'} its dispatch"


def _units(value: int) -> str:
    if value == 1:
        return "1 unit is assumed to be on duty at all hours"
    return f"{value} units are assumed to be on duty at all hours"


def _officers(value: float) -> str:
    return f"{value:g} officer{'s' * (value != 1)} {'is' if value == 1 else 'are'} assumed to be in a car"


def _officer_hours(value: float) -> str:
    return f"an officer is assumed to be on the street for {value:,.0f} hours a year"


_SENTENCES: dict[str, Callable[[Any], str]] = {
    "units_on_duty": _units,
    "patrol": _patrol,
    "home_beat_patrol": _home_beats,
    "posts": _posts,
    "never_hold_priority": _never_held,
    "preemption": _preemption,
    "work_interruptible_priority": _interruptible,
    "turnout_seconds": _turnout,
    "officers_per_unit": _officers,
    "officer_hours_per_year": _officer_hours,
}
_FIRST = ("units_on_duty", "patrol")
"""Assumptions on which the numbers rest most."""
_OF_POSTS = ("fixed_posts", "compliance_table")


def assumptions(practice: Any) -> tuple[list[str], list[str]]:
    """Return what nobody has confirmed of a practice: that on which numbers rest most, then the rest.

    Parameters
    ----------
    practice : Practice
        ``assumed`` names its keys; where posts are is left out of a practice without posts.
    """
    first: list[str] = []
    rest: list[str] = []
    for name, sentence in _SENTENCES.items():
        if name not in practice.assumed or (name == "posts" and practice.patrol not in _OF_POSTS):
            continue
        effect = ", and gains over current practice rest on it" if name == "patrol" else ""
        told = f"{sentence(getattr(practice, name))}; nobody has confirmed it{effect} ({name} in practice.toml)"
        (first if name in _FIRST else rest).append(told)
    return first, rest

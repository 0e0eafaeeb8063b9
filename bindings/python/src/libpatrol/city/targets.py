"""Targets for response times, as an analyst writes them."""

import re
from dataclasses import dataclass

from libpatrol._native.abi import PRIORITIES

DEFAULT = "priority 1: 90 % within 8 min of the call"
_FORM = re.compile(
    r"priority\s+(?P<priority>\d+)\s*:\s*(?P<percent>\d+(?:\.\d+)?)\s*%\s*within\s+(?P<number>\d+(?:\.\d+)?)\s*"
    r"(?P<unit>min|minutes|s|seconds)(?:\s+of\s+the\s+(?P<origin>call|dispatch))?",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Target:
    """A share of a priority's calls that must be reached in time.

    Attributes
    ----------
    priority : int
        1 (most urgent) to 8.
    share : float
        0 to 1.
    seconds : float
        Until the first unit is on scene.
    from_dispatch : bool
        Time counts from the dispatch; else from the receipt of the call.

    Examples
    --------
    >>> from libpatrol.city.targets import targets_of
    >>> targets_of("priority 1: 90 % within 8 min of the call")
    [Target(priority=1, share=0.9, seconds=480.0, from_dispatch=False)]
    """

    priority: int
    share: float
    seconds: float
    from_dispatch: bool = False

    def __str__(self) -> str:
        origin = "dispatch" if self.from_dispatch else "call"
        return f"priority {self.priority}: {100 * self.share:g} % within {self.seconds / 60:g} min of the {origin}"


def targets_of(text: str) -> list[Target]:
    """Return the targets in a text, separated by semicolons.

    Raises
    ------
    ValueError
        If one is not of the form "priority 1: 90 % within 8 min of the call", or two are for one priority.
    """
    found = []
    for part in text.split(";"):
        match = _FORM.fullmatch(part.strip())
        if match is None:
            raise ValueError(f"{part.strip()!r} is not a target; write for example {DEFAULT!r}")
        priority, percent = int(match["priority"]), float(match["percent"])
        if not 1 <= priority <= PRIORITIES or not 0 < percent < 100:
            raise ValueError(
                f"{part.strip()!r} has priority {priority} and {percent:g} %, expected 1 to 8 and 0 to 100 %"
            )
        seconds = float(match["number"]) * (60 if match["unit"].lower().startswith("min") else 1)
        found.append(Target(priority, percent / 100, seconds, (match["origin"] or "").lower() == "dispatch"))
    if len({target.priority for target in found}) < len(found):
        raise ValueError(f"{text!r} has two targets for one priority")
    return found

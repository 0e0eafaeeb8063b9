"""What else could be decided: assignments near one that was chosen, within the rules of a department.

For scenarios whose calls take one unit each, any unit, and whose units are not diverted: those of the results page.
"""

from collections.abc import Iterator
from itertools import combinations, product

import numpy as np
from numpy.typing import NDArray

from libpatrol import EngineOptions

Assignment = dict[int, int]
"""Call of each unit that is sent, by index in the snapshot."""

_UNSERVED_SECONDS = 600.0  # what a call counts that nobody is sent to, where assignments are put in order


class Alternatives:
    """The assignments that are possible in one situation.

    Parameters
    ----------
    options : EngineOptions
        The department's rules: never held, longest hold, strict priority.
    pairs : PAIR_DTYPE [pairs]
        Eligible pairs.
    calls : INCIDENT_DTYPE [calls]
        Open calls.
    """

    def __init__(self, options: EngineOptions, pairs: NDArray[np.void], calls: NDArray[np.void]) -> None:
        self._strict = options.strict_priority
        self._seconds = {(int(row["unit"]), int(row["incident"])): float(row["travel_seconds"]) for row in pairs}
        self._units = sorted({unit for unit, _ in self._seconds})
        self._calls = sorted({call for _, call in self._seconds})
        self._priority = calls["priority"].astype(int)
        self._weight = calls["weight"].astype(float)
        longest = np.array(options.longest_hold_seconds)[self._priority - 1]
        self._must = (self._priority <= options.never_hold_priority) | (calls["seconds_waited"] >= longest)

    def near(self, chosen: Assignment, most: int) -> list[Assignment]:
        """Return at most `most` other assignments: first those that send one unit elsewhere, the quickest before."""
        found = [other for other in self._changed(chosen) if self._is_allowed(other)]
        return sorted(found, key=lambda other: (self._changes(chosen, other), self._waiting(other)))[:most]

    def _changed(self, chosen: Assignment) -> Iterator[Assignment]:
        """Yield the assignments that differ from one in one unit or two."""
        for count in (1, 2):
            for units in combinations(self._units, count):
                for calls in product([None, *self._calls], repeat=count):
                    changes = dict(zip(units, calls, strict=True))
                    if any(chosen.get(unit) == call for unit, call in changes.items()):
                        continue
                    other = {unit: call for unit, call in (chosen | changes).items() if call is not None}
                    if len({*other.values()}) == len(other) and all(pair in self._seconds for pair in other.items()):
                        yield other

    def _is_allowed(self, assignment: Assignment) -> bool:
        served = set(assignment.values())
        for call in self._calls:
            if call in served:
                continue
            if self._must[call] and len(assignment) < len(self._units):
                return False
            for other in served if self._strict else ():
                gives_way = self._must[other] and not self._must[call]
                if self._priority[call] < self._priority[other] and not gives_way:
                    return False
        return True

    def _changes(self, chosen: Assignment, other: Assignment) -> int:
        return sum(chosen.get(unit) != other.get(unit) for unit in self._units)

    def _waiting(self, assignment: Assignment) -> float:
        """Return the weighted seconds until units are there."""
        seconds = {call: self._seconds[unit, call] for unit, call in assignment.items()}
        return sum(float(self._weight[call]) * seconds.get(call, _UNSERVED_SECONDS) for call in self._calls)

"""Departments that the general policy never saw: what it changes there, by replications until that is known."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import stdtrit

from benchmarks.studies.laboratory import Laboratory
from benchmarks.studies.measures import relative_change
from libpatrol import Scenario
from libpatrol.studies.intervals import LEVEL, Interval, interval
from libpatrol.studies.measures import COST
from libpatrol.studies.pairs import PolicyPair

HEURISTICS = PolicyPair.parse("backup_coverage+minimum_weighted_travel")
LOADS = ("light", "medium", "heavy")
FIRST_UNSEEN = 1000
"""No policy is trained, and no limit chosen, in a generated department of this number or a higher one."""
WORSE = 0.005
"""A policy is a mistake in a department that it makes worse by more than this share of the weighted wait."""


@dataclass(frozen=True)
class Precision:
    """Replications of a department at a load: doubled until half the simultaneous interval is narrow enough.

    Attributes
    ----------
    first, most : int
        Replications.
    half_width : float
        Wanted, as a share of the heuristics' weighted wait.
    comparisons : int
        Whose intervals hold together with 95 % confidence (Bonferroni).
    """

    first: int
    most: int
    half_width: float
    comparisons: int

    def together(self, change: Interval) -> Interval:
        """Return the interval that holds together with those of all other comparisons."""
        freedom = change.replications - 1
        one, all_of_them = (stdtrit(freedom, 1 - (1 - LEVEL) / 2 / count) for count in (1, self.comparisons))
        return change._replace(half_width=float(change.half_width * all_of_them / one))


@dataclass(frozen=True)
class Unseen:
    """A department, and the change of the weighted wait from `HEURISTICS` at each load with simultaneous intervals."""

    number: int
    units: int
    nodes: int
    changes: dict[str, Interval]


def unseen(room: Laboratory, number: int, policy: PolicyPair, precision: Precision) -> Unseen:
    """Return what a policy changes in a generated department at all loads."""
    scenarios = {load: Scenario.load(f"department-{number}-{load}") for load in LOADS}
    changes = {load: _change(room.room(load), scenario, policy, precision) for load, scenario in scenarios.items()}
    one = scenarios[LOADS[0]]
    return Unseen(number, one.unit_count, one.area.info.node_count, changes)


def _change(room: Laboratory, scenario: Scenario, policy: PolicyPair, precision: Precision) -> Interval:
    before, after = np.empty(0), np.empty(0)
    while True:
        seeds = range(len(before), min(precision.most, max(precision.first, 2 * len(before))))
        of = f"from-{seeds.start}"
        before = np.append(before, _costs(room, f"heuristics-{of}", scenario, HEURISTICS, seeds))
        after = np.append(after, _costs(room, f"policy-{of}", scenario, policy, seeds))
        found = precision.together(relative_change(after[None], before))
        if found.half_width <= precision.half_width or len(before) == precision.most:
            return found


def _costs(room: Laboratory, name: str, scenario: Scenario, pair: PolicyPair, seeds: range) -> np.ndarray:
    return room.replicated(name, scenario, pair, seeds, [COST])[COST.name]


def over(found: Sequence[Unseen], loads: Sequence[str]) -> Interval:
    """Return the mean change over departments and loads, with its 95 % interval over departments."""
    return interval([np.mean([one.changes[load].mean for load in loads]) for one in found])


def mistakes(found: Sequence[Unseen]) -> tuple[int, int]:
    """Return in how many cases the policy is not shown to be harmless, and in how many it is a mistake."""
    changes = [change for one in found for change in one.changes.values()]
    open_ones = sum(change.mean + change.half_width > WORSE for change in changes)
    return open_ones, sum(change.mean - change.half_width > WORSE for change in changes)

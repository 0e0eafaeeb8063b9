"""Searches for schedules: M/M/c proposes, simulation on common random numbers decides."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from libpatrol.city.kept import Kept, Tell, done
from libpatrol.city.model import CityModel
from libpatrol.city.outcomes import outcome
from libpatrol.city.replaying import as_today, run, with_surges
from libpatrol.city.schedules import Schedule, expected_wait, scheduled
from libpatrol.city.targets import Target
from libpatrol.studies.intervals import interval, paired
from libpatrol.studies.replications import VALIDATION_SEEDS

_DAYS = 7
_PROPOSALS = 3
_TRAVEL_SECONDS = 240.0
"""In what M/M/c proposes; simulations have their own."""


class Judge:
    """Simulates schedules, each once, and remembers what came out.

    Parameters
    ----------
    model : CityModel
        Whose demand, service and practice are simulated.
    targets : sequence of Target
        What must be met.
    kept : Kept
        Where results are kept.
    replications : int
        Weeks to search on, and fresh ones.
    surges : bool
        Whether days vary as measured.
    threads, tell
        As in ``kept.done``.
    """

    def __init__(
        self,
        model: CityModel,
        targets: Sequence[Target],
        kept: Kept,
        replications: int,
        surges: bool,
        threads: int | None,
        tell: Tell | None,
    ) -> None:
        self.model, self.targets, self.kept = model, targets, kept
        self.replications, self.surges, self.threads, self.tell = replications, surges, threads, tell
        self._seen: dict[Schedule, list[dict[str, Any]]] = {}

    def outcomes(self, schedule: Schedule) -> list[dict[str, Any]]:
        """Return a schedule's weeks on the seeds for searching."""
        if schedule not in self._seen:
            self._seen[schedule] = self._simulated(schedule, VALIDATION_SEEDS, f"search: {schedule.units} tours a day")
        return self._seen[schedule]

    def fresh(self, schedule: Schedule) -> list[dict[str, Any]]:
        """Return a schedule's weeks on seeds that the search has not seen."""
        return self._simulated(schedule, 0, "fresh weeks")

    def _simulated(self, schedule: Schedule, first: int, title: str) -> list[dict[str, Any]]:
        variant = scheduled(self.model, schedule)

        def job(seed: int) -> Callable[[], Any]:
            def one() -> Any:
                scenario = variant.scenario
                if self.surges:
                    scenario = with_surges(variant, scenario, seed, _DAYS)
                return outcome(variant, run(variant, as_today(variant, scenario), seed, _DAYS), _DAYS, self.targets)

            return one

        seeds = range(first, first + self.replications)
        return done(
            [(f"{schedule}, seed {seed}", job(seed)) for seed in seeds], self.kept, title, self.tell, self.threads
        )

    def shares(self, schedule: Schedule, target: Target) -> list[float]:
        """Return the share of a target's calls that were in time, week by week; NaN in weeks without such calls."""
        found = [
            one["priority"].get(str(target.priority), {}).get("share_within_target") for one in self.outcomes(schedule)
        ]
        return [np.nan if share is None else share for share in found]

    def waits(self, schedule: Schedule) -> list[float]:
        """Return the weighted wait, week by week."""
        return [one["all"]["weighted_wait"] for one in self.outcomes(schedule)]

    def shortfall(self, schedule: Schedule) -> float:
        """Return by how much the lower ends of the intervals miss the targets, in sum; 0: all are met."""
        missing = 0.0
        for target in self.targets:
            found = interval(self.shares(schedule, target))
            low = found.mean - (0.0 if np.isnan(found.half_width) else found.half_width)
            missing += max(0.0, target.share - low) if np.isfinite(low) else 0.0
        return missing

    def table(self) -> pd.DataFrame:
        """Return every schedule that the search simulated."""
        rows = []
        for schedule in self._seen:
            row: dict[str, Any] = {
                "schedule": str(schedule),
                "tours_per_day": schedule.units,
                "unit_hours_per_day": schedule.unit_hours,
                "weighted_wait": float(np.mean(self.waits(schedule))),
                "share_time_committed": float(
                    np.mean([one["all"]["share_time_committed"] for one in self._seen[schedule]])
                ),
            }
            for target in self.targets:
                found = interval(self.shares(schedule, target))
                row[f"priority_{target.priority}_share_within_target"] = found.mean
                row[f"priority_{target.priority}_half_width"] = found.half_width
            rows.append(row)
        return pd.DataFrame(rows)

    def proposed(self, schedules: Sequence[Schedule]) -> list[Schedule]:
        """Return the few that M/M/c finds best."""
        return sorted(schedules, key=lambda one: expected_wait(self.model, one, _TRAVEL_SECONDS)[1])[:_PROPOSALS]


def other_hours(judge: Judge, start: Schedule, hours: Sequence[int]) -> Schedule:
    """Return the schedule with the same tours at the hours of least weighted wait.

    One tour after the other is moved, as long as the paired interval of the change excludes zero.
    """
    now = start
    while True:
        moves = [now.changed(hour, -1).changed(other, 1) for hour, _ in now.starts for other in hours if other != hour]
        better = []
        for proposal in judge.proposed(list(dict.fromkeys(moves))):
            change = paired(judge.waits(now), judge.waits(proposal))
            if change.mean < 0 and change.excludes_zero:
                better.append((change.mean, proposal))
        if not better:
            return now
        now = min(better, key=lambda pair: pair[0])[1]


class Fewest(NamedTuple):
    """The schedule with the fewest tours that was found, and whether it meets the targets."""

    schedule: Schedule
    is_met: bool


def fewest_units(judge: Judge, start: Schedule, hours: Sequence[int], most: int) -> Fewest:
    """Return a schedule with few tours whose intervals meet the targets.

    Tours are added, the most useful one first, until the targets are met; then removed while they still are.
    """
    now = start
    while judge.shortfall(now) > 0:
        if now.units >= most:
            return Fewest(now, False)
        additions = judge.proposed([now.changed(hour, 1) for hour in hours])
        now = min(additions, key=lambda one: (judge.shortfall(one), np.mean(judge.waits(one))))
    while True:
        removals = [now.changed(hour, -1) for hour, _ in now.starts if now.units > 1]
        for proposal in judge.proposed(removals):
            if (proposal.on_duty > 0).all() and judge.shortfall(proposal) == 0:
                now = proposal
                break
        else:
            return Fewest(now, True)

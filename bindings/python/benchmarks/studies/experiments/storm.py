"""A storm: ten times the calls for an hour. What is lost, and how long until the queue is as before."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.studies.laboratory import Laboratory, of_pair
from benchmarks.studies.scenarios import altered
from libpatrol import Scenario, Simulation
from libpatrol.scenario.arrays import STORM_DTYPE, structured
from libpatrol.studies.pairs import PolicyPair

MULTIPLIER, BEGIN_HOUR, HOURS = 10.0, 12, 1
AFTER_HOURS = 5
_TRAINING_DAYS = 60
BEGIN, END = 3600.0 * BEGIN_HOUR, 3600.0 * (BEGIN_HOUR + HOURS)


def storms(days: int) -> NDArray[np.void]:
    """Return one storm a day."""
    return structured(
        STORM_DTYPE,
        [
            {"start_seconds": BEGIN + 86400 * d, "end_seconds": END + 86400 * d, "multiplier": MULTIPLIER}
            for d in range(days)
        ],
    )


def scenario(units: int, days: int = 1) -> Scenario:
    """Return `hotspots-medium` with a storm, measured until it is over; calls and queue in proportion to the fleet."""
    plain = Scenario.load("hotspots", "medium")
    scale = units / plain.unit_count
    return altered(
        plain,
        hours=BEGIN_HOUR + HOURS + AFTER_HOURS - plain.measured_from_seconds / 3600,
        unit_count=units,
        rate_scale=scale,
        queue_capacity=round(plain.arrays.queue_capacity * scale),
        storms=storms(days),
    )


def for_training(units: int) -> Scenario:
    """Return the same with a storm every day."""
    return scenario(units, _TRAINING_DAYS)


@dataclass(frozen=True)
class Weathered:
    """What a storm did, by replication.

    Attributes
    ----------
    queue : float64 [replications, minutes]
        Calls without any unit, from the end of the warm-up.
    lost_during, lost_after : float64 [replications]
        Calls lost in the storm, and until `AFTER_HOURS` after it.
    cost : float64 [replications]
        Mean weighted calls waiting from the storm's begin to `AFTER_HOURS` after it, lost ones charged.
    begin, end : int
        Minutes at which the storm does.
    """

    queue: NDArray[np.float64]
    lost_during: NDArray[np.float64]
    lost_after: NDArray[np.float64]
    cost: NDArray[np.float64]
    begin: int
    end: int

    def before(self) -> float:
        """Return the mean queue before the storm."""
        return float(self.queue[:, : self.begin].mean())

    def recovery(self) -> NDArray[np.float64]:
        """Return the minutes after the storm until the queue is first no longer than its mean before; NaN: never."""
        short = self.queue[:, self.end :] <= self.before()
        return np.where(short.any(1), short.argmax(1), np.nan)

    def unrecovered(self) -> int:
        """Return the number of replications in which it never is."""
        return int(np.isnan(self.recovery()).sum())


def weather(lab: Laboratory, name: str, of: Scenario, pair: PolicyPair) -> Weathered:
    """Return what the storm does to a pair of policies on the test seeds."""
    seeds = range(lab.replications)

    def run() -> dict[str, list[list[float]]]:
        with pair.engine(of) as engine, Simulation(of, engine) as simulation:
            rows = [_followed(of, simulation, seed) for seed in seeds]
        return {name: [row[name] for row in rows] for name in rows[0]}

    kept = lab.kept(f"storm-{name}", [of.content_hash, of_pair(pair), len(seeds)], run)
    queue, lost, cost = (np.array(kept[key]) for key in ("queue", "lost", "cost"))
    return Weathered(
        queue=queue,
        lost_during=lost[:, 1] - lost[:, 0],
        lost_after=lost[:, 2] - lost[:, 1],
        cost=(cost[:, 2] - cost[:, 0]) / (3600 * (HOURS + AFTER_HOURS)),
        begin=round((BEGIN - of.measured_from_seconds) / 60),
        end=round((END - of.measured_from_seconds) / 60),
    )


def _followed(of: Scenario, simulation: Simulation, seed: int) -> dict[str, list[float]]:
    """Return the queue at each minute after the warm-up; calls lost and cost at the storm's begin, its end, last."""
    last = END + 3600 * AFTER_HOURS
    simulation.restart(seed)
    seen: dict[str, list[float]] = {"queue": [], "lost": [], "cost": []}
    for seconds in np.arange(of.measured_from_seconds, last + 1, 60.0):
        simulation.run(seconds)
        state = simulation.state
        seen["queue"].append(state.queued_incidents)
        if seconds in (BEGIN, END, last):
            seen["lost"].append(simulation.metrics().lost)
            seen["cost"].append(state.cumulative_cost)
    return seen

"""Replications of a scenario on several threads."""

import os
import queue
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from libpatrol.engine import Engine
from libpatrol.enums import Service
from libpatrol.lab.metrics import Metrics
from libpatrol.lab.simulation import Simulation
from libpatrol.scenario.scenario import Scenario

VALIDATION_SEEDS = 1_000_000
"""First of the seeds on which policies and parameters are chosen. Results are reported on lower seeds."""

RANDOM_PATROLS = ("random_walk", "demand_walk")

Progress = Callable[[], None]
Keep = Callable[[int, Metrics], None]


def is_random(scenario: Scenario, engine: Engine) -> bool:
    """Return whether replications differ in anything: calls, times on scene, random behavior of units, random choices.

    Without any of these, when a log says how long each call took, all replications are identical.
    """
    arrays = scenario.arrays
    if not scenario.is_log:
        return True
    work = arrays.work_per_hour is not None and np.any(np.asarray(arrays.work_per_hour) > 0)
    if work or arrays.out_of_service_per_hour > 0 or arrays.compliance < 1:
        return True
    if engine.options.patrol_policy in RANDOM_PATROLS:
        return True
    drawn = np.unique(arrays.calls["category"][np.isnan(arrays.calls["service_seconds"])])
    return any(_varies(scenario, int(category)) for category in drawn)


def _varies(scenario: Scenario, category: int) -> bool:
    kind = scenario.arrays.categories[category]
    if kind["service_kind"] == Service.EXPONENTIAL:
        return True
    if kind["service_kind"] != Service.EMPIRICAL:
        return bool(kind["service_variation"] > 0)
    first = int(kind["first_sample"])
    return bool(np.ptp(np.asarray(scenario.arrays.service_samples)[first : first + int(kind["sample_count"])]) > 0)


def check_hours(hours: float | None) -> None:
    """Check the hours that a replication measures."""
    if hours is not None and not hours > 0:
        raise ValueError(f"hours is {hours:g}, expected a number above 0")


def replicate(
    scenario: Scenario,
    engine: Engine,
    seeds: Sequence[int],
    *,
    hours: float | None = None,
    threads: int | None = None,
    done: Progress | None = None,
    keep: Keep | None = None,
) -> list[Metrics]:
    """Simulate once for each seed, or only once if nothing is random.

    Results do not depend on the number of threads.

    Parameters
    ----------
    scenario, engine
        The scenario to simulate, and the engine that decides.
    seeds : sequence of int
        The same seeds give the same calls for every engine (common random numbers).
    hours : float, optional
        Measured after the warm-up; None: `Scenario.hours`.
    threads : int, optional
        None: one for each processor.
    done : callable, optional
        Called after each replication, from any thread.
    keep : callable, optional
        Called with each seed and what it measured before `done`, from any thread.

    Returns
    -------
    list of Metrics
        In the order of the seeds; only of the first if not `is_random`.
    """
    check_hours(hours)
    if not is_random(scenario, engine):
        seeds = seeds[:1]
    count = min(len(seeds), threads or os.cpu_count() or 1)
    idle: queue.SimpleQueue[Simulation] = queue.SimpleQueue()
    simulations = [Simulation(scenario, engine) for _ in range(count)]
    for simulation in simulations:
        idle.put(simulation)

    def one(seed: int) -> Metrics:
        simulation = idle.get()
        try:
            simulation.restart(seed)
            simulation.run(hours=hours)
            metrics = simulation.metrics()
            if keep is not None:
                keep(seed, metrics)
            return metrics
        finally:
            idle.put(simulation)
            if done is not None:
                done()

    if count <= 1:
        return [one(seed) for seed in seeds]
    pool = ThreadPoolExecutor(count)
    try:
        return list(pool.map(one, seeds))
    finally:
        pool.shutdown(cancel_futures=True)  # an interrupt does not wait for replications that have not begun

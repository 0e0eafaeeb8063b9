"""Replications of a scenario on several threads."""

import os
import queue
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from libpatrol.engine import Engine
from libpatrol.metrics import Metrics
from libpatrol.scenario import Scenario
from libpatrol.simulation import Simulation

VALIDATION_SEEDS = 1_000_000
"""First of the seeds that policies and parameters are chosen on. Results are told on seeds below."""

Progress = Callable[[], None]


def replicate(
    scenario: Scenario,
    engine: Engine,
    seeds: Sequence[int],
    *,
    hours: float | None = None,
    threads: int | None = None,
    done: Progress | None = None,
) -> list[Metrics]:
    """Simulate once for each seed. Results do not depend on the number of threads.

    Parameters
    ----------
    scenario, engine
        What is simulated, and what decides.
    seeds : sequence of int
        The same seeds give the same calls, whatever decides (common random numbers).
    hours : float, optional
        Measured after the warm-up; None: as the scenario says.
    threads : int, optional
        None: one for each processor.
    done : callable, optional
        Called after each replication, from any thread.

    Returns
    -------
    list of Metrics
        In the order of the seeds.
    """
    if hours is not None and not hours > 0:
        raise ValueError(f"hours is {hours:g}, expected a number above 0")
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
            return simulation.metrics()
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

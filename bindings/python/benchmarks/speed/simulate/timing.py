"""How fast simulations go, in processor time of the thread that runs them: other work on the machine does not count."""

import resource
import statistics
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from benchmarks.speed.simulate.worlds import World
from libpatrol import Batch, Simulation

THREADS = 2


@dataclass(frozen=True)
class Speed:
    """Per second of processor time: of one thread, and of two that run at once together."""

    events: float
    decisions: float
    seconds: float
    events_of_two: float


def simulations(world: World, way: str, hours: float, warm_up_hours: float, rounds: int) -> Speed:
    """Time slices of `hours` after the warm-up, alone and two at once, in turn."""

    def begin(seed: int) -> tuple[Simulation, list[float]]:
        simulation = world.simulation(way, seed)
        measured = (world.start_hour + warm_up_hours) * 3600.0
        simulation.run(measured)
        return simulation, [measured]

    def slice_of(simulation: Simulation, clock: list[float]) -> tuple[float, ...]:
        before = simulation.state
        clock[0] += hours * 3600
        start = time.thread_time()
        simulation.run(clock[0])
        elapsed = time.thread_time() - start
        after = simulation.state
        counts = after.events - before.events, after.decisions - before.decisions, hours * 3600
        return tuple(count / elapsed for count in counts)

    running = [begin(seed) for seed in range(THREADS)]
    alone, together = [], []
    with ThreadPoolExecutor(THREADS) as pool:
        for _ in range(rounds):
            alone.append(slice_of(*running[0]))
            together.append(sum(rates[0] for rates in pool.map(lambda one: slice_of(*one), running)))
    events, decisions, seconds = (statistics.median(column) for column in zip(*alone, strict=True))
    return Speed(events, decisions, seconds, statistics.median(together))


def batch(world: World, way: str, count: int, steps: int, rounds: int) -> tuple[float, float, float]:
    """Return decisions with their features a second, of one thread and of two together, and KB of each simulation."""
    before = resident()
    engine = world.engines[way]
    environments = Batch(world.scenario, engine, simulations=count, seed=1, episode_seconds=28_800.0)

    def part(first: int, size: int) -> float:
        choices = np.zeros(count, np.int32)
        rng = np.random.default_rng(first)
        elapsed = 0.0
        for _ in range(steps):
            choices[:] = rng.random(count) * environments.moves  # some move of each
            start = time.thread_time()
            environments.step(choices, slice(first, first + size))
            elapsed += time.thread_time() - start
        return steps * size / elapsed

    part(0, count)
    used = (resident() - before) / count
    half = count // THREADS
    alone, together = [], []
    with ThreadPoolExecutor(THREADS) as pool:
        for _ in range(rounds):
            alone.append(part(0, count))
            together.append(sum(pool.map(lambda k: part(k * half, half), range(THREADS))))
    return statistics.median(alone), statistics.median(together), used


def year(world: World, way: str) -> tuple[float, float]:
    """Return the process's memory in MB after a simulated month, and after a year."""
    simulation = world.simulation(way, 1)
    simulation.run(30 * 86_400.0)
    month = resident()
    simulation.run(365 * 86_400.0)
    return month / 1024, resident() / 1024


def resident() -> float:
    """Return the largest memory that the process had so far, KB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

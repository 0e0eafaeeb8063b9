"""What is measured of one size, in a process of its own so that its memory can be told."""

import resource
import time
from dataclasses import dataclass

import numpy as np

from benchmarks.policies import networks
from benchmarks.speed.growth.roads import road_map
from libpatrol import Area, Engine, Scenario, Session, Simulation
from libpatrol.scenario.arrays import categories
from libpatrol.synthetic.snapshots import sample_snapshot

CALLS_PER_UNIT = 1.6
"""Calls of half an hour a unit takes in an hour of a simulation, before travel: a load of 0.8."""


@dataclass(frozen=True)
class Decisions:
    """Creation of an area, memory, and decisions of one size.

    Attributes
    ----------
    locations : int
        Patrol locations of the area.
    area_seconds : float
        Processor time of making it.
    area_mb, process_mb : float
        Memory that this added to the process, and the most that the process ever had.
    heuristics, general : tuple of float
        Median and 99th percentile of a decision, seconds of processor time.
    """

    locations: int
    area_seconds: float
    area_mb: float
    process_mb: float
    heuristics: tuple[float, float]
    general: tuple[float, float]


def heuristics(area: Area) -> Engine:
    return Engine(area, patrol_policy="marginal_coverage", dispatch_policy="minimum_weighted_travel")


def decisions(nodes: int, units: int, calls: int, rounds: int) -> Decisions:
    """Make an area and time decisions there, for snapshots of their own in every round."""
    city = road_map(nodes)
    before = resident()
    start = time.thread_time()
    area = Area.from_arrays(**city)
    area_seconds = time.thread_time() - start
    area_mb = resident() - before
    engines = heuristics(area), Engine(area, networks("general"))
    rng = np.random.default_rng(1)
    snapshots = [
        sample_snapshot(city, rng, unit_count=units, incident_count=calls, nodes=area.patrol_locations)
        for _ in range(rounds)
    ]
    times = []
    for engine in engines:
        with Session(engine, units, calls) as session:
            session.decide(snapshots[0], deadline=None, node_limit=2000)
            taken = []
            for snapshot in snapshots:
                start = time.thread_time()
                session.decide(snapshot, deadline=None, node_limit=2000)
                taken.append(time.thread_time() - start)
            times.append((float(np.median(taken)), float(np.quantile(taken, 0.99))))
    return Decisions(area.info.patrol_location_count, area_seconds, area_mb, resident(), *times)


def simulation(nodes: int, units: int, hours: float) -> float:
    """Return events a second of processor time of a city where units are on calls for four fifths of their time."""
    area = Area.from_arrays(**road_map(nodes))
    kinds = categories(2)
    kinds["service_mean_seconds"], kinds["weight"], kinds["priority"], kinds["units_required"] = 1800.0, 1.0, (1, 2), 1
    scale = CALLS_PER_UNIT * units / area.info.calls_per_hour
    scenario = Scenario(area, unit_count=units, queue_capacity=units, rate_scale=scale, categories=kinds)
    with Simulation(scenario, heuristics(area), seed=1) as running:
        running.run(hours=1)
        before = running.state.events
        start = time.thread_time()
        running.run(hours=1 + hours)
        return (running.state.events - before) / (time.thread_time() - start)


def resident() -> float:
    """Return the largest memory that the process had so far, MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024

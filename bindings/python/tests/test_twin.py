"""The simulator against its twin in Python, event by event on a few thousand calls."""

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.policies import networks
from libpatrol import NO_ID, NO_NODE, Area, Engine, Scenario, Simulation
from libpatrol.scenario.arrays import SHIFT_DTYPE, structured
from libpatrol.synthetic import cities
from reference.deciders import NumpyDecider
from reference.library import LibraryDecider
from reference.logs import categories_of, random_fleet, random_log
from reference.roads import Roads
from reference.simulator import Decider, Twin
from reference.tables import Tables

HOURS = 60
UNITS = 5


def events_of(scenario: Scenario, engine: Engine, until: float) -> np.ndarray:
    with Simulation(scenario, engine, event_capacity=1 << 20) as simulation:
        simulation.run(until)
        events = simulation.read_events(1 << 20)
        assert simulation.state.events_lost == 0
        return events


def assert_equal_streams(events: np.ndarray, twin: Twin) -> None:
    ours = np.array(
        [(event.time, event.kind, event.unit, event.call % 2**64, event.node % 2**32) for event in twin.events],
        [("time", "f8"), ("kind", "i4"), ("unit", "i4"), ("call", "u8"), ("node", "u4")],
    )
    assert (NO_ID, NO_NODE) == (2**64 - 1, 2**32 - 1)
    count = min(len(ours), len(events))
    for ours_name, name in (("kind", "kind"), ("unit", "unit"), ("call", "incident_id"), ("node", "node")):
        differ = np.flatnonzero(ours[ours_name][:count] != events[name][:count])
        assert len(differ) == 0, (name, ours[differ[0] - 3 : differ[0] + 2], events[differ[0] - 3 : differ[0] + 2])
    np.testing.assert_allclose(ours["time"][:count], events["time_seconds"][:count], atol=0.01)
    assert len(ours) == len(events)


@pytest.mark.parametrize(
    ("patrol", "dispatch", "units_required", "queue_capacity", "has_shifts", "by_hour"),
    [
        ("stay", "closest_fcfs", (1, 1), 10, False, False),
        ("marginal_coverage", "minimum_weighted_travel", (1, 1), 10, False, False),
        ("fixed_posts", "own_beat_first", (2, 1), 3, False, False),
        ("dmexclp", "weighted_index", (1, 1), 0, True, False),
        ("compliance_table", "priority_closest", (2, 1), 1000, True, False),
        ("learned", "learned", (1, 1), 10, False, False),
        ("fixed_posts", "minimum_weighted_travel", (2, 1), 10, False, True),
        ("compliance_table", "priority_closest", (2, 1), 1000, True, True),
        ("learned", "learned", (1, 1), 10, False, True),
    ],
)
def test_event_by_event(
    patrol: str,
    dispatch: str,
    units_required: tuple[int, int],
    queue_capacity: int,
    has_shifts: bool,
    by_hour: bool,
    rng: np.random.Generator,
) -> None:
    city = cities.irregular(60, seed=3) if has_shifts else cities.grid(seed=2)
    if by_hour:
        city = replace(city, travel_factors=np.random.default_rng(10).uniform(0.4, 2.5, (2, 168)))
    area = Area.from_arrays(**city)
    calls = random_log(city, rng, 7.0 if 2 in units_required else 9.0, HOURS)
    shifts = [
        {"unit": unit, "start_hour": 24 * day + start, "end_hour": 24 * day + start + 8}
        for unit, starts in ((0, (6,)), (1, (14, 22)), (2, (0, 8)))
        for day in range(7)
        for start in starts
    ]
    scenario = Scenario(
        area,
        units=random_fleet(city, rng, UNITS),
        categories=categories_of(city, units_required),
        calls=calls,
        queue_capacity=queue_capacity,
        shifts=structured(SHIFT_DTYPE, shifts if has_shifts else []),
        warm_up_seconds=5000.0,
    )
    policy = networks("general") if "learned" in (patrol, dispatch) else None
    engine = Engine(area, policy, patrol_policy=patrol, dispatch_policy=dispatch)
    twin = Twin(Roads(city), scenario.arrays, LibraryDecider(engine, UNITS))
    twin.run(HOURS * 3600)
    assert_equal_streams(events_of(scenario, engine, HOURS * 3600), twin)
    with Simulation(scenario, engine) as simulation:
        simulation.run(HOURS * 3600)
        assert simulation.state.decisions == twin.decisions
        assert simulation.state.open_incidents == len(twin.open)
        assert simulation.state.cumulative_cost == pytest.approx(twin.cost, rel=1e-6)


@pytest.mark.parametrize("by_hour", [False, True])
@pytest.mark.parametrize(
    ("patrol", "dispatch"), [("stay", "closest_fcfs"), ("marginal_coverage", "minimum_weighted_travel")]
)
def test_policies_written_in_numpy_come_to_the_same(
    patrol: str, dispatch: str, by_hour: bool, rng: np.random.Generator
) -> None:
    """The twin with numpy's decisions: the same events for the simple pair, nearly the same cost for the other.

    (Ties of float32 sums fall otherwise in float64, and one other choice changes all that follows.)
    """
    city = cities.grid(seed=2)
    if by_hour:
        city = replace(city, travel_factors=np.random.default_rng(10).uniform(0.4, 2.5, (2, 168)))
    area = Area.from_arrays(**city)
    scenario = Scenario(
        area,
        units=random_fleet(city, rng, UNITS),
        categories=categories_of(city),
        calls=random_log(city, rng, 8.0, HOURS),
        queue_capacity=10,
    )
    # By default even "first come first served" serves urgent calls first.
    strict = dispatch == "minimum_weighted_travel"
    engine = Engine(area, patrol_policy=patrol, dispatch_policy=dispatch, strict_priority=strict)
    decider: Decider = NumpyDecider(Tables(city, area.demand_points), patrol, dispatch)
    twin = Twin(Roads(city), scenario.arrays, decider)
    twin.run(HOURS * 3600)
    if patrol == "stay":
        assert_equal_streams(events_of(scenario, engine, HOURS * 3600), twin)
    with Simulation(scenario, engine) as simulation:
        simulation.run(HOURS * 3600)
        assert simulation.state.cumulative_cost == pytest.approx(twin.cost, rel=1e-6 if patrol == "stay" else 0.05)

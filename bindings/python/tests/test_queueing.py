"""The simulator where it reduces to models with known answers.

Each comparison is with the 99.9 % interval of independent replications, and the interval must be narrow.
"""

import numpy as np
import pytest
from scipy.stats import t as student_t

from libpatrol import Area, AreaArrays, Engine, Scenario
from libpatrol.lab.metrics import Metrics
from libpatrol.scenario.arrays import FLEET_UNIT_DTYPE, categories
from libpatrol.studies.replications import replicate
from reference.queueing import cutoff_queue, erlang_c, hypercube, mmck

SERVICE = 1200.0
REPLICATIONS = 16


def place(calls_per_hour: list[float]) -> Area:
    """One node without streets: units are servers. A category for each rate."""
    return Area.from_arrays(
        node_count=1,
        edges=np.empty((0, 2)),
        edge_patrol_seconds=[],
        category_service_seconds=[SERVICE] * len(calls_per_hour),
        demand_calls_per_hour=np.reshape(calls_per_hour, (1, -1, 1)),
    )


def measured(area: Area, engine: Engine, hours: float, **arrays: object) -> list[Metrics]:
    count = area.info.category_count
    kinds = categories(count)
    kinds["service_mean_seconds"], kinds["priority"] = SERVICE, 1 + np.arange(count)
    with Scenario(area, warm_up_seconds=100 * 3600, **{"categories": kinds, **arrays}) as scenario:
        return replicate(scenario, engine, range(REPLICATIONS), hours=hours)


def server_engine(area: Area, **options: object) -> Engine:
    defaults = {"patrol_policy": "stay", "dispatch_policy": "closest_fcfs", "stay_seconds": 1e6}
    return Engine(area, **{**defaults, **options})


def assert_agrees(values: object, theory: float, relative: float) -> None:
    """The 99.9 % interval holds the theory's value and is narrower than `relative` of it."""
    given = np.asarray(values, np.float64)
    half = student_t.ppf(0.9995, len(given) - 1) * given.std(ddof=1) / np.sqrt(len(given))
    assert half < relative * theory, f"the interval {given.mean()} ± {half} is too wide for {theory}"
    assert abs(given.mean() - theory) < half, f"{given.mean()} ± {half}, expected {theory}"


@pytest.mark.parametrize(("servers", "utilization"), [(1, 0.7), (3, 0.6), (5, 0.8), (12, 0.85)])
def test_mmc(servers: int, utilization: float) -> None:
    load = servers * utilization
    per_hour = load / SERVICE * 3600
    area = place([per_hour])
    found = measured(area, server_engine(area), 12_000 / per_hour + 1000, unit_count=servers, queue_capacity=4096)
    wait = erlang_c(servers, load) * SERVICE / (servers - load)
    assert_agrees([m.mean_queue_wait for m in found], wait, 0.15)
    assert_agrees([m.utilization for m in found], utilization, 0.02)
    assert_agrees([m.cost_rate for m in found], wait * load / SERVICE, 0.15)  # Little: calls that wait
    assert sum(m.lost for m in found) == 0


def test_mmc_share_that_waits() -> None:
    area = place([12.0])
    targets = [0.0] * 8
    found = measured(area, server_engine(area), 3000.0, unit_count=5, response_target_seconds=targets)
    assert_agrees([m.response.within_target for m in found], 1 - erlang_c(5, 4.0), 0.03)
    assert_agrees([m.coverage for m in found], 1 - erlang_c(5, 4.0), 0.03)  # Poisson calls see time averages


@pytest.mark.parametrize(("servers", "places"), [(1, 0), (4, 0), (3, 2), (5, 10)])
def test_mmck(servers: int, places: int) -> None:
    load = 0.9 * servers
    per_hour = load / SERVICE * 3600
    area = place([per_hour])
    found = measured(area, server_engine(area), 20_000 / per_hour, unit_count=servers, queue_capacity=places)
    shares = mmck(servers, places, load)
    assert_agrees([m.overflow_share for m in found], shares[-1], 0.1)
    assert_agrees([m.utilization for m in found], load * (1 - shares[-1]) / servers, 0.02)
    if places > 0:
        queue = sum(max(0, k - servers) * share for k, share in enumerate(shares))
        served_per_second = per_hour / 3600 * (1 - shares[-1])
        assert_agrees([m.mean_queue_wait for m in found], queue / served_per_second, 0.1)
        lost_cost = per_hour / 3600 * shares[-1] * 3600.0
        assert_agrees([m.cost_rate for m in found], queue + lost_cost, 0.1)


@pytest.mark.parametrize("cutoff", [2, 3, 4])
def test_cutoff_priorities(cutoff: int) -> None:
    """Cutoffs by hold limits: priority 2 is served only while more than servers - cutoff units are free."""
    servers, per_hour = 4, (3.0, 2.4)
    limits = np.full((servers, 2), np.inf)
    limits[: servers - cutoff, 1] = 0.0
    area = place(list(per_hour))
    engine = server_engine(
        area,
        dispatch_policy="priority_closest",
        never_hold_priority=1,
        longest_hold_seconds=[np.inf] * 8,
        hold_travel_seconds=limits,
    )
    found = measured(area, engine, 2500.0, unit_count=servers, queue_capacity=4096, reassessment_seconds=1e6)
    waits = cutoff_queue(servers, cutoff, (per_hour[0] / 3600, per_hour[1] / 3600), SERVICE)
    for category, wait in enumerate(waits):
        assert_agrees([m.by_category["mean"][category] for m in found], wait, 0.15)


@pytest.mark.parametrize("has_queue", [False, True])
def test_hypercube(has_queue: bool) -> None:
    """Four units, each at home on a node of a line; driving is short beside the time on scene, so that order is all
    it gives.

    Under the beat rule a unit goes home after each call, as the model has it.
    """
    units = 4
    at = np.array([0.0, 1.0, 2.3, 3.9])  # no two distances alike
    edges = np.array([(0, 1), (1, 2), (2, 3)])
    seconds = (at[edges[:, 1]] - at[edges[:, 0]]) * 0.01
    rates = np.array([2.4, 1.2, 1.8, 3.0]) / 3600
    area = Area.from_arrays(
        **AreaArrays(
            node_count=units,
            edges=np.concatenate([edges, edges[:, ::-1]]),
            edge_patrol_seconds=np.tile(seconds, 2),
            node_beats=np.arange(units),
            category_service_seconds=[SERVICE],
            demand_calls_per_hour=(rates * 3600).reshape(-1, 1, 1),
        )
    )
    engine = server_engine(area, home_beat_patrol=True)
    fleet = np.zeros(units, FLEET_UNIT_DTYPE)
    fleet["id"] = fleet["start_node"] = fleet["home_beat"] = np.arange(units)
    found = measured(area, engine, 2500.0, units=fleet, queue_capacity=4096 if has_queue else 0)
    order = [np.argsort(abs(at - place), kind="stable").tolist() for place in at]
    busy, abroad, lost = hypercube(order, rates, SERVICE, has_queue)
    for unit in range(units):
        shares = [(m.units["on_scene"] + m.units["en_route"])[unit] / m.seconds for m in found]
        assert_agrees(shares, busy[unit], 0.03)
    assert_agrees([m.across_beats for m in found], abroad, 0.03)
    if not has_queue:
        assert_agrees([m.overflow_share for m in found], lost, 0.05)

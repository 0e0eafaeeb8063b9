"""Dispatch decisions: the heuristics as a few lines of Python, the program against scipy and full enumeration."""

import math
from functools import partial
from itertools import combinations, permutations, product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.optimize import linear_sum_assignment

import libpatrol
from libpatrol import (
    Area,
    AreaArrays,
    Engine,
    PatrolError,
    Policy,
    Session,
    Snapshot,
    SolverStatus,
    Status,
    Task,
    WaitReason,
)
from libpatrol.files import write_policy
from libpatrol.session import Pairs
from reference.networks import random_layers, state_dict, value_network, value_outputs
from reference.tables import Tables

NO_RULES = {"never_hold_priority": 0, "strict_priority": False, "longest_hold_seconds": [math.inf] * 8}
DISCOUNT_RATE = np.float32(2.52e-4)


def random_calls(city: AreaArrays, rng: np.random.Generator, units: int, calls: int) -> Snapshot:
    crew, waiting = libpatrol.units(units), libpatrol.incidents(calls)
    crew["node"] = rng.integers(city.node_count, size=units)
    crew["home_beat"] = city.node_beats[rng.integers(city.node_count, size=units)]
    waiting["node"] = rng.integers(city.node_count, size=calls)
    waiting["category"] = rng.integers(2, size=calls)
    waiting["priority"] = rng.integers(1, 4, calls)
    waiting["seconds_waited"] = rng.exponential(400, calls)
    return Snapshot(0.0, crew, waiting)


def sent(session: Session, snapshot: Snapshot) -> dict[int, int]:
    answer = session.decide(snapshot, tasks=Task.DISPATCH, deadline=None)
    return dict(answer.assignments[["unit_id", "incident_id"]].tolist())


def greedy(
    charge: np.ndarray, order: np.ndarray, seconds: np.ndarray | None = None, limits: Any = None
) -> dict[int, int]:
    """Call by call the cheapest unit that is left; with limits [free units - 1, call] only one that is within them."""
    free = set(range(len(charge)))
    chosen = {}
    for call in order.tolist():
        near = free if limits is None else {u for u in free if seconds[u, call] <= limits[len(free) - 1, call]}
        if near:
            unit = min(near, key=lambda u: (charge[u, call], u))
            free.remove(unit)
            chosen[unit] = call
    return chosen


@pytest.mark.parametrize("name", ["closest_fcfs", "priority_closest", "own_beat_first"])
def test_one_call_after_the_other(name: str, city: AreaArrays, area: Area, rng: np.random.Generator) -> None:
    session = Session(Engine(area, dispatch_policy=name, **NO_RULES), 8, 8)
    for _ in range(60):
        snapshot = random_calls(city, rng, *rng.integers(1, 9, 2))
        units, calls = snapshot.units, snapshot.incidents
        seconds = area.travel_times(units["node"], calls["node"]).astype(np.float64)
        order = np.argsort(-calls["seconds_waited"], kind="stable")
        if name != "closest_fcfs":
            order = np.lexsort((-calls["seconds_waited"], calls["priority"]))
        if name == "own_beat_first":
            seconds = seconds + 1e6 * (units["home_beat"][:, None] != city.node_beats[calls["node"]])
        assert sent(session, snapshot) == greedy(seconds, order)


def random_limits(rng: np.random.Generator) -> np.ndarray:
    """Return limits for up to 8 free units and two categories; no unit of the tests is nearer than 0.5 s."""
    return np.maximum.accumulate(rng.choice([0.0, 100.3, 250.7, 500.9, math.inf], (int(rng.integers(1, 9)), 2)))


def away(snapshot: Snapshot) -> Snapshot:
    """Return the snapshot with every unit a second away from its node: a limit of 0 is one that nobody keeps."""
    snapshot.units["seconds_to_node"] = 1.0
    return snapshot


def by_units_free(limits: np.ndarray, snapshot: Snapshot) -> np.ndarray:
    """Return the limit of each call by the number of free units, shape [units, calls]."""
    rows = np.minimum(np.arange(len(snapshot.units)), len(limits) - 1)
    return limits[rows][:, snapshot.incidents["category"]]


@pytest.mark.parametrize("name", ["closest_fcfs", "priority_closest", "own_beat_first"])
def test_hold_limits_call_by_call(name: str, city: AreaArrays, area: Area, rng: np.random.Generator) -> None:
    held = 0
    for _ in range(60):
        limits = random_limits(rng)
        session = Session(Engine(area, dispatch_policy=name, hold_travel_seconds=limits, **NO_RULES), 8, 8)
        snapshot = away(random_calls(city, rng, *rng.integers(1, 9, 2)))
        units, calls = snapshot.units, snapshot.incidents
        seconds = emergency_seconds(city, area, snapshot)
        order = np.argsort(-calls["seconds_waited"], kind="stable")
        if name != "closest_fcfs":
            order = np.lexsort((-calls["seconds_waited"], calls["priority"]))
        foreign = units["home_beat"][:, None] != city.node_beats[calls["node"]]
        charge = seconds + (1e6 * foreign if name == "own_beat_first" else 0.0)
        expected = greedy(charge, order, seconds, by_units_free(limits, snapshot))
        assert sent(session, snapshot) == expected
        held += len(expected) < min(len(units), len(calls))
    assert held > 10


def emergency_seconds(city: AreaArrays, area: Area, snapshot: Snapshot) -> np.ndarray:
    ratio = city.edge_emergency_seconds.sum(dtype=np.float64) / city.edge_patrol_seconds.sum(dtype=np.float64)
    start = ratio * snapshot.units["seconds_to_node"][:, None].astype(np.float64)
    return start + area.travel_times(snapshot.units["node"], snapshot.incidents["node"])


def test_hold_limits_with_the_weighted_index(city: AreaArrays, area: Area, rng: np.random.Generator) -> None:
    for _ in range(60):
        limits = random_limits(rng)
        options = {"dispatch_policy": "weighted_index", "hold_travel_seconds": limits} | NO_RULES
        session = Session(Engine(area, **options), 8, 8)
        snapshot = away(random_calls(city, rng, *rng.integers(1, 9, 2)))
        category = snapshot.incidents["category"]
        seconds, by_free = emergency_seconds(city, area, snapshot), by_units_free(limits, snapshot)
        index = city.category_weights[category] / (seconds + city.category_service_seconds[category])
        expected: dict[int, int] = {}
        while (near := np.isfinite(index) & (seconds <= by_free[len(seconds) - len(expected) - 1])).any():
            unit, call = np.unravel_index(np.where(near, index, -np.inf).argmax(), index.shape)
            expected[int(unit)] = int(call)
            index[unit], index[:, call] = -np.inf, -np.inf
            if len(expected) == len(seconds):
                break
        assert sent(session, snapshot) == expected


def test_hold_limits_in_the_program(city: AreaArrays, area: Area, rng: np.random.Generator) -> None:
    """Of all ways to send units that some order allows, one with most units and least weighted travel.

    A call that is left out counts as traveled to for twice the longest time.
    """
    for _ in range(80):
        limits = random_limits(rng)
        options = {"dispatch_policy": "minimum_weighted_travel", "hold_travel_seconds": limits} | NO_RULES
        snapshot = away(random_calls(city, rng, *rng.integers(1, 5, 2)))
        seconds, by_free = emergency_seconds(city, area, snapshot), by_units_free(limits, snapshot)
        weights = city.category_weights[snapshot.incidents["category"]]

        def rank(
            chosen: dict[int, int], seconds: np.ndarray = seconds, weights: np.ndarray = weights
        ) -> tuple[int, float]:
            waits = seconds - 2 * max(1.0, seconds.max())
            return -len(chosen), sum(weights[call] * waits[unit, call] for unit, call in chosen.items())

        def allowed(chosen: dict[int, int], seconds: np.ndarray = seconds, by_free: np.ndarray = by_free) -> bool:
            return any(
                all(seconds[u, c] <= by_free[len(seconds) - taken - 1, c] for taken, (u, c) in enumerate(order))
                for order in permutations(chosen.items())
            )

        best = min(rank(chosen) for chosen in assignments(*seconds.shape) if allowed(chosen))
        answer = sent(Session(Engine(area, **options), 4, 4), snapshot)
        assert allowed(answer)
        np.testing.assert_allclose(rank(answer), best, rtol=1e-5)


@pytest.mark.parametrize(
    ("limits", "status"),
    [
        ([[0.0, math.nan]], Status.INVALID_NUMBER),
        ([[60.0, 0.0], [30.0, 0.0]], Status.INVALID_NUMBER),
        (np.zeros((65, 2)), Status.INVALID_ARGUMENT),
    ],
)
def test_hold_limits_that_are_none(limits: Any, status: Status, area: Area) -> None:
    with pytest.raises(PatrolError) as caught:
        Engine(area, hold_travel_seconds=limits)
    assert caught.value.status is status
    with pytest.raises(ValueError, match="hold_travel_seconds"):
        Engine(area, hold_travel_seconds=[[0.0, 0.0, 0.0]])


def test_weighted_index(city: AreaArrays, area: Area, rng: np.random.Generator) -> None:
    session = Session(Engine(area, dispatch_policy="weighted_index", **NO_RULES), 8, 8)
    for _ in range(60):
        snapshot = random_calls(city, rng, *rng.integers(1, 9, 2))
        units, calls = snapshot.units, snapshot.incidents
        seconds = area.travel_times(units["node"], calls["node"])
        index = city.category_weights[calls["category"]] / (seconds + city.category_service_seconds[calls["category"]])
        expected = {}
        while np.isfinite(index).any():
            unit, call = np.unravel_index(index.argmax(), index.shape)
            expected[int(unit)] = int(call)
            index[unit], index[:, call] = -np.inf, -np.inf
        assert sent(session, snapshot) == expected


def test_minimum_weighted_travel_is_a_minimum(city: AreaArrays, area: Area, rng: np.random.Generator) -> None:
    """A call that is left out counts as traveled to for twice the longest time."""
    session = Session(Engine(area, dispatch_policy="minimum_weighted_travel", **NO_RULES), 12, 12)
    for _ in range(200):
        snapshot = random_calls(city, rng, *rng.integers(1, 13, 2))
        weights = city.category_weights[snapshot.incidents["category"]]
        seconds = area.travel_times(snapshot.units["node"], snapshot.incidents["node"])
        cost = weights * (seconds - 2 * max(1.0, seconds.max()))
        chosen = sent(session, snapshot)
        assert len(chosen) == min(cost.shape)
        total = sum(cost[unit, call] for unit, call in chosen.items())
        np.testing.assert_allclose(total, cost[linear_sum_assignment(cost)].sum(), rtol=1e-5)


def test_of_calls_alike_the_heavier_group_goes_first(city: AreaArrays, area: Area, rng: np.random.Generator) -> None:
    for heavy in (0, 1):
        weights = np.ones(area.info.group_count)
        weights[heavy] = 1.5
        engine = Engine(area, dispatch_policy="minimum_weighted_travel", group_weights=weights)
        session = Session(engine, 1, 2)
        for _ in range(20):
            snapshot = random_calls(city, rng, 1, 2)
            nodes = [rng.choice(np.flatnonzero(city.node_groups == group)) for group in (0, 1)]
            snapshot.incidents["node"], snapshot.incidents["category"] = nodes, 0
            snapshot.incidents["priority"] = 1
            seconds = area.travel_times(snapshot.units["node"], snapshot.incidents["node"])[0]
            left = weights * (2 * max(1.0, seconds.max()) - seconds)
            assert sent(session, snapshot) == {0: int(left.argmax())}


def test_rewards_are_discounted_weighted_travel(city: AreaArrays, area: Area, rng: np.random.Generator) -> None:
    snapshot = random_calls(city, rng, 4, 5)
    snapshot.incidents["units_required"] = 2
    for rate in (DISCOUNT_RATE, 0.0):
        engine = Engine(area, group_weights=[1.0, 3.0], discount_rate=rate)
        pairs = Session(engine, 4, 5).pairs(snapshot).pairs
        assert len(pairs) == 20
        calls = snapshot.incidents[pairs["incident"]]
        weight = city.category_weights[calls["category"]] * np.array([1.0, 3.0])[city.node_groups[calls["node"]]]
        seconds = pairs["travel_seconds"].astype(np.float64)
        expected = seconds if rate == 0 else -np.expm1(-float(rate) * seconds) / float(rate)
        np.testing.assert_allclose(pairs["reward"], -weight / 2 * expected, rtol=1e-6)


def test_the_separable_program_is_an_assignment(
    small_policy: Policy, city: AreaArrays, area: Area, rng: np.random.Generator
) -> None:
    session = Session(Engine(area, small_policy, **NO_RULES), 12, 12)
    minute = 60 * Tables(city, area.demand_points, largest_fleet=1).mean_weight
    for _ in range(100):
        snapshot = random_calls(city, rng, *rng.integers(1, 13, 2))
        pairs = session.pairs(snapshot).pairs
        worth = np.zeros((len(snapshot.units), len(snapshot.incidents) + len(snapshot.units)))
        worth[pairs["unit"], pairs["incident"]] = pairs["reward"] + minute * pairs["value"].astype(np.float64)
        answer = session.decide(snapshot, tasks=Task.DISPATCH, deadline=None, relative_gap=0.0)
        assert answer.solver_status is SolverStatus.OPTIMAL
        best = worth[linear_sum_assignment(worth, maximize=True)].sum()
        np.testing.assert_allclose(answer.objective, best, rtol=1e-5, atol=1e-3)
        assert answer.bound >= answer.objective - 1e-9
        chosen = answer.assignments
        np.testing.assert_allclose(worth[chosen["unit_id"], chosen["incident_id"]].sum(), best, rtol=1e-5, atol=1e-3)
        held = answer.waits["reason"] == WaitReason.HELD
        assert len(chosen) == len(snapshot.units) or held.all() or not len(answer.waits)


def assignments(units: int, calls: int) -> list[dict[int, int]]:
    """Every way to send units to calls, one unit for a call."""
    return [
        dict(zip(rows, columns, strict=True))
        for size in range(min(units, calls) + 1)
        for rows, columns in product(combinations(range(units), size), permutations(range(calls), size))
    ]


def total_worth(found: Pairs, value: dict[str, np.ndarray], minute: float, chosen: dict[int, int]) -> float:
    """Return the program's objective of assignments of unit index to call index."""
    rows = [np.flatnonzero((found.pairs["unit"] == i) & (found.pairs["incident"] == j))[0] for i, j in chosen.items()]
    state = found.state + found.deltas[rows].astype(np.float64).sum(0)
    separable = found.pairs["reward"][rows] + minute * found.pairs["value"][rows].astype(np.float64)
    return float(separable.sum() + minute * value_outputs(value, state[None])[0])


@pytest.mark.parametrize("sign", [0.0, -1.0])
def test_the_program_with_a_value_network(
    sign: float, city: AreaArrays, area: Area, rng: np.random.Generator, tmp_path: Path
) -> None:
    minute = 60 * Tables(city, area.demand_points, largest_fleet=1).mean_weight
    for _ in range(15):
        value = value_network(rng, 12, 3, sign)
        pair = random_layers(rng, [24, 8, 1], np.float32)
        write_policy(tmp_path / "policy", pair=state_dict(pair), value=value)
        session = Session(Engine(area, Policy.load(tmp_path / "policy"), **NO_RULES), 4, 4)
        snapshot = random_calls(city, rng, *rng.integers(1, 5, 2))
        worth = partial(total_worth, session.pairs(snapshot), value, minute)
        best = max(map(worth, assignments(len(snapshot.units), len(snapshot.incidents))))
        answer = session.decide(snapshot, tasks=Task.DISPATCH, deadline=None)
        chosen = dict(answer.assignments[["unit_id", "incident_id"]].tolist())
        assert answer.solver_status in (SolverStatus.OPTIMAL, SolverStatus.WITHIN_GAP)
        np.testing.assert_allclose(worth(chosen), best, rtol=1e-4, atol=1e-2)
        np.testing.assert_allclose(answer.objective, best, rtol=1e-4, atol=1e-2)


def test_urgent_calls_are_never_held(city: AreaArrays, area: Area, rng: np.random.Generator, tmp_path: Path) -> None:
    """A network that prices every assignment out: what the rules force is all that is sent."""
    layers = [(np.zeros((1, 24), np.float32), np.array([-1000.0], np.float32))]
    write_policy(tmp_path / "policy", pair=state_dict(layers))
    session = Session(Engine(area, Policy.load(tmp_path / "policy")), 8, 6)
    for _ in range(40):
        snapshot = random_calls(city, rng, 8, 6)
        calls = snapshot.incidents
        forced = (calls["priority"] == 1) | (calls["seconds_waited"] >= np.array([0, 600, 1200])[calls["priority"] - 1])
        assert set(sent(session, snapshot).values()) >= set(calls["id"][calls["priority"] == 1].tolist())
        assert set(sent(session, snapshot).values()) >= set(calls["id"][forced & (calls["priority"] == 2)].tolist())

"""Every entry of the feature tables against the numpy reference, on random cities and snapshots."""

import math
from pathlib import Path

import numpy as np
import pytest

import libpatrol
from libpatrol import NO_ID, Area, AreaArrays, Engine, Session, Snapshot, UnitStatus
from libpatrol.files import write_policy
from libpatrol.synthetic import cities
from libpatrol.synthetic.demand import Demand
from reference.features import backup_features, candidate_features, pair_features, state_deltas, state_features
from reference.moment import Moment
from reference.tables import Tables

TOLERANCE = 2e-5


def disconnected(seed: int) -> AreaArrays:
    """A grid with a node that cannot be reached, one that cannot be left, and parallel edges."""
    city = dict(cities.grid(6, 6, seed=seed))
    kept = (city["edges"][:, 1] != 0) & (city["edges"][:, 0] != 35)
    edges, patrol = city["edges"][kept], city["edge_patrol_seconds"][kept]
    city |= {
        "edges": np.concatenate([edges, edges[:20]]),
        "edge_patrol_seconds": np.concatenate([patrol, patrol[:20] * np.linspace(0.5, 1.5, 20, dtype=np.float32)]),
        "edge_emergency_seconds": None,
    }
    return AreaArrays(**city)


def without_demand(seed: int) -> AreaArrays:
    """Uniform demand; ways there and back differ, else many sets of posts would cost the same."""
    city = dict(cities.grid(5, 7, seed=seed)) | {"demand_calls_per_hour": None, "category_weights": None}
    factors = np.random.default_rng(seed).uniform(0.7, 1.3, len(city["edges"]))
    city["edge_emergency_seconds"] = city["edge_emergency_seconds"] * factors
    return AreaArrays(**city)


def demand_in_places(seed: int) -> AreaArrays:
    """Demand at twenty nodes in no order, none at night, by hour of the week, without beats and groups."""
    city = dict(cities.irregular(60, seed=seed))
    rng = np.random.default_rng(seed)
    demand = rng.exponential(0.2, (20, 2, 168)).astype(np.float32)
    demand[:, :, ::7] = 0
    nodes = rng.permutation(60)[:20]
    return AreaArrays(
        **city | {"demand_nodes": nodes, "demand_calls_per_hour": demand, "node_beats": None, "node_groups": None}
    )


def by_hour(seed: int) -> AreaArrays:
    """Travel takes another time at each hour, in each mode."""
    factors = np.random.default_rng(seed).uniform(0.3, 3, (2, 168))
    return AreaArrays(**dict(cities.irregular(70, seed=seed)) | {"travel_factors": factors})


CITIES = {
    "grid": lambda seed: cities.grid(7, 7, seed=seed),
    "irregular": lambda seed: cities.irregular(70, seed=seed, demand=Demand(calls_per_hour=30.0)),
    "disconnected": disconnected,
    "without demand": without_demand,
    "demand in places": demand_in_places,
    "travel by hour": by_hour,
}


def random_snapshot(city: AreaArrays, rng: np.random.Generator, unit_count: int, call_count: int) -> Snapshot:
    """Units in every state, calls partly staffed, some weights and times left to the library."""
    units = libpatrol.units(unit_count)
    units["id"] = rng.permutation(1000)[:unit_count]
    units["node"] = rng.integers(city.node_count, size=unit_count)
    units["home_beat"] = -1 if city.node_beats is None else rng.integers(-1, city.node_beats.max() + 1, unit_count)
    units["status"] = rng.choice(4, unit_count, p=[0.1, 0.5, 0.2, 0.2])
    units["seconds_to_node"] = np.where(rng.random(unit_count) < 0.5, 0, rng.uniform(0, 90, unit_count))
    units["seconds_until_free"] = np.where(rng.random(unit_count) < 0.5, math.nan, rng.exponential(900, unit_count))
    heading = (units["status"] == UnitStatus.PATROLLING) & (rng.random(unit_count) < 0.5)
    units["target_node"][heading] = rng.integers(city.node_count, size=heading.sum())
    units["status"][rng.integers(unit_count)] = UnitStatus.PATROLLING

    calls = libpatrol.incidents(call_count)
    calls["id"] = 5000 + rng.permutation(1000)[:call_count]
    calls["node"] = rng.integers(city.node_count, size=call_count)
    calls["category"] = rng.integers(len(city.category_service_seconds), size=call_count)
    calls["priority"] = rng.integers(1, 4, call_count)
    calls["seconds_waited"] = rng.exponential(600, call_count)
    calls["weight"] = np.where(rng.random(call_count) < 0.5, math.nan, rng.uniform(0.5, 9, call_count))
    calls["service_seconds"] = np.where(rng.random(call_count) < 0.5, math.nan, rng.uniform(60, 9000, call_count))
    calls["units_required"] = rng.integers(1, 4, call_count)
    calls["units_assigned"] = rng.integers(0, calls["units_required"] + 1) if call_count else 0

    on_calls = np.isin(units["status"], [UnitStatus.EN_ROUTE, UnitStatus.ON_SCENE])
    for unit in np.flatnonzero(on_calls):
        listed = call_count > 0 and rng.random() < 0.6
        units["incident_id"][unit] = rng.choice(calls["id"]) if listed else 9999 if rng.random() < 0.5 else NO_ID
    idle = rng.exponential(2000, city.node_count) if rng.random() < 0.5 else None
    return Snapshot(rng.uniform(0, 2 * 604_800), units, calls, location_idle_seconds=idle)


def check_candidates(session: Session, moment: Moment) -> None:
    for unit in moment.free:
        found = session.candidates(moment.snapshot, moment.snapshot.units["id"][unit])
        assert found.moves["node"][0] == moment.snapshot.units["node"][unit]
        expected = [candidate_features(moment, unit, found.moves, int(p)) for p in moment.possible_posts(unit)]
        distances = [np.abs(found.features - features).max() for features in expected]
        np.testing.assert_allclose(found.features, expected[int(np.argmin(distances))], rtol=TOLERANCE, atol=TOLERANCE)


def check_pairs(session: Session, moment: Moment) -> None:
    found = session.pairs(moment.snapshot)
    assert set(found.pairs["unit"]) <= set(moment.free)
    assert set(found.pairs["incident"]) <= set(moment.waiting)
    close = {"rtol": TOLERANCE, "atol": TOLERANCE}
    np.testing.assert_allclose(found.features, pair_features(moment, found.pairs), **close)
    np.testing.assert_allclose(found.state, state_features(moment), **close)
    np.testing.assert_allclose(found.deltas, state_deltas(moment, found.pairs), **close)


@pytest.mark.parametrize("kind", CITIES)
@pytest.mark.parametrize("seed", range(3))
def test_features_of_random_snapshots(kind: str, seed: int, rng: np.random.Generator) -> None:
    city = CITIES[kind](seed)
    weights = None if city.node_groups is None else [1.0, 2.5]
    area = Area.from_arrays(**city)
    assert area.info.patrol_location_count == city.node_count
    tables = Tables(city, area.demand_points, group_weights=weights, largest_fleet=12)
    session = Session(Engine(area, group_weights=weights), max_units=12, max_incidents=12)
    for _ in range(12):
        snapshot = random_snapshot(city, rng, int(rng.integers(1, 13)), int(rng.integers(0, 13)))
        moment = Moment(tables, snapshot)
        check_candidates(session, moment)
        check_pairs(session, moment)


@pytest.mark.parametrize("feature", range(28, 33))
def test_features_with_backup(feature: int, rng: np.random.Generator, tmp_path: Path) -> None:
    """A policy whose score is one feature of candidate/2 shows it as the candidates' value."""
    weight = np.zeros((1, 33), np.float32)
    weight[0, feature] = 1
    write_policy(tmp_path / "one.safetensors", patrol={"0.weight": weight, "0.bias": np.zeros(1, np.float32)})
    policy = libpatrol.Policy.load(tmp_path / "one.safetensors")
    city = cities.irregular(60, seed=feature)
    area = Area.from_arrays(**city)
    tables = Tables(city, area.demand_points, largest_fleet=12)
    session = Session(Engine(area, policy, patrol_policy="learned"), max_units=12, max_incidents=4)
    for units in (1, 2, 3, 12, 12, 12):
        moment = Moment(tables, random_snapshot(city, rng, units, 4))
        for unit in moment.free:
            found = session.candidates(moment.snapshot, moment.snapshot.units["id"][unit])
            expected = backup_features(moment, unit, found.moves)[:, feature - 28]
            np.testing.assert_allclose(found.moves["value"], expected, rtol=TOLERANCE, atol=TOLERANCE)


def test_one_free_unit_and_no_calls(city: AreaArrays, area: Area) -> None:
    units = libpatrol.units(1)
    units["node"] = 42
    moment = Moment(Tables(city, area.demand_points), Snapshot(0.0, units))
    session = Session(Engine(area), 1, 0)
    check_candidates(session, moment)
    check_pairs(session, moment)
    assert len(session.pairs(moment.snapshot).pairs) == 0


def test_more_units_than_compliance_rows(city: AreaArrays, area: Area, rng: np.random.Generator) -> None:
    tables = Tables(city, area.demand_points, compliance_rows=3)
    session = Session(Engine(area, compliance_rows=3), 12, 4)
    for _ in range(10):
        moment = Moment(tables, random_snapshot(city, rng, 12, 4))
        check_candidates(session, moment)
        check_pairs(session, moment)


def test_fewer_demand_points_than_demand_nodes(city: AreaArrays, rng: np.random.Generator) -> None:
    locations = np.arange(city.node_count)
    area = Area.from_arrays(**dict(city) | {"patrol_locations": locations}, max_demand_points=30)
    assert area.info.demand_point_count == 30
    tables = Tables(city, area.demand_points)
    session = Session(Engine(area), 8, 8)
    for _ in range(10):
        moment = Moment(tables, random_snapshot(city, rng, 8, 8))
        check_pairs(session, moment)


def test_the_host_s_travel_times_are_used(city: AreaArrays, area: Area, rng: np.random.Generator) -> None:
    tables = Tables(city, area.demand_points)
    session = Session(Engine(area), 8, 6)
    for _ in range(5):
        plain = random_snapshot(city, rng, 8, 6)
        travel = rng.uniform(10, 2000, (8, 6)).astype(np.float32)
        travel[rng.random((8, 6)) < 0.3] = math.nan
        travel[rng.random((8, 6)) < 0.1] = math.inf
        snapshot = Snapshot(plain.time_seconds, plain.units, plain.incidents, travel_seconds=travel)
        moment = Moment(tables, snapshot)
        pairs = session.pairs(snapshot).pairs
        assert np.isfinite(pairs["travel_seconds"]).all()
        assert not np.isinf(travel[pairs["unit"], pairs["incident"]]).any()
        check_pairs(session, moment)

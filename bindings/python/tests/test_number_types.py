"""Whole numbers of every integer type are taken where an int is; what does not fit is refused, never cut."""

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import libpatrol
from libpatrol import (
    Area,
    AreaArrays,
    Batch,
    Engine,
    EngineOptions,
    Policy,
    Scenario,
    Session,
    Simulation,
    Snapshot,
    Trainer,
)
from libpatrol.enums import Mode
from libpatrol.files import read_area, write_area, write_policy
from libpatrol.scenario.arrays import categories, logged_calls
from libpatrol.studies.replications import replicate
from libpatrol.synthetic import cities
from libpatrol.synthetic.snapshots import sample_snapshot

INTEGERS = [int, np.int64, np.int32, np.uint8, np.uint64, np.array]  # an array without dimensions is one too


@pytest.fixture(params=INTEGERS, ids=lambda kind: kind.__name__)
def whole(request: pytest.FixtureRequest) -> Callable[[int], Any]:
    return request.param


@pytest.fixture(params=[float, np.float32, np.float64, np.int64, np.array], ids=lambda kind: kind.__name__)
def real(request: pytest.FixtureRequest) -> Callable[[float], Any]:
    return request.param


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return Scenario.load("uniform-light")


def test_cities_and_areas(whole: Callable[[int], Any], tmp_path: Path) -> None:
    n = whole
    city = cities.grid(n(4), n(5), seed=2)
    cities.irregular(n(30), beats=n(2))
    cities.two_beats(n(4), n(5), crossings=n(2))
    roads = {name: city[name] for name in ("edges", "edge_patrol_seconds", "category_service_seconds")}
    arrays = AreaArrays(**roads, node_count=n(20))
    assert type(arrays.node_count) is int
    write_area(tmp_path / "area", **roads, node_count=n(20))
    assert read_area(tmp_path / "area").node_count == 20
    area = Area.from_arrays(**arrays, max_demand_points=n(7))
    assert area.info == Area.from_arrays(**roads, node_count=20, max_demand_points=7).info
    assert area.path(n(0), n(3), Mode(n(1))).nodes[-1] == 3
    area.travel_times([n(0)], [n(3)], mode=n(1))


def test_decisions(whole: Callable[[int], Any], area: Area, city: AreaArrays) -> None:
    n = whole
    engine = Engine(
        area, seed=n(3), never_hold_priority=n(2), reserve_per_beat=n(0), compliance_rows=n(8), strict_priority=n(1),
        home_beat_patrol=n(0),
    )  # fmt: skip
    assert engine.post_seconds(n(3)) > 0 and engine.session_bytes(n(6), n(5)) > 0
    session = Session(engine, n(6), n(5))
    snapshot = sample_snapshot(city, np.random.default_rng(0), unit_count=n(6), incident_count=n(5))
    assert len(libpatrol.units(n(2))) == len(libpatrol.incidents(n(2))) == len(categories(n(2))) == 2
    assert len(logged_calls(n(2))) == 2
    answer = session.decide(snapshot, node_limit=n(100), tasks=n(3), deadline=None)
    free = snapshot.units["id"][snapshot.units["status"] == libpatrol.UnitStatus.PATROLLING]
    session.candidates(snapshot, n(int(free[0])))
    assert len(session.rank_units(snapshot, n(0), k=n(1))) <= 1
    assert engine.record(snapshot, answer, node_limit=n(100), deadline=None)


def test_simulations(whole: Callable[[int], Any], scenario: Scenario) -> None:
    n = whole
    task = Scenario(scenario.area, unit_count=n(3), queue_capacity=n(9), work_interruptible_priority=n(0))
    with Simulation(task, task.engine(), seed=n(1), event_capacity=n(50), node_limit=n(10)) as simulation:
        simulation.restart(n(2))
        simulation.run(hours=n(1))
        assert len(simulation.read_events(n(10))) <= 10
        simulation.renew_future(n(3))
    with Batch(task, task.engine(), simulations=n(2), seed=n(1), node_limit=n(10)) as batch:
        batch.step(rows=slice(n(0), n(2)))
        assert type(batch.simulations) is int
    Trainer(task, seed=n(1), rounds=n(1), pair_layers=[n(8), n(4)])
    assert len(replicate(task, task.engine(), [n(1), n(2)], hours=n(1), threads=n(1))) == 2


def test_real_numbers(real: Callable[[float], Any], area: Area, city: AreaArrays, scenario: Scenario) -> None:
    x = real
    Area.from_arrays(**city, patrol_spacing_seconds=x(100))
    engine = Engine(area, stay_seconds=x(50), maximum_travel_seconds=x(900), discount_rate=x(1), reserve_price=x(5))
    snapshot = Snapshot(x(3600), libpatrol.units(1))
    snapshot.time_seconds = x(7200)
    snapshot.units["node"] = 3
    Session(engine, 1, 0).decide(snapshot, deadline=x(1), relative_gap=x(0))
    task = Scenario.load("uniform", load=x(1))
    assert task.details.workload.offered_load == pytest.approx(1.0)
    with Simulation(task, task.engine(), relative_gap=x(0)) as simulation:
        simulation.step(x(60))
        simulation.run(x(600))
    Batch(task, task.engine(), simulations=1, episode_seconds=x(600)).step()
    Trainer(scenario, validation_seconds=x(86400))


def test_yes_and_no(area: Area) -> None:
    for yes in (True, np.True_, np.bool_(True), 1):
        options = Engine(area, home_beat_patrol=yes, strict_priority=yes).options.to_abi()
        assert (options.home_beat_patrol, options.strict_priority) == (1, 1)
        assert libpatrol.assignment([[-1.0]], complete=yes).columns.tolist() == [0]
    for no in (False, np.False_, 0):
        assert libpatrol.assignment([[-1.0]], complete=no).columns.tolist() == [-1]


@pytest.mark.parametrize(
    ("make", "name"),
    [
        (lambda area, bad: Engine(area, never_hold_priority=bad), "never_hold_priority"),
        (lambda area, bad: Engine(area, seed=bad), "seed"),
        (lambda area, bad: Engine(area, strict_priority=bad), "strict_priority"),
        (lambda area, bad: Session(Engine(area), bad, 1), "max_units"),
        (lambda area, bad: area.path(bad, 1), "origin"),
        (lambda area, bad: area.travel_times([0], [1], mode=bad), "mode"),
        (lambda area, bad: Scenario(area, unit_count=bad), "unit_count"),
        (lambda area, bad: Scenario(area, unit_count=1, work_interruptible_priority=bad),
         "work_interruptible_priority"),
        (lambda area, bad: AreaArrays(edges=[], edge_patrol_seconds=[], category_service_seconds=[1], node_count=bad),
         "node_count"),
        (lambda area, bad: Simulation(*played(area), seed=bad), "seed"),
        (lambda area, bad: Simulation(*played(area)).read_events(bad), "most"),
        (lambda area, bad: Batch(*played(area), simulations=bad), "simulations"),
        (lambda area, bad: Session(Engine(area), 1, 1).decide(Snapshot(0.0, libpatrol.units(1)), tasks=bad), "tasks"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("bad", [0.5, np.float32(1), "1", 2**70, -(2**63) - 1, math.nan], ids=repr)
def test_what_does_not_fit_is_refused_by_name(
    area: Area, make: Callable[[Area, Any], Any], name: str, bad: Any
) -> None:
    """2^32 + 1 is not 1."""
    with pytest.raises((TypeError, ValueError), match=rf"\b{name} is "):
        make(area, bad)


def played(area: Area) -> tuple[Scenario, Engine]:
    return Scenario(area, unit_count=1), Engine(area)


@pytest.mark.parametrize("deadline", [-1, -1e-9, math.nan, math.inf, 1e13])
def test_deadlines_that_are_none_are_refused_in_seconds(deadline: float) -> None:
    with pytest.raises(ValueError, match=rf"^deadline is {deadline}, expected 0 to 1e\+12 seconds, or None$"):
        libpatrol.DecideOptions(deadline=deadline).to_abi()


def test_deadlines_of_another_type_are_refused() -> None:
    with pytest.raises(TypeError, match=r"^deadline is of type str, expected a number of seconds, or None$"):
        libpatrol.DecideOptions(deadline="soon").to_abi()  # type: ignore[arg-type]


def test_numbers_just_beyond_a_field_are_refused(area: Area) -> None:
    for options in ({"never_hold_priority": 2**32 + 1}, {"seed": -1}, {"reserve_per_beat": 2**32}):
        with pytest.raises(ValueError, match=rf"{next(iter(options))} is .*, expected -?[02]"):
            Engine(area, **options)


# Strings, which C would cut at a NUL


def test_strings_with_nul_are_refused(area: Area, scenario: Scenario, tmp_path: Path) -> None:
    cut = "closest_fcfs\0 or another"
    for options in ({"dispatch_policy": cut}, {"patrol_policy": "hold\0"}):
        with pytest.raises(ValueError, match=r"policy is 'closest_fcfs|policy is 'hold.*contains NUL"):
            Engine(area, **options)
    with pytest.raises(ValueError, match=r"network .*contains NUL"):
        Policy.bundled().evaluate("pair\0", np.zeros((1, 24)))
    with pytest.raises(ValueError, match=r"heuristic_patrols .*contains NUL"):
        Trainer(scenario, heuristic_patrols=["hold\0"])
    path = tmp_path / "policy"
    path.write_bytes(Policy.bundled()._file)
    for load in (Policy.load, Area.load):
        with pytest.raises(ValueError, match=r"path .*contains NUL"):
            load(f"{path}\0.safetensors")
    assert EngineOptions(dispatch_policy=np.str_("closest_fcfs")).to_abi().dispatch_policy == b"closest_fcfs"


def test_metadata_with_nul_are_refused_by_writers_and_reader(scenario: Scenario, tmp_path: Path) -> None:
    network = {"0.weight": np.zeros((1, 24), np.float32), "0.bias": np.zeros(1, np.float32)}
    for metadata in ({"note": "two\0parts"}, {"no\0te": "x"}, {"note": 5}):
        with pytest.raises((TypeError, ValueError), match="metadata"):
            write_policy(tmp_path / "policy", pair=network, metadata=metadata)
        with pytest.raises((TypeError, ValueError), match="metadata"):
            Trainer(scenario).policy_file(metadata)
        assert not (tmp_path / "policy").exists()
    write_policy(tmp_path / "policy", pair=network, metadata={"note": "two parts"})
    assert Policy.load(tmp_path / "policy").metadata["note"] == "two parts"
    content = (tmp_path / "policy").read_bytes()
    changed = content.replace(b"two parts", b"x\\u0000abc"[:9].ljust(9, b"c"))
    with pytest.raises(libpatrol.PatrolError, match=r'metadata "note" .*contains NUL') as caught:
        Policy.from_bytes(changed)
    assert caught.value.status is libpatrol.Status.INVALID_FILE

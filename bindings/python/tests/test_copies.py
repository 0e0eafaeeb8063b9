"""Objects whose content can be rebuilt are copied and pickled by content, in other processes too; the others refuse."""

import copy
import gc
import multiprocessing
import pickle
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
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
    PatrolError,
    Policy,
    Scenario,
    Session,
    Simulation,
    Snapshot,
    Status,
    Trainer,
)
from libpatrol._native import abi
from libpatrol.files import write_area
from libpatrol.scenario.arrays import logged_calls
from libpatrol.synthetic import cities
from libpatrol.synthetic.snapshots import sample_snapshot

Copy = Callable[[Any], Any]
COPIES: dict[str, Copy] = {
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
    **{f"pickle {p}": lambda thing, p=p: pickle.loads(pickle.dumps(thing, p)) for p in range(2, 6)},
}
OPTIONS: dict[str, Any] = {
    "group_weights": np.array([1.0, 2.5]),
    "preemption": np.tril(np.ones((8, 8), bool), -1),
    "hold_travel_seconds": [[300.0, 600.0]],
    "longest_hold_seconds": [0.0] * 8,
    "seed": np.int64(5),
    "dispatch_policy": "minimum_weighted_travel",
}


@pytest.fixture(params=COPIES.values(), ids=COPIES.keys())
def copied(request: pytest.FixtureRequest) -> Copy:
    return request.param


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return Scenario.load("hotspots-heavy")


def snapshots(count: int = 5) -> list[Snapshot]:
    city = cities.grid(seed=1)
    return [sample_snapshot(city, np.random.default_rng(k), unit_count=8, incident_count=6) for k in range(count)]


def decisions(engine: Engine, given: list[Snapshot]) -> list[Any]:
    with Session(engine, 8, 6) as session:
        answers = [session.decide(snapshot, deadline=None, node_limit=2000) for snapshot in given]
    return [(a.moves.tolist(), a.assignments.tolist(), a.waits.tolist(), a.objective) for a in answers]


def cost(scenario: Scenario, engine: Engine | None = None) -> float:
    with Simulation(scenario, scenario.engine() if engine is None else engine, seed=3) as simulation:
        simulation.run(hours=3)
        return simulation.state.cumulative_cost


def area_hash(area: Area) -> int:
    return area.info.content_hash


def areas(city: AreaArrays, path: Path) -> Iterator[Area]:
    write_area(path, **city)
    yield Area.from_arrays(**city, max_demand_points=np.int64(50), patrol_spacing_seconds=120.0)
    yield Area.load(path, max_demand_points=40)
    yield Area.from_bytes(path.read_bytes())
    path.write_bytes(b"the file is another one now")


def test_areas(copied: Copy, city: AreaArrays, tmp_path: Path) -> None:
    for area in list(areas(city, tmp_path / "area")):
        other = copied(area)
        assert other.info == area.info
        assert other.patrol_locations.tolist() == area.patrol_locations.tolist()
        other.close()
        with pytest.raises(ValueError, match="closed"):
            copied(other)
        assert len(area.demand_points) == area.info.demand_point_count


def test_areas_keep_what_they_were_made_of(city: AreaArrays) -> None:
    """Whatever the caller does with the arrays afterwards; arrays that nobody can write to are shared."""
    given = {name: np.array(array) for name, array in city.tensors().items()}
    area = Area.from_arrays(**given)
    for array in given.values():
        array[...] = 1
    assert pickle.loads(pickle.dumps(area)).info == area.info == Area.from_arrays(**city).info
    assert AreaArrays(**city).edges is city.edges
    with pytest.raises(ValueError, match="read-only"):
        city.edges[0] = 1


def test_equal_areas_that_come_by_pickle_are_one(scenario: Scenario) -> None:
    """So that a scenario and an engine that came apart go together."""
    task, engine = pickle.loads(pickle.dumps(scenario)), pickle.loads(pickle.dumps(scenario.engine()))
    assert cost(task, engine) == cost(scenario)


def test_a_pickled_area_that_was_changed_is_refused(city: AreaArrays) -> None:
    area = Area.from_arrays(**city, max_demand_points=17)
    make, (kind, content, content_hash) = area.__reduce_ex__(5)
    with pytest.raises(ValueError, match="content hash"):
        make(kind, content, content_hash + 1)


def test_policies(copied: Copy, tmp_path: Path) -> None:
    path = tmp_path / "policy"
    path.write_bytes(Policy.bundled()._file)
    policy = Policy.load(path)
    path.write_bytes(b"")
    inputs = np.random.default_rng(0).uniform(0, 1, (4, 24))
    expected = policy.evaluate("pair", inputs).tolist()
    other = copied(policy)
    assert (other.info, other.metadata, other.tensors) == (policy.info, policy.metadata, policy.tensors)
    other.metadata["scenario"] = "another"
    assert other.evaluate("pair", inputs).tolist() == expected and other.metadata == policy.metadata
    other.close()
    assert policy.evaluate("pair", inputs).tolist() == expected


@pytest.mark.parametrize("options", [{}, OPTIONS], ids=["defaults", "options"])
def test_engines(copied: Copy, city: AreaArrays, options: dict[str, Any]) -> None:
    """Area, policy and options may be closed or changed meanwhile."""
    area, policy = Area.from_arrays(**city), Policy.bundled()
    mine = copy.deepcopy(options)
    engine = Engine(area, policy, **mine)
    given, expected = snapshots(), decisions(engine, snapshots())
    for value in mine.values():
        if isinstance(value, list | np.ndarray):
            value[0] = 0
    area.close()
    policy.close()
    other = copied(engine)
    assert other.options == engine.options == EngineOptions(**options) and other.area_info == engine.area_info
    assert decisions(other, given) == expected
    other.close()
    assert decisions(engine, given) == expected


def test_scenarios(copied: Copy, scenario: Scenario) -> None:
    task = scenario.with_rules(never_hold_priority=2)
    expected = cost(task)
    other = copied(task)
    assert (other.details, other.unit_count) == (task.details, task.unit_count)
    assert cost(other) == expected
    other.area.close()
    other.close()
    assert cost(task) == expected


def test_a_deep_copy_has_rules_of_its_own(scenario: Scenario) -> None:
    task = scenario.with_rules(never_hold_priority=2)
    other = copy.deepcopy(task)
    task.details.rules["never_hold_priority"] = 0
    assert other.engine().options.never_hold_priority == 2


def test_scenarios_keep_what_they_were_made_of(area: Area) -> None:
    calls = logged_calls(5)
    calls["time_seconds"], calls["node"] = np.arange(5) * 600.0, [3, 9, 50, 70, 99]
    with Area.from_arrays(**area._made_of.source.fields()) as own:
        task = Scenario(own, unit_count=3, calls=calls, response_target_seconds=[np.float32(600)] * 8)
    expected = cost(task)
    calls["node"] = 0
    assert cost(pickle.loads(pickle.dumps(task))) == cost(task) == expected


def test_snapshots(copied: Copy, area: Area) -> None:
    snapshot = snapshots(1)[0]
    snapshot.travel_seconds = np.full((8, 6), 77.0)
    snapshot.location_idle_seconds = np.zeros(area.info.patrol_location_count)
    engine = Engine(area)
    expected = decisions(engine, [snapshot])
    other = copied(snapshot)
    assert other.time_seconds == snapshot.time_seconds and decisions(engine, [other]) == expected
    if copied is not copy.copy:
        other.units["status"] = libpatrol.UnitStatus.OFF_DUTY
        assert decisions(engine, [snapshot]) == expected


def test_what_is_under_way_refuses(copied: Copy, area: Area, scenario: Scenario) -> None:
    engine = scenario.engine()
    for thing in (
        Session(Engine(area), 2, 2),
        Simulation(scenario, engine),
        Batch(scenario, engine, simulations=2),
        Trainer(scenario),
    ):
        with pytest.raises(TypeError, match=rf"a {type(thing).__name__} is in use .* cannot be copied or pickled"):
            copied(thing)


def test_handles_refuse(copied: Copy, area: Area) -> None:
    kinds = [kind for kind in vars(abi).values() if isinstance(kind, type) and issubclass(kind, abi.Handle)]
    assert len(kinds) == 9
    for handle in (area._handle, *(kind() for kind in kinds)):
        with pytest.raises(TypeError, match=rf"a {type(handle).__name__} is an address"):
            copied(handle)
        if copied is not copy.copy:
            with pytest.raises(TypeError, match="an address"):
                copied([handle])


def test_copies_are_let_go_of_one_by_one(city: AreaArrays) -> None:
    """Many copies and pickles, closed or dropped in any order, leave one object that works."""
    area = Area.from_arrays(**city)
    engine = Engine(area)
    expected = decisions(engine, snapshots())
    for k in range(10):
        others = [copied(thing) for copied in COPIES.values() for thing in (area, engine)]
        for other in others[k % 3 :: 2]:
            other.close()
        del others
        gc.collect()
    assert decisions(engine, snapshots()) == expected


# In other processes


def work(area: Area, engine: Engine, task: Scenario) -> tuple[int, list[Any], float]:
    return area.info.content_hash, decisions(engine, snapshots()), cost(task, task.engine(Policy.bundled()))


def parts(city: AreaArrays, scenario: Scenario) -> tuple[Area, Engine, Scenario]:
    area = Area.from_arrays(**city)
    return area, Engine(area, Policy.bundled(), **OPTIONS), scenario


@pytest.mark.parametrize("method", ["spawn", "forkserver"])
def test_pools_of_processes(city: AreaArrays, scenario: Scenario, method: str) -> None:
    given = parts(city, scenario)
    expected = work(*given)
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context(method)) as pool:
        assert [found.result() for found in [pool.submit(work, *given) for _ in range(3)]] == [expected] * 3


def test_joblib(city: AreaArrays, scenario: Scenario) -> None:
    joblib = pytest.importorskip("joblib", reason="joblib (extra `test`) is not installed")
    given = parts(city, scenario)
    expected = work(*given)
    found = joblib.Parallel(2, backend="loky")(joblib.delayed(work)(*given) for _ in range(3))
    assert found == [expected] * 3


def test_errors_are_pickled(area: Area) -> None:
    with pytest.raises(PatrolError) as caught:
        Session(Engine(area), 0, 2)
    error = pickle.loads(pickle.dumps(caught.value))
    assert (error.status, str(error)) == (Status(caught.value.status), str(caught.value))

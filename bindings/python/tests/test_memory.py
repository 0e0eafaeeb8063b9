"""The library reads and writes the arrays that Python holds, whatever is assigned, changed or dropped meanwhile."""

import gc
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from test_session import standing, waiting

import libpatrol
from libpatrol import Answer, Area, Batch, DecideOptions, Engine, Policy, Scenario, Session, Simulation, Snapshot
from libpatrol._native import abi
from libpatrol.answer import AnswerBuffers
from libpatrol.lab.training import to_abi
from libpatrol.records import EDGE_CHANGE_DTYPE
from libpatrol.scenario.arrays import ScenarioArrays

MANY = 4000


def sent(session: Session, snapshot: Snapshot) -> list[tuple[int, int]]:
    found = session.decide(snapshot, tasks=libpatrol.Task.DISPATCH).assignments
    return found[["unit_id", "incident_id"]].tolist()


def overwrite(count: int = 50) -> None:
    """Use the memory that was let go of."""
    gc.collect()
    for _ in range(count):
        np.full(MANY * abi.ctypes.sizeof(abi.Unit), 255, np.uint8)


def test_units_and_calls_that_are_assigned_are_decided_for(area: Area) -> None:
    session = Session(Engine(area), MANY, 4)
    snapshot = Snapshot(0.0, standing(*[0] * MANY), waiting(99))
    first = sent(session, snapshot)
    snapshot.units = standing(*[0] * 6, 98, *[0] * (MANY - 7))
    overwrite()
    assert sent(session, snapshot) == [(6, 100)] != first
    snapshot.units = standing(0, 98)
    overwrite()
    assert sent(session, snapshot) == [(1, 100)]
    snapshot.incidents = waiting(1, 97)
    overwrite()
    assert sent(session, snapshot) == [(0, 100), (1, 101)]
    snapshot.incidents = None
    assert sent(session, snapshot) == [] and len(snapshot.incidents) == 0


def test_units_that_are_assigned_with_a_stride_are_read_so(area: Area) -> None:
    session, snapshot = Session(Engine(area), 4, 4), Snapshot(0.0, standing(0), waiting(99))
    snapshot.units = standing(98, 0, 50, 0)[1::2]
    assert [unit for unit, _ in sent(session, snapshot)] == [1]
    for wrong in (np.zeros(3), standing(1, 2)[::-1], standing(1, 2).reshape(1, 2), [1, 2]):
        with pytest.raises(ValueError, match="units"):
            snapshot.units = wrong
    assert [unit for unit, _ in sent(session, snapshot)] == [1], "a refused assignment leaves what was there"


def test_other_arrays_that_are_assigned_are_used(area: Area) -> None:
    session, snapshot = Session(Engine(area), 4, 4), Snapshot(0.0, standing(0, 9), waiting(1))
    assert sent(session, snapshot) == [(0, 100)]
    snapshot.travel_seconds = [[500.0], [20.0]]
    overwrite()
    assert sent(session, snapshot) == [(1, 100)]
    snapshot.units = standing(0, 9, 20)
    with pytest.raises(ValueError, match=r"travel_seconds has shape \[2, 1\], expected \[3, 1\]"):
        session.decide(snapshot)
    snapshot.travel_seconds = None
    assert sent(session, snapshot) == [(0, 100)]
    closed = np.zeros(2, EDGE_CHANGE_DTYPE)
    closed["from_node"], closed["to_node"], closed["patrol_seconds"], closed["emergency_seconds"] = 0, [1, 10], 1e9, 1e9
    snapshot.edge_changes = closed
    overwrite()
    assert sent(session, snapshot) == [(2, 100)]
    snapshot.edge_changes = None
    assert sent(session, snapshot) == [(0, 100)]
    snapshot.location_idle_seconds = [1.0]
    with pytest.raises(ValueError, match="location_idle_seconds has shape"):
        session.decide(snapshot)
    snapshot.location_idle_seconds = np.zeros(area.info.patrol_location_count)
    session.decide(snapshot)


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return Scenario.load("uniform-light")


def test_a_batch_keeps_the_arrays_that_it_writes(scenario: Scenario) -> None:
    with Batch(scenario, scenario.engine(), simulations=np.int64(2)) as batch:
        batch.step()
        names = [name for name, _ in abi.BatchArrays._fields_[2:]]
        for name in [*names, "simulations", "width"]:
            kept = getattr(batch, name)
            with pytest.raises(AttributeError, match="cannot be replaced"):
                setattr(batch, name, kept)
            with pytest.raises(AttributeError, match="cannot be deleted"):
                delattr(batch, name)
            assert getattr(batch, name) is kept
        assert len(names) == 9


@pytest.mark.parametrize(
    ("make", "names"),
    [
        (lambda scenario: scenario.area, ["info"]),
        (lambda scenario: Policy.bundled(), ["info", "metadata", "tensors"]),
        (lambda scenario: scenario.engine(), ["area_info", "options"]),
        (lambda scenario: scenario, ["area", "arrays", "details"]),
        (lambda scenario: Simulation(scenario, scenario.engine()), ["scenario"]),
    ],
    ids=["area", "policy", "engine", "scenario", "simulation"],
)
def test_what_sizes_are_taken_from_cannot_be_replaced(
    scenario: Scenario, make: Callable[[Scenario], Any], names: list[str]
) -> None:
    """Arrays that the library fills are as large as these say."""
    thing = make(scenario)
    for name in names:
        with pytest.raises(AttributeError):
            setattr(thing, name, getattr(thing, name))


def test_structs_keep_the_arrays_that_they_point_to(area: Area, scenario: Scenario) -> None:
    cancel = np.zeros(1, np.int32)
    answer = AnswerBuffers(2, 2).answer()
    structs: list[tuple[Any, str, Any]] = [
        (DecideOptions(cancel=cancel).to_abi(), "cancel", cancel),
        (Answer(*answer).to_abi(), "moves", answer.moves),
        (Snapshot(0.0, standing(1))._struct, "units", None),
        (scenario.arrays.to_abi(scenario.area.info), "categories", scenario.arrays.categories),
    ]
    for struct, name, array in structs:
        kept = struct._kept[name]
        assert array is None or kept is array
        assert getattr(struct, name) == kept.ctypes.data
    options = to_abi({"heuristic_patrols": "stay,random_walk"})
    overwrite()
    strings = abi.ctypes.cast(options.heuristic_patrols, abi.ctypes.POINTER(abi.ctypes.c_char_p))
    assert strings[:2] == [b"stay", b"random_walk"]


def test_options_and_arrays_are_what_they_were_when_given(area: Area) -> None:
    weights, limits = [1.0, 2.0], np.array([[60.0, 90.0]])
    engine = Engine(area, group_weights=weights, hold_travel_seconds=limits)
    weights[0] = limits[0, 0] = 7.0
    assert (engine.options.group_weights, engine.options.hold_travel_seconds) == ((1.0, 2.0), ((60.0, 90.0),))
    samples = np.array([60.0, 70.0], np.float32)
    arrays = ScenarioArrays(unit_count=1, service_samples=samples)
    samples[0] = 0
    assert arrays.service_samples.tolist() == [60.0, 70.0] and not arrays.service_samples.flags.writeable

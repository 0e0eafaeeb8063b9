"""Several urgent calls at once: more calls than units, calls that need many units, units that are all in one place."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import libpatrol
from benchmarks.policies import networks
from libpatrol import (
    Answer,
    Area,
    AreaArrays,
    Engine,
    MoveReason,
    Policy,
    Session,
    Snapshot,
    SolverStatus,
    Task,
    UnitStatus,
    WaitReason,
)
from libpatrol.enums import IncidentFlag
from libpatrol.files import write_policy
from reference.broken_rules import broken
from reference.networks import random_layers, state_dict, value_network
from reference.roads import Roads
from reference.rules import Department

LATE = 0.2  # seconds that a deadline may be missed by on a machine that others load
MEDIC, DOG = 1, 2


@pytest.fixture(scope="module", params=["general", "concave", "pair", "bundled", "none"])
def policy(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Policy | None:
    rng = np.random.default_rng(9)
    path = tmp_path_factory.mktemp("storm") / "policy"
    if request.param == "none":
        return None
    if request.param == "bundled":
        return networks("general")
    if request.param == "pair":
        write_policy(path, pair=state_dict(random_layers(rng, [24, 16, 1])))
    else:
        write_policy(path, value=value_network(rng, 24, 2, -1.0 if request.param == "concave" else 0.0))
    return Policy.load(path)


def urgent(rng: np.random.Generator, city: AreaArrays, count: int) -> np.ndarray:
    """Return calls of the highest priority that came within a minute."""
    calls = libpatrol.incidents(count)
    calls["node"] = rng.integers(city.node_count, size=count)
    calls["seconds_waited"] = rng.uniform(0, 60, count)
    calls["weight"] = rng.choice([1.0, 3.0], count)
    return calls


def patrolling(rng: np.random.Generator, city: AreaArrays, count: int) -> np.ndarray:
    units = libpatrol.units(count)
    units["node"] = rng.integers(city.node_count, size=count)
    units["home_beat"] = city.node_beats[units["node"]]
    units["capabilities"] = ((rng.random((count, 2)) < 0.5) * [MEDIC, DOG]).sum(1)
    return units


@pytest.fixture
def judged(roads: Roads, area: Area, policy: Policy | None) -> Callable[..., Answer]:
    """Decide within a deadline and check what every decision owes: rules, status, time, replay, repetition."""

    def decide(snapshot: Snapshot, *, deadline: float = 0.1, **rules: Any) -> Answer:
        engine = Engine(area, policy, **rules)
        sizes = max(1, len(snapshot.units)), len(snapshot.incidents)
        session = Session(engine, *sizes)
        answer = session.decide(snapshot, deadline=deadline)
        assert list(broken(Department(roads, engine.options, snapshot), answer)) == []
        assert answer.microseconds <= (deadline + LATE) * 1e6
        ends = SolverStatus.OPTIMAL, SolverStatus.WITHIN_GAP, SolverStatus.DEADLINE, SolverStatus.NO_TIME
        assert answer.solver_status in ends
        assert answer.bound >= answer.objective and answer.relative_gap >= 0
        replayed = engine.replay(engine.record(snapshot, answer, deadline=deadline))
        assert replayed.assignments.tobytes() == answer.assignments.tobytes()
        assert replayed.moves.tobytes() == answer.moves.tobytes()
        budget = {"deadline": None, "node_limit": 20}
        once, again = session.decide(snapshot, **budget), Session(engine, *sizes).decide(snapshot, **budget)
        assert [array.tobytes() for array in once[:3]] == [array.tobytes() for array in again[:3]]
        assert once[3:8] == again[3:8]
        return answer

    return decide


@pytest.mark.parametrize(("calls", "units"), [(10, 4), (20, 6), (35, 10), (50, 12)])
def test_more_urgent_calls_than_units(
    calls: int, units: int, judged: Callable[..., Answer], city: AreaArrays, rng: np.random.Generator
) -> None:
    waiting = urgent(rng, city, calls)
    routine = waiting[: calls // 5]
    routine["priority"] = 3
    answer = judged(Snapshot(0.0, patrolling(rng, city, units), waiting))
    assert len(answer.assignments) == units
    assert not np.isin(answer.assignments["incident_id"], routine["id"]).any()
    assert set(answer.waits["reason"]) == {WaitReason.UNITS_TAKEN}


def test_a_few_urgent_calls_among_many(
    judged: Callable[..., Answer], city: AreaArrays, rng: np.random.Generator
) -> None:
    """Every unit is free: all urgent calls have one, and what is left is decided for the others."""
    waiting = urgent(rng, city, 40)
    waiting["priority"] = np.where(np.arange(40) % 5 == 0, 1, 4)
    answer = judged(Snapshot(0.0, patrolling(rng, city, 12), waiting))
    assert set(waiting["id"][waiting["priority"] == 1]) <= set(answer.assignments["incident_id"].tolist())


def test_a_mass_casualty_call_takes_every_unit_it_can(
    judged: Callable[..., Answer], city: AreaArrays, rng: np.random.Generator
) -> None:
    waiting = urgent(rng, city, 12)
    waiting["priority"][1:] = 2
    waiting["units_required"][0] = 8
    waiting["needs"][0, 0] = (MEDIC, 3, 0)
    waiting["needs"][0, 1] = (MEDIC | DOG, 1, 0)
    units = patrolling(rng, city, 10)
    units["capabilities"] = [MEDIC, MEDIC, MEDIC | DOG, DOG, 0, 0, 0, 0, 0, 0]
    answer = judged(Snapshot(0.0, units, waiting))
    crew = answer.assignments["unit_id"][answer.assignments["incident_id"] == 0]
    # Of its 4 slots that demand a medic 3 can be filled; 4 slots are for anyone.
    assert len(crew) == 7 and {0, 1, 2} <= set(crew.tolist())
    assert answer.waits["units_missing"][answer.waits["incident_id"] == 0].tolist() == [1]


@pytest.mark.parametrize("units", [5, 6, 9])
def test_a_call_that_takes_all_or_none(
    units: int, judged: Callable[..., Answer], city: AreaArrays, rng: np.random.Generator
) -> None:
    waiting = urgent(rng, city, 3)
    waiting["units_required"][0], waiting["flags"][0] = 6, IncidentFlag.ALL_OR_NONE
    answer = judged(Snapshot(0.0, patrolling(rng, city, units), waiting))
    sent = int((answer.assignments["incident_id"] == 0).sum())
    assert sent in ((0, 6) if units >= 6 else (0,))
    if sent == 0 or units > 7:
        assert {1, 2} <= set(answer.assignments["incident_id"].tolist())
    if sent == 0:
        assert answer.waits["reason"][answer.waits["incident_id"] == 0] == WaitReason.ALL_OR_NONE


def test_no_unit_is_free(judged: Callable[..., Answer], city: AreaArrays, rng: np.random.Generator) -> None:
    units = patrolling(rng, city, 9)
    units["status"] = np.resize([UnitStatus.ON_SCENE, UnitStatus.EN_ROUTE, UnitStatus.OFF_DUTY], 9)
    answer = judged(Snapshot(0.0, units, urgent(rng, city, 30)))
    assert len(answer.assignments) == 0
    assert answer.bound - answer.objective <= 1e-5
    assert answer.waits["reason"].tolist() == [WaitReason.NO_ELIGIBLE_UNIT] * 30
    assert set(answer.moves["reason"].tolist()) == {MoveReason.NOT_FREE}


@pytest.mark.parametrize("place", ["corner", "one node", "calls at the units"])
def test_all_units_in_one_place(
    place: str, judged: Callable[..., Answer], city: AreaArrays, rng: np.random.Generator
) -> None:
    units, waiting = patrolling(rng, city, 15), urgent(rng, city, 25)
    units["node"] = rng.choice([0, 1, 10, 11], 15) if place == "corner" else 44
    if place == "calls at the units":
        waiting["node"] = 44
    answer = judged(Snapshot(0.0, units, waiting))
    assert len(answer.assignments) == 15
    assert len(set(answer.assignments["incident_id"].tolist())) == 15


def test_urgent_calls_take_units_from_others(
    judged: Callable[..., Answer], city: AreaArrays, rng: np.random.Generator
) -> None:
    """All units are on the way to routine calls, which the rules let them leave for urgent ones."""
    units, waiting = patrolling(rng, city, 6), urgent(rng, city, 18)
    waiting["priority"][:6], waiting["units_assigned"][:6] = 4, 1
    units["status"], units["incident_id"] = UnitStatus.EN_ROUTE, waiting["id"][:6]
    matrix = np.zeros((8, 8), bool)
    matrix[3, 0] = True
    answer = judged(Snapshot(0.0, units, waiting), preemption=matrix)
    for assignment in answer.assignments:
        assert assignment["diverted_from"] < 6 <= assignment["incident_id"]
    assert len(answer.waits) == 18 - 6
    kept = judged(Snapshot(0.0, units, waiting))
    assert len(kept.assignments) == 0 and len(kept.waits) == 12


def test_rules_at_their_strictest(judged: Callable[..., Answer], city: AreaArrays, rng: np.random.Generator) -> None:
    waiting = urgent(rng, city, 30)
    waiting["priority"] = rng.integers(1, 5, 30)
    waiting["units_required"] = rng.integers(1, 4, 30)
    waiting["flags"] = rng.random(30) < 0.3
    answer = judged(
        Snapshot(0.0, patrolling(rng, city, 20), waiting),
        never_hold_priority=2,
        reserve_per_beat=1,
        maximum_travel_seconds=300.0,
        own_beat_penalty_seconds=math.inf,
    )
    beats = city.node_beats[waiting["node"]]
    assert set(answer.assignments["incident_id"].tolist()) <= set(waiting["id"][beats >= 0].tolist())


@pytest.mark.parametrize("deadline", [0.001, 0.02])
def test_deadlines_are_kept_in_a_large_storm(
    deadline: float, judged: Callable[..., Answer], city: AreaArrays, rng: np.random.Generator
) -> None:
    waiting = urgent(rng, city, 50)
    waiting["priority"] = rng.integers(1, 4, 50)
    waiting["units_required"][:5] = 4
    snapshot = Snapshot(0.0, patrolling(rng, city, 120), waiting)
    answer = judged(snapshot, deadline=deadline)
    assert len(answer.assignments) >= (waiting["priority"] == 1).sum()


def test_dispatch_alone_and_with_patrol_agree(area: Area, city: AreaArrays, rng: np.random.Generator) -> None:
    session = Session(Engine(area, networks("general")), 20, 30)
    snapshot = Snapshot(0.0, patrolling(rng, city, 20), urgent(rng, city, 30))
    both, alone = (session.decide(snapshot, tasks=task, deadline=None) for task in (Task.BOTH, Task.DISPATCH))
    assert both.assignments.tobytes() == alone.assignments.tobytes()

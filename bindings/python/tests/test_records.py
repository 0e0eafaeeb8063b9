"""Decision records: what was decided is decided again, and what was changed is found."""

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import libpatrol
import libpatrol.synthetic.cities
from benchmarks.policies import networks
from libpatrol import (
    Answer,
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
)
from libpatrol.files import write_policy
from libpatrol.synthetic.snapshots import sample_snapshot
from reference.hard_instances import hard_network, hard_snapshot
from reference.instances import instances
from reference.recorded_decisions import decisions, same_decision
from reference.rules import RULES_OFF


def same(one: Answer, other: Answer) -> bool:
    """Whether two answers are equal, the time they took apart."""
    arrays = [(answer.moves.tobytes(), answer.assignments.tobytes(), answer.waits.tobytes()) for answer in (one, other)]
    return arrays[0] == arrays[1] and one[3:8] == other[3:8]


@pytest.fixture(scope="module")
def hard(tmp_path_factory: pytest.TempPathFactory, city: AreaArrays, area: Area) -> tuple[Engine, Snapshot]:
    """A decision that takes the solver a while: 40 units, 20 calls, weights of either sign, no rules."""
    rng = np.random.default_rng(2)
    path = tmp_path_factory.mktemp("policy") / "policy"
    snapshot = hard_snapshot(city, rng, 40, 20)
    found = Session(Engine(area, **RULES_OFF), 40, 20).pairs(snapshot)
    write_policy(path, value=hard_network(rng, found, 32, concave=False, strength=4.0))
    return Engine(area, Policy.load(path), **RULES_OFF), snapshot


def test_decisions_replay(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    for instance in instances(31, 120, tmp_path):
        session = Session(instance.engine, 10, 8)
        options: dict[str, Any] = {
            "tasks": Task(int(rng.integers(1, 4))),
            "relative_gap": float(rng.choice([0.0, 1e-6, 0.1, 1e9])),
            "node_limit": int(rng.choice([0, 1, 5])),
            "deadline": None,
        }
        answer = session.decide(instance.snapshot, **options)
        record = instance.engine.record(instance.snapshot, answer, **options)
        assert same(instance.engine.replay(record), answer)


def test_decisions_of_every_kind_replay(tmp_path: Path) -> None:
    for index, (kind, engine, snapshot, options, answer) in enumerate(decisions(32, 1800, tmp_path)):
        replayed = engine.replay(engine.record(snapshot, answer, **options))
        assert same_decision(replayed, answer), f"decision {index}, {kind}, {options}"


def two_at_one_place(area: Area) -> tuple[Engine, Snapshot, Answer, Answer]:
    """Either of two units may go; a third is farther. The decision, and the one that is as good."""
    units, calls = libpatrol.units(3), libpatrol.incidents(1)
    units["node"], calls["node"] = [1, 1, 55], 20
    snapshot, engine = Snapshot(0.0, units, calls), Engine(area, dispatch_policy="minimum_weighted_travel")
    answer = Session(engine, 3, 1).decide(snapshot, tasks=Task.DISPATCH)
    other = answer.assignments.copy()
    other["unit_id"] = 1 - other["unit_id"]
    assert answer.solver_status is SolverStatus.OPTIMAL and len(other) == 1
    return engine, snapshot, answer, answer._replace(assignments=other)


def test_a_record_holds_the_clock(area: Area) -> None:
    engine, snapshot, answer, _ = two_at_one_place(area)
    clocks = [{"deadline": 0.04}, {"deadline": 0.123456}, {"deadline": None}, {"cancel": np.zeros(1, np.int32)}]
    assert len({engine.record(snapshot, answer, tasks=Task.DISPATCH, **clock) for clock in clocks}) == 4


def test_what_the_clock_chose_among_equals_replays(area: Area) -> None:
    engine, snapshot, answer, other = two_at_one_place(area)
    for clock in ({"deadline": 1e-4}, {"deadline": None, "cancel": np.zeros(1, np.int32)}):
        assert same(engine.replay(engine.record(snapshot, other, tasks=Task.DISPATCH, **clock)), other)
    assert mismatch(engine, engine.record(snapshot, other, tasks=Task.DISPATCH, deadline=None))
    worse = answer.assignments.copy()
    worse["unit_id"] = 2
    assert mismatch(engine, engine.record(snapshot, answer._replace(assignments=worse), tasks=Task.DISPATCH))


def test_no_more_is_found_than_an_optimal_record_claims(hard: tuple[Engine, Snapshot]) -> None:
    engine, snapshot = hard
    poor = Session(engine, 40, 20).decide(snapshot, tasks=Task.DISPATCH, cancel=np.ones(1, np.int32))
    claimed = poor._replace(solver_status=SolverStatus.OPTIMAL, bound=poor.objective)
    record = engine.record(snapshot, claimed, tasks=Task.DISPATCH, node_limit=20, deadline=0.01)
    assert "above the recorded bound" in mismatch(engine, record)


def content_sum(content: bytes) -> bytes:
    """Return the checksum of a record: FNV-1a over words, folded."""
    value = 0xCBF29CE484222325
    for word in (len(content), *np.frombuffer(content, "<u4").tolist()):
        value = (value ^ word) * 0x100000001B3 % 2**64
        value ^= value >> 32
    return value.to_bytes(8, "little")


def test_records_of_the_first_format_replay(area: Area) -> None:
    """They have neither the deadline nor, where the host gave the time, the next node."""
    engine, snapshot, _, _ = two_at_one_place(area)
    snapshot = Snapshot(0.0, snapshot.units, snapshot.incidents, travel_seconds=np.full((3, 1), 90.0))
    answer = Session(engine, 3, 1).decide(snapshot)
    old = answer.assignments.copy()
    old["next_node"] = libpatrol.NO_NODE
    record = engine.record(snapshot, answer._replace(assignments=old))
    assert mismatch(engine, record)
    before, clock = record[:168], record[168:184]
    assert before[:8] == b"PATROLD2" and clock == (50_000).to_bytes(8, "little") + bytes(8)
    content = b"PATROLD1" + before[8:] + record[184:-8]
    assert same(engine.replay(content + content_sum(content)), answer)
    content = b"PATROLD6" + record[8:-8]
    with pytest.raises(PatrolError) as caught:
        engine.replay(content + content_sum(content))
    assert caught.value.status is Status.VERSION_MISMATCH and "format 6" in caught.value.message


def test_snapshots_with_every_array_replay(city: AreaArrays, area: Area) -> None:
    rng = np.random.default_rng(1)
    sampled = sample_snapshot(city, rng, unit_count=6, incident_count=4)
    changes = np.zeros(1, libpatrol.EDGE_CHANGE_DTYPE)
    changes["from_node"], changes["to_node"] = city.edges[7]
    changes["patrol_seconds"] = changes["emergency_seconds"] = math.inf
    travel = np.where(rng.random((6, 4)) < 0.5, np.nan, 100.0)
    snapshot = Snapshot(
        500.0,
        sampled.units,
        sampled.incidents,
        travel_seconds=travel,
        edge_changes=changes,
        location_idle_seconds=rng.exponential(600, area.info.patrol_location_count),
    )
    engine = Engine(area, networks("general"))
    answer = Session(engine, 6, 4).decide(snapshot)
    assert same(engine.replay(engine.record(snapshot, answer)), answer)


@pytest.mark.parametrize(
    ("options", "status"),
    [
        ({"node_limit": 3, "deadline": None}, {SolverStatus.NODE_LIMIT}),
        ({"deadline": 1e-4}, {SolverStatus.DEADLINE, SolverStatus.NO_TIME}),
        ({"cancel": np.ones(1, np.int32), "deadline": None}, {SolverStatus.CANCELLED}),
    ],
)
def test_decisions_that_were_stopped_replay(
    options: dict[str, Any], status: set[SolverStatus], hard: tuple[Engine, Snapshot]
) -> None:
    engine, snapshot = hard
    answer = Session(engine, 40, 20).decide(snapshot, relative_gap=0.0, **options)
    assert answer.solver_status in status
    assert answer.bound > answer.objective
    record = engine.record(snapshot, answer, relative_gap=0.0, **options)
    replayed = engine.replay(record)
    assert same(replayed, answer)
    forged = answer._replace(objective=answer.objective + 1.0)
    assert mismatch(engine, engine.record(snapshot, forged, relative_gap=0.0, **options))


def mismatch(engine: Engine, record: bytes) -> str:
    with pytest.raises(PatrolError) as caught:
        engine.replay(record)
    assert caught.value.status is Status.MISMATCH
    return caught.value.message


def test_another_decision_does_not_replay(hard: tuple[Engine, Snapshot]) -> None:
    engine, snapshot = hard
    options: dict[str, Any] = {"node_limit": 3, "deadline": None}
    answer = Session(engine, 40, 20).decide(snapshot, **options)
    swapped = answer.assignments.copy()
    swapped["incident_id"][:2] = swapped["incident_id"][1::-1]
    for change in (
        {"assignments": swapped},
        {"assignments": answer.assignments[1:]},
        {"moves": answer.moves[::-1].copy()},
        {"waits": answer.waits[1:]},
        {"objective": answer.objective - 1e-9 * abs(answer.objective)},
    ):
        assert mismatch(engine, engine.record(snapshot, answer._replace(**change), **options))
    cancelled = answer._replace(solver_status=SolverStatus.CANCELLED, assignments=swapped[:1].repeat(2))
    assert mismatch(engine, engine.record(snapshot, cancelled, **options))


def test_other_engines_do_not_replay(city: AreaArrays, area: Area) -> None:
    policy = networks("general")
    engine = Engine(area, policy)
    snapshot = sample_snapshot(city, np.random.default_rng(3), unit_count=5, incident_count=3)
    record = engine.record(snapshot, Session(engine, 5, 3).decide(snapshot))
    engine.replay(record)
    other = libpatrol.synthetic.cities.grid(seed=2)
    assert "area" in mismatch(Engine(Area.from_arrays(**other), policy), record)
    assert "policy" in mismatch(Engine(area), record)
    assert "options" in mismatch(Engine(area, policy, never_hold_priority=2), record)
    assert "options" in mismatch(Engine(area, policy, hold_travel_seconds=[[0.0, math.inf]]), record)


def test_a_decision_beyond_the_hold_limits_does_not_replay(city: AreaArrays, area: Area) -> None:
    heuristic = "minimum_weighted_travel"
    free, holding = (
        Engine(area, dispatch_policy=heuristic, never_hold_priority=0, hold_travel_seconds=limits)
        for limits in (None, [[0.0, 0.0]] * 3 + [[math.inf, math.inf]])
    )
    snapshot = sample_snapshot(city, np.random.default_rng(5), unit_count=5, incident_count=3)
    snapshot.units["status"], snapshot.units["incident_id"] = 1, libpatrol.NO_ID
    snapshot.incidents["seconds_waited"], snapshot.incidents["units_assigned"] = 0.0, 0
    snapshot.incidents["units_required"] = 1
    answer = Session(free, 5, 3).decide(snapshot, tasks=Task.DISPATCH)
    assert len(answer.assignments) == 3
    cancelled = answer._replace(solver_status=SolverStatus.CANCELLED)
    assert "rule 6" in mismatch(holding, holding.record(snapshot, cancelled, tasks=Task.DISPATCH))
    held = Session(holding, 5, 3).decide(snapshot, tasks=Task.DISPATCH)
    assert len(held.assignments) == 2
    assert same(holding.replay(holding.record(snapshot, held, tasks=Task.DISPATCH)), held)


def test_damaged_records_are_refused(city: AreaArrays, area: Area) -> None:
    engine = Engine(area, networks("general"))
    snapshot = sample_snapshot(city, np.random.default_rng(4), unit_count=3, incident_count=2)
    record = engine.record(snapshot, Session(engine, 3, 2).decide(snapshot))
    for position in range(len(record)):
        damaged = bytearray(record)
        damaged[position] ^= 1 << position % 8
        with pytest.raises(PatrolError) as caught:
            engine.replay(bytes(damaged))
        assert caught.value.status in (Status.INVALID_FILE, Status.VERSION_MISMATCH)
    for length in range(0, len(record), 7):
        with pytest.raises(PatrolError) as caught:
            engine.replay(record[:length])
        assert caught.value.status is Status.INVALID_FILE

"""Decisions through the Python layer: answers, errors, lifetimes, threads."""

import math
import threading

import numpy as np
import pytest

import libpatrol
from benchmarks.policies import networks
from libpatrol import (
    NO_NODE,
    Area,
    AreaArrays,
    Engine,
    MoveReason,
    PatrolError,
    Policy,
    Session,
    Snapshot,
    SolverStatus,
    Status,
    Task,
    UnitStatus,
    WaitReason,
)
from libpatrol.enums import BadRows, RowField, SnapshotTable
from libpatrol.errors import LeftOutWarning
from libpatrol.records import EDGE_CHANGE_DTYPE, UNIT_DTYPE
from libpatrol.synthetic.snapshots import sample_snapshot
from libpatrol.throughput import decide_many


def standing(*nodes: int) -> np.ndarray:
    units = libpatrol.units(len(nodes))
    units["node"] = nodes
    return units


def waiting(*nodes: int) -> np.ndarray:
    calls = libpatrol.incidents(len(nodes))
    calls["node"] = nodes
    calls["id"] += 100
    return calls


def test_the_nearest_unit_goes_and_the_other_patrols(area: Area) -> None:
    session = Session(Engine(area), 4, 4)
    answer = session.decide(Snapshot(0.0, standing(0, 99), waiting(98)))
    assert answer.assignments[["unit_id", "incident_id"]].tolist() == [(1, 100)]
    assert answer.assignments["travel_seconds"][0] == area.travel_times([99], [98])[0, 0]
    assert answer.assignments["next_node"][0] == 98
    assert answer.moves["unit_id"].tolist() == [0, 1]
    assert answer.moves["reason"][1] == MoveReason.NOT_FREE
    assert answer.moves["target_node"][1] == NO_NODE
    assert answer.moves["target_node"][0] in {0, 1, 10}
    assert len(answer.waits) == 0


@pytest.mark.parametrize("points", [256, 8])
def test_the_roads_lead_where_the_host_gives_the_time(city: AreaArrays, points: int, rng: np.random.Generator) -> None:
    """The next node is the same as without the host's time, on roads as they are and as they are changed."""
    area = Area.from_arrays(**city, max_demand_points=points)
    session = Session(Engine(area), 1, 1)
    host = np.full((1, 1), 77.0)
    for _ in range(20):
        here, there = rng.choice(city.node_count, 2, replace=False).tolist()
        changes = np.zeros(1, libpatrol.EDGE_CHANGE_DTYPE)
        changes["from_node"], changes["to_node"] = area.path(here, there).nodes[:2]
        changes["patrol_seconds"] = changes["emergency_seconds"] = math.inf
        for change in (None, changes):
            snapshot = Snapshot(0.0, standing(here), waiting(there), edge_changes=change)
            own = session.decide(snapshot, tasks=Task.DISPATCH).assignments[0]
            timed = Snapshot(0.0, standing(here), waiting(there), travel_seconds=host, edge_changes=change)
            given = session.decide(timed).assignments[0]
            assert given["travel_seconds"] == 77.0
            assert given["next_node"] == own["next_node"] != here
        ways_in = city.edges[city.edges[:, 1] == there]
        closed = np.zeros(len(ways_in), libpatrol.EDGE_CHANGE_DTYPE)
        closed["from_node"], closed["to_node"] = ways_in.T
        closed["patrol_seconds"] = closed["emergency_seconds"] = math.inf
        cut_off = Snapshot(0.0, standing(here), waiting(there), travel_seconds=host, edge_changes=closed)
        assert session.decide(cut_off).assignments["next_node"].tolist() == [NO_NODE]
        cut_off.units["seconds_to_node"] = 5.0
        assert session.decide(cut_off).assignments["next_node"].tolist() == [here]


def test_a_dispatched_unit_drives_the_rest_of_its_way_with_lights_and_sirens(city: AreaArrays, area: Area) -> None:
    """What a free unit still needs is patrol driving; what a unit on the way to a call needs is not."""
    ratio = city.edge_emergency_seconds.sum(dtype=np.float64) / city.edge_patrol_seconds.sum(dtype=np.float64)
    way = float(area.travel_times([40], [77])[0, 0])
    units, calls = standing(40), waiting(77, 3)
    units["seconds_to_node"] = 60.0
    calls["priority"] = [1, 4]
    free = Session(Engine(area), 1, 2).decide(Snapshot(0.0, units, calls)).assignments[0]
    assert free["travel_seconds"] == pytest.approx(60.0 * ratio + way, rel=1e-6) and ratio < 0.9
    units["status"], units["incident_id"], calls["units_assigned"] = UnitStatus.EN_ROUTE, 101, [0, 1]
    calls["weight"] = [50.0, 1.0]
    engine = Engine(area, preemption=np.tril(np.ones((8, 8), bool), -1))
    sent = Session(engine, 1, 2).decide(Snapshot(0.0, units, calls)).assignments[0]
    assert sent["diverted_from"] == 101 and sent["travel_seconds"] == pytest.approx(60.0 + way, rel=1e-6)


def test_tasks_can_be_asked_for_one_by_one(area: Area) -> None:
    session = Session(Engine(area), 4, 4)
    snapshot = Snapshot(0.0, standing(0, 99), waiting(98))
    assert len(session.decide(snapshot, tasks=Task.DISPATCH).moves) == 0
    patrol = session.decide(snapshot, tasks=Task.PATROL)
    assert len(patrol.assignments) == len(patrol.waits) == 0
    assert len(patrol.moves) == 2


def test_a_call_waits_for_a_reason(area: Area) -> None:
    answer = Session(Engine(area), 4, 4).decide(Snapshot(0.0, standing(50), waiting(51, 49)))
    assert len(answer.assignments) == 1
    assert answer.waits[["units_missing", "reason"]].tolist() == [(1, WaitReason.UNITS_TAKEN)]


def test_a_snapshot_is_read_where_it_lies(area: Area) -> None:
    session = Session(Engine(area), 2, 2)
    units, calls = standing(0, 99), waiting(98)
    snapshot = Snapshot(0.0, units, calls)
    assert session.decide(snapshot).assignments["unit_id"] == 1
    calls["node"] = 1
    assert session.decide(snapshot).assignments["unit_id"] == 0
    snapshot.time_seconds = math.nan
    with pytest.raises(PatrolError) as caught:
        session.decide(snapshot)
    assert caught.value.status is Status.INVALID_NUMBER


def test_many_snapshots_are_decided_as_one_by_one(city: AreaArrays, area: Area, rng: np.random.Generator) -> None:
    engine = Engine(area, networks("general"))
    crowds = [sample_snapshot(city, rng, unit_count=4 + k % 3, incident_count=k % 5) for k in range(150)]
    session = Session(engine, 6, 4)
    alone = [session.decide(snapshot, deadline=None) for snapshot in crowds]
    for together in (
        session.decide_many(crowds, deadline=None),
        decide_many(engine, crowds, threads=3, deadline=None),
        decide_many(engine, crowds, deadline=None),
    ):
        assert len(together) == len(alone)
        for one, other in zip(alone, together, strict=True):
            assert one.moves.tolist() == other.moves.tolist()
            assert one.assignments.tolist() == other.assignments.tolist()
            assert one.waits.tolist() == other.waits.tolist()
            assert (one.objective, one.bound, one.nodes) == (other.objective, other.bound, other.nodes)
    assert sum(len(answer.assignments) for answer in alone) > 100
    assert session.decide_many([]) == decide_many(engine, []) == []


def test_of_many_snapshots_a_bad_one_is_named(area: Area) -> None:
    session = Session(Engine(area), 2, 1)
    good, bad, odd = (Snapshot(0.0, standing(0, 99), waiting(50)) for _ in range(3))
    bad.time_seconds = -1.0
    with pytest.raises(PatrolError, match="time_seconds is -1") as caught:
        session.decide_many([good, bad])
    assert caught.value.status is Status.INVALID_NUMBER
    odd.units["node"][1] = 100_000
    with pytest.warns(LeftOutWarning, match=r"units\[1\].node is 100000"):
        first, second = session.decide_many([good, odd])
    assert (first.first_issue, len(first.issues)) == ("", 0)
    assert second.issues["field"].tolist() == [RowField.NODE] and "units[1].node" in second.first_issue
    with pytest.raises(ValueError, match="threads is 0"):
        decide_many(Engine(area), [good], threads=0)


def test_slices_of_larger_arrays(area: Area) -> None:
    units, calls = standing(0, 99, 5, 7), waiting(98, 2)
    session = Session(Engine(area), 4, 2)
    strided = session.decide(Snapshot(0.0, units[::2], calls[:1]))
    copied = session.decide(Snapshot(0.0, units[::2].copy(), calls[:1].copy()))
    assert strided.assignments.tolist() == copied.assignments.tolist()
    assert strided.moves.tolist() == copied.moves.tolist()
    with pytest.raises(ValueError, match="backward"):
        Snapshot(0.0, units[::-1])


def test_closed_edges(area: Area) -> None:
    closed = np.zeros(2, EDGE_CHANGE_DTYPE)
    closed["from_node"], closed["to_node"] = 99, [98, 89]
    closed["patrol_seconds"] = closed["emergency_seconds"] = math.inf
    session = Session(Engine(area), 2, 1)
    answer = session.decide(Snapshot(0.0, standing(99), waiting(98), edge_changes=closed))
    assert answer.waits["reason"].tolist() == [WaitReason.NO_ELIGIBLE_UNIT]
    assert answer.moves["reason"].tolist() == [MoveReason.NO_CHOICE]


def test_answers_belong_to_the_caller(area: Area) -> None:
    session = Session(Engine(area), 2, 2)
    first = session.decide(Snapshot(0.0, standing(0, 99), waiting(98)))
    before = first.moves.tolist()
    session.decide(Snapshot(0.0, standing(44, 55), waiting(1)))
    assert first.moves.tolist() == before


def test_candidates_and_their_values_are_the_policy_s(
    small_policy: Policy, area: Area, rng: np.random.Generator
) -> None:
    session = Session(Engine(area, small_policy), 4, 4)
    snapshot = Snapshot(0.0, standing(0, 99, 31, 77), waiting(98, 4))
    found = session.candidates(snapshot, 2)
    assert found.moves["node"][0] == 31
    assert found.moves["value"].tolist() == small_policy.evaluate("patrol", found.features).tolist()
    pairs = session.pairs(snapshot)
    assert pairs.pairs["value"].tolist() == small_policy.evaluate("pair", pairs.features).tolist()
    assert len(pairs.pairs) == 8


def test_more_pairs_than_the_first_buffer_holds(city: AreaArrays, area: Area, rng: np.random.Generator) -> None:
    snapshot = sample_snapshot(city, rng, unit_count=40, incident_count=40, busy_share=0.0)
    assert len(Session(Engine(area), 40, 40).pairs(snapshot).pairs) == 1600


def test_decisions_repeat(city: AreaArrays, rng: np.random.Generator) -> None:
    snapshot = sample_snapshot(city, rng, unit_count=9, incident_count=6)
    answers = []
    for _ in range(2):
        answer = Session(Engine(Area.from_arrays(**city), networks("general")), 9, 6).decide(snapshot, deadline=None)
        answers.append((answer.moves.tobytes(), answer.assignments.tobytes(), answer.waits.tobytes(), answer.objective))
    assert answers[0] == answers[1]


@pytest.mark.parametrize(
    ("change", "status", "word"),
    [
        ({"node": 100}, Status.OUT_OF_RANGE, "100"),
        ({"id": 0}, Status.INVALID_ID, "0"),
        ({"status": 9}, Status.OUT_OF_RANGE, "9"),
        ({"seconds_to_node": -1}, Status.INVALID_NUMBER, "-1"),
    ],
)
def test_errors_carry_a_status_and_a_sentence(area: Area, change: dict[str, float], status: Status, word: str) -> None:
    session = Session(Engine(area), 3, 1)
    units = standing(1, 2, 3)
    for name, value in change.items():
        units[name][1:] = value
    with pytest.raises(PatrolError) as caught:
        session.decide(Snapshot(0.0, units), bad_rows=BadRows.REFUSE)
    if "status" not in change:
        assert caught.value.status is status
    assert word in caught.value.message
    assert str(caught.value) == f"{caught.value.status.name}: {caught.value.message}"
    assert len(session.decide(Snapshot(0.0, standing(1, 2, 3))).moves) == 3


def test_capacities(area: Area) -> None:
    session = Session(Engine(area), 2, 0)
    for snapshot in (Snapshot(0.0, standing(1, 2, 3)), Snapshot(0.0, standing(1), waiting(1))):
        with pytest.raises(PatrolError) as caught:
            session.decide(snapshot)
        assert caught.value.status is Status.SESSION_TOO_SMALL


def test_bad_rows_are_left_out_and_named(area: Area) -> None:
    session = Session(Engine(area), 4, 3)
    units, calls = standing(1, 2, 3, 4), waiting(1, 2, 3)
    units["node"][2], units["x"][2], units["y"][2] = NO_NODE, 5e5, 0
    units["status"][3], units["seconds_to_node"][3] = UnitStatus.OFF_DUTY, math.nan
    calls["seconds_waited"][1] = -1
    with pytest.warns(LeftOutWarning, match=r"incidents\[1\].seconds_waited is -1"):
        answer = session.decide(Snapshot(0.0, units, calls))
    named = [(SnapshotTable.INCIDENTS, 1, RowField.SECONDS_WAITED, Status.INVALID_NUMBER)]
    named.append((SnapshotTable.UNITS, 2, RowField.PLACE, Status.OUT_OF_RANGE))
    assert answer.issues.tolist() == named
    assert "seconds_waited" in answer.first_issue
    assert sorted(answer.assignments["incident_id"]) == [100, 102]
    assert answer.waits.tolist() == [(101, 1, WaitReason.LEFT_OUT)]
    assert answer.moves["reason"].tolist()[2:] == [MoveReason.LEFT_OUT, MoveReason.NOT_FREE]
    engine = Engine(area)
    with pytest.warns(LeftOutWarning):
        answer = Session(engine, 4, 3).decide(snapshot := Snapshot(0.0, units, calls))
    assert engine.replay(engine.record(snapshot, answer)).issues.tolist() == named
    with pytest.raises(PatrolError, match="left out"):
        session.candidates(Snapshot(0.0, units), 2)


def test_a_place_may_be_as_far_from_the_roads_as_the_engine_allows(area: Area) -> None:
    units = standing(0)
    units["node"], units["x"], units["y"] = NO_NODE, -7000, 0
    far = Session(Engine(area, maximum_snap_metres=8000), 1, 1).decide(Snapshot(0.0, units, waiting(99)))
    assert len(far.assignments) == 1
    with pytest.warns(LeftOutWarning, match=r"m from the nearest node, expected at most maximum_snap_metres, 5000"):
        near = Session(Engine(area), 1, 1).decide(Snapshot(0.0, units, waiting(99)))
    assert len(near.assignments) == 0


def test_a_stale_position_is_sent_nowhere(area: Area) -> None:
    units = standing(0, 99)
    units["position_age_seconds"][0] = 601
    engine = Engine(area, stale_position_seconds=600)
    answer = Session(engine, 2, 1).decide(Snapshot(0.0, units, waiting(0)))
    assert answer.assignments["unit_id"].tolist() == [1]
    assert answer.moves["reason"][0] == MoveReason.STALE_POSITION


def test_phases_add_up_and_a_least_deadline_is_told(city: AreaArrays, area: Area, rng: np.random.Generator) -> None:
    snapshot = sample_snapshot(city, rng, unit_count=40, incident_count=20, busy_share=0.0)
    session = Session(Engine(area, networks("general")), 40, 20)
    assert 0 < session.least_deadline() < 60
    answer = session.decide(snapshot, deadline=None)
    phases = [answer.routing_microseconds, answer.setup_microseconds]
    phases += [answer.solver_microseconds, answer.patrol_microseconds]
    assert 0 < sum(phases) <= answer.microseconds
    hurried = session.decide(snapshot, deadline=1e-6)
    assert hurried.solver_status in (SolverStatus.DEADLINE, SolverStatus.NO_TIME)


def test_the_memory_of_a_session_is_told_before_it_is_made(area: Area) -> None:
    engine, learned = Engine(area), Engine(area, networks("general"))
    sizes = [(1, 0), (5, 5), (60, 25), (500, 100), (4096, 4096)]
    told = [learned.session_bytes(*size) for size in sizes]
    assert told == sorted(set(told)) and told[0] > 0 and told[-1] < 150_000_000
    assert engine.session_bytes(60, 25) < learned.session_bytes(60, 25)
    with pytest.raises(PatrolError, match="max_units") as refusal:
        engine.session_bytes(0, 5)
    assert refusal.value.status == Status.INVALID_ARGUMENT


def test_options(area: Area) -> None:
    with pytest.raises(TypeError, match="no_such_option"):
        Engine(area, no_such_option=1)
    with pytest.raises(ValueError, match="group_weights has shape"):
        Engine(area, group_weights=[1.0])
    with pytest.raises(ValueError, match="preemption has shape"):
        Engine(area, preemption=np.ones((2, 2)))
    with pytest.raises(PatrolError) as caught:
        Engine(area, dispatch_policy="fastest")
    assert caught.value.status is Status.UNKNOWN_NAME
    with pytest.raises(PatrolError) as caught:
        Engine(area, patrol_policy="learned")
    assert caught.value.status is Status.MISMATCH
    hold = Session(Engine(area, patrol_policy="stay", stay_seconds=90.0), 2, 0).decide(Snapshot(0.0, standing(5)))
    assert (hold.moves["target_node"][0], hold.moves["dwell_seconds"][0]) == (5, 90.0)


def test_arrays_of_the_wrong_kind(area: Area) -> None:
    with pytest.raises(ValueError, match="UNIT_DTYPE"):
        Snapshot(0.0, np.zeros(3))
    with pytest.raises(ValueError, match="UNIT_DTYPE"):
        Snapshot(0.0, np.zeros((2, 2), UNIT_DTYPE))
    with pytest.raises(ValueError, match="travel_seconds has shape"):
        Snapshot(0.0, standing(1), waiting(1), travel_seconds=np.zeros((2, 1)))
    with pytest.raises(ValueError, match="location_idle_seconds"):
        Session(Engine(area), 1, 0).decide(Snapshot(0.0, standing(1), location_idle_seconds=[0.0]))
    with pytest.raises(ValueError, match="int32"):
        Session(Engine(area), 1, 0).decide(Snapshot(0.0, standing(1)), cancel=np.zeros(1))
    with pytest.raises(ValueError, match="2\\^32"):
        area.path(2**32, 0)


def test_objects_close_in_any_order(city: AreaArrays) -> None:
    with Area.from_arrays(**city) as area, networks("general") as policy, Engine(area, policy) as engine:
        session = Session(engine, 2, 2)
    for use in (
        lambda: area.path(0, 1),
        lambda: policy.evaluate("pair", np.zeros((1, 24))),
        lambda: Session(engine, 1, 1),
    ):
        with pytest.raises(ValueError, match="closed"):
            use()
    engine.close()
    assert len(session.decide(Snapshot(0.0, standing(3, 4))).moves) == 2
    session.close()
    with pytest.raises(ValueError, match="this Session is closed"):
        session.decide(Snapshot(0.0, standing(3)))


def test_a_session_refuses_a_second_thread(area: Area) -> None:
    session = Session(Engine(area), 1, 0)
    snapshot = Snapshot(0.0, standing(3))
    with session._claimed(), pytest.raises(RuntimeError, match="another thread"):
        session.decide(snapshot)
    assert len(session.decide(snapshot).moves) == 1


def test_threads_with_sessions_of_their_own(city: AreaArrays, area: Area) -> None:
    engine = Engine(area, networks("general"))
    snapshots = [
        sample_snapshot(city, np.random.default_rng(seed), unit_count=10, incident_count=8) for seed in range(20)
    ]

    def answers() -> list[bytes]:
        session = Session(engine, 10, 8)
        return [session.decide(snapshot, deadline=None).moves.tobytes() for snapshot in snapshots]

    found: list[list[bytes]] = []
    threads = [threading.Thread(target=lambda: found.append(answers())) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [answers()] * 4


def test_off_duty_units_are_left_alone(area: Area) -> None:
    units = standing(3, 4)
    units["status"][0] = UnitStatus.OFF_DUTY
    answer = Session(Engine(area), 2, 1).decide(Snapshot(0.0, units, waiting(3)))
    assert answer.assignments["unit_id"].tolist() == [1]
    assert answer.moves["reason"][0] == MoveReason.NOT_FREE

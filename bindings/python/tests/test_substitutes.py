"""Other units that a call may get instead of those that its row asks for."""

import copy
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from serving import OPEN_END, as_snapshot, record_of, served

import libpatrol
from benchmarks.policies import networks
from libpatrol import (
    SUBSTITUTE_DTYPE,
    Area,
    Engine,
    PatrolError,
    Session,
    Snapshot,
    Status,
    UnitStatus,
    WaitReason,
    audit,
)
from libpatrol.enums import BadRows, RowField, SnapshotTable, WhyNot
from reference.broken_rules import broken
from reference.instances import HEURISTICS, instances, places, snapshot, substitutes
from reference.rules import RULES_OFF, Department

POLICIES = (*HEURISTICS, "learned")
TWO_OFFICERS, CANINE = 1, 2


def engine(area: Area, dispatch: str, **options: object) -> Engine:
    return Engine(area, networks("general") if dispatch == "learned" else None, dispatch_policy=dispatch, **options)


def rows(*given: tuple[int, int, int]) -> np.ndarray:
    """Return substitutes: call, units, capabilities that each must have."""
    found = np.zeros(len(given), SUBSTITUTE_DTYPE)
    for row, values in zip(found, given, strict=True):
        row["incident"], row["units_required"], row["required_capabilities"] = values
    return found


def moment(crew: list[int], priorities: list[int]) -> Snapshot:
    """Return units with these capabilities, and calls for a car with two officers, or else two cars of any kind."""
    units, calls = libpatrol.units(len(crew)), libpatrol.incidents(len(priorities))
    units["node"], units["capabilities"] = np.arange(len(crew)), crew
    calls["id"], calls["node"], calls["priority"] = 50 + calls["id"], 50, priorities
    calls["required_capabilities"] = TWO_OFFICERS
    return Snapshot(0.0, units, calls, substitutes=rows(*((call, 2, 0) for call in range(len(priorities)))))


def sent(session: Session, now: Snapshot) -> list[tuple[int, int, int]]:
    """Return unit, call and substitute of each assignment."""
    assignments = session.decide(now, deadline=None).assignments
    return [(int(row["unit_id"]), int(row["incident_id"]), int(row["substitute"])) for row in assignments]


@pytest.mark.parametrize("dispatch", POLICIES)
def test_one_car_with_two_officers_or_two_cars_with_one(dispatch: str, area: Area) -> None:
    session = Session(engine(area, dispatch, never_hold_priority=8), 4, 4)
    now = moment([0, 0, TWO_OFFICERS], [1])
    assert sent(session, now) == [(2, 50, 0)]
    now.units["status"][2] = UnitStatus.OFF_DUTY
    assert sent(session, now) == [(0, 50, 1), (1, 50, 1)]
    assert len(session.decide(now, deadline=None).waits) == 0
    now.substitutes = None
    waits = session.decide(now, deadline=None).waits
    assert waits.tolist() == [(50, 1, WaitReason.NO_ELIGIBLE_UNIT)]


@pytest.mark.parametrize("dispatch", POLICIES)
def test_the_one_car_goes_to_the_call_that_chooses_first(dispatch: str, area: Area) -> None:
    """The most urgent one, of these the one that has waited longest: the other need not wait for it."""
    session = Session(engine(area, dispatch, never_hold_priority=8), 4, 4)
    now = moment([0, TWO_OFFICERS, 0], [2, 1])
    assert sent(session, now) == [(0, 50, 1), (1, 51, 0), (2, 50, 1)]
    now.incidents["priority"], now.incidents["seconds_waited"] = 1, [60.0, 30.0]
    found = sent(session, now)
    # Among calls of one priority, a learned policy may use the one car for the other call.
    assert found == [(0, 51, 2), (1, 50, 0), (2, 51, 2)] or (
        dispatch == "learned" and {row[1] for row in found} == {51}
    )
    assert {row[1:] for row in found} <= {(50, 0), (51, 2)}


@pytest.mark.parametrize("dispatch", POLICIES)
def test_never_a_mixture(dispatch: str, area: Area) -> None:
    """Two cars with two officers, or else three of any kind: one of these and one of those are no response."""
    session = Session(engine(area, dispatch, never_hold_priority=8), 4, 4)
    now = moment([TWO_OFFICERS, 0, 0], [1])
    now.incidents["units_required"], now.substitutes["units_required"] = 2, 3
    assert sent(session, now) == [(0, 50, 1), (1, 50, 1), (2, 50, 1)]
    now.units["status"][2] = UnitStatus.OFF_DUTY
    # Neither can be filled: it goes by the first that a unit can be sent for, and by that alone.
    answer = session.decide(now, deadline=None)
    assert answer.assignments[["unit_id", "substitute"]].tolist() == [(0, 0)]
    assert answer.waits["units_missing"].tolist() == [1]
    now.incidents["flags"] = 1
    assert sent(session, now) == []
    assert session.decide(now, deadline=None).waits.tolist() == [(50, 2, WaitReason.ALL_OR_NONE)]


def test_needs_are_those_of_the_substitute(area: Area) -> None:
    session = Session(engine(area, "minimum_weighted_travel"), 4, 4)
    now = moment([CANINE, 0], [1])
    now.substitutes["needs"][0][3]["capabilities"], now.substitutes["needs"][0][3]["required"] = CANINE, 1
    answer = session.decide(now, deadline=None)
    assert answer.assignments[["unit_id", "need", "substitute"]].tolist() == [(0, 3, 1), (1, -1, 1)]
    now.units["capabilities"] = 0
    # The rest of the substitute can still be filled in part.
    assert session.decide(now, deadline=None).assignments[["need", "substitute"]].tolist() == [(-1, 1)]


def test_reasons_and_rankings(area: Area) -> None:
    session = Session(engine(area, "minimum_weighted_travel"), 4, 4)
    now = moment([0, TWO_OFFICERS, 0], [1, 2])
    assert session.why_not(now, 0, 50).reason is WhyNot.SUBSTITUTE
    assert session.why_not(now, 1, 51).reason is not WhyNot.SUBSTITUTE
    now.substitutes = now.substitutes[1:].copy()
    assert session.why_not(now, 0, 50).reason is WhyNot.CAPABILITIES
    # As if each call were the only one.
    now = moment([0, TWO_OFFICERS, 0], [1, 2])
    assert session.rank_units(now, 51)["unit_id"].tolist() == [1]
    now.units["status"][1] = UnitStatus.OFF_DUTY
    assert sorted(session.rank_units(now, 51)["unit_id"].tolist()) == [0, 2]


def test_an_explanation_keeps_to_what_the_calls_go_by(area: Area) -> None:
    session = Session(engine(area, "minimum_weighted_travel"), 4, 4)
    now = moment([0, TWO_OFFICERS, 0], [1])
    (why,) = session.explain(now, deadline=None)
    assert (why["unit_id"], why["runner_up_unit_id"], why["objective_loss"]) == (1, libpatrol.NO_ID, np.inf)


def test_random_calls_choose_as_the_reference_does() -> None:
    """Few capabilities for many calls, so that units trade places; all rules on pairs are met by `instances`."""
    seen = {number: 0 for number in (0, 1)}
    for index in range(300):
        place, rng = places()[index % 2], np.random.default_rng([71, index])
        taken = snapshot(place.city, rng, 10, 8)
        taken.units["capabilities"] = rng.choice([0, 1, 2, 3, 4], len(taken.units))
        taken.incidents["required_capabilities"] = rng.choice([0, 1, 2, 4, 6], len(taken.incidents))
        taken.substitutes = substitutes(rng, taken.incidents)
        options = {"preemption": np.tril(np.ones((8, 8), bool), -1)} if index % 3 == 0 else {}
        maker = Engine(place.area, dispatch_policy=HEURISTICS[index % len(HEURISTICS)], **(RULES_OFF | options))
        session = Session(maker, 10, 8)
        department = Department(place.roads, maker.options, taken)
        answer = session.decide(taken, tasks=libpatrol.Task.DISPATCH, deadline=None)
        assert list(broken(department, answer)) == [], index
        pairs = session.pairs(taken).pairs[["unit", "incident"]].tolist()
        assert pairs == [tuple(pair) for pair in np.argwhere(department.eligible).tolist()], index
        for number in seen:
            seen[number] += int(((department.substitute > 0) == number)[np.unique(taken.substitutes["incident"])].sum())
    assert min(seen.values()) > 50


def test_without_a_substitute_nothing_changes(tmp_path: Path) -> None:
    """Substitutes that no unit fits, of calls that could be filled by their rows or by nothing."""
    for index, instance in enumerate(instances(72, 60, tmp_path)):
        now, session = instance.snapshot, Session(instance.engine, 10, 8)
        now.substitutes = None
        plain = session.decide(now, deadline=None)
        plain_record = instance.engine.record(now, plain, deadline=None)
        assert not plain.assignments["substitute"].any()
        now.substitutes = rows(*((call, 1, 1 << 63) for call in np.flatnonzero(now.incidents["units_assigned"] == 0)))
        answer = session.decide(now, deadline=None)
        for one, other in zip(answer[:3], plain[:3], strict=True):
            assert one.tobytes() == other.tobytes(), index
        assert answer.objective == plain.objective
        now.substitutes = np.zeros(0, SUBSTITUTE_DTYPE)
        assert instance.engine.record(now, plain, deadline=None) == plain_record


def test_records_hold_substitutes(tmp_path: Path) -> None:
    previous, log, formats = b"", b"", set()
    for instance in instances(73, 60, tmp_path):
        now, maker = instance.snapshot, instance.engine
        answer = Session(maker, 10, 8).decide(now, deadline=None)
        record = maker.record(now, answer, deadline=None)
        again = maker.replay(record)
        assert again.assignments.tobytes() == answer.assignments.tobytes() and again.objective == answer.objective
        formats.add(audit.record_info(record).format)
        assert (audit.record_info(record).format == 5) == (len(now.substitutes) > 0)
        previous = maker.record(now, answer, after=previous, deadline=None)
        log += previous
        written = json.loads(audit.to_json(record, maker)).get("substitutes", [])
        named = [(row["incident"], row["units_required"], row["required_capabilities"]) for row in written]
        assert named == now.substitutes[["incident", "units_required", "required_capabilities"]].tolist()
        needs = [[tuple(need.values()) for need in row["needs"] if need["required"]] for row in written]
        assert needs == [[need for need in row.tolist() if need[1]] for row in now.substitutes["needs"]]
    assert 5 in formats and formats & {2, 4}
    assert audit.check(log).records == 60


def test_a_record_with_substitutes_of_another_size_is_damaged(area: Area) -> None:
    now, maker = moment([0, 0], [1]), engine(area, "closest_fcfs")
    record = bytearray(maker.record(now, Session(maker, 2, 1).decide(now)))
    place = 48 + 64 + 56 + 16 + 32 + 32
    for part, size in ((0, 72), (0, 88), (0, 1 << 40), (8, 2), (8, 1 << 60)):
        spoiled = record.copy()
        spoiled[place + part : place + part + 8] = size.to_bytes(8, "little")
        with pytest.raises(PatrolError) as caught:
            maker.replay(bytes(spoiled))
        assert caught.value.status is Status.INVALID_FILE


def test_a_call_does_not_go_by_a_bad_substitute(area: Area) -> None:
    session = Session(engine(area, "closest_fcfs"), 4, 4)
    now = moment([0, 0, 0], [1, 1])
    now.incidents["units_assigned"][1] = 1
    needy, assigned = rows((0, 1, 0), (0, 1, 0))
    needy["needs"][0]["required"] = 1
    assigned["needs"][0]["capabilities"], assigned["needs"][0]["required"] = 1, 1
    assigned["needs"][0]["assigned"] = 1
    for row, field in (
        (rows((2, 1, 0))[0], RowField.INCIDENT),
        (rows((1, 1, 0))[0], RowField.INCIDENT),
        (rows((0, 0, 0))[0], RowField.UNITS_REQUIRED),
        (rows((0, 65, 0))[0], RowField.UNITS_REQUIRED),
        (needy, RowField.NEEDS),
        (assigned, RowField.NEEDS),
    ):
        now.substitutes = np.array([row, rows((0, 2, 0))[0]])
        with pytest.warns(libpatrol.errors.LeftOutWarning, match=r"substitutes\[0\]"):
            answer = session.decide(now)
        assert answer.issues[["table", "row", "field"]].tolist() == [(SnapshotTable.SUBSTITUTES, 0, field)]
        # The good one keeps its number.
        assert answer.assignments["substitute"].tolist() == [2, 2]
        with pytest.raises(PatrolError, match=r"substitutes\[0\]"):
            session.decide(now, bad_rows=BadRows.REFUSE)
    now.substitutes = rows(*[(0, 3, 0)] * 4)
    with pytest.warns(libpatrol.errors.LeftOutWarning, match=r"substitutes\[3\]\.incident is 0, as in 3 rows before"):
        assert session.decide(now).assignments["substitute"].tolist() == [1, 1, 1]


def test_a_call_that_is_left_out_says_so_once(area: Area) -> None:
    session = Session(engine(area, "closest_fcfs"), 4, 4)
    now = moment([0, 0, 0], [9, 1])
    with pytest.warns(libpatrol.errors.LeftOutWarning, match=r"incidents\[0\]\.priority"):
        answer = session.decide(now)
    assert len(answer.issues) == 1 and answer.assignments["substitute"].tolist() == [2, 2]


def test_what_a_call_goes_by_is_settled_by_its_units(area: Area) -> None:
    """As the page on snapshots says: a host copies the substitute, and a second unit completes it."""
    session = Session(engine(area, "closest_fcfs"), 4, 4)
    now = moment([0], [1])
    answer = session.decide(now)
    assert sent(session, now) == [(0, 50, 1)] and answer.waits["units_missing"].tolist() == [1]
    call, went_by = now.incidents[0], now.substitutes[answer.assignments["substitute"][0] - 1]
    for field in ("units_required", "required_capabilities", "needs"):
        call[field] = went_by[field]
    call["units_assigned"] = 1
    crew = libpatrol.units(3)
    crew["node"], crew["capabilities"] = [0, 1, 2], [0, TWO_OFFICERS, 0]
    crew["status"][0], crew["incident_id"][0] = UnitStatus.EN_ROUTE, 50
    now.units, now.substitutes = crew, None
    assert [row[0] for row in sent(session, now)] in ([1], [2])


def test_snapshots_are_copied_with_their_substitutes() -> None:
    now = moment([0], [1])
    assert copy.copy(now).substitutes.tobytes() == now.substitutes.tobytes()
    with pytest.raises(ValueError, match="substitutes must be a one-dimensional array of SUBSTITUTE_DTYPE"):
        now.substitutes = np.zeros(2)


def test_patrol_serve_takes_substitutes(area_file: Path, schemas: Any) -> None:
    maker, now = engine(Area.load(area_file), "minimum_weighted_travel"), moment([0, TWO_OFFICERS, 0], [2, 1])
    record = record_of(maker, now)
    load = {"kind": "load", "area": str(area_file), "options": record["rules"]}
    decide = {"kind": "decide", "snapshot": as_snapshot(record), "options": OPEN_END}
    with served() as client:
        for request in (load, decide):
            schemas["request"].validate(request)
            answer = client.ask(request)
            schemas["answer"].validate(answer)
            assert answer["status"] == "OK", answer
        assert answer["answer"] == record["answer"]
        assert answer["substitutes"] == [{"incident_id": 50, "substitute": 0}]
        del decide["snapshot"]["substitutes"]
        assert "substitutes" not in client.ask(decide)

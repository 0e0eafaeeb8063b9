"""Records as JSON, chains of records, and why a unit is not sent."""

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from libpatrol import (
    Answer,
    Area,
    Engine,
    MoveReason,
    PatrolError,
    Session,
    Snapshot,
    SolverStatus,
    Status,
    UnitStatus,
    WaitReason,
    audit,
    incidents,
    units,
)
from libpatrol.commands.cli import main
from libpatrol.enums import WhyNot
from libpatrol.synthetic import cities


@pytest.fixture(scope="module")
def area() -> Area:
    return Area.from_arrays(**cities.grid(6, 6, seed=1))


def snapshot() -> Snapshot:
    crew, calls = units(4), incidents(2)
    crew["node"], crew["status"] = [0, 7, 20, 35], [1, 1, 3, 0]
    crew["seconds_until_free"][2] = 300.0
    calls["node"], calls["priority"], calls["seconds_waited"] = [8, 30], [1, 3], [10.0, 20.0]
    calls["needs"][1, 0] = (4, 1, 0)
    return Snapshot(3600.0, crew, calls)


def decided(engine: Engine, **options: Any) -> tuple[Snapshot, Answer]:
    now = snapshot()
    return now, Session(engine, 4, 2).decide(now, deadline=None, **options)


def test_json_has_what_the_host_asked_and_what_was_answered(area: Area) -> None:
    engine = Engine(area, maximum_travel_seconds=900.0, preemption=np.eye(8, dtype=np.uint8)[::-1])
    now, answer = decided(engine, node_limit=5)
    record = engine.record(now, answer, deadline=None, node_limit=5)
    text = json.loads(audit.to_json(record, engine))
    assert text["hash"] == hashlib.sha256(record).hexdigest() and text["previous"] is None
    assert text["time_seconds"] == 3600.0 and int(text["area_hash"], 16) == area.info.content_hash
    assert text["options"] == {
        "tasks": ["dispatch", "patrol"],
        "deadline_microseconds": 0,
        "had_cancel_flag": False,
        "node_limit": 5,
        "relative_gap": 1e-6,
    }
    for name, rows in (("units", now.units), ("incidents", now.incidents)):
        assert len(text[name]) == len(rows)
        for found, given in zip(text[name], rows, strict=True):
            assert set(found) == set(rows.dtype.names) - {"reserved", "reserved_2"}
            assert found["id"] == given["id"] and found["node"] == given["node"]
    assert [found["status"] for found in text["units"]] == [UnitStatus(code).name for code in now.units["status"]]
    assert text["units"][0]["seconds_until_free"] == "nan" and text["units"][0]["seconds_until_shift_end"] == "inf"
    assert text["incidents"][1]["needs"] == [{"capabilities": 4, "required": 1, "assigned": 0}]
    result = text["answer"]
    assert result["solver_status"] == answer.solver_status.name and result["objective"] == answer.objective
    assert [row["unit_id"] for row in result["assignments"]] == answer.assignments["unit_id"].tolist()
    assert [row["reward"] for row in result["assignments"]] == answer.assignments["reward"].tolist()
    assert [row["reason"] for row in result["waits"]] == [WaitReason(code).name for code in answer.waits["reason"]]
    assert [row["reason"] for row in result["moves"]] == [MoveReason(code).name for code in answer.moves["reason"]]
    rules = text["rules"]
    assert rules["maximum_travel_seconds"] == 900.0 and rules["reserve_price"] == "inf"
    assert rules["preemption"] == [[p, 9 - p] for p in range(1, 9)]
    assert rules["dispatch_policy"] == "minimum_weighted_travel" and rules["longest_hold_seconds"][1] == 600.0
    assert "rules" not in json.loads(audit.to_json(record))


def test_json_of_another_engine_is_refused(area: Area) -> None:
    engine = Engine(area)
    record = engine.record(*decided(engine), deadline=None)
    with pytest.raises(PatrolError) as caught:
        audit.to_json(record, Engine(area, strict_priority=False))
    assert caught.value.status is Status.MISMATCH
    with pytest.raises(PatrolError) as caught:
        audit.to_json(record[:-8])
    assert caught.value.status is Status.INVALID_FILE


def test_a_missing_record_shows(area: Area, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    engine = Engine(area)
    now, answer = decided(engine)
    records = [b""]
    for _ in range(4):
        records.append(engine.record(now, answer, after=records[-1], deadline=None))
    records = records[1:]
    whole = b"".join(records)
    assert audit.split(whole) == records
    assert audit.check(whole) == (4, hashlib.sha256(records[-1]).digest())
    for place in range(1, 4):
        info = audit.record_info(records[place])
        assert info.previous == hashlib.sha256(records[place - 1]).digest() and info.format == 3
        assert engine.replay(records[place]).assignments.tobytes() == answer.assignments.tobytes()
    for broken in ([0, 2, 3], [0, 1, 1, 2], [0, 2, 1, 3]):
        with pytest.raises(PatrolError) as caught:
            audit.check(b"".join(records[place] for place in broken))
        assert caught.value.status is Status.MISMATCH
    with pytest.raises(PatrolError) as caught:
        audit.check(whole[:-16])
    assert caught.value.status is Status.INVALID_FILE and "record 3" in caught.value.message
    unchained = engine.record(now, answer, deadline=None)
    assert audit.record_info(unchained).format == 2 and audit.record_info(unchained).previous is None
    with pytest.raises(PatrolError):
        audit.check(records[0] + unchained)

    path = tmp_path / "shift.records"
    path.write_bytes(whole)
    assert main(["audit", str(path)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [json.loads(line)["hash"] for line in lines] == [hashlib.sha256(record).hexdigest() for record in records]
    named = [entry["previous"] for entry in audit.read(path, engine)]
    assert named == [None, *(json.loads(line)["hash"] for line in lines[:-1])]
    assert main(["audit", "--check", str(path)]) == 0
    assert hashlib.sha256(records[-1]).hexdigest() in capsys.readouterr().out.replace("\n", "")
    path.write_bytes(records[0] + records[2])
    assert main(["audit", "--check", str(path)]) == 1
    assert "record 1" in capsys.readouterr().err


def test_records_of_decisions_without_time_replay(area: Area) -> None:
    """The calls that were looked at, and the units that patrol was decided for, are found again."""
    engine = Engine(area)
    now = snapshot()
    flag = np.ones(1, np.int32)
    answer = Session(engine, 4, 2).decide(now, cancel=flag)
    assert answer.solver_status is SolverStatus.CANCELLED and len(answer.assignments) > 0
    assert MoveReason.NO_TIME in answer.moves["reason"] and not (answer.moves["reason"] == MoveReason.POLICY).any()
    record = engine.record(now, answer, cancel=flag)
    again = engine.replay(record, deadline=60.0)
    assert again.moves.tobytes() == answer.moves.tobytes()
    assert again.assignments.tobytes() == answer.assignments.tobytes()
    with pytest.raises(PatrolError) as caught:
        engine.replay(record, cancel=flag)
    assert caught.value.status is Status.NO_TIME


def why(area: Area, unit: dict[str, Any], call: dict[str, Any], **options: Any) -> WhyNot:
    """Return why unit 0 is not sent to call 0; a second unit and a second, more urgent call are there too."""
    crew, calls = units(2), incidents(2)
    crew["node"], calls["node"], calls["priority"] = [0, 35], [7, 30], [3, 1]
    for name, value in unit.items():
        crew[name][0] = value
    for name, value in call.items():
        calls[name][0] = value
    session = Session(Engine(area, **options), 2, 2)
    return session.why_not(Snapshot(0.0, crew, calls), 0, 0, deadline=None).reason


@pytest.mark.parametrize(
    ("reason", "unit", "call", "options"),
    [
        (WhyNot.ASSIGNED, {}, {}, {}),
        (WhyNot.OFF_DUTY, {"status": UnitStatus.OFF_DUTY}, {}, {}),
        (WhyNot.BUSY, {"status": UnitStatus.ON_SCENE}, {}, {}),
        (WhyNot.BUSY, {"status": UnitStatus.EN_ROUTE, "incident_id": 1}, {}, {}),
        (WhyNot.NO_UNIT_MISSING, {}, {"units_assigned": 1}, {}),
        (WhyNot.CAPABILITIES, {"capabilities": 2}, {"required_capabilities": 1}, {}),
        (WhyNot.STALE_POSITION, {"position_age_seconds": 99.0}, {}, {"stale_position_seconds": 60.0}),
        (WhyNot.SHIFT_END, {"seconds_until_shift_end": 60.0}, {}, {"shift_end_margin_seconds": 600.0}),
        (WhyNot.MAXIMUM_TRAVEL, {}, {}, {"maximum_travel_seconds": 1.0}),
        (WhyNot.OTHER_BEAT, {"home_beat": -1}, {}, {"own_beat_penalty_seconds": float("inf")}),
        (WhyNot.ALL_OR_NONE, {}, {"units_required": 5, "flags": 1}, {}),
    ],
)
def test_why_not(
    area: Area, reason: WhyNot, unit: dict[str, Any], call: dict[str, Any], options: dict[str, Any]
) -> None:
    assert why(area, unit, call, **options) is reason


def test_why_not_because_a_more_urgent_call_comes_first(area: Area) -> None:
    crew, calls = units(1), incidents(2)
    crew["node"], calls["node"], calls["priority"] = 30, [31, 35], [3, 1]
    session = Session(Engine(area, never_hold_priority=0), 1, 2)
    found = session.why_not(Snapshot(0.0, crew, calls), 0, 0, deadline=None)
    assert found.reason is WhyNot.STRICT_PRIORITY and found.assigned_incident_id == 1


def test_a_worse_pair_says_by_how_much(area: Area) -> None:
    crew, calls = units(3), incidents(2)
    crew["node"], calls["node"] = [0, 7, 35], [8, 30]
    now, session = Snapshot(0.0, crew, calls), Session(Engine(area), 3, 2)
    answer = session.decide(now, deadline=None)
    sent = {int(row["unit_id"]): int(row["incident_id"]) for row in answer.assignments}
    compared = 0
    for unit in range(3):
        for call in range(2):
            found = session.why_not(now, unit, call, deadline=None)
            assert found.assigned_incident_id == sent.get(unit)
            if sent.get(unit) == call:
                assert found.reason is WhyNot.ASSIGNED and found.objective_loss == 0
                continue
            assert found.reason is WhyNot.WORSE and found.solver_status is SolverStatus.OPTIMAL
            # The host forbids the unit's other call, and others this one.
            seconds = np.full((3, 2), np.nan, np.float32)
            seconds[unit, 1 - call] = np.inf
            seconds[np.arange(3) != unit, call] = np.inf
            forced = session.decide(Snapshot(0.0, crew, calls, travel_seconds=seconds), deadline=None)
            assert {(int(row["unit_id"]), int(row["incident_id"])) for row in forced.assignments} >= {(unit, call)}
            loss = answer.objective - forced.objective
            assert found.objective_loss == pytest.approx(loss, rel=1e-6) and found.objective_loss > 0
            assert found.least_loss == pytest.approx(found.objective_loss)
            compared += 1
    assert compared == 4

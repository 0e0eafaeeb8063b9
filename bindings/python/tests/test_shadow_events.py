"""Events of shadow mode: the schema and the reader agree, bad lines are told, the board keeps what events say."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shadow_events import AREA, MONDAY, SMALL_DAY, at, came, of_kind, said, shadowed

from libpatrol import UnitStatus
from libpatrol.shadow.board import Board
from libpatrol.shadow.events import event_schema, read_event
from libpatrol.shadow.snapshots import snapshot_of
from libpatrol.statuses import status_row, status_table

KINDS = event_schema()["properties"]["kind"]["enum"]


def validator() -> Any:
    jsonschema = pytest.importorskip("jsonschema")
    jsonschema.Draft7Validator.check_schema(event_schema())
    return jsonschema.Draft7Validator(event_schema())


def test_the_schema_s_examples_are_events() -> None:
    examples, check = event_schema()["examples"], validator()
    assert {example["kind"] for example in examples} == set(KINDS)
    for example in examples:
        check.validate(example)
        assert read_event(json.dumps(example).encode()).kind == example["kind"]


IDS = st.one_of(st.integers(-1, 3), st.text(max_size=3), st.just(2**64 - 1), st.none(), st.just(1.0))
PLACES = st.one_of(st.integers(-1, 20), st.just(2.5), st.just(3.0))
MEMBERS = {
    "time": st.sampled_from(["2026-03-02T07:05:00-06:00", "2026-03-02T07:05:00Z", "2026-03-02 07:05", 1.8e9, 5, True]),
    "call": IDS, "unit": IDS, "node": PLACES, "x": st.floats(-1e10, 1e10), "y": st.floats(-10, 10),
    "priority": st.integers(0, 9), "category": st.one_of(st.integers(-1, 3), st.just("urgent"), st.just("")),
    "units_required": st.integers(0, 65), "required_capabilities": st.integers(-1, 4), "weight": st.floats(-1, 2),
    "service_seconds": st.floats(0, 2), "self_initiated": st.booleans(), "capabilities": st.integers(0, 2**64),
    "home_beat": st.integers(-2, 2), "priorities": st.integers(-1, 256), "seconds_until_shift_end": st.floats(-1, 9),
    "seconds_to_node": st.floats(-1, 9), "status": st.sampled_from(["available", "", 3]),
    "seconds_until_free": st.floats(-1, 9), "comment": st.just("?"),
}  # fmt: skip
WANTED = {kind: list(event_schema()["$defs"][kind]["properties"])[1:] for kind in KINDS}


@st.composite
def events(draw: st.DrawFn) -> dict[str, Any]:
    """Return an event of which about half are as they should be."""
    kind = draw(st.sampled_from(KINDS))
    required = event_schema()["$defs"][kind]["required"][1:]
    more = draw(st.lists(st.sampled_from([*WANTED[kind] * 3, *MEMBERS]), max_size=4))
    names = [*required, *more]
    if names and draw(st.integers(0, 9)) == 0:
        names.pop(0)
    return {"kind": kind, **{name: draw(MEMBERS[name]) for name in names}}


@settings(max_examples=300, deadline=None)
@given(events())
def test_the_reader_takes_what_the_schema_allows(event: dict[str, Any]) -> None:
    allowed = CHECK.is_valid(event)
    try:
        read_event(json.dumps(event).encode())
        assert allowed
    except ValueError as error:
        assert not allowed, error
        assert str(error).startswith(f"{event['kind']}: ")


CHECK = validator()


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        (b"", "not JSON at character 1"),
        (b"\xff{}", "not UTF-8 at byte 1"),
        (b"[" * 200_000, "too many levels"),
        (b"3", "3 is no object"),
        (b'{"kind": "call_lost"}', "kind is 'call_lost', expected one of call_received, "),
        (b'{"kind": ["call_closed"]}', "kind is ['call_closed'], expected one of"),
        (b'{"kind": "call_closed", "time": 1e9, "call": NaN}', "NaN is no JSON"),
        (b'{"kind": "call_closed", "time": 1e9, "call": 1, "call": 2}', "'call' stands twice, expected once"),
        (b'{"kind": "call_closed", "time": 1e9}', "call_closed: call is missing, expected kind, time, call"),
        (b'{"kind": "call_closed", "time": 1e9, "call": 1, "prio": 2}', "'prio' is not known, expected kind,"),
        (b'{"kind": "call_closed", "time": 1e999, "call": 1}', "call_closed: time is inf, but must be"),
        (b'{"kind": "call_closed", "time": "2026-03-02T07:05", "call": 1}', "expected ISO 8601 with an offset"),
        (b'{"kind": "call_closed", "time": "2026-02-30T07:05:00Z", "call": 1}', "is no moment"),
        (b'{"kind": "call_closed", "time": 1e9, "call": "\\ud800"}', "half a character"),
        (b'{"kind": "call_received", "time": 1e9, "call": 1, "priority": 1, "category": 0}', "expected a place:"),
        (b'{"kind": "unit_position", "time": 1e9, "unit": 1, "x": 1, "y": 1, "seconds_to_node": 2}', "expected node"),
    ],
)  # fmt: skip
def test_what_is_no_event_is_told(line: bytes, sentence: str) -> None:
    with pytest.raises(ValueError) as caught:
        read_event(line)
    assert sentence in str(caught.value) and len(str(caught.value)) < 400


@pytest.mark.parametrize(
    ("time", "zone", "hour"),
    [
        ("2026-03-02T07:05:00-06:00", None, 7),
        ("2026-03-02T07:05:00.123456789Z", None, 7),
        ("2026-03-02t13:05:00z", "America/Chicago", 7),
        (1772456700, "America/Chicago", 7),
        (1772456700, None, 13),
        ("2026-07-01T12:00:00Z", "America/Chicago", 48 + 7),  # daylight saving time, a Wednesday
    ],
)
def test_local_time(time: str | float, zone: str | None, hour: int) -> None:
    line = json.dumps({"kind": "unit_cleared", "unit": 1, "time": time}).encode()
    event = read_event(line, None if zone is None else ZoneInfo(zone))
    assert event.local_seconds % 604_800 // 3600 == hour
    assert abs(event.time - (datetime.fromisoformat(time.upper().replace("Z", "+00:00")[:19] + "+00:00").timestamp() if
        isinstance(time, str) and time.upper().endswith("Z") else 1772456700)) < 1  # fmt: skip


def board(*lines: str) -> Board:
    made = Board(AREA.info)
    for line in lines:
        made.apply(read_event(line.encode()))
    return made


def test_a_call_leaves_with_its_last_unit_though_it_had_fewer_than_it_needs() -> None:
    sent = [
        at(0, "unit_on_duty", unit=1, node=0),
        at(0, "unit_on_duty", unit=2, node=3),
        came(1, 7, 5, units_required=3),
        at(2, "unit_dispatched", unit=1, call=7),
        at(3, "unit_dispatched", unit=2, call=7),
        at(4, "unit_arrived", unit=1),
    ]
    assert board(*sent).missing(7) == 1
    one_is_through = board(*sent, at(5, "unit_cleared", unit=1))
    assert one_is_through.missing(7) == 1 and one_is_through.calls[7].served == 1
    assert not board(*sent, at(5, "unit_cleared", unit=1), at(6, "unit_cleared", unit=2)).calls[7].self_initiated
    through = board(*sent, at(5, "unit_cleared", unit=1), at(6, "unit_arrived", unit=2), at(7, "unit_cleared", unit=2))
    assert through.calls == {} and through.waiting() == []
    assert board(*sent, at(5, "call_closed", call=7)).calls == {}


def test_a_call_waits_again_if_its_unit_is_called_off() -> None:
    lines = [at(0, "unit_on_duty", unit=1, node=0), came(1, 7, 5), at(2, "unit_dispatched", unit=1, call=7)]
    assert board(*lines).waiting() == []
    assert board(*lines, at(3, "unit_cleared", unit=1)).waiting() == [7]
    diverted = board(*lines, came(3, 8, 6), at(4, "unit_dispatched", unit=1, call=8))
    assert diverted.waiting() == [7] and diverted.on(8) == [1]


def test_a_unit_is_where_its_call_is_once_it_has_arrived() -> None:
    lines = [at(0, "unit_on_duty", unit=1, node=0), came(1, 7, 5), at(2, "unit_dispatched", unit=1, call=7)]
    arrived = [*lines, at(3, "unit_arrived", unit=1)]
    assert board(*lines).units[1].place == {"node": 0}
    assert board(*arrived).units[1].place == {"node": 5}
    away = board(*arrived, at(9, "unit_status", unit=1, status="transporting to jail", node=9, seconds_until_free=600))
    snapshot, names, _ = snapshot_of(away, (MONDAY.timestamp() + 69), 69.0)
    (unit,), (call,) = snapshot.units, snapshot.incidents
    assert unit["node"] == 9 and unit["seconds_until_free"] == 540 and unit["incident_id"] == 2**64 - 1
    assert call["units_assigned"] == 1 and away.waiting() == [] and names == {1: 1, 7: 7}


@pytest.mark.parametrize("row", status_table(), ids=lambda row: row["names"][0])
def test_every_status_of_the_table(row: dict[str, Any]) -> None:
    lines = [at(0, "unit_on_duty", unit=1, node=0), came(1, 7, 5), at(2, "unit_dispatched", unit=1, call=7)]
    for name in row["names"]:
        assert status_row(name) == row
        made = board(*lines, at(3, "unit_status", unit=1, status=name.upper()))
        unit = made.units[1]
        if "what the unit does now" in row["set"]:
            assert unit.status == UnitStatus.EN_ROUTE
        else:
            assert unit.status == UnitStatus[row["status"]]
        assert (unit.call is None) == (row["sent"] == "yes" or row["status"] == "OFF_DUTY")
        assert unit.may_leave_scene == ("`may_leave_scene` 1" in row["set"])


def test_what_is_odd_is_counted_and_said(tmp_path: Path) -> None:
    log = shadowed(
        [
            at(0, "unit_on_duty", unit=1, node=0),
            at(1, "unit_dispatched", unit=1, call=99),  # of which nothing was heard
            came(2, 99, 3),
            at(3, "unit_arrived", unit=2),
            came(4, 99, 4),
            at(2, "unit_position", unit=1, node=3),
            at(60, "unit_cleared", unit=1, call=5),
            at(20, "unit_cleared", unit=1),  # too late
            at(61, "unit_off_duty", unit=1),
            at(62, "unit_dispatched", unit=1, call=99),
            at(63, "call_closed", call=99),
            at(64, "call_changed", call=99, priority=2),
            at(65, "unit_status", unit=1, status="on the moon"),
            at(66, "unit_position", unit=1, node=16),
            at(67, "unit_on_duty", unit=1, home_beat=9),
            at(68, "unit_position", unit=1, x=0, y=0),
            at(69, "call_received", call=5, node=3, priority=1, category=9),
            "",
            at(70, "call_closed", call="?"),
        ],
        tmp_path,
    )
    assert said(log) == [
        (2, "unknown calls"),
        (3, "calls received after a unit was sent"),
        (4, "unknown units"),
        (5, "calls received twice"),
        (6, "events out of order"),
        (7, "cleared elsewhere"),
        (8, "lines refused"),
        (10, "units sent off duty"),
        (12, "calls that were over"),
        (13, "lines refused"),
        (14, "lines refused"),
        (15, "lines refused"),
        (17, "lines refused"),
        (19, "unknown calls"),
    ]
    assert of_kind(log, "decision") == []  # the call had its unit before it was heard of
    counts = log[-1]["counts"]
    assert counts["lines refused"] == 5 and counts["events"] == 13 and log[-1]["line"] == 19


def test_a_clock_that_jumps_needs_two_events(tmp_path: Path) -> None:
    year = 365 * 86_400
    log = shadowed(
        [
            at(0, "unit_on_duty", unit=1, node=0),
            at(year, "unit_position", unit=1, node=1),  # a bad clock
            at(5, "unit_position", unit=1, node=2),
            at(year, "unit_position", unit=1, node=1),
            at(year + 9, "unit_position", unit=1, node=3),  # they have really gone on
            at(year + 5, "unit_position", unit=1, node=3),
            at(8, "unit_position", unit=1, node=2),
            at(9, "unit_position", unit=1, node=2),  # and back
            at(10, "unit_position", unit=1, node=2),
        ],
        tmp_path,
    )
    assert said(log) == [
        (2, "lines refused"), (4, "lines refused"), (6, "events out of order"), (7, "lines refused"),
    ]  # fmt: skip
    assert log[-1]["clock"] == MONDAY.timestamp() + 10


def test_what_nothing_is_heard_of_leaves(tmp_path: Path) -> None:
    log = shadowed(
        [
            at(0, "unit_on_duty", unit=1, node=0),
            at(1, "unit_off_duty", unit=1),
            at(2, "unit_on_duty", unit=2, node=0),
            came(3, 7, 3, units_required=2),
            at(3000, "unit_on_duty", unit=3, node=0),
            came(5000, 8, 3),
        ],
        tmp_path,
        forget_seconds=3600.0,
    )
    assert said(log) == [(6, "calls forgotten"), (6, "units forgotten")]
    assert [row["call"] for row in of_kind(log, "comparison")] == [7]
    assert of_kind(log, "decision")[-1]["proposed"][0][:2] == [8, 3]


def test_small_day(tmp_path: Path) -> None:
    log = shadowed(SMALL_DAY, tmp_path)
    found = {row["call"]: row for row in of_kind(log, "comparison")}
    assert {call: row["outcome"] for call, row in found.items()} == {
        "c1": "same unit", "c2": "same unit", "c3": "other unit",
    }  # fmt: skip
    row = found["c3"]
    seconds = {node: float(AREA.travel_times([node], [12])[0, 0]) for node in (15, 1)}
    assert row["proposed"] == [["B", pytest.approx(seconds[15], abs=0.1)]]
    assert row["sent"] == [["A", pytest.approx(seconds[1], abs=0.1)]]
    assert row["why_not"] == [["A", "NOT_NEAREST"]] or row["why_not"] == [["A", "WORSE"]]
    assert row["sent_after"] == 20 and row["first_proposed_after"] == 0 and row["waited"] == 0
    assert said(log) == [(7, "lines refused")]

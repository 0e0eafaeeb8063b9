"""Lines that patrol-serve refuses, each with a sentence."""

import json
import random
from pathlib import Path
from typing import Any

from serving import OPEN_END, as_snapshot, finished, moment, record_of, served

import libpatrol
from libpatrol import Engine

# Whole lines, then snapshots, units and load requests.
HOSTILE: list[str | bytes] = [
    "{", "}", "[]", "null", "1", '"x"', "{}", '{"kind":}', '{"kind":"decide"', '{"kind":"decide"}}', "\x00",
    "{'kind':'stop'}", '{"kind":"decide","snapshot":{}', '{"kind":"decide","kind":"decide","snapshot":{}}',
    '{"kind":"rank","snapshot":{}}', '{"kind":"explain","snapshot":{},"unit_id":1}',
    '{"kind":"decide","snapshot":{},"options":{"tasks":["walk"]}}', '{"id":[1],"kind":"stop"}',
    '{"id":null,"kind":"stop"}', '{"kind":"stop","snapshot":{}}', "\ufeff{}", r'{"kind":"\ud800"}',
    '{"kind":"' + "x" * 100_000 + '"}', "[" * 100_000,
    '{"a":' * 100_000, '{"kind":"decide","snapshot":' + "[" * 100_000, b"\xff\xfe", b'{"kind":"\xc3"}', b"\x80" * 100,
]  # fmt: skip
HOSTILE += [
    f'{{"kind":"decide","snapshot":{snapshot}}}'
    for snapshot in (
        "[]", "null", "1e999", '{"time_seconds":1e999}', '{"time_seconds":NaN}', '{"time_seconds":-Infinity}',
        '{"time_seconds":"1"}', '{"units":{}}', '{"units":[1]}', '{"units":[[]]}', '{"travel_seconds":[1]}',
        '{"incidents":[{"needs":[{},{},{},{},{}]}]}', '{"location_idle_seconds":[1]}',
        '{"edge_changes":[{"from_node":0,"to_node":99,"weight":1}]}',
    )
]  # fmt: skip
HOSTILE += [
    f'{{"kind":"decide","snapshot":{{"units":[{{{unit}}}]}}}}'
    for unit in (
        '"id":1.0', '"id":1e3', '"id":-1', '"id":18446744073709551615', '"id":' + "9" * 5000, '"x":' + "9" * 5000,
        '"status":1', '"status":"patrolling"', '"seconds_to_node":1e39', '"seconds_to_node":"' + "x" * 5000 + '"',
    )
]  # fmt: skip
HOSTILE += [
    f'{{"kind":"load"{members}}}'
    for members in (
        "", ',"area":""', r',"area":"a\u0000b"', ',"area":"/"', ',"area":"/dev/zero"', ',"area":"/nowhere"',
        ',"area":5', ',"area":"x","max_units":0', ',"area":"x","max_units":4097', ',"area":"x","options":[]',
    )
]  # fmt: skip


def test_hostile_lines_are_refused_with_a_sentence(area_file: Path, schemas: Any) -> None:
    with served() as client:
        assert client.ask(kind="load", area=str(area_file))["status"] == "OK"
        for line in HOSTILE:
            answer = client.ask(line)
            schemas["answer"].validate(answer)
            assert answer["status"] != "OK" and len(answer["error"]) > 20, (line[:80], answer)
        # What was loaded is still there.
        record = record_of(Engine(libpatrol.Area.load(area_file)), moment())
        assert client.ask(kind="decide", snapshot=as_snapshot(record), options=OPEN_END)["answer"] == record["answer"]


def test_mutated_requests_never_end_the_program(area_file: Path) -> None:
    """Bytes changed, left out, doubled: each line has one answer."""
    rng = random.Random(7)
    record = record_of(Engine(libpatrol.Area.load(area_file)), moment())
    options = {"deadline_microseconds": 2000}
    base = json.dumps({"id": 1, "kind": "decide", "snapshot": as_snapshot(record), "options": options}).encode()
    alphabet = b'{}[]",:0123456789.eE+-\\ntrufalsx\xc3\xa9\x00 '
    with served() as client:
        assert client.ask(kind="load", area=str(area_file))["status"] == "OK"
        for _ in range(3000):
            line = bytearray(base)
            for _ in range(rng.randint(1, 4)):
                start = rng.randrange(len(line))
                end = min(len(line), start + rng.choice([0, 1, 1, 1, 7, 60]))
                line[start:end] = bytes(rng.choice(alphabet) for _ in range(rng.choice([0, 1, 1, 2])))
            if not bytes(line).strip(b" \r"):
                continue
            answer = client.ask(bytes(line))
            assert answer["status"] == "OK" or answer["error"]
        assert client.ask(kind="stop")["status"] == "OK"


def test_rows_that_are_wrong_are_left_out_and_told(area_file: Path, schemas: Any) -> None:
    snapshot = as_snapshot(record_of(Engine(libpatrol.Area.load(area_file)), moment()))
    snapshot["units"][2]["node"] = 5000
    with served() as client:
        client.ask(kind="load", area=str(area_file))
        answer = client.ask(kind="decide", snapshot=snapshot)
        schemas["answer"].validate(answer)
        assert answer["issues"] == [{"table": "units", "row": 2, "field": "node", "status": "OUT_OF_RANGE"}]
        assert answer["issue_count"] == 1 and answer["warning"].startswith("units[2].node is 5000")
        refused = client.ask(kind="decide", snapshot=snapshot, options={"bad_rows": "refuse"})
        assert refused["status"] == "OUT_OF_RANGE" and refused["error"].startswith("units[2].node is 5000")
        client.ask(kind="load", area=str(area_file), max_units=3)
        small = client.ask(kind="decide", snapshot=snapshot)
        assert small["status"] == "CAPACITY" and small["error"] == "snapshot.units has more than 3 entries"


def test_long_lines_are_skipped() -> None:
    with served("--line-bytes", 1024) as client:
        client.send(b"x" * 1025)
        assert "longer than 1024 bytes" in client.receive()["error"]
        client.send(b"x" * 10_000_000)
        assert "longer than 1024 bytes" in client.receive()["error"]
        assert client.ask(b" " * 1000 + b'{"kind":"version"}')["status"] == "OK"
        assert client.ask(kind="version")["status"] == "OK"


def test_a_line_without_an_end_is_answered_at_the_end_of_the_input() -> None:
    lines = '\n \r\n{"id":1,"kind":"version"}\r\n{"id":2,"kind":"version"}'
    assert [json.loads(line)["id"] for line in finished(lines=lines).stdout.splitlines()] == [1, 2]


def test_nothing_loaded_is_said() -> None:
    with served() as client:
        answer = client.ask(id=4, kind="decide", snapshot={})
        assert answer["status"] == "NOT_LOADED" and answer["id"] == 4


def test_a_failed_load_leaves_what_was_loaded(area_file: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    broken.write_bytes(area_file.read_bytes()[:-8])
    with served() as client:
        client.ask(kind="load", area=str(area_file))
        for request, status in [
            ({"area": str(broken)}, "INVALID_FILE"), ({"area": str(tmp_path / "none")}, "IO"),
            ({"area": str(area_file), "policy": str(broken)}, "INVALID_FILE"),
            ({"area": str(area_file), "options": {"dispatch_policy": "nearest"}}, "UNKNOWN_NAME"),
            ({"area": str(area_file), "options": {"stay_seconds": "nan"}}, "INVALID_NUMBER"),
            ({"area": str(area_file), "options": {"group_weights": [1, 2, 3]}}, "CAPACITY"),
            ({"area": str(area_file), "options": {"longest_hold_seconds": [1, 2]}}, "BAD_REQUEST"),
        ]:  # fmt: skip
            answer = client.ask(kind="load", **request)
            assert answer["status"] == status, answer
        assert client.ask(kind="decide", snapshot={"units": [{"id": 1, "node": 0}]})["status"] == "OK"


def test_the_deadline_counts_from_the_line(area_file: Path) -> None:
    with served() as client:
        client.ask(kind="load", area=str(area_file))
        record = record_of(Engine(libpatrol.Area.load(area_file)), moment())
        answer = client.ask(kind="decide", snapshot=as_snapshot(record), options={"deadline_microseconds": 1})
        assert answer["answer"]["solver_status"] == "NO_TIME"

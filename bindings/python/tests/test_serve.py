"""patrol-serve decides as this process does, in the words of its schema."""

import itertools
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import REPOSITORY, SCHEMAS
from serving import OPEN_END, TIMEOUT, as_snapshot, finished, listening, moment, program, record_of, served

import libpatrol
from libpatrol import Engine, Session
from libpatrol.enums import SolverStatus, WhyNot
from libpatrol.errors import Status
from libpatrol.files import write_area
from libpatrol.synthetic import cities

PAGE = REPOSITORY / "Sources" / "PatrolServe" / "Serve.md"


def test_the_json_of_a_record_is_a_request_and_decides_the_same(area_file: Path, schemas: Any) -> None:
    """Units, calls, rules and answer are written alike in records, requests and answers."""
    area = libpatrol.Area.load(area_file)
    preemption = np.zeros((8, 8), np.uint8)
    preemption[3, 0] = 1
    engine = Engine(
        area, dispatch_policy="minimum_weighted_travel", patrol_policy="dmexclp", preemption=preemption,
        maximum_travel_seconds=900.0, reserve_per_beat=1, seed=2**64 - 1,
    )  # fmt: skip
    with served() as client:
        for seed in range(5):
            record = record_of(engine, moment(seed=seed))
            load = {"id": 1, "kind": "load", "area": str(area_file), "options": record["rules"]}
            decide = {"id": "x", "kind": "decide", "snapshot": as_snapshot(record), "options": OPEN_END}
            for request in (load, decide):
                schemas["request"].validate(request)
                answer = client.ask(request)
                schemas["answer"].validate(answer)
                assert answer["status"] == "OK", answer
            assert answer["answer"] == record["answer"] and answer["id"] == "x"
            assert answer["issue_count"] == 0


def test_the_other_kinds_answer_as_in_this_process(area_file: Path, schemas: Any) -> None:
    area, now = libpatrol.Area.load(area_file), moment()
    engine = Engine(area)
    session = Session(engine, 16, 16)
    snapshot = as_snapshot(record_of(engine, now))
    with served() as client:

        def ask(**request: Any) -> dict[str, Any]:
            schemas["request"].validate(request)
            answer = client.ask(**request)
            schemas["answer"].validate(answer)
            assert answer["status"] == "OK", answer
            return answer

        version = ask(kind="version")
        assert version["version"] == libpatrol.__version__ and version["id"] is None
        loaded = ask(kind="load", area=str(area_file), max_units=16, max_incidents=16, measure_deadline=True)
        assert int(loaded["area"]["content_hash"], 16) == area.info.content_hash
        assert loaded["least_deadline_microseconds"] > 0
        call = int(now.incidents["id"][0])
        ranked = session.rank_units(now, call)
        found = ask(kind="rank", snapshot=snapshot, incident_id=call)["units"]
        assert [row["unit_id"] for row in found] == ranked["unit_id"].tolist()
        assert [row["worth"] for row in found] == ranked["worth"].tolist()
        assert ask(kind="rank", snapshot=snapshot, incident_id=call, limit=2)["units"] == found[:2]
        assert ask(kind="rank", snapshot=snapshot, options=OPEN_END, incident_id=call)["units"] == found
        own = session.explain(now, deadline=None)
        for incident in (None, call):
            given = {} if incident is None else {"incident_id": incident}
            rows = ask(kind="explain", snapshot=snapshot, options=OPEN_END, **given)["explanations"]
            expected = own if incident is None else own[own["incident_id"] == call]
            assert [row["unit_id"] for row in rows] == expected["unit_id"].tolist()
            assert [row["objective_loss"] for row in rows] == expected["objective_loss"].tolist()
        for unit in now.units["id"].tolist():
            why = session.why_not(now, unit, call, deadline=None)
            pair = ask(kind="explain", snapshot=snapshot, options=OPEN_END, unit_id=unit, incident_id=call)["pair"]
            assert WhyNot[pair["reason"]] is why.reason
            assert SolverStatus[pair["solver_status"]] is why.solver_status
        assert ask(kind="stop") == {"id": None, "status": "OK"}
        assert client.process.wait(TIMEOUT) == 0


def test_examples_of_the_schema_are_answered(tmp_path: Path, schemas: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    write_area(tmp_path / "area.safetensors", **cities.grid(seed=1))
    examples = schemas["request"].schema["examples"]
    monkeypatch.chdir(tmp_path)
    done = finished(lines="".join(json.dumps(example) + "\n" for example in examples))
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert [answer["id"] for answer in answers] == [example["id"] for example in examples]
    for example, answer in zip(examples, answers, strict=True):
        schemas["request"].validate(example)
        schemas["answer"].validate(answer)
        assert answer["status"] == "OK", answer


def properties(schema: dict[str, Any], whole: dict[str, Any]) -> Any:
    """Return one valid value of a schema, which has every property there is."""
    for key in ("anyOf", "allOf"):
        if key in schema:
            return properties({**schema[key][0], **{name: part for name, part in schema.items() if name != key}}, whole)
    if "$ref" in schema:
        named = whole["$defs"][schema["$ref"].rsplit("/", 1)[1]]
        return properties({**named, **{name: part for name, part in schema.items() if name != "$ref"}}, whole)
    if "const" in schema or "enum" in schema:
        return schema.get("const", schema.get("enum", [None])[0])
    kind = schema.get("type", "object")
    if "properties" in schema:
        return {name: properties(part, whole) for name, part in schema["properties"].items()}
    if kind == "array":
        return [properties(schema["items"], whole)] * schema.get("minItems", 1)
    kind = kind if isinstance(kind, str) else kind[0]
    return {"integer": max(1, schema.get("minimum", 0)), "number": 1.5, "string": "x", "boolean": True}[kind]


def members(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the paths of all objects in a value."""
    if isinstance(value, dict):
        return [path, *itertools.chain.from_iterable(members(part, (*path, name)) for name, part in value.items())]
    if isinstance(value, list):
        return [found for k, part in enumerate(value) for found in members(part, (*path, k))]
    return []


@pytest.mark.parametrize("kind", ["load", "decide", "explain", "rank"])
def test_program_and_schema_know_the_same_members(kind: str, area_file: Path, schemas: Any) -> None:
    """A request with every property of the schema is read; one more, anywhere, is refused by both, with its path."""
    whole = schemas["request"].schema
    request: Any = properties(whole["$defs"][kind], whole)
    if kind == "load":
        request["area"], request["policy"] = str(area_file), None
        request["options"] |= {"patrol_policy": "stay", "dispatch_policy": "closest_fcfs"}
        request["options"] |= {"group_weights": [1, 2], "hold_travel_seconds": [0, 0]}
    else:
        request["snapshot"]["location_idle_seconds"] = [0] * 100
    schemas["request"].validate(request)
    with served() as client:
        assert client.ask(kind="load", area=str(area_file))["status"] == "OK"
        assert client.ask(request)["status"] not in ("BAD_REQUEST", "NOT_LOADED"), client.ask(request)
        places = members(request)
        assert len(places) > {"load": 2, "decide": 5, "explain": 5, "rank": 5}[kind]
        for path in places:
            copy = json.loads(json.dumps(request))
            place = copy
            for step in path:
                place = place[step]
            place["color"] = 1
            assert not schemas["request"].is_valid(copy)
            refusal = client.ask(copy)
            assert refusal["status"] == "BAD_REQUEST" and '"color"' in refusal["error"], refusal
            shown = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path).removeprefix(".")
            assert refusal["error"].startswith(shown or "the request")


def test_statuses_of_the_schema_are_those_of_the_header(schemas: Any) -> None:
    named = set(schemas["answer"].schema["properties"]["status"]["enum"])
    own = {"BAD_REQUEST", "NOT_LOADED", "BUSY", "RESTARTED"}
    assert named == own | {status.name for status in Status} - {"INVALID_ARGUMENT"}


def test_the_session_of_the_page_runs(tmp_path: Path) -> None:
    """As a reader would copy it."""
    write_area(tmp_path / "city.safetensors", **cities.grid(seed=1))
    text = PAGE.read_text(encoding="utf-8")
    path = {**os.environ, "PATH": f"{program().parent}:{os.environ['PATH']}"}
    shell, python = re.search(r"```sh\n(.*?)```", text, re.DOTALL), re.search(r"```py\n(.*?)```", text, re.DOTALL)

    def printed(*command: str) -> str:
        return subprocess.run(command, capture_output=True, text=True, check=True, cwd=tmp_path, env=path).stdout

    lines = printed("bash", "-c", shell[1]).splitlines()
    assert len(lines) == 3
    shown = re.search(r"begins with `(.*?)`", text)
    assert lines[1].startswith(shown[1])
    assert f"    {lines[2]}\n" in text
    told = printed(sys.executable, "-c", python[1])
    assert re.match(r"unit 1[78] goes to call 4711, \d+ s away\n\{'unit_id': 1[78], ", told)


def test_the_client_in_java_is_answered(area_file: Path) -> None:
    if shutil.which("javac") is None:
        pytest.skip("javac is not installed")
    with listening() as port:
        command = ["java", str(SCHEMAS / "Client.java"), str(port.number), str(area_file)]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    sent, refused = done.stdout.splitlines()
    assert re.fullmatch(r"unit 1[78] goes to call 4711, \d+ s away", sent)
    assert refused.startswith("refused: snapshot.units[0].id is -1, expected a whole number from 0 to 1844")

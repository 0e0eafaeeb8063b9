"""patrol-serve with several clients, and with records, when it or its parent dies."""

import contextlib
import json
import os
import random
import re
import signal
import socket
import subprocess
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import REPOSITORY
from serving import (
    OPEN_END,
    TIMEOUT,
    Client,
    as_snapshot,
    child_of,
    finished,
    kill,
    listening,
    moment,
    record_of,
    served,
)

import libpatrol
from libpatrol import Engine, audit

PAGE = REPOSITORY / "Sources" / "PatrolServe" / "Serve.md"


def test_two_clients_in_turn_and_one_that_does_not_read(area_file: Path) -> None:
    record = record_of(Engine(libpatrol.Area.load(area_file)), moment(60, 40))
    decide = {"kind": "decide", "snapshot": as_snapshot(record), "options": OPEN_END}
    load = {"kind": "load", "area": str(area_file)}
    with listening() as port, port.connected() as slow, port.connected() as first, port.connected() as second:
        assert first.ask(load)["status"] == "OK"
        lines, sent = (json.dumps({"id": 0, **decide}).encode() + b"\n") * 40, 0
        connection = slow.sink.raw._sock
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.setblocking(False)
        with contextlib.suppress(BlockingIOError):  # neither side takes any more
            while sent < len(lines):
                sent += connection.send(lines[sent:])
        for turn in range(10):
            for client in (first, second):
                answer = client.ask({"id": turn, **decide})
                assert answer["id"] == turn and answer["answer"] == record["answer"]
        connection.setblocking(True)
        connection.settimeout(TIMEOUT)
        sender = threading.Thread(target=connection.sendall, args=[lines[sent:]])
        sender.start()
        for _ in range(40):
            assert slow.receive()["answer"] == record["answer"]
        sender.join(TIMEOUT)
        assert second.ask(kind="stop")["status"] == "OK"
        assert port.process.wait(TIMEOUT) == 0


def test_connections_are_counted_and_strangers_sent_away() -> None:
    with listening() as port:
        with port.connected() as browser:
            browser.send("GET / HTTP/1.1")
            assert browser.receive()["status"] == "BAD_REQUEST"
            assert browser.lines.readline() == b""
        with port.connected() as client:
            assert client.ask(kind="version")["status"] == "OK"
            assert client.ask("{broken")["status"] == "BAD_REQUEST"
            assert client.ask(kind="version")["status"] == "OK"
            others = [port.connected() for _ in range(15)]
            for other in others:
                assert other.__enter__().ask(kind="version")["status"] == "OK"
            with port.connected() as late:
                assert late.receive()["status"] == "BUSY"
            for other in others:
                other.__exit__(None, None, None)
            time.sleep(0.1)
            with port.connected() as late:
                assert late.ask(kind="version")["status"] == "OK"


def test_it_listens_on_this_machine_alone() -> None:
    with listening() as port:
        address = subprocess.run(["hostname", "-I"], capture_output=True, text=True, check=False).stdout.split()
        for outside in [name for name in address if "." in name]:
            with pytest.raises(OSError), socket.create_connection((outside, port.number), timeout=2):
                pass
        assert "is it in use?" in finished("--port", port.number, status=2).stderr


def decisions(client: Client, record: dict[str, Any], count: int) -> list[str]:
    hashes = []
    for k in range(count):
        answer = client.ask(id=k, kind="decide", snapshot=as_snapshot(record), options=OPEN_END)
        assert answer["status"] == "OK"
        hashes.append(answer["record"])
    return hashes


def test_records_form_a_chain_over_starts(area_file: Path, tmp_path: Path) -> None:
    engine, path = Engine(libpatrol.Area.load(area_file)), tmp_path / "shift.records"
    record, hashes = record_of(engine, moment()), []
    for _ in range(3):
        with served("--records", path) as client:
            client.ask(kind="load", area=str(area_file))
            hashes += decisions(client, record, 4)
            client.ask(kind="stop")
            assert client.process.wait(TIMEOUT) == 0
    whole = path.read_bytes()
    assert audit.check(whole).records == 12
    assert [audit.record_info(part).hash.hex() for part in audit.split(whole)] == hashes
    again = engine.replay(audit.split(whole)[-1]).assignments["unit_id"].tolist()
    assert again == [row["unit_id"] for row in record["answer"]["assignments"]]


def test_a_torn_record_is_cut_off_and_a_damaged_file_is_left(area_file: Path, tmp_path: Path) -> None:
    engine, path = Engine(libpatrol.Area.load(area_file)), tmp_path / "shift.records"
    record = record_of(engine, moment())
    with served("--records", path) as client:
        client.ask(kind="load", area=str(area_file))
        decisions(client, record, 3)
    whole = path.read_bytes()
    sizes = np.cumsum([len(part) for part in audit.split(whole)])
    for torn in [*np.linspace(sizes[1] + 1, sizes[2] - 1, 12).astype(int), sizes[1]]:
        for tail in (whole[:torn], whole[: sizes[1]] + b"\0" * int(torn - sizes[1])):
            path.write_bytes(tail)
            said = finished("--records", path).stderr
            assert path.read_bytes() == whole[: sizes[1]]
            if torn == sizes[1]:
                assert said == ""
            else:
                assert f"ended in the middle of record 2: {torn - sizes[1]} bytes are cut off" in said
    damaged = bytearray(whole)
    damaged[sizes[0] + 100] ^= 1
    swapped = whole[sizes[0] : sizes[1]] + whole[: sizes[0]]
    for content, words in [(bytes(damaged), "record 1 of the file"), (swapped, "does not name the one before it")]:
        path.write_bytes(content)
        assert words in finished("--records", path, status=2).stderr and path.read_bytes() == content


def send_all(client: Client, lines: bytes) -> None:
    """Send without looking at answers; whoever reads them may be gone before the end."""
    with contextlib.suppress(OSError):
        client.sink.write(lines)
        client.sink.flush()


def test_killed_at_any_time_the_file_of_records_is_whole(area_file: Path, tmp_path: Path) -> None:
    record = record_of(Engine(libpatrol.Area.load(area_file)), moment(60, 40))
    path, rng = tmp_path / "shift.records", random.Random(3)
    line = json.dumps({"kind": "decide", "snapshot": as_snapshot(record), "options": OPEN_END}).encode() + b"\n"
    answered = 0
    for _ in range(8):
        with served("--records", path) as client:
            client.ask(kind="load", area=str(area_file))
            threading.Thread(target=send_all, args=[client, line * 20]).start()
            for _ in range(rng.randint(1, 15)):
                assert len(client.receive()["record"]) == 64
                answered += 1
            kill(client.process.pid)
            client.process.wait(TIMEOUT)
    finished("--records", path)
    assert audit.check(path.read_bytes()).records >= answered


def test_one_file_of_records_has_one_process(tmp_path: Path) -> None:
    with served("--records", tmp_path / "r") as client:
        assert client.ask(kind="version")["status"] == "OK"
        assert "is it in use by another process?" in finished("--records", tmp_path / "r", status=2).stderr


def test_a_full_disk_does_not_keep_a_decision_back(area_file: Path) -> None:
    if not os.access("/dev/full", os.W_OK):
        pytest.skip("/dev/full is not here")
    with served("--records", "/dev/full") as client:
        client.ask(kind="load", area=str(area_file))
        answer = client.ask(kind="decide", snapshot={"units": [{"id": 1, "node": 0}]})
        assert answer["status"] == "OK" and "record" not in answer and "no space left" in answer["record_error"]


def test_a_dead_process_is_replaced(area_file: Path, tmp_path: Path) -> None:
    record, path = record_of(Engine(libpatrol.Area.load(area_file)), moment()), tmp_path / "shift.records"
    load = tmp_path / "load.json"
    load.write_text(json.dumps({"kind": "load", "area": str(area_file)}), encoding="utf-8")
    with listening("--supervise", "--load", load, "--records", path) as port:
        for _ in range(3):
            with port.connected() as client:
                decisions(client, record, 2)
                kill(child_of(port.process))
                assert client.lines.readline() == b""
        with port.connected() as client:
            decisions(client, record, 2)
            assert client.ask(kind="stop")["status"] == "OK"
        assert port.process.wait(TIMEOUT) == 0
        said = port.process.stderr.read().decode()
        assert said.count("the serving process ended (signal 9), another one is started") == 3
    assert audit.check(path.read_bytes()).records == 8


def test_a_silent_process_is_replaced() -> None:
    with listening("--supervise", "--patience", 1) as port:
        child = child_of(port.process)
        os.kill(child, signal.SIGSTOP)
        with port.connected() as client:
            assert client.ask(kind="version")["status"] == "OK"
        assert child_of(port.process) != child
        assert "did not answer and was killed" in port.process.stderr.readline().decode()


def test_a_restart_is_told_on_the_standard_output(schemas: Any) -> None:
    with served("--supervise") as client:
        assert client.ask(kind="version")["status"] == "OK"
        kill(child_of(client.process))
        assert client.lines.readline() == b"\n"
        told = client.receive()
        schemas["answer"].validate(told)
        assert told["status"] == "RESTARTED"
        assert client.ask(kind="version")["status"] == "OK"
        kill(client.process.pid)  # its child notices within a second or two, and ends
        client.sink.close()
        assert client.lines.read() == b""


def test_the_command_line_is_checked(tmp_path: Path) -> None:
    for arguments, words in [
        (["--color"], '"--color" is not an option'), (["--port"], '"--port" needs a value'),
        (["--port", "65536"], "0 to 65535"), (["--port", "-1"], "0 to 65535"), (["--line-bytes", "10"], "1024 to"),
        (["--load", str(tmp_path / "none")], "no such file"), (["--records", str(tmp_path)], "it is a folder"),
        (["--patience", "0"], "1 to 3600"),
    ]:  # fmt: skip
        assert words in finished(*arguments, status=2).stderr
    assert finished("--version").stderr == f"patrol-serve {libpatrol.__version__}\n"
    page, said = PAGE.read_text(encoding="utf-8"), finished("--help").stderr
    for option in re.findall(r"--[a-z-]+", said):
        assert option in page or option in ("--stdin", "--version", "--help")

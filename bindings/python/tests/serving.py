"""A client of patrol-serve, with the standard library alone, for tests and benchmarks."""

import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import REPOSITORY

from libpatrol import Engine, Session, Snapshot, audit, incidents, units

TIMEOUT = 60.0
OPEN_END = {"deadline_microseconds": 0}


def program() -> Path:
    """Return the program, or skip the test."""
    path = Path(os.environ.get("PATROL_SERVE", REPOSITORY / ".build" / "embedded" / "packaged" / "patrol-serve"))
    if not path.exists():
        pytest.skip("patrol-serve is not built: bindings/c/install makes it")
    return path


def finished(*arguments: object, lines: str = "", status: int = 0) -> subprocess.CompletedProcess[str]:
    """Run the program to the end of its input."""
    command = [str(program()), *map(str, arguments)]
    done = subprocess.run(command, input=lines, capture_output=True, text=True, check=False, timeout=TIMEOUT)
    assert done.returncode == status, done.stderr
    return done


def moment(count: int = 6, calls: int = 4, seed: int = 1) -> Snapshot:
    """Return a snapshot of the small city."""
    rng = np.random.default_rng(seed)
    crew, waiting = units(count), incidents(calls)
    crew["node"], waiting["node"] = rng.integers(0, 100, count), rng.integers(0, 100, calls)
    waiting["priority"] = rng.integers(1, 4, calls)
    waiting["seconds_waited"] = rng.random(calls) * 1000
    crew["seconds_until_shift_end"] = rng.random(count) * 1e4
    crew["capabilities"] = rng.integers(0, 2**63, count, dtype=np.uint64)
    return Snapshot(8 * 3600.0, crew, waiting)


def record_of(engine: Engine, now: Snapshot) -> dict[str, Any]:
    """Return the JSON of a decision made in this process."""
    answer = Session(engine, 64, 64).decide(now, deadline=None)
    record: dict[str, Any] = json.loads(audit.to_json(engine.record(now, answer, deadline=None), engine))
    return record


def as_snapshot(record: dict[str, Any]) -> dict[str, Any]:
    """Return what of a record a request repeats."""
    names = (
        "time_seconds",
        "units",
        "incidents",
        "edge_changes",
        "travel_seconds",
        "location_idle_seconds",
        "pair_costs",
        "substitutes",
    )
    return {name: record[name] for name in names if name in record}


class Client:
    """Sends lines and reads lines: of a process, or of a connection to a port."""

    def __init__(self, lines: Any, sink: Any, process: subprocess.Popen[bytes]) -> None:
        self.lines, self.sink, self.process = lines, sink, process

    def send(self, line: bytes | str | dict[str, Any]) -> None:
        text = json.dumps(line) if isinstance(line, dict) else line
        self.sink.write((text.encode() if isinstance(text, str) else text) + b"\n")
        self.sink.flush()

    def receive(self) -> dict[str, Any]:
        line = self.lines.readline()
        if not line:
            raise EOFError("the connection has ended")
        answer = json.loads(line)
        assert isinstance(answer, dict)
        return answer

    def ask(self, line: bytes | str | dict[str, Any] | None = None, **request: Any) -> dict[str, Any]:
        self.send(request if line is None else line)
        return self.receive()


@contextmanager
def served(*arguments: object, stderr: Any = subprocess.PIPE) -> Iterator[Client]:
    """Run the program over its standard input and output."""
    command = [str(program()), *map(str, arguments)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=stderr) as process:
        try:
            yield Client(process.stdout, process.stdin, process)
        finally:
            process.kill()


class Port:
    """The program at a port, and connections to it."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self.process = process
        said = process.stderr.readline().decode() if process.stderr else ""
        assert "listening on 127.0.0.1:" in said, said
        self.number = int(said.rsplit(":", 1)[1])

    @contextmanager
    def connected(self) -> Iterator[Client]:
        with socket.create_connection(("127.0.0.1", self.number), timeout=TIMEOUT) as connection:
            yield Client(connection.makefile("rb"), connection.makefile("wb"), self.process)


@contextmanager
def listening(*arguments: object) -> Iterator[Port]:
    """Run the program at any free port."""
    command = [str(program()), "--port", "0", *map(str, arguments)]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
        try:
            yield Port(process)
        finally:
            process.terminate()
            process.wait(TIMEOUT)


def child_of(process: subprocess.Popen[bytes]) -> int:
    """Return the process that serves under a supervising one."""
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    for _ in range(500):
        if words := children.read_text(encoding="ascii").split():
            return int(words[0])
        time.sleep(0.02)
    raise AssertionError("there is no serving process")


def kill(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)

"""Times decisions of another process, `patrol-serve`, beside the same decisions in this one.

    bindings/python/run python -m benchmarks.speed.serve [--rounds N]

Every round asks each way in turn about every snapshot. Times are by the clock, from a line of JSON that is ready to its
answer as text. Writes results.md beside this file.
"""

import argparse
import json
import os
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from benchmarks import BUILD, DATA
from benchmarks.pages import page, table
from libpatrol import Area, AreaArrays, Engine, Session, Snapshot, audit
from libpatrol.files import write_area
from libpatrol.synthetic import cities
from libpatrol.synthetic.roads import roads_from_jemss
from libpatrol.synthetic.snapshots import sample_snapshot

HERE = Path(__file__).resolve().parent
PROGRAM = Path(os.environ.get("PATROL_SERVE", BUILD / "embedded" / "packaged" / "patrol-serve"))
SNAPSHOTS = 8
OWN, PIPE, PORT = "this process", "patrol-serve, a pipe", "patrol-serve, TCP"
MEMBERS = "time_seconds", "units", "incidents", "location_idle_seconds"
ABOUT = """\
Backup coverage and minimum weighted travel, default rules, a fifth of the units busy. *Added* is the round trip minus
what the program itself reports for the decision: reading the request, writing the answer, and two changes of process.
The client's own reading and writing of JSON is not in it. The ways take turns, so that each finds the processor's
caches cold, as after the seconds between two decisions of a host; one that decides without a pause is faster."""


@dataclass(frozen=True)
class Case:
    """A city and what is asked about it, as snapshots and as lines."""

    name: str
    city: AreaArrays
    units: int
    calls: int


@dataclass(frozen=True)
class Found:
    """Seconds of each round trip, what the program said of each, and the bytes of a request and an answer."""

    seconds: list[float]
    inside: list[float]
    asked: int
    answered: int


def cases() -> Iterator[Case]:
    yield Case("100 nodes, 5×5", cities.grid(10, 10, seed=1), 5, 5)
    for name, folder, units, calls in (
        ("Manhattan", "manhattan_roads", 60, 25),
        ("Edmonton", "edmonton_roads", 500, 100),
    ):
        if (DATA / folder).exists():
            yield Case(f"{name}, {units}×{calls}", roads_from_jemss(DATA / folder), units, calls)
        else:
            print(f"no {name}: {DATA / folder} is not there")


def line_of(engine: Engine, session: Session, snapshot: Snapshot) -> bytes:
    """Return a request with the members that a record of this decision has."""
    record = json.loads(
        audit.to_json(engine.record(snapshot, session.decide(snapshot, deadline=None), deadline=None), engine)
    )
    asked = {"kind": "decide", "snapshot": {name: record[name] for name in MEMBERS if name in record}}
    return json.dumps(asked | {"options": {"deadline_microseconds": 0}}).encode() + b"\n"


@contextmanager
def piped(load: bytes) -> Iterator[Callable[[bytes], bytes]]:
    with subprocess.Popen([PROGRAM], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin and process.stdout
        yield asking(process.stdin, process.stdout, load)
        process.stdin.close()


@contextmanager
def connected(load: bytes) -> Iterator[Callable[[bytes], bytes]]:
    with subprocess.Popen([PROGRAM, "--port", "0"], stdin=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
        assert process.stderr
        port = int(process.stderr.readline().decode().rsplit(":", 1)[1])
        with socket.create_connection(("127.0.0.1", port)) as connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            yield asking(connection.makefile("wb"), connection.makefile("rb"), load)
        process.terminate()


def asking(sink: BinaryIO, lines: BinaryIO, load: bytes) -> Callable[[bytes], bytes]:
    """Return a function that sends a line and returns its answer, once an area is loaded."""

    def ask(line: bytes) -> bytes:
        sink.write(line)
        sink.flush()
        return lines.readline()

    answer = json.loads(ask(load))
    if answer["status"] != "OK":
        raise RuntimeError(answer["error"])
    return ask


def measure(case: Case, rounds: int) -> dict[str, Found]:
    """Ask each way in turn; all must give the same answer."""
    engine = Engine(Area.from_arrays(**case.city))
    session, rng = Session(engine, case.units, case.calls), np.random.default_rng(1)
    sizes: dict[str, Any] = {"unit_count": case.units, "incident_count": case.calls, "busy_share": 0.2}
    snapshots = [sample_snapshot(case.city, rng, **sizes) for _ in range(SNAPSHOTS)]
    lines = [line_of(engine, session, snapshot) for snapshot in snapshots]
    found = {way: Found([], [], max(map(len, lines)), 0) for way in (OWN, PIPE, PORT)}
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        area = Path(folder) / "area.safetensors"
        write_area(area, **case.city)
        load = {"kind": "load", "area": str(area), "max_units": case.units, "max_incidents": case.calls}
        asked = json.dumps(load).encode() + b"\n"
        ways = {PIPE: stack.enter_context(piped(asked)), PORT: stack.enter_context(connected(asked))}
        for index in [*range(SNAPSHOTS)] * rounds:
            start = time.perf_counter()
            own = session.decide(snapshots[index], deadline=None)
            found[OWN].seconds.append(time.perf_counter() - start)
            for way, ask in ways.items():
                start = time.perf_counter()
                text = ask(lines[index])
                found[way].seconds.append(time.perf_counter() - start)
                answer = json.loads(text)
                if len(answer["answer"]["assignments"]) != len(own.assignments):
                    raise AssertionError(f"{way} decides otherwise on {case.name}")
                found[way].inside.append(answer["microseconds"] * 1e-6)
                found[way] = Found(
                    found[way].seconds, found[way].inside, found[way].asked, max(found[way].answered, len(text))
                )
    return found


def rows(case: Case, rounds: int) -> Iterator[list[str]]:
    for way, found in measure(case, rounds).items():
        seconds = 1e3 * np.array(found.seconds)
        added = f"{np.median(seconds - 1e3 * np.array(found.inside)):.2f}" if found.inside else ""
        sizes = (f"{found.asked / 1e3:,.1f}", f"{found.answered / 1e3:,.1f}") if found.inside else ("", "")
        high = np.quantile(seconds, 0.99, method="higher")
        yield [case.name, way, f"{np.median(seconds):.2f}", f"{high:.2f}", added, *sizes]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=50)
    rounds = parser.parse_args().rounds
    head = ["roads, units×calls", "way", "median ms", "99 % ms", "added, median ms", "request, kB", "answer, kB"]
    lines = [row for case in cases() for row in rows(case, rounds)]
    text = page("Decisions of another process", ["numpy"], [ABOUT, table(head, lines)])
    (HERE / "results.md").write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()

"""Measures how late calls with a deadline come back, and how soon those that were cancelled before they began.

    bindings/python/run python -m benchmarks.speed.deadline [--rounds N]

On Edmonton's roads, where they are among the test data, and on a grid: a square without dead ends and arterials is the
worst case of contraction hierarchies. Writes results.md beside this file.
"""

import argparse
import resource
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import DATA
from benchmarks.pages import page, table
from benchmarks.policies import networks
from libpatrol import Area, AreaArrays, Engine, PatrolError, Session, Snapshot, Task, UnitStatus
from libpatrol.synthetic import cities
from libpatrol.synthetic.roads import roads_from_jemss
from libpatrol.synthetic.snapshots import sample_snapshot

HERE = Path(__file__).resolve().parent
SIDE, SNAPSHOTS = 224, 8
SIZES = {(500, 100): 1.0, (1000, 1000): 1 / 6}
STRETCHES = {1.0: 1.0, 1.5: 0.1, 3.0: 0.1}
"""Of all rounds, those of a size and those of a deadline, which is a multiple of the least."""
ABOUT = f"""\
Edmonton's 51,331 nodes, and a grid of {SIDE * SIDE:,}, which has neither dead ends nor arterials and is the worst case
for travel times. The networks of the package's general policy, which abstain from nothing here; a fifth of the units
busy, default rules. Deadlines are multiples of the
session's least one. *Late* is the thread's processor time for the whole call, from Python, minus the deadline: what
others take of the processor, while the deadline runs on, is not counted. *By the clock* has only the calls during which
the system did not give the processor to another process. Of less than 1,000 calls the 99.9th percentile is the
latest."""
TOGETHER = "All calls of a size together:"
WITHOUT_TIME = """\
Cancelled before it began, a call still reads the snapshot and finds the closest units for the calls that may not be
held, and for the most urgent others up to 65,536 pairs. Of the other questions, each fails with NO_TIME once the
snapshot is read; `rank_units, whole` is one that was not cancelled."""


@dataclass(frozen=True)
class Timed:
    """Seconds that one call took, and whether another process ran meanwhile."""

    processor: float
    clock: float
    alone: bool


def timed(call: Callable[..., object], **options: Any) -> Timed:
    switches = resource.getrusage(resource.RUSAGE_THREAD).ru_nivcsw
    processor, clock = time.thread_time(), time.perf_counter()
    call(**options)
    spent = time.thread_time() - processor, time.perf_counter() - clock
    return Timed(*spent, resource.getrusage(resource.RUSAGE_THREAD).ru_nivcsw == switches)


def questions(session: Session, snapshot: Snapshot) -> dict[str, Callable[..., object]]:
    """Return what is asked, by name: each takes the options of a decision."""
    return {
        "decide": lambda **options: session.decide(snapshot, **options),
        "patrol alone": lambda **options: session.decide(snapshot, tasks=Task.PATROL, **options),
        "explain": lambda **options: session.explain(snapshot, **options),
    }


def late_rows(
    name: str, session: Session, snapshots: list[Snapshot], rounds: float, together: list[float]
) -> Iterator[list[str]]:
    least = session.least_deadline()
    for question in questions(session, snapshots[0]):
        for stretch, share in STRETCHES.items():
            deadline = stretch * least
            found = []
            for index in range(max(1, round(rounds * share))):
                ask = questions(session, snapshots[index % len(snapshots)])[question]
                found.append(timed(ask, deadline=deadline, relative_gap=0.0))
            processor = [one.processor - deadline for one in found]
            together += processor
            clock = [one.clock - deadline for one in found if one.alone]
            rest = [f"{len(found):,}", shares(clock)[2], f"{len(clock):,}"]
            yield [name, question, f"{deadline * 1e3:,.1f}", *shares(processor), *rest]


def shares(late: list[float]) -> list[str]:
    """Return median, 99th and 99.9th percentile in milliseconds; nothing where nothing was measured."""
    if not late:
        return ["", "", ""]
    return [f"{1e3 * float(np.quantile(late, share, method='higher')):,.2f}" for share in (0.5, 0.99, 0.999)]


def cancelled_rows(name: str, session: Session, snapshots: list[Snapshot], rounds: int) -> Iterator[list[str]]:
    options: dict[str, Any] = {"deadline": None, "cancel": np.ones(1, np.int32)}
    for question in questions(session, snapshots[0]):
        found = []
        for index in range(rounds):
            ask = questions(session, snapshots[index % len(snapshots)])[question]
            found.append(timed(ask, **options).processor)
        yield [name, question, *shares(found)[:2]]
    for question, ask in looks(session, snapshots[0]).items():
        found = [timed(ask, cancel=options["cancel"]).processor for _ in range(rounds)]
        yield [name, question, *shares(found)[:2]]
    whole = [timed(looks(session, snapshots[0])["rank_units"]).processor for _ in range(rounds)]
    yield [name, "rank_units, whole", *shares(whole)[:2]]


def looks(session: Session, snapshot: Snapshot) -> dict[str, Callable[..., object]]:
    """Return the other questions, by name: each takes the options of a decision, and may end without an answer."""
    call = int(snapshot.incidents["id"][0])
    unit = int(snapshot.units["id"][snapshot.units["status"] == UnitStatus.PATROLLING][0])

    def ask(question: Callable[..., object], *about: int) -> Callable[..., object]:
        def asked(**options: Any) -> None:
            with suppress(PatrolError):
                question(snapshot, *about, **options)

        return asked

    return {
        "rank_units": ask(session.rank_units, call),
        "candidates": ask(session.candidates, unit),
        "pairs": ask(session.pairs),
        "program": ask(session.program),
    }


def roads() -> Iterator[tuple[str, AreaArrays, dict[str, Any]]]:
    """Yield a name, a city and the options of its area."""
    edmonton = DATA / "edmonton_roads"
    if edmonton.exists():
        yield "Edmonton", roads_from_jemss(edmonton), {}
    else:
        print(f"no Edmonton: {edmonton} is not there")
    yield "grid", cities.grid(SIDE, SIDE, seed=1), {"patrol_spacing_seconds": 240}


def sessions(place: str, city: AreaArrays, options: dict[str, Any]) -> Iterator[tuple[str, Session, list[Snapshot]]]:
    engine = Engine(Area.from_arrays(**city, **options), networks("general"))
    rng = np.random.default_rng(1)
    for units, calls in SIZES:
        sizes: dict[str, Any] = {"unit_count": units, "incident_count": calls, "busy_share": 0.2}
        snapshots = [sample_snapshot(city, rng, **sizes) for _ in range(SNAPSHOTS)]
        yield f"{place}, {units:,}×{calls:,}", Session(engine, units, calls), snapshots


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    about = "calls of each kind at 500×100 with the least deadline; a tenth with others, and a sixth at 1,000×1,000 "
    parser.add_argument("--rounds", type=int, default=1000, help=about + "(default 1000, an hour)")
    rounds = parser.parse_args().rounds
    late, cancelled = [], []
    together: dict[str, list[float]] = {f"{units:,}×{calls:,}": [] for units, calls in SIZES}
    for place in roads():
        for (name, session, snapshots), share in zip(sessions(*place), SIZES.values(), strict=True):
            late += list(late_rows(name, session, snapshots, rounds * share, together[name.split(", ", 1)[1]]))
            cancelled += list(cancelled_rows(name, session, snapshots, max(1, round(rounds * share / 10))))
            write(late, cancelled, together)


def write(late: list[list[str]], cancelled: list[list[str]], together: dict[str, list[float]]) -> None:
    all_calls = [[size, *shares(found), f"{len(found):,}"] for size, found in together.items() if found]
    head = ["roads, units×calls", "call", "deadline ms", "late, median ms", "99 %", "99.9 %", "calls"]
    head += ["by the clock, 99.9 %", "calls"]
    after = ["roads, units×calls", "call", "median ms", "99 %"]
    size = ["units×calls", "late, median ms", "99 %", "99.9 %", "calls"]
    sections = [ABOUT, table(head, late), TOGETHER, table(size, all_calls), WITHOUT_TIME, table(after, cancelled)]
    text = page("How late calls come back", ["numpy"], sections)
    (HERE / "results.md").write_text(text, encoding="utf-8")
    print(text, flush=True)


if __name__ == "__main__":
    main()

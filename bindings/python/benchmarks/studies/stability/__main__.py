"""Measures how often a proposal changes before a dispatcher confirms it, with and without a bonus for keeping it.

    bindings/python/run python -m benchmarks.studies.stability [--replications N] [--hours H]

A city in which units drive about: every ten seconds the library proposes units for all calls that are not confirmed,
and each call's proposal is confirmed a minute after the first one was shown. A flip is a call whose proposed unit
changes in between, though the earlier one is still free. Every bonus sees the same calls and drives. Writes
results.md beside this file.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

import libpatrol
from benchmarks.pages import page, table
from benchmarks.studies.stability.streets import Streets
from libpatrol import Answer, Area, Engine, Session, Snapshot, Task
from libpatrol.studies.intervals import interval, paired
from libpatrol.synthetic import cities

HERE = Path(__file__).resolve().parent
BONUSES = (0.0, 15.0, 30.0, 60.0, 120.0)
POLICIES = ("minimum_weighted_travel", "priority_closest")
UNITS, CALLS_PER_HOUR, TICK, CONFIRM_SECONDS, SERVICE_SECONDS = 16, 16.0, 10.0, 60.0, 1200.0


class Run(NamedTuple):
    """What one replication measured."""

    flips_per_hour: float
    arrival_seconds: float
    calls: int


def simulate(engine: Engine, streets: Streets, seed: int, hours: float, bonus: float) -> Run:
    """Return what happens to calls of one seed."""
    draw = np.random.default_rng([seed, 1])
    times = np.cumsum(draw.exponential(3600 / CALLS_PER_HOUR, int(2 * hours * CALLS_PER_HOUR + 50)))
    nodes, priorities = draw.integers(streets.nodes, size=len(times)), draw.choice([1, 2, 3], len(times))
    service = draw.exponential(SERVICE_SECONDS, len(times))
    session, crew = Session(engine, UNITS, 64), streets.crew(UNITS, np.random.default_rng([seed, 2]))
    shown: dict[int, float] = {}
    proposed: dict[int, int] = {}
    waiting: list[int] = []
    last: Answer | None = None
    flips, arrivals, come = 0, [], 0
    for now in np.arange(0.0, hours * 3600, TICK):
        while come < len(times) and times[come] <= now:
            waiting.append(come)
            come += 1
        crew.advance(now, TICK)
        snapshot = moment(now, crew.rows(), waiting[:64], times, nodes, priorities)
        snapshot.pair_costs = None if last is None or bonus == 0 else last.bonus(snapshot, bonus)
        last = session.decide(snapshot, tasks=Task.DISPATCH, deadline=None)
        found = dict(last.assignments[["incident_id", "unit_id"]].tolist())
        for call, unit in proposed.items():
            flips += found.get(call, unit) != unit and crew.is_free(unit)
        confirmed = [call for call in found if now - shown.setdefault(call, now) >= CONFIRM_SECONDS]
        seconds = dict(last.assignments[["incident_id", "travel_seconds"]].tolist())
        for call in confirmed:
            arrivals.append(now + seconds[call] - times[call])
            crew.send(found.pop(call), int(nodes[call]), now + seconds[call] + service[call])
            waiting.remove(call)
        proposed = found
    return Run(flips / hours, float(np.mean(arrivals)), len(arrivals))


def moment(
    now: float, crew: np.ndarray, calls: Sequence[int], times: np.ndarray, nodes: np.ndarray, priorities: np.ndarray
) -> Snapshot:
    """Return the snapshot of units and of calls that are not confirmed."""
    rows = libpatrol.incidents(len(calls))
    rows["id"], rows["node"], rows["priority"] = calls, nodes[list(calls)], priorities[list(calls)]
    rows["weight"], rows["seconds_waited"] = 4.0 - rows["priority"], now - times[list(calls)]
    return Snapshot(now, crew, rows)


def measure(replications: int, hours: float) -> list[list[str]]:
    """Return the rows of the table: policy, bonus, flips an hour, seconds until arrival and how much they change."""
    city = cities.irregular(150, seed=3)
    area, streets, rows = Area.from_arrays(**city), Streets(city), []
    for policy in POLICIES:
        engine = Engine(area, dispatch_policy=policy)
        runs = [[simulate(engine, streets, seed, hours, bonus) for seed in range(replications)] for bonus in BONUSES]
        for bonus, mine in zip(BONUSES, runs, strict=True):
            flips = interval([run.flips_per_hour for run in mine])
            arrival = np.mean([run.arrival_seconds for run in mine])
            change = paired([run.arrival_seconds for run in runs[0]], [run.arrival_seconds for run in mine])
            cells = [f"{bonus:.0f} s", f"{flips.mean:.1f} ± {flips.half_width:.1f}", f"{arrival:.0f} s"]
            rows.append([policy, *cells, "" if bonus == 0 else f"{change.mean:+.1f} ± {change.half_width:.1f} s"])
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--replications", type=int, default=20)
    parser.add_argument("--hours", type=float, default=8.0)
    options = parser.parse_args()
    head = ["dispatch policy", "bonus", "flips an hour", "call to arrival", "change of it"]
    rows = measure(options.replications, options.hours)
    text = (
        f"{UNITS} units that drive about an irregular city of 150 corners, {CALLS_PER_HOUR:.0f} calls an hour; a "
        f"proposal every {TICK:.0f} s, confirmed {CONFIRM_SECONDS:.0f} s after the first one for its call was shown. A "
        "*flip* is a proposed unit that is replaced while it is still free. Means of "
        f"{options.replications} replications of {options.hours:g} hours with 95 % intervals; changes are paired."
    )
    (HERE / "results.md").write_text(
        page("Proposals that stay", ["numpy"], [text, table(head, rows)]), encoding="utf-8"
    )


if __name__ == "__main__":
    main()

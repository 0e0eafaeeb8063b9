"""Decisions that simulations meet, and how long the engine takes for them."""

import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass

import numpy as np

from benchmarks.studies.laboratory import Laboratory, of_pair
from libpatrol import Answer, Engine, Scenario, Session, Simulation, Snapshot
from libpatrol.enums import Due, SolverStatus, UnitStatus
from libpatrol.studies.pairs import PolicyPair

NODE_LIMIT, DEADLINE = 2000, 0.02
"""Work budget of a decision; the seconds that it should take."""
DECISIONS = 500
"""Taken of each policy and scenario, of no more than `_SEEDS` replications."""
_SEEDS, _OUTAGE_SEEDS = range(10), range(30)
HEAD = (
    "decisions", "largest, units × calls", "median, µs", "p99, µs", "longest, ms",
    f"proven within {NODE_LIMIT:,} nodes", f"and within {1000 * DEADLINE:.0f} ms",
)  # fmt: skip
_REPETITIONS = 3
_PROVEN = (SolverStatus.OPTIMAL, SolverStatus.WITHIN_GAP)


@dataclass(frozen=True)
class Times:
    """How decisions went: microseconds of the whole decision; shares proven optimal, and that within `DEADLINE`."""

    decisions: int
    largest: tuple[int, int]
    median: float
    p99: float
    longest: float
    proven: float
    proven_in_time: float

    def cells(self) -> list[str]:
        """Return a row's cells under `HEAD`."""
        units, calls = self.largest
        return [
            f"{self.decisions:,}", f"{units} × {calls}", f"{self.median:.0f}", f"{self.p99:.0f}",
            f"{self.longest / 1000:.2f}", f"{100 * self.proven:.2f} %",
            f"{100 * self.proven_in_time:.2f} %",
        ]  # fmt: skip


def met(
    scenario: Scenario, engine: Engine, seeds: Iterable[int], begin: float, end: float, most: int
) -> list[Snapshot]:
    """Return what decisions between two times (seconds) are taken on, where some unit could go to some call."""
    found: list[Snapshot] = []
    with Simulation(scenario, engine) as simulation:
        for seed in seeds:
            simulation.restart(seed)
            simulation.run(begin)
            while len(found) < most and (due := simulation.step(end)) is not Due.NOTHING:
                if due is Due.DISPATCH and len(simulation.pairs().pairs):
                    found.append(simulation.snapshot().snapshot)
                simulation.decide()
    return found


def backlog(scenario: Scenario, engine: Engine, seeds: Iterable[int], begin: float, end: float) -> list[Snapshot]:
    """Return what the first decision is taken on after nobody was sent between two times, one for each seed."""
    found = []
    with Simulation(scenario, engine) as simulation:
        for seed in seeds:
            simulation.restart(seed)
            simulation.run(begin)
            last = None
            while (due := simulation.step(end)) is not Due.NOTHING:
                if due is Due.PATROL:
                    simulation.decide()
                elif len(simulation.pairs().pairs):
                    last = simulation.snapshot().snapshot  # the next step closes this decision: all calls are held
            if last is not None:
                found.append(last)
    return found


def timed(engine: Engine, snapshots: list[Snapshot]) -> Times:
    """Return how the decisions for these snapshots go, dispatch and patrol."""
    sizes = [size(snapshot) for snapshot in snapshots]
    units, calls = (max(len(getattr(one, name)) for one in snapshots) for name in ("units", "incidents"))
    with Session(engine, units, calls) as session:
        session.decide(snapshots[0])
        found = [_timed(session, snapshot) for snapshot in snapshots]
    times = np.array([microseconds for microseconds, _ in found])
    proven = np.array([answer.solver_status in _PROVEN for _, answer in found])
    return Times(
        decisions=len(snapshots),
        largest=max(sizes, key=lambda one: one[0] * one[1]),
        median=float(np.median(times)),
        p99=float(np.quantile(times, 0.99)),
        longest=float(times.max()),
        proven=float(proven.mean()),
        proven_in_time=float((proven & (times < 1e6 * DEADLINE)).mean()),
    )


def _timed(session: Session, snapshot: Snapshot) -> tuple[float, Answer]:
    """Return a decision and its microseconds: the least of repetitions, by the clock or the processor.

    So that other work on the machine is not counted.
    """
    least = np.inf
    for _ in range(_REPETITIONS):
        start = time.thread_time_ns()
        answer = session.decide(snapshot, deadline=None, node_limit=NODE_LIMIT)
        least = min(least, answer.microseconds, (time.thread_time_ns() - start) / 1000)
    return least, answer


def size(snapshot: Snapshot) -> tuple[int, int]:
    """Return the number of free units and of calls that miss units."""
    missing = snapshot.incidents["units_assigned"] < snapshot.incidents["units_required"]
    return int((snapshot.units["status"] == UnitStatus.PATROLLING).sum()), int(missing.sum())


def took(
    lab: Laboratory, name: str, scenario: Scenario, pair: PolicyPair, begin: float, end: float, *, outage: bool = False
) -> Times:
    """Return how decisions go that a pair of policies meets between two times (seconds), or at the end of an outage."""

    def run() -> dict[str, object]:
        with pair.engine(scenario) as engine:
            if outage:
                snapshots = backlog(scenario, engine, _OUTAGE_SEEDS, begin, end)
            else:
                snapshots = met(scenario, engine, _SEEDS, begin, end, DECISIONS)
            return asdict(timed(engine, snapshots))

    made_from = [scenario.content_hash, of_pair(pair), begin, end, outage, DECISIONS, NODE_LIMIT, DEADLINE]
    return Times(**lab.kept(f"times-{name}", made_from, run))

"""Decides for random and degenerate snapshots: nothing may fail, no rule may be broken, no bound be too low.

    bindings/python/run python -m benchmarks.checks.robustness [--instances N] [--records N]

Decisions of every kind are then recorded and replayed. Writes robustness.md beside this file; ends with status 1
where an answer is wrong or a record is refused. The default takes twenty minutes.
"""

import argparse
import math
import re
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.pages import page, table
from libpatrol import Answer, Engine, PatrolError, Policy, Session, Snapshot, SolverStatus, Task
from libpatrol.files import write_policy
from reference.broken_rules import broken
from reference.instances import HEURISTICS, Place, places, rules, snapshot
from reference.networks import random_layers, state_dict, value_network
from reference.recorded_decisions import LEARNED, decisions, same_decision
from reference.rules import Department

HERE = Path(__file__).resolve().parent
LARGEST = 30
ABOUT = f"""\
Every snapshot has 0 … {LARGEST} units and as many calls, drawn as in the proof and then made degenerate in one of the
ways below, up to the 10⁹ that the library accepts. Engines have random rules and networks whose weights are random,
times 10⁶, times 10⁻⁶, all 0 or all equal, or the heuristics. Decisions run into a node limit, a deadline, a gap, or
none of them. An answer is wrong where the call fails, the status or the gap is not what the header says, the bound is
below the objective, a number is not finite that must be, or a rule is broken (`reference/rules.py`). With networks
times 10⁶, whose sums lose more than that to rounding, the gap is not held to what was asked."""
ABOUT_RECORDS = """\
Every decision is written as a record, which must replay to the same moves, assignments, waits and objective.
Engines have random rules and travel limits for holding, patrol policies, and the dispatch policies below with random
networks. Snapshots have host travel times, changed edges, or neither; decisions a deadline of 1, 20, 50 or 200 µs or
none, a node limit of 1 or 5 or none, a gap of 0, 1e-6 or 0.1, and a cancel flag that is set, clear, or absent
(`reference/recorded_decisions.py`)."""


def plain(snapshot: Snapshot, rng: np.random.Generator) -> None:
    """Leave the snapshot as it is."""


def huge_weights(snapshot: Snapshot, rng: np.random.Generator) -> None:
    snapshot.incidents["weight"] = 10 ** rng.uniform(0, 9, len(snapshot.incidents))


def tiny_weights(snapshot: Snapshot, rng: np.random.Generator) -> None:
    snapshot.incidents["weight"] = 10 ** rng.uniform(-38, 0, len(snapshot.incidents))


def mixed_weights(snapshot: Snapshot, rng: np.random.Generator) -> None:
    snapshot.incidents["weight"] = rng.choice([1e-38, 1e-6, 1.0, 1e6, 1e9], len(snapshot.incidents))


def equal_travel(snapshot: Snapshot, rng: np.random.Generator) -> None:
    _host(snapshot, np.full((len(snapshot.units), len(snapshot.incidents)), rng.choice([0.0, 1.0, 300.0, 1e6])))


def travel_of_any_kind(snapshot: Snapshot, rng: np.random.Generator) -> None:
    kinds = [np.nan, np.inf, 0.0, 1e-30, 60.0, 1e9]
    _host(snapshot, rng.choice(kinds, (len(snapshot.units), len(snapshot.incidents))))


def one_node(snapshot: Snapshot, rng: np.random.Generator) -> None:
    snapshot.units["node"] = snapshot.incidents["node"] = 7


def equal_calls(snapshot: Snapshot, rng: np.random.Generator) -> None:
    for name, value in (("node", 3), ("category", 0), ("priority", 2), ("weight", 1.0), ("seconds_waited", 90.0)):
        snapshot.incidents[name] = value


def extreme_times(snapshot: Snapshot, rng: np.random.Generator) -> None:
    extremes = [0.0, 1e-38, 1.0, 1e9]
    snapshot.time_seconds = float(rng.choice([0.0, 1e12, 12345.678]))
    snapshot.incidents["seconds_waited"] = rng.choice(extremes, len(snapshot.incidents))
    snapshot.incidents["service_seconds"] = rng.choice(extremes[1:], len(snapshot.incidents))
    snapshot.units["seconds_to_node"] = rng.choice(extremes, len(snapshot.units))
    snapshot.units["seconds_until_free"] = rng.choice([*extremes, np.nan], len(snapshot.units))


def extreme_ids_and_capabilities(snapshot: Snapshot, rng: np.random.Generator) -> None:
    top = 2**64 - 2
    renamed = {int(old): top - index for index, old in enumerate(snapshot.incidents["id"])}
    on_call = [renamed.get(int(old), int(old)) for old in snapshot.units["incident_id"]]
    snapshot.incidents["id"] = list(renamed.values())
    snapshot.units["incident_id"] = on_call
    snapshot.units["id"] = [top - 100 - index for index in range(len(snapshot.units))]
    snapshot.units["capabilities"] = rng.choice(np.array([0, 2**64 - 1, 2**63], np.uint64), len(snapshot.units))


def many_units_each(snapshot: Snapshot, rng: np.random.Generator) -> None:
    snapshot.incidents["units_required"] = rng.choice([4, 8, 64], len(snapshot.incidents))


WAYS = (
    plain, huge_weights, tiny_weights, mixed_weights, equal_travel, travel_of_any_kind, one_node, equal_calls,
    extreme_times, extreme_ids_and_capabilities, many_units_each,
)  # fmt: skip


def _host(snapshot: Snapshot, seconds: np.ndarray) -> None:
    if snapshot.travel_seconds is not None:
        snapshot.travel_seconds[:] = seconds


def faults(department: Department, session: Session, taken: Snapshot, answer: Answer, gap: float) -> Iterator[str]:
    """Yield what is wrong with an answer."""
    if not math.isfinite(answer.objective) or not np.isfinite(answer.assignments["reward"]).all():
        yield f"the objective is {answer.objective}"
    if answer.solver_status is SolverStatus.HEURISTIC:
        if answer.bound != math.inf:
            yield f"a heuristic has the bound {answer.bound}"
    elif not answer.bound >= answer.objective or not answer.relative_gap >= 0:
        yield f"the bound {answer.bound} is below the objective {answer.objective}, the gap {answer.relative_gap}"
    if answer.solver_status is SolverStatus.OPTIMAL and answer.relative_gap > 1e-6:
        yield f"optimal with a gap of {answer.relative_gap}"
    above = answer.solver_status is SolverStatus.WITHIN_GAP and answer.relative_gap > gap * (1 + 1e-9)
    if above and answer.relative_gap > rounding(session, taken):
        yield f"the gap {answer.relative_gap} is above {gap}, by more than rounding"
    if answer.solver_status is SolverStatus.CANCELLED:
        yield "nobody cancelled it"
    yield from broken(department, answer)


def rounding(session: Session, taken: Snapshot) -> float:
    """Return the relative gap that rounding may hide: by the greatest number of the program."""
    numbers = re.findall(rb"[0-9.]+(?:e[-+]?[0-9]+)?", session.program(taken).encode())
    return 1e-9 * LARGEST * max(float(number) for number in numbers)


def engines(rng: np.random.Generator, work: Path, count: int) -> Iterator[tuple[Place, Engine, bool]]:
    """Yield engines with random rules, half of them with networks of random scale, and whether that is huge."""
    for index in range(count):
        place = places()[index % 2]
        options = rules(rng) | {"compliance_rows": 4}
        if rng.random() < 0.2:
            yield place, Engine(place.area, dispatch_policy=str(rng.choice(HEURISTICS)), **options), False
            continue
        networks: dict[str, Any] = {}
        if rng.random() < 0.5:
            networks["pair"] = state_dict(random_layers(rng, [24, 8, 1]))
        if rng.random() < 0.7 or not networks:
            width = int(rng.integers(1, 33))
            networks["value"] = value_network(rng, width, int(rng.random() < 0.25), float(rng.choice([-1.0, 0.0])))
        change = rng.choice(["none", "huge", "tiny", "zero", "equal"])
        for network in networks.values():
            for name, tensor in network.items():
                scale = {"none": 1.0, "huge": 1e6, "tiny": 1e-6, "zero": 0.0, "equal": 0.0}[str(change)]
                network[name] = tensor * np.float32(scale)
                if change == "equal" and not name.endswith("output.weight"):
                    network[name] = np.full_like(tensor, 0.125)
        write_policy(work / "policy", **networks)
        yield place, Engine(place.area, Policy.load(work / "policy"), **options), bool(change == "huge")


def refusals(seed: int, count: int, work: Path) -> tuple[Counter[str], list[str]]:
    """Return how many records of each kind were written, by how the solver ended, and those that do not replay."""
    written: Counter[str] = Counter()
    refused: list[str] = []
    for index, (kind, engine, taken, options, answer) in enumerate(decisions(seed, count, work, LARGEST)):
        ended = "patrol alone" if options["tasks"] is Task.PATROL else answer.solver_status.name.lower()
        written[f"{kind}: {ended}"] += 1
        try:
            if same_decision(engine.replay(engine.record(taken, answer, **options)), answer):
                continue
            refused.append(f"record {index}, {kind}, {options}: the replayed answer differs")
        except PatrolError as error:
            refused.append(f"record {index}, {kind}, {answer.solver_status.name}, {options}: {error}")
        print(refused[-1], flush=True)
    return written, refused


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--instances", type=int, default=100_000)
    parser.add_argument("--records", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    rng = np.random.default_rng(options.seed)
    ended: Counter[str] = Counter()
    wrong: list[str] = []
    seconds = 0.0
    start = time.perf_counter()
    with tempfile.TemporaryDirectory() as directory:
        for group, made in enumerate(engines(rng, Path(directory), -(-options.instances // 100))):
            place, engine, is_huge = made
            session = Session(engine, LARGEST, LARGEST)
            for index in range(min(100, options.instances - 100 * group)):
                way = WAYS[rng.integers(len(WAYS))]
                taken = snapshot(place.city, rng, LARGEST, LARGEST)
                way(taken, rng)
                gap = float(rng.choice([0.0, 1e-6, 1e-3]))
                limit = int(rng.choice([1, 10, 100]))
                until = {"node_limit": limit, "deadline": 0.05} if rng.random() < 0.7 else {"deadline": 0.005}
                try:
                    answer = session.decide(taken, tasks=Task.DISPATCH, relative_gap=gap, **until)
                    seconds = max(seconds, answer.microseconds * 1e-6)
                    department = Department(place.roads, engine.options, taken)
                    found = list(faults(department, session, taken, answer, math.inf if is_huge else gap))
                    ended[f"{way.__name__.replace('_', ' ')}: {answer.solver_status.name.lower()}"] += 1
                except Exception as error:
                    found = [repr(error)]
                for fault in found:
                    wrong.append(f"engine {group}, instance {index}, {way.__name__}: {fault}")
                    print(wrong[-1], flush=True)
    result = (
        f"**{options.instances:,} decisions, {len(wrong)} faults**; {time.perf_counter() - start:.0f} s; the longest "
        f"decision took {1e3 * seconds:.0f} ms."
    )
    with tempfile.TemporaryDirectory() as directory:
        written, refused = refusals(options.seed, options.records, Path(directory))
    replayed = f"**{options.records:,} records, {len(refused)} refused.**"
    ends = [*(status.name.lower() for status in SolverStatus), "patrol alone"]
    kinds = [[kind, *(f"{written[f'{kind}: {end}']:,}" for end in ends)] for kind in HEURISTICS + LEARNED]
    statuses = [status.name.lower() for status in SolverStatus if status is not SolverStatus.CANCELLED]
    names = [way.__name__.replace("_", " ") for way in WAYS]
    counts = [[name, *(f"{ended[f'{name}: {status}']:,}" for status in statuses)] for name in names]
    text = page(
        "Degenerate decisions",
        ["numpy", "scipy"],
        [
            result,
            ABOUT,
            table(["snapshots with", *(status.replace("_", " ") for status in statuses)], counts),
            *wrong,
            "## Records",
            replayed,
            ABOUT_RECORDS,
            table(["dispatch", *(end.replace("_", " ") for end in ends)], kinds),
            *refused,
        ],
    )
    (HERE / "robustness.md").write_text(text, encoding="utf-8")
    print(result, replayed)
    return 1 if wrong or refused else 0


if __name__ == "__main__":
    sys.exit(main())

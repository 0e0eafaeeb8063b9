"""Times a whole decision (dispatch and patrol) beside the same decision with numpy, onnxruntime and scipy.

    bindings/python/run python -m benchmarks.speed.decide [--roads DIR] [--rounds N]

Every round times each way in turn (A B C A B C ...) on every snapshot; the table has medians over all of them. Writes
results.md and results.png beside this file.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from benchmarks import DATA, policies
from benchmarks.pages import page, table
from benchmarks.plots import draw_bars
from benchmarks.speed.builds import present_build
from benchmarks.speed.decide.c_loop import CLoop, compile_loop, pack
from benchmarks.speed.decide.cases import Case, cases
from libpatrol import Engine, Session, Snapshot
from libpatrol.files import write_area
from reference.library import patrol_moves
from reference.vectorized import NumpyEngine, QuickTables, same_places

HERE = Path(__file__).resolve().parent
POLICY = policies.HERE / "coverage.safetensors"
TWIN = "numpy + onnxruntime + scipy"
Row = tuple[str, str, float, float]
"""Case, way of deciding, median and 95th percentile in microseconds."""


def rows(case: Case, rounds: int) -> list[Row]:
    """Time every way of deciding, one after the other in every round."""
    size = len(case.snapshots[0].units), len(case.snapshots[0].incidents)
    learned = Session(Engine(case.area, policies.policy("coverage")), *size)
    heuristic = Session(Engine(case.area), *size)
    area = case.area
    tables = QuickTables(case.city, area.demand_points, area.patrol_locations, patrol_moves(area), fleet=size[0])
    twin = NumpyEngine(tables, POLICY.read_bytes())
    report_agreement(case, learned, twin)
    with tempfile.TemporaryDirectory() as directory:
        work = Path(directory)
        write_area(work / "area", **case.city)
        packed = [pack(snapshot, work / f"snapshot{index}") for index, snapshot in enumerate(case.snapshots)]
        program = compile_loop(present_build(work), work / "loop")
        loops = [CLoop(program, work / "area", policy, case.repeats) for policy in (str(POLICY), "-")]
        ways: dict[str, Callable[[int], list[float]]] = {
            "networks, from C": lambda index: loops[0].seconds(packed[index]),
            "heuristics, from C": lambda index: loops[1].seconds(packed[index]),
            "networks, from Python": partial(seconds, case, learned.decide, case.repeats),
            "heuristics, from Python": partial(seconds, case, heuristic.decide, case.repeats),
            TWIN: partial(seconds, case, twin.decide, max(1, case.repeats // 20)),
        }
        times: dict[str, list[float]] = {way: [] for way in ways}
        for _ in range(rounds):
            for index in range(len(case.snapshots)):
                for way, measure in ways.items():
                    times[way] += measure(index)
        for loop in loops:
            loop.close()
    return [summary(case, way, measured) for way, measured in times.items()]


def seconds(case: Case, decide: Callable[[Snapshot], object], repeats: int, index: int) -> list[float]:
    """Time a decision, after one to warm up."""
    decide(case.snapshots[index])
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        decide(case.snapshots[index])
        times.append(time.perf_counter() - start)
    return times


def summary(case: Case, way: str, times: list[float]) -> Row:
    ordered = sorted(times)
    return case.name, way, statistics.median(ordered) * 1e6, ordered[int(0.95 * (len(ordered) - 1))] * 1e6


def report_agreement(case: Case, learned: Session, twin: NumpyEngine) -> None:
    """Print how far both decide the same: they must do the same work to be compared."""
    same = total = 0
    for snapshot in case.snapshots:
        agreed, units = same_places(learned.decide(snapshot), twin.decide(snapshot))
        same, total = same + agreed, total + units
    print(f"{case.name}: {same} of {total} units are sent to the same place by both")


def write_table(measured: list[Row]) -> str:
    lines = []
    for case, way, median, high in measured:
        twin = next(row[2] for row in measured if row[0] == case and row[1] == TWIN)
        lines.append([case, way, f"{median:,.1f}", f"{high:,.1f}", f"{twin / median:,.1f}"])
    head = ["decision", "way", "median µs", "95 % µs", "faster than the twin"]
    text = page("A whole decision", ["numpy", "onnxruntime", "scipy"], [table(head, lines)], ["results.png"])
    (HERE / "results.md").write_text(text, encoding="utf-8")
    return text


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--roads", type=Path, default=DATA / "manhattan_roads")
    parser.add_argument("--rounds", type=int, default=10)
    options = parser.parse_args()
    measured = [row for case in cases(options.roads) for row in rows(case, options.rounds)]
    print(write_table(measured))
    panels: dict[str, dict[str, float]] = {}
    for name, way, median, _ in measured:
        panels.setdefault(name, {})[way] = median
    draw_bars(panels, HERE / "results.png", label="median µs (log)", form=" {:,.1f} µs")


if __name__ == "__main__":
    main()

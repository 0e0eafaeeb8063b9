"""Times a whole decision (dispatch and patrol) beside the same decision with numpy, onnxruntime and scipy.

    bindings/python/run python bindings/python/benchmarks/decide [--roads DIR]

Every round times each way in turn (A B C A B C ...); the table has medians over all rounds and snapshots, and for the
C loop, which repeats each snapshot by itself. Writes results.md and results.png beside this file.
"""

import argparse
import os
import platform
import re
import statistics
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parents[3]
sys.path.insert(0, str(HERE.parents[1] / "tests"))  # the twin shares the reference's p-median search

from cases import Case, cases  # noqa: E402
from twin import Tables, Twin  # noqa: E402

import libpatrol  # noqa: E402
from libpatrol import NO_NODE, Engine, Policy, Session, Snapshot  # noqa: E402
from libpatrol._library import library  # noqa: E402
from libpatrol.files import write_area  # noqa: E402

POLICY = files("libpatrol") / "policies" / "coverage.safetensors"
NETWORKS, HEURISTICS, TWIN = "networks", "heuristics", "numpy + onnxruntime + scipy"
Row = tuple[str, str, float, float]
"""Case, way of deciding, median and 95th percentile in microseconds."""


def seconds(decide: Callable[[Snapshot], object], snapshot: Snapshot) -> float:
    start = time.perf_counter()
    decide(snapshot)
    return time.perf_counter() - start


def summary(case: Case, way: str, times: list[float]) -> Row:
    ordered = sorted(times)
    return case.name, way, statistics.median(ordered) * 1e6, ordered[int(0.95 * (len(ordered) - 1))] * 1e6


def python_rows(case: Case, rounds: int) -> list[Row]:
    """Time the Python layer and the twin, one after the other in every round."""
    size = len(case.snapshots[0].units), len(case.snapshots[0].incidents)
    learned = Session(Engine(case.area, Policy.bundled()), *size)
    heuristic = Session(Engine(case.area), *size)
    twin = Twin(Tables(case.city, case.area, size[0]), POLICY.read_bytes())
    report_agreement(case, learned, twin)
    ways: dict[str, Callable[[Snapshot], object]] = {
        f"{NETWORKS}, from Python": learned.decide,
        f"{HEURISTICS}, from Python": heuristic.decide,
        TWIN: twin.decide,
    }
    times: dict[str, list[float]] = {way: [] for way in ways}
    for round_number in range(rounds + 1):
        for snapshot in case.snapshots:
            for way, decide in ways.items():
                measured = [
                    seconds(decide, snapshot) for _ in range(max(1, case.repeats // (20 if way == TWIN else 1)))
                ]
                times[way] += measured if round_number > 0 else []
    return [summary(case, way, measured) for way, measured in times.items()]


def report_agreement(case: Case, learned: Session, twin: Twin) -> None:
    """Print how far both decide the same: they must do the same work to be compared."""
    same = total = 0
    for snapshot in case.snapshots:
        answer = learned.decide(snapshot)
        ours = dict(answer.assignments[["unit_id", "incident_id"]].tolist())
        ours |= dict(answer.moves[answer.moves["target_node"] != NO_NODE][["unit_id", "target_node"]].tolist())
        calls, targets = twin.decide(snapshot)
        theirs = calls | targets
        total += len(ours.keys() | theirs.keys())
        same += sum(ours.get(unit) == theirs.get(unit) for unit in ours.keys() | theirs.keys())
    print(f"{case.name}: {same} of {total} units are sent to the same place by both")


def c_rows(case: Case, rounds: int) -> list[Row]:
    """Time the C loop on the same snapshots."""
    rows = []
    with tempfile.TemporaryDirectory() as directory:
        work = Path(directory)
        write_area(work / "area", **case.city)
        compile_loop(work)
        for way, policy in ((NETWORKS, str(POLICY)), (HEURISTICS, "-")):
            times = []
            for snapshot in case.snapshots:
                (work / "snapshot").write_bytes(packed(snapshot))
                command = [work / "loop", work / "area", policy, work / "snapshot", str(case.repeats * rounds)]
                printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
                times += [int(line) * 1e-9 for line in printed.split()]
            rows.append(summary(case, f"{way}, from C", times))
    return rows


def compile_loop(work: Path) -> None:
    flags = ["-std=c11", "-O2", "-Wall", "-Wextra", "-Werror", "-I", str(REPOSITORY / "include")]
    shared = work / f"libpatrol.so.{libpatrol.__version__.split('.')[0]}"
    shared.symlink_to(library.path)
    link = [str(shared), f"-Wl,-rpath,{work}"]
    subprocess.run(["cc", *flags, str(HERE / "loop.c"), *link, "-o", str(work / "loop")], check=True)


def packed(snapshot: Snapshot) -> bytes:
    """Return the snapshot as loop.c reads it."""
    head = struct.pack("=dQQ", snapshot.time_seconds, len(snapshot.units), len(snapshot.incidents))
    return head + snapshot.units.tobytes() + snapshot.incidents.tobytes()


def machine() -> str:
    names = re.findall(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text(encoding="utf-8"))
    processor = names[0] if names else platform.processor()
    packages = ", ".join(f"{name} {version(name)}" for name in ("numpy", "onnxruntime", "scipy"))
    python = f"Python {platform.python_version()}, libpatrol {libpatrol.__version__}, {packages}"
    return f"{processor}, {os.cpu_count()} cores; {platform.system()}, {python}"


def write_table(rows: list[Row]) -> str:
    lines = ["| decision | way | median µs | 95 % µs | faster than the twin |", "| --- | --- | ---: | ---: | ---: |"]
    for case, way, median, high in rows:
        twin = next(row[2] for row in rows if row[0] == case and row[1] == TWIN)
        lines.append(f"| {case} | {way} | {median:,.1f} | {high:,.1f} | {twin / median:,.1f} |")
    text = "\n".join(["# A whole decision", "", machine(), "", *lines, ""])
    (HERE / "results.md").write_text(text, encoding="utf-8")
    return text


def draw(rows: list[Row]) -> None:
    import matplotlib

    matplotlib.use("agg")
    from matplotlib import pyplot

    names = list(dict.fromkeys(row[0] for row in rows))
    figure, axes = pyplot.subplots(len(names), 1, figsize=(8, 2.2 * len(names)), layout="constrained", squeeze=False)
    for axis, name in zip(axes[:, 0], names, strict=True):
        of_case = [row for row in rows if row[0] == name][::-1]
        bars = axis.barh([row[1] for row in of_case], [row[2] for row in of_case], color="#3b6ea5")
        axis.bar_label(bars, fmt=" {:,.1f} µs")
        axis.set(title=name, xscale="log", xlabel="median µs (log)")
        axis.margins(x=0.25)
    figure.savefig(HERE / "results.png", dpi=120)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--roads", type=Path, default=REPOSITORY.parent / "shared" / "data" / "manhattan_roads")
    parser.add_argument("--rounds", type=int, default=10)
    options = parser.parse_args()
    rows = [
        row for case in cases(options.roads) for row in c_rows(case, options.rounds) + python_rows(case, options.rounds)
    ]
    print(write_table(rows))
    draw(rows)


main()

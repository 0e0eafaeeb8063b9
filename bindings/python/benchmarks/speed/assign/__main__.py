"""Times the assignment solver beside scipy's and lapx's, each called from Python, and the library's from C as well.

    bindings/python/run python -m benchmarks.speed.assign [--rounds N]

Every round times each way in turn on fresh values, the best of three calls each; all must find the same total. Writes
results.md beside this file. Needs lapx.
"""

import argparse
import ctypes
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from benchmarks.pages import page, table
from libpatrol import assignment
from libpatrol._native.library import library

HERE = Path(__file__).resolve().parent
SHAPES = [(50, 20), (200, 50), (1000, 200), (1000, 1000)]
KINDS: dict[str, Callable[[np.random.Generator, tuple[int, int]], np.ndarray]] = {
    "uniform": lambda rng, shape: rng.random(shape),
    "integers below 100": lambda rng, shape: rng.integers(0, 100, shape).astype(float),
    "road times": lambda rng, shape: road_times(rng, *shape),
}


def road_times(rng: np.random.Generator, rows: int, columns: int) -> np.ndarray:
    """Seconds between random places of a city of square blocks, in tenths."""
    units, calls = rng.uniform(0, 10_000, (rows, 2)), rng.uniform(0, 10_000, (columns, 2))
    return np.round(np.abs(units[:, None] - calls[None]).sum(2) / 10, 1)


def ways(costs: np.ndarray) -> dict[str, tuple[Callable[[], object], Callable[[object], float]]]:
    """Return for each way how to solve, and the total of what that returns."""
    from lap import lapjv

    values = -costs
    rows, columns = costs.shape
    found, objective = np.empty(rows, np.int32), ctypes.c_double()
    addresses = values.ctypes.data, found.ctypes.data

    def call_c() -> NDArray[np.int32]:
        library.assignment_solve(addresses[0], rows, columns, 1, addresses[1], ctypes.byref(objective), None)
        return found  # which must outlive the call

    return {
        "libpatrol, C": (call_c, lambda _: -objective.value),
        "libpatrol": (lambda: assignment(values, complete=True), lambda matching: -matching.objective),
        "scipy": (lambda: linear_sum_assignment(costs), lambda pairs: float(costs[pairs].sum())),
        "lapx": (lambda: lapjv(costs, extend_cost=rows != columns), lambda answer: float(answer[0])),
    }


def measure(kind: str, shape: tuple[int, int], rounds: int) -> dict[str, float]:
    """Return the median milliseconds of processor time of each way."""
    rng = np.random.default_rng(1)
    times: dict[str, list[float]] = {}
    for _ in range(rounds):
        costs = KINDS[kind](rng, shape)
        totals = {}
        for way, (solve, total) in ways(costs).items():
            best = np.inf
            for _ in range(3):
                start = time.thread_time()
                answer = solve()
                best = min(best, time.thread_time() - start)
            totals[way] = total(answer)
            times.setdefault(way, []).append(best)
        if not np.allclose(list(totals.values()), totals["scipy"], rtol=1e-9):
            raise AssertionError(f"different totals: {totals}")
    return {way: float(np.median(seconds)) * 1e3 for way, seconds in times.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=30)
    options = parser.parse_args()
    lines = []
    for shape in SHAPES:
        for kind in KINDS:
            rounds = max(3, options.rounds // 6) if shape == (1000, 1000) else options.rounds
            found = measure(kind, shape, rounds)
            peer = min(found["scipy"], found["lapx"])
            times = [f"{found[way]:.3f}" for way in ("libpatrol, C", "libpatrol", "scipy", "lapx")]
            size = f"{shape[0]} × {shape[1]}"
            lines.append(
                [size, kind, *times, f"{peer / found['libpatrol']:.2f}", f"{peer / found['libpatrol, C']:.2f}"]
            )
            print(f"{size}, {kind}: done", flush=True)
    head = [
        "size",
        "values",
        "libpatrol from C, ms",
        "libpatrol, ms",
        "scipy, ms",
        "lapx, ms",
        "times faster",
        "from C",
    ]
    told = (
        "Complete assignments of dense matrices, median milliseconds of processor time. *Times faster* is the faster "
        "of the two others beside libpatrol called from Python, then from C."
    )
    text = page(
        "The assignment solver beside scipy's and lapx's", ["scipy", "lapx", "numpy"], [told, table(head, lines)]
    )
    (HERE / "results.md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()

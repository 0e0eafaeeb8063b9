"""How creation, memory, decisions and simulations grow with nodes, units and calls, on made-up roads.

    bindings/python/run python -m benchmarks.speed.growth [--rounds N] [--nodes N ...]

Every size is measured in a process of its own. Times are processor time of the thread. Writes results.md and
results.png beside this file.
"""

import argparse
import multiprocessing
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

from benchmarks.pages import page, table
from benchmarks.speed.growth.measure import Decisions, decisions, simulation

HERE = Path(__file__).resolve().parent
NODES = (1_000, 10_000, 100_000, 1_000_000)
SIZES = ((60, 25), (500, 100))
UNITS = (10, 30, 100, 300, 1_000)
CALLS = (5, 20, 80, 320)
USUAL = 50_000
"""Nodes where units or calls grow."""
Result = TypeVar("Result")
Row = tuple[int, int, int, Decisions]
"""Nodes, units, calls, what was measured."""


def alone(work: Callable[..., Result], *sizes: Any) -> Result:
    """Run work in a new process."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context) as pool:
        result = pool.submit(work, *sizes).result()
    print(work.__name__, *sizes, result, flush=True)
    return result


def rows(sizes: Sequence[tuple[int, int, int]], rounds: int) -> list[Row]:
    return [(*size, alone(decisions, *size, rounds)) for size in sizes]


def decisions_table(measured: list[Row]) -> str:
    head = ["nodes", "units", "calls", "heuristics, median ms", "99 % ms", "general policy, median ms", "99 % ms"]
    lines = [
        [f"{nodes:,}", f"{units:,}", f"{calls:,}", *(f"{1e3 * t:.2f}" for t in (*found.heuristics, *found.general))]
        for nodes, units, calls, found in measured
    ]
    return table(head, lines)


def areas_table(measured: list[Row]) -> str:
    head = ["nodes", "patrol locations", "area, s", "area, MB", "process with units and calls, MB"]
    lines = [
        [
            f"{nodes:,}",
            f"{found.locations:,}",
            f"{found.area_seconds:.2f}",
            f"{found.area_mb:,.0f}",
            f"{found.process_mb:,.0f}",
        ]
        for nodes, units, _, found in measured
        if units == SIZES[-1][0]
    ]
    return table(head, lines)


def draw(by_nodes: list[Row], by_units: list[Row], by_calls: list[Row], events: dict[int, float]) -> None:
    import matplotlib

    matplotlib.use("agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(2, 3, figsize=(13, 7), layout="constrained")
    last = [row for row in by_nodes if row[1] == SIZES[-1][0]]
    nodes = [row[0] for row in last]
    axes[0, 0].plot(nodes, [row[3].area_seconds for row in last], marker="o")
    axes[0, 0].set(title="Creation of an area", xlabel="nodes", ylabel="s")
    axes[0, 1].plot(nodes, [row[3].area_mb for row in last], marker="o", label="area")
    axes[0, 1].plot(nodes, [row[3].process_mb for row in last], marker="o", label="process")
    axes[0, 1].set(title="Memory", xlabel="nodes", ylabel="MB")
    for units, calls in SIZES:
        of_size = [row for row in by_nodes if row[1:3] == (units, calls)]
        plot_decisions(axes[0, 2], [row[0] for row in of_size], of_size, f"{units} units, {calls} calls, ")
    axes[0, 2].set(title="Decisions", xlabel="nodes", ylabel="ms")
    plot_decisions(axes[1, 0], [row[1] for row in by_units], by_units, "")
    axes[1, 0].set(title=f"Decisions, {USUAL:,} nodes, {by_units[0][2]} calls", xlabel="units", ylabel="ms")
    plot_decisions(axes[1, 1], [row[2] for row in by_calls], by_calls, "")
    axes[1, 1].set(title=f"Decisions, {USUAL:,} nodes, {by_calls[0][1]} units", xlabel="calls", ylabel="ms")
    axes[1, 2].plot(list(events), list(events.values()), marker="o")
    axes[1, 2].set(title=f"Simulation, {USUAL:,} nodes", xlabel="units", ylabel="events a second")
    for axis in axes.flat:
        axis.set(xscale="log", yscale="log")
        if axis.get_legend_handles_labels()[0]:
            axis.legend(fontsize="small", loc="lower right")
    axes[0, 2].set(ylim=0.03)  # room for its legend
    axes[1, 2].set(yscale="linear", ylim=0)
    figure.savefig(HERE / "results.png", dpi=120)


def plot_decisions(axis: Any, sizes: list[int], measured: list[Row], label: str) -> None:
    axis.plot(sizes, [1e3 * row[3].heuristics[0] for row in measured], marker="o", label=f"{label}heuristics")
    axis.plot(sizes, [1e3 * row[3].general[0] for row in measured], marker="s", label=f"{label}general policy")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--nodes", type=int, nargs="+", default=NODES)
    options = parser.parse_args()
    by_nodes = rows([(nodes, *size) for nodes in options.nodes for size in SIZES], options.rounds)
    by_units = rows([(USUAL, units, SIZES[0][1]) for units in UNITS], options.rounds)
    by_calls = rows([(USUAL, SIZES[1][0], calls) for calls in CALLS], options.rounds)
    events = {units: alone(simulation, USUAL, units, 1.0) for units in UNITS}
    notes = (
        "Made-up roads in the proportions of a map (`growth/roads.py`): of three nodes one is a corner, two lie\n"
        "between corners or on dead ends. Processor time of the thread; decisions from Python, of dispatch and\n"
        "patrol, with marginal coverage and minimum weighted travel and with the networks of the general policy,\n"
        "which as shipped leaves such states, with three units in five free, to heuristics.\n"
        f"{options.rounds} snapshots; at most 2,000 nodes of the search, without a deadline."
    )
    simulated = table(["units", "events / s"], [[f"{units:,}", f"{speed:,.0f}"] for units, speed in events.items()])
    sections = [
        notes,
        areas_table(by_nodes),
        decisions_table(by_nodes + by_units + by_calls),
        f"Simulations with the same heuristics, {USUAL:,} nodes, units on calls for about four fifths of their time:",
        simulated,
    ]
    text = page("Growth", ["numpy"], sections, ["results.png"])
    (HERE / "results.md").write_text(text, encoding="utf-8")
    print(text)
    draw(by_nodes, by_units, by_calls, events)


if __name__ == "__main__":
    main()

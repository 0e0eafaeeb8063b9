"""Times the simulator beside the same model in straightforward Python with numpy and scipy, on the same calls.

    bindings/python/run python bindings/python/benchmarks/simulate/against_python.py [--rounds N]

The twin is the one that the tests compare with the simulator event by event (`tests/simulation_twin.py`). Both replay
the same log in turn (A B A B ...). Writes against_python.md beside this file.
"""

import argparse
import statistics
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE.parents[1] / "tests")]  # the twin is shared with the tests

import numpy as np  # noqa: E402
from reference_features import Tables  # noqa: E402
from report import page, table  # noqa: E402
from simulation_twin import Twin  # noqa: E402
from twin_deciders import NumpyDecider  # noqa: E402

from libpatrol import FLEET_UNIT_DTYPE, Area, Scenario, Simulation, categories, logged_calls  # noqa: E402
from libpatrol.synthetic import cities  # noqa: E402

UNITS = 5
CALLS_PER_HOUR = 6.0
PAIRS = (("stay", "closest_fcfs"), ("marginal_coverage", "minimum_weighted_travel"))
DAYS = 3
REPEATS = 20  # of the simulator, for each run of the twin


def world() -> tuple[cities.AreaArrays, Scenario]:
    """Return the city of 100 nodes with 5 units of the speed targets, and a log of its calls."""
    city = cities.grid(10, 10, seed=1)
    rng = np.random.default_rng(1)
    times = np.cumsum(rng.exponential(3600 / CALLS_PER_HOUR, int(2 * CALLS_PER_HOUR * 24 * DAYS)))
    calls = logged_calls(int((times < DAYS * 86_400).sum()))
    calls["time_seconds"] = times[: len(calls)]
    calls["node"] = rng.integers(city.node_count, size=len(calls))
    calls["category"] = rng.random(len(calls)) > 0.4
    calls["service_seconds"] = rng.exponential(city.category_service_seconds[calls["category"]])
    kinds = categories(2)
    kinds["weight"], kinds["priority"] = city.category_weights, (1, 2)
    kinds["service_mean_seconds"] = city.category_service_seconds
    units = np.zeros(UNITS, FLEET_UNIT_DTYPE)
    units["id"] = np.arange(UNITS)
    units["start_node"] = rng.integers(city.node_count, size=UNITS)
    units["home_beat"] = city.node_beats[units["start_node"]]
    area = Area.from_arrays(**city)
    return city, Scenario(area, units=units, categories=kinds, calls=calls, queue_capacity=10)


def speeds(patrol: str, dispatch: str, rounds: int) -> tuple[float, float, float]:
    """Return decisions a second of the simulator and of the twin, and the ratio of their costs."""
    city, scenario = world()
    # The twin serves in order of arrival whatever the priority; the engine's rule of strict priority would not.
    engine = scenario.engine(patrol_policy=patrol, dispatch_policy=dispatch, strict_priority=dispatch != "closest_fcfs")
    tables = Tables(city, scenario.area.demand_points)
    simulation = Simulation(scenario, engine)
    ours, theirs = [], []
    for _ in range(rounds):
        start = time.thread_time()
        decisions = 0
        for _ in range(REPEATS):
            simulation.restart(0)
            simulation.run(DAYS * 86_400)
            decisions += simulation.state.decisions
        ours.append(decisions / (time.thread_time() - start))
        twin = Twin(city, scenario.area, scenario.arrays, NumpyDecider(tables, patrol, dispatch))
        start = time.thread_time()
        twin.run(DAYS * 86_400)
        theirs.append(twin.decisions / (time.thread_time() - start))
    cost = twin.cost / simulation.state.cumulative_cost
    return statistics.median(ours), statistics.median(theirs), cost


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    rows = []
    for patrol, dispatch in PAIRS:
        ours, theirs, cost = speeds(patrol, dispatch, options.rounds)
        rows.append([f"{patrol}, {dispatch}", f"{ours:,.0f}", f"{theirs:,.0f}", f"{ours / theirs:.0f}", f"{cost:.3f}"])
    head = ["policies", "libpatrol", "Python + numpy", "ratio", "cost, twin / libpatrol"]
    notes = (
        f"Decisions a second of processor time, one thread, 100 nodes, {UNITS} units, {CALLS_PER_HOUR:g} calls an hour "
        f"over {DAYS} days; medians of {options.rounds} rounds. The twin's tables are made before the clock starts. "
        "Costs differ where ties of float32 and float64 sums fall differently."
    )
    text = page("The simulator beside Python", ["numpy", "scipy"], [notes, table(head, rows)])
    (HERE / "against_python.md").write_text(text, encoding="utf-8")
    print(text)


main()

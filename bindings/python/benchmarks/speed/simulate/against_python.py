"""Times the simulator beside the same model in straightforward Python with numpy and scipy, on the same calls.

    bindings/python/run python -m benchmarks.speed.simulate.against_python [--rounds N]

The twin is the one that the tests compare with the simulator event by event (`reference/simulator.py`). Both replay
the same log in turn (A B A B ...). Writes against_python.md beside this file.
"""

import argparse
import statistics
import time
from pathlib import Path

import numpy as np

from benchmarks.pages import page, table
from libpatrol import Area, Scenario, Simulation
from libpatrol.synthetic import cities
from reference.deciders import NumpyDecider
from reference.logs import categories_of, random_fleet, random_log
from reference.roads import Roads
from reference.simulator import Twin
from reference.tables import Tables

HERE = Path(__file__).resolve().parent
UNITS = 5
CALLS_PER_HOUR = 6.0
PAIRS = (("stay", "closest_fcfs"), ("marginal_coverage", "minimum_weighted_travel"))
DAYS = 3
REPEATS = 20  # of the simulator, for each run of the twin


def world() -> tuple[cities.AreaArrays, Scenario]:
    """Return the city of 100 nodes with 5 units of the speed targets, and a log of its calls."""
    city = cities.grid(10, 10, seed=1)
    rng = np.random.default_rng(1)
    calls = random_log(city, rng, CALLS_PER_HOUR, 24 * DAYS)
    fleet, area = random_fleet(city, rng, UNITS), Area.from_arrays(**city)
    return city, Scenario(area, units=fleet, categories=categories_of(city), calls=calls, queue_capacity=10)


def speeds(patrol: str, dispatch: str, rounds: int) -> tuple[float, float, float]:
    """Return decisions a second of the simulator and of the twin, and the ratio of their costs."""
    city, scenario = world()
    # The twin serves in order of arrival whatever the priority; the engine's rule of strict priority would not.
    engine = scenario.engine(patrol_policy=patrol, dispatch_policy=dispatch, strict_priority=dispatch != "closest_fcfs")
    tables, roads = Tables(city, scenario.area.demand_points), Roads(city)
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
        twin = Twin(roads, scenario.arrays, NumpyDecider(tables, patrol, dispatch))
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


if __name__ == "__main__":
    main()

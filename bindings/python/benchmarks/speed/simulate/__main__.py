"""Times simulations: events a second for one core, two threads at once, batches for training, a large fleet, a year.

    bindings/python/run python -m benchmarks.speed.simulate [--roads DIR] [--rounds N]

Times are processor time of the thread, medians over the rounds. Writes results.md and results.png beside this file.
"""

import argparse
from pathlib import Path

from benchmarks import DATA
from benchmarks.pages import page, table
from benchmarks.plots import draw_bars
from benchmarks.speed.simulate.timing import Speed, batch, simulations, year
from benchmarks.speed.simulate.worlds import World, manhattan, small

HERE = Path(__file__).resolve().parent
BATCH = 64
Row = tuple[str, str, Speed]
"""World, policies, speed."""


def speeds(world: World, hours: dict[str, float], warm_up_hours: float, rounds: int) -> list[Row]:
    """Time the policies of a world; slices are as long as `hours` says, so that each takes about as long."""
    rows = []
    for way, length in hours.items():
        rows.append((world.name, way, simulations(world, way, length, warm_up_hours, rounds)))
        print(f"{world.name}, {way}: {rows[-1][2].events:,.0f} events a second", flush=True)
    return rows


def speed_table(rows: list[Row]) -> str:
    head = ["city", "policies", "events / s", "decisions / s", "times real time", "two threads"]
    lines = [
        [
            world,
            way,
            f"{speed.events:,.0f}",
            f"{speed.decisions:,.0f}",
            f"{speed.seconds:,.0f}",
            f"{speed.events_of_two / speed.events:.2f}",
        ]
        for world, way, speed in rows
    ]
    return table(head, lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--roads", type=Path, default=DATA / "manhattan_roads")
    parser.add_argument("--rounds", type=int, default=9)
    options = parser.parse_args()
    city = small()
    hold, coverage, networks = city.engines
    # Memory first: it is the largest that the process ever had.
    alone, together, kilobytes = batch(city, coverage, BATCH, 100, options.rounds)
    batches = table(
        ["batch", "decisions with features / s", "two threads", "KB a simulation"],
        [[f"{BATCH} simulations, {coverage}", f"{alone:,.0f}", f"{together / alone:.2f}", f"{kilobytes:,.0f}"]],
    )
    month_mb, year_mb = year(city, coverage)
    memory = (
        f"A simulated year of the small city, {coverage}: {month_mb:.1f} MB after a month, {year_mb:.1f} in the end."
    )
    rows = speeds(city, {hold: 24 * 60, coverage: 24 * 30, networks: 24 * 5}, 24, options.rounds)
    if options.roads.exists():
        usual = manhattan(options.roads, 13, "usual hour")
        rows += speeds(usual, {hold: 0.5, coverage: 0.5, networks: 0.1}, 1, 3)
        busiest = manhattan(options.roads, 18, "busiest hour, more than it can serve")
        rows += speeds(busiest, {hold: 0.25, coverage: 0.25}, 2, 3)
    else:
        print(f"no Manhattan: {options.roads} is not there")
    notes = (
        "Processor time of the thread that runs the simulation, so that other work on the machine does not count;"
        f" medians of {options.rounds} rounds, of 3 in Manhattan. *Two threads*: what two simulations at once do in a"
        " second of each, over what one does alone. The library is the one that is shipped, compiled for size."
    )
    text = page("Simulations", ["numpy"], [notes, speed_table(rows), batches, memory], ["results.png"])
    (HERE / "results.md").write_text(text, encoding="utf-8")
    print(text)
    panels: dict[str, dict[str, float]] = {}
    for world, way, speed in rows:
        panels.setdefault(world, {})[way] = speed.events
    label = "events a second of one core (log)"
    draw_bars(panels, HERE / "results.png", label=label, form=" {:,.0f}", limits=(1e3, 2e7))


if __name__ == "__main__":
    main()

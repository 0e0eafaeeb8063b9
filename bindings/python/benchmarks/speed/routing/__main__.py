"""Times travel times on real roads beside RoutingKit's customizable contraction hierarchies and scipy's Dijkstra.

    bindings/python/run python -m benchmarks.speed.routing [--data DIR] [--rounds N]

Every round times each way in turn (A B C A B C ...) on fresh nodes; all ways must give the same milliseconds. Writes
results.md and results.png beside this file. Needs routingkit-cch.
"""

import argparse
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from benchmarks import DATA
from benchmarks.pages import page, table
from benchmarks.speed.routing.changed_edges import Changes, changes
from benchmarks.speed.routing.ways import libpatrol_way, milliseconds, routingkit_way, scipy_way
from libpatrol import AreaArrays
from libpatrol.synthetic.roads import roads_from_jemss

HERE = Path(__file__).resolve().parent
CITIES = {"Manhattan": "manhattan_roads", "Edmonton": "edmonton_roads"}
SIZES = [(60, 25), (500, 100), (1000, 1000)]
Row = tuple[str, str, str, np.ndarray]
"""City, work, way, seconds of each round."""
PREPARING = "preparing the roads"


def rows(name: str, city: AreaArrays, rounds: int) -> list[Row]:
    """Time preparing the roads and travel times of each size."""
    rng = np.random.default_rng(1)
    ready: dict[str, Callable] = {}
    measured: list[Row] = []
    for way, prepare in {"libpatrol": libpatrol_way, "RoutingKit": routingkit_way, "scipy": scipy_way}.items():
        start = time.thread_time()
        ready[way] = prepare(city)
        measured.append((name, PREPARING, way, np.array([time.thread_time() - start])))
    for origins, destinations in SIZES:
        times: dict[str, list[float]] = {way: [] for way in ready}
        for number in range(rounds):
            nodes = rng.integers(city.node_count, size=origins), rng.integers(city.node_count, size=destinations)
            answers = {}
            for way, ask in ready.items():
                if way == "scipy" and number >= max(1, rounds // 10):
                    continue
                start = time.thread_time()
                answers[way] = ask(*nodes)
                times[way].append(time.thread_time() - start)
            for way, answer in answers.items():
                if not np.array_equal(milliseconds(answer), milliseconds(answers["libpatrol"])):
                    raise AssertionError(f"{way} and libpatrol differ on {name}, {origins} x {destinations}")
        work = f"travel times, {origins} x {destinations}"
        measured += [(name, work, way, np.array(seconds)) for way, seconds in times.items()]
        print(f"{name}, {work}: done", flush=True)
    return measured


def times_table(measured: list[Row]) -> str:
    lines = []
    for city, work, way, seconds in measured:
        ours = next(row[3] for row in measured if row[:3] == (city, work, "libpatrol"))
        median, high = np.median(seconds), np.quantile(seconds, 0.99)
        ratio = f"{median / np.median(ours):,.1f}"
        lines.append([city, work, way, f"{median * 1e3:,.2f}", f"{high * 1e3:,.2f}", ratio])
    return table(["roads", "work", "way", "median ms", "99 % ms", "times libpatrol's"], lines)


def changes_table(measured: dict[str, Changes]) -> str:
    lines = [
        [city, which, *(f"{seconds * 1e3:.2f}" for seconds in (found.without, found.first[which], found.again[which]))]
        for city, found in measured.items()
        for which in found.first
    ]
    head = ["roads", "64 changed edges", "decision without, ms", "with new changes, ms", "with the same again, ms"]
    return table(head, lines)


def draw(measured: list[Row]) -> None:
    import matplotlib

    matplotlib.use("agg")
    from matplotlib import pyplot

    cities = list(dict.fromkeys(row[0] for row in measured))
    figure, axes = pyplot.subplots(1, len(cities), figsize=(5 * len(cities), 3.6), layout="constrained", squeeze=False)
    for axis, city in zip(axes[0], cities, strict=True):
        for way in dict.fromkeys(row[2] for row in measured):
            of_way = [np.median(row[3]) * 1e3 for row in measured if row[0] == city and row[2] == way]
            axis.plot([f"{a} x {b}" for a, b in SIZES], of_way[1:], marker="o", label=way)
        axis.set(title=city, yscale="log", ylabel="median ms (log)", xlabel="origins x destinations")
        axis.legend()
    figure.savefig(HERE / "results.png", dpi=120)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--rounds", type=int, default=100)
    options = parser.parse_args()
    measured: list[Row] = []
    changed: dict[str, Changes] = {}
    for name, folder in CITIES.items():
        if not (options.data / folder).exists():
            print(f"no {name}: {options.data / folder} is not there")
            continue
        city = roads_from_jemss(options.data / folder)
        measured += rows(name, city, options.rounds)
        changed[name] = changes(city, options.rounds)
    text = page(
        "Travel times on real roads",
        ["routingkit-cch", "scipy", "numpy"],
        [
            "From Python, processor time of the thread. RoutingKit pins the destinations and asks for every origin, or "
            "the other way round, whichever are fewer calls. What libpatrol prepares is a whole area, with its demand "
            "points, patrol locations and tables; the others prepare one mode's times.",
            times_table(measured),
            "Decisions with heuristics for 60 units and 25 calls, all elsewhere than at the one before.",
            changes_table(changed),
        ],
    )
    (HERE / "results.md").write_text(text, encoding="utf-8")
    print(text)
    draw(measured)


if __name__ == "__main__":
    main()

"""Times decisions on the roads of two cities, beside an earlier build of the library where one is given.

    bindings/python/run python -m benchmarks.speed.decide.roads [--roads DIR ...] [--rounds N] [--earlier COMMIT]

Takes some minutes, and to build the library of a commit the first time some more. Writes roads.md beside this file.
"""

import argparse
import itertools
import statistics
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import DATA, policies
from benchmarks.pages import page, table
from benchmarks.speed.builds import builds
from benchmarks.speed.decide.c_loop import CLoop, compile_loop, pack
from libpatrol import Area, Engine, Session, Snapshot
from libpatrol.enums import DispatchUnit
from libpatrol.files import read_policy, write_area, write_policy
from libpatrol.synthetic.roads import roads_from_jemss
from libpatrol.synthetic.snapshots import sample_snapshot

HERE = Path(__file__).resolve().parent
CITIES = ("manhattan_roads", "edmonton_roads")
SIZES = ((60, 25), (500, 100))
FREE_SHARES = (0.6, 0.15)
SNAPSHOTS, NODES = 8, 2000
WAYS = {"heuristics": False, "networks": True}
HOST = ", the host's travel times"
ABOUT = f"""\
From C; dispatch and patrol, by marginal coverage and minimum weighted travel or by the networks of the general policy,
which never abstain here; at most {NODES:,} nodes of the search, without a deadline. The share of the units that is free
is at patrol locations, the others are on calls: as shipped, the general policy abstains in the states with 60 %, which
then take as long as heuristics, and decides in those with 15 %. Processor time of the thread, medians over {SNAPSHOTS}
snapshots that are decided in turn, so that no unit is where it was at the decision before. *Routing*: travel times from
units to calls, part of it, by the clock, from Python, the least of five. The library is the one that is shipped."""
EARLIER = "*Earlier*: the same snapshots by the library of commit {commit}, in turn in the same run."


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--roads", type=Path, nargs="+", default=[DATA / name for name in CITIES])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--earlier", metavar="COMMIT", help="measure the library of this commit too")
    options = parser.parse_args()
    rows = []
    with tempfile.TemporaryDirectory() as directory:
        work = Path(directory)
        programs = {name: compile_loop(prefix, work / name) for name, prefix in builds(work, options.earlier).items()}
        for roads in options.roads:
            rows += _city(roads, programs, work, options.rounds)
    head = ["decision", "way", "ms", "routing, ms", "earlier, ms", "earlier / now"]
    notes = [ABOUT, EARLIER.format(commit=options.earlier)] if options.earlier else [ABOUT]
    text = page("Decisions on a city's roads", ["numpy"], [*notes, table(head[: len(rows[0])], rows)])
    (HERE / "roads.md").write_text(text, encoding="utf-8")
    print(text)


def _city(roads: Path, programs: dict[str, Path], work: Path, rounds: int) -> list[list[str]]:
    city = roads_from_jemss(roads)
    area = Area.from_arrays(**city)
    write_area(work / "area", **city)
    title = f"{roads.name.removesuffix('_roads').title()}, {area.info.node_count:,} nodes"
    rows = []
    for (units, calls), free in itertools.product(SIZES, FREE_SHARES):
        rng = np.random.default_rng(1)
        sizes: dict[str, Any] = {"unit_count": units, "incident_count": calls, "busy_share": 1 - free}
        places = area.patrol_locations
        snapshots = [sample_snapshot(city, rng, **sizes, nodes=places) for _ in range(SNAPSHOTS)]
        hosted = [_with_travel(area, snapshot) for snapshot in snapshots]
        _write_networks(work / "policy", area, units)
        for way, is_learned in WAYS.items():
            policy = str(work / "policy") if is_learned else "-"
            for suffix, decided in (("", snapshots), (HOST, hosted)):
                paths = [pack(snapshot, work / f"snapshot{k}") for k, snapshot in enumerate(decided)]
                loops = {name: CLoop(program, work / "area", policy, 1, NODES) for name, program in programs.items()}
                times = _in_turn(loops, paths, rounds)
                state = f"{title}, {units} units, {calls} calls, {round(100 * free)} % free"
                row = [state, way + suffix, f"{times['now']:.2f}"]
                row += ["" if suffix else f"{_routing(area, decided, is_learned):.2f}"]
                if "earlier" in times:
                    row += [f"{times['earlier']:.2f}", f"{times['earlier'] / times['now']:.1f}"]
                rows.append(row)
    return rows


def _write_networks(path: Path, area: Area, units: int) -> None:
    """Write the networks of the general policy with outputs in minutes, the only unit that earlier libraries know.

    In this city the values are the same: outputs are multiplied by its travel time, their unit, in minutes.
    """
    states: dict[str, Any] = read_policy(policies.networks("general")).states()
    assert states["dispatch_unit"] is DispatchUnit.POST_TIME
    minutes = Engine(area).post_seconds(units) / 60
    pair, value = states["pair"], states["value"]
    last = max(int(name.partition(".")[0]) for name in pair if name.endswith(".weight"))
    pair |= {name: pair[name] * minutes for name in (f"{last}.weight", f"{last}.bias")}
    value |= {name: value[name] * minutes for name in ("skip.weight", "skip.bias", "output.weight")}
    write_policy(path, **states | {"dispatch_unit": DispatchUnit.MINUTE})


def _with_travel(area: Area, snapshot: Snapshot) -> Snapshot:
    """Return the snapshot with the library's travel times as the host's."""
    seconds = area.travel_times(snapshot.units["node"], snapshot.incidents["node"])
    return Snapshot(snapshot.time_seconds, snapshot.units, snapshot.incidents, travel_seconds=seconds)


def _in_turn(loops: dict[str, CLoop], paths: list[Path], rounds: int) -> dict[str, float]:
    """Return each program's median over all snapshots after a first round, milliseconds."""
    times: dict[str, list[float]] = {name: [] for name in loops}
    for turn in range(rounds + 1):
        for path in paths:
            for name, loop in loops.items():
                measured = loop.seconds(path)
                if turn > 0:
                    times[name] += measured
    for loop in loops.values():
        loop.close()
    return {name: 1e3 * statistics.median(measured) for name, measured in times.items()}


def _routing(area: Area, snapshots: list[Snapshot], is_learned: bool) -> float:
    """Return the median over snapshots of the least time of routing, milliseconds: it is by the clock."""
    engine = Engine(area, policies.networks("general") if is_learned else None)
    least = [float("inf")] * len(snapshots)
    with Session(engine, len(snapshots[0].units), len(snapshots[0].incidents)) as session:
        for _ in range(5):
            for k, snapshot in enumerate(snapshots):
                routing = session.decide(snapshot, deadline=None, node_limit=NODES).routing_microseconds
                least[k] = min(least[k], routing)
    return 1e-3 * statistics.median(least)


if __name__ == "__main__":
    main()

"""Times joint training on Manhattan's roads, beside an earlier build of the library where one is given.

    bindings/python/run python -m benchmarks.speed.train.roads [--roads DIR] [--rounds N] [--earlier COMMIT]

Takes some minutes, and to build the library of a commit the first time some more. Writes roads.md beside this file.
"""

import argparse
import statistics
import subprocess
import tempfile
from pathlib import Path

from benchmarks import DATA
from benchmarks.pages import page, table
from benchmarks.speed.builds import builds, compile_program
from libpatrol.files import write_area
from libpatrol.synthetic.roads import roads_from_jemss

HERE = Path(__file__).resolve().parent
UNITS, CALLS_PER_HOUR, COMPARISONS, POPULATION = 60, 60, 24, 2
ABOUT = f"""\
Joint training (`joint.c`) on Manhattan's roads, 16,811 nodes, with {UNITS} units and {CALLS_PER_HOUR} calls an hour:
the trainer's defaults, but for their amount. Dispatch: two iterations of {COMPARISONS} comparisons, and a generation of
{POPULATION} policies, each simulated for a day; patrol: such a generation of a linear score, beside it. The simulated
hours of comparisons and of both searches are to each other about as with the defaults. Processor seconds of one thread
without validation, medians of {{rounds}} rounds in turn; the library is the one that is shipped."""
EARLIER = """\
*Earlier*: as many comparisons and policies by the library of commit {commit}, in the same run; rollouts are as long as
the defaults of each have them."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--roads", type=Path, default=DATA / "manhattan_roads")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--earlier", metavar="COMMIT", help="measure the library of this commit too")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        work = Path(directory)
        write_area(work / "area", **roads_from_jemss(options.roads))
        programs = {name: _program(prefix, work / name) for name, prefix in builds(work, options.earlier).items()}
        runs: dict[str, list[dict[str, tuple[float, int]]]] = {name: [] for name in programs}
        for _ in range(options.rounds):
            for name, program in programs.items():
                runs[name].append(_run(program, work / "area"))
    about = ABOUT.format(rounds=options.rounds)
    notes = [about, EARLIER.format(commit=options.earlier)] if options.earlier else [about]
    text = page("Training on a city's roads", ["numpy"], [*notes, _table(runs)])
    (HERE / "roads.md").write_text(text, encoding="utf-8")
    print(text)


def _program(prefix: Path, program: Path) -> Path:
    has_limit = "validation_limit" in (prefix / "include" / "patrol_lab.h").read_text(encoding="utf-8")
    definitions = ["-DHAS_VALIDATION_LIMIT"] if has_limit else []
    return compile_program(HERE / "joint.c", "patrol_lab", prefix, program, *definitions)


def _run(program: Path, area: Path) -> dict[str, tuple[float, int]]:
    """Return seconds and events of each part of a training."""
    numbers = [str(number) for number in (UNITS, CALLS_PER_HOUR, COMPARISONS, POPULATION)]
    output = subprocess.run([program, area, *numbers], check=True, capture_output=True, text=True).stdout
    parts = {name: (float(seconds), int(events)) for name, seconds, events in map(str.split, output.splitlines())}
    parts["both"] = sum(part[0] for part in parts.values()), sum(part[1] for part in parts.values())
    return parts


def _table(runs: dict[str, list[dict[str, tuple[float, int]]]]) -> str:
    rows = []
    for part in ("dispatch", "patrol", "both"):
        seconds = {name: statistics.median(run[part][0] for run in measured) for name, measured in runs.items()}
        now = seconds["now"]
        row = [part, f"{now:.2f}", f"{runs['now'][0][part][1] / now:,.0f}"]
        if "earlier" in seconds:
            row += [f"{seconds['earlier']:.2f}", f"{seconds['earlier'] / now:.2f}"]
        rows.append(row)
    head = ["training of", "seconds", "events / s", "earlier, seconds", "earlier / now"]
    return table(head[: len(rows[0])], rows)


if __name__ == "__main__":
    main()

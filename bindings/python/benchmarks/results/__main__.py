"""The results page: what learned policies cost beside heuristics, over scenarios and loads.

    bindings/python/run python bindings/python/benchmarks/results [--effort quick|full] [--folder DIR] [--cells NAME ...]

Everything that is made (searches, policy files, costs on test seeds) is kept in the folder and not made again, so that
the command can be stopped and resumed, and policies can be looked at. Writes results.md and results.png beside this file.
"""

import argparse
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from report import page, table  # noqa: E402
from rows import Row, rows_of  # noqa: E402
from study import FAMILIES, LOADS, Cell, Effort, Study  # noqa: E402

EFFORTS = {
    "full": Effort(
        test_replications=200, validation_replications=20, tuning_events=20_000_000, seeds=5,
        variants=("patrol_only", "dispatch_only", "apart", "joint"), trainer={"validations": 256},
    ),
    "quick": Effort(
        test_replications=200, validation_replications=40, tuning_events=8_000_000, seeds=1, variants=("joint",),
        trainer={"rounds": 1, "iterations": 4, "comparisons": 14_000, "bootstrap_comparisons": 8_000},
    ),
}  # fmt: skip
PAPER_PATROL, PAPER_DISPATCH = "random_walk", "closest_fcfs"

ABOUT = """\
Scenarios come with the package (`libpatrol scenarios`): 5 units, a queue of 10, two categories (weights 3 and 1); the load is the offered
load per unit, travel included. Cost is the mean weighted number of calls that wait for a unit, a lost call charged with an
hour; *change* is the paired difference to the best pair of heuristics, with its 95 % interval, on {replications} test
replications of 48 h after 6 h of warm-up. Heuristics (every pair, then travel limits within a budget of {tuning:,} events)
and phases of training are chosen on validation seeds; test seeds are met by nothing else. {seeds} training seed{plural} a
cell: intervals are from a bootstrap over training seeds and replications. *Patrol only* and *dispatch only* are the
paper's comparisons: learned patrol beside the closest unit first come first served, learned dispatch beside a random
walk. *Apart*: both learned beside the best heuristics, then combined, in the same phases as *joint*. After the colon:
the policies that validation chose, a heuristic where learning brought nothing. Trainer: {trainer}."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--effort", choices=EFFORTS, default="full")
    parser.add_argument("--folder", type=Path, help="default: .build/results-EFFORT in the repository")
    parser.add_argument("--cells", nargs="*", help="such as hotspots-heavy or uniform-medium-rules-off (default: all)")
    options = parser.parse_args()
    effort = EFFORTS[options.effort]
    folder = options.folder or HERE.parents[3] / ".build" / f"results-{options.effort}"
    started = time.monotonic()
    study = Study(folder, effort, lambda name: print(f"{time.monotonic() - started:7.0f} s  {name}", flush=True))
    cells = [Cell(family, load, rules) for rules in ("on", "off") for family in FAMILIES for load in LOADS]
    if options.cells:
        unknown = set(options.cells) - {cell.name for cell in cells}
        if unknown:
            parser.error(f"no cell {', '.join(sorted(unknown))}, expected some of {', '.join(cell.name for cell in cells)}")
        cells = [cell for cell in cells if cell.name in options.cells]
    found = {cell: rows_of(study, cell, PAPER_PATROL, PAPER_DISPATCH) for cell in cells}
    about = ABOUT.format(
        replications=effort.test_replications, tuning=effort.tuning_events, seeds=effort.seeds,
        plural="" if effort.seeds == 1 else "s",
        trainer=", ".join(f"{name} {value}" for name, value in effort.trainer.items()) + ", the rest at its defaults",
    )  # fmt: skip
    sections = [about]
    for rules, title in (("on", "Under the department's rules"), ("off", "Every call may be held")):
        of_rules = {cell: rows for cell, rows in found.items() if cell.rules == rules}
        if of_rules:
            sections += [f"## {title}", table(HEAD, [line for cell, rows in of_rules.items() for line in lines(cell, rows)])]
    text = page("Learned policies beside heuristics", ["numpy"], sections)
    print(text)
    (HERE / "results.md").write_text(text, encoding="utf-8")
    draw(found, HERE / "results.png")


HEAD = ("scenario", "policies", "cost", "change", "mean response, min", "p90, min", "lost", "events to make it")


def lines(cell: Cell, rows: list[Row]) -> list[list[str]]:
    return [
        [
            f"{cell.family} {cell.load}" if number == 0 else "",
            row.title,
            f"{row.cost:.4f}",
            "" if row.change is None else f"{100 * row.change.mean:+.1f} % ± {100 * row.change.half_width:.1f}",
            f"{row.response / 60:.2f}",
            f"{row.p90 / 60:.2f}",
            f"{100 * row.lost:.2f} %",
            f"{row.events:.1e}" if row.events else "",
        ]
        for number, row in enumerate(rows)
    ]


def draw(found: dict[Cell, list[Row]], path: Path) -> None:
    import matplotlib

    matplotlib.use("agg")
    from matplotlib import pyplot

    cells = list(found)[::-1]
    figure, axis = pyplot.subplots(figsize=(9, 1.2 + 0.45 * len(cells)), layout="constrained")
    for title, colour, shift in (("joint", "#3b6ea5", 0.15), ("travel limits", "#b0b0b0", -0.15)):
        for place, cell in enumerate(cells):
            row = next((row for row in found[cell] if row.title.startswith(title) and row.change), None)
            if row is not None:
                axis.errorbar(
                    100 * row.change.mean, place + shift, xerr=100 * row.change.half_width, fmt="o", color=colour,
                    label=title if place == 0 else None,
                )  # fmt: skip
    axis.axvline(0, color="black", linewidth=0.8)
    axis.set(yticks=range(len(cells)), xlabel="cost, % against the best pair of heuristics (95 % intervals)")
    axis.set_yticklabels([cell.name for cell in cells])
    axis.legend()
    figure.savefig(path, dpi=120)


main()

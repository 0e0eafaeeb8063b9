"""The paper's comparisons at the scale of a department: joint training, its parts, and heuristics.

    bindings/python/run python -m benchmarks.studies.departments
        [--effort first|full] [--folder DIR] [--cells NAME ...] [--jobs N] [--ray] [--plan | --untrained | --made]

Everything that is made is kept in the folder and not made again; a training that is stopped continues from its last
minute. `--plan` prints what is to be run and the core-hours that it is expected to take; `--untrained` trains nothing,
and `--made` makes nothing: they show what there is, and name what is missing. `--ray` makes the cells on the Ray
cluster of RAY_ADDRESS, all of whose nodes must have the folder and this source tree at the same path, or on one that
it starts here: a cell whose worker is lost goes on from what is kept. Writes results.md beside this file.
"""

import argparse
import os
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from benchmarks import BUILD
from benchmarks.pages import page, table
from benchmarks.studies.departments.plan import EFFORTS, PAIRS, cells, core_hours, trainings
from benchmarks.studies.departments.table import HEAD, Department, department, lines
from benchmarks.studies.results.study import Effort, Study
from benchmarks.studies.scenarios import BOROUGH_ROADS, Cell
from libpatrol.studies.workers import on_ray

HERE = Path(__file__).resolve().parent
ABOUT = """\
`metro`, `county` and `milwaukee`, whose calls are those of a [real log](milwaukee/results.md), come with the package
(`libpatrol scenarios`); `borough` is beside this page and needs the roads of Manhattan. Cost is the mean weighted
number of calls that wait for a unit; nobody is lost. *Change* is the paired difference to the best pair of heuristics,
*joint against it* that of joint training to the row, both with 95 % intervals, on {tests} test replications; *p* is
corrected over all comparisons of the page (Holm). The best heuristics are of {pairs} pairs on {validations} validation
replications, whose seeds no test meets; {limits}. *Patrol only* and *dispatch only* are learned beside the best
heuristic or, without those words, beside the paper's baseline (closest unit, random walk); *learned apart* is both,
combined, at as many events as joint training. After the colon: the policies that validation chose."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--effort", choices=EFFORTS, default="full")
    parser.add_argument("--folder", type=Path, help="default: .build/departments-EFFORT in the repository")
    parser.add_argument("--cells", nargs="*", help="such as metro-medium (default: all)")
    parser.add_argument(
        "--jobs", type=int, default=os.cpu_count(), help="cells at once (default: one on each processor)"
    )
    parser.add_argument("--ray", action="store_true", help="cells on a Ray cluster (the extra `ray`)")
    parser.add_argument("--plan", action="store_true", help="print what is to be run and its core-hours, and end")
    parser.add_argument("--untrained", action="store_true", help="train nothing; show trainings that there are")
    parser.add_argument("--made", action="store_true", help="make nothing; show what there is")
    options = parser.parse_args()
    effort, known = EFFORTS[options.effort], {cell.name: cell for cell in cells()}
    unknown = set(options.cells or ()) - set(known)
    if unknown:
        parser.error(f"no cell {', '.join(sorted(unknown))}, expected some of {', '.join(known)}")
    chosen = [cell for name, cell in known.items() if not options.cells or name in options.cells]
    if options.plan:
        print(plan(chosen, effort))
        return
    folder = options.folder or BUILD / f"departments-{options.effort}"
    work = Work(
        folder.resolve(), options.effort, makes=not options.made, trains=not (options.made or options.untrained)
    )
    if options.ray:
        found = on_ray(work.department, chosen, options.jobs)
    else:
        with ProcessPoolExecutor(options.jobs) as pool:
            found = list(pool.map(work.department, chosen))
    text = page("Departments", ["numpy"], sections(found, effort))
    print(text)
    (HERE / "results.md").write_text(text, encoding="utf-8")


@dataclass(frozen=True)
class Work:
    """What is made where, in a process of its own for each cell."""

    folder: Path
    effort: str
    makes: bool
    trains: bool

    def department(self, cell: Cell) -> Department:
        """Return what a cell comes to."""
        started, effort = time.monotonic(), EFFORTS[self.effort]

        def say(name: str) -> None:
            print(f"{time.monotonic() - started:7.0f} s  {name}", flush=True)

        study, learning = (Study(self.folder, effort, say, makes) for makes in (self.makes, self.trains))
        return department(study, cell, learning)


def sections(found: Sequence[Department], effort: Effort) -> list[str]:
    """Return the page: what is compared, the table, what has not been run, and the plan."""
    about = ABOUT.format(
        tests=effort.test_replications,
        pairs=len(effort.pairs) or PAIRS,
        validations=effort.validation_replications,
        limits=f"travel limits are tuned within {effort.tuning_events:,} events"
        if not effort.pairs
        else "travel limits are not tuned at this effort",
    )
    shown = [about, table(HEAD, lines(found))]
    missing = [f"* {one.cell.name}: {', '.join(one.missing)}" for one in found if one.missing]
    if missing:
        shown += ["Not run:", "\n".join(missing)]
    if not BOROUGH_ROADS.exists():
        shown.append("The borough was skipped: the roads of Manhattan are not in the test data.")
    return [*shown, "## Core-hours, estimated before the start", plan([one.cell for one in found], effort)]


def plan(chosen: Sequence[Cell], effort: Effort) -> str:
    """Return a table of what is to be run and the core-hours that it is expected to take."""
    rows = []
    for cell in chosen:
        tests, learned = core_hours(cell, effort)
        count = sum(seeds for _, seeds in trainings(cell))
        rows.append([cell.name, f"{count}", f"{tests:.1f}", f"{learned:.1f}", f"{tests + learned:.1f}"])
    return table(("cell", "trainings", "heuristics and tests", "training", "core-hours"), rows)


if __name__ == "__main__":
    main()

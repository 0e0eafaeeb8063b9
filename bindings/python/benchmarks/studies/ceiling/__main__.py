"""How much could be gained at all: dispatch by rollouts, and units that may be anywhere at once.

    bindings/python/run python -m benchmarks.studies.ceiling
        [--parts dispatch patrol] [--cells NAME ...] [--folder DIR] [--study DIR]

About a quarter of an hour of one core. What was measured is kept in a folder and not measured again, so that the
command can be stopped and resumed. Writes results.md and results.png beside this file.
"""

import argparse
import dataclasses
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from benchmarks import BUILD
from benchmarks.pages import page
from benchmarks.studies.ceiling.dispatch_part import dispatch_rows
from benchmarks.studies.ceiling.patrol_part import patrol_row
from benchmarks.studies.ceiling.plot import draw
from benchmarks.studies.ceiling.rollouts import Effort
from benchmarks.studies.ceiling.texts import dispatch_section, patrol_section
from benchmarks.studies.laboratory import Laboratory
from benchmarks.studies.results.plan import EFFORTS
from benchmarks.studies.results.study import Study
from benchmarks.studies.scenarios import FAMILIES, LOADS, Cell

HERE = Path(__file__).resolve().parent
DISPATCH_CELLS = [
    Cell(family, "medium", rules) for rules in ("on", "off") for family in ("hotspots", "irregular-roads")
]
PATROL_CELLS = [Cell(family, load) for family in FAMILIES for load in LOADS]
DISPATCH_REPLICATIONS, PATROL_REPLICATIONS = 12, 60

_Row = TypeVar("_Row")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--folder", type=Path, help="default: .build/ceiling in the repository")
    parser.add_argument(
        "--study", type=Path, help="the results page's, for its heuristics; default: .build/results-full"
    )
    parser.add_argument("--cells", nargs="*", help="such as hotspots-heavy or hotspots-medium-rules-off (default: all)")
    parser.add_argument("--parts", nargs="*", choices=("dispatch", "patrol"), default=("dispatch", "patrol"))
    options = parser.parse_args()
    known = {cell.name for cell in [*DISPATCH_CELLS, *PATROL_CELLS]}
    wanted = known if options.cells is None else set(options.cells)
    if wanted - known:
        parser.error(f"no cell {', '.join(sorted(wanted - known))}, expected some of {', '.join(sorted(known))}")
    started = time.monotonic()

    def say(name: str) -> None:
        print(f"{time.monotonic() - started:7.0f} s  {name}", flush=True)

    lab = Laboratory(options.folder or BUILD / "ceiling", say=say)
    study = Study(options.study or BUILD / "results-full", EFFORTS["full"], say)

    def rows(part: str, cells: list[Cell], make: Callable[[Cell], _Row]) -> list[_Row]:
        return [make(cell) for cell in cells if part in options.parts and cell.name in wanted]

    effort = Effort()
    of_patrol = dataclasses.replace(lab, replications=PATROL_REPLICATIONS)
    of_dispatch = dataclasses.replace(lab, replications=DISPATCH_REPLICATIONS)
    patrol = rows("patrol", PATROL_CELLS, lambda cell: patrol_row(of_patrol, cell))
    dispatch = rows("dispatch", DISPATCH_CELLS, lambda cell: dispatch_rows(of_dispatch, study, cell, effort))
    sections = []
    if dispatch:
        sections += dispatch_section(dispatch, effort, DISPATCH_REPLICATIONS)
    if patrol:
        sections += patrol_section(patrol, PATROL_REPLICATIONS)
    text = page("How much could be gained at all", ["numpy", "scipy"], sections, ["results.png"])
    print(text)
    (HERE / "results.md").write_text(text, encoding="utf-8")
    draw(dispatch, patrol, HERE / "results.png")


if __name__ == "__main__":
    main()

"""The general policy: in cities that it was not trained in, without retraining."""

from collections.abc import Iterable

import numpy as np

from benchmarks.studies.measures import change, mean, percent
from benchmarks.studies.pairs import SHORT_LIST
from benchmarks.studies.results.study import Study
from benchmarks.studies.scenarios import Cell, GeneratedCell
from libpatrol import Policy
from libpatrol.studies.intervals import Interval, interval
from libpatrol.studies.measures import COST
from libpatrol.studies.pairs import PolicyPair

NAME = "general"
HELD_OUT = [GeneratedCell(number) for number in range(100, 124)]
"""Cities that nothing was trained in: training has lower numbers."""
REPLICATIONS = 40
HEAD = ("scenario", "beside", "their cost", "general policy's", "change")
ABOUT = """\
One policy of the package (`{name}`; its file says how it was trained: in generated cities of other numbers) for any
city, fleet and load, without retraining; in {count} generated cities of 3 to 10 units, {replications} replications
each, beside {fixed}, what one would take untuned, and in the scenarios above beside their best heuristics. In the
generated cities together: {together}."""

_FIXED = SHORT_LIST[0]


def measure(study: Study, cell: Cell | GeneratedCell) -> tuple[str, float, float, Interval]:
    """Return the reference's name and cost, the general policy's cost, and its relative change."""
    reference, count = (_FIXED, REPLICATIONS) if isinstance(cell, GeneratedCell) else (study.heuristics(cell)[0], None)
    base = study.measured(cell, reference.name, reference, count)
    general = PolicyPair.trained(Policy.bundled(NAME), name=NAME)
    own = study.measured(cell, NAME, general, count)
    return reference.name, mean([base], COST), mean([own], COST), change([own], base)


def general_cells(chosen: Iterable[Cell]) -> list[Cell | GeneratedCell]:
    """Return everything that the section shows: the generated cities, and the scenarios above under the rules."""
    return [*HELD_OUT, *(cell for cell in chosen if cell.rules == "on")]


def about(study: Study) -> str:
    """Return the section's text, with the mean change over generated cities: they are what the interval is over."""
    found = [measure(study, cell)[3].mean for cell in HELD_OUT]
    better, all_cities = sum(change < 0 for change in found), len(found)
    together = f"{percent(interval(np.array(found)))} over cities, the cost is lower in {better} of {all_cities}"
    return ABOUT.format(name=NAME, count=all_cities, replications=REPLICATIONS, fixed=_FIXED.name, together=together)


def lines(study: Study, chosen: Iterable[Cell]) -> list[list[str]]:
    """Return the table's rows."""
    rows = []
    for cell in general_cells(chosen):
        name, base, cost, change = measure(study, cell)
        rows.append([cell.name, name, f"{base:.4f}", f"{cost:.4f}", percent(change)])
    return rows

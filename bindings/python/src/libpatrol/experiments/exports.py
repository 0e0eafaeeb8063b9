"""Results as CSV and JSON, with every measure in the unit that its name says."""

import csv
import json
import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from libpatrol import __version__
from libpatrol.experiments.comparison import Comparison
from libpatrol.experiments.intervals import Interval
from libpatrol.experiments.measures import CLASS_MEASURES, CLASSES, MEASURES, class_intervals
from libpatrol.experiments.tables import row_name
from libpatrol.metrics import Metrics
from libpatrol.scenario import Scenario

COLUMNS = ("scenario", "policies", "class", "row", "measure", "mean", "half_width", "replications", "difference",
           "difference_half_width")  # fmt: skip


def write(
    path: Path, form: str, scenario: Scenario, results: Mapping[str, Sequence[Metrics]], settings: Mapping[str, Any]
) -> None:
    """Write the results of policies on the same seeds; the first is the reference of the differences.

    Parameters
    ----------
    path : Path
        Where to.
    form : str
        ".csv" or ".json".
    scenario : Scenario
        What was simulated.
    results : mapping of str to sequence of Metrics
        By the policies' name.
    settings : mapping
        How: seeds, hours and the like, kept in JSON.
    """
    rows = list(_rows(scenario, results))
    if form == ".csv":
        with open(path, "w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, COLUMNS)
            writer.writeheader()
            writer.writerows({name: "" if value is None else value for name, value in row.items()} for row in rows)
        return
    volume = scenario.about.volume
    content = {
        "libpatrol": __version__,
        "scenario": scenario.about.name,
        "description": scenario.about.description,
        "volume": None if volume is None else {name: _number(value) for name, value in vars(volume).items()},
        "notes": list(scenario.about.notes),
        "settings": dict(settings),
        "rows": [{name: value for name, value in row.items() if name != "scenario"} for row in rows],
        "replications": {
            name: {measure.name: [_number(value) for value in measure.values(found)] for measure in MEASURES}
            for name, found in results.items()
        },
    }
    path.write_text(json.dumps(content, indent=1, allow_nan=False) + "\n", encoding="utf-8")


def _rows(scenario: Scenario, results: Mapping[str, Sequence[Metrics]]) -> Iterator[dict[str, Any]]:
    comparison = Comparison(results, MEASURES)
    for name, found in results.items():
        for measure in MEASURES:
            row = _row(scenario, name, "all", "", measure.name, measure.over(found))
            if name != comparison.reference:
                difference = comparison.difference(name, measure)
                row["difference"] = _number(difference.mean)
                row["difference_half_width"] = _number(difference.half_width)
            yield row
        for kind in CLASSES:
            for column in CLASS_MEASURES:
                for index, entry in enumerate(class_intervals(found, kind, column)):
                    yield _row(scenario, name, kind, row_name(kind, index, scenario), f"response_{column}", entry)


def _row(scenario: Scenario, name: str, kind: str, row: str, measure: str, found: Interval) -> dict[str, Any]:
    values = (
        scenario.about.name,
        name,
        kind,
        row,
        measure,
        _number(found.mean),
        _number(found.half_width),
        found.replications,
    )
    return dict(zip(COLUMNS, (*values, None, None), strict=True))


def _number(value: float) -> float | None:
    """Return None for what was not measured: JSON has no NaN."""
    return float(value) if math.isfinite(value) else None

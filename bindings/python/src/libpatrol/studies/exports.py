"""Results as CSV and JSON, with every measure in the unit that its name says."""

import csv
import json
import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from libpatrol import __version__
from libpatrol.lab.metrics import Metrics
from libpatrol.scenario.scenario import Scenario
from libpatrol.studies.comparison import Comparison
from libpatrol.studies.intervals import Interval
from libpatrol.studies.measures import (
    CLASS_MEASURES,
    CLASSES,
    MEASURES,
    Measure,
    class_measure,
    classes_present,
    row_name,
)

COLUMNS = ("scenario", "policies", "class", "row", "measure", "mean", "half_width", "replications", "difference",
           "difference_half_width", "scenario_version", "scenario_hash")  # fmt: skip
_SAID_ONCE = ("scenario", "scenario_version", "scenario_hash")
"""Columns that JSON has at its top."""


def write(
    path: Path, form: str, scenario: Scenario, results: Mapping[str, Sequence[Metrics]], settings: Mapping[str, Any]
) -> None:
    """Write the results of policies on the same seeds; the first is the reference for differences.

    Parameters
    ----------
    path : Path
        File to write.
    form : str
        ".csv" or ".json".
    scenario : Scenario
        What was simulated.
    results : mapping of str to sequence of Metrics
        By the policies' name.
    settings : mapping
        Seeds, hours and so on, kept in JSON.
    """
    rows = list(_rows(scenario, results))
    if form == ".csv":
        with open(path, "w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, COLUMNS)
            writer.writeheader()
            writer.writerows({name: "" if value is None else value for name, value in row.items()} for row in rows)
        return
    workload = scenario.details.workload
    content = {
        "libpatrol": __version__,
        "scenario": scenario.details.name,
        "description": scenario.details.description,
        "scenario_version": scenario.details.version,
        "scenario_hash": scenario.content_hash,
        "workload": None if workload is None else {name: _number(value) for name, value in vars(workload).items()},
        "notes": list(scenario.details.notes),
        "settings": dict(settings),
        "rows": [{name: value for name, value in row.items() if name not in _SAID_ONCE} for row in rows],
        "replications": {
            name: {
                **_values(found, MEASURES),
                **{
                    f"by_{kind}": {
                        row_name(kind, row, scenario): _values(found, _class_measures(kind, row))
                        for row in classes_present(found, kind)
                    }
                    for kind in CLASSES
                },
            }
            for name, found in results.items()
        },
    }
    path.write_text(json.dumps(content, indent=1, allow_nan=False) + "\n", encoding="utf-8")


def _rows(scenario: Scenario, results: Mapping[str, Sequence[Metrics]]) -> Iterator[dict[str, Any]]:
    comparison = Comparison(results)
    for name, found in results.items():
        for measure in MEASURES:
            yield _row(scenario, comparison, name, ("all", ""), measure)
        for kind, table in CLASSES.items():
            for index in range(len(table(found[0]))):
                for measure in _class_measures(kind, index):
                    yield _row(scenario, comparison, name, (kind, row_name(kind, index, scenario)), measure)


def _row(
    scenario: Scenario, comparison: Comparison, name: str, which: tuple[str, str], measure: Measure
) -> dict[str, Any]:
    mean = comparison.mean(name, measure)
    difference = Interval(math.nan, math.nan, 0)
    if name != comparison.reference:
        difference = comparison.difference(name, measure)
    told = _number(mean.mean), _number(mean.half_width), mean.replications
    values = (scenario.details.name, name, *which, measure.name, *told)
    apart = _number(difference.mean), _number(difference.half_width)
    identity = scenario.details.version, scenario.content_hash
    return dict(zip(COLUMNS, (*values, *apart, *identity), strict=True))


def _class_measures(kind: str, row: int) -> list[Measure]:
    return [class_measure(kind, row, column) for column in CLASS_MEASURES]


def _values(replications: Sequence[Metrics], measures: Sequence[Measure]) -> dict[str, list[float | None]]:
    return {measure.name: [_number(value) for value in measure.values(replications)] for measure in measures}


def _number(value: float) -> float | None:
    """Return None for a value that was not measured: JSON has no NaN."""
    return float(value) if math.isfinite(value) else None

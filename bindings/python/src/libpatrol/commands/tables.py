"""Results as tables on a console."""

import math
from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.table import Table

from libpatrol.commands.console import Console, styled
from libpatrol.lab.metrics import Metrics
from libpatrol.scenario.scenario import Scenario
from libpatrol.studies.comparison import Comparison
from libpatrol.studies.intervals import Interval, holm
from libpatrol.studies.measures import (
    CLASS_MEASURES,
    CLASSES,
    COST,
    MEASURES,
    Measure,
    class_intervals,
    class_measure,
    classes_present,
    row_name,
)

_CLASS_COLUMNS = ("lost_share", "median", "p90", "charged_mean", "within_target")
"""What is printed by class in addition to the calls; the files have every column."""

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

_SHORT = {
    "cost_rate": "weighted\nwait",
    "charged_mean_response_seconds": "response",
    "charged_p90_response_seconds": "p90",
    "within_target": "in time",
    "overflow_share": "lost",
}
"""Narrow titles of the paired table; response times are over all calls."""

_WEIGHTED_WAIT = "weighted wait: weighted calls waiting, mean over time, lost calls included"
"""Legend of the paired table, where the unit is too wide for the column."""


_WIDEST = 1000
"""Columns in which any table fits."""


def introduce(console: Console, scenario: Scenario) -> None:
    """Print what is simulated, its load, what the load means, and by which version and hash it is known."""
    details, info = scenario.details, scenario.area.info
    console.line((details.name, "bold"), f": {details.description}")
    wording = (
        f"{info.node_count} nodes, {info.beat_count} beats, {scenario.unit_count} units, "
        f"queue of {scenario.arrays.queue_capacity}"
    )
    workload = details.workload
    if workload is not None:
        wording += (
            f"; {workload.calls_per_hour:.2f} calls an hour; offered load {workload.offered_load:.2f} per unit "
            f"({workload.post_seconds:.0f} s of travel in it), {workload.peak_load:.2f} in the busiest hour"
        )
    console.print(wording)
    console.print(identity(scenario))
    for note in details.notes:
        console.print(f"note: {note}")


def identity(scenario: Scenario) -> str:
    """Return by what a scenario is known: results can be compared if it is the same."""
    return f"version {scenario.details.version} of the scenario, content {scenario.content_hash[:16]}"


def measured(scenario: Scenario, hours: float | None = None) -> str:
    """Return which hours each replication measures, and whether they are whole periods of whatever repeats.

    Parameters
    ----------
    scenario : Scenario
        What is simulated.
    hours : float, optional
        Measured after the warm-up; None: `Scenario.hours`.
    """
    length, period = scenario.hours if hours is None else hours, scenario.period_hours
    begin, warm_up = _clock(scenario.measured_from_seconds), scenario.arrays.warm_up_seconds / 3600
    wording = f"measured: {length:g} h from {begin}, after {warm_up:g} h of warm-up"
    if not scenario.is_log and length % period:
        whole = "weeks" if period > 24 else "days"
        wording += f"; these are not whole {whole}, and demand, shifts and work repeat after {period} h"
    return wording


def _clock(seconds: float) -> str:
    days, rest = divmod(round(seconds / 60), 24 * 60)
    return f"{_DAYS[days % 7]} {rest // 60:02d}:{rest % 60:02d}"


def repetitions(count: int) -> str:
    """Return how many replications there are, and so what intervals."""
    return "one run: no intervals" if count == 1 else f"{count} replications, mean ± 95 %"


def show_metrics(console: Console, title: str, replications: Sequence[Metrics], scenario: Scenario) -> None:
    """Print every measure of one policy, and response times by class of calls."""
    table = Table(title=f"{title}\n{repetitions(len(replications))}", title_justify="left")
    table.add_column("")
    table.add_column("mean", justify="right")
    if len(replications) > 1:
        table.add_column("±", justify="right")
    table.add_column("")
    for measure in MEASURES:
        mean, half, _ = measure.over(replications)
        halves = [shown(half * measure.scale)] if len(replications) > 1 else []
        table.add_row(measure.title, shown(mean * measure.scale), *halves, measure.unit)
    console.print(table)
    for kind in CLASSES:
        show_class(console, replications, kind, scenario)


def show_class(console: Console, replications: Sequence[Metrics], kind: str, scenario: Scenario) -> None:
    """Print response times of one kind of classes; nothing if there is only one class."""
    present = classes_present(replications, kind)
    if len(present) < 2:
        return
    table = Table(title=f"response times by {kind}", title_justify="left")
    table.add_column(kind)
    table.add_column("calls", justify="right")
    for name in _CLASS_COLUMNS:
        title, _, unit = CLASS_MEASURES[name]
        table.add_column(f"{title} {unit}", justify="right")
    calls = class_intervals(replications, kind, "calls")
    columns = {name: class_intervals(replications, kind, name) for name in _CLASS_COLUMNS}
    for row in present:
        cells = [with_half_width(columns[name][row], CLASS_MEASURES[name][1]) for name in _CLASS_COLUMNS]
        table.add_row(row_name(kind, row, scenario), f"{calls[row].mean:.0f}", *cells)
    console.print(table)


def show_comparison(console: Console, comparison: Comparison, scenario: Scenario) -> None:
    """Print the paired table, each policy and its difference from the reference on the same seeds; then by priority."""
    count = comparison.replications
    differences = "differences from" if count == 1 else "differences from\n"
    intervals = "" if count == 1 else " with paired 95 % intervals (bold: excludes zero; % of the mean, or points)"
    runs = "one run of each" if count == 1 else f"{count} replications"
    title = f"{runs} on the same calls; below the means the {differences}{comparison.reference}{intervals}"
    _show_paired(console, comparison, f"{title}\n{_WEIGHTED_WAIT}")
    reference = comparison.results[comparison.reference]
    present = classes_present(reference, "priority")
    if len(present) < 2:
        return
    for row in present:
        measures = [class_measure("priority", row, name) for name in (*_CLASS_COLUMNS, "charged_p90")]
        calls = class_measure("priority", row, "calls").over(reference).mean
        title = f"priority {row_name('priority', row, scenario)}: {calls:.0f} calls per replication, compared likewise"
        _show_paired(console, Comparison(comparison.results, measures), title)


def show_significance(console: Console, comparison: Comparison) -> None:
    """Print the change of weighted wait of each policy, with its probability of error among as many comparisons."""
    base, others = comparison.mean(comparison.reference, COST).mean, comparison.names[1:]
    differences = [comparison.difference(name, COST) for name in others]
    test = "t-test" if len(others) == 1 else f"t-test, corrected for {len(others)} comparisons after Holm"
    title = f"change of weighted wait, and the probability of one as large without any effect ({test})"
    table = Table(title=title, title_justify="left")
    for column in ("policies", "change", "probability"):
        table.add_column(column, justify="left" if column == "policies" else "right")
    corrected = holm([found.probability for found in differences])
    for name, found, probability in zip(others, differences, corrected, strict=True):
        change = with_half_width(Interval(found.mean / base, found.half_width / base, found.replications), 100.0)
        small = "-" if math.isnan(probability) else "< 0.001" if probability < 0.001 else f"{probability:.3f}"
        table.add_row(name, f"{change} %", small)
    console.print(table)


def _show_paired(console: Console, comparison: Comparison, title: str) -> None:
    """Print a table; where the console would cut its numbers, the measures in as many tables as it takes."""
    table, measures = _paired(comparison, title), comparison.measures
    needed = console.measure(table, options=console.options.update(width=_WIDEST)).maximum
    if needed > console.width and len(measures) > 1:
        half = (len(measures) + 1) // 2
        _show_paired(console, Comparison(comparison.results, measures[:half]), title)
        _show_paired(console, Comparison(comparison.results, measures[half:]), "")
    else:
        console.print(table)


def _paired(comparison: Comparison, title: str) -> Table:
    table = Table(title=title, title_justify="left", show_lines=True)
    table.add_column("policies", no_wrap=True)
    for measure in comparison.measures:
        title = _SHORT.get(measure.name, measure.title).replace(": ", ":\n")
        unit = "" if measure is COST else f"\n{measure.unit}"
        table.add_column(f"{title}{unit}", justify="right", no_wrap=True)
    for name in comparison.names:
        cells: list[RenderableType] = [
            shown(comparison.mean(name, measure).mean * measure.scale) for measure in comparison.measures
        ]
        if name != comparison.reference:
            cells = [
                Group(cell, _difference(comparison, name, measure))
                for cell, measure in zip(cells, comparison.measures, strict=True)
            ]
        table.add_row(name.replace("+", "\n+ ", 1), *cells)
    return table


def _difference(comparison: Comparison, name: str, measure: Measure) -> RenderableType:
    """Return the paired difference: in points for shares and if the reference is 0, else in % of its mean."""
    found = comparison.difference(name, measure)
    base = abs(comparison.mean(comparison.reference, measure).mean)
    if math.isnan(found.mean):
        return "-"
    if measure.unit == "%" or not base > 0:
        text, half = f"{found.mean * measure.scale:+.2f}", f"{found.half_width * measure.scale:.2f}"
    else:
        text, half = f"{100 * found.mean / base:+.1f} %", f"{100 * found.half_width / base:.1f}"
    if not math.isnan(found.half_width):
        text += f"\n±{half}"
    return styled(text, "bold") if found.excludes_zero else text


def with_half_width(found: Interval, scale: float) -> str:
    """Return "mean ± half width"; only the mean if there is no interval."""
    mean = shown(found.mean * scale)
    return mean if math.isnan(found.half_width) else f"{mean} ± {shown(found.half_width * scale)}"


def shown(value: float) -> str:
    """Return a number with about three significant digits; a dash for NaN."""
    if math.isnan(value):
        return "-"
    if value == 0 or abs(value) >= 100:
        return f"{value:.0f}"
    return f"{value:.{2 if abs(value) >= 1 else 3}f}"

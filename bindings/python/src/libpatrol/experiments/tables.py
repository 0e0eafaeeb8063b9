"""Results as tables on a console."""

import math
from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.table import Table

from libpatrol._console import Console, styled
from libpatrol.experiments.comparison import Comparison
from libpatrol.experiments.intervals import Interval
from libpatrol.experiments.measures import CLASSES, MEASURES, Measure, class_intervals
from libpatrol.metrics import Metrics
from libpatrol.scenario import Scenario

_CLASS_COLUMNS = {
    "calls": ("calls", 1.0),
    "lost_share": ("lost %", 100.0),
    "mean": ("mean min", 1 / 60),
    "p90": ("p90 min", 1 / 60),
    "charged_mean": ("all calls: mean", 1 / 60),
    "within_target": ("in target %", 100.0),
}
"""What is printed by class, with titles and scales; the files have every column."""

_SHORT = {
    "cost_rate": "cost",
    "charged_mean_response_seconds": "response",
    "charged_p90_response_seconds": "p90",
    "within_target": "in time",
    "overflow_share": "lost",
}
"""Titles of the paired table; response times are over all calls."""


def introduce(console: Console, scenario: Scenario) -> None:
    """Print what is simulated, its load, and what the load means."""
    about, info = scenario.about, scenario.area.info
    console.line((about.name, "bold"), f": {about.description}")
    said = (
        f"{info.node_count} nodes, {info.beat_count} beats, {scenario.unit_count} units, "
        f"queue of {scenario.arrays.queue_capacity}"
    )
    volume = about.volume
    if volume is not None:
        said += (
            f"; {volume.calls_per_hour:.2f} calls an hour; offered load {volume.offered_load:.2f} per unit "
            f"({volume.post_seconds:.0f} s of travel in it), {volume.peak_load:.2f} in the busiest hour"
        )
    console.print(said)
    for note in about.notes:
        console.print(f"note: {note}")


def show_metrics(console: Console, title: str, replications: Sequence[Metrics], scenario: Scenario) -> None:
    """Print every measure of one policy, and response times by class of calls."""
    table = Table(title=f"{title}\n{len(replications)} replications, mean ± 95 %", title_justify="left")
    for column in ("", "mean", "±", ""):
        table.add_column(column, justify="right" if column in ("mean", "±") else "left")
    for measure in MEASURES:
        mean, half, _ = measure.over(replications)
        table.add_row(measure.title, shown(mean * measure.scale), shown(half * measure.scale), measure.unit)
    console.print(table)
    for kind in CLASSES:
        show_class(console, replications, kind, scenario)


def show_class(console: Console, replications: Sequence[Metrics], kind: str, scenario: Scenario) -> None:
    """Print response times of one kind of classes; nothing where there is but one class."""
    calls = class_intervals(replications, kind, "calls")
    present = [row for row, count in enumerate(calls) if count.mean > 0]
    if len(present) < 2:
        return
    table = Table(title=f"response times by {kind}", title_justify="left")
    table.add_column(kind)
    for title, _ in _CLASS_COLUMNS.values():
        table.add_column(title, justify="right")
    columns = {name: class_intervals(replications, kind, name) for name in _CLASS_COLUMNS}
    for row in present:
        cells = [with_half_width(columns[name][row], scale) for name, (_, scale) in _CLASS_COLUMNS.items()]
        cells[0] = f"{calls[row].mean:.0f}"
        table.add_row(row_name(kind, row, scenario), *cells)
    console.print(table)


def row_name(kind: str, row: int, scenario: Scenario) -> str:
    """Return what a row of a class table stands for."""
    if kind == "category":
        return scenario.category_names[row]
    return str(row + 1) if kind == "priority" else str(row)


def show_comparison(console: Console, comparison: Comparison) -> None:
    """Print the paired table: each policy, and its difference to the reference on the same seeds."""
    table = Table(
        title=f"{comparison.replications} replications on the same calls; below the means the differences to\n"
        f"{comparison.reference} with paired 95 % intervals (bold: excludes zero; % of the mean, or points)",
        title_justify="left",
        show_lines=True,
    )
    table.add_column("policies", no_wrap=True)
    for measure in comparison.measures:
        title = _SHORT.get(measure.name, measure.title)
        table.add_column(f"{title}\n{measure.unit}", justify="right", no_wrap=True)
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
    console.print(table)


def _difference(comparison: Comparison, name: str, measure: Measure) -> RenderableType:
    """Return the paired difference: in points for shares and where the reference is 0, else in % of its mean."""
    found = comparison.difference(name, measure)
    base = abs(comparison.mean(comparison.reference, measure).mean)
    if measure.unit == "%" or not base > 0:
        text = f"{found.mean * measure.scale:+.2f}\n±{found.half_width * measure.scale:.2f}"
    else:
        text = f"{100 * found.mean / base:+.1f} %\n±{100 * found.half_width / base:.1f}"
    return styled(text, "bold") if found.excludes_zero else text


def with_half_width(found: Interval, scale: float) -> str:
    """Return "mean ± half width"; the mean alone where there is no interval."""
    mean = shown(found.mean * scale)
    return mean if math.isnan(found.half_width) else f"{mean} ± {shown(found.half_width * scale)}"


def shown(value: float) -> str:
    """Return a number with three or so digits that count; a dash for none."""
    if math.isnan(value):
        return "-"
    if value == 0 or abs(value) >= 100:
        return f"{value:.0f}"
    return f"{value:.{2 if abs(value) >= 1 else 3}f}"

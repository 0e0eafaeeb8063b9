"""The numbers that tables show, in the order in which they show them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from libpatrol.lab.metrics import Metrics
from libpatrol.scenario.scenario import Scenario
from libpatrol.studies.intervals import Interval, interval


@dataclass(frozen=True)
class Measure:
    """A number of a replication.

    Attributes
    ----------
    name : str
        As in CSV and JSON, unit included.
    title : str
        As in tables.
    scale, unit : float, str
        Tables show the number times `scale` in `unit`.
    of : callable
        Returns the number for metrics.

    Examples
    --------
    >>> from libpatrol import Scenario
    >>> from libpatrol.studies.measures import COST
    >>> from libpatrol.studies.replications import replicate
    >>> scenario = Scenario.load("hotspots")
    >>> COST.over(replicate(scenario, scenario.engine(), range(2), hours=4)).replications
    2
    """

    name: str
    title: str
    scale: float
    unit: str
    of: Callable[[Metrics], float]

    def values(self, replications: Sequence[Metrics]) -> NDArray[np.float64]:
        """Return the number of each replication."""
        return np.array([self.of(metrics) for metrics in replications], np.float64)

    def over(self, replications: Sequence[Metrics]) -> Interval:
        """Return its mean over replications."""
        return interval(self.values(replications))


def _minutes(name: str, title: str, of: Callable[[Metrics], float]) -> Measure:
    return Measure(f"{name}_seconds", title, 1 / 60, "min", of)


def _percent(name: str, title: str, of: Callable[[Metrics], float]) -> Measure:
    return Measure(name, title, 100.0, "%", of)


def _on_patrol(metrics: Metrics) -> float:
    """Return the share of free time that units spend driving."""
    free = metrics.units["standing"].sum() + metrics.units["driving"].sum()
    return float(metrics.units["driving"].sum() / free) if free > 0 else np.nan


COST = Measure("cost_rate", "weighted wait", 1.0, "weighted calls waiting", lambda m: m.cost_rate)
CHARGED_RESPONSE = _minutes("charged_mean_response", "response, all calls: mean", lambda m: m.response.charged_mean)
RESPONSE_P90 = _minutes("charged_p90_response", "response, all calls: p90", lambda m: m.response.charged_p90)
WITHIN_TARGET = _percent("within_target", "reached within target", lambda m: m.response.within_target)
OVERFLOW = _percent("overflow_share", "lost to a full queue", lambda m: m.overflow_share)
UTILIZATION = _percent("utilization", "utilization", lambda m: m.utilization)
PRESENCE = _percent("presence", "places visited lately, by demand", lambda m: m.presence)
DRIVING = _percent("driving_share", "driving, of free time", _on_patrol)

MEASURES = (
    COST,
    _minutes("mean_response", "response, calls reached: mean", lambda m: m.response.mean),
    _minutes("median_response", "response, calls reached: median", lambda m: m.response.median),
    _minutes("p90_response", "response, calls reached: p90", lambda m: m.response.p90),
    _minutes("p95_response", "response, calls reached: p95", lambda m: m.response.p95),
    CHARGED_RESPONSE,
    _minutes("charged_median_response", "response, all calls: median", lambda m: m.response.charged_median),
    RESPONSE_P90,
    _minutes("charged_p95_response", "response, all calls: p95", lambda m: m.response.charged_p95),
    WITHIN_TARGET,
    _minutes("mean_queue_wait", "queue wait: mean", lambda m: m.mean_queue_wait),
    _minutes("p90_queue_wait", "queue wait: p90", lambda m: m.p90_queue_wait),
    _minutes("mean_travel", "travel: mean", lambda m: m.mean_travel),
    _minutes("p90_travel", "travel: p90", lambda m: m.p90_travel),
    _minutes("mean_until_complete", "until all units are there: mean", lambda m: m.mean_until_complete),
    OVERFLOW,
    UTILIZATION,
    Measure("utilization_gini", "utilization: Gini coefficient", 1.0, "", lambda m: m.utilization_gini),
    _percent("across_beats", "dispatches to another beat", lambda m: m.across_beats),
    _percent("coverage", "expected coverage", lambda m: m.coverage),
    _minutes("equity_difference", "equity gap: largest - smallest", lambda m: m.equity_difference),
    Measure("equity_ratio", "equity gap: largest / smallest", 1.0, "", lambda m: m.equity_ratio),
    PRESENCE,
    DRIVING,
    Measure("calls_per_hour", "calls an hour", 1.0, "", lambda m: m.calls / m.seconds * 3600 if m.seconds else np.nan),
)

CLASSES: dict[str, Callable[[Metrics], NDArray[np.void]]] = {
    "priority": lambda metrics: metrics.by_priority,
    "beat": lambda metrics: metrics.by_beat,
    "group": lambda metrics: metrics.by_group,
    "category": lambda metrics: metrics.by_category,
    "hour": lambda metrics: metrics.by_hour,
    "shift": lambda metrics: metrics.by_shift,
}

CLASS_MEASURES = {
    "calls": ("calls", 1.0, ""),
    "lost_share": ("lost", 100.0, "%"),
    "mean": ("mean", 1 / 60, "min"),
    "median": ("p50", 1 / 60, "min"),
    "p90": ("p90", 1 / 60, "min"),
    "p95": ("p95", 1 / 60, "min"),
    "charged_mean": ("all calls: mean", 1 / 60, "min"),
    "charged_median": ("all calls: p50", 1 / 60, "min"),
    "charged_p90": ("all calls: p90", 1 / 60, "min"),
    "charged_p95": ("all calls: p95", 1 / 60, "min"),
    "within_target": ("in time", 100.0, "%"),
}
"""Columns of a table by class, with title, scale and unit: the share lost, and what `Response` has."""


def class_measure(kind: str, row: int, column: str) -> Measure:
    """Return the measure of one class of calls.

    Parameters
    ----------
    kind : str
        One of `CLASSES`.
    row : int
        Index in its table.
    column : str
        One of `CLASS_MEASURES`.
    """
    table = CLASSES[kind]

    def of(metrics: Metrics) -> float:
        rows = table(metrics)
        if column != "lost_share":
            return float(rows[column][row])
        calls = rows["calls"][row]
        return float(rows["lost"][row] / calls) if calls else np.nan

    return Measure(f"response_{column}", *CLASS_MEASURES[column], of)


def class_intervals(replications: Sequence[Metrics], kind: str, column: str) -> list[Interval]:
    """Return the mean of one column of a class table over replications, row by row.

    Parameters
    ----------
    replications : sequence of Metrics
        Of one policy.
    kind, column : str
        As in `class_measure`.
    """
    return [class_measure(kind, row, column).over(replications) for row in range(len(CLASSES[kind](replications[0])))]


def classes_present(replications: Sequence[Metrics], kind: str) -> list[int]:
    """Return the rows of a class table in which any replication had calls."""
    calls = sum(CLASSES[kind](metrics)["calls"] for metrics in replications)
    return [int(row) for row in np.flatnonzero(calls)]


def row_name(kind: str, row: int, scenario: Scenario) -> str:
    """Return the name of a row of a class table."""
    if kind == "category":
        return scenario.category_names[row]
    if kind == "hour":
        return f"{row:02d}"
    if kind == "shift":
        starts = scenario.shift_starts
        return f"{_time_of_day(starts[row])}-{_time_of_day(starts[(row + 1) % len(starts)])}"
    return str(row + 1) if kind == "priority" else str(row)


def _time_of_day(hour: float) -> str:
    hours, minutes = divmod(round(60 * hour) % 1440, 60)
    return f"{hours:02d}:{minutes:02d}"

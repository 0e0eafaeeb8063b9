"""Measures by replication, and what they gain on a reference with the same seeds."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from relative_changes import relative_change

from libpatrol.lab.metrics import Metrics
from libpatrol.studies.intervals import Interval
from libpatrol.studies.measures import CHARGED_RESPONSE, COST, OVERFLOW, RESPONSE_P90

Values = dict[str, NDArray[np.float64]]
"""A number for each replication, by name of the measure; "events" are those simulated."""


@dataclass(frozen=True)
class Gain:
    """Means over replications, and the relative change of cost with its paired 95 % interval."""

    cost: float
    change: Interval
    response: float
    p90: float
    lost: float


def measures(found: Sequence[Metrics]) -> dict[str, list[float]]:
    """Return what the tables need of some replications."""
    named = {one.name: one.values(found).tolist() for one in (COST, CHARGED_RESPONSE, RESPONSE_P90, OVERFLOW)}
    return named | {"events": [float(metrics.events) for metrics in found]}


def gain(reference: Values, values: Values) -> Gain:
    """Return what a policy changes of a reference's cost."""
    return Gain(
        cost=float(values[COST.name].mean()),
        change=relative_change(values[COST.name][None], reference[COST.name]),
        response=float(values[CHARGED_RESPONSE.name].mean()),
        p90=float(values[RESPONSE_P90.name].mean()),
        lost=float(values[OVERFLOW.name].mean()),
    )

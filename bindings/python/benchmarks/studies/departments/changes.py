"""Departments in which one thing is different: what joint training is worth there says why it is worth something."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from benchmarks.studies.scenarios import Cell
from libpatrol import Scenario
from libpatrol.scenario.description import ScenarioDescription
from libpatrol.scenario.files import read_description


def _categories(**values: Any) -> Callable[[ScenarioDescription], ScenarioDescription]:
    return lambda was: replace(was, categories=tuple(replace(kind, **values) for kind in was.categories))


CHANGES: dict[str, Callable[[ScenarioDescription], ScenarioDescription]] = {
    "15-units": lambda was: replace(was, fleet=replace(was.fleet, units=15)),
    "60-units": lambda was: replace(was, fleet=replace(was.fleet, units=60)),
    "one-unit-calls": _categories(units_required=1),
    "equal-weights": _categories(weight=1.0),
    "even-volume": lambda was: replace(was, demand=replace(was.demand, hourly_volume=None)),
    "half-compliance": lambda was: replace(was, fleet=replace(was.fleet, compliance=0.5)),
}
"""By name; the load per unit stays, so that the volume of calls follows from units, and from units on a call."""


@dataclass(frozen=True)
class ChangedCell(Cell):
    """A scenario at one load with one of `CHANGES`."""

    change: str = ""

    @property
    def name(self) -> str:
        return f"{super().name}-{self.change}"

    def scenario(self) -> Scenario:
        return Scenario.load(CHANGES[self.change](read_description(self.family)[0]), self.load)

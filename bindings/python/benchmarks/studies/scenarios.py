"""The scenarios of studies: those of the package by family and load, generated ones, and what is altered in them."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks import DATA
from libpatrol import Scenario
from libpatrol.scenario.description import ScenarioDescription
from libpatrol.scenario.files import read_description
from reference.rules import RULES_OFF

FAMILIES = ("uniform", "hotspots", "shifting-hotspots", "irregular-roads")
DEPARTMENTS = ("metro", "county", "milwaukee", "borough")
LOADS = ("light", "medium", "heavy")
BOROUGH_ROADS = DATA / "manhattan_roads"
"""Without this folder there is no borough."""
_BOROUGH = Path(__file__).parent / "departments" / "borough.toml"


@dataclass(frozen=True)
class Cell:
    """A scenario at one load, under the department's rules or without them."""

    family: str
    load: str
    rules: str = "on"

    @property
    def name(self) -> str:
        return f"{self.family}-{self.load}" + ("" if self.rules == "on" else "-rules-off")

    def scenario(self) -> Scenario:
        scenario = Scenario.load(_borough() if self.family == "borough" else self.family, self.load)
        return scenario if self.rules == "on" else scenario.with_rules(**RULES_OFF)


@dataclass(frozen=True)
class GeneratedCell:
    """A scenario drawn by number (`libpatrol.scenario.generator`)."""

    number: int

    @property
    def name(self) -> str:
        return f"generated-{self.number}"

    def scenario(self) -> Scenario:
        return Scenario.load(self.name)


def _borough() -> ScenarioDescription:
    """Return the borough with its roads where the test data is."""
    description = read_description(_BOROUGH)[0]
    return dataclasses.replace(description, city=dataclasses.replace(description.city, roads=str(BOROUGH_ROADS)))


def altered(
    scenario: Scenario, rules: Mapping[str, Any] | None = None, *, hours: float | None = None, **arrays: Any
) -> Scenario:
    """Return a scenario with other rules, measured for other hours, or with other fields of `ScenarioArrays`."""
    details = dataclasses.replace(
        scenario.details,
        rules={**scenario.details.rules, **(rules or {})},
        hours=scenario.hours if hours is None else hours,
    )
    fields = {field: getattr(scenario.arrays, field) for field in scenario.arrays.__dataclass_fields__}
    return Scenario(scenario.area, details, **{**fields, **arrays})

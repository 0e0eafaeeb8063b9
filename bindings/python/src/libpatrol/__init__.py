"""libpatrol: patrol moves and dispatch assignments for units that share a city's roads.

An `Area` (roads, beats, demand) and a `Policy` (trained networks) make an `Engine`; a `Session` of the engine decides
for a `Snapshot` of units and waiting calls. A `Simulation` of a `Scenario` measures the effect of its decisions.
Times are in seconds, rates in calls per hour. What is needed less often is in the modules: codes in `enums`, files in
`files`, scenarios in `scenario`, metrics in `lab`, comparisons in `studies`, made-up cities in `synthetic`.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from libpatrol._native.abi import NO_ID, NO_NODE
from libpatrol._native.library import library
from libpatrol.answer import Answer, DecideOptions
from libpatrol.area import Area
from libpatrol.area_arrays import AreaArrays
from libpatrol.engine import Engine, EngineOptions
from libpatrol.enums import MoveReason, SolverStatus, Task, UnitStatus, WaitReason
from libpatrol.errors import PatrolError, Status
from libpatrol.matching import assignment
from libpatrol.policy import Policy
from libpatrol.records import (
    EDGE_CHANGE_DTYPE,
    INCIDENT_DTYPE,
    PAIR_COST_DTYPE,
    SUBSTITUTE_DTYPE,
    UNIT_DTYPE,
    incidents,
    units,
)
from libpatrol.session import Session
from libpatrol.snapshot import Snapshot

if TYPE_CHECKING:
    from libpatrol.lab.batch import Batch
    from libpatrol.lab.simulation import Simulation
    from libpatrol.lab.training import Trainer
    from libpatrol.scenario.scenario import Scenario

__version__: str = library.version().decode()

__all__ = [
    "EDGE_CHANGE_DTYPE",
    "INCIDENT_DTYPE",
    "NO_ID",
    "NO_NODE",
    "PAIR_COST_DTYPE",
    "SUBSTITUTE_DTYPE",
    "UNIT_DTYPE",
    "Answer",
    "Area",
    "AreaArrays",
    "Batch",
    "DecideOptions",
    "Engine",
    "EngineOptions",
    "MoveReason",
    "PatrolError",
    "Policy",
    "Scenario",
    "Session",
    "Simulation",
    "Snapshot",
    "SolverStatus",
    "Status",
    "Task",
    "Trainer",
    "UnitStatus",
    "WaitReason",
    "assignment",
    "incidents",
    "units",
]

_WHEN_USED = {
    "Batch": "libpatrol.lab.batch",
    "Scenario": "libpatrol.scenario.scenario",
    "Simulation": "libpatrol.lab.simulation",
    "Trainer": "libpatrol.lab.training",
}
"""Modules that a program which only decides never needs: deciding is there sooner without them."""


def __getattr__(name: str) -> Any:
    if name not in _WHEN_USED:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(_WHEN_USED[name]), name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})

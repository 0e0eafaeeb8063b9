"""libpatrol: patrol moves and dispatch assignments for units that share a city's roads.

An `Area` (roads, beats, demand) and a `Policy` (trained networks) make an `Engine`; a `Session` of the engine decides
for a `Snapshot` of units and waiting calls. A `Simulation` of a `Scenario` measures the effect of its decisions.
Times are in seconds, rates in calls per hour.
"""

from libpatrol._native.abi import NO_ID, NO_NODE
from libpatrol._native.library import library
from libpatrol.answer import Answer, DecideOptions
from libpatrol.area import Area, AreaInfo, Path
from libpatrol.area_arrays import AreaArrays
from libpatrol.assignment import Matching, assignment
from libpatrol.engine import Engine, EngineOptions
from libpatrol.enums import (
    BadRows,
    CallClass,
    CoordinateSystem,
    Due,
    EventKind,
    Goal,
    IncidentFlag,
    Mode,
    MoveReason,
    Networks,
    PatrolMethod,
    PatrolReward,
    Phase,
    RowField,
    Service,
    SnapshotTable,
    SolverStatus,
    Task,
    UnitStatus,
    ValueForm,
    Variant,
    WaitReason,
)
from libpatrol.errors import LeftOutWarning, PatrolError, Status
from libpatrol.lab.batch import Batch
from libpatrol.lab.metrics import RESPONSE_DTYPE, UNIT_TIMES_DTYPE, Metrics, Response
from libpatrol.lab.simulation import EVENT_DTYPE, Simulation, SimulationSnapshot, SimulationState
from libpatrol.lab.training import OUTCOME_DTYPE, PolicyNames, Progress, Trainer
from libpatrol.policy import Policy, PolicyInfo, TensorInfo
from libpatrol.records import EDGE_CHANGE_DTYPE, INCIDENT_DTYPE, UNIT_DTYPE, incidents, units
from libpatrol.scenario.arrays import (
    CALL_CATEGORY_DTYPE,
    FLEET_UNIT_DTYPE,
    LOGGED_CALL_DTYPE,
    SHIFT_DTYPE,
    STORM_DTYPE,
    ScenarioArrays,
    categories,
    logged_calls,
)
from libpatrol.scenario.details import ScenarioDetails, Workload
from libpatrol.scenario.scenario import Scenario
from libpatrol.session import Candidates, Pairs, Session
from libpatrol.snapshot import Snapshot
from libpatrol.training_range import FarFromTraining, Use, far_from_training

__version__: str = library.version().decode()

__all__ = [
    "CALL_CATEGORY_DTYPE",
    "EDGE_CHANGE_DTYPE",
    "EVENT_DTYPE",
    "FLEET_UNIT_DTYPE",
    "INCIDENT_DTYPE",
    "LOGGED_CALL_DTYPE",
    "NO_ID",
    "NO_NODE",
    "OUTCOME_DTYPE",
    "RESPONSE_DTYPE",
    "SHIFT_DTYPE",
    "STORM_DTYPE",
    "UNIT_DTYPE",
    "UNIT_TIMES_DTYPE",
    "Answer",
    "Area",
    "AreaArrays",
    "AreaInfo",
    "BadRows",
    "Batch",
    "CallClass",
    "Candidates",
    "CoordinateSystem",
    "DecideOptions",
    "Due",
    "Engine",
    "EngineOptions",
    "EventKind",
    "FarFromTraining",
    "Goal",
    "IncidentFlag",
    "LeftOutWarning",
    "Matching",
    "Metrics",
    "Mode",
    "MoveReason",
    "Networks",
    "Pairs",
    "Path",
    "PatrolError",
    "PatrolMethod",
    "PatrolReward",
    "Phase",
    "Policy",
    "PolicyInfo",
    "PolicyNames",
    "Progress",
    "Response",
    "RowField",
    "Scenario",
    "ScenarioArrays",
    "ScenarioDetails",
    "Service",
    "Session",
    "Simulation",
    "SimulationSnapshot",
    "SimulationState",
    "Snapshot",
    "SnapshotTable",
    "SolverStatus",
    "Status",
    "Task",
    "TensorInfo",
    "Trainer",
    "UnitStatus",
    "Use",
    "ValueForm",
    "Variant",
    "WaitReason",
    "Workload",
    "assignment",
    "categories",
    "far_from_training",
    "incidents",
    "logged_calls",
    "units",
]

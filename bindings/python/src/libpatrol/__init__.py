"""libpatrol: patrol moves and dispatch assignments for units that share a city's roads.

An `Area` (roads, beats, demand) and a `Policy` (trained networks) make an `Engine`; a `Session` of the engine decides
for a `Snapshot` of units and waiting calls. Times are seconds, rates calls per hour.
"""

from libpatrol._abi import NO_ID, NO_NODE
from libpatrol._library import library
from libpatrol.answer import Answer, DecideOptions
from libpatrol.area import Area, AreaInfo, Path
from libpatrol.area_arrays import AreaArrays
from libpatrol.assignment import Matching, assignment
from libpatrol.engine import Engine, EngineOptions
from libpatrol.enums import (
    CoordinateSystem,
    IncidentFlag,
    Mode,
    MoveReason,
    Networks,
    SolverStatus,
    Task,
    UnitStatus,
    WaitReason,
)
from libpatrol.errors import PatrolError, Status
from libpatrol.policy import Policy, PolicyInfo, TensorInfo
from libpatrol.records import EDGE_CHANGE_DTYPE, INCIDENT_DTYPE, UNIT_DTYPE, incidents, units
from libpatrol.session import Candidates, Pairs, Session
from libpatrol.snapshot import Snapshot

__version__: str = library.version().decode()

__all__ = [
    "EDGE_CHANGE_DTYPE",
    "INCIDENT_DTYPE",
    "NO_ID",
    "NO_NODE",
    "UNIT_DTYPE",
    "Answer",
    "Area",
    "AreaArrays",
    "AreaInfo",
    "Candidates",
    "CoordinateSystem",
    "DecideOptions",
    "Engine",
    "EngineOptions",
    "IncidentFlag",
    "Matching",
    "Mode",
    "MoveReason",
    "Networks",
    "Pairs",
    "Path",
    "PatrolError",
    "Policy",
    "PolicyInfo",
    "Session",
    "Snapshot",
    "SolverStatus",
    "Status",
    "Task",
    "TensorInfo",
    "UnitStatus",
    "WaitReason",
    "assignment",
    "incidents",
    "units",
]

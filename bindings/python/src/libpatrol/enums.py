"""The header's codes and flags as enumerations."""

from enum import IntEnum, IntFlag


class CoordinateSystem(IntEnum):
    """What the coordinates of an area are: PATROL_COORDINATES_..."""

    NONE = 0
    PLANAR = 1
    GEOGRAPHIC = 2


class Mode(IntEnum):
    """How a unit drives: PATROL_MODE_..."""

    PATROL = 0
    EMERGENCY = 1


class Networks(IntFlag):
    """The networks of a policy: PATROL_POLICY_HAS_..."""

    PATROL = 1
    PAIR = 2
    VALUE = 4


class UnitStatus(IntEnum):
    """What a unit does: PATROL_UNIT_..."""

    OFF_DUTY = 0
    PATROLLING = 1
    EN_ROUTE = 2
    ON_SCENE = 3


class IncidentFlag(IntFlag):
    """Properties of a call: PATROL_INCIDENT_..."""

    ALL_OR_NONE = 1


class Task(IntFlag):
    """What is to be decided: PATROL_TASK_..."""

    DISPATCH = 1
    PATROL = 2
    BOTH = 3


class MoveReason(IntEnum):
    """Why a unit goes where it goes: PATROL_MOVE_..."""

    POLICY = 0
    KEPT_TARGET = 1
    RETURN_TO_BEAT = 2
    NO_CHOICE = 3
    NOT_DUE = 4
    NOT_FREE = 5
    STALE_POSITION = 6


class WaitReason(IntEnum):
    """Why a call is left without (all of) its units: PATROL_WAIT_..."""

    NO_ELIGIBLE_UNIT = 0
    UNITS_TAKEN = 1
    HELD = 2
    STRICT_PRIORITY = 3
    RESERVE = 4
    ALL_OR_NONE = 5


class SolverStatus(IntEnum):
    """How the dispatch solver ended: PATROL_SOLVER_..."""

    OPTIMAL = 0
    WITHIN_GAP = 1
    DEADLINE = 2
    CANCELLED = 3
    NODE_LIMIT = 4
    HEURISTIC = 5

"""The header's codes and flags as enumerations."""

from enum import IntEnum, IntFlag


class CoordinateSystem(IntEnum):
    """The coordinates of an area: ``PATROL_COORDINATES_...``."""

    NONE = 0
    PLANAR = 1
    GEOGRAPHIC = 2


class Mode(IntEnum):
    """How a unit drives: ``PATROL_MODE_...``."""

    PATROL = 0
    EMERGENCY = 1


class Networks(IntFlag):
    """The networks of a policy: ``PATROL_POLICY_HAS_...``."""

    PATROL = 1
    PAIR = 2
    VALUE = 4


class DispatchUnit(IntEnum):
    """How long a mean call waits for an output of 1 of the networks for dispatch: ``PATROL_DISPATCH_UNIT_...``."""

    MINUTE = 0
    POST_TIME = 1


class UnitStatus(IntEnum):
    """What a unit is doing: ``PATROL_UNIT_...``."""

    OFF_DUTY = 0
    PATROLLING = 1
    EN_ROUTE = 2
    ON_SCENE = 3


class IncidentFlag(IntFlag):
    """Properties of a call: ``PATROL_INCIDENT_...``."""

    ALL_OR_NONE = 1


class Task(IntFlag):
    """What to decide: ``PATROL_TASK_...``."""

    DISPATCH = 1
    PATROL = 2
    BOTH = 3


class MoveReason(IntEnum):
    """Why a unit goes where it goes: ``PATROL_MOVE_...``."""

    POLICY = 0
    KEPT_TARGET = 1
    RETURN_TO_BEAT = 2
    NO_CHOICE = 3
    NOT_DUE = 4
    NOT_FREE = 5
    STALE_POSITION = 6
    LEFT_OUT = 7
    NO_TIME = 8


class WaitReason(IntEnum):
    """Why a call goes without (some of) its units: ``PATROL_WAIT_...``."""

    NO_ELIGIBLE_UNIT = 0
    UNITS_TAKEN = 1
    HELD = 2
    STRICT_PRIORITY = 3
    RESERVE = 4
    ALL_OR_NONE = 5
    LEFT_OUT = 6
    NO_TIME = 7
    NOT_YET = 8
    PLANNED = 9


class WhyNot(IntEnum):
    """Why a decision does not send a unit to a call: ``PATROL_WHY_NOT_...``."""

    ASSIGNED = 0
    WORSE = 1
    OFF_DUTY = 2
    BUSY = 3
    NO_DIVERSION = 4
    NO_UNIT_MISSING = 5
    CAPABILITIES = 6
    NEEDS = 7
    STALE_POSITION = 8
    SHIFT_END = 9
    UNREACHABLE = 10
    MAXIMUM_TRAVEL = 11
    OTHER_BEAT = 12
    NOT_NEAREST = 13
    ALL_OR_NONE = 14
    HOLD_TRAVEL = 15
    STRICT_PRIORITY = 16
    NEVER_HOLD = 17
    RESERVE = 18
    OTHER_CALL = 19
    NO_TIME = 20
    PRIORITIES = 21
    NOT_YET = 22
    SUBSTITUTE = 23
    PLANNED = 24


class BadRows(IntEnum):
    """What happens to a bad row of a snapshot: ``PATROL_BAD_ROWS_...``."""

    LEAVE_OUT = 0
    REFUSE = 1


class SnapshotTable(IntEnum):
    """Arrays of a snapshot: ``PATROL_TABLE_...``."""

    UNITS = 0
    INCIDENTS = 1
    TRAVEL_SECONDS = 2
    EDGE_CHANGES = 3
    LOCATION_IDLE_SECONDS = 4
    PAIR_COSTS = 5
    SUBSTITUTES = 6


class RowField(IntEnum):
    """What is wrong with a row: ``PATROL_FIELD_...``."""

    VALUE = 0
    ID = 1
    PLACE = 2
    NODE = 3
    TARGET_NODE = 4
    STATUS = 5
    HOME_BEAT = 6
    SECONDS_TO_NODE = 7
    POSITION_AGE = 8
    SECONDS_UNTIL_FREE = 9
    SECONDS_UNTIL_SHIFT_END = 10
    SECONDS_UNTIL_DUE = 11
    RESERVED = 12
    CATEGORY = 13
    PRIORITY = 14
    FLAGS = 15
    SECONDS_WAITED = 16
    WEIGHT = 17
    SERVICE_SECONDS = 18
    UNITS_REQUIRED = 19
    UNITS_ASSIGNED = 20
    UNITS_ON_SCENE = 21
    NEEDS = 22
    EDGE = 23
    PATROL_SECONDS = 24
    EMERGENCY_SECONDS = 25
    UNIT = 26
    INCIDENT = 27
    SECONDS = 28
    PRIORITIES = 29
    MAY_LEAVE_SCENE = 30
    NOT_BEFORE = 31
    LEAD = 32
    LATE_SECONDS_UNTIL_FREE = 33


class SolverStatus(IntEnum):
    """How the dispatch solver ended: ``PATROL_SOLVER_...``."""

    OPTIMAL = 0
    WITHIN_GAP = 1
    DEADLINE = 2
    CANCELLED = 3
    NODE_LIMIT = 4
    HEURISTIC = 5
    NO_TIME = 6
    NOT_ASKED = 7


class Service(IntEnum):
    """How the time on scene is distributed: ``PATROL_SERVICE_...``."""

    EXPONENTIAL = 0
    LOG_NORMAL = 1
    GAMMA = 2
    EMPIRICAL = 3


class Due(IntEnum):
    """The decision that a simulation waits for: ``PATROL_DUE_...``."""

    NOTHING = 0
    DISPATCH = 1
    PATROL = 2


class EventKind(IntEnum):
    """What happened in a simulation: ``PATROL_EVENT_...``."""

    CALL_CAME = 0
    CALL_LOST = 1
    CALL_REACHED = 2
    CALL_COMPLETE = 3
    CALL_ENDED = 4
    UNIT_SENT = 5
    UNIT_DIVERTED = 6
    UNIT_ON_SCENE = 7
    UNIT_FREED = 8
    MOVE_BEGAN = 9
    MOVE_ENDED = 10
    STAY_ENDED = 11
    SHIFT_BEGAN = 12
    SHIFT_ENDED = 13
    OUT_OF_SERVICE_BEGAN = 14
    OUT_OF_SERVICE_ENDED = 15
    WORK_BEGAN = 16
    WORK_ENDED = 17
    WORK_LEFT = 18
    REASSESSMENT = 19
    MEASURING_BEGAN = 20


class CallClass(IntEnum):
    """Classes of calls that are measured separately: ``PATROL_CLASS_...``."""

    PRIORITY = 0
    BEAT = 1
    GROUP = 2
    CATEGORY = 3
    HOUR = 4
    SHIFT = 5


class Variant(IntEnum):
    """Which policies are learned, and alongside which: ``PATROL_VARIANT_...``."""

    JOINT = 0
    APART = 1
    PATROL_ONLY = 2
    DISPATCH_ONLY = 3


class Goal(IntEnum):
    """The measure by which a policy is accepted: ``PATROL_GOAL_...``."""

    COST = 0
    WORST_GROUP = 1
    WITHIN_TARGET = 2
    P90 = 3
    PRESENCE = 4


class ValueForm(IntEnum):
    """Form of the value of the state after a dispatch decision: ``PATROL_VALUE_...``."""

    NONE = 0
    CONCAVE = 1
    GENERAL = 2


class PatrolMethod(IntEnum):
    """How patrol is learned: ``PATROL_METHOD_...``."""

    Q_LEARNING = 0
    SEARCH = 1
    ROLLOUTS = 2


class PatrolReward(IntEnum):
    """What a patrol unit is rewarded for: ``PATROL_REWARD_...``."""

    DIFFERENCE = 0
    BACKUP_DIFFERENCE = 1
    TEAM_COVERAGE = 2
    TEAM_COST = 3


class Phase(IntEnum):
    """A piece of a training schedule: ``PATROL_PHASE_...``."""

    HEURISTIC = 0
    DISPATCH = 1
    PATROL = 2
    COMBINATION = 3
    NONE = 4

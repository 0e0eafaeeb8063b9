"""Numpy structured types with exactly the header's layouts, and arrays filled with its defaults."""

import math

import numpy as np
from numpy.typing import NDArray

from libpatrol._native import abi
from libpatrol.enums import UnitStatus

UNIT_DTYPE = np.dtype(abi.Unit)
INCIDENT_DTYPE = np.dtype(abi.Incident)
EDGE_CHANGE_DTYPE = np.dtype(abi.EdgeChange)
PAIR_COST_DTYPE = np.dtype(abi.PairCost)
SUBSTITUTE_DTYPE = np.dtype(abi.Substitute)
MOVE_DTYPE = np.dtype(abi.Move)
ASSIGNMENT_DTYPE = np.dtype(abi.Assignment)
WAIT_DTYPE = np.dtype(abi.Wait)
PLAN_DTYPE = np.dtype(abi.Plan)
CANDIDATE_DTYPE = np.dtype(abi.Candidate)
PAIR_DTYPE = np.dtype(abi.Pair)
RANKED_UNIT_DTYPE = np.dtype(abi.RankedUnit)
ROW_ISSUE_DTYPE = np.dtype(abi.RowIssue)

# What is not named here is 0 by default, as in PATROL_UNIT_INIT and PATROL_INCIDENT_INIT.
_UNIT_DEFAULTS = {
    "id": abi.NO_ID,
    "incident_id": abi.NO_ID,
    "node": abi.NO_NODE,
    "target_node": abi.NO_NODE,
    "status": UnitStatus.PATROLLING,
    "home_beat": -1,
    "seconds_until_free": math.nan,
    "seconds_until_shift_end": math.inf,
}
_INCIDENT_DEFAULTS = {
    "id": abi.NO_ID,
    "node": abi.NO_NODE,
    "priority": 1,
    "weight": math.nan,
    "service_seconds": math.nan,
    "units_required": 1,
}


def units(count: int) -> NDArray[np.void]:
    """Return `count` units with the header's defaults.

    Returns
    -------
    NDArray
        UNIT_DTYPE, shape [count]: patrolling, without a place or a target, for calls of all priorities; ids 0, 1, ...,
        count - 1.
    """
    return _filled(count, UNIT_DTYPE, _UNIT_DEFAULTS)


def incidents(count: int) -> NDArray[np.void]:
    """Return `count` waiting calls with the header's defaults.

    Returns
    -------
    NDArray
        INCIDENT_DTYPE, shape [count]: category 0, priority 1, one unit required; ids 0, 1, ..., count - 1.
    """
    return _filled(count, INCIDENT_DTYPE, _INCIDENT_DEFAULTS)


def _filled(count: int, dtype: np.dtype, defaults: dict[str, float]) -> NDArray[np.void]:
    records = np.zeros(count, dtype)
    for name, value in defaults.items():
        records[name] = value
    records["id"] = np.arange(count)
    return records

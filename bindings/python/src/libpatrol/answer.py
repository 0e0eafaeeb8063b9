"""Options of a decision, and its answer."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, SupportsFloat

import numpy as np
from numpy.typing import NDArray

from libpatrol._native import abi
from libpatrol.enums import BadRows, SolverStatus, Task
from libpatrol.records import ASSIGNMENT_DTYPE, MOVE_DTYPE, PAIR_COST_DTYPE, PLAN_DTYPE, ROW_ISSUE_DTYPE, WAIT_DTYPE
from libpatrol.snapshot import Snapshot

_ARRAY_ISSUES = 256  # issues of travel times, edge changes and idle times that the library keeps
_LONGEST = 1e12  # seconds of the longest deadline


@dataclass(frozen=True, kw_only=True)
class DecideOptions:
    """Options of a decision with the library's defaults.

    Attributes
    ----------
    tasks : Task
        Dispatch, patrol or both.
    deadline : float or None
        Seconds for the whole call, from its start; None: none. What is cut falls back to a decision by heuristics that
        keeps every rule, and to no patrol decision for some units, and says so.
    node_limit : int
        Work budget of the dispatch solver, repeatable unlike the deadline; 0: none.
    relative_gap : float
        The solver stops within this gap.
    cancel : int32 [1] or None
        The call ends as at its deadline when another thread stores a non-zero value.
    bad_rows : BadRows
        LEAVE_OUT: decide without bad rows of the snapshot, report them in the answer, and warn (`LeftOutWarning`).
        REFUSE: raise PatrolError for the first one.

    Examples
    --------
    >>> from libpatrol import DecideOptions, Task
    >>> DecideOptions(tasks=Task.DISPATCH, deadline=0.01).node_limit
    0
    """

    tasks: Task = Task.BOTH
    deadline: float | None = 0.05
    node_limit: int = 0
    relative_gap: float = 1e-6
    cancel: NDArray[np.int32] | None = None
    bad_rows: BadRows = BadRows.LEAVE_OUT

    def to_abi(self) -> abi.DecideOptions:
        """Return the C struct."""
        return abi.DecideOptions(
            tasks=self.tasks,
            deadline_microseconds=microseconds(self.deadline),
            node_limit=self.node_limit,
            relative_gap=self.relative_gap,
            cancel=cancel_flag(self.cancel),
            bad_rows=self.bad_rows,
        )


def microseconds(deadline: float | None) -> int:
    """Return a deadline in seconds as the library takes it; 0: none."""
    if deadline is None:
        return 0
    if not isinstance(deadline, SupportsFloat):
        raise TypeError(f"deadline is of type {type(deadline).__name__}, expected a number of seconds, or None")
    if not 0 <= float(deadline) <= _LONGEST:
        raise ValueError(f"deadline is {deadline}, expected 0 to {_LONGEST:g} seconds, or None")
    return max(1, round(float(deadline) * 1e6))


def cancel_flag(flag: NDArray[np.int32] | None) -> NDArray[np.int32] | None:
    """Return a flag that the library can read while another thread writes it."""
    if flag is not None and (not isinstance(flag, np.ndarray) or flag.dtype != np.int32 or flag.shape != (1,)):
        raise ValueError("cancel must be an int32 array of shape [1], so that another thread can set it")
    return flag


_DEFAULTS = DecideOptions().to_abi()


def asked(options: Mapping[str, Any]) -> abi.DecideOptions:
    """Return the C struct of the fields of `DecideOptions` that are given; it is only read."""
    return DecideOptions(**options).to_abi() if options else _DEFAULTS


class Answer(NamedTuple):
    """What was decided.

    Attributes
    ----------
    moves : MOVE_DTYPE [units of the snapshot], or [0] if patrol was not requested
        Where each unit goes, and why.
    assignments : ASSIGNMENT_DTYPE [assignments]
        Which unit goes to which call, and which of the call's needs it fills (`need`; -1: none of them). `substitute`
        is 1 + the index of the snapshot's substitute that the call goes by, whose needs are then meant; 0: its own row.
    waits : WAIT_DTYPE [waits]
        Calls that still need units, and why.
    solver_status : SolverStatus
        How the dispatch solver ended.
    objective, bound, relative_gap : float
        Of the dispatch decision; no decision has an objective above the bound.
    nodes : int
        Nodes of the branch-and-bound tree.
    microseconds : int
        Time for the whole decision.
    routing_microseconds, setup_microseconds, solver_microseconds, patrol_microseconds : int
        Parts of it: travel times from units to calls; pairs, values and the program; heuristics and branch and
        bound; patrol moves.
    issues : ROW_ISSUE_DTYPE [issues]
        Rows of the snapshot that were left out: `table` (SnapshotTable), `row`, `field` (RowField), `status` (Status).
    first_issue : str
        What is wrong with the first of them; "" if there are none.
    plans : PLAN_DTYPE [plans]
        Which busy unit could serve a call next that no free unit can, or that waits for it (`plan_margin`); when it is
        expected there, and by when it is there nine times in ten. Empty unless asked for.
    abstained : Task
        What the learned policy left to a heuristic, its file not being for such snapshots.

    Examples
    --------
    >>> from libpatrol import Area, Engine, MoveReason, Session, Snapshot, WaitReason, incidents, units
    >>> from libpatrol.synthetic import cities
    >>> crew, calls = units(1), incidents(2)
    >>> crew["node"], calls["node"], calls["priority"] = 0, [1, 2], [1, 2]
    >>> session = Session(Engine(Area.from_arrays(**cities.grid(4, 4))), max_units=1, max_incidents=2)
    >>> answer = session.decide(Snapshot(0, crew, calls))
    >>> [MoveReason(reason).name for reason in answer.moves["reason"]]
    ['NOT_FREE']
    >>> [WaitReason(reason).name for reason in answer.waits["reason"]]
    ['UNITS_TAKEN']
    """

    moves: NDArray[np.void]
    assignments: NDArray[np.void]
    waits: NDArray[np.void]
    solver_status: SolverStatus
    objective: float
    bound: float
    relative_gap: float
    nodes: int
    microseconds: int
    routing_microseconds: int = 0
    setup_microseconds: int = 0
    solver_microseconds: int = 0
    patrol_microseconds: int = 0
    issues: NDArray[np.void] = np.empty(0, ROW_ISSUE_DTYPE)
    first_issue: str = ""
    plans: NDArray[np.void] = np.empty(0, PLAN_DTYPE)
    abstained: Task = Task(0)

    def bonus(self, snapshot: Snapshot, seconds: float) -> NDArray[np.void]:
        """Return pair costs for a later snapshot that prefer these assignments by so many seconds of travel.

        A dispatcher who has not confirmed a proposal yet then sees it change only for a unit that is nearer by more.

        Parameters
        ----------
        snapshot : Snapshot
            The later one, in which units and calls are found by id.
        seconds : float
            The bonus.

        Returns
        -------
        NDArray
            PAIR_COST_DTYPE [assignments whose unit and call the snapshot has].

        Examples
        --------
        >>> from libpatrol import Area, Engine, Session, Snapshot, incidents, units
        >>> from libpatrol.synthetic import cities
        >>> crew, calls = units(2), incidents(1)
        >>> crew["node"], calls["node"] = [0, 3], 1
        >>> session, now = Session(Engine(Area.from_arrays(**cities.grid(4, 4))), 2, 1), Snapshot(0, crew, calls)
        >>> proposed = session.decide(now)
        >>> now.pair_costs = proposed.bonus(now, 60)
        >>> now.pair_costs[["unit", "incident", "seconds"]].tolist()
        [(0, 0, -60.0)]
        """
        units, calls = (
            {int(row): k for k, row in enumerate(rows["id"])} for rows in (snapshot.units, snapshot.incidents)
        )
        kept = [
            (units[unit], calls[call], -seconds, 0)
            for unit, call in self.assignments[["unit_id", "incident_id"]].tolist()
            if unit in units and call in calls
        ]
        return np.array(kept, PAIR_COST_DTYPE)

    def to_abi(self) -> abi.Answer:
        """Return the C struct, which points to this answer's arrays."""
        return abi.Answer(
            solver_status=self.solver_status,
            moves=self.moves,
            move_count=len(self.moves),
            move_stride=self.moves.itemsize,
            assignments=self.assignments,
            assignment_count=len(self.assignments),
            assignment_stride=self.assignments.itemsize,
            waits=self.waits,
            wait_count=len(self.waits),
            wait_stride=self.waits.itemsize,
            objective=self.objective,
            bound=self.bound,
            relative_gap=self.relative_gap,
            nodes=self.nodes,
            microseconds=self.microseconds,
        )


class AnswerBuffers:
    """Room for the answer to a snapshot with given numbers of units and incidents."""

    def __init__(self, units: int, incidents: int, *, plans: bool = False) -> None:
        self._moves = np.empty(units, MOVE_DTYPE)
        self._assignments = np.empty(units, ASSIGNMENT_DTYPE)
        self._waits = np.empty(incidents, WAIT_DTYPE)
        self._issues = np.empty(units + incidents + _ARRAY_ISSUES, ROW_ISSUE_DTYPE)
        self._plans = np.empty(units if plans else 0, PLAN_DTYPE)
        self.struct = abi.Answer(
            moves=self._moves,
            move_capacity=units,
            move_stride=MOVE_DTYPE.itemsize,
            assignments=self._assignments,
            assignment_capacity=units,
            assignment_stride=ASSIGNMENT_DTYPE.itemsize,
            waits=self._waits,
            wait_capacity=incidents,
            wait_stride=WAIT_DTYPE.itemsize,
            issues=self._issues,
            issue_capacity=len(self._issues),
            issue_stride=ROW_ISSUE_DTYPE.itemsize,
            plans=self._plans,
            plan_capacity=len(self._plans),
            plan_stride=PLAN_DTYPE.itemsize,
        )

    def answer(self, first_issue: str = "", written: abi.Answer | None = None) -> Answer:
        """Return what the library has written, into a copy of the struct where that is given."""
        struct = written or self.struct
        return Answer(
            self._moves[: struct.move_count],
            self._assignments[: struct.assignment_count],
            self._waits[: struct.wait_count],
            SolverStatus(struct.solver_status),
            struct.objective,
            struct.bound,
            struct.relative_gap,
            struct.nodes,
            struct.microseconds,
            struct.routing_microseconds,
            struct.setup_microseconds,
            struct.solver_microseconds,
            struct.patrol_microseconds,
            self._issues[: struct.issue_count],
            first_issue,
            self._plans[: struct.plan_count],
            Task(struct.abstained),
        )

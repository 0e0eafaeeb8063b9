"""Decisions, and a look inside them."""

import ctypes
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from libpatrol import _abi as abi
from libpatrol._arrays import address, unsigned
from libpatrol._library import call, library
from libpatrol._object import LibraryObject
from libpatrol.engine import Engine
from libpatrol.enums import SolverStatus, Task
from libpatrol.errors import PatrolError, Status
from libpatrol.records import ASSIGNMENT_DTYPE, CANDIDATE_DTYPE, MOVE_DTYPE, PAIR_DTYPE, WAIT_DTYPE
from libpatrol.snapshot import Snapshot

_Filled = TypeVar("_Filled")


class Answer(NamedTuple):
    """What was decided.

    Attributes
    ----------
    moves : MOVE_DTYPE [units of the snapshot], or [0] where no patrol was asked for
        Where each unit goes, and why.
    assignments : ASSIGNMENT_DTYPE [assignments]
        Which unit goes to which call.
    waits : WAIT_DTYPE [waits]
        Calls that still miss units, and why.
    solver_status : SolverStatus
        How the dispatch solver ended.
    objective, bound, relative_gap : float
        Of the dispatch decision; no decision has an objective above the bound.
    nodes : int
        Of the branch and bound tree.
    microseconds : int
        Of the whole decision.
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


class Candidates(NamedTuple):
    """A unit's moves, staying first: CANDIDATE_DTYPE [moves] and their features, float32 [moves, 28]."""

    moves: NDArray[np.void]
    features: NDArray[np.float32]


class Pairs(NamedTuple):
    """Eligible pairs of units and calls.

    Attributes
    ----------
    pairs : PAIR_DTYPE [pairs]
        Unit and call by index, travel time, value, reward.
    features : float32 [pairs, 24]
        Table pair/1.
    deltas : float32 [pairs, 64]
        What each assignment adds to the state's features.
    state : float32 [64]
        Table state/1 if every call is held.
    """

    pairs: NDArray[np.void]
    features: NDArray[np.float32]
    deltas: NDArray[np.float32]
    state: NDArray[np.float32]


class Session(LibraryObject):
    """Working memory for decisions. Used by one thread at a time; other threads' calls meanwhile raise RuntimeError.

    Parameters
    ----------
    engine : Engine
        Area, policy and options.
    max_units : int
        Most units of a snapshot, 1 to 4096.
    max_incidents : int
        Most calls of a snapshot, 0 to 4096.
    """

    def __init__(self, engine: Engine, max_units: int, max_incidents: int) -> None:
        self._area_info = engine.area_info
        self._lock = threading.Lock()
        handle = abi.SessionHandle()
        unit_limit, incident_limit = unsigned("max_units", max_units), unsigned("max_incidents", max_incidents)
        call(library.session_create, engine._handle, unit_limit, incident_limit, ctypes.byref(handle))
        super().__init__(handle)

    @contextmanager
    def _claimed(self) -> Iterator[abi.Handle]:
        if not self._lock.acquire(blocking=False):
            raise RuntimeError("this Session is in use by another thread: give each thread a session of its own")
        try:
            yield self._handle
        finally:
            self._lock.release()

    def decide(
        self,
        snapshot: Snapshot,
        *,
        tasks: Task = Task.BOTH,
        deadline: float | None = 0.05,
        node_limit: int = 0,
        relative_gap: float = 1e-6,
        cancel: NDArray[np.int32] | None = None,
    ) -> Answer:
        """Decide: dispatch first, then patrol for the units that stay free.

        Parameters
        ----------
        snapshot : Snapshot
            Units and calls now.
        tasks : Task
            Dispatch, patrol or both.
        deadline : float or None
            Seconds for the dispatch solver from the start of the call; None: none.
        node_limit : int
            Work budget of the dispatch solver, which unlike the deadline can be repeated; 0: none.
        relative_gap : float
            The solver stops within this gap.
        cancel : int32 [1], optional
            The solver stops when another thread stores a non-zero value.
        """
        options = abi.DecideOptions(
            tasks=tasks,
            deadline_microseconds=0 if deadline is None else max(1, unsigned("deadline", round(deadline * 1e6), 64)),
            node_limit=unsigned("node_limit", node_limit, 64),
            relative_gap=relative_gap,
            cancel=None if cancel is None else _flag(cancel),
        )
        moves = np.empty(len(snapshot.units), MOVE_DTYPE)
        assignments = np.empty(len(snapshot.units), ASSIGNMENT_DTYPE)
        waits = np.empty(len(snapshot.incidents), WAIT_DTYPE)
        answer = abi.Answer(
            moves=address(moves),
            move_capacity=len(moves),
            assignments=address(assignments),
            assignment_capacity=len(assignments),
            waits=address(waits),
            wait_capacity=len(waits),
        )
        struct = snapshot.to_abi(self._area_info)
        with self._claimed() as handle:
            call(library.decide, handle, ctypes.byref(struct), ctypes.byref(options), ctypes.byref(answer))
        return Answer(
            moves[: answer.move_count],
            assignments[: answer.assignment_count],
            waits[: answer.wait_count],
            SolverStatus(answer.solver_status),
            answer.objective,
            answer.bound,
            answer.relative_gap,
            answer.nodes,
            answer.microseconds,
        )

    def candidates(self, snapshot: Snapshot, unit_id: int) -> Candidates:
        """Return the moves that a free unit has, with values and features, as if it were the first to decide."""
        struct = snapshot.to_abi(self._area_info)
        unit = unsigned("unit_id", unit_id, 64)

        def fill(handle: abi.Handle, capacity: int, count: ctypes.c_size_t) -> Candidates:
            moves = np.empty(capacity, CANDIDATE_DTYPE)
            features = np.empty((capacity, abi.CANDIDATE_FEATURES), np.float32)
            call(
                library.unit_candidates,
                handle,
                ctypes.byref(struct),
                unit,
                address(moves),
                capacity,
                0,
                ctypes.byref(count),
                address(features),
            )
            return Candidates(moves[: count.value], features[: count.value])

        return self._filled(fill)

    def pairs(self, snapshot: Snapshot) -> Pairs:
        """Return the eligible pairs of free units and waiting calls, with values and features."""
        struct = snapshot.to_abi(self._area_info)

        def fill(handle: abi.Handle, capacity: int, count: ctypes.c_size_t) -> Pairs:
            pairs = np.empty(capacity, PAIR_DTYPE)
            features = np.empty((capacity, abi.PAIR_FEATURES), np.float32)
            deltas = np.empty((capacity, abi.STATE_FEATURES), np.float32)
            state = np.empty(abi.STATE_FEATURES, np.float32)
            call(
                library.eligible_pairs,
                handle,
                ctypes.byref(struct),
                address(pairs),
                capacity,
                0,
                ctypes.byref(count),
                address(features),
                address(deltas),
                address(state),
            )
            return Pairs(pairs[: count.value], features[: count.value], deltas[: count.value], state)

        return self._filled(fill)

    def _filled(self, fill: Callable[[abi.Handle, int, ctypes.c_size_t], _Filled], capacity: int = 256) -> _Filled:
        count = ctypes.c_size_t()
        with self._claimed() as handle:
            try:
                return fill(handle, capacity, count)
            except PatrolError as error:
                if error.status is not Status.CAPACITY or count.value <= capacity:
                    raise
                return fill(handle, count.value, count)


def _flag(cancel: NDArray[np.int32]) -> int | None:
    if not isinstance(cancel, np.ndarray) or cancel.dtype != np.int32 or cancel.shape != (1,):
        raise ValueError("cancel must be an int32 array of shape [1], so that another thread can set it")
    return address(cancel)

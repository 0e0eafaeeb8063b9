"""Decisions, and a look inside them."""

import ctypes
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from libpatrol._native import abi
from libpatrol._native.arrays import address, unsigned
from libpatrol._native.handles import ExclusiveObject, of_kind
from libpatrol._native.library import call, library, outcome
from libpatrol.answer import Answer, AnswerBuffers, asked
from libpatrol.engine import Engine
from libpatrol.explanations import Explanations, PairExplanation, explanations, pair_explanation
from libpatrol.records import CANDIDATE_DTYPE, PAIR_DTYPE, RANKED_UNIT_DTYPE
from libpatrol.snapshot import Snapshot


class Candidates(NamedTuple):
    """A unit's moves, staying first: CANDIDATE_DTYPE [moves] and their features, float32 [moves, 28].

    Examples
    --------
    >>> from libpatrol import Area, Engine, Session, Snapshot, units
    >>> from libpatrol.synthetic import cities
    >>> crew = units(1)
    >>> crew["node"] = 0
    >>> session = Session(Engine(Area.from_arrays(**cities.grid(4, 4))), max_units=1, max_incidents=0)
    >>> session.candidates(Snapshot(0, crew), unit_id=0).moves["node"].tolist()
    [0, 1, 4]
    """

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

    Examples
    --------
    >>> from libpatrol import Area, Engine, Session, Snapshot, incidents, units
    >>> from libpatrol.synthetic import cities
    >>> crew, calls = units(2), incidents(1)
    >>> crew["node"], calls["node"] = [0, 15], [14]
    >>> session = Session(Engine(Area.from_arrays(**cities.grid(4, 4))), max_units=2, max_incidents=1)
    >>> session.pairs(Snapshot(0, crew, calls)).features.shape
    (2, 24)
    """

    pairs: NDArray[np.void]
    features: NDArray[np.float32]
    deltas: NDArray[np.float32]
    state: NDArray[np.float32]


class Session(ExclusiveObject):
    """Working memory for decisions. For one thread at a time; calls from a second thread raise RuntimeError.

    Parameters
    ----------
    engine : Engine
        Area, policy and options.
    max_units : int
        Maximum number of units in a snapshot, 1 to 4096.
    max_incidents : int
        Maximum number of calls in a snapshot, 0 to 4096.

    Examples
    --------
    >>> from libpatrol import Area, Engine, Session, Snapshot, incidents, units
    >>> from libpatrol.synthetic import cities
    >>> crew, calls = units(2), incidents(1)
    >>> crew["node"], calls["node"] = [0, 15], [14]
    >>> engine = Engine(Area.from_arrays(**cities.grid(4, 4)))
    >>> with Session(engine, max_units=2, max_incidents=1) as session:
    ...     answer = session.decide(Snapshot(time_seconds=0, units=crew, incidents=calls))
    >>> answer.assignments["unit_id"].tolist()
    [1]
    """

    def __init__(self, engine: Engine, max_units: int, max_incidents: int) -> None:
        self._area_info = of_kind("engine", engine, Engine).area_info
        handle = abi.SessionHandle()
        unit_limit, incident_limit = unsigned("max_units", max_units), unsigned("max_incidents", max_incidents)
        call(library.session_create, engine._handle, unit_limit, incident_limit, ctypes.byref(handle))
        super().__init__(handle)

    def _struct(self, snapshot: Snapshot) -> abi.Snapshot:
        return of_kind("snapshot", snapshot, Snapshot).to_abi(self._area_info)

    def move(self, engine: Engine) -> None:
        """Decide with another engine of the same `Area` from now on, as after a change of policy or rules.

        The session keeps its memory, and decides as a new one would.

        Parameters
        ----------
        engine : Engine
            Its networks, kind of policies, reserves, travel limits and compliance rows are of the same sizes.

        Raises
        ------
        PatrolError
            MISMATCH for an engine of another area, or one that needs memory of another shape: create a session for it.

        Examples
        --------
        >>> from libpatrol import Area, Engine, Session
        >>> from libpatrol.synthetic import cities
        >>> area = Area.from_arrays(**cities.grid(4, 4))
        >>> session = Session(Engine(area), max_units=2, max_incidents=1)
        >>> session.move(Engine(area, never_hold_priority=2))
        """
        given = of_kind("engine", engine, Engine)
        with self._claimed() as handle:
            call(library.session_move, handle, given._handle)
        self._area_info = given.area_info

    def decide(self, snapshot: Snapshot, *, plans: bool = False, **options: Any) -> Answer:
        """Decide: dispatch first, then patrol for the units that stay free.

        Parameters
        ----------
        snapshot : Snapshot
            Units and calls now.
        plans : bool
            Look for busy units, too, that could serve calls which no free unit can, and report those that calls wait
            for: `Answer.plans`.
        **options
            The fields of `DecideOptions`.
        """
        given = asked(options)
        struct = self._struct(snapshot)
        buffers = AnswerBuffers(len(snapshot.units), len(snapshot.incidents), plans=plans)
        with self._claimed() as handle:
            first_issue = call(
                library.decide, handle, ctypes.byref(struct), ctypes.byref(given), ctypes.byref(buffers.struct)
            )
        return buffers.answer(first_issue)

    def decide_many(self, snapshots: Sequence[Snapshot], **options: Any) -> list[Answer]:
        """Decide each of many snapshots, in one call of the library that holds no interpreter lock.

        Parameters
        ----------
        snapshots : sequence of Snapshot
            Decided one after the other, each by itself.
        **options
            The fields of `DecideOptions`; the deadline begins anew with each snapshot.

        Returns
        -------
        list of Answer
            As `decide` gives them. `libpatrol.throughput.decide_many` shares the work among threads.

        Raises
        ------
        PatrolError
            For the first snapshot that cannot be decided.

        Examples
        --------
        >>> from libpatrol import Area, Engine, Session, Snapshot, units
        >>> from libpatrol.synthetic import cities
        >>> crew = units(1)
        >>> crew["node"] = 0
        >>> session = Session(Engine(Area.from_arrays(**cities.grid(4, 4))), max_units=1, max_incidents=0)
        >>> len(session.decide_many([Snapshot(hour * 3600, crew) for hour in range(24)]))
        24
        """
        given, count = asked(options), len(snapshots)
        buffers = [AnswerBuffers(len(snapshot.units), len(snapshot.incidents)) for snapshot in snapshots]
        structs = (abi.Snapshot * count)(*(self._struct(snapshot) for snapshot in snapshots))
        answers = (abi.Answer * count)(*(buffer.struct for buffer in buffers))
        statuses, errors = (ctypes.c_int32 * count)(), (abi.Error * count)()
        with self._claimed() as handle:
            strides = ctypes.sizeof(abi.Snapshot), ctypes.sizeof(abi.Answer)
            shared = handle, structs, strides[0], count, ctypes.byref(given), answers, strides[1]
            call(library.decide_many, *shared, ctypes.addressof(statuses), errors)
        return [
            buffer.answer(outcome(status, error), answer)
            for buffer, answer, status, error in zip(buffers, answers, statuses, errors, strict=True)
        ]

    def least_deadline(self) -> float:
        """Return the shortest useful deadline for decisions of this session on this machine, seconds.

        With it a learned decision is never worse than that of the exact heuristic. Measured on a full generated
        snapshot: takes as long as a few decisions.
        """
        microseconds = ctypes.c_uint64()
        with self._claimed() as handle:
            call(library.session_least_deadline, handle, ctypes.byref(microseconds))
        return microseconds.value / 1e6

    def candidates(self, snapshot: Snapshot, unit_id: int, **options: Any) -> Candidates:
        """Return the moves of a free unit, with values and features, as if it were the first to decide.

        Parameters
        ----------
        snapshot : Snapshot
            Units and calls now.
        unit_id : int
            A free unit.
        **options
            The fields of `DecideOptions`; without `deadline` there is none.

        Raises
        ------
        PatrolError
            INVALID_ID for a unit that is not free, NO_TIME where the deadline or the cancel flag ended it.
        """
        struct, wanted = self._struct(snapshot), _in_any_time(options)
        unit = unsigned("unit_id", unit_id, 64)

        def fill(handle: abi.Handle, capacity: int, count: ctypes.c_size_t) -> Candidates:
            moves = np.empty(capacity, CANDIDATE_DTYPE)
            features = np.empty((capacity, abi.CANDIDATE_FEATURES), np.float32)
            call(
                library.unit_candidates_within,
                handle,
                ctypes.byref(struct),
                ctypes.byref(wanted),
                unit,
                address(moves),
                capacity,
                moves.itemsize,
                ctypes.byref(count),
                address(features),
            )
            return Candidates(moves[: count.value], features[: count.value])

        return self._filled(fill)

    def pairs(self, snapshot: Snapshot, **options: Any) -> Pairs:
        """Return the eligible pairs of free units and waiting calls, with values and features.

        Where there are more than 262,144 + max_units + max_incidents, each call has only its nearest units,
        262,144 / (number of waiting calls) + 1 of them, and those on their way to it.

        Parameters
        ----------
        snapshot : Snapshot
            Units and calls now.
        **options
            The fields of `DecideOptions`; without `deadline` there is none.

        Raises
        ------
        PatrolError
            NO_TIME where the deadline or the cancel flag ended it.
        """
        struct, wanted = self._struct(snapshot), _in_any_time(options)

        def fill(handle: abi.Handle, capacity: int, count: ctypes.c_size_t) -> Pairs:
            given = handle, ctypes.byref(struct), ctypes.byref(wanted)
            return read_pairs(library.eligible_pairs_within, *given, capacity=capacity, count=count)

        return self._filled(fill)

    def explain(self, snapshot: Snapshot, *, incident_id: int | None = None, **options: Any) -> Explanations:
        """Explain the dispatch decision: it is repeated for each assignment, with that unit forbidden for that call.

        Parameters
        ----------
        snapshot : Snapshot
            Units and calls now.
        incident_id : int, optional
            The one call whose assignments are explained; None: all.
        **options
            The fields of `DecideOptions`; the deadline is for all of these decisions together.

        Returns
        -------
        Explanations
            EXPLANATION_DTYPE [assignments]: reward and change in value, who would go instead, and what this would lose,
            all in weighted seconds of waiting; inf if fewer units could be sent. The loss is between `least_loss` and
            `objective_loss`, which are equal unless the search was cut short. patrol.h says what a loss is for
            each policy. Nobody is None as the attribute `runner_up_unit_id` of a row and "nobody" in print; in the
            field of that name it is NO_ID.
        """
        struct = self._struct(snapshot)
        wanted = asked(options)
        function, of_call = library.explain, list[int]()
        if incident_id is not None:
            function, of_call = library.explain_call, [unsigned("incident_id", incident_id, 64)]

        def fill(handle: abi.Handle, capacity: int, count: ctypes.c_size_t) -> Explanations:
            found = explanations(capacity)
            given = ctypes.byref(struct), ctypes.byref(wanted), *of_call
            call(function, handle, *given, address(found), capacity, found.itemsize, ctypes.byref(count))
            return found[: count.value].view(Explanations)

        return self._filled(fill, len(snapshot.units))

    def why_not(self, snapshot: Snapshot, unit_id: int, incident_id: int, **options: Any) -> PairExplanation:
        """Say why the dispatch decision does not send a unit to a call.

        Parameters
        ----------
        snapshot : Snapshot
            Units and calls now.
        unit_id, incident_id : int
            The unit, free or not, and the call.
        **options
            The fields of `DecideOptions`.

        Returns
        -------
        PairExplanation
            The rule that forbids it, or by how much a decision that does is worse.
        """
        struct, wanted, found = snapshot.to_abi(self._area_info), asked(options), abi.PairExplanation()
        pair = unsigned("unit_id", unit_id, 64), unsigned("incident_id", incident_id, 64)
        with self._claimed() as handle:
            given = ctypes.byref(struct), ctypes.byref(wanted), *pair
            call(library.explain_pair, handle, *given, ctypes.byref(found))
        return pair_explanation(found)

    def rank_units(
        self, snapshot: Snapshot, incident_id: int, k: int | None = None, **options: Any
    ) -> NDArray[np.void]:
        """Rank the eligible free units for one call: the choices of a dispatcher who overrides.

        Parameters
        ----------
        snapshot : Snapshot
            Units and calls now.
        incident_id : int
            The call; one that needs no more units is looked at as if it missed one.
        k : int, optional
            Maximum number of units returned; None: all that are eligible.
        **options
            The fields of `DecideOptions`; without `deadline` there is none.

        Returns
        -------
        NDArray
            RANKED_UNIT_DTYPE [at most k], best worth first: the objective of this assignment alone, minus that of
            holding all. Where the time ended once they were known: nearest first, with a worth of NaN.

        Raises
        ------
        PatrolError
            INVALID_ID for a call that is not there, NO_TIME where there was not even time to find them.
        """
        struct, wanted = self._struct(snapshot), _in_any_time(options)
        incident = unsigned("incident_id", incident_id, 64)

        def fill(handle: abi.Handle, capacity: int, count: ctypes.c_size_t) -> NDArray[np.void]:
            ranked = np.empty(capacity, RANKED_UNIT_DTYPE)
            given = ctypes.byref(struct), ctypes.byref(wanted), incident
            room = address(ranked), capacity, ranked.itemsize, ctypes.byref(count)
            call(library.rank_units_within, handle, *given, *room)
            return ranked[: count.value]

        return self._filled(fill, len(snapshot.units) if k is None else unsigned("k", k))

    def program(self, snapshot: Snapshot, **options: Any) -> str:
        """Return the dispatch program in LP format, for any mixed-integer solver.

        Parameters
        ----------
        snapshot : Snapshot
            Units and calls now.
        **options
            The fields of `DecideOptions`; without `deadline` there is none.

        Raises
        ------
        PatrolError
            UNSUPPORTED for a heuristic, which has none; NO_TIME where the deadline or the cancel flag ended it.
        """
        struct, wanted = self._struct(snapshot), _in_any_time(options)

        def fill(handle: abi.Handle, capacity: int, count: ctypes.c_size_t) -> str:
            text = np.empty(capacity, np.uint8)
            given = ctypes.byref(struct), ctypes.byref(wanted)
            call(library.write_program_within, handle, *given, address(text), capacity, ctypes.byref(count))
            return text[: count.value].tobytes().decode("ascii")

        return self._filled(fill, 1 << 16)


def _in_any_time(options: dict[str, Any]) -> abi.DecideOptions:
    return asked({"deadline": None, **options})


def read_pairs(
    function: Callable[..., int], handle: abi.Handle, *given: Any, capacity: int, count: ctypes.c_size_t
) -> Pairs:
    """Return the pairs that a function of the library writes for a session's snapshot or for a simulation."""
    pairs = np.empty(capacity, PAIR_DTYPE)
    features = np.empty((capacity, abi.PAIR_FEATURES), np.float32)
    deltas = np.empty((capacity, abi.STATE_FEATURES), np.float32)
    state = np.empty(abi.STATE_FEATURES, np.float32)
    numbers = address(features), address(deltas), address(state)
    call(function, handle, *given, address(pairs), capacity, pairs.itemsize, ctypes.byref(count), *numbers)
    return Pairs(pairs[: count.value], features[: count.value], deltas[: count.value], state)

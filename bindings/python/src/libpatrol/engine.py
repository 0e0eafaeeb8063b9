"""Area + policy + options, combined once and shared."""

import ctypes
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from libpatrol._native import abi
from libpatrol._native.arrays import address, numbers, unsigned
from libpatrol._native.handles import Fixed, FrozenFields, SharedObject, of_kind
from libpatrol._native.library import call, library
from libpatrol.answer import Answer, AnswerBuffers, asked, cancel_flag, microseconds
from libpatrol.area import Area, AreaInfo
from libpatrol.policy import Policy
from libpatrol.snapshot import Snapshot
from libpatrol.training_range import Use, warn_where_far

_INFINITY = float("inf")
_RECORDED = 4096  # units, and incidents, that a record may hold


@dataclass(frozen=True, kw_only=True)
class EngineOptions(FrozenFields):
    """Options of an engine with the library's defaults; the header explains each.

    Sequences and arrays are stored as tuples.

    Attributes
    ----------
    patrol_policy, dispatch_policy : str or None
        By name, "learned" or a heuristic; None: "learned" if the policy has it, else "marginal_coverage" and
        "minimum_weighted_travel".
    group_weights : sequence of float or None
        Multiplies the weight of calls of each population group, shape [groups of the area].
    longest_hold_seconds : sequence of float
        By priority 1 ... 8.
    preemption : array_like of bool [8, 8] or None
        [p - 1][q - 1]: a unit on its way to a call of priority p may be diverted to one of priority q.
    hold_travel_seconds : array_like [rows, categories of the area] or None
        How far a unit goes for a call that may be held, by the number of free units (row 0: one unit) and category.
    plan_margin : float
        A call may wait for a busy unit that is expected there before every free one: 0 goes by the expected arrival, 1
        by the one that it keeps nine times in ten, numbers between and beyond by as much of the way from the first to
        the second. Infinite: no call does.

    Examples
    --------
    >>> from libpatrol import EngineOptions
    >>> EngineOptions(never_hold_priority=2).longest_hold_seconds[2]
    1200.0
    """

    home_beat_patrol: bool = False
    patrol_policy: str | None = None
    dispatch_policy: str | None = None
    group_weights: Sequence[float] | None = None
    seed: int = 0
    stay_seconds: float = 60.0
    keep_target_gain: float = 0.01
    stale_position_seconds: float = _INFINITY
    never_hold_priority: int = 1
    strict_priority: bool = True
    longest_hold_seconds: Sequence[float] = (0.0, 600.0, 1200.0, 1800.0, 1800.0, 1800.0, 1800.0, 1800.0)
    maximum_travel_seconds: float = _INFINITY
    shift_end_margin_seconds: float = 0.0
    arrive_before_shift_end: bool = False
    own_beat_penalty_seconds: float = 0.0
    reserve_per_beat: int = 0
    reserve_price: float = _INFINITY
    preemption: ArrayLike | None = None
    discount_rate: float = 2.52e-4
    compliance_rows: int = 64
    hold_travel_seconds: ArrayLike | None = None
    maximum_snap_metres: float = 5000.0
    plan_margin: float = _INFINITY

    def __post_init__(self) -> None:
        squares = (abi.PRIORITIES, abi.PRIORITIES)
        for name, dtype, shape in (
            ("group_weights", np.float32, (None,)),
            ("longest_hold_seconds", np.float32, (abi.PRIORITIES,)),
            ("preemption", np.uint8, squares),
            ("hold_travel_seconds", np.float32, (None, None)),
        ):
            given = getattr(self, name)
            if given is not None:
                values = numbers(name, given, dtype, shape).tolist()
                object.__setattr__(self, name, tuple(tuple(row) if isinstance(row, list) else row for row in values))

    def to_abi(self, info: AreaInfo | None = None) -> abi.EngineOptions:
        """Return the C struct.

        Parameters
        ----------
        info : AreaInfo, optional
            Of the area, which determines the shapes of `group_weights` and `hold_travel_seconds`; without it they
            are left out.
        """
        arrays: dict[str, Any] = {"group_weights": None, "hold_travel_seconds": None}
        if info is not None and self.group_weights is not None:
            arrays["group_weights"] = numbers("group_weights", self.group_weights, np.float32, (info.group_count,))
        if info is not None and self.hold_travel_seconds is not None:
            shape = (None, info.category_count)
            limits = numbers("hold_travel_seconds", self.hold_travel_seconds, np.float32, shape)
            arrays |= {"hold_rows": len(limits), "hold_travel_seconds": limits}
        preemption = ((0,) * abi.PRIORITIES,) * abi.PRIORITIES if self.preemption is None else self.preemption
        return abi.EngineOptions(**self.fields() | {"preemption": preemption} | arrays)


class Engine(SharedObject):
    """Area, policy and options with tables derived from them, immutable and shared by threads.

    Parameters
    ----------
    area : Area
        The service area.
    policy : Policy, optional
        Trained networks; without them heuristics are used.
    use : Use, optional
        Fleet and load that it will decide for, to give a `FarFromTraining` warning if the policy was trained for
        others; without it only the city is compared.
    **options
        The fields of `EngineOptions`.

    Examples
    --------
    >>> from libpatrol import Area, Engine
    >>> from libpatrol.synthetic import cities
    >>> area = Area.from_arrays(**cities.grid(4, 4))
    >>> engine = Engine(area, dispatch_policy="priority_closest", never_hold_priority=2)
    >>> engine.post_seconds(4) < engine.post_seconds(1)
    True
    """

    area_info: Fixed[AreaInfo] = Fixed()
    options: Fixed[EngineOptions] = Fixed()

    def __init__(self, area: Area, policy: Policy | None = None, *, use: Use | None = None, **options: Any) -> None:
        self.area_info = of_kind("area", area, Area).info
        self.options = EngineOptions(**options)
        handle = abi.EngineHandle()
        call(
            library.engine_create,
            area._handle,
            None if policy is None else of_kind("policy", policy, Policy)._handle,
            ctypes.byref(self.options.to_abi(area.info)),
            ctypes.byref(handle),
        )
        super().__init__(handle)
        self._made_of = area._content(), None if policy is None else policy._content(), self.options
        if policy is not None and {self.options.patrol_policy, self.options.dispatch_policy} & {None, "learned"}:
            level = 2 if use is None else 3  # a scenario makes it
            warn_where_far(policy.metadata, use or Use(nodes=area.info.node_count), stacklevel=level)

    def _content(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        return _unpickled_engine, (type(self), *self._made_of)

    def post_seconds(self, unit_count: int) -> float:
        """Return the mean emergency travel time to demand from the nearest of `unit_count` p-median posts.

        The travel part of the offered load, and the scale of all features.
        """
        seconds = ctypes.c_float()
        call(library.engine_post_seconds, self._handle, unsigned("unit_count", unit_count), ctypes.byref(seconds))
        return seconds.value

    def session_bytes(self, max_units: int, max_incidents: int) -> int:
        """Return the memory that a `Session` of these sizes takes, in bytes.

        Pages of it that no decision needs take up none: where calls have no needs of several kinds, that is most of it.

        Parameters
        ----------
        max_units : int
            Units that its snapshots have at most, 1 ... 4096.
        max_incidents : int
            Incidents that they have at most, 0 ... 4096.

        Raises
        ------
        PatrolError
            INVALID_ARGUMENT for other sizes.
        """
        sizes = unsigned("max_units", max_units), unsigned("max_incidents", max_incidents)
        size = ctypes.c_uint64()
        call(library.session_bytes, self._handle, *sizes, ctypes.byref(size))
        return size.value

    def record(self, snapshot: Snapshot, answer: Answer, *, after: bytes | None = None, **options: Any) -> bytes:
        """Write a decision as bytes: hashes of the engine's parts, the snapshot, the options and the answer.

        Parameters
        ----------
        snapshot : Snapshot
            The input of the decision.
        answer : Answer
            The decision of a session of this engine.
        after : bytes, optional
            The record before it, which this one then names by its hash; b"": this one is the first of a chain. None:
            records are not chained.
        **options
            The fields of `DecideOptions` that the decision used.
        """
        struct, wanted, decided = snapshot.to_abi(self.area_info), asked(options), answer.to_abi()
        given: tuple[Any, ...] = ctypes.byref(struct), ctypes.byref(wanted), ctypes.byref(decided)
        size = ctypes.c_size_t()
        function = library.decision_record
        if after is not None:
            function, given = library.decision_record_after, (*given, after or None, len(after))
        call(function, self._handle, *given, None, 0, ctypes.byref(size))
        record = np.empty(size.value, np.uint8)
        call(function, self._handle, *given, address(record), size.value, ctypes.byref(size))
        return record.tobytes()

    def replay(
        self, record: bytes, *, deadline: float | None = None, cancel: NDArray[np.int32] | None = None
    ) -> Answer:
        """Repeat a recorded decision and compare the result.

        If the clock or the cancel flag ended the decision, it is checked against every rule instead of searched again.

        Parameters
        ----------
        record : bytes
            As `record` returns it.
        deadline : float, optional
            Seconds that this may take; None: any.
        cancel : int32 [1], optional
            The call ends when another thread stores a non-zero value.

        Raises
        ------
        PatrolError
            INVALID_FILE for bytes that are not a valid record, MISMATCH for a different engine or decision, NO_TIME if
            deadline or cancel flag came first.
        """
        buffers = AnswerBuffers(_RECORDED, _RECORDED)
        options = abi.ReplayOptions(deadline_microseconds=microseconds(deadline), cancel=cancel_flag(cancel))
        given = record, len(record), ctypes.byref(options)
        call(library.decision_replay_within, self._handle, *given, ctypes.byref(buffers.struct))
        return buffers.answer()


def _unpickled_engine(kind: type[Engine], area: Any, policy: Any, options: EngineOptions) -> Engine:
    """Return the engine made of these parts, each a function with its arguments."""
    (make_area, of_area), (make_policy, of_policy) = area, policy or (None, ())
    made = None if make_policy is None else make_policy(*of_policy)
    return kind(make_area(*of_area), made, **options.fields())

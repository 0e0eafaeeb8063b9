"""A city in motion, for which an engine or a host decides."""

import ctypes
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from libpatrol._native import abi
from libpatrol._native.arrays import address, unsigned
from libpatrol._native.handles import ExclusiveObject, Fixed, of_kind
from libpatrol._native.library import call, library
from libpatrol.engine import Engine
from libpatrol.enums import CallClass, Due
from libpatrol.lab.metrics import RESPONSE_DTYPE, UNIT_TIMES_DTYPE, Metrics
from libpatrol.records import CANDIDATE_DTYPE, INCIDENT_DTYPE, UNIT_DTYPE
from libpatrol.scenario.scenario import Scenario
from libpatrol.session import Candidates, Pairs, read_pairs
from libpatrol.snapshot import Snapshot

EVENT_DTYPE = np.dtype(abi.SimulationEvent)


@dataclass(frozen=True)
class SimulationState:
    """The current state of a simulation.

    Attributes
    ----------
    due : Due
        The decision that waits for the host.
    time_seconds : float
        Since a Monday 00:00.
    cumulative_cost : float
        Weighted seconds of waiting since the start, lost calls included; differences give the weighted wait between
        decisions.
    events, decisions : int
        Since the start.
    open_incidents, queued_incidents : int
        Calls that have not ended; of these, those without any unit.
    events_lost : int
        Events overwritten before they were read.

    Examples
    --------
    >>> from libpatrol import Scenario, Simulation
    >>> scenario = Scenario.load("hotspots")
    >>> simulation = Simulation(scenario, scenario.engine())
    >>> simulation.run(until_seconds=3600)
    >>> simulation.state.time_seconds
    3600.0
    """

    due: Due
    time_seconds: float
    cumulative_cost: float
    events: int
    decisions: int
    open_incidents: int
    queued_incidents: int
    events_lost: int


class SimulationSnapshot(NamedTuple):
    """The snapshot for a decision that is due.

    Attributes
    ----------
    snapshot : Snapshot
        Units in the order of the fleet and open calls in the order in which they came; copies, for a `Session` too.
    due : bool [units]
        Units whose patrol decision is due.

    Examples
    --------
    >>> from libpatrol import Scenario, Simulation
    >>> scenario = Scenario.load("hotspots")
    >>> simulation = Simulation(scenario, scenario.engine())
    >>> due = simulation.step(until_seconds=3600)
    >>> len(simulation.snapshot().snapshot.units)
    5
    """

    snapshot: Snapshot
    due: NDArray[np.bool_]


class Simulation(ExclusiveObject):
    """A simulation of a scenario, in which an engine or a host decides. For one thread at a time.

    Parameters
    ----------
    scenario : Scenario
        Fleet and calls.
    engine : Engine
        Decides; its area is the scenario's.
    seed : int
        The same scenario, engine and seed give the same bytes. Calls depend only on scenario and seed, whatever is
        decided; random choices of policies depend on this seed and on the engine's.
    event_capacity : int
        Events kept for `read_events`; 0: none.
    node_limit : int
        Of each dispatch decision of the engine; 0: none.
    relative_gap : float
        As in `DecideOptions`.

    Examples
    --------
    >>> from libpatrol import Scenario, Simulation
    >>> from libpatrol.enums import Due
    >>> scenario = Scenario.load("hotspots")
    >>> with Simulation(scenario, scenario.engine(), seed=1) as simulation:
    ...     simulation.run(hours=2)
    ...     calls = simulation.metrics().calls
    >>> calls > 0
    True

    A host can decide in place of the engine, wholly or in part:

    >>> simulation = Simulation(scenario, scenario.engine(), seed=1)
    >>> while simulation.step(until_seconds=3600) is not Due.NOTHING:
    ...     # simulation.assign(unit, incident), or simulation.move(unit, node)
    ...     simulation.decide()  # the engine decides the rest
    """

    scenario: Fixed[Scenario] = Fixed()

    def __init__(
        self,
        scenario: Scenario,
        engine: Engine,
        *,
        seed: int = 0,
        event_capacity: int = 0,
        node_limit: int = 2000,
        relative_gap: float = 1e-6,
    ) -> None:
        self.scenario = of_kind("scenario", scenario, Scenario)
        decider = of_kind("engine", engine, Engine)._handle
        options = abi.SimulationOptions(
            event_capacity=event_capacity, seed=seed, node_limit=node_limit, relative_gap=relative_gap
        )
        handle = abi.SimulationHandle()
        call(library.simulation_create, scenario._handle, decider, ctypes.byref(options), ctypes.byref(handle))
        super().__init__(handle)

    def _call(self, function: Callable[..., int], *arguments: Any) -> None:
        with self._claimed() as handle:
            call(function, handle, *arguments)

    # Time

    def restart(self, seed: int) -> None:
        """Start another replication in the same memory."""
        self._call(library.simulation_restart, unsigned("seed", seed, 64))

    def run(self, until_seconds: float | None = None, *, hours: float | None = None) -> None:
        """Simulate, with the engine deciding.

        Parameters
        ----------
        until_seconds : float, optional
            Since a Monday 00:00.
        hours : float, optional
            Instead: this long after the warm-up; without either, `Scenario.hours`.
        """
        self._call(library.simulation_run, self._end(until_seconds, hours))

    def step(self, until_seconds: float) -> Due:
        """Simulate until a decision is due or the time is reached.

        This closes the previous decision: calls that were not assigned are held, units that were not moved stay.
        """
        due = ctypes.c_int32()
        self._call(library.simulation_step, float(until_seconds), ctypes.byref(due))
        return Due(due.value)

    def _end(self, until_seconds: float | None, hours: float | None) -> float:
        if until_seconds is not None and hours is not None:
            raise ValueError("give either until_seconds or hours")
        if until_seconds is not None:
            return float(until_seconds)
        return self.scenario.end_seconds(hours)

    # Decisions

    def decide(self) -> None:
        """Let the engine decide what is left of the decision that is due."""
        self._call(library.simulation_decide)

    def assign(self, unit: int, incident: int) -> None:
        """Send a unit to a call, by index in the snapshot, while a dispatch decision is due."""
        self._call(library.simulation_assign, unsigned("unit", unit), unsigned("incident", incident))

    def move(self, unit: int, node: int) -> None:
        """Tell a unit whose patrol decision is due where to go: its own node to stay, or another node to drive to."""
        self._call(library.simulation_move, unsigned("unit", unit), unsigned("node", node))

    # Rollouts

    def copy(self, other: "Simulation", *, measuring: bool = True) -> None:
        """Copy the current state of another simulation of the same scenario, including a decision that is due.

        For rollouts::

            rollout.copy(simulation, measuring=False)
            rollout.renew_future(seed)
            rollout.assign(unit, incident)     # or another decision, in another copy with the same future
            rollout.run(end)

        Parameters
        ----------
        other : Simulation
            With the same engine the two then run identically; with another engine, as that one decides. Unread events
            are not copied.
        measuring : bool
            Copy the measurements so far; without it the copy measures nothing until it is restarted, and is faster.
        """
        if other is self:
            raise ValueError("a simulation cannot become a copy of itself")
        with other._claimed() as handle:
            self._call(library.simulation_copy, handle, int(measuring))

    def renew_future(self, seed: int) -> None:
        """Draw again everything that is not yet known: future calls, and what is left of service times.

        Copies of one simulation with the same seed get the same future (common random numbers). Calls from a log stay.
        """
        self._call(library.simulation_renew_future, unsigned("seed", seed, 64))

    # What is known

    @property
    def state(self) -> SimulationState:
        """The current state of the simulation."""
        struct = abi.SimulationState()
        self._call(library.simulation_get_state, ctypes.byref(struct))
        values = {name: getattr(struct, name) for name in SimulationState.__dataclass_fields__}
        return SimulationState(**values | {"due": Due(struct.due)})

    def snapshot(self) -> SimulationSnapshot:
        """Return the snapshot for the decision that is due."""
        units = np.empty(self.scenario.unit_count, UNIT_DTYPE)
        incidents = np.empty(self.state.open_incidents, INCIDENT_DTYPE)
        travel = np.empty((len(units), len(incidents)), np.float32)
        idle = np.empty(self.scenario.area.info.patrol_location_count, np.float32)
        due = np.empty(len(units), np.uint8)
        self._call(
            library.simulation_get_snapshot,
            address(units),
            len(units),
            units.itemsize,
            ctypes.byref(ctypes.c_size_t()),
            address(incidents),
            len(incidents),
            incidents.itemsize,
            ctypes.byref(ctypes.c_size_t()),
            address(travel),
            address(idle),
            address(due),
        )
        snapshot = Snapshot(
            self.state.time_seconds, units, incidents, travel_seconds=travel, location_idle_seconds=idle
        )
        return SimulationSnapshot(snapshot, due.astype(bool))

    def candidates(self, unit: int) -> Candidates:
        """Return the moves of a unit whose patrol decision is due, by index in the fleet."""
        index = unsigned("unit", unit)

        def fill(handle: abi.Handle, capacity: int, count: ctypes.c_size_t) -> Candidates:
            moves = np.empty(capacity, CANDIDATE_DTYPE)
            features = np.empty((capacity, abi.CANDIDATE_FEATURES), np.float32)
            call(
                library.simulation_get_candidates,
                handle,
                index,
                address(moves),
                capacity,
                moves.itemsize,
                ctypes.byref(count),
                address(features),
            )
            return Candidates(moves[: count.value], features[: count.value])

        return self._filled(fill)

    def pairs(self) -> Pairs:
        """Return the eligible pairs while a dispatch decision is due."""

        def fill(handle: abi.Handle, capacity: int, count: ctypes.c_size_t) -> Pairs:
            return read_pairs(library.simulation_get_pairs, handle, capacity=capacity, count=count)

        return self._filled(fill)

    def read_events(self, most: int = 1 << 16) -> NDArray[np.void]:
        """Read and remove the oldest events.

        Parameters
        ----------
        most : int
            Maximum number of events returned.

        Returns
        -------
        NDArray
            EVENT_DTYPE [events], by time; `kind` is an `EventKind`, `priority` and `category` are the call's.
        """
        events = np.empty(unsigned("most", most), EVENT_DTYPE)
        count = ctypes.c_size_t()
        self._call(library.simulation_read_events, address(events), len(events), events.itemsize, ctypes.byref(count))
        return events[: count.value]

    # Measures

    def metrics(self) -> Metrics:
        """Return the measures from the end of the warm-up until now."""
        struct = abi.Metrics()
        self._call(library.simulation_get_metrics, ctypes.byref(struct))
        info = self.scenario.area.info
        units = np.empty(self.scenario.unit_count, UNIT_TIMES_DTYPE)
        self._call(
            library.simulation_get_unit_times,
            address(units),
            len(units),
            units.itemsize,
            ctypes.byref(ctypes.c_size_t()),
        )
        return Metrics.from_abi(
            struct,
            by_priority=self._responses(CallClass.PRIORITY, abi.PRIORITIES),
            by_beat=self._responses(CallClass.BEAT, info.beat_count),
            by_group=self._responses(CallClass.GROUP, info.group_count),
            by_category=self._responses(CallClass.CATEGORY, info.category_count),
            by_hour=self._responses(CallClass.HOUR, 24),
            by_shift=self._responses(CallClass.SHIFT, len(self.scenario.shift_starts)),
            units=units,
        )

    def _responses(self, kind: CallClass, rows: int) -> NDArray[np.void]:
        table = np.empty(rows, RESPONSE_DTYPE)
        self._call(
            library.simulation_get_responses,
            kind,
            address(table),
            rows,
            table.itemsize,
            ctypes.byref(ctypes.c_size_t()),
        )
        return table

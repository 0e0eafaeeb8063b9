"""Where the free units of a strategy are in ordinary weeks."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from libpatrol._native.abi import NO_NODE
from libpatrol.engine import Engine
from libpatrol.enums import EventKind, UnitStatus
from libpatrol.lab.simulation import Simulation
from libpatrol.scenario.scenario import Scenario

_HOUR, _DAY, _WEEK = 3600.0, 86_400.0, 604_800.0
_SLICE = 6 * _HOUR
_BECOMES_FREE = {
    EventKind.UNIT_FREED, EventKind.SHIFT_BEGAN, EventKind.OUT_OF_SERVICE_ENDED, EventKind.WORK_ENDED,
    EventKind.WORK_LEFT, EventKind.MOVE_BEGAN,
}  # fmt: skip
_BECOMES_BUSY = {
    EventKind.UNIT_SENT, EventKind.SHIFT_ENDED, EventKind.OUT_OF_SERVICE_BEGAN, EventKind.WORK_BEGAN,
}  # fmt: skip


def observe(
    scenario: Scenario,
    engine: Engine,
    *,
    weeks: int = 1,
    seed: int = 0,
    tell: Callable[[float], None] = lambda share: None,
) -> NDArray[np.float64]:
    """Simulate whole weeks and return the mean number of free units in each beat.

    Parameters
    ----------
    scenario, engine
        The city, and the strategy that decides.
    weeks : int
        After the warm-up.
    seed : int
        Of the calls.
    tell : callable
        Is told the share of the time that is simulated.

    Returns
    -------
    NDArray
        float64 [beats, 24]: free units that are in, or on their way to, each beat by hour of the day.
    """
    start = scenario.measured_from_seconds
    end = start + weeks * _WEEK
    with Simulation(scenario, engine, seed=seed, event_capacity=1 << 18) as simulation:
        simulation.step(end)  # to the first decision, where units stand
        watch = _Watch(scenario, simulation.snapshot().snapshot.units, start, end)
        now = simulation.state.time_seconds
        while now < end:
            now = min(now + _SLICE, end)
            simulation.run(until_seconds=now)
            while len(events := simulation.read_events()):
                watch.apply(events)
            tell(max(0.0, (now - start) / (end - start)))  # below 0 in the warm-up
        watch.close()
    return watch.seconds / ((end - start) / 24)


class _Watch:
    def __init__(self, scenario: Scenario, units: Any, start: float, end: float) -> None:
        beats = scenario.area.arrays.node_beats
        self._beats = [0] * scenario.area.info.node_count if beats is None else beats.tolist()
        self._start, self._end = start, end
        self.seconds = np.zeros((max(1, scenario.area.info.beat_count), 24))
        self._node = np.where(units["node"] == NO_NODE, 0, units["node"]).tolist()
        self._since = np.where(units["status"] == UnitStatus.PATROLLING, start, math.inf).tolist()

    def apply(self, events: Any) -> None:
        names = "kind", "unit", "time_seconds", "node"
        for kind, unit, now, node in zip(*(events[name].tolist() for name in names), strict=True):
            if kind in _BECOMES_FREE:
                self._count(unit, now)
                self._since[unit] = now
                if node != NO_NODE:
                    self._node[unit] = node
            elif kind in _BECOMES_BUSY:
                self._count(unit, now)
                self._since[unit] = math.inf

    def close(self) -> None:
        for unit in range(len(self._since)):
            self._count(unit, self._end)

    def _count(self, unit: int, now: float) -> None:
        """Count the time for which a unit was free, hour by hour."""
        since, beat = max(self._since[unit], self._start), self._beats[self._node[unit]]
        while since < now and beat >= 0:
            until = min(now, (since // _HOUR + 1) * _HOUR)
            self.seconds[beat, int(since % _DAY // _HOUR)] += until - since
            since = until

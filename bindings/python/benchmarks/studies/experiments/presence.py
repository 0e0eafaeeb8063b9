"""Where free units are: read from a simulation's events."""

import numpy as np
from numpy.typing import NDArray

from libpatrol import Engine, Scenario, Simulation
from libpatrol.enums import EventKind

_FREE = (EventKind.MOVE_BEGAN, EventKind.MOVE_ENDED, EventKind.STAY_ENDED, EventKind.UNIT_FREED)
_BUSY = (EventKind.UNIT_SENT, EventKind.UNIT_DIVERTED, EventKind.UNIT_ON_SCENE)
_EVENTS = 1 << 17


def free_units(
    events: NDArray[np.void], node_groups: NDArray[np.int32], begin: float, end: float
) -> NDArray[np.float64]:
    """Return the mean number of free units in each group's places, [groups].

    Between two events of a unit its place is that of the earlier one; a unit that drives counts where it drives to.
    Fleets without shifts, times out of service and self-initiated work only.

    Parameters
    ----------
    events : EVENT_DTYPE [events]
        By time, since some event of each unit before `begin`.
    node_groups : int [nodes]
        Of places.
    begin, end : float
        Seconds, between which is measured.
    """
    of_units = events[np.isin(events["kind"], _FREE + _BUSY)]
    total = np.zeros(int(node_groups.max()) + 1)
    for unit in np.unique(of_units["unit"]):
        own = of_units[of_units["unit"] == unit]
        times = np.clip(np.append(own["time_seconds"], end), begin, end)
        free = np.isin(own["kind"], _FREE)
        np.add.at(total, node_groups[own["node"][free]], np.diff(times)[free])
    return total / (end - begin)


def presence(scenario: Scenario, engine: Engine, seeds: range, node_groups: NDArray[np.int32]) -> NDArray[np.float64]:
    """Return the mean number of free units in each group's places after the warm-up, [seeds, groups]."""
    rows = []
    with Simulation(scenario, engine, event_capacity=_EVENTS) as simulation:
        for seed in seeds:
            simulation.restart(seed)
            simulation.run()
            state, events = simulation.state, simulation.read_events(_EVENTS)
            if state.events_lost:
                raise RuntimeError(f"{state.events_lost} events were overwritten: raise _EVENTS")
            rows.append(free_units(events, node_groups, scenario.measured_from_seconds, state.time_seconds))
    return np.array(rows)

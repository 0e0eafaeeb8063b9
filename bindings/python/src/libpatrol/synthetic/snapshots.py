"""Random snapshots of a city: for fitting, examples and measurements."""

import numpy as np
from numpy.typing import NDArray

from libpatrol._native.arrays import unsigned
from libpatrol.area_arrays import AreaArrays
from libpatrol.enums import UnitStatus
from libpatrol.records import incidents, units
from libpatrol.snapshot import Snapshot


def sample_snapshot(
    city: AreaArrays,
    rng: np.random.Generator,
    *,
    unit_count: int,
    incident_count: int,
    busy_share: float = 0.4,
    nodes: np.ndarray | None = None,
) -> Snapshot:
    """Return units at random places, some of them on calls, and waiting calls drawn from demand.

    Parameters
    ----------
    city : AreaArrays
        With demand.
    rng : numpy.random.Generator
        Source of randomness.
    unit_count, incident_count : int
        Sizes.
    busy_share : float
        Probability that a unit is on the scene of a call; at least one unit is free.
    nodes : array of nodes, optional
        Where units may stand; None: anywhere.

    Returns
    -------
    Snapshot
        Urgent calls have priority 1, routine ones 2; free units are due for a decision.
    """
    unit_count, incident_count = unsigned("unit_count", unit_count), unsigned("incident_count", incident_count)
    crew = units(unit_count)
    places = np.arange(city.node_count) if nodes is None else nodes
    crew["node"] = rng.choice(places, unit_count)
    if city.node_beats is not None:
        crew["home_beat"] = city.node_beats[crew["node"]]
    busy = rng.random(unit_count) < busy_share
    busy[rng.integers(unit_count)] = False
    crew["status"][busy] = UnitStatus.ON_SCENE
    crew["seconds_until_free"][busy] = rng.exponential(1200.0, busy.sum())

    hour = int(rng.integers(city.period_hours))
    rates = city.demand_calls_per_hour[:, :, hour]
    place, category = np.divmod(rng.choice(rates.size, incident_count, p=_shares(rates)), rates.shape[1])
    calls = incidents(incident_count)
    calls["node"] = place if city.demand_nodes is None else city.demand_nodes[place]
    calls["category"] = category
    calls["priority"] = category + 1
    calls["seconds_waited"] = rng.exponential(300.0, incident_count)
    return Snapshot(3600.0 * hour, crew, calls)


def _shares(rates: NDArray[np.floating]) -> NDArray[np.float64]:
    shares = rates.astype(np.float64).ravel()
    return np.asarray(shares / shares.sum())

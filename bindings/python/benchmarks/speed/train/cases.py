"""The city that is timed: 100 nodes, 5 units, 6 calls an hour, drawn by the library or, for Python, as a log."""

import numpy as np

from libpatrol import Area, AreaArrays, Scenario
from libpatrol.scenario.arrays import FLEET_UNIT_DTYPE, logged_calls
from libpatrol.synthetic import cities
from reference.logs import categories_of

UNITS = 5


def town(rows: int = 10, columns: int = 10) -> AreaArrays:
    return cities.grid(rows, columns, seed=1)


def scenario(city: AreaArrays, area: Area, calls: np.ndarray | None = None) -> Scenario:
    """Return the scenario with calls drawn from the city's demand, or with a log of them."""
    units = np.zeros(UNITS, FLEET_UNIT_DTYPE)
    units["id"] = np.arange(UNITS)
    units["start_node"] = np.arange(UNITS) * city.node_count // UNITS
    units["home_beat"] = -1
    return Scenario(area, units=units, categories=categories_of(city), calls=calls, queue_capacity=10)


def log(city: AreaArrays, rng: np.random.Generator, seconds: float) -> np.ndarray:
    """Return calls of the first hours of a day as the city's demand brings them, with exponential service times."""
    rates = city.demand_calls_per_hour[:, :, : int(seconds / 3600)].mean(2)  # [nodes, categories]
    times = np.cumsum(rng.exponential(3600 / rates.sum(), int(3 * rates.sum() * seconds / 3600) + 20))
    calls = logged_calls(int((times < seconds).sum()))
    place, category = np.divmod(rng.choice(rates.size, len(calls), p=(rates / rates.sum()).ravel()), rates.shape[1])
    calls["time_seconds"] = times[: len(calls)]
    calls["node"] = place if city.demand_nodes is None else city.demand_nodes[place]
    calls["category"] = category
    calls["service_seconds"] = rng.exponential(city.category_service_seconds[category])
    return calls

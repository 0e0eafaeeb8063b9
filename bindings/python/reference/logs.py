"""Random logs of calls, fleets and categories, which the simulator and its twin replay."""

import numpy as np

from libpatrol import AreaArrays
from libpatrol.scenario.arrays import FLEET_UNIT_DTYPE, categories, logged_calls


def random_log(city: AreaArrays, rng: np.random.Generator, per_hour: float, hours: float) -> np.ndarray:
    """Return calls of a city of two categories, two in five of the first, with the times that they take."""
    times = np.cumsum(rng.exponential(3600 / per_hour, int(2 * per_hour * hours)))
    calls = logged_calls(int((times < hours * 3600).sum()))
    calls["time_seconds"] = times[: len(calls)]
    calls["node"] = rng.integers(city.node_count, size=len(calls))
    calls["category"] = rng.random(len(calls)) > 0.4
    calls["service_seconds"] = rng.exponential(city.category_service_seconds[calls["category"]])
    return calls


def random_fleet(city: AreaArrays, rng: np.random.Generator, count: int) -> np.ndarray:
    """Return units that begin anywhere, at home in the beat where they do."""
    units = np.zeros(count, FLEET_UNIT_DTYPE)
    units["id"] = np.arange(count)
    units["start_node"] = rng.integers(city.node_count, size=count)
    units["home_beat"] = city.node_beats[units["start_node"]]
    return units


def categories_of(city: AreaArrays, units_required: tuple[int, int] = (1, 1)) -> np.ndarray:
    """Return a city's two categories, the first of priority 1."""
    kinds = categories(2)
    kinds["weight"], kinds["priority"] = city.category_weights, (1, 2)
    kinds["service_mean_seconds"], kinds["units_required"] = city.category_service_seconds, units_required
    return kinds

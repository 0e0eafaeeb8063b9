"""The ways to travel times: each takes a city and returns a function from origins and destinations to seconds."""

from collections.abc import Callable

import numpy as np
from routingkit_cch import CCH, CCHManyToOne, CCHMetric, CCHOneToMany, compute_order_inertial
from scipy.sparse.csgraph import dijkstra

from libpatrol import Area, AreaArrays
from reference.roads import road_graph

Ask = Callable[[np.ndarray, np.ndarray], np.ndarray]


def milliseconds(seconds: np.ndarray) -> np.ndarray:
    """Return whole milliseconds, -1 where there is no path."""
    return np.where(np.isfinite(seconds), np.rint(np.asarray(seconds, np.float64) * 1000), -1).astype(np.int64)


def libpatrol_way(city: AreaArrays) -> Ask:
    return Area.from_arrays(**city).travel_times


def routingkit_way(city: AreaArrays) -> Ask:
    tail, head = city.edges.T.astype(int).tolist()
    longitude, latitude = np.asarray(city.coordinates).T.tolist()
    order = compute_order_inertial(city.node_count, tail, head, latitude, longitude)
    weights = milliseconds(city.edge_emergency_seconds).tolist()
    metric = CCHMetric(CCH(order, tail, head, False), weights)

    def ask(origins: np.ndarray, destinations: np.ndarray) -> np.ndarray:
        if len(origins) < len(destinations):
            query = CCHOneToMany(metric, destinations.tolist())
            found = [query.distances_from(origin) for origin in origins.tolist()]
        else:
            query = CCHManyToOne(metric, origins.tolist())
            found = [query.distances_to(destination) for destination in destinations.tolist()]
        times = np.array(found, np.float64) / 1000
        times[np.isnan(times)] = np.inf
        return times if len(origins) < len(destinations) else times.T

    return ask


def scipy_way(city: AreaArrays) -> Ask:
    forward, backward = (
        road_graph(city, city.edge_emergency_seconds, backward=is_backward) for is_backward in (False, True)
    )

    def ask(origins: np.ndarray, destinations: np.ndarray) -> np.ndarray:
        if len(origins) < len(destinations):
            return dijkstra(forward, indices=origins)[:, destinations] / 1000
        return dijkstra(backward, indices=destinations)[:, origins].T / 1000

    return ask

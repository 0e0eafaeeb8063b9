"""Travel times on roads, by scipy's Dijkstra.

Source: `patrol.h`, edges of an area: edge times are rounded to the nearest millisecond, travel times are their sums.
Checks the engine's contraction hierarchies, in `tests/test_routing.py`.
"""

from copy import copy
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from libpatrol import AreaArrays
from libpatrol.enums import Mode

Floats = NDArray[np.float64]


def rounded(seconds: Floats) -> Floats:
    """Return times as the library routes by: to the nearest millisecond, halves up."""
    return np.floor(np.asarray(seconds, np.float64) * 1000 + 0.5) / 1000


def road_graph(city: AreaArrays, seconds: Floats, *, backward: bool = False) -> csr_array:
    """Return the roads as scipy takes them, milliseconds [nodes, nodes]; `backward`: every edge the other way round."""
    tail, head = city.edges.T.astype(int)
    times = np.maximum((rounded(seconds) * 1000).round(), 1e-6)  # scipy takes 0 for no edge
    order = np.lexsort((times, head, tail))
    tail, head, times = tail[order], head[order], times[order]
    fastest = np.ones(len(order), bool)
    fastest[1:] = (tail[1:] != tail[:-1]) | (head[1:] != head[:-1])
    ends = (head, tail) if backward else (tail, head)
    return csr_array((times[fastest], (ends[0][fastest], ends[1][fastest])), (city.node_count, city.node_count))


def travel_times(
    city: AreaArrays, seconds: Floats, sources: NDArray[np.intp] | None = None, *, backward: bool = False
) -> NDArray[np.float32]:
    """Return shortest times from nodes, all unless told, to all nodes, or to them, `backward`, [sources, nodes]."""
    return (dijkstra(road_graph(city, seconds, backward=backward), indices=sources).round() / 1000).astype(np.float32)


class Roads:
    """What decisions and the simulator go by of a city's roads.

    Attributes
    ----------
    emergency_edges, patrol_edges : float64 [edges]
        Seconds; an area without emergency times has those of patrol.
    ratio : float
        Emergency seconds of all edges over their patrol seconds.
    factors : float64 [2, 168]
        What patrol and emergency seconds are multiplied by, by the hour of the week in which a unit departs.
    """

    def __init__(self, city: AreaArrays) -> None:
        self.city = city
        self.patrol_edges = city.edge_patrol_seconds.astype(np.float64)
        given = city.edge_emergency_seconds
        self.emergency_edges = self.patrol_edges if given is None else given.astype(np.float64)
        total = self.patrol_edges.sum()
        self.ratio = float(np.clip(self.emergency_edges.sum() / total, 1e-6, 1e6)) if total > 0 else 1.0
        given = city.travel_factors
        self.factors = np.ones((len(Mode), 168)) if given is None else given.astype(np.float64)
        self._by_factors: dict[tuple[float, float], Roads] = {(1.0, 1.0): self}

    def departing(self, seconds: float) -> "Roads":
        """Return the roads as they are for departures at a time since a Monday 00:00."""
        patrol, emergency = factors = tuple(self.factors[:, int(seconds // 3600) % 168])
        if factors not in self._by_factors:
            roads = copy(self)
            roads.emergency, roads.patrol = self.emergency * emergency, self.patrol * patrol
            roads.neighbors = [[(end, e * emergency, p * patrol) for end, e, p in row] for row in self.neighbors]
            roads.ratio = float(np.clip(self.ratio * emergency / patrol, 1e-6, 1e6))
            self._by_factors[factors] = roads
        return self._by_factors[factors]

    @cached_property
    def emergency(self) -> Floats:
        """Emergency seconds from each node to each other, [nodes, nodes]."""
        return travel_times(self.city, self.emergency_edges).astype(np.float64)

    @cached_property
    def patrol(self) -> Floats:
        """Patrol seconds from each node to each other, [nodes, nodes]."""
        return travel_times(self.city, self.patrol_edges).astype(np.float64)

    @cached_property
    def neighbors(self) -> list[list[tuple[int, float, float]]]:
        """Of each node, the ends of its edges with their emergency and patrol seconds."""
        found: list[list[tuple[int, float, float]]] = [[] for _ in range(self.city.node_count)]
        times = (rounded(edges).tolist() for edges in (self.emergency_edges, self.patrol_edges))
        for (start, end), fast, slow in zip(self.city.edges.tolist(), *times, strict=True):
            found[start].append((end, fast, slow))
        return found

"""What the feature tables need of an area and the options alone: demand, posts, anchors, times to demand.

Source: `Features.md`, "Symbols"; the p-median problem (Hakimi 1964) by greedy addition and exchanges (Teitz & Bart
1968). Written for areas whose every node is a patrol location, where the location graph is the road graph.
"""

from copy import copy
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from libpatrol import AreaArrays
from reference.roads import Floats, Roads, travel_times

UNREACHABLE = 1e6
AHEAD_SECONDS = 1200.0
ANCHORS = 9


def median_posts(g: Floats, demand: Floats, largest: int) -> list[NDArray[np.intp]]:
    """Return p-median posts for 1 ... largest units, ascending: greedy addition, then the best exchanges.

    `g` are travel times between demand points, [points, points].
    """
    posts: list[int] = []
    found = []
    for _ in range(min(largest, len(g))):
        nearest = g[posts].min(0, initial=np.inf)
        cost = np.minimum(g, nearest) @ demand
        cost[posts] = np.inf
        posts.append(int(cost.argmin()))
        while True:
            nearest = g[posts].min(0)
            exchanges = []
            for leaving in range(len(posts)):
                rest = g[posts[:leaving] + posts[leaving + 1 :]].min(0, initial=np.inf)
                exchanges.append(np.minimum(g, rest) @ demand)
                exchanges[-1][posts] = np.inf
            leaving, entering = np.unravel_index(np.argmin(exchanges), (len(posts), len(g)))
            if exchanges[leaving][entering] >= (nearest @ demand) * (1 - 1e-7):
                break
            posts[leaving] = int(entering)
        found.append(np.sort(posts))
    return found


@dataclass
class Tables:
    """What depends on the area and the options alone.

    Attributes
    ----------
    city : AreaArrays
        Roads and demand.
    points : uint32 [points]
        Nodes of the demand points.
    group_weights : float [groups], optional
        Of population groups; None: all 1.
    compliance_rows, largest_fleet : int
        Posts are made for at most as many units as either says.
    """

    city: AreaArrays
    points: NDArray[np.uint32]
    group_weights: Floats | None = None
    compliance_rows: int = 64
    largest_fleet: int = 8

    def __post_init__(self) -> None:
        city = self.city
        self.roads = Roads(city)
        self.rho = self.roads.ratio
        to_points = travel_times(city, self.roads.emergency_edges, self.points, backward=True).T
        self.g = np.minimum(to_points.astype(np.float64), UNREACHABLE)  # [nodes, points]
        self.point = self.g.argmin(1)  # of each node
        self.category_weights = np.ones(self.categories) if city.category_weights is None else city.category_weights
        self.groups = np.zeros(city.node_count, int) if city.node_groups is None else city.node_groups
        if self.group_weights is None:
            self.group_weights = np.ones(self.groups.max() + 1)
        self.posts = median_posts(self.g[self.points], self.mean_demand, min(self.compliance_rows, self.largest_fleet))
        self.anchors = median_posts(self.g[self.points], self.mean_demand, ANCHORS)[-1]

    def departing(self, seconds: float) -> "Tables":
        """Return the tables with all travel times as they are for departures at a time."""
        roads = self.roads.departing(seconds)
        if roads is self.roads:
            return self
        tables = copy(self)
        patrol, emergency = roads.factors[:, int(seconds // 3600) % 168]
        tables.roads, tables.rho = roads, roads.ratio
        tables.g, tables.along = self.g * emergency, self.along * patrol
        return tables

    @property
    def categories(self) -> int:
        """Number of categories of calls."""
        return len(self.city.category_service_seconds)

    @cached_property
    def along(self) -> Floats:
        """t_L: patrol seconds between patrol locations, here all nodes, [nodes, nodes]."""
        return np.minimum(self.roads.patrol, UNREACHABLE)

    @cached_property
    def _demand(self) -> tuple[NDArray[np.intp], Floats]:
        """Nodes with demand, and their calls an hour, [nodes, categories, hours]."""
        city = self.city
        if city.demand_calls_per_hour is None:
            return np.zeros(0, int), np.zeros((0, self.categories, city.period_hours))
        given = city.demand_calls_per_hour.astype(np.float64)
        return np.arange(len(given)) if city.demand_nodes is None else city.demand_nodes.astype(int), given

    @cached_property
    def rates(self) -> Floats:
        """λ of each demand point, [points, categories, hours]."""
        nodes, given = self._demand
        rates = np.zeros((len(self.points), *given.shape[1:]))
        np.add.at(rates, self.point[nodes], given)
        return rates

    @cached_property
    def weighted(self) -> Floats:
        """Σ_c λ w_c · group weight, [points, hours]; a node's demand has the weight of the node's group."""
        nodes, given = self._demand
        weights = np.asarray(self.group_weights)[self.groups[nodes]]
        weighted = np.zeros((len(self.points), given.shape[2]))
        np.add.at(weighted, self.point[nodes], np.einsum("vch,c,v->vh", given, self.category_weights, weights))
        return weighted

    @cached_property
    def mean_demand(self) -> Floats:
        """d̄, [points]."""
        total = self.weighted.sum(1)
        return total / total.sum() if total.sum() > 0 else np.full(len(total), 1 / len(total))

    @cached_property
    def mean_weight(self) -> float:
        """w̄."""
        calls = self.rates.sum()
        return float(self.weighted.sum() / calls) if calls > 0 else float(np.mean(self.category_weights))

    @cached_property
    def mean_service(self) -> float:
        """Mean seconds on scene of a call."""
        by_category = self.rates.sum((0, 2))
        services = self.city.category_service_seconds.astype(np.float64)
        return by_category @ services / by_category.sum() if by_category.sum() > 0 else services.mean()

    def hour(self, seconds: float) -> int:
        """Return the hour of the area's period at a time."""
        return int(seconds // 3600) % self.city.period_hours

    def demand(self, seconds: float) -> Floats:
        """Return d at a time, [points]."""
        weighted = self.weighted[:, self.hour(seconds)]
        return weighted / weighted.sum() if weighted.sum() > 0 else self.mean_demand

    def tau(self, units: int) -> float:
        """Return τ with so many units on duty."""
        rows = len(self.posts)
        tau = self.mean_demand @ self.g[self.points][self.posts[min(units, rows) - 1]].min(0)
        return max(1.0, tau * np.sqrt(rows / units) if units > rows else tau)

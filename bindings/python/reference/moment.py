"""What all features of one snapshot share: `Features.md`, "Symbols", in double precision."""

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from libpatrol import NO_NODE, Snapshot, UnitStatus
from reference.roads import Floats
from reference.tables import AHEAD_SECONDS, Tables


class Moment:
    """What all features of one snapshot share."""

    def __init__(self, tables: Tables, snapshot: Snapshot) -> None:
        tables = tables.departing(snapshot.time_seconds)
        self.tables, self.snapshot = tables, snapshot
        units, calls = snapshot.units, snapshot.incidents
        self.n = max(1, int((units["status"] != UnitStatus.OFF_DUTY).sum()))
        self.free = np.flatnonzero(units["status"] == UnitStatus.PATROLLING)
        self.busy = np.flatnonzero((units["status"] == UnitStatus.EN_ROUTE) | (units["status"] == UnitStatus.ON_SCENE))
        self.tau = tables.tau(self.n)
        self.cap = 6 * self.tau
        self.d = tables.demand(snapshot.time_seconds)
        self.d_ahead = tables.demand(snapshot.time_seconds + AHEAD_SECONDS)
        self.offset = tables.rho * units["seconds_to_node"].astype(np.float64)

        missing = calls["units_required"].astype(int) - calls["units_assigned"]
        self.waiting = np.flatnonzero(missing > 0)
        self.missing = missing
        self.share = missing / calls["units_required"]
        category = calls["category"]
        own = np.where(np.isnan(calls["weight"]), np.asarray(tables.category_weights)[category], calls["weight"])
        self.weight = own * np.asarray(tables.group_weights)[tables.groups[calls["node"]]] / tables.mean_weight
        self.service = np.where(
            np.isnan(calls["service_seconds"]), tables.city.category_service_seconds[category], calls["service_seconds"]
        ).astype(np.float64)

        self.place = [self._place(b) for b in self.busy]
        self.release = np.array([self._release(b) for b in self.busy])
        self.soon_free = np.exp(-self.release / 600).sum()

    def _call(self, unit: int) -> int | None:
        found = np.flatnonzero(self.snapshot.incidents["id"] == self.snapshot.units["incident_id"][unit])
        return int(found[0]) if len(found) else None

    def _place(self, unit: int) -> int:
        call = self._call(unit)
        return int(self.snapshot.units["node"][unit] if call is None else self.snapshot.incidents["node"][call])

    def _release(self, unit: int) -> float:
        """R_b."""
        record = self.snapshot.units[unit]
        if not np.isnan(record["seconds_until_free"]):
            return float(record["seconds_until_free"])
        call = self._call(unit)
        seconds = self.tables.mean_service if call is None else self.service[call]
        if record["status"] == UnitStatus.EN_ROUTE:
            seconds += float(record["seconds_to_node"])
            if call is not None:
                seconds += self.tables.g[record["node"], self.tables.point[self._place(unit)]]
        return float(seconds)

    def arrivals(self, others: NDArray[np.intp], *, for_patrol: bool) -> Floats:
        """Return m₁ over the free units `others`, [points]."""
        arrival = np.full(len(self.tables.points), self.cap)
        for unit in others:
            node, offset = self.stand(unit) if for_patrol else (self.snapshot.units["node"][unit], self.offset[unit])
            arrival = np.minimum(arrival, offset + self.tables.g[node])
        return arrival

    def stand(self, unit: int) -> tuple[int, float]:
        """Return p_j and o_j for patrol."""
        target = self.snapshot.units["target_node"][unit]
        if target != NO_NODE:
            return int(target), 0.0
        return int(self.snapshot.units["node"][unit]), float(self.offset[unit])

    def with_busy(self, arrival: Floats) -> Floats:
        """Return m₂ from m₁."""
        for place, release in zip(self.place, self.release, strict=True):
            arrival = np.minimum(arrival, 0.3 * release + self.tables.g[place])
        return arrival

    def gain(self, demand: Floats, arrival: Floats, node: int, delay: float) -> float:
        """Return gain(d, m, c, e)."""
        return float(demand @ np.maximum(0, arrival - (delay + self.tables.g[node]))) / self.tau

    def load(self, seconds: float) -> float:
        """Return load(t)."""
        rates = self.tables.rates[:, :, self.tables.hour(seconds)].sum(0)
        return rates @ (self.tables.city.category_service_seconds + self.tau) / 3600 / self.n

    def loads(self) -> tuple[float, float]:
        """Return load(t) now and 20 minutes later."""
        now = self.snapshot.time_seconds
        return self.load(now), self.load(now + AHEAD_SECONDS)

    def decay(self, node: int, demand: Floats, scale: float) -> float:
        """Return Σ_v d(v) e^(-g / s) with s = `scale` τ."""
        return float(demand @ np.exp(-self.tables.g[node] / (scale * self.tau)))

    def possible_posts(self, unit: int) -> NDArray[np.intp]:
        """Return the nodes of the posts that the unit has in some least-cost matching."""
        tables, free = self.tables, self.free
        posts = tables.points[tables.posts[min(len(free), len(tables.posts)) - 1]]
        cost = tables.along[np.ix_(self.snapshot.units["node"][free], posts)]
        if len(free) > len(posts):
            return posts[[self._crowded_post(cost, unit)]]
        own = int(np.flatnonzero(free == unit)[0])
        totals = []
        for post in range(len(posts)):
            forced = cost.copy()
            forced[own] = 1e9
            forced[own, post] = cost[own, post]
            totals.append(forced[linear_sum_assignment(forced)].sum())
        return posts[np.array(totals) <= min(totals) * (1 + 1e-5) + 1e-3]

    def _crowded_post(self, cost: Floats, unit: int) -> int:
        """Return the nearest post with room when units choose in ascending id."""
        room = np.full(cost.shape[1], -(-len(self.free) // cost.shape[1]))
        for row in np.argsort(self.snapshot.units["id"][self.free]):
            post = int(np.where(room > 0, cost[row], np.inf).argmin())
            room[post] -= 1
            if self.free[row] == unit:
                return post
        raise AssertionError("every unit gets a post")

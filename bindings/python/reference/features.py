"""The feature tables candidate/1, candidate/2, pair/1 and state/1 in numpy, as the page `Features.md` defines them.

Written for areas whose every node is a patrol location, where the location graph is the road graph. Symbols as on the
page; double precision throughout.
"""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from libpatrol import NO_NODE, AreaArrays, Snapshot, UnitStatus

UNREACHABLE = 1e6
AHEAD_SECONDS = 1200.0
ANCHORS = 9
BUSY_SHARE = 0.25  # q of candidate/2
Floats = NDArray[np.float64]


def rounded(seconds: Floats) -> Floats:
    """Return times as the library routes by: to the nearest millisecond, halves up."""
    return np.floor(np.asarray(seconds, np.float64) * 1000 + 0.5) / 1000


def travel_times(
    city: AreaArrays, seconds: Floats, sources: NDArray[np.intp] | None = None, *, backward: bool = False
) -> NDArray[np.float32]:
    """Return shortest times from nodes, all unless told, to all nodes, or to them, `backward`, [sources, nodes].

    The fastest of parallel edges counts.
    """
    times = (rounded(seconds) * 1000).round()
    order = np.argsort(-times, kind="stable")  # of entries with one index, the last is kept
    ends = city.edges[order].astype(int)
    fastest = dict(zip(map(tuple, (ends[:, ::-1] if backward else ends).tolist()), times[order].tolist(), strict=True))
    weights = np.maximum(list(fastest.values()), 1e-9)  # scipy takes 0 for no edge
    graph = csr_array((weights, np.array(list(fastest)).T), (city.node_count, city.node_count))
    return (dijkstra(graph, indices=sources).round() / 1000).astype(np.float32)


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
    """What depends on the area and the options alone."""

    city: AreaArrays
    points: NDArray[np.uint32]
    group_weights: Floats | None = None
    compliance_rows: int = 64
    largest_fleet: int = 8
    emergency: Floats = field(init=False)
    patrol: Floats = field(init=False)

    def __post_init__(self) -> None:
        city = self.city
        patrol = city.edge_patrol_seconds.astype(np.float64)
        emergency = patrol if city.edge_emergency_seconds is None else city.edge_emergency_seconds.astype(np.float64)
        self.emergency = travel_times(city, emergency).astype(np.float64)
        self.patrol = travel_times(city, patrol).astype(np.float64)
        self.rho = emergency.sum() / patrol.sum() if patrol.sum() > 0 else 1.0
        self.along = np.minimum(self.patrol, UNREACHABLE)  # t_L
        self.g = np.minimum(self.emergency[:, self.points], UNREACHABLE)  # [nodes, points]
        self.point = self.g.argmin(1)  # of each node
        self.category_weights = np.ones(self.categories) if city.category_weights is None else city.category_weights
        self.groups = np.zeros(city.node_count, int) if city.node_groups is None else city.node_groups
        if self.group_weights is None:
            self.group_weights = np.ones(self.groups.max() + 1)
        self.posts = median_posts(self.g[self.points], self.mean_demand, min(self.compliance_rows, self.largest_fleet))
        self.anchors = median_posts(self.g[self.points], self.mean_demand, ANCHORS)[-1]

    @property
    def categories(self) -> int:
        return len(self.city.category_service_seconds)

    @cached_property
    def rates(self) -> Floats:
        """λ of each demand point, [points, categories, hours]."""
        rates = np.zeros((len(self.points), self.categories, self.city.period_hours))
        if self.city.demand_calls_per_hour is not None:
            given = self.city.demand_calls_per_hour.astype(np.float64)
            nodes = np.arange(len(given)) if self.city.demand_nodes is None else self.city.demand_nodes
            np.add.at(rates, self.point[nodes], given)
        return rates

    @cached_property
    def weighted(self) -> Floats:
        """Σ_c λ w_c · group weight, [points, hours]; a node's demand has the weight of the node's group."""
        weighted = np.zeros((len(self.points), self.city.period_hours))
        if self.city.demand_calls_per_hour is not None:
            given = self.city.demand_calls_per_hour.astype(np.float64)
            nodes = np.arange(len(given)) if self.city.demand_nodes is None else self.city.demand_nodes
            group_weights = np.asarray(self.group_weights)[self.groups[nodes]]
            np.add.at(
                weighted, self.point[nodes], np.einsum("vch,c,v->vh", given, self.category_weights, group_weights)
            )
        return weighted

    @cached_property
    def mean_demand(self) -> Floats:
        total = self.weighted.sum(1)
        return total / total.sum() if total.sum() > 0 else np.full(len(total), 1 / len(total))

    @property
    def mean_weight(self) -> float:
        calls = self.rates.sum()
        return self.weighted.sum() / calls if calls > 0 else float(np.mean(self.category_weights))

    @property
    def mean_service(self) -> float:
        by_category = self.rates.sum((0, 2))
        services = self.city.category_service_seconds.astype(np.float64)
        return by_category @ services / by_category.sum() if by_category.sum() > 0 else services.mean()

    def hour(self, seconds: float) -> int:
        return int(seconds // 3600) % self.city.period_hours

    def demand(self, seconds: float) -> Floats:
        """d at a time, [points]."""
        weighted = self.weighted[:, self.hour(seconds)]
        return weighted / weighted.sum() if weighted.sum() > 0 else self.mean_demand

    def tau(self, units: int) -> float:
        rows = len(self.posts)
        tau = self.mean_demand @ self.g[self.points][self.posts[min(units, rows) - 1]].min(0)
        return max(1.0, tau * np.sqrt(rows / units) if units > rows else tau)


class Moment:
    """What all features of one snapshot share."""

    def __init__(self, tables: Tables, snapshot: Snapshot) -> None:
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
        return float(demand @ np.maximum(0, arrival - (delay + self.tables.g[node]))) / self.tau

    def load(self, seconds: float) -> float:
        rates = self.tables.rates[:, :, self.tables.hour(seconds)].sum(0)
        return rates @ (self.tables.city.category_service_seconds + self.tau) / 3600 / self.n

    def loads(self) -> tuple[float, float]:
        now = self.snapshot.time_seconds
        return self.load(now), self.load(now + AHEAD_SECONDS)

    def decay(self, node: int, demand: Floats, scale: float) -> float:
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


def clip(value: float, limit: float) -> float:
    return min(value, limit)


def clip_both(value: float, limit: float) -> float:
    return max(-limit, min(value, limit))


def candidate_features(moment: Moment, unit: int, candidates: NDArray[np.void], post: int) -> Floats:
    """Return candidate/1 for candidate nodes with the unit's post at a node, [candidates, 28]."""
    t, tau, snapshot = moment.tables, moment.tau, moment.snapshot
    stay = int(snapshot.units["node"][unit])
    others = moment.free[moment.free != unit]
    m1 = moment.arrivals(others, for_patrol=True)
    m2 = moment.with_busy(m1)
    rows = []
    for node in candidates["node"].astype(int):
        edge = t.rho * (0.0 if node == stay else t.patrol[stay, node])
        g = t.g[node]
        row = []
        for demand, arrival, delay in (
            (moment.d, m1, 0.0),
            (moment.d, m2, 0.0),
            (moment.d_ahead, m1, 0.0),
            (moment.d, m1, edge),
        ):
            here = moment.gain(demand, arrival, node, delay)
            row += [here, here - moment.gain(demand, arrival, stay, 0.0)]
        row += [moment.decay(node, moment.d, scale) for scale in (0.7, 2, 5)]
        row += [moment.decay(node, moment.d_ahead, scale) for scale in (0.7, 2, 5)]
        row += [float(moment.d * np.exp(-g / (scale * tau)) @ m1) / moment.cap for scale in (2, 5)]
        nearest = [min(o + t.g[p, t.point[node]], moment.cap) for p, o in map(moment.stand, others)]
        row.append(min(nearest) / tau if nearest else 6.0)
        row.append(clip_both((t.along[stay, post] - t.along[node, post]) * t.rho / tau, 6))
        row.append(clip(t.along[node, post] * t.rho / tau, 6))
        row.append(clip(edge / tau, 6))
        row.append(float(node == stay))
        calls = t.point[snapshot.incidents["node"][moment.waiting]]
        urgency = moment.weight[moment.waiting] * moment.share[moment.waiting] * np.exp(-g[calls] / (2 * tau))
        row.append(clip(urgency.sum(), 4))
        row += [len(moment.free) / moment.n, moment.soon_free / moment.n, clip(len(moment.waiting) / moment.n, 4)]
        row.append(clip(float(moment.d @ g) / tau, 6))
        row.append(max(moment.gain(moment.d, m1, int(t.points[a]), 0.0) for a in t.anchors))
        idle = snapshot.location_idle_seconds
        row.append(0.0 if idle is None else clip(idle[node] / 3600, 1))
        rows.append(row)
    return np.array(rows)


def backup_features(moment: Moment, unit: int, candidates: NDArray[np.void]) -> Floats:
    """Return what candidate/2 has beyond candidate/1, [candidates, 5]."""
    t = moment.tables
    stay = int(moment.snapshot.units["node"][unit])
    others = [moment.arrivals(np.array([other]), for_patrol=True) for other in moment.free[moment.free != unit]]
    never = [np.full(len(t.points), moment.cap)] * 3
    ranked = np.sort([*others, *never], axis=0)[:3]

    def gain(rank: int, node: int) -> float:
        return moment.gain(moment.d, ranked[rank], node, 0.0)

    best = max(sum(BUSY_SHARE**k * gain(k, int(t.points[a])) for k in range(3)) for a in t.anchors)
    rows = []
    for node in candidates["node"].astype(int):
        second, third = gain(1, node), gain(2, node)
        rows.append([second, second - gain(1, stay), third, third - gain(2, stay), best])
    return np.array(rows)


def pair_features(moment: Moment, pairs: NDArray[np.void]) -> Floats:
    """Return pair/1 for the eligible pairs, [pairs, 24]."""
    t, tau, snapshot = moment.tables, moment.tau, moment.snapshot
    nodes = snapshot.units["node"]
    call_nodes = snapshot.incidents["node"]
    seconds = moment.offset[pairs["unit"]] + t.emergency[nodes[pairs["unit"]], call_nodes[pairs["incident"]]]
    if snapshot.travel_seconds is not None:
        given = snapshot.travel_seconds[pairs["unit"], pairs["incident"]]
        seconds = np.where(np.isnan(given), seconds, given)
    load_now, load_ahead = (clip(load, 2) for load in moment.loads())
    pressure = moment.weight * moment.share
    rows = []
    for (i, j), travel in zip(pairs[["unit", "incident"]].tolist(), seconds, strict=True):
        to_call = seconds[pairs["incident"] == j]
        order = np.sort(to_call)
        first = pairs["unit"][pairs["incident"] == j][np.isclose(to_call, order[0], rtol=1e-6)].min()
        call = snapshot.incidents[j]
        m1 = moment.arrivals(moment.free[moment.free != i], for_patrol=False)
        m2 = moment.with_busy(m1)
        place = int(call_nodes[j])
        back = [r + t.g[p, t.point[place]] for p, r in zip(moment.place, moment.release, strict=True)]
        beat = -1 if t.city.node_beats is None else t.city.node_beats[place]
        free = len(moment.free)
        others = moment.waiting[moment.waiting != j]
        rows.append(
            [
                clip(travel / tau, 6),
                clip(moment.weight[j], 8) * moment.share[j],
                clip(moment.weight[j] * travel / tau, 24),
                clip(call["seconds_waited"] / 600, 6),
                float(call["priority"] == 1),
                clip(moment.service[j] / 1800, 4),
                moment.gain(moment.d, m1, int(nodes[i]), moment.offset[i]),
                moment.gain(moment.d, m2, int(nodes[i]), moment.offset[i]),
                moment.gain(moment.d_ahead, m1, int(nodes[i]), moment.offset[i]),
                moment.gain(moment.d, m1, place, 0.0),
                clip((travel - order[0]) / tau, 6),
                float(i == first),
                clip((order[1] - order[0]) / tau, 6) if len(order) > 1 else 6.0,
                clip_both((min(back) - travel) / tau, 6) if back else 6.0,
                free / moment.n,
                float(free == 1),
                float(free == 2),
                float(free == 3),
                clip(len(moment.waiting) / moment.n, 4),
                clip(pressure[others].sum() / moment.n, 8),
                moment.soon_free / moment.n,
                float(beat >= 0 and snapshot.units["home_beat"][i] == beat),
                load_now,
                load_ahead,
            ]
        )
    return np.array(rows).reshape(len(pairs), 24)


def state_features(moment: Moment) -> Floats:
    """Return state/1 if every call is held, [64]."""
    t, snapshot, scale = moment.tables, moment.snapshot, 2 * moment.tau
    nodes, calls = snapshot.units["node"], snapshot.incidents["node"]
    state = np.zeros(64)
    load_now, load_ahead = moment.loads()
    for index, a in enumerate(t.anchors):
        near = np.exp(-t.g[:, a] / scale)
        state[6 * index : 6 * index + 6] = [
            sum(np.exp(-(moment.offset[i] + t.g[nodes[i], a]) / scale) for i in moment.free),
            sum(np.exp(-r / 600) * near[p] for p, r in zip(moment.place, moment.release, strict=True)),
            sum(moment.weight[j] * moment.share[j] * near[calls[j]] for j in moment.waiting),
            sum(moment.missing[j] * moment.service[j] / 1800 * near[calls[j]] for j in moment.waiting),
            moment.d @ near[t.points] * load_now,
            moment.d_ahead @ near[t.points] * load_ahead,
        ]
    pressure = moment.weight * moment.share
    urgent = snapshot.incidents["priority"] == 1
    waiting = np.isin(np.arange(len(calls)), moment.waiting)
    day = 2 * np.pi * (snapshot.time_seconds % 86_400) / 86_400
    state[54:] = [
        len(moment.free) / 4,
        moment.soon_free / 4,
        pressure[waiting & urgent].sum() / 4,
        pressure[waiting & ~urgent].sum() / 4,
        (moment.missing * moment.service)[waiting].sum() / 7200,
        sum(mean_distance(moment, i) for i in moment.free),
        np.sin(day),
        np.cos(day),
        load_now,
        load_ahead,
    ]
    return state


def mean_distance(moment: Moment, unit: int) -> float:
    """Return one free unit's part of state feature 59."""
    seconds = moment.offset[unit] + moment.tables.g[moment.snapshot.units["node"][unit]]
    return float(moment.d @ np.minimum(seconds, moment.cap)) / (4 * moment.tau)


def state_deltas(moment: Moment, pairs: NDArray[np.void]) -> Floats:
    """Return what each assignment adds to state/1, [pairs, 64]."""
    t, snapshot, scale = moment.tables, moment.snapshot, 2 * moment.tau
    rows = np.zeros((len(pairs), 64))
    for row, pair in zip(rows, pairs, strict=True):
        i, j = int(pair["unit"]), int(pair["incident"])
        node, place = int(snapshot.units["node"][i]), int(snapshot.incidents["node"][j])
        travel = moment.offset[i] + t.emergency[node, place]
        if snapshot.travel_seconds is not None and not np.isnan(snapshot.travel_seconds[i, j]):
            travel = float(snapshot.travel_seconds[i, j])
        later = np.exp(-(travel + moment.service[j]) / 600)
        one = moment.weight[j] / float(snapshot.incidents["units_required"][j])
        for index, a in enumerate(t.anchors):
            near = np.exp(-t.g[place, a] / scale)
            row[6 * index : 6 * index + 4] = [
                -np.exp(-(moment.offset[i] + t.g[node, a]) / scale),
                later * near,
                -one * near,
                -moment.service[j] / 1800 * near,
            ]
        urgent = snapshot.incidents["priority"][j] == 1
        row[54:60] = [
            -1 / 4,
            later / 4,
            -one / 4 if urgent else 0,
            0 if urgent else -one / 4,
            -moment.service[j] / 7200,
            -mean_distance(moment, i),
        ]
    return rows

"""The feature tables candidate/1, candidate/2, pair/1 and state/1, entry by entry as `Features.md` defines them.

Written for clarity, in double precision. Checks: every entry of the engine's features, in `tests/test_features.py`,
and the vectorized features of `vectorized.py`.
"""

import numpy as np
from numpy.typing import NDArray

from reference.moment import Moment
from reference.roads import Floats

BUSY_SHARE = 0.25  # q of candidate/2


def clip(value: float, limit: float) -> float:
    """Return clip(x, a)."""
    return min(value, limit)


def clip_both(value: float, limit: float) -> float:
    """Return clip±(x, a)."""
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
        edge = t.rho * (0.0 if node == stay else t.roads.patrol[stay, node])
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
    seconds = moment.offset[pairs["unit"]] + t.roads.emergency[nodes[pairs["unit"]], call_nodes[pairs["incident"]]]
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
        travel = moment.offset[i] + t.roads.emergency[node, place]
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

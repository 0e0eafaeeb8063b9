"""The engine's learned decision as one would write it without the library, with numpy, onnxruntime and scipy.

Tables that do not depend on the snapshot are made once, as the engine makes them; a decision is vectorized over pairs
and candidates. Rules that the benchmarks' snapshots do not touch (capabilities, several units for a call, shifts,
preemption, reserves) are left out.

Source: `Features.md`, as in `features.py`, which `tests/test_vectorized.py` compares it with; decisions with the
engine's.
"""

import numpy as np
from safetensors.numpy import load
from scipy.optimize import linear_sum_assignment
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from libpatrol import NO_NODE, Answer, AreaArrays, Snapshot, UnitStatus
from reference.networks import onnx_session
from reference.roads import Floats, road_graph
from reference.tables import AHEAD_SECONDS, UNREACHABLE, Tables

_DISCOUNT_RATE = 2.52e-4
_ALL_PAIRS_LIMIT = 2000
_LONGEST_HOLD = np.array([0.0, 600.0])  # by priority; priority 1 is never held
_MUST_SERVE = 1e7  # outweighs every reward


class QuickTables(Tables):
    """What depends on the area alone, ready to be used by decisions.

    Parameters
    ----------
    city : AreaArrays
        Roads and demand.
    points, locations : uint32 [points], [locations]
        Nodes of demand points and patrol locations.
    moves : list of (int [moves], float32 [moves])
        Candidates of a unit at each location, its own node first, and patrol seconds to them.
    fleet : int
        Units on duty, at most.
    """

    def __init__(
        self,
        city: AreaArrays,
        points: np.ndarray,
        locations: np.ndarray,
        moves: list[tuple[np.ndarray, np.ndarray]],
        fleet: int,
    ) -> None:
        super().__init__(city, points.astype(int), compliance_rows=fleet, largest_fleet=fleet)
        self.g = np.ascontiguousarray(self.g, np.float32)
        self.rates = self.rates.astype(np.float32)
        self.to_nodes = road_graph(city, self.roads.emergency_edges, backward=True)
        self.all_pairs = self.roads.emergency if city.node_count <= _ALL_PAIRS_LIMIT else None
        self.beats = np.full(city.node_count, -1) if city.node_beats is None else city.node_beats
        self.service = city.category_service_seconds
        self.by_hour = (self.weighted / self.weighted.sum(0)).astype(np.float32)
        self.post_nodes = [self.points[posts] for posts in self.posts]
        self.anchor_nodes = self.points[self.anchors]
        self.taus = [float(self.tau(units)) for units in range(1, len(self.posts) + 1)]
        self.moves, self.seconds = ([move[part] for move in moves] for part in (0, 1))
        self.location = np.full(city.node_count, -1)
        self.location[locations] = np.arange(len(locations))
        ends = self.location[np.concatenate([nodes[1:] for nodes in self.moves])]
        starts = np.repeat(np.arange(len(locations)), [len(nodes) - 1 for nodes in self.moves])
        edges = np.concatenate([seconds[1:] for seconds in self.seconds]).astype(np.float64)
        graph = csr_array((edges, (starts, ends)), (len(locations), len(locations)))
        self.between_locations = np.minimum(dijkstra(graph), UNREACHABLE)


class NumpyEngine:
    """Decides for snapshots of one area with the networks `patrol` and `pair` of a policy file."""

    def __init__(self, tables: QuickTables, policy: bytes) -> None:
        tensors = load(policy)
        networks = {
            name: {key.removeprefix(f"{name}."): array for key, array in tensors.items() if key.startswith(f"{name}.")}
            for name in ("patrol", "pair")
        }
        self.tables = tables
        self.patrol = onnx_session(networks["patrol"])
        self.pair = onnx_session(networks["pair"])

    def decide(self, snapshot: Snapshot) -> tuple[dict[int, int], dict[int, int]]:
        """Return the call of each unit that is sent and the target of each that patrols, by id."""
        moment = QuickMoment(self.tables, snapshot)
        sent = self._dispatch(moment)
        ids = snapshot.units["id"]
        assignments = {int(ids[unit]): int(snapshot.incidents["id"][call]) for unit, call in sent.items()}
        moment = moment.after(sent)
        targets = {}
        for unit in moment.free[np.argsort(ids[moment.free])]:
            features, moves = candidate_features(moment, int(unit))
            values = self.patrol.run(None, {"input": features})[0][:, 0]
            choice = int(moves[values.argmax()])
            targets[int(ids[unit])] = choice
            moment.place[unit], moment.offset[unit] = choice, 0.0
        return assignments, targets

    def _dispatch(self, moment: "QuickMoment") -> dict[int, int]:
        if len(moment.free) == 0 or len(moment.calls) == 0:
            return {}
        seconds = moment.to_calls()
        features = pair_features(moment, seconds)
        value = self.pair.run(None, {"input": features.reshape(-1, 24)})[0].reshape(seconds.shape)
        weight = moment.weight * self.tables.mean_weight
        score = -weight * -np.expm1(-_DISCOUNT_RATE * seconds) / _DISCOUNT_RATE + 60 * self.tables.mean_weight * value
        calls = moment.calls
        overdue = calls["seconds_waited"] >= _LONGEST_HOLD[calls["priority"] - 1]
        score = score + np.where(overdue, _MUST_SERVE * np.where(calls["priority"] == 1, 100, 1), 0)
        padded = np.concatenate([score, np.zeros((len(score), len(score)))], 1)
        padded[:, : score.shape[1]][seconds >= UNREACHABLE] = -1e12
        rows, columns = linear_sum_assignment(padded, maximize=True)
        chosen = columns < score.shape[1]
        return dict(zip(moment.free[rows[chosen]].tolist(), columns[chosen].tolist(), strict=True))


def same_places(answer: Answer, decided: tuple[dict[int, int], dict[int, int]]) -> tuple[int, int]:
    """Return how many units an answer of the engine and a decision of numpy send to the same, and of how many."""
    ours = dict(answer.assignments[["unit_id", "incident_id"]].tolist())
    ours |= dict(answer.moves[answer.moves["target_node"] != NO_NODE][["unit_id", "target_node"]].tolist())
    theirs = decided[0] | decided[1]
    units = ours.keys() | theirs.keys()
    return sum(ours.get(unit) == theirs.get(unit) for unit in units), len(units)


class QuickMoment:
    """What the features of one snapshot share, for snapshots that say when busy units will be free."""

    def __init__(self, tables: QuickTables, snapshot: Snapshot) -> None:
        units, calls = snapshot.units, snapshot.incidents
        self.tables, self.calls = tables, calls
        self.now = snapshot.time_seconds
        self.nodes = units["node"].astype(int)
        self.beats = units["home_beat"]
        self.offset = tables.rho * units["seconds_to_node"]
        self.targets = units["target_node"]
        self.free = np.flatnonzero(units["status"] == UnitStatus.PATROLLING)
        busy = np.isin(units["status"], [UnitStatus.EN_ROUTE, UnitStatus.ON_SCENE])
        self.n = len(self.free) + int(busy.sum())
        self.busy_nodes = self.nodes[busy]
        self.release = units["seconds_until_free"][busy].astype(np.float64)
        self.call_nodes = calls["node"].astype(int)
        self.weight = tables.category_weights[calls["category"]] / tables.mean_weight
        self.service = tables.service[calls["category"]]
        self.tau = tables.taus[self.n - 1]
        self.cap = 6 * self.tau
        hour = int(self.now // 3600) % tables.by_hour.shape[1]
        ahead = int((self.now + AHEAD_SECONDS) // 3600) % tables.by_hour.shape[1]
        self.d, self.d_ahead = tables.by_hour[:, hour], tables.by_hour[:, ahead]
        self.load = [tables.rates[:, :, h].sum(0) @ (tables.service + self.tau) / 3600 / self.n for h in (hour, ahead)]

    def after(self, sent: dict[int, int]) -> "QuickMoment":
        """Turn to patrol: the units sent are busy, their calls no longer wait; free units stand at their targets."""
        taken = np.array(list(sent), int)
        calls = np.array(list(sent.values()), int)
        if len(taken):
            seconds = self.to_calls()[np.searchsorted(self.free, taken), calls]
            self.busy_nodes = np.concatenate([self.busy_nodes, self.call_nodes[calls]])
            self.release = np.concatenate([self.release, seconds + self.service[calls]])
            self.free = np.setdiff1d(self.free, taken)
            kept = np.setdiff1d(np.arange(len(self.calls)), calls)
            self.calls, self.call_nodes, self.weight = self.calls[kept], self.call_nodes[kept], self.weight[kept]
        self.place = self.nodes.copy()
        heading = (self.targets != NO_NODE) & np.isin(np.arange(len(self.nodes)), self.free)
        self.place[heading] = self.targets[heading]
        self.offset = np.where(heading, 0.0, self.offset)
        self.post = self._posts()
        return self

    def _posts(self) -> dict[int, int]:
        tables = self.tables
        if len(self.free) == 0:
            return {}
        posts = tables.location[tables.post_nodes[len(self.free) - 1]]
        here = tables.location[self.nodes[self.free]]
        rows, columns = linear_sum_assignment(tables.between_locations[np.ix_(here, posts)])
        return dict(zip(self.free[rows].tolist(), posts[columns].tolist(), strict=True))

    def to_calls(self) -> Floats:
        """Return emergency seconds of free units to calls, [free, calls]."""
        tables = self.tables
        if tables.all_pairs is not None:
            seconds = tables.all_pairs[np.ix_(self.nodes[self.free], self.call_nodes)]
        else:
            seconds = dijkstra(tables.to_nodes, indices=self.call_nodes)[:, self.nodes[self.free]].T / 1000
        return self.offset[self.free, None] + np.minimum(seconds, UNREACHABLE)

    def with_busy(self, arrival: Floats) -> Floats:
        """Return m₂ from m₁."""
        if len(self.release) == 0:
            return arrival
        later = (0.3 * self.release[:, None] + self.tables.g[self.busy_nodes]).min(0)
        return np.minimum(arrival, later)

    def gain(self, demand: Floats, arrival: Floats, seconds: Floats) -> Floats:
        """Return the marginal coverage of places, [...]; `seconds` from them are [..., points]."""
        return np.maximum(0, arrival - seconds) @ demand / self.tau


def pair_features(moment: QuickMoment, seconds: Floats) -> Floats:
    """Return pair/1, [free, calls, 24]; every unit may serve every call."""
    tables, tau, n = moment.tables, moment.tau, moment.n
    free, calls = seconds.shape
    arrivals = moment.offset[moment.free, None] + tables.g[moment.nodes[moment.free]]
    if free > 1:
        first, second = np.partition(arrivals, 1, axis=0)[:2]
        others = np.where(arrivals == first, second, first)
    else:
        others = np.full_like(arrivals, moment.cap)
    m1 = np.minimum(others, moment.cap)
    m2 = moment.with_busy(m1)
    order = np.sort(seconds, axis=0)
    best = order[0]
    features = np.empty((free, calls, 24), np.float32)
    features[..., 0] = np.minimum(seconds / tau, 6)
    features[..., 1] = np.minimum(moment.weight, 8)
    features[..., 2] = np.minimum(moment.weight * seconds / tau, 24)
    features[..., 3] = np.minimum(moment.calls["seconds_waited"] / 600, 6)
    features[..., 4] = moment.calls["priority"] == 1
    features[..., 5] = np.minimum(moment.service / 1800, 4)
    features[..., 6] = moment.gain(moment.d, m1, arrivals)[:, None]
    features[..., 7] = moment.gain(moment.d, m2, arrivals)[:, None]
    features[..., 8] = moment.gain(moment.d_ahead, m1, arrivals)[:, None]
    features[..., 9] = moment.gain(moment.d, m1[:, None], tables.g[moment.call_nodes])
    features[..., 10] = np.minimum((seconds - best) / tau, 6)
    features[..., 11] = np.arange(free)[:, None] == seconds.argmin(0)
    features[..., 12] = np.minimum((order[1] - best) / tau, 6) if free > 1 else 6
    if len(moment.release):
        back = tables.g[np.ix_(moment.busy_nodes, tables.point[moment.call_nodes])] + moment.release[:, None]
        features[..., 13] = np.clip((back.min(0) - seconds) / tau, -6, 6)
    else:
        features[..., 13] = 6
    features[..., 14] = free / n
    features[..., 15:18] = [free == 1, free == 2, free == 3]
    features[..., 18] = min(calls / n, 4)
    features[..., 19] = np.minimum((moment.weight.sum() - moment.weight) / n, 8)
    features[..., 20] = np.exp(-moment.release / 600).sum() / n
    beats = tables.beats[moment.call_nodes]
    features[..., 21] = (moment.beats[moment.free, None] == beats) & (beats >= 0)
    features[..., 22:24] = np.minimum(moment.load, 2)
    return features


def candidate_features(moment: QuickMoment, unit: int) -> tuple[Floats, np.ndarray]:
    """Return candidate/1 of a unit's moves, [moves, 28], and their nodes."""
    tables, tau = moment.tables, moment.tau
    here = tables.location[moment.nodes[unit]]
    moves = tables.moves[here]
    others = moment.free[moment.free != unit]
    stand = moment.offset[others, None] + tables.g[moment.place[others]]
    m1 = np.minimum(stand.min(0, initial=np.inf), moment.cap)
    m2 = moment.with_busy(m1)
    g = tables.g[moves]
    edge = tables.rho * tables.seconds[here]
    features = np.empty((len(moves), 28), np.float32)
    for index, (demand, arrival, seconds) in enumerate(
        ((moment.d, m1, g), (moment.d, m2, g), (moment.d_ahead, m1, g), (moment.d, m1, g + edge[:, None]))
    ):
        gain = moment.gain(demand, arrival, seconds)
        features[:, 2 * index] = gain
        features[:, 2 * index + 1] = gain - gain[0]
    near = [np.exp(-g / (scale * tau)) for scale in (0.7, 2, 5)]
    features[:, 8:11] = np.stack([decay @ moment.d for decay in near], 1)
    features[:, 11:14] = np.stack([decay @ moment.d_ahead for decay in near], 1)
    features[:, 14:16] = np.stack([decay @ (moment.d * m1) for decay in near[1:]], 1) / moment.cap
    if len(others):
        features[:, 16] = np.minimum(stand[:, tables.point[moves]].min(0), moment.cap) / tau
    else:
        features[:, 16] = 6
    left = tables.between_locations[tables.location[moves], moment.post[unit]] * tables.rho / tau
    features[:, 17] = np.clip(left[0] - left, -6, 6)
    features[:, 18] = np.minimum(left, 6)
    features[:, 19] = np.minimum(edge / tau, 6)
    features[:, 20] = np.arange(len(moves)) == 0
    features[:, 21] = np.minimum(near[1][:, tables.point[moment.call_nodes]] @ moment.weight, 4)
    features[:, 22] = len(moment.free) / moment.n
    features[:, 23] = np.exp(-moment.release / 600).sum() / moment.n
    features[:, 24] = min(len(moment.calls) / moment.n, 4)
    features[:, 25] = np.minimum(g @ moment.d / tau, 6)
    features[:, 26] = moment.gain(moment.d, m1, tables.g[tables.anchor_nodes]).max()
    features[:, 27] = 0
    return features, moves

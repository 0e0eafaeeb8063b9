"""Episodes of patrol under a Q-network and the transitions that come of them: the library simulates, or Python does."""

import numpy as np

from libpatrol import NO_ID, AreaArrays, Batch, Engine, Scenario, Snapshot
from reference.deciders import NumpyDecider, snapshot_of
from reference.library import patrol_moves
from reference.q_learning import Learner, Memory
from reference.roads import Roads
from reference.simulator import Twin
from reference.simulator_records import FREE, Move, Send
from reference.tables import Tables
from reference.vectorized import QuickMoment, QuickTables, candidate_features

DISCOUNT_RATE = 1.2e-3  # per second
EXPLORATION = 0.1
FEATURES = 33  # of table candidate/2, which the trainer learns from; a batch has the first 28, candidate/1
GAIN, BEST_ANCHOR_GAIN = 0, 26  # features of a place: its marginal coverage, and the most that any anchor would give


def widened(rows: np.ndarray) -> np.ndarray:
    """Return rows of as many features as the trainer's network sees; those that are not here are 0."""
    return np.pad(rows, [(0, 0)] * (rows.ndim - 1) + [(0, FEATURES - rows.shape[-1])])


def reward(place: np.ndarray, seconds: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return reward and discount of transitions that end at places with these features, [rows, features]."""
    discount = np.exp(-DISCOUNT_RATE * seconds)
    minutes = (1 - discount) / DISCOUNT_RATE / 60
    return (place[:, GAIN] - place[:, BEST_ANCHOR_GAIN]) * minutes, discount


class BatchEpisodes:
    """Episodes in `Batch`, the network in numpy for one decision of each simulation at a time."""

    def __init__(
        self, scenario: Scenario, engine: Engine, learner: Learner, memory: Memory, simulations: int, seconds: float
    ) -> None:
        self.batch = Batch(scenario, engine, simulations=simulations, seed=1, episode_seconds=seconds, node_limit=256)
        self.learner, self.memory = learner, memory
        self.rng = np.random.default_rng(0)
        self.rows = np.arange(simulations)
        decisions = simulations, scenario.unit_count
        self.pending = np.zeros((*decisions, *self.batch.features.shape[1:]), np.float32)
        self.candidates, self.chosen = (np.zeros(decisions, np.int64) for _ in range(2))
        self.since = np.zeros(decisions)
        self.ended = 0
        self.batch.step()

    def play(self, episodes: int) -> None:
        """Step until this many episodes ended."""
        batch, until = self.batch, self.ended + episodes
        while self.ended < until:
            learner, moves = self.learner, batch.moves.astype(np.int64)
            values = learner.evaluated(learner.target, widened(batch.features), moves)
            explores = self.rng.random(len(self.rows)) < EXPLORATION
            choice = np.where(explores, self.rng.integers(moves), values.argmax(1)).astype(np.int32)
            deciding = self.rows, batch.units
            self.pending[deciding], self.candidates[deciding] = batch.features, moves
            self.chosen[deciding], self.since[deciding] = choice, batch.time_seconds
            batch.step(choice)
            self.ended += int(batch.ended.sum())
            self._keep()

    def _keep(self) -> None:
        batch, whole = self.batch, np.flatnonzero(~self.batch.interrupted)
        before, features = (whole, batch.units[whole]), batch.features[whole]
        rewards, discounts = reward(features[:, 0], batch.time_seconds[whole] - self.since[before])
        self.memory.append(
            rewards,
            discounts=discounts,
            rows=self.pending[before],
            candidates=self.candidates[before],
            chosen=self.chosen[before],
            following=features,
            following_candidates=batch.moves[whole],
        )


class PythonEpisodes:
    """Episodes of the simulator's twin, features and network in numpy, on logs of calls drawn as the city's demand."""

    def __init__(self, city: AreaArrays, scenario: Scenario, learner: Learner, memory: Memory) -> None:
        self.roads, self.arrays = Roads(city), scenario.arrays
        self.decider = LearningDecider(city, scenario, learner, memory)

    def play(self, seconds: float) -> int:
        """Simulate one episode; return its events."""
        self.decider.begin()
        twin = Twin(self.roads, self.arrays, self.decider)
        twin.run(seconds)
        return len(twin.events)


class LearningDecider:
    """Patrol by the network, one unit after the other; dispatch as numpy and scipy decide it."""

    def __init__(self, city: AreaArrays, scenario: Scenario, learner: Learner, memory: Memory) -> None:
        area = scenario.area
        points, moves = area.demand_points, patrol_moves(area)
        self.numpy = NumpyDecider(Tables(city, points), "stay", "minimum_weighted_travel")
        self.tables = QuickTables(city, points, area.patrol_locations, moves, scenario.unit_count)
        self.learner, self.memory = learner, memory
        self.rng = np.random.default_rng(0)
        self.begin()

    def begin(self) -> None:
        """Forget what units were doing."""
        self.pending: dict[int, tuple[np.ndarray, int, float]] = {}

    def dispatch(self, twin: Twin) -> list[Send]:
        sends = self.numpy.dispatch(twin)
        for send in sends:
            self.pending.pop(send.unit, None)  # the transition ends unseen
        return sends

    def patrol(self, twin: Twin) -> list[Move]:
        moment = QuickMoment(self.tables, self._complete(snapshot_of(twin))).after({})
        moves = []
        for u in range(len(twin.units)):
            if twin.units[u].due and twin.units[u].phase in FREE:
                moves.append(self._move(twin, moment, u))
        return moves

    def _complete(self, snapshot: Snapshot) -> Snapshot:
        """Leave out calls that are served, and say when busy units will be free, as the library estimates it."""
        crew, calls = snapshot.units, snapshot.incidents
        for u in np.flatnonzero(crew["incident_id"] != NO_ID):
            service = calls["service_seconds"][calls["id"] == crew["incident_id"][u]][0]
            crew["seconds_until_free"][u] = crew["seconds_to_node"][u] + service
        return Snapshot(snapshot.time_seconds, crew, calls[calls["units_assigned"] == 0])

    def _move(self, twin: Twin, moment: QuickMoment, u: int) -> Move:
        features, nodes = candidate_features(moment, u)
        if u in self.pending:
            rows, chosen, since = self.pending[u]
            rewards, discounts = reward(features[:1], np.array([twin.now - since]))
            self.memory.append(
                rewards,
                discounts=discounts,
                rows=rows[None],
                candidates=len(rows),
                chosen=chosen,
                following=features[None],
                following_candidates=len(features),
            )
        if self.rng.random() < EXPLORATION:
            choice = int(self.rng.integers(len(nodes)))
        else:
            learner = self.learner
            choice = int(learner.stack.values(learner.target, learner.normalized(widened(features))).argmax())
        self.pending[u] = features, choice, twin.now
        target = int(nodes[choice])
        moment.place[u], moment.offset[u] = target, 0.0
        seconds = self.tables.seconds[self.tables.location[moment.nodes[u]]][choice]
        return Move(u, target, target, float(seconds))

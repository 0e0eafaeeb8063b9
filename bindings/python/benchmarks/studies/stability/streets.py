"""Units that drive about a city's streets."""

import numpy as np

import libpatrol
from libpatrol import AreaArrays, UnitStatus
from reference.roads import Roads

PAUSE_SECONDS = 60.0


class Streets:
    """Ways between all corners of a city."""

    def __init__(self, city: AreaArrays) -> None:
        self.nodes = city.node_count
        self.seconds = Roads(city).patrol
        self.edges: dict[int, list[tuple[int, float]]] = {node: [] for node in range(self.nodes)}
        for (start, end), seconds in zip(city.edges.tolist(), city.edge_patrol_seconds.tolist(), strict=True):
            self.edges[start].append((end, seconds))

    def step(self, node: int, target: int) -> tuple[int, float]:
        """Return the next corner on a shortest way, and the seconds to it."""
        return min(self.edges[node], key=lambda edge: edge[1] + self.seconds[edge[0], target])

    def crew(self, count: int, rng: np.random.Generator) -> "Crew":
        """Return units at random corners."""
        return Crew(self, count, rng)


class Crew:
    """Units that drive to one random corner after the other, and serve the calls that they are sent to."""

    def __init__(self, streets: Streets, count: int, rng: np.random.Generator) -> None:
        self.streets, self.rng = streets, [np.random.default_rng(seed) for seed in rng.integers(1 << 60, size=count)]
        self.node = [int(own.integers(streets.nodes)) for own in self.rng]
        self.target = list(self.node)
        self.left = [0.0] * count  # seconds to `node`, or of the pause at the target
        self.busy_until = [0.0] * count

    def is_free(self, unit: int) -> bool:
        """Whether the unit can be sent."""
        return self.busy_until[unit] == 0

    def send(self, unit: int, node: int, until: float) -> None:
        """Send a unit to a call, which it has served at a time."""
        self.node[unit] = self.target[unit] = node
        self.left[unit], self.busy_until[unit] = 0.0, until

    def advance(self, now: float, seconds: float) -> None:
        """Let the time pass."""
        for unit, own in enumerate(self.rng):
            if self.busy_until[unit] > now:
                continue
            self.busy_until[unit] = 0.0
            self.left[unit] -= seconds
            while self.left[unit] <= 0:
                if self.node[unit] == self.target[unit]:
                    self.target[unit] = int(own.integers(self.streets.nodes))
                    self.left[unit] += PAUSE_SECONDS if self.target[unit] == self.node[unit] else 0.0
                if self.node[unit] != self.target[unit]:
                    self.node[unit], way = self.streets.step(self.node[unit], self.target[unit])
                    self.left[unit] += way

    def rows(self) -> np.ndarray:
        """Return the units of a snapshot."""
        rows = libpatrol.units(len(self.node))
        rows["node"] = self.node
        busy = np.array(self.busy_until) > 0
        rows["status"] = np.where(busy, UnitStatus.ON_SCENE, UnitStatus.PATROLLING)
        rows["seconds_to_node"] = np.where(busy, 0.0, np.maximum(self.left, 0.0))
        return rows

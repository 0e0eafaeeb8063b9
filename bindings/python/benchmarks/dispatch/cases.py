"""The decisions that are timed: random snapshots of a city of 100 nodes, each with a random network of its own."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from dispatch_instances import OFF
from hard_instances import hard_network, hard_snapshot, undecided
from test_networks import value_outputs

from libpatrol import Answer, Area, AreaArrays, Engine, Policy, Session, Task, cities
from libpatrol.files import write_policy

RULES = {"rules at defaults": {}, "rules off": OFF}
HEURISTICS = ("closest_fcfs", "priority_closest", "own_beat_first", "minimum_weighted_travel", "weighted_index")


@dataclass(frozen=True)
class Size:
    """Units, calls and hidden units, and how many instances each solver gets."""

    units: int
    calls: int
    hidden: int
    instances: int
    for_highs: int

    @property
    def name(self) -> str:
        return f"{self.units}×{self.calls}, {self.hidden}"


SIZES = (Size(5, 5, 16, 300, 40), Size(20, 10, 32, 150, 6), Size(50, 20, 32, 40, 2), Size(200, 50, 32, 6, 1))


class Case:
    """One decision, its network, and a session for it."""

    def __init__(self, city: AreaArrays, area: Area, size: Size, form: str, rules: str, seed: int, work: Path) -> None:
        rng = np.random.default_rng([size.units, size.calls, size.hidden, form == "concave", seed])
        self.city, self.area, self.size, self.options = city, area, size, RULES[rules]
        self.snapshot = hard_snapshot(city, rng, size.units, size.calls)
        self.found = Session(Engine(area, **self.options), size.units, size.calls).pairs(self.snapshot)
        self.value = hard_network(rng, self.found, size.hidden, concave=form == "concave")
        self.policy = work / "policy"
        self.session = self._session(self.value)

    def _session(self, value: dict[str, np.ndarray]) -> Session:
        write_policy(self.policy, value=value)
        return Session(Engine(self.area, Policy.load(self.policy), **self.options), self.size.units, self.size.calls)

    def decide(self, **options: float | None) -> Answer:
        return self.session.decide(self.snapshot, tasks=Task.DISPATCH, **options)

    @property
    def minute(self) -> float:
        """Weighted seconds that the network's output of 1 stands for."""
        rates = self.city.demand_calls_per_hour.astype(np.float64).sum((0, 2))
        return 60.0 * float(rates @ self.city.category_weights / rates.sum())

    def held(self) -> float:
        """Return the objective of holding every call."""
        return self.minute * float(value_outputs(self.value, self.found.state[None])[0])

    def undecided(self) -> int:
        return undecided(self.found, self.value)

    def linear_decision(self) -> Answer:
        """Decide with the network's linear part alone."""
        linear = {name: array for name, array in self.value.items() if name.startswith("skip.")}
        return self._session(linear).decide(self.snapshot, tasks=Task.DISPATCH, deadline=None, relative_gap=0.0)

    def heuristic_decisions(self) -> Iterator[Answer]:
        for name in HEURISTICS:
            session = Session(Engine(self.area, dispatch_policy=name, **self.options), self.size.units, self.size.calls)
            yield session.decide(self.snapshot, tasks=Task.DISPATCH, deadline=None)


def cases(size: Size, form: str, rules: str, work: Path) -> Iterator[Case]:
    city = cities.grid(seed=1)
    area = Area.from_arrays(**city)
    for seed in range(size.instances):
        yield Case(city, area, size, form, rules, seed, work)

"""The decisions that are timed: random snapshots of a city of 100 nodes, with networks that are random or bundled."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import load_file

from libpatrol import Answer, Engine, Policy, Session, Task
from libpatrol.files import write_policy
from libpatrol.synthetic import cities
from reference.hard_instances import hard_network, hard_snapshot, undecided
from reference.instances import HEURISTICS, Place, minute
from reference.networks import value_outputs
from reference.rules import RULES_OFF


@dataclass(frozen=True)
class Setting:
    """Engine options, the strength of random networks, and the share of the instances that are timed."""

    name: str
    options: dict[str, Any] = field(default_factory=dict)
    strength: float = 1.0
    share: float = 1.0


DEFAULTS, FREE = Setting("rules at defaults"), Setting("rules off", RULES_OFF)
SETTINGS = (DEFAULTS, FREE, Setting("rules at defaults, hidden neurons twice as strong", strength=2.0, share=0.4))


@dataclass(frozen=True)
class Size:
    """Units, calls and hidden neurons, and how many instances each solver gets."""

    units: int
    calls: int
    hidden: int
    instances: int
    for_highs: int

    @property
    def name(self) -> str:
        return f"{self.units}×{self.calls}, {self.hidden}"


SIZES = (Size(5, 5, 16, 300, 40), Size(20, 10, 32, 100, 3), Size(50, 20, 32, 40, 1), Size(200, 50, 32, 6, 1))
FORMS = ("concave", "general")


def bundled_values() -> dict[str, dict[str, np.ndarray]]:
    """Return the value network of the package's general policy, without its prefix, by title; the others are alike."""
    with as_file(files("libpatrol") / "data" / "policies" / "general.safetensors") as path:
        tensors = load_file(path)
    return {"general policy": {k.removeprefix("value."): v for k, v in tensors.items() if k.startswith("value.")}}


class Case:
    """One decision, its network (random, or that of a bundled policy), and a session for it."""

    def __init__(self, place: Place, size: Size, network: str, setting: Setting, seed: int, work: Path) -> None:
        rng = np.random.default_rng([size.units, size.calls, size.hidden, network == "concave", seed])
        self.place, self.size, self.options = place, size, setting.options
        self.snapshot = hard_snapshot(place.city, rng, size.units, size.calls)
        self.found = Session(Engine(place.area, **self.options), size.units, size.calls).pairs(self.snapshot)
        if network in FORMS:
            concave, strength = network == "concave", setting.strength
            self.value = hard_network(rng, self.found, size.hidden, concave=concave, strength=strength)
        else:
            self.value = bundled_values()[network]
        self.policy = work / "policy"
        self.session = self._session(self.value)

    def _session(self, value: dict[str, np.ndarray]) -> Session:
        write_policy(self.policy, value=value)
        return Session(
            Engine(self.place.area, Policy.load(self.policy), **self.options), self.size.units, self.size.calls
        )

    def decide(self, **options: float | None) -> Answer:
        return self.session.decide(self.snapshot, tasks=Task.DISPATCH, **options)

    @property
    def minute(self) -> float:
        """Weighted seconds that the network's output of 1 stands for."""
        return minute(self.place.city)

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
            session = Session(
                Engine(self.place.area, dispatch_policy=name, **self.options), self.size.units, self.size.calls
            )
            yield session.decide(self.snapshot, tasks=Task.DISPATCH, deadline=None)


def cases(size: Size, network: str, setting: Setting, work: Path) -> Iterator[Case]:
    place = Place.of(cities.grid(seed=1))
    for seed in range(round(size.instances * setting.share)):
        yield Case(place, size, network, setting, seed, work)

"""Random dispatch decisions: snapshots, networks and rules, each switched on and off.

Nothing here is checked or checks: it makes the decisions on which the references and the library must agree.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

import libpatrol
from libpatrol import Area, AreaArrays, Engine, Policy, Snapshot, UnitStatus
from libpatrol.files import write_policy
from libpatrol.studies.pairs import DISPATCH_POLICIES
from libpatrol.synthetic import cities
from reference.networks import random_layers, state_dict, value_network
from reference.roads import Roads
from reference.rules import RULES_OFF, Department

KINDS = ("general", "concave", "pair", "none")
HEURISTICS = tuple(name for name in DISPATCH_POLICIES if name != "learned")
"""Names of the dispatch policies that need no networks."""


class Place(NamedTuple):
    """A city, as the library has it and as the references do."""

    area: Area
    roads: Roads

    @classmethod
    def of(cls, city: AreaArrays) -> "Place":
        """Return a city's."""
        return cls(Area.from_arrays(**city), Roads(city))

    @property
    def city(self) -> AreaArrays:
        """The arrays of both."""
        return self.roads.city


@dataclass(frozen=True)
class Instance:
    """A decision to take, and what it was made of."""

    place: Place
    engine: Engine
    snapshot: Snapshot
    kind: str
    value: dict[str, np.ndarray] | None
    hidden: int

    @property
    def minute(self) -> float:
        """Weighted seconds that a network's output of 1 stands for."""
        return minute(self.place.city)

    def department(self) -> Department:
        """Return the rules under which it is taken."""
        return Department(self.place.roads, self.engine.options, self.snapshot)


def minute(city: AreaArrays) -> float:
    """Return what a network's output of 1 stands for: a minute of a mean call's waiting, in weighted seconds."""
    rates = city.demand_calls_per_hour.astype(np.float64).sum((0, 2))
    return 60.0 * float(rates @ city.category_weights / rates.sum())


@cache
def places() -> list[Place]:
    """Return two small cities with beats."""
    return [Place.of(cities.grid(6, 6, seed=1, beats=3)), Place.of(cities.irregular(40, seed=2, beats=4))]


def instances(seed: int, count: int, directory: Path, most: tuple[int, int] = (10, 8)) -> Iterator[Instance]:
    """Yield `count` instances of at most `most` units and calls; the same seed gives the same ones."""
    rng = np.random.default_rng(seed)
    for index in range(count):
        place = places()[index % 2]
        kind = KINDS[rng.choice(4, p=(0.4, 0.3, 0.2, 0.1))]
        value, hidden = None, 0
        policy = None
        if kind != "none":
            networks: dict[str, Any] = {}
            if kind == "pair" or rng.random() < 0.5:
                networks["pair"] = state_dict(random_layers(rng, [24, 8, 1]))
            if kind != "pair":
                width, block = int(2 ** rng.uniform(0, 5.04)), int(rng.random() < 0.25)
                value = value_network(rng, width, block, -1.0 if kind == "concave" else 0.0)
                hidden = width + 9 * block
                networks["value"] = value
            write_policy(directory / "policy", **networks)
            policy = Policy.load(directory / "policy")
        # From a generator of their own: what else is drawn does not depend on them.
        limits = travel_limits(np.random.default_rng([seed, index]))
        engine = Engine(place.area, policy, compliance_rows=4, hold_travel_seconds=limits, **rules(rng))
        taken = snapshot(place.city, rng, *most)
        later = np.random.default_rng([seed, index, 1])
        taken.pair_costs = pair_costs(later, len(taken.units), len(taken.incidents))
        limit_units(taken, later)
        taken.substitutes = substitutes(np.random.default_rng([seed, index, 2]), taken.incidents)
        yield Instance(place, engine, taken, kind, value, hidden)


def rules(rng: np.random.Generator) -> dict[str, Any]:
    """Return engine options with each rule on or off, the defaults included."""
    if rng.random() < 0.2:
        return RULES_OFF
    options: dict[str, Any] = {}
    if rng.random() < 0.4:
        options["never_hold_priority"] = int(rng.integers(0, 4))
    if rng.random() < 0.5:
        options["strict_priority"] = False
    if rng.random() < 0.6:
        options["longest_hold_seconds"] = rng.choice([0.0, 300.0, 900.0, np.inf], 8, p=(0.1, 0.2, 0.2, 0.5)).tolist()
    if rng.random() < 0.2:
        options["maximum_travel_seconds"] = float(rng.uniform(60, 400))
    if rng.random() < 0.2:
        options["shift_end_margin_seconds"] = float(rng.uniform(0, 1800))
        options["arrive_before_shift_end"] = options["shift_end_margin_seconds"] < 900
    if rng.random() < 0.4:
        options["own_beat_penalty_seconds"] = float(rng.choice([60.0, 600.0, np.inf]))
    if rng.random() < 0.4:
        options["reserve_per_beat"] = int(rng.integers(1, 3))
        options["reserve_price"] = float(rng.choice([50.0, 500.0, np.inf]))
    if rng.random() < 0.4:
        options["preemption"] = np.triu(np.ones((8, 8), bool), 1).T if rng.random() < 0.5 else rng.random((8, 8)) < 0.5
    return options


def travel_limits(rng: np.random.Generator) -> np.ndarray | None:
    """Return travel limits by free units and category, or None; cutoffs are among them."""
    chance = rng.random()
    if chance < 0.5:
        return None
    limits = [0.0, np.inf] if chance < 0.6 else [0.0, 47.3, 151.7, 403.1, np.inf]
    return np.maximum.accumulate(rng.choice(limits, (int(rng.integers(1, 8)), 2)))


def limit_units(taken: Snapshot, rng: np.random.Generator) -> None:
    """Give some units calls of some priorities only, let some leave their scenes, schedule some calls; often none."""
    units, calls = taken.units, taken.incidents
    limited = rng.random(len(units)) < rng.choice([0.0, 0.4])
    units["priorities"] = np.where(limited, rng.integers(1, 256, len(limited)), 0)
    for unit in units[(units["status"] == UnitStatus.PATROLLING) & (rng.random(len(units)) < rng.choice([0.0, 0.3]))]:
        call = calls[rng.integers(len(calls))] if len(calls) else None
        if call is not None and call["units_assigned"] < call["units_required"] - call["needs"]["required"].sum():
            call["units_assigned"] += 1
            call["units_on_scene"] += 1
            row = units["id"] == unit["id"]
            units["status"][row], units["incident_id"][row] = UnitStatus.ON_SCENE, call["id"]
            units["may_leave_scene"][row] = rng.random() < 0.8
    scheduled = rng.random(len(calls)) < rng.choice([0.0, 0.2])
    calls["not_before_seconds"] = np.where(scheduled, rng.choice([300.0, 900.0], len(calls)), 0.0)
    calls["lead_seconds"] = np.where(scheduled, rng.choice([0.0, 600.0], len(calls)), 0.0)


def pair_costs(rng: np.random.Generator, units: int, calls: int) -> np.ndarray:
    """Return costs and bonuses of some pairs, often none; a pair may have several."""
    costs = np.zeros(rng.integers(0, 12) if units and calls and rng.random() < 0.4 else 0, libpatrol.PAIR_COST_DTYPE)
    costs["unit"], costs["incident"] = (
        rng.integers(max(1, units), size=len(costs)),
        rng.integers(max(1, calls), size=len(costs)),
    )
    costs["seconds"] = rng.choice([-2000.0, -120.0, -30.0, 0.0, 45.0, 300.0, 5000.0], len(costs))
    return costs


def substitutes(rng: np.random.Generator, calls: np.ndarray) -> np.ndarray:
    """Return other units that some of the calls without units may get instead, often none."""
    chosen = (calls["units_assigned"] == 0) & (rng.random(len(calls)) < rng.choice([0.0, 0.7]))
    rows = np.zeros((len(calls), 3), libpatrol.SUBSTITUTE_DTYPE)
    rows["incident"] = np.arange(len(calls))[:, None]
    rows["units_required"] = rng.integers(1, 4, rows.shape)
    rows["required_capabilities"] = rng.choice([0, 0, 1, 2, 4], rows.shape)
    for row in rows.ravel():
        for need in row["needs"][: row["units_required"]]:
            if rng.random() < 0.4:
                need["capabilities"], need["required"] = rng.integers(1, 8), 1
    # In any order of calls: only rows of the same call have one.
    return rng.permutation(rows[chosen[:, None] & (rng.random(rows.shape) < 0.7)])


def snapshot(city: AreaArrays, rng: np.random.Generator, most_units: int, most_calls: int) -> Snapshot:
    """Return a moment with free, diverted, busy and absent units, and calls that need one or several."""
    units = libpatrol.units(int(rng.integers(0, most_units + 1)))
    calls = libpatrol.incidents(int(rng.integers(0, most_calls + 1)))
    calls["id"] = 1000 + rng.permutation(len(calls))
    calls["node"] = rng.integers(city.node_count, size=len(calls))
    calls["category"] = rng.integers(2, size=len(calls))
    calls["priority"] = rng.integers(1, 5, len(calls))
    calls["seconds_waited"] = rng.exponential(400, len(calls)).astype(np.float32)
    calls["weight"] = rng.lognormal(0, 0.7, len(calls))
    calls["units_required"] = rng.choice([1, 2, 3], len(calls), p=(0.65, 0.25, 0.1))
    calls["flags"] = rng.random(len(calls)) < 0.25
    calls["required_capabilities"] = np.where(rng.random(len(calls)) < 0.2, 1 << rng.integers(0, 3, len(calls)), 0)
    for call in calls:
        if call["units_required"] > 1 and rng.random() < 0.5:
            call["needs"][0]["capabilities"], call["needs"][0]["required"] = 1 << int(rng.integers(3)), 1
        if call["units_required"] > 2 and rng.random() < 0.5:
            call["needs"][2]["capabilities"], call["needs"][2]["required"] = 3, 1
    units["id"] = rng.permutation(3 * len(units))[: len(units)]
    units["node"] = rng.integers(city.node_count, size=len(units))
    units["home_beat"] = rng.integers(-1, city.node_beats.max() + 1, len(units))
    units["capabilities"] = ((rng.random((len(units), 3)) < 0.7) * [1, 2, 4]).sum(1)
    units["seconds_to_node"] = np.where(rng.random(len(units)) < 0.3, rng.uniform(0, 90, len(units)), 0)
    units["seconds_until_shift_end"] = np.where(rng.random(len(units)) < 0.3, rng.exponential(1500, len(units)), np.inf)
    for unit in units:
        chance = rng.random()
        if chance < 0.05:
            unit["status"] = UnitStatus.OFF_DUTY
        elif chance < 0.15:
            unit["status"], unit["seconds_until_free"] = UnitStatus.ON_SCENE, rng.exponential(900)
        elif chance < 0.35 and len(calls):
            call = calls[rng.integers(len(calls))]
            if call["units_assigned"] < call["units_required"] - call["needs"]["required"].sum():
                call["units_assigned"] += 1
                unit["status"], unit["incident_id"] = UnitStatus.EN_ROUTE, call["id"]
    host = None
    if rng.random() < 0.3:
        host = rng.choice([np.nan, np.inf, 0.0, 120.0], (len(units), len(calls)), p=(0.5, 0.1, 0.1, 0.3))
    return Snapshot(float(rng.integers(86_400)), units, calls, travel_seconds=host)

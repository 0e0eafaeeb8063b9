"""The department's rules in numpy: who may serve which call, who may not wait, and what an answer is worth.

Source: the wording of `patrol.h` on engine options and objectives, and of `Policies.md`; how rules give way to each
other is written down in `DispatchProblem.swift`, but nothing here comes from its program. Checks: every dispatch
policy, in `tests/test_dispatch_rules.py`, `tests/test_storms.py` and `proof.py`.
"""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
from scipy.optimize import linear_sum_assignment

from libpatrol import Answer, EngineOptions, Snapshot, UnitStatus
from libpatrol.session import Pairs
from reference.networks import value_outputs
from reference.roads import Roads
from reference.substitutes import choose

RULES_OFF = {"never_hold_priority": 0, "strict_priority": False, "longest_hold_seconds": [float("inf")] * 8}
"""Options under which every call may be held: what the paper's dispatcher is free to do."""

_LONGEST_SECONDS = 1e6
_NEVER = 1 << 30
_FREE, _EN_ROUTE, _ON_SCENE = UnitStatus.PATROLLING, UnitStatus.EN_ROUTE, UnitStatus.ON_SCENE


class Department:
    """The rules of one engine applied to one snapshot. Units and calls are indices, assignments unit -> call.

    Attributes
    ----------
    seconds : float64 [units, calls]
        Travel.
    costs : float64 [units, calls]
        Seconds that it counts for more.
    eligible : bool [units, calls]
        Whether a unit may be sent to a call, or continue to it.
    free, divertible : bool [units]
        Units that may be sent; those that are on the way to a call already.
    calls : INCIDENT_DTYPE [calls]
        With the units that each call asks for by what it goes by.
    substitute : int [calls]
        1 + the substitute in the snapshot that a call goes by; 0: its own row.
    missing : int [calls]
        Units, those that are divertible included.
    must_not_wait, never_held, together : bool [calls]
        A rule wants units to be sent; the same, one by one; all units or none.
    needed : int [units, calls]
        Free units for which a travel limit lets the pair through; 0 where limits do not concern it.
    to_spare : int
        Free units beside those that calls miss which may not be held.
    """

    def __init__(self, roads: Roads, options: EngineOptions, snapshot: Snapshot) -> None:
        city = roads.city
        self.options = options
        self.units, self.calls = snapshot.units, snapshot.incidents.copy()
        self.substitute = np.zeros(len(self.calls), int)
        stated = self.calls["weight"]
        self.weights = np.where(np.isnan(stated), city.category_weights[self.calls["category"]], stated)
        self.on_call = self.indices(self.units["incident_id"], self.calls["id"])
        self.for_later = self.calls["not_before_seconds"] > self.calls["lead_seconds"]
        self.preemption = np.zeros((8, 8), bool) if options.preemption is None else np.array(options.preemption, bool)
        self.divertible = self._divertible()
        self.free = (self.units["status"] == _FREE) | self.divertible
        self.missing = (self.calls["units_required"] - self.calls["units_assigned"]).astype(int)
        np.add.at(self.missing, self.on_call[self.divertible], 1)
        self.together = (self.calls["flags"] & 1) == 1
        self.has_needs = self.calls["needs"]["required"].any(1)
        self.seconds = self._travel(roads, snapshot)
        self.costs = np.zeros(self.seconds.shape)
        np.add.at(
            self.costs, (snapshot.pair_costs["unit"], snapshot.pair_costs["incident"]), snapshot.pair_costs["seconds"]
        )
        beats = city.node_beats[self.calls["node"].astype(int)]
        self.own_beat = (self.units["home_beat"][:, None] == beats) & (self.units["home_beat"][:, None] >= 0)
        if len(snapshot.substitutes):
            choose(self, snapshot.substitutes)
        self.eligible = self.eligible_units()
        self.must_not_wait = self._must_not_wait()
        self.never_held = self.must_not_wait & ~self.together
        self.needed = self._needed()
        self.to_spare = self._to_spare()
        given = self.calls["service_seconds"]
        self.service = np.where(np.isnan(given), city.category_service_seconds[self.calls["category"]], given)

    @staticmethod
    def indices(ids: np.ndarray, among: np.ndarray) -> np.ndarray:
        """Return the index of each id; -1 where it is not among the others."""
        place = {int(identifier): index for index, identifier in enumerate(among)}
        return np.array([place.get(int(identifier), -1) for identifier in ids], int)

    def _divertible(self) -> np.ndarray:
        leaves = (self.units["status"] == _ON_SCENE) & (self.units["may_leave_scene"] == 1)
        bound = ((self.units["status"] == _EN_ROUTE) | leaves) & (self.on_call >= 0)
        for unit in np.flatnonzero(bound):
            call = self.calls[self.on_call[unit]]
            bound[unit] = (
                not call["flags"] & 1
                and not self.for_later[self.on_call[unit]]
                and self.preemption[call["priority"] - 1].any()
            )
        return bound

    def _travel(self, roads: Roads, snapshot: Snapshot) -> np.ndarray:
        start = self.units["seconds_to_node"] * np.where(self.units["status"] == _FREE, roads.ratio, 1.0)
        there = self.divertible & (self.units["status"] == _ON_SCENE)
        start[there] = 0
        nodes = np.where(there, self.calls["node"][self.on_call] if len(self.calls) else 0, self.units["node"])
        seconds = start[:, None] + roads.emergency[np.ix_(nodes, self.calls["node"])]
        host = snapshot.travel_seconds
        seconds = seconds if host is None else np.where(np.isnan(host), seconds, host)
        # A divertible unit may always continue, however long it takes.
        continuing = np.flatnonzero(self.divertible), self.on_call[self.divertible]
        seconds[continuing] = np.minimum(seconds[continuing], _LONGEST_SECONDS)
        return seconds

    def eligible_units(self) -> np.ndarray:
        """Return which units may be sent to, or continue to, which calls by what these go by; bool [units, calls]."""
        options, units, calls = self.options, self.units, self.calls
        required = calls["required_capabilities"]
        fit = (units["capabilities"][:, None] & required) == required
        fit &= np.isfinite(self.seconds) & (self.seconds <= options.maximum_travel_seconds)
        left = units["seconds_until_shift_end"] - np.float32(options.shift_end_margin_seconds)
        fit &= (left >= 0)[:, None] & ~self.for_later
        if options.arrive_before_shift_end:
            fit &= self.seconds <= left[:, None]
        if np.isinf(options.own_beat_penalty_seconds):
            fit &= self.own_beat
        limited = np.where(units["priorities"] == 0, 255, units["priorities"])
        fit &= (limited[:, None] >> (calls["priority"] - 1) & 1) == 1
        for unit in np.flatnonzero(self.divertible):
            fit[unit] &= self.preemption[calls["priority"][self.on_call[unit]] - 1][calls["priority"] - 1]
            fit[unit, self.on_call[unit]] = True
        for unit, call in np.argwhere(fit & self.has_needs):
            fit[unit, call] = any(self.fits(unit, call, slot) for slot in self.slots(call))
        return fit & self.free[:, None] & (self.missing > 0)

    def go_by(self, call: int, number: int, row: np.ndarray) -> None:
        """Let a call ask for the units of a row: its own (0), or that of a substitute, counted from 1."""
        self.substitute[call] = number
        self.missing[call] += int(row["units_required"]) - int(self.calls["units_required"][call])
        for name in ("units_required", "required_capabilities", "needs"):
            self.calls[name][call] = row[name]
        self.has_needs[call] = row["needs"]["required"].any()

    def _must_not_wait(self) -> np.ndarray:
        calls, options = self.calls, self.options
        longest = np.array(options.longest_hold_seconds, np.float32)[calls["priority"] - 1]
        return (calls["priority"] <= options.never_hold_priority) | (calls["seconds_waited"] >= longest)

    def _needed(self) -> np.ndarray:
        """Return the free units for which a limit lets each pair through; 0 where limits do not concern it."""
        if self.options.hold_travel_seconds is None:
            return np.zeros(self.seconds.shape, int)
        limits = np.asarray(self.options.hold_travel_seconds, np.float32)[:, None, self.calls["category"]]
        within = (limits > 0) & (self.seconds <= limits)
        needed = np.where(within.any(0), within.argmax(0) + 1, _NEVER)
        needed[:, self.must_not_wait] = 0
        needed[np.flatnonzero(self.divertible), self.on_call[self.divertible]] = 0
        return needed

    def _to_spare(self) -> int:
        """Return how many units are free beside those that calls miss which may not be held."""
        spare = int((self.units["status"] == _FREE).sum())
        for call in np.flatnonzero(self.must_not_wait):
            continuing = int((self.divertible & (self.on_call == call)).sum())
            others, missing = int(self.eligible[:, call].sum()) - continuing, int(self.missing[call]) - continuing
            if not self.together[call] or others >= missing:
                spare -= min(others, missing)
        return max(1, spare)

    def serving(self, answer: Answer) -> dict[int, int]:
        """Return the call of each unit: those that are sent, and divertible ones that continue."""
        sent = zip(
            self.indices(answer.assignments["unit_id"], self.units["id"]).tolist(),
            self.indices(answer.assignments["incident_id"], self.calls["id"]).tolist(),
            strict=True,
        )
        return {int(unit): int(self.on_call[unit]) for unit in np.flatnonzero(self.divertible)} | dict(sent)

    def slots(self, call: int) -> list[int]:
        """Return the capabilities that each slot of a call demands."""
        slots = []
        for need in self.calls["needs"][call]:
            slots += [int(need["capabilities"])] * int(need["required"] - need["assigned"])
        return slots + [0] * (int(self.missing[call]) - len(slots))

    def fits(self, unit: int, call: int, slot: int) -> bool:
        """Whether a unit may take a slot; one that continues keeps a slot of those that demand nothing."""
        if self.divertible[unit] and self.on_call[unit] == call:
            return slot == 0
        return int(self.units["capabilities"][unit]) & slot == slot

    def has_room(self, call: int, crew: list[int]) -> bool:
        """Whether the units find a slot each."""
        if not self.has_needs[call]:
            return len(crew) <= self.missing[call]
        fits = np.array([[self.fits(unit, call, slot) for slot in self.slots(call)] for unit in crew], float)
        if len(crew) == 0 or len(crew) > self.missing[call]:
            return len(crew) == 0
        return bool(fits[linear_sum_assignment(fits, maximize=True)].sum() == len(crew))

    def is_nested(self, call: int) -> bool:
        """Whether of any two needs of a call one includes the other: else finding room may take several to change."""
        if not self.has_needs[call]:
            return True
        needs = sorted(self.slots(call), key=int.bit_count)
        return all(less & more == less for less, more in pairwise(needs))

    def reserves(self, serving: dict[int, int]) -> Iterator[tuple[int, int, int]]:
        """Yield beats with the units that calls which may be held take from them, and what they may take."""
        patrolling = self.units["status"] == _FREE
        for beat in np.unique(self.units["home_beat"][patrolling & (self.units["home_beat"] >= 0)]):
            home = patrolling & (self.units["home_beat"] == beat)
            taken = sum(bool(home[unit]) and not self.never_held[call] for unit, call in serving.items())
            yield int(beat), taken, max(0, int(home.sum()) - self.options.reserve_per_beat)

    def worth(self, answer: Answer, found: Pairs, value: dict[str, np.ndarray] | None, minute: float) -> float:
        """Return the objective of an answer to the program with the networks "pair" and "value".

        `minute` is what a network's output of 1 stands for.
        """
        serving = self.serving(answer)
        rows = [
            int(np.flatnonzero((found.pairs["unit"] == unit) & (found.pairs["incident"] == call))[0])
            for unit, call in serving.items()
        ]
        total = minute * float(found.pairs["value"][rows].astype(np.float64).sum())
        total += sum(self.reward(unit, call) for unit, call in serving.items())
        if value is not None:
            state = found.state.astype(np.float64) + found.deltas[rows].astype(np.float64).sum(0)
            total += minute * float(value_outputs(value, state[None])[0])
        if self.options.reserve_per_beat and np.isfinite(self.options.reserve_price):
            below = sum(max(0, taken - allowed) for _, taken, allowed in self.reserves(serving))
            total -= self.options.reserve_price * below
        return total

    def charged_seconds(self, unit: int, call: int) -> float:
        """Return travel seconds with the pair's cost and the penalty for units of other beats."""
        penalty = self.options.own_beat_penalty_seconds
        foreign = np.isfinite(penalty) and not self.own_beat[unit, call]
        return float(self.seconds[unit, call] + self.costs[unit, call]) + (penalty if foreign else 0.0)

    def reward(self, unit: int, call: int) -> float:
        """Return minus the discounted weighted travel, cost and penalty included; below 0 s nothing is discounted."""
        rate, seconds = float(np.float32(self.options.discount_rate)), self.charged_seconds(unit, call)
        return -self.weight(call) * (-np.expm1(-rate * seconds) / rate if seconds > 0 else seconds)

    def weight(self, call: int) -> float:
        """Return what a second of travel of one of its units costs."""
        return float(self.weights[call]) / int(self.calls["units_required"][call])

"""The department's rules in numpy, from the header's wording: what an answer may not do, and what it is worth.

How rules give way to each other is written down in `DispatchProblem.swift`; nothing here comes from its program.
"""

from collections.abc import Iterable, Iterator
from itertools import pairwise

import numpy as np
from scipy.optimize import linear_sum_assignment
from test_networks import value_outputs

from libpatrol import NO_ID, Answer, Area, AreaArrays, EngineOptions, Pairs, Snapshot, UnitStatus, WaitReason

_LONGEST_SECONDS = 1e6
_NEVER = 1 << 30
_FREE, _EN_ROUTE = UnitStatus.PATROLLING, UnitStatus.EN_ROUTE


class Department:
    """The rules of one engine applied to one snapshot. Units and calls are indices, assignments unit -> call."""

    def __init__(self, city: AreaArrays, area: Area, options: EngineOptions, snapshot: Snapshot) -> None:
        self.options = options
        self.units, self.calls = snapshot.units, snapshot.incidents
        stated = self.calls["weight"]
        self.weights = np.where(np.isnan(stated), city.category_weights[self.calls["category"]], stated)
        self.on_call = self._indices(self.units["incident_id"], self.calls["id"])
        self.preemption = np.zeros((8, 8), bool) if options.preemption is None else np.array(options.preemption, bool)
        self.divertible = self._divertible()
        self.free = (self.units["status"] == _FREE) | self.divertible
        self.missing = (self.calls["units_required"] - self.calls["units_assigned"]).astype(int)
        np.add.at(self.missing, self.on_call[self.divertible], 1)
        self.together = (self.calls["flags"] & 1) == 1
        self.has_needs = self.calls["needs"]["required"].any(1)
        self.seconds = self._travel(city, area, snapshot)
        beats = city.node_beats[self.calls["node"].astype(int)]
        self.own_beat = (self.units["home_beat"][:, None] == beats) & (self.units["home_beat"][:, None] >= 0)
        self.eligible = self._eligible()
        self.must_not_wait = self._must_not_wait()
        self.never_held = self.must_not_wait & ~self.together
        self.needed = self._needed()
        self.to_spare = self._to_spare()
        given = self.calls["service_seconds"]
        self.service = np.where(np.isnan(given), city.category_service_seconds[self.calls["category"]], given)

    @staticmethod
    def _indices(ids: np.ndarray, among: np.ndarray) -> np.ndarray:
        place = {int(identifier): index for index, identifier in enumerate(among)}
        return np.array([place.get(int(identifier), -1) for identifier in ids], int)

    def _divertible(self) -> np.ndarray:
        bound = (self.units["status"] == _EN_ROUTE) & (self.on_call >= 0)
        for unit in np.flatnonzero(bound):
            call = self.calls[self.on_call[unit]]
            bound[unit] = not call["flags"] & 1 and self.preemption[call["priority"] - 1].any()
        return bound

    def _travel(self, city: AreaArrays, area: Area, snapshot: Snapshot) -> np.ndarray:
        patrol = city.edge_patrol_seconds.astype(np.float64).sum()
        ratio = city.edge_emergency_seconds.astype(np.float64).sum() / patrol
        start = self.units["seconds_to_node"] * np.where(self.units["status"] == _FREE, ratio, 1.0)
        seconds = start[:, None] + area.travel_times(self.units["node"], self.calls["node"])
        host = snapshot.travel_seconds
        seconds = seconds if host is None else np.where(np.isnan(host), seconds, host)
        # A divertible unit may always continue, however long it takes.
        continuing = np.flatnonzero(self.divertible), self.on_call[self.divertible]
        seconds[continuing] = np.minimum(seconds[continuing], _LONGEST_SECONDS)
        return seconds

    def _eligible(self) -> np.ndarray:
        options, units, calls = self.options, self.units, self.calls
        required = calls["required_capabilities"]
        fit = (units["capabilities"][:, None] & required) == required
        fit &= np.isfinite(self.seconds) & (self.seconds <= options.maximum_travel_seconds)
        fit &= (units["seconds_until_shift_end"] >= options.shift_end_margin_seconds)[:, None]
        if np.isinf(options.own_beat_penalty_seconds):
            fit &= self.own_beat
        for unit in np.flatnonzero(self.divertible):
            fit[unit] &= self.preemption[calls["priority"][self.on_call[unit]] - 1][calls["priority"] - 1]
            fit[unit, self.on_call[unit]] = True
        for unit, call in np.argwhere(fit & self.has_needs):
            fit[unit, call] = any(self._fits(unit, call, slot) for slot in self._slots(call))
        return fit & self.free[:, None] & (self.missing > 0)

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
            self._indices(answer.assignments["unit_id"], self.units["id"]).tolist(),
            self._indices(answer.assignments["incident_id"], self.calls["id"]).tolist(),
            strict=True,
        )
        return {int(unit): int(self.on_call[unit]) for unit in np.flatnonzero(self.divertible)} | dict(sent)

    def broken(self, answer: Answer) -> Iterator[str]:
        """Yield what is wrong with an answer."""
        serving = self.serving(answer)
        rows = self._indices(answer.assignments["unit_id"], self.units["id"])
        if len(set(rows.tolist())) != len(rows):
            yield "a unit is sent twice"
        yield from self._wrong_pairs(answer, serving)
        yield from self._broken_together(serving)
        yield from self._wrong_waits(answer, serving)

    def _broken_together(self, serving: dict[int, int]) -> Iterator[str]:
        for call in range(len(self.calls)):
            yield from self._wrong_staffing(call, serving)
        yield from self._below_reserve(serving)
        yield from self._beyond_limits(serving)

    def passed_over(self, answer: Answer, heuristic: str) -> Iterator[str]:
        """Yield calls that a heuristic, which takes one after the other, might serve by one unit more and does not.

        It may take units that are free, and those that continue though they may be diverted, off calls that come later.
        """
        serving = self.serving(answer)
        spent = sum(self.needed[unit, call] > 0 for unit, call in serving.items())
        for unit, call in np.argwhere(self.eligible).tolist():
            present = serving.get(unit)
            if present is not None:
                continues = self.divertible[unit] and self.on_call[unit] == present
                if present == call or not continues or not self._comes_first(heuristic, unit, call, present):
                    continue
            if self.needed[unit, call] > max(1, self.to_spare - spent) or not self._is_nested(call):
                continue
            if not any(self._broken_together(serving | {unit: call})):
                yield f"call {call} waits, though unit {unit} may serve it"
        for unit in np.flatnonzero(self.divertible).tolist():
            call, before = serving[unit], int(self.on_call[unit])
            if call != before and not self._comes_first(heuristic, unit, call, before):
                yield f"unit {unit} leaves call {before} for call {call}, which comes later"

    def _comes_first(self, heuristic: str, unit: int, call: int, other: int) -> bool:
        """Whether a call comes before another in the order of a heuristic."""
        if heuristic == "weighted_index":
            index = [self.weight(c) / (self.charged_seconds(unit, c) + self.service[c]) for c in (call, other)]
            return index[0] > index[1]
        urgency = self.calls["priority"] * (heuristic != "closest_fcfs")
        waited = self.calls["seconds_waited"]
        return (urgency[call], -waited[call]) < (urgency[other], -waited[other])

    def _wrong_pairs(self, answer: Answer, serving: dict[int, int]) -> Iterator[str]:
        for unit, call in serving.items():
            if unit < 0 or call < 0 or not self.eligible[unit, call]:
                yield f"unit {unit} may not serve call {call}"
        for assignment in answer.assignments:
            unit = int(np.flatnonzero(self.units["id"] == assignment["unit_id"])[0])
            left = int(self.units["incident_id"][unit]) if self.divertible[unit] else NO_ID
            if assignment["diverted_from"] != left:
                yield f"unit {unit} is diverted from {assignment['diverted_from']}, expected {left}"
            expected = self.seconds[unit, serving[unit]]
            if abs(assignment["travel_seconds"] - expected) > 1e-3 + 1e-5 * expected:
                yield f"unit {unit} travels {assignment['travel_seconds']} s, expected {expected}"

    def _slots(self, call: int) -> list[int]:
        """Return the capabilities that each slot of a call demands."""
        slots = []
        for need in self.calls["needs"][call]:
            slots += [int(need["capabilities"])] * int(need["required"] - need["assigned"])
        return slots + [0] * (int(self.missing[call]) - len(slots))

    def _fits(self, unit: int, call: int, slot: int) -> bool:
        """Whether a unit may take a slot; one that continues keeps a slot of those that demand nothing."""
        if self.divertible[unit] and self.on_call[unit] == call:
            return slot == 0
        return int(self.units["capabilities"][unit]) & slot == slot

    def _wrong_staffing(self, call: int, serving: dict[int, int]) -> Iterator[str]:
        """All units of a call find room, and none that the rules want there would find room beside them."""
        crew = [unit for unit, its_call in serving.items() if its_call == call]
        if not self._has_room(call, crew):
            yield f"call {call} has no room for units {crew}"
        elif self.together[call] and crew and len(crew) < self.missing[call]:
            yield f"call {call} takes all or none, but has {len(crew)} of {self.missing[call]}"
        elif self._is_nested(call):
            for unit in self._must_not_pass_over(call, serving):
                if self._has_room(call, [*crew, unit]):
                    yield f"call {call} has room for unit {unit}, which passes it over"

    def _has_room(self, call: int, crew: list[int]) -> bool:
        """Whether the units find a slot each."""
        if not self.has_needs[call]:
            return len(crew) <= self.missing[call]
        fits = np.array([[self._fits(unit, call, slot) for slot in self._slots(call)] for unit in crew], float)
        if len(crew) == 0 or len(crew) > self.missing[call]:
            return len(crew) == 0
        return bool(fits[linear_sum_assignment(fits, maximize=True)].sum() == len(crew))

    def _is_nested(self, call: int) -> bool:
        """Whether of any two needs of a call one includes the other: else finding room may take several to change."""
        if not self.has_needs[call]:
            return True
        needs = sorted(self._slots(call), key=int.bit_count)
        return all(less & more == less for less, more in pairwise(needs))

    def _must_not_pass_over(self, call: int, serving: dict[int, int]) -> Iterable[int]:
        """Yield units that may not do what they do while there is room for them at this call."""
        if self.together[call]:
            return
        for unit in np.flatnonzero(self.eligible[:, call]):
            its_call = serving.get(int(unit))
            if its_call is None:
                if self.never_held[call]:
                    yield int(unit)
                continue
            continues = self.divertible[unit] and self.on_call[unit] in (call, its_call)
            urgent = self.calls["priority"][call] < self.calls["priority"][its_call]
            gives_way = self.never_held[its_call] and not self.never_held[call]
            held = self.needed[unit, call] > self.to_spare
            if self.options.strict_priority and urgent and not continues and not gives_way and not held:
                yield int(unit)

    def _reserves(self, serving: dict[int, int]) -> Iterator[tuple[int, int, int]]:
        """Yield beats with the units that calls which may be held take from them, and what they may take."""
        patrolling = self.units["status"] == _FREE
        for beat in np.unique(self.units["home_beat"][patrolling & (self.units["home_beat"] >= 0)]):
            home = patrolling & (self.units["home_beat"] == beat)
            taken = sum(bool(home[unit]) and not self.never_held[call] for unit, call in serving.items())
            yield int(beat), taken, max(0, int(home.sum()) - self.options.reserve_per_beat)

    def _below_reserve(self, serving: dict[int, int]) -> Iterator[str]:
        if self.options.reserve_per_beat == 0 or np.isfinite(self.options.reserve_price):
            return
        for beat, taken, allowed in self._reserves(serving):
            if taken > allowed:
                yield f"{taken} units are taken from beat {beat}, which may give {allowed}"

    def _beyond_limits(self, serving: dict[int, int]) -> Iterator[str]:
        """In the order that allows most, those that need most units come first; each that may be held takes one."""
        needed = sorted((int(self.needed[unit, call]) for unit, call in serving.items()), reverse=True)
        for taken, needs in enumerate(needed):
            if needs > max(1, self.to_spare - taken):
                yield f"{taken} units after {self.to_spare}, a call is served beyond its limit, which wants {needs}"

    def _wrong_waits(self, answer: Answer, serving: dict[int, int]) -> Iterator[str]:
        left = self.missing.copy()
        np.subtract.at(left, list(serving.values()), 1)
        waits = {int(wait["incident_id"]): wait for wait in answer.waits}
        if list(waits) != self.calls["id"][left > 0].tolist():
            yield "not every call that misses units is listed, in order"
            return
        used = np.isin(np.arange(len(self.units)), list(serving))
        for call in np.flatnonzero(left > 0):
            wait = waits[int(self.calls["id"][call])]
            reason, eligible = wait["reason"], self.eligible[:, call]
            if wait["units_missing"] != left[call]:
                yield f"call {call} misses {wait['units_missing']} units, expected {left[call]}"
            idle = np.flatnonzero(eligible & ~used).tolist()
            crew = [unit for unit, its_call in serving.items() if its_call == call]
            finds_room = self._is_nested(call) and any(self._has_room(call, [*crew, unit]) for unit in idle)
            nobody = reason == WaitReason.NO_ELIGIBLE_UNIT
            if (not nobody and not eligible.any()) or (nobody and finds_room):
                yield f"call {call} has {eligible.sum()} eligible units and waits for reason {reason}"
            if reason == WaitReason.ALL_OR_NONE and not self.together[call]:
                yield f"call {call} takes units one by one and waits for all of them"
            if reason == WaitReason.UNITS_TAKEN and finds_room:
                yield f"call {call} waits for units taken, but an eligible one is free"
            if reason == WaitReason.HELD and self.never_held[call] and self._is_nested(call):
                yield f"call {call} is held against a rule"

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
            below = sum(max(0, taken - allowed) for _, taken, allowed in self._reserves(serving))
            total -= self.options.reserve_price * below
        return total

    def charged_seconds(self, unit: int, call: int) -> float:
        """Return travel seconds with the penalty for units of other beats."""
        penalty = self.options.own_beat_penalty_seconds
        foreign = np.isfinite(penalty) and not self.own_beat[unit, call]
        return float(self.seconds[unit, call]) + (penalty if foreign else 0.0)

    def reward(self, unit: int, call: int) -> float:
        """Return minus the discounted weighted travel, the penalty included."""
        rate = float(np.float32(self.options.discount_rate))
        return -self.weight(call) * -np.expm1(-rate * self.charged_seconds(unit, call)) / rate

    def weight(self, call: int) -> float:
        """Return what a second of travel of one of its units costs."""
        return float(self.weights[call]) / int(self.calls["units_required"][call])

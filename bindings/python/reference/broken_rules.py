"""What is wrong with an answer: department's rules that it breaks, and calls that a heuristic passes over.

Source: the wording of `patrol.h` on rules, assignments and waits, and of `Policies.md` on the order in which
heuristics take calls.
"""

from collections import Counter
from collections.abc import Iterable, Iterator

import numpy as np

from libpatrol import NO_ID, Answer, WaitReason
from reference.rules import Department


def broken(department: Department, answer: Answer) -> Iterator[str]:
    """Yield what is wrong with an answer."""
    serving = department.serving(answer)
    rows = department.indices(answer.assignments["unit_id"], department.units["id"])
    if len(set(rows.tolist())) != len(rows):
        yield "a unit is sent twice"
    yield from _wrong_pairs(department, answer, serving)
    yield from _wrong_needs(department, answer)
    yield from _broken_together(department, serving)
    yield from _wrong_waits(department, answer, serving)


def _broken_together(department: Department, serving: dict[int, int]) -> Iterator[str]:
    for call in range(len(department.calls)):
        yield from _wrong_staffing(department, call, serving)
    yield from _below_reserve(department, serving)
    yield from _beyond_limits(department, serving)


def passed_over(department: Department, answer: Answer, heuristic: str) -> Iterator[str]:
    """Yield calls that a heuristic, which takes one after the other, might serve by one unit more and does not.

    It may take units that are free, and those that continue though they may be diverted, off calls that come later.
    """
    serving = department.serving(answer)
    spent = sum(department.needed[unit, call] > 0 for unit, call in serving.items())
    for unit, call in np.argwhere(department.eligible).tolist():
        present = serving.get(unit)
        if present is not None:
            continues = department.divertible[unit] and department.on_call[unit] == present
            if present == call or not continues or not _comes_first(department, heuristic, unit, call, present):
                continue
        if department.needed[unit, call] > max(1, department.to_spare - spent) or not department.is_nested(call):
            continue
        if not any(_broken_together(department, serving | {unit: call})):
            yield f"call {call} waits, though unit {unit} may serve it"
    for unit in np.flatnonzero(department.divertible).tolist():
        call, before = serving[unit], int(department.on_call[unit])
        if call != before and not _comes_first(department, heuristic, unit, call, before):
            yield f"unit {unit} leaves call {before} for call {call}, which comes later"


def _comes_first(department: Department, heuristic: str, unit: int, call: int, other: int) -> bool:
    """Whether a call comes before another in the order of a heuristic."""
    if heuristic == "weighted_index":
        # A bonus may outweigh the service.
        seconds = [max(1e-30, department.charged_seconds(unit, c) + department.service[c]) for c in (call, other)]
        return department.weight(call) / seconds[0] > department.weight(other) / seconds[1]
    urgency = department.calls["priority"] * (heuristic != "closest_fcfs")
    waited = department.calls["seconds_waited"]
    return (urgency[call], -waited[call]) < (urgency[other], -waited[other])


def _wrong_pairs(department: Department, answer: Answer, serving: dict[int, int]) -> Iterator[str]:
    for unit, call in serving.items():
        if unit < 0 or call < 0 or not department.eligible[unit, call]:
            yield f"unit {unit} may not serve call {call}"
    for assignment in answer.assignments:
        unit = int(np.flatnonzero(department.units["id"] == assignment["unit_id"])[0])
        left = int(department.units["incident_id"][unit]) if department.divertible[unit] else NO_ID
        if assignment["diverted_from"] != left:
            yield f"unit {unit} is diverted from {assignment['diverted_from']}, expected {left}"
        expected = department.seconds[unit, serving[unit]]
        if abs(assignment["travel_seconds"] - expected) > 1e-3 + 1e-5 * expected:
            yield f"unit {unit} travels {assignment['travel_seconds']} s, expected {expected}"


def _wrong_needs(department: Department, answer: Answer) -> Iterator[str]:
    """Yield units that cannot fill the need they are sent for or go for a wrong substitute, and overfilled needs."""
    filled: Counter[tuple[int, int]] = Counter()
    for assignment in answer.assignments:
        unit = int(department.indices([assignment["unit_id"]], department.units["id"])[0])
        call = int(department.indices([assignment["incident_id"]], department.calls["id"])[0])
        if assignment["substitute"] != department.substitute[call]:
            yield f"call {call} goes by {assignment['substitute']}, expected {department.substitute[call]}"
        filled[call, int(assignment["need"])] += 1
        wanted = (
            int(department.calls["needs"]["capabilities"][call][assignment["need"]]) if assignment["need"] >= 0 else 0
        )
        if int(department.units["capabilities"][unit]) & wanted != wanted:
            yield f"unit {unit} fills need {assignment['need']} of call {call}, which it cannot"
    for (call, need), count in filled.items():
        needs = department.calls["needs"][call]
        missing = (needs["required"] - needs["assigned"]).astype(int)
        room = missing[need] if need >= 0 else department.missing[call] - missing.sum()
        if count > room:
            yield f"need {need} of call {call} has {count} units, and misses {room}"


def _wrong_staffing(department: Department, call: int, serving: dict[int, int]) -> Iterator[str]:
    """All units of a call find room, and none that the rules want there would find room beside them."""
    crew = [unit for unit, its_call in serving.items() if its_call == call]
    if not department.has_room(call, crew):
        yield f"call {call} has no room for units {crew}"
    elif department.together[call] and crew and len(crew) < department.missing[call]:
        yield f"call {call} takes all or none, but has {len(crew)} of {department.missing[call]}"
    elif department.is_nested(call):
        for unit in _must_not_pass_over(department, call, serving):
            if department.has_room(call, [*crew, unit]):
                yield f"call {call} has room for unit {unit}, which passes it over"


def _must_not_pass_over(department: Department, call: int, serving: dict[int, int]) -> Iterable[int]:
    """Yield units that may not do what they do while there is room for them at this call."""
    if department.together[call]:
        return
    for unit in np.flatnonzero(department.eligible[:, call]):
        its_call = serving.get(int(unit))
        if its_call is None:
            if department.never_held[call]:
                yield int(unit)
            continue
        continues = department.divertible[unit] and department.on_call[unit] in (call, its_call)
        urgent = department.calls["priority"][call] < department.calls["priority"][its_call]
        gives_way = department.never_held[its_call] and not department.never_held[call]
        held = department.needed[unit, call] > department.to_spare
        if department.options.strict_priority and urgent and not continues and not gives_way and not held:
            yield int(unit)


def _below_reserve(department: Department, serving: dict[int, int]) -> Iterator[str]:
    if department.options.reserve_per_beat == 0 or np.isfinite(department.options.reserve_price):
        return
    for beat, taken, allowed in department.reserves(serving):
        if taken > allowed:
            yield f"{taken} units are taken from beat {beat}, which may give {allowed}"


def _beyond_limits(department: Department, serving: dict[int, int]) -> Iterator[str]:
    """In the order that allows most, those that need most units come first; each that may be held takes one."""
    needed = sorted((int(department.needed[unit, call]) for unit, call in serving.items()), reverse=True)
    for taken, needs in enumerate(needed):
        if needs > max(1, department.to_spare - taken):
            yield f"{taken} units after {department.to_spare}, a call is served beyond its limit, which wants {needs}"


def _wrong_waits(department: Department, answer: Answer, serving: dict[int, int]) -> Iterator[str]:
    left = department.missing.copy()
    np.subtract.at(left, list(serving.values()), 1)
    waits = {int(wait["incident_id"]): wait for wait in answer.waits}
    if list(waits) != department.calls["id"][left > 0].tolist():
        yield "not every call that misses units is listed, in order"
        return
    used = np.isin(np.arange(len(department.units)), list(serving))
    for call in np.flatnonzero(left > 0):
        wait = waits[int(department.calls["id"][call])]
        reason, eligible = wait["reason"], department.eligible[:, call]
        if wait["units_missing"] != left[call]:
            yield f"call {call} misses {wait['units_missing']} units, expected {left[call]}"
        if (reason == WaitReason.NOT_YET) != department.for_later[call]:
            yield f"call {call} waits for reason {reason}; is it for later: {department.for_later[call]}"
        if department.for_later[call]:
            continue
        idle = np.flatnonzero(eligible & ~used).tolist()
        crew = [unit for unit, its_call in serving.items() if its_call == call]
        finds_room = department.is_nested(call) and any(department.has_room(call, [*crew, unit]) for unit in idle)
        nobody = reason == WaitReason.NO_ELIGIBLE_UNIT
        if (not nobody and not eligible.any()) or (nobody and finds_room):
            yield f"call {call} has {eligible.sum()} eligible units and waits for reason {reason}"
        if reason == WaitReason.ALL_OR_NONE and not department.together[call]:
            yield f"call {call} takes units one by one and waits for all of them"
        if reason == WaitReason.UNITS_TAKEN and finds_room:
            yield f"call {call} waits for units taken, but an eligible one is free"
        if reason == WaitReason.HELD and department.never_held[call] and department.is_nested(call):
            yield f"call {call} is held against a rule"

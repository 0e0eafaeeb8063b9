"""Every dispatch policy under every rule, each by itself and all together, judged by a reading of their own."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import libpatrol
from benchmarks.policies import networks
from libpatrol import Answer, Area, Engine, EngineOptions, Session, Snapshot, Task, UnitStatus
from reference.broken_rules import broken, passed_over
from reference.instances import HEURISTICS, Place, instances, places, snapshot
from reference.rules import RULES_OFF, Department

POLICIES = (*HEURISTICS, "learned")
ONE_BY_ONE = tuple(name for name in HEURISTICS if name != "minimum_weighted_travel")
MORE_URGENT = np.tril(np.ones((8, 8), bool), -1)
RULES: dict[str, dict[str, Any]] = {
    "none": {},
    "never hold": {"never_hold_priority": 2, "hold_travel_seconds": [[0.0, 0.0]]},
    "strict priority": {"strict_priority": True},
    "longest hold": {"longest_hold_seconds": [60.0] * 8, "hold_travel_seconds": [[0.0, 0.0]]},
    "maximum travel": {"maximum_travel_seconds": 120.0},
    "shift end": {"shift_end_margin_seconds": 1200.0},
    "arrival before shift end": {"arrive_before_shift_end": True},
    "own beat penalty": {"own_beat_penalty_seconds": 300.0},
    "own beat only": {"own_beat_penalty_seconds": np.inf},
    "reserve": {"reserve_per_beat": 1},
    "preemption": {"preemption": MORE_URGENT},
    "preemption and strict priority": {"preemption": MORE_URGENT, "strict_priority": True, "never_hold_priority": 1},
    "any preemption": {"preemption": np.ones((8, 8), bool), "strict_priority": True},
    "hold travel limits": {"hold_travel_seconds": [[0.0, 100.0], [100.0, 200.0], [np.inf, np.inf]]},
}


def decide(area: Area, taken: Snapshot, dispatch: str, rule: dict[str, Any]) -> tuple[EngineOptions, Answer]:
    engine = Engine(area, networks("general"), dispatch_policy=dispatch, compliance_rows=4, **(RULES_OFF | rule))
    session = Session(engine, max(1, len(taken.units)), len(taken.incidents))
    return engine.options, session.decide(taken, tasks=Task.DISPATCH, deadline=None)


def faults(place: Place, options: EngineOptions, taken: Snapshot, answer: Answer) -> Iterator[str]:
    department = Department(place.roads, options, taken)
    yield from broken(department, answer)
    if options.dispatch_policy in ONE_BY_ONE:
        yield from passed_over(department, answer, options.dispatch_policy)


@pytest.mark.parametrize("rule", RULES)
def test_every_policy_keeps_a_rule(rule: str) -> None:
    changed: set[str] = set()
    diverted: set[str] = set()
    for index in range(30):
        place = places()[index % 2]
        taken = snapshot(place.city, np.random.default_rng([41, index]), 10, 8)
        for dispatch in POLICIES:
            options, answer = decide(place.area, taken, dispatch, RULES[rule])
            assert list(faults(place, options, taken, answer)) == [], f"snapshot {index}, {dispatch}"
            if answer.assignments.tobytes() != decide(place.area, taken, dispatch, {})[1].assignments.tobytes():
                changed.add(dispatch)
            if (answer.assignments["diverted_from"] != libpatrol.NO_ID).any():
                diverted.add(dispatch)
    assert bool(changed) == (rule != "none")
    assert diverted == (set(POLICIES) if "preemption" in rule else set())


def test_one_by_one_policies_keep_all_rules_together(tmp_path: Path) -> None:
    for index, instance in enumerate(instances(11, 400, tmp_path)):
        options = vars(instance.engine.options) | {"dispatch_policy": ONE_BY_ONE[index % 4]}
        engine = Engine(instance.place.area, **options)
        answer = Session(engine, 10, 8).decide(instance.snapshot, tasks=Task.DISPATCH, deadline=None)
        found = faults(instance.place, engine.options, instance.snapshot, answer)
        assert list(found) == [], f"instance {index}, {engine.options.dispatch_policy}"


@pytest.mark.parametrize("dispatch", POLICIES)
def test_the_only_unit_is_diverted_to_an_urgent_call(dispatch: str, area: Area) -> None:
    """On its way to a call of priority 3, beside one of priority 1 that has waited longer."""
    units, calls = libpatrol.units(1), libpatrol.incidents(2)
    calls["node"], calls["priority"], calls["seconds_waited"] = [99, 1], [3, 1], [60.0, 90.0]
    calls["weight"], calls["units_assigned"] = [1.0, 50.0], [1, 0]
    units["node"], units["status"], units["incident_id"] = 0, UnitStatus.EN_ROUTE, 0
    _, kept = decide(area, Snapshot(0.0, units, calls), dispatch, {})
    rule = {"preemption": MORE_URGENT, "never_hold_priority": 1}
    _, answer = decide(area, Snapshot(0.0, units, calls), dispatch, rule)
    assert len(kept.assignments) == 0
    assert answer.assignments[["incident_id", "diverted_from"]].tolist() == [(1, 0)]
    assert answer.waits["incident_id"].tolist() == [0]


@pytest.mark.parametrize("dispatch", POLICIES)
def test_an_urgent_call_of_hardly_any_weight_is_served(dispatch: str, area: Area) -> None:
    """Its weight, divided by the time that it takes, is 0 in single precision."""
    units, calls = libpatrol.units(1), libpatrol.incidents(1)
    calls["node"], calls["priority"], calls["weight"] = 99, 1, 1e-45
    _, answer = decide(area, Snapshot(0.0, units, calls), dispatch, {"never_hold_priority": 1})
    assert answer.assignments["incident_id"].tolist() == [0]

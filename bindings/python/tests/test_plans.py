"""Busy units that are planned for calls which no free unit can serve."""

import numpy as np
import pytest

import libpatrol
from benchmarks.policies import networks
from libpatrol import Answer, Area, Engine, Session, Snapshot, UnitStatus, WaitReason
from reference.instances import HEURISTICS, places, snapshot
from reference.rules import Department

POLICIES = (*HEURISTICS, "learned")


def engine(area: Area, dispatch: str, **options: object) -> Engine:
    policy = networks("general") if dispatch == "learned" else None
    return Engine(area, policy, dispatch_policy=dispatch, compliance_rows=4, **options)


def expected(department: Department, emergency: np.ndarray, answer: Answer) -> list[tuple[int, int, float]]:
    """Return unit, call and arrival of each plan, by looking at every busy unit for one call after the other."""
    units, calls = department.units, department.calls
    serving = department.serving(answer)
    sent = set(department.indices(answer.assignments["unit_id"], units["id"]).tolist())
    ready: dict[int, tuple[int, float]] = {}
    for unit in np.flatnonzero((units["status"] >= UnitStatus.EN_ROUTE) | np.isin(np.arange(len(units)), list(sent))):
        call = serving.get(int(unit), int(department.on_call[unit]))
        if unit in sent:
            ready[unit] = (int(calls["node"][call]), float(department.seconds[unit, call] + department.service[call]))
        else:
            node = int(calls["node"][call]) if call >= 0 else int(units["node"][unit])
            ready[unit] = (node, float(units["seconds_until_free"][unit]))
    plans = []
    waits = {int(wait["incident_id"]): wait for wait in answer.waits}
    for call in np.lexsort((-calls["seconds_waited"], calls["priority"])):
        wait = waits.get(int(calls["id"][call]))
        if wait is None or wait["reason"] > WaitReason.UNITS_TAKEN:
            continue
        for _ in range(wait["units_missing"]):
            arrivals = [
                (seconds + float(emergency[node, calls["node"][call]]), unit)
                for unit, (node, seconds) in ready.items()
                if department.options.maximum_travel_seconds >= emergency[node, calls["node"][call]]
                and int(units["capabilities"][unit]) & int(calls["required_capabilities"][call])
                == calls["required_capabilities"][call]
                and (units["priorities"][unit] or 255) >> (calls["priority"][call] - 1) & 1
                and units["seconds_until_shift_end"][unit] - seconds >= department.options.shift_end_margin_seconds
            ]
            if not arrivals:
                break
            seconds, unit = min(arrivals)
            del ready[unit]
            plans.append((int(units["id"][unit]), int(calls["id"][call]), seconds))
    return plans


@pytest.mark.parametrize("dispatch", POLICIES)
def test_plans_are_the_first_arrivals_of_busy_units(dispatch: str) -> None:
    planned = 0
    for index in range(40):
        place, rng = places()[index % 2], np.random.default_rng([8, index])
        now = snapshot(place.city, rng, 10, 12)
        now.incidents["needs"] = 0
        busy = rng.random(len(now.units)) < 0.6
        now.units["status"][busy & (now.units["status"] == UnitStatus.PATROLLING)] = UnitStatus.ON_SCENE
        now.units["seconds_until_free"] = rng.uniform(0, 2000, len(now.units)).astype(np.float32)
        now.units["priorities"] = np.where(rng.random(len(now.units)) < 0.2, 0b0110, 0)
        maker = engine(place.area, dispatch, maximum_travel_seconds=700.0, shift_end_margin_seconds=60.0)
        session = Session(maker, 12, 12)
        answer, plain = session.decide(now, deadline=None, plans=True), session.decide(now, deadline=None)
        assert [a.tobytes() for a in answer[:3]] == [a.tobytes() for a in plain[:3]] and len(plain.plans) == 0
        wanted = expected(Department(place.roads, maker.options, now), place.roads.emergency, answer)
        assert answer.plans[["unit_id", "incident_id"]].tolist() == [plan[:2] for plan in wanted], index
        np.testing.assert_allclose(
            answer.plans["seconds_until_arrival"], [plan[2] for plan in wanted], rtol=1e-5, atol=0.01
        )
        planned += len(wanted)
    assert planned > 40


def test_a_call_that_is_held_by_choice_has_no_plan(area: Area) -> None:
    units, calls = libpatrol.units(2), libpatrol.incidents(1)
    units["node"], calls["node"], calls["priority"] = [0, 1], 50, 3
    units["status"][1], units["seconds_until_free"][1] = UnitStatus.ON_SCENE, 100.0
    session = Session(engine(area, "closest_fcfs", hold_travel_seconds=[[0.0] * area.info.category_count]), 2, 1)
    answer = session.decide(Snapshot(0.0, units, calls), plans=True)
    assert answer.waits["reason"].tolist() == [WaitReason.HELD] and len(answer.plans) == 0
    units["status"][0] = UnitStatus.OFF_DUTY
    answer = session.decide(Snapshot(0.0, units, calls), plans=True)
    assert answer.plans[["unit_id", "incident_id"]].tolist() == [(1, 0)]
    assert answer.plans["seconds_until_arrival"][0] > 100.0


def test_a_plan_is_for_the_need_that_is_left(area: Area) -> None:
    """The free unit fills the need for a medic; then anyone may come next."""
    units, calls = libpatrol.units(2), libpatrol.incidents(1)
    units["node"], units["capabilities"], units["status"] = [0, 1], [1, 0], [UnitStatus.PATROLLING, UnitStatus.ON_SCENE]
    units["seconds_until_free"][1] = 60.0
    calls["node"], calls["units_required"] = 50, 2
    calls["needs"][0, 0] = (1, 1, 0)
    session = Session(engine(area, "priority_closest"), 2, 1)
    assert session.decide(Snapshot(0.0, units, calls), plans=True).plans["unit_id"].tolist() == [1]
    units["capabilities"] = [0, 0]
    answer = session.decide(Snapshot(0.0, units, calls), plans=True)
    assert len(answer.assignments) == 1 and len(answer.plans) == 0


def test_without_dispatch_nothing_is_planned(area: Area) -> None:
    units, calls = libpatrol.units(1), libpatrol.incidents(1)
    units["node"], units["status"], calls["node"] = 0, UnitStatus.ON_SCENE, 50
    session = Session(engine(area, "closest_fcfs"), 1, 1)
    assert len(session.decide(Snapshot(0.0, units, calls), plans=True, tasks=libpatrol.Task.PATROL).plans) == 0
    assert len(session.decide(Snapshot(0.0, units, calls), plans=True).plans) == 1

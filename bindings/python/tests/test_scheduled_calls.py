"""Calls that are scheduled for later, units that may leave a scene, and arrival before the shift ends."""

import numpy as np
import pytest

import libpatrol
from benchmarks.policies import networks
from libpatrol import NO_ID, Area, Engine, Session, Snapshot, Task, UnitStatus, WaitReason
from libpatrol.enums import WhyNot
from reference.instances import HEURISTICS

POLICIES = (*HEURISTICS, "learned")
MORE_URGENT = np.tril(np.ones((8, 8), bool), -1)


def engine(area: Area, dispatch: str, **options: object) -> Engine:
    policy = networks("general") if dispatch == "learned" else None
    return Engine(area, policy, dispatch_policy=dispatch, **options)


def session(area: Area, dispatch: str, **options: object) -> Session:
    return Session(engine(area, dispatch, **options), 4, 4)


def moment(units: int, calls: list[int]) -> Snapshot:
    crew, waiting = libpatrol.units(units), libpatrol.incidents(len(calls))
    crew["node"], waiting["node"], waiting["priority"] = np.arange(units), 50, calls
    return Snapshot(0.0, crew, waiting)


@pytest.mark.parametrize("dispatch", POLICIES)
def test_a_scheduled_call_takes_no_unit_before_its_lead_time(dispatch: str, area: Area) -> None:
    decider = session(area, dispatch, never_hold_priority=8)
    for before, lead, sent in (
        (1800.0, 0.0, 0),
        (1800.0, 1799.0, 0),
        (1800.0, 1800.0, 1),
        (0.0, 0.0, 1),
        (5.0, 900.0, 1),
    ):
        now = moment(2, [1])
        now.incidents["not_before_seconds"], now.incidents["lead_seconds"] = before, lead
        answer = decider.decide(now, deadline=None)
        assert len(answer.assignments) == sent, (before, lead)
        waits = answer.waits[["incident_id", "units_missing", "reason"]].tolist()
        assert waits == ([] if sent else [(0, 1, WaitReason.NOT_YET)])


@pytest.mark.parametrize("dispatch", POLICIES)
def test_a_call_for_later_keeps_no_unit_from_others(dispatch: str, area: Area) -> None:
    """As if it were not there: also for networks, whose features count the calls that wait."""
    decider = session(area, dispatch, never_hold_priority=1, reserve_per_beat=0)
    now = moment(1, [1, 3])
    now.incidents["not_before_seconds"][0] = 60.0
    answer = decider.decide(now, deadline=None)
    now.incidents = now.incidents[1:].copy()
    alone = decider.decide(now, deadline=None)
    assert (
        answer.assignments.tobytes() == alone.assignments.tobytes() and answer.moves.tobytes() == alone.moves.tobytes()
    )
    assert answer.objective == alone.objective


def test_what_is_said_of_a_call_for_later(area: Area) -> None:
    decider = session(area, "closest_fcfs")
    now = moment(1, [1])
    now.incidents["not_before_seconds"] = 60.0
    assert decider.why_not(now, unit_id=0, incident_id=0).reason is WhyNot.NOT_YET
    # A dispatcher may send a unit all the same.
    assert decider.rank_units(now, 0)["unit_id"].tolist() == [0]
    assert len(decider.pairs(now).pairs) == 0


@pytest.mark.parametrize("dispatch", POLICIES)
def test_a_call_for_later_keeps_a_unit_that_is_on_its_way(dispatch: str, area: Area) -> None:
    now = moment(1, [3, 1])
    now.incidents["weight"], now.incidents["seconds_waited"] = [1.0, 50.0], [60.0, 90.0]
    now.incidents["node"] = [99, 1]
    now.units["status"], now.units["incident_id"], now.incidents["units_assigned"][0] = UnitStatus.EN_ROUTE, 0, 1
    decider = session(area, dispatch, preemption=MORE_URGENT)
    assert len(decider.decide(now, deadline=None).assignments) == 1
    now.incidents["not_before_seconds"][0] = 60.0
    assert len(decider.decide(now, deadline=None).assignments) == 0


@pytest.mark.parametrize("dispatch", POLICIES)
def test_a_unit_may_leave_a_scene_by_rule(dispatch: str, area: Area) -> None:
    now = moment(1, [3, 1])
    now.incidents["weight"], now.incidents["seconds_waited"] = [1.0, 50.0], [60.0, 90.0]
    now.units["status"], now.units["incident_id"] = UnitStatus.ON_SCENE, 0
    now.incidents["units_assigned"][0] = now.incidents["units_on_scene"][0] = 1
    decider = session(area, dispatch, preemption=MORE_URGENT)
    assert len(decider.decide(now, deadline=None).assignments) == 0
    assert decider.why_not(now, unit_id=0, incident_id=1).reason is WhyNot.BUSY
    now.units["may_leave_scene"] = 1
    answer = decider.decide(now, deadline=None)
    assert answer.assignments[["incident_id", "diverted_from"]].tolist() == [(1, 0)]
    assert answer.waits["incident_id"].tolist() == [0]
    # From the place of its call, whatever node it is said to stand at; and the unit itself is as it was.
    assert answer.assignments["travel_seconds"].tolist() == [0.0]
    assert now.units["status"].tolist() == [UnitStatus.ON_SCENE]
    assert len(session(area, dispatch).decide(now, deadline=None).assignments) == 0
    now.units["incident_id"] = NO_ID
    assert len(decider.decide(now, deadline=None).assignments) == 0


@pytest.mark.parametrize("dispatch", POLICIES)
def test_a_unit_stays_at_its_scene_where_nothing_is_better(dispatch: str, area: Area) -> None:
    now = moment(2, [3, 1])
    now.units["status"][0], now.units["incident_id"][0], now.units["may_leave_scene"][0] = UnitStatus.ON_SCENE, 0, 1
    now.incidents["units_assigned"][0] = now.incidents["units_on_scene"][0] = 1
    now.units["node"][1] = now.incidents["node"][1] = 7
    answer = session(area, dispatch, preemption=MORE_URGENT).decide(now, deadline=None)
    assert answer.assignments[["unit_id", "diverted_from"]].tolist() == [(1, NO_ID)] and len(answer.waits) == 0


@pytest.mark.parametrize("dispatch", POLICIES)
def test_units_arrive_before_their_shift_ends(dispatch: str, area: Area) -> None:
    now = moment(1, [1])
    now.travel_seconds = np.array([[200.0]])
    for left, margin, sent in (
        (199.0, 0.0, 0),
        (200.0, 0.0, 1),
        (299.0, 100.0, 0),
        (300.0, 100.0, 1),
        (np.inf, 1e9, 1),
    ):
        now.units["seconds_until_shift_end"] = left
        options = {"shift_end_margin_seconds": margin}
        on = session(area, dispatch, arrive_before_shift_end=True, **options)
        assert len(on.decide(now, deadline=None).assignments) == sent, (left, margin)
        assert len(session(area, dispatch, **options).decide(now, deadline=None).assignments) == 1
        assert on.why_not(now, 0, 0).reason is (WhyNot.ASSIGNED if sent else WhyNot.SHIFT_END)


def test_engines_with_the_rule_are_others(area: Area) -> None:
    """A record made without it is not replayed with it."""
    now = moment(1, [1])
    plain, with_rule = (engine(area, "closest_fcfs", arrive_before_shift_end=on) for on in (False, True))
    record = plain.record(now, Session(plain, 1, 1).decide(now, tasks=Task.DISPATCH), tasks=Task.DISPATCH)
    with pytest.raises(libpatrol.PatrolError, match="other engine options"):
        with_rule.replay(record)


def test_records_keep_what_is_scheduled(area: Area) -> None:
    maker, now = engine(area, "learned", preemption=MORE_URGENT), moment(2, [3, 1, 2])
    now.units["status"][0], now.units["incident_id"][0], now.units["may_leave_scene"][0] = UnitStatus.ON_SCENE, 0, 1
    now.incidents["units_assigned"][0] = now.incidents["units_on_scene"][0] = 1
    now.incidents["not_before_seconds"][2] = 600.0
    answer = Session(maker, 2, 3).decide(now, deadline=None)
    again = maker.replay(maker.record(now, answer, deadline=None))
    assert (
        again.assignments.tobytes() == answer.assignments.tobytes() and again.waits.tobytes() == answer.waits.tobytes()
    )

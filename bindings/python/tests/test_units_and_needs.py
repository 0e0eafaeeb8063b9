"""Units that serve calls of some priorities only, and which need of a call each unit fills."""

from pathlib import Path

import numpy as np
import pytest

import libpatrol
from benchmarks.policies import networks
from libpatrol import (
    NO_ID,
    Area,
    Engine,
    PatrolError,
    Session,
    Snapshot,
    Status,
    Task,
    UnitStatus,
    WaitReason,
    audit,
)
from libpatrol.enums import WhyNot
from reference.broken_rules import broken
from reference.instances import HEURISTICS, instances
from reference.rules import Department

POLICIES = (*HEURISTICS, "learned")


def engine(area: Area, dispatch: str, **options: object) -> Engine:
    policy = networks("general") if dispatch == "learned" else None
    return Engine(area, policy, dispatch_policy=dispatch, **options)


def session(area: Area, dispatch: str, **options: object) -> Session:
    return Session(engine(area, dispatch, **options), 4, 4)


def moment(priorities: list[int], calls: list[int]) -> Snapshot:
    units, waiting = libpatrol.units(len(priorities)), libpatrol.incidents(len(calls))
    units["node"], units["priorities"] = np.arange(len(priorities)), priorities
    waiting["node"], waiting["priority"] = 50, calls
    return Snapshot(0.0, units, waiting)


@pytest.mark.parametrize("dispatch", POLICIES)
def test_a_unit_serves_its_priorities(dispatch: str, area: Area) -> None:
    decider = session(area, dispatch)
    for priorities, call, unit in (
        ([0b0110, 0b0001], 1, 1),
        ([0b1001, 0b0001], 1, 0),
        ([128, 127], 8, 0),
        ([0, 255], 5, 0),
    ):
        answer = decider.decide(moment(priorities, [call]), deadline=None)
        assert answer.assignments["unit_id"].tolist() == [unit], (priorities, call)
    answer = decider.decide(moment([0b0010, 0b0100], [1, 4]), deadline=None)
    assert len(answer.assignments) == 0
    assert answer.waits["reason"].tolist() == [WaitReason.NO_ELIGIBLE_UNIT] * 2


def test_the_reason_is_the_priority(area: Area) -> None:
    decider = session(area, "closest_fcfs")
    now = moment([0b0010, 0], [1])
    assert decider.why_not(now, unit_id=0, incident_id=0).reason is WhyNot.PRIORITIES
    assert [row["unit_id"] for row in decider.rank_units(now, 0)] == [1]


@pytest.mark.parametrize("dispatch", POLICIES)
def test_a_unit_may_continue_to_any_call(dispatch: str, area: Area) -> None:
    now = moment([0b0001, 0], [3, 1])
    now.units["status"][0], now.units["incident_id"][0] = UnitStatus.EN_ROUTE, 0
    now.units["status"][1] = UnitStatus.OFF_DUTY
    now.incidents["units_assigned"][0] = 1
    now.incidents["weight"], now.incidents["seconds_waited"] = [1.0, 50.0], [60.0, 90.0]
    now.incidents["node"] = [99, 1]
    preemption = np.zeros((8, 8), bool)
    preemption[2, 1] = True
    assert len(session(area, dispatch, preemption=preemption).decide(now, deadline=None).assignments) == 0
    preemption[2, 0] = True
    answer = session(area, dispatch, preemption=preemption).decide(now, deadline=None)
    assert answer.assignments[["incident_id", "diverted_from"]].tolist() == [(1, 0)]


@pytest.mark.parametrize("dispatch", POLICIES)
def test_each_unit_says_which_need_it_fills(dispatch: str, area: Area) -> None:
    now = moment([0, 0, 0, 0], [1])
    now.units["capabilities"] = [0b01, 0b10, 0b00, 0b11]
    now.incidents["units_required"], now.incidents["units_assigned"] = 4, 1
    now.incidents["needs"][0, 1] = (0b10, 1, 0)
    now.incidents["needs"][0, 2] = (0b11, 2, 1)
    answer = session(area, dispatch).decide(now, deadline=None)
    found = dict(answer.assignments[["unit_id", "need"]].tolist())
    assert found[3] == 2 and found[1] == 1 and len(found) == 3
    assert found.get(0, -1) == found.get(2, -1) == -1


def test_needs_are_filled_by_units_that_can(tmp_path: Path) -> None:
    """Of random decisions, whose rules see wrong needs."""
    filled, wrong = 0, 0
    for instance in instances(31, 250, tmp_path):
        answer = Session(instance.engine, 10, 8).decide(instance.snapshot, tasks=Task.DISPATCH, deadline=None)
        filled += int((answer.assignments["need"] >= 0).sum())
        department = Department(instance.place.roads, instance.engine.options, instance.snapshot)
        assert list(broken(department, answer)) == []
        other = answer._replace(assignments=answer.assignments.copy())
        other.assignments["need"] = (other.assignments["need"] + 2) % 5 - 1
        wrong += any("need" in fault for fault in broken(department, other))
    assert filled > 30 and wrong > 30


def test_a_ninth_priority_is_refused(area: Area) -> None:
    with pytest.raises(PatrolError, match=r"units\[0\].priorities is 256, expected 0 to 255") as caught:
        session(area, "closest_fcfs").decide(moment([256], [1]), bad_rows=libpatrol.enums.BadRows.REFUSE)
    assert caught.value.status is Status.INVALID_ARGUMENT


def test_records_keep_priorities(area: Area) -> None:
    maker, now = engine(area, "closest_fcfs"), moment([2, 1], [1])
    decider = Session(maker, 4, 4)
    answer = decider.decide(now)
    record = maker.record(now, answer)
    assert audit.record_info(record).format == 4
    assert maker.replay(record).assignments.tobytes() == answer.assignments.tobytes()
    assert answer.assignments["diverted_from"].tolist() == [NO_ID]
    now.units["priorities"] = 0
    assert audit.record_info(maker.record(now, decider.decide(now))).format == 2

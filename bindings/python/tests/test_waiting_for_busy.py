"""Calls that wait for a busy unit which is expected there before every free one, in decisions and in simulations."""

import json

import numpy as np
import pytest
from serving import OPEN_END, as_snapshot, served

import libpatrol
from libpatrol import (
    Answer,
    Area,
    Engine,
    PatrolError,
    Policy,
    Scenario,
    Session,
    Simulation,
    Snapshot,
    Trainer,
    UnitStatus,
    WaitReason,
    audit,
)
from libpatrol.enums import Due, SolverStatus, WhyNot
from libpatrol.scenario.description import parse_scenario
from reference.instances import HEURISTICS

POLICIES = (*HEURISTICS, "learned")


def engine(area: Area, dispatch: str = "minimum_weighted_travel", **options: object) -> Engine:
    policy = Policy.bundled() if dispatch == "learned" else None
    return Engine(area, policy, dispatch_policy=dispatch, compliance_rows=4, **options)


def session(area: Area, *dispatch: str, **options: object) -> Session:
    return Session(engine(area, *dispatch, **options), 2, 1)


def moment(left: float, late: float, priority: int = 3) -> Snapshot:
    """Return a call that a free unit reaches after 500 s, and a busy one that is at its place."""
    units, calls = libpatrol.units(2), libpatrol.incidents(1)
    units["node"], calls["node"], calls["priority"] = [0, 50], 50, priority
    units["status"][1], units["seconds_until_free"][1], units["late_seconds_until_free"][1] = (
        UnitStatus.ON_SCENE,
        left,
        late,
    )
    return Snapshot(0.0, units, calls, travel_seconds=np.array([[500.0], [np.nan]]))


def is_planned(answer: Answer) -> bool:
    """Return whether the call waits for the busy unit. If not, heuristics send the free one; networks may hold it."""
    reasons = answer.waits["reason"].tolist()
    assert reasons in ([], [WaitReason.PLANNED], [WaitReason.HELD])
    assert answer.assignments["unit_id"].tolist() == ([] if reasons else [0])
    assert WaitReason.HELD not in reasons or answer.solver_status is not SolverStatus.HEURISTIC
    return reasons == [WaitReason.PLANNED]


@pytest.mark.parametrize("dispatch", POLICIES)
def test_a_call_waits_for_a_unit_that_is_about_to_be_free(dispatch: str, area: Area) -> None:
    decider, now = session(area, dispatch, plan_margin=1.0), moment(30.0, 40.0)
    answer = decider.decide(now, deadline=None, plans=True)
    assert len(answer.assignments) == 0
    assert answer.waits[["incident_id", "units_missing", "reason"]].tolist() == [(0, 1, WaitReason.PLANNED)]
    assert answer.plans.tolist() == [(1, 0, 30.0, 40.0)]
    assert decider.why_not(now, unit_id=0, incident_id=0).reason is WhyNot.PLANNED
    assert decider.rank_units(now, 0)["unit_id"].tolist() == [0]
    # Too late nine times in ten, or a call that is never held.
    for other in (moment(30.0, 600.0), moment(30.0, 40.0, priority=1)):
        assert not is_planned(decider.decide(other, deadline=None))
    assert not is_planned(session(area, dispatch).decide(now, deadline=None))


@pytest.mark.parametrize("dispatch", POLICIES)
def test_the_margin_is_the_way_from_what_is_expected_to_what_is_late(dispatch: str, area: Area) -> None:
    for margin, waits in ((0.0, True), (0.49, True), (0.51, False), (2.0, False), (np.inf, False)):
        answer = session(area, dispatch, plan_margin=margin).decide(moment(300.0, 700.0), deadline=None)
        assert is_planned(answer) == waits, margin


def test_a_late_time_that_is_not_given_is_that_of_an_exponential_one(area: Area) -> None:
    decider = session(area)
    for left, late, arrivals in ((100.0, 0.0, (100.0, 230.2585)), (100.0, 60.0, (100.0, 100.0))):
        now = moment(left, late)
        now.units["status"][0] = UnitStatus.OFF_DUTY
        plan = decider.decide(now, deadline=None, plans=True).plans[0]
        assert plan["seconds_until_arrival"] == arrivals[0]
        assert plan["late_seconds_until_arrival"] == pytest.approx(arrivals[1], rel=1e-6)


def test_records_hold_what_was_known_and_say_why(area: Area) -> None:
    decider, now = engine(area, plan_margin=1.0), moment(30.0, 40.0)
    record = decider.record(now, Session(decider, 2, 1).decide(now, deadline=None), deadline=None)
    assert decider.replay(record).waits["reason"].tolist() == [WaitReason.PLANNED]
    text = json.loads(audit.to_json(record, decider))
    assert text["rules"]["plan_margin"] == 1.0 and text["answer"]["waits"][0]["reason"] == "PLANNED"
    assert [unit["late_seconds_until_free"] for unit in text["units"]] == [0, 40]
    with pytest.raises(PatrolError, match="other engine options"):
        engine(area, plan_margin=0.5).replay(record)


def test_records_that_do_not_use_it_have_the_bytes_that_they_had(area: Area) -> None:
    decider = engine(area)

    def record(now: Snapshot) -> bytes:
        return decider.record(now, Session(decider, 2, 1).decide(now, deadline=None), deadline=None)

    plain = record(moment(30.0, 0.0))
    assert chr(plain[7]) == "2"
    grown = moment(30.0, 0.0)
    grown.units["priorities"] = 255
    # 48 + 64 + 56 + 16 bytes, the chain's 32, and then the bytes of each unit.
    before, after = record(grown), record(moment(30.0, 40.0))
    assert [chr(bytes_[7]) for bytes_ in (before, after)] == ["4", "4"]
    assert [int.from_bytes(bytes_[216:224], "little") for bytes_ in (before, after)] == [88, 96]
    assert len(after) - len(before) == 16


def test_a_process_answers_with_plans_where_it_is_asked(area_file: object, schemas: dict) -> None:
    area = Area.load(area_file)
    decider, now = Engine(area, plan_margin=1.0), moment(30.0, 40.0)
    made = decider.record(now, Session(decider, 2, 1).decide(now, deadline=None), deadline=None)
    record = json.loads(audit.to_json(made, decider))
    with served() as client:
        assert client.ask(kind="load", area=str(area_file), options=record["rules"])["status"] == "OK"
        for plans in (True, False):
            request = {"kind": "decide", "snapshot": as_snapshot(record), "options": OPEN_END, "plans": plans}
            schemas["request"].validate(request)
            answer = client.ask(request)
            schemas["answer"].validate(answer)
            assert answer["answer"] == record["answer"] and answer["answer"]["waits"][0]["reason"] == "PLANNED"
            expected = {
                "unit_id": 1,
                "incident_id": 0,
                "seconds_until_arrival": 30.0,
                "late_seconds_until_arrival": 40.0,
            }
            assert answer.get("plans") == ([expected] if plans else None)


SCENARIO = """
format = "libpatrol scenario"
format_version = 1
description = "Calls that take about twenty minutes"
default_load = "medium"

[loads]
medium = 0.6

[city]
generator = "irregular"
nodes = 49
beats = 2

[demand]
hotspots = [[0.5, 0.5]]

[fleet]
units = 6
{fleet}

[[categories]]
name = "call"
priority = 2
service = "gamma"
service_mean_seconds = 1200
service_variation = 0.1
"""


def told(fleet: str = "knows_time_left = true") -> Scenario:
    return Scenario.load(parse_scenario(SCENARIO.format(fleet=fleet), "own"))


def events(scenario: Scenario, **options: object) -> bytes:
    engine = scenario.engine(patrol_policy="marginal_coverage", dispatch_policy="closest_fcfs", **options)
    with Simulation(scenario, engine, seed=3, event_capacity=1 << 18) as simulation:
        simulation.run(hours=48)
        return simulation.read_events(1 << 18).tobytes()


def test_off_a_scenario_is_the_one_that_it_was() -> None:
    plain = told("compliance = 1.0")
    assert plain.content_hash == told("knows_time_left = false\nnotice_seconds = 0.0").content_hash
    assert plain.content_hash != told().content_hash
    # A heuristic does not ask when busy units will be free, unless calls wait for them.
    assert events(plain) == events(told())
    waiting = events(told(), plan_margin=1.0)
    assert waiting != events(plain) and waiting == events(told(), plan_margin=1.0)


def test_a_simulation_tells_what_its_distribution_says_and_no_more() -> None:
    scenario = told("knows_time_left = true\nnotice_seconds = 120.0")
    engine = scenario.engine(patrol_policy="stay", dispatch_policy="closest_fcfs")
    ahead: list[tuple[float, float]] = []
    planned = 0
    with Simulation(scenario, engine, seed=3) as simulation:
        while simulation.step(24 * 3600.0) is not Due.NOTHING:
            units = simulation.snapshot().snapshot.units
            busy = units[units["status"] == UnitStatus.ON_SCENE]
            ahead += busy[["seconds_until_free", "late_seconds_until_free"]].tolist()
            planned += len(busy)
            assert not np.isnan(busy["seconds_until_free"]).any()
            free = units[units["status"] == UnitStatus.PATROLLING]
            assert np.isnan(free["seconds_until_free"]).all() and not free["late_seconds_until_free"].any()
            simulation.decide()
    left, late = np.array(ahead).T
    # Sure in the last two minutes, and only then.
    assert ((left == late) == (left < 120)).mean() > 0.97
    assert planned > 500 and left.max() < 1300 and (late >= left).all()


def test_a_notice_needs_time_that_is_known() -> None:
    with pytest.raises(PatrolError, match=r"notice_seconds is 60.*knows_time_left"):
        told("notice_seconds = 60.0")


def test_a_trainer_trains_with_it() -> None:
    """Its costs are those of simulations in which calls wait for busy units."""
    costs = []
    for margin in (np.inf, 0.0):
        scenario = told()
        engine = scenario.engine(plan_margin=margin)
        trainer = Trainer(
            scenario,
            engine,
            seed=1,
            validations=2,
            validation_seconds=8 * 3600.0,
            heuristic_patrols=["marginal_coverage"],
            heuristic_dispatches=["closest_fcfs"],
        )
        costs.append(next(progress.best_cost for progress in trainer if progress.outcomes > 0))
    assert costs[0] != costs[1]

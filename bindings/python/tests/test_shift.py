"""A recorded shift: what it shows is what the simulation did, and it shows nothing that it must not."""

import dataclasses
import json
from itertools import pairwise

import numpy as np
import pytest

from benchmarks import DATA
from libpatrol import Area, MoveReason, Scenario, WaitReason
from libpatrol.city.reporting.recording import record_shift
from libpatrol.city.reporting.shift import FREE, OFF_DUTY, ON_SCENE, SENT, Moved, Sent, Shift, Waits
from libpatrol.city.reporting.tracks import Track
from libpatrol.lab.simulation import Simulation
from libpatrol.scenario.arrays import SHIFT_DTYPE, logged_calls, structured
from libpatrol.scenario.details import ScenarioDetails
from libpatrol.studies.pairs import PolicyPair
from libpatrol.synthetic.roads import roads_from_jemss

pytest.importorskip("matplotlib", reason="the extra `plot` is not installed")

from libpatrol.city.reporting.shift_content import MOVE_REASONS, WAIT_REASONS, Names, shift_content


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return Scenario.load("hotspots-heavy")


@pytest.fixture(scope="module")
def shift(scenario: Scenario) -> Shift:
    return record_shift(scenario, PolicyPair.parse("dmexclp+minimum_weighted_travel").engine(scenario), hours=6, seed=1)


def test_units_drive_along_streets_and_forward_in_time(scenario: Scenario, shift: Shift) -> None:
    streets = {tuple(edge) for edge in scenario.area.arrays.edges.tolist()}
    steps = [(a, b) for unit in shift.units for a, b in zip(unit.track.points, unit.track.points[1:], strict=False)]
    assert len(steps) > 300
    assert all(a[0] <= b[0] for a, b in steps)
    assert {(a[1], b[1]) for a, b in steps if a[1] != b[1]} <= streets


def test_units_are_at_the_call_when_they_reach_it(shift: Shift) -> None:
    reached = 0
    for call in shift.calls:
        for unit, _, scene in call.units:
            if scene is not None:
                before = [node for time, node in shift.units[unit].track.points if time <= scene]
                assert before[-1] == call.node
                reached += 1
    assert reached > 50


def test_states_follow_each_other(shift: Shift) -> None:
    for unit in shift.units:
        states = [state for _, state, _ in unit.states]
        for before, after in pairwise(states):
            assert after != ON_SCENE or before == SENT
            assert after != SENT or before in (FREE, SENT)


def test_the_calls_are_those_of_the_simulation(scenario: Scenario, shift: Shift) -> None:
    arrays = scenario.arrays.fields() | {"start_seconds": shift.start_seconds - 4 * 3600, "warm_up_seconds": 4 * 3600}
    same = Scenario(scenario.area, scenario.details, **arrays)
    engine = PolicyPair.parse("dmexclp+minimum_weighted_travel").engine(scenario)
    with Simulation(same, engine, seed=1) as simulation:
        simulation.run(until_seconds=shift.end_seconds)
        metrics = simulation.metrics()
    came = [call for call in shift.calls if call.came >= shift.start_seconds]
    assert len(came) == metrics.calls
    waits = [call.reached - call.came for call in came if call.reached is not None]
    assert np.mean(waits) == pytest.approx(metrics.response.mean, rel=1e-6)


def test_every_decision_has_a_reason(shift: Shift) -> None:
    kinds = {type(row) for row in shift.decisions}
    assert kinds == {Sent, Waits, Moved}
    for row in shift.decisions:
        if isinstance(row, Waits):
            assert WaitReason(row.reason) in WAIT_REASONS and row.missing >= 1
        elif isinstance(row, Moved):
            assert MoveReason(row.reason) in MOVE_REASONS
        else:
            assert row.other != row.unit and (row.other_seconds is None) == (row.other < 0)
    times = [row.seconds for row in shift.decisions]
    assert times == sorted(times) and times[0] >= shift.start_seconds


def test_sensitive_calls_have_no_type(scenario: Scenario) -> None:
    shift = record_shift(scenario, scenario.engine(), hours=2, sensitive={0})
    assert {call.category for call in shift.calls} == {-1, 1}


def test_real_calls_are_shown_only_within_the_department(scenario: Scenario) -> None:
    rows = logged_calls(1)
    rows["time_seconds"], rows["node"] = 60.0, 5
    log = Scenario(scenario.area, scenario.details, unit_count=2, calls=rows)
    with pytest.raises(ValueError, match="only with --internal"):
        record_shift(log, log.engine(), hours=1)
    shift = record_shift(log, log.engine(), start_hour=0, hours=1, internal=True)
    assert [call.node for call in shift.calls] == [5]


def test_shifts_bring_units_in_and_out(scenario: Scenario) -> None:
    shifts = structured(SHIFT_DTYPE, [{"unit": 1, "start_hour": 9, "end_hour": 12}])
    staffed = Scenario(scenario.area, scenario.details, **scenario.arrays.fields() | {"shifts": shifts})
    states = record_shift(staffed, staffed.engine(), start_hour=8, hours=5).units[1].states
    hours = [(seconds / 3600 % 24, state) for seconds, state, _ in states]
    assert hours[0][1] == OFF_DUTY and hours[1] == (9.0, FREE)
    assert hours[-1][1] == OFF_DUTY and hours[-1][0] >= 12


def test_content_is_json_with_times_from_the_start(scenario: Scenario, shift: Shift) -> None:
    names = Names(
        strategy="x", units=[f"unit {k}" for k in range(5)], categories=["urgent", "routine"], beats=["b"] * 5
    )
    content = json.loads(json.dumps(shift_content(shift, scenario.area.arrays, names), allow_nan=False))
    assert content["seconds"] == 6 * 3600
    assert len(content["calls"]) == len(shift.calls) and len(content["units"]) == 5
    assert all(0 <= row[0] <= content["seconds"] for row in content["decisions"])
    way = content["units"][0]["way"]
    assert sum(way[::2]) >= content["seconds"] - 1800 and max(way[1::2]) < scenario.area.info.node_count


@pytest.mark.long
@pytest.mark.skipif(not (DATA / "manhattan_roads").exists(), reason="manhattan_roads is not in the test data")
def test_ten_hours_of_forty_units_on_real_roads_are_small(rng: np.random.Generator) -> None:
    """The whole page may have 5 MB; pictures and tables take about one of them."""
    city = roads_from_jemss(DATA / "manhattan_roads")
    nodes = np.sort(rng.choice(city.node_count, 200, replace=False))
    city = dataclasses.replace(
        city,
        demand_nodes=nodes,
        demand_calls_per_hour=np.full((200, 1, 1), 40 * 0.5 / 200 * 2),
        category_service_seconds=[1800],
        category_weights=[1],
    )
    scenario = Scenario(Area.from_arrays(**city), ScenarioDetails(name="m", category_names=("calls",)), unit_count=40)
    shift = record_shift(scenario, PolicyPair.parse("dmexclp+minimum_weighted_travel").engine(scenario), hours=10)
    names = Names(strategy="x", units=[f"unit {k}" for k in range(40)], categories=["calls"], beats=[])
    content = json.dumps(shift_content(shift, city, names), separators=(",", ":"))
    assert len(shift.calls) > 300 and len(shift.decisions) > 1000
    assert len(content) < 4_000_000


def test_a_diverted_unit_finishes_its_edge() -> None:
    track = Track(0, 1)
    track.drive(0, 1, 0, [1, 2, 3], [0, 60, 120])
    track.drive(30, 2, 20, [2, 5], [0, 40])
    assert track.points == [(0, 1), (50, 2), (90, 5)]
    assert track.between(60, 70) == [(50, 2), (90, 5)]

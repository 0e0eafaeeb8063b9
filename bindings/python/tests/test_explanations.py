"""Explanations and rankings: every number by another way."""

import copy
import pickle
from pathlib import Path

import numpy as np
import pytest

import libpatrol
from benchmarks.policies import networks
from libpatrol import NO_ID, Area, AreaArrays, Engine, PatrolError, Policy, Session, Snapshot, Status, Task
from libpatrol.explanations import EXPLANATION_DTYPE
from libpatrol.files import write_policy
from reference.instances import Instance, instances, minute
from reference.networks import value_network, value_outputs
from reference.rules import RULES_OFF


def session_of(instance: Instance) -> Session:
    return Session(instance.engine, 10, 8)


def test_the_loss_is_that_of_a_decision_without_the_pair(tmp_path: Path) -> None:
    """A host forbids the pair by calling it unreachable; a value network alone sees nothing else change."""
    explained = 0
    for instance in instances(21, 300, tmp_path):
        snapshot, session = instance.snapshot, session_of(instance)
        snapshot.substitutes = None  # for lack of the pair, the call might go by another one
        found = session.explain(snapshot, deadline=None, relative_gap=0.0)
        answer = session.decide(snapshot, tasks=Task.DISPATCH, deadline=None, relative_gap=0.0)
        assert found[["unit_id", "incident_id"]].tolist() == answer.assignments[["unit_id", "incident_id"]].tolist()
        assert found["reward"].tolist() == answer.assignments["reward"].tolist()
        if instance.value is None or b"pair" in (tmp_path / "policy").read_bytes()[:2000]:
            continue
        for explanation in found:
            unit = snapshot.units["id"] == explanation["unit_id"]
            call = snapshot.incidents["id"] == explanation["incident_id"]
            host = snapshot.travel_seconds
            seconds = np.full((len(unit), len(call)), np.nan) if host is None else host.copy()
            seconds[np.ix_(unit, call)] = np.inf
            other = copy.copy(snapshot)
            other.travel_seconds = seconds
            without = session.decide(other, tasks=Task.DISPATCH, deadline=None, relative_gap=0.0)
            scale = 1e-9 * max(1.0, abs(answer.objective))
            assert explanation["objective_loss"] == pytest.approx(answer.objective - without.objective, abs=scale)
            explained += 1
    assert explained > 40


@pytest.mark.parametrize("dispatch", ["learned", "minimum_weighted_travel", "closest_fcfs", "priority_closest"])
def test_without_rules_no_loss_is_negative(dispatch: str, tmp_path: Path) -> None:
    """`own_beat_first` may pass over a nearer unit, `weighted_index` serve the call at another turn."""
    explained = 0
    for instance in instances(23, 300, tmp_path):
        if dispatch == "learned" and instance.kind == "none":
            continue
        policy = Policy.load(tmp_path / "policy") if dispatch == "learned" else None
        engine = Engine(instance.place.area, policy, dispatch_policy=dispatch, compliance_rows=4, **RULES_OFF)
        session = Session(engine, 10, 8)
        answer = session.decide(instance.snapshot, tasks=Task.DISPATCH, deadline=None, relative_gap=0.0)
        found = session.explain(instance.snapshot, deadline=None, relative_gap=0.0)
        explained += len(found)
        assert (found["objective_loss"] >= -1e-6 * max(1.0, abs(answer.objective))).all()
    assert explained > 200


def test_losses_of_minimum_weighted_travel(area: Area) -> None:
    """Of two units one can be replaced, at so many weighted seconds; with fewer units than calls nobody can."""
    session = Session(Engine(area, dispatch_policy="minimum_weighted_travel"), 2, 2)
    units, calls = libpatrol.units(2), libpatrol.incidents(1)
    calls["node"], calls["weight"] = 50, 3.0
    host = np.array([[100.0], [160.0]])
    found = session.explain(Snapshot(0.0, units, calls, travel_seconds=host))
    assert found[["unit_id", "runner_up_unit_id", "objective_loss"]].tolist() == [(0, 1, 180.0)]
    found = session.explain(Snapshot(0.0, units[:1], calls, travel_seconds=host[:1]))
    assert found["objective_loss"].tolist() == [np.inf] and found["runner_up_unit_id"].tolist() == [NO_ID]
    calls = libpatrol.incidents(2)
    calls["node"], calls["weight"] = 50, [3.0, 2.0]
    found = session.explain(Snapshot(0.0, units[:1], calls, travel_seconds=np.array([[100.0, 40.0]])))
    # The other call instead, where each that is left out counts 200 s: 3 x 200 + 2 x 40 against 3 x 100 + 2 x 200.
    assert found[["incident_id", "objective_loss"]].tolist() == [(1, 20.0)]


@pytest.mark.parametrize("dispatch", ["minimum_weighted_travel", "closest_fcfs", "weighted_index", "learned"])
def test_explanations_and_rankings_agree(dispatch: str, city: AreaArrays, area: Area) -> None:
    policy = networks("general") if dispatch == "learned" else None
    rules = {"own_beat_penalty_seconds": 60.0}
    session = Session(Engine(area, policy, dispatch_policy=dispatch, **rules), 4, 1)
    rng = np.random.default_rng(6)
    for _ in range(10):
        units, calls = libpatrol.units(4), libpatrol.incidents(1)
        units["node"], calls["node"] = rng.integers(100, size=4), rng.integers(100)
        units["home_beat"] = city.node_beats[units["node"].astype(int)]
        explained = session.explain(Snapshot(0.0, units, calls))[0]
        ranked = session.rank_units(Snapshot(0.0, units, calls), 0)
        worth = ranked["worth"][ranked["unit_id"] == explained["unit_id"]][0]
        assert explained["reward"] + explained["value_change"] == pytest.approx(worth, rel=1e-9, abs=1e-9)


def test_runners_up_serve_the_call_instead(tmp_path: Path) -> None:
    seen = 0
    for instance in instances(22, 100, tmp_path):
        for explanation in session_of(instance).explain(instance.snapshot, deadline=None):
            if explanation["runner_up_unit_id"] == NO_ID:
                assert np.isnan(explanation["runner_up_travel_seconds"])
                continue
            seen += 1
            assert explanation["runner_up_unit_id"] != explanation["unit_id"]
            pairs = session_of(instance).pairs(instance.snapshot).pairs
            unit = instance.snapshot.units["id"][pairs["unit"]] == explanation["runner_up_unit_id"]
            call = instance.snapshot.incidents["id"][pairs["incident"]] == explanation["incident_id"]
            assert pairs["travel_seconds"][unit & call].tolist() == [explanation["runner_up_travel_seconds"]]
    assert seen > 30


def test_nobody_prints_in_words(city: AreaArrays, area: Area) -> None:
    """NO_ID, which is 18446744073709551615, stays in the field alone."""
    units, calls = libpatrol.units(2), libpatrol.incidents(1)
    units["node"], calls["node"] = [0, 50], 3
    session = Session(Engine(area), 2, 1)
    (known,) = session.explain(Snapshot(0.0, units, calls))
    assert known.runner_up_unit_id == known["runner_up_unit_id"] == 1
    units["status"][1] = libpatrol.UnitStatus.OFF_DUTY
    found = session.explain(Snapshot(0.0, units, calls))
    (alone,) = found
    assert alone.runner_up_unit_id is None and alone["runner_up_unit_id"] == NO_ID
    assert alone.objective_loss == found["objective_loss"][0]
    for wording in (str(found), repr(found), str(alone), f"{alone}", repr([alone])):
        assert "instead nobody" in wording and "weighted seconds" in wording and str(NO_ID) not in wording
    assert "instead unit 1" in str(known)
    for other in (pickle.loads(pickle.dumps(found)), copy.deepcopy(found), found[:1]):
        assert str(other) == str(found) and other.dtype == EXPLANATION_DTYPE
    assert str(found[["unit_id"]]) == "[(0,)]" and len(str(found[:0])) == 0


def test_units_are_ranked_by_what_they_are_worth_alone(city: AreaArrays, area: Area, tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    value = value_network(rng, 12, 0, 0.0)
    write_policy(tmp_path / "policy", value=value)
    session = Session(Engine(area, Policy.load(tmp_path / "policy")), 9, 2)
    units, calls = libpatrol.units(9), libpatrol.incidents(2)
    units["node"], calls["node"] = rng.integers(100, size=9), [40, 60]
    snapshot = Snapshot(0.0, units, calls)
    found = session.pairs(snapshot)
    alone = found.state + found.deltas[found.pairs["incident"] == 1]
    change = minute(city) * (value_outputs(value, alone) - value_outputs(value, found.state[None]))
    worth = found.pairs["reward"][found.pairs["incident"] == 1] + change
    ranked = session.rank_units(snapshot, 1)
    np.testing.assert_array_equal(ranked["unit_id"], np.argsort(-worth, kind="stable"))
    np.testing.assert_allclose(ranked["worth"], np.sort(worth)[::-1], rtol=1e-4, atol=1e-2)
    assert session.rank_units(snapshot, 1, 3).tolist() == ranked[:3].tolist()
    assert len(session.rank_units(snapshot, 1, 0)) == 0


def test_questions_that_are_cancelled_have_no_answer(area: Area) -> None:
    session = Session(Engine(area, networks("general")), 9, 2)
    units, calls = libpatrol.units(9), libpatrol.incidents(2)
    units["node"], calls["node"] = np.arange(9), [40, 60]
    snapshot = Snapshot(0.0, units, calls)
    questions = [
        lambda **options: session.candidates(snapshot, 1, **options).moves.tolist(),
        lambda **options: session.pairs(snapshot, **options).pairs.tolist(),
        lambda **options: session.rank_units(snapshot, 1, **options).tolist(),
        lambda **options: session.program(snapshot, **options),
    ]
    for question in questions:
        whole = question()
        assert question(deadline=3600.0, cancel=np.zeros(1, np.int32)) == whole
        with pytest.raises(PatrolError, match="before it had an answer") as refused:
            question(cancel=np.ones(1, np.int32))
        assert refused.value.status is Status.NO_TIME
        assert question() == whole


def test_a_single_assignment_is_explained_in_full(city: AreaArrays, area: Area, tmp_path: Path) -> None:
    write_policy(tmp_path / "policy", value=value_network(np.random.default_rng(4), 8, 1, -1.0))
    session = Session(Engine(area, Policy.load(tmp_path / "policy")), 2, 1)
    units, calls = libpatrol.units(2), libpatrol.incidents(1)
    units["node"], calls["node"] = [10, 90], 12
    snapshot = Snapshot(0.0, units, calls)
    answer = session.decide(snapshot, tasks=Task.DISPATCH)
    explanation = session.explain(snapshot)[0]
    ranked = session.rank_units(snapshot, 0)
    chosen = ranked[ranked["unit_id"] == explanation["unit_id"]][0]
    assert explanation["reward"] + explanation["value_change"] == pytest.approx(chosen["worth"])
    assert explanation["objective_loss"] == pytest.approx(abs(ranked["worth"][0] - ranked["worth"][1]))
    assert explanation["runner_up_unit_id"] == 1 - explanation["unit_id"]
    assert explanation["travel_seconds"] == answer.assignments["travel_seconds"][0]


def test_wrong_calls(area: Area) -> None:
    session = Session(Engine(area), 1, 2)
    units, calls = libpatrol.units(1), libpatrol.incidents(2)
    units["node"], calls["node"], calls["units_assigned"] = 3, 4, [0, 1]
    with pytest.raises(PatrolError) as caught:
        session.rank_units(Snapshot(0.0, units, calls), 7)
    assert caught.value.status is Status.INVALID_ID
    # A call that has all its units is looked at as if it missed one.
    assert session.rank_units(Snapshot(0.0, units, calls), 1)["unit_id"].tolist() == [0]

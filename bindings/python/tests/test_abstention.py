"""Policies that leave decisions to heuristics while many units are free, and how the limits are chosen."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from serving import OPEN_END, as_snapshot, record_of, served

from libpatrol import (
    Area,
    Engine,
    PatrolError,
    Policy,
    Scenario,
    Session,
    Simulation,
    Snapshot,
    Status,
    Task,
    incidents,
    units,
)
from libpatrol.commands.cli import main
from libpatrol.enums import DispatchUnit
from libpatrol.files import read_policy, with_abstention, write_area, write_policy
from libpatrol.studies.abstention import choose_abstention, sentences
from libpatrol.studies.best import Search
from libpatrol.studies.measures import COST
from libpatrol.studies.pairs import PolicyPair
from libpatrol.studies.replications import replicate
from libpatrol.synthetic import cities
from reference.networks import random_layers, state_dict

FREE = 8
ON_DUTY = FREE + 2


def strange(path: Path, **limits: float) -> Policy:
    """Return networks that send the farthest unit and patrol where least is covered, and when they abstain."""
    patrol, pair = np.zeros((1, 28), np.float32), np.zeros((1, 24), np.float32)
    patrol[0, 0], pair[0, 0] = -1, 9
    bias = np.zeros(1, np.float32)
    networks = {"patrol": {"0.weight": patrol, "0.bias": bias}, "pair": {"0.weight": pair, "0.bias": bias}}
    write_policy(path, **networks, **limits)
    return Policy.load(path)


def moment() -> Snapshot:
    crew, calls = units(FREE + 2), incidents(3)
    crew["node"] = (7 * np.arange(FREE + 2)) % 36
    crew["status"][FREE:] = 3  # on scene
    calls["node"], calls["priority"], calls["seconds_waited"] = [3, 20, 9], [3, 4, 2], 60
    return Snapshot(43_200, crew, calls)


@pytest.fixture(scope="module")
def area() -> Area:
    return Area.from_arrays(**cities.grid(6, 6, seed=2))


def decided(area: Area, policy: Policy | None, **options: Any) -> tuple[Engine, Any]:
    engine = Engine(area, policy, never_hold_priority=0, strict_priority=False, **options)
    return engine, Session(engine, 16, 8).decide(moment(), deadline=None)


def same(one: Any, other: Any) -> bool:
    return one.objective == other.objective and all(
        a.tobytes() == b.tobytes() for a, b in zip(one[:3], other[:3], strict=True)
    )


@pytest.mark.parametrize(
    ("limits", "abstained"),
    [
        ({"dispatch": 0.7}, Task.DISPATCH),
        ({"patrol": 0.4}, Task.PATROL),
        ({"patrol": 0.0, "dispatch": 0.0}, Task.BOTH),
        ({"patrol": 0.5, "dispatch": FREE / ON_DUTY}, Task(0)),
        ({}, Task(0)),
    ],
)
def test_beyond_its_limits_heuristics_decide_and_the_answer_says_so(
    area: Area, tmp_path: Path, limits: dict[str, float], abstained: Task
) -> None:
    policy = strange(tmp_path / "p", **{f"{task}_most_free_share": most for task, most in limits.items()})
    assert policy.info.patrol_most_free_share == pytest.approx(limits.get("patrol", 1.0))
    assert policy.info.dispatch_most_free_share == pytest.approx(limits.get("dispatch", 1.0))
    engine, answer = decided(area, policy)
    names = {
        "patrol_policy": "backup_coverage" if Task.PATROL in abstained else "learned",
        "dispatch_policy": "minimum_weighted_travel" if Task.DISPATCH in abstained else "learned",
    }
    _, expected = decided(area, strange(tmp_path / "q"), **names)
    assert answer.abstained == abstained and expected.abstained == Task(0)
    assert same(answer, expected) and len(answer.assignments) == 3
    plain = decided(area, strange(tmp_path / "q"))[1]
    assert same(answer, plain) == (abstained == Task(0))
    record = engine.record(moment(), answer, deadline=None)
    replayed = engine.replay(record)
    assert same(replayed, answer) and replayed.abstained == abstained
    session = Session(engine, 16, 8)
    explained = session.explain(moment(), deadline=None)
    assert (explained["abstained"] == (Task.DISPATCH in abstained)).all()
    assert ("(the learned policy abstained)" in str(explained[0])) == (Task.DISPATCH in abstained)
    why = session.why_not(moment(), unit_id=int(moment().units["id"][0]), incident_id=int(moment().incidents["id"][0]))
    assert why.abstained == (Task.DISPATCH in abstained)


def test_limits_are_kept_changed_and_taken_away(tmp_path: Path) -> None:
    policy = strange(tmp_path / "p", dispatch_most_free_share=0.5)
    changed = with_abstention(policy, patrol=0.25, dispatch=1, metadata={"note": "changed"})
    assert (changed.info.patrol_most_free_share, changed.info.dispatch_most_free_share) == (0.25, 1)
    assert changed.metadata["note"] == "changed" and changed.metadata["pair.features"] == "pair/1"
    rows = np.random.default_rng(1).uniform(size=(5, 24)).astype(np.float32)
    assert (changed.evaluate("pair", rows) == policy.evaluate("pair", rows)).all()
    assert changed.tensors.keys() - policy.tensors.keys() == {"patrol.most_free_share"}
    again = with_abstention(changed, patrol=1, dispatch=0.5)
    assert again.tensors == policy.tensors
    assert with_abstention(again, patrol=1, dispatch=0.5).content == again.content


def test_the_unit_of_outputs_is_kept(area: Area, tmp_path: Path) -> None:
    plain = strange(tmp_path / "p", dispatch_most_free_share=0.9)
    assert plain.info.dispatch_unit is DispatchUnit.MINUTE and "dispatch.unit" not in plain.tensors
    write_policy(tmp_path / "q", **{**read_policy(plain).states(), "dispatch_unit": DispatchUnit.POST_TIME})
    other = Policy.load(tmp_path / "q")
    assert other.info.dispatch_unit is DispatchUnit.POST_TIME
    assert read_policy(other).dispatch_unit is DispatchUnit.POST_TIME
    write_policy(tmp_path / "again", **read_policy(other).states())
    assert Policy.load(tmp_path / "again").content == other.content
    assert with_abstention(other, patrol=1, dispatch=0.9).content == other.content
    # An output of 9 minutes, and of nine times the city's travel time.
    assert decided(area, plain)[1].objective != decided(area, other)[1].objective


@pytest.mark.parametrize("most", [-0.1, 1.5, float("nan"), "half"])
def test_limits_that_are_none_are_refused(tmp_path: Path, most: Any) -> None:
    with pytest.raises((PatrolError, ValueError), match=r"dispatch\.most_free_share"):
        strange(tmp_path / "p", dispatch_most_free_share=most)
    assert not (tmp_path / "p").exists()


def test_a_limit_without_networks_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PatrolError, match=r"patrol\.most_free_share") as caught:
        write_policy(
            tmp_path / "p",
            pair=state_dict(random_layers(np.random.default_rng(1), [24, 4, 1])),
            patrol_most_free_share=0.3,
        )
    assert caught.value.status is Status.UNSUPPORTED


def test_a_simulation_abstains_as_a_session_does(tmp_path: Path) -> None:
    """With a limit of 0 it is the simulation of the heuristics, with one of all units that of the networks."""
    scenario = Scenario.load("hotspots-heavy")

    def cost(policy: Policy | None, **names: str) -> float:
        simulation = Simulation(scenario, scenario.engine(policy, **names))
        simulation.restart(3)
        simulation.run(hours=6)
        return float(COST.values([simulation.metrics()])[0])

    heuristics = {"patrol_policy": "backup_coverage", "dispatch_policy": "minimum_weighted_travel"}
    costs = {
        most: cost(strange(tmp_path / "p", patrol_most_free_share=most, dispatch_most_free_share=most))
        for most in (0, 0.4, 0.999, 1)
    }
    assert costs[0] == cost(None, **heuristics)
    assert len(set(costs.values())) == 4  # with 0.999, the networks decide as soon as a unit is busy


def test_patrol_serve_says_that_a_policy_abstained(area: Area, tmp_path: Path, schemas: Any) -> None:
    write_area(tmp_path / "area", **cities.grid(6, 6, seed=2))
    strange(tmp_path / "p", patrol_most_free_share=0, dispatch_most_free_share=0.2)
    options = {"never_hold_priority": 0, "strict_priority": False}
    snapshot = as_snapshot(record_of(Engine(area), moment()))
    with served() as client:
        client.ask(kind="load", area=str(tmp_path / "area"), policy=str(tmp_path / "p"), options=options)
        found = client.ask(kind="decide", snapshot=snapshot, options=OPEN_END)
        schemas["answer"].validate(found)
        assert found["abstained"] == ["dispatch", "patrol"]
        explained = client.ask(kind="explain", snapshot=snapshot, options=OPEN_END)
        schemas["answer"].validate(explained)
        assert all(row["abstained"] for row in explained["explanations"]) and explained["explanations"]
        client.ask(kind="load", area=str(tmp_path / "area"), options=options)
        assert "abstained" not in client.ask(kind="decide", snapshot=snapshot, options=OPEN_END)


def test_the_limits_that_validation_shows_safe_are_chosen(tmp_path: Path) -> None:
    """Networks that do harm at any limit are left out altogether."""
    scenario = Scenario.load("hotspots-heavy")

    def search() -> Search:
        return Search(scenario, replications=4, hours=12, threads=1)

    harmless, tried = choose_abstention(strange(tmp_path / "p"), [search()], [0.4, 0.6])
    assert (harmless.info.patrol_most_free_share, harmless.info.dispatch_most_free_share) == (0, 0)
    assert {each.most_free_share for each in tried if each.is_safe()} == {0}, tried
    assert [each.most_free_share for each in tried if each.task == "patrol"] == [0, 0.4, 0.6, 1]
    assert all(each.changes[0].mean == 0 for each in tried if each.most_free_share == 0)
    assert harmless.metadata["abstention_scenarios"] == "hotspots-heavy"
    assert sentences(harmless) == [
        "patrol is always left to backup_coverage", "dispatch is always left to minimum_weighted_travel",
    ]  # fmt: skip

    again, same_tried = choose_abstention(strange(tmp_path / "p"), [search()], [0.4, 0.6])
    assert again.content == harmless.content and same_tried == tried

    fresh = range(20, 24)
    pairs = [PolicyPair(patrol="backup_coverage"), PolicyPair(patrol="learned", dispatch="learned", policy=harmless)]
    costs = [COST.values(replicate(scenario, p.engine(scenario), fresh, hours=6, threads=1)) for p in pairs]
    assert (costs[0] == costs[1]).all()


def test_the_command_writes_a_policy_that_abstains(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "160")
    strange(tmp_path / "p.safetensors")
    out = tmp_path / "out.safetensors"
    asked = ["abstain", str(tmp_path / "p.safetensors"), "uniform-light", "uniform-heavy", "-o", str(out)]
    assert main([*asked, "--replications", "2", "--hours", "2", "--threads", "1", "--limits", "20,40"]) == 0
    shown = capsys.readouterr().out
    for task in ("learned dispatch", "learned patrol"):
        assert task in shown
    assert re.search(r"scenario +┃ never +┃ +20 % ┃ +40 % ┃ +always", shown) and f"written to {out}" in shown
    assert re.search(r"│ uniform-heavy +│ +0 ± 0 │", shown)
    assert sentences(Policy.load(out))[-1] in shown
    assert main(["abstain", "nowhere", "uniform-light"]) == 1
    assert "nowhere" in capsys.readouterr().err


def test_what_leaves_nothing_to_choose_from_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    scenario = Scenario.load("hotspots-light")
    with pytest.raises(ValueError, match=r"allowed is -0.05, expected 0 or more"):
        choose_abstention(Policy.bundled(), [Search(scenario, replications=2, hours=2, threads=1)], allowed=-0.05)
    with pytest.raises(ValueError, match=r"nobody waits in 2 replications of scenario 1: simulate more hours"):
        choose_abstention(Policy.bundled(), [Search(scenario, replications=2, hours=0.001, threads=1)])
    with pytest.raises(ValueError, match=r"limits has 4, expected shares of the units on duty between 0 and 1"):
        choose_abstention(Policy.bundled(), [Search(scenario, replications=2, hours=2, threads=1)], [4])
    with pytest.raises(SystemExit):
        main(["abstain", "general", "hotspots-light", "--allowed", "-5"])
    assert "--allowed: -5 is not a number of percent, 0 or more" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main(["abstain", "general", "hotspots-light", "--limits", "20,100"])
    assert "20,100 has a limit that is not between 0 and 100 percent" in capsys.readouterr().err


def test_the_policies_of_the_package_say_when_they_abstain() -> None:
    for name in ("metro-medium", "general"):
        assert Policy.bundled(name).info.dispatch_most_free_share < 1, name

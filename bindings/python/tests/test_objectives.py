"""Objectives beside the weighted wait: prices of late calls and of absence, and goals of training."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from libpatrol import PatrolError, Policy, Scenario, Simulation
from libpatrol.commands.cli import main
from libpatrol.enums import EventKind, Goal
from libpatrol.lab.metrics import Metrics
from libpatrol.lab.training import Trainer

TOWN = """
format = "libpatrol scenario"
format_version = 1
description = "A small town"
default_load = "medium"
response_targets_seconds = [300, 900]
[loads]
medium = 0.6
[city]
generator = "grid"
rows = 5
columns = 5
beats = 3
seed = 1
[fleet]
units = 3
[run]
warm_up_hours = 0
"""
QUICK: dict[str, Any] = {
    "rounds": 1,
    "variant": "patrol_only",
    "validations": 256,
    "validation_limit": 256,
    "validation_seconds": 4 * 3600.0,
    "heuristic_patrols": ["stay"],  # leaves much to be gained
    "heuristic_dispatches": ["closest_fcfs"],
    "patrol_generations": 6,
    "search_population": 6,
    "search_replications": 2,
    "goal_price": 4.0,
}
HOURS = 24


def town(folder: Path, *changes: tuple[str, str]) -> Scenario:
    text = TOWN
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    path = folder / "town.toml"
    path.write_text(text, encoding="utf-8")
    return Scenario.load(path)


def run(scenario: Scenario) -> tuple[float, Metrics, Any]:
    """Return the cost of a simulation, its metrics and its events."""
    with Simulation(scenario, scenario.engine(), seed=5, event_capacity=1 << 16) as simulation:
        simulation.run(hours=HOURS)
        return simulation.state.cumulative_cost, simulation.metrics(), simulation.read_events(1 << 16)


def test_each_late_call_costs_its_price(tmp_path: Path) -> None:
    target = "response_targets_seconds = [300, 900]"
    cost, _, events = run(town(tmp_path))
    dearer, priced, same = run(town(tmp_path, (target, f"{target}\nlate_price_seconds = [0, 700]")))
    assert np.array_equal(events, same)  # what decides does not know of prices
    came, reached = (
        {int(event["incident_id"]): event["time_seconds"] for event in events if event["kind"] == kind}
        for kind in (EventKind.CALL_CAME, EventKind.CALL_REACHED)
    )
    routine = {int(event["incident_id"]) for event in events if event["priority"] == 2}
    late = sum(reached.get(call, 3600.0 * HOURS) - came[call] > 900 for call in routine)
    assert late > 5
    assert dearer - cost == pytest.approx(700 * late)
    assert priced.cost_rate == pytest.approx(dearer / (3600 * HOURS))


def test_absence_costs_its_price(tmp_path: Path) -> None:
    cost, metrics, _ = run(town(tmp_path))
    dearer, priced, _ = run(town(tmp_path, ("[loads]", "absence_price = 3.0\n[loads]")))
    assert 0 < priced.presence < 1 and priced.presence == metrics.presence
    assert dearer - cost == pytest.approx(3 * 3600 * HOURS * (1 - metrics.presence))
    _, longer, _ = run(town(tmp_path, ("[loads]", "presence_seconds = 7200.0\n[loads]")))
    assert longer.presence > metrics.presence


def test_prices_are_part_of_what_a_scenario_is(tmp_path: Path) -> None:
    target = "response_targets_seconds = [300, 900]"
    plain = town(tmp_path)
    same = f"{target}\nlate_price_seconds = [0.0]\nabsence_price = 0.0\npresence_seconds = 3600.0"
    assert town(tmp_path, (target, same)).content_hash == plain.content_hash
    for more in ("late_price_seconds = [60]", "absence_price = 1.0", "presence_seconds = 60.0"):
        assert town(tmp_path, (target, f"{target}\n{more}")).content_hash != plain.content_hash


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("[300, 900]", "[300, 900]\nlate_price_seconds = [-1]", r"late_price_seconds\[0\] is -1"),
        ("[300, 900]", f"[300]\nlate_price_seconds = {[1] * 9}", "late_price_seconds has 9 values, expected at most 8"),
        ("response_targets_seconds = [300, 900]", "late_price_seconds = [9]", "needs response_targets_seconds"),
        ("[loads]", "presence_seconds = 0.0\n[loads]", "presence_seconds is 0"),
        ("[loads]", "absence_price = nan\n[loads]", "absence_price is nan"),
        ("beats = 3", "beats = 3\nbeat_groups = true\neast_group = 0.2", "east_group and beat_groups, expected one"),
    ],
)
def test_wrong_prices_are_named(old: str, new: str, sentence: str, tmp_path: Path) -> None:
    with pytest.raises((ValueError, PatrolError), match=sentence):
        town(tmp_path, (old, new))


def test_beats_may_be_groups(tmp_path: Path) -> None:
    _, metrics, _ = run(town(tmp_path, ("beats = 3", "beats = 3\nbeat_groups = true")))
    assert len(metrics.by_group) == 3
    assert metrics.by_group.tobytes() == metrics.by_beat.tobytes()


@pytest.mark.parametrize(("goal", "priority"), [("within_target", 1), ("p90", 0), ("presence", 0)])
def test_a_policy_is_accepted_for_its_goal(goal: str, priority: int, tmp_path: Path) -> None:
    scenario = town(tmp_path)
    trainer = Trainer(scenario, seed=1, goal=goal, goal_priority=priority, **QUICK)
    for _ in trainer:
        pass
    before, after = trainer.outcomes()
    assert after["is_accepted"] and after["difference"] + after["half_width"] < 0
    assert after["goal_value"] < before["goal_value"] and after["mean_response"] > 0
    content = Policy.from_bytes(trainer.policy_file()).metadata
    assert content["training_goal"] == goal and float(content["validation_goal"]) == after["goal_value"]


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"goal": "p95"}, "goal is 'p95', expected one of cost, worst_group, within_target, p90, presence"),
        ({"goal": "p90", "goal_priority": 9}, "goal_priority is 9, expected 0 to 8"),
        ({"goal": "p90", "goal_priority": 3}, "goal_priority is 3, but no call of the scenario has that priority"),
        ({"goal": "presence", "goal_priority": 1}, "goal_priority is 1, expected 0"),
        ({"goal": "p90", "goal_price": -1.0}, "goal_price is -1"),
        ({"goal": "p90", "goal_price": float("nan")}, "goal_price is nan"),
    ],
)
def test_wrong_goals_are_named(options: dict[str, Any], sentence: str, tmp_path: Path) -> None:
    with pytest.raises((ValueError, PatrolError), match=sentence):
        Trainer(town(tmp_path), **{**QUICK, **options})


def test_a_goal_within_targets_needs_targets(tmp_path: Path) -> None:
    scenario = town(tmp_path, ("response_targets_seconds = [300, 900]\n", ""))
    with pytest.raises(PatrolError, match="within_target needs response targets"):
        Trainer(scenario, goal=Goal.WITHIN_TARGET, **QUICK)


def test_the_command_trains_for_a_goal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    town(tmp_path)
    settings = [part for name, value in QUICK.items() if name != "variant" for part in ("--set", f"{name}={value}")]
    command = ["train", str(tmp_path / "town.toml"), "--goal", "within_target", "--set", "goal_priority=1"]
    command += ["--variant", "patrol_only", "--seed", "1", "-o", str(tmp_path / "mine.safetensors"), *settings]
    assert main(command) == 0
    wording = " ".join(capsys.readouterr().out.split())
    assert "mean," in wording and "late," in wording
    assert Policy.load(tmp_path / "mine.safetensors").metadata["training_goal"] == "within_target"

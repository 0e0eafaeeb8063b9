"""A policy that is used far from what it was trained for says so."""

import warnings

import pytest

from libpatrol import Area, Engine, Policy, Scenario
from libpatrol.commands.cli import main
from libpatrol.synthetic import cities
from libpatrol.training_range import FarFromTraining, Use, far_from_training, training_metadata

SAID = {"trained_units": "5", "trained_load": "0.85", "trained_nodes": "49 198", "trained_travel_seconds": "69"}


@pytest.mark.parametrize(
    ("use", "found"),
    [
        (Use(units=5, load=0.85, nodes=100, travel_seconds=69), []),
        (Use(units=6, load=0.66, nodes=390, travel_seconds=130), []),
        (Use(units=7), ["7 units instead of 5"]),
        (Use(units=3), ["3 units instead of 5"]),
        (Use(load=0.3), ["an offered load of 0.30 per unit instead of 0.85"]),
        (Use(nodes=16_811), ["a road graph of 16811 nodes instead of 49 to 198"]),
        (Use(nodes=20), ["a road graph of 20 nodes instead of 49 to 198"]),
        (Use(travel_seconds=300), ["300 s from the nearest post to a call instead of 69"]),
    ],
)
def test_what_is_far(use: Use, found: list[str]) -> None:
    assert far_from_training(SAID, use) == found
    assert far_from_training({}, use) == []


def test_engines_and_scenarios_warn(small_policy: Policy) -> None:
    policy, scenario = Policy.bundled("hotspots-heavy"), Scenario.load("hotspots-light")
    with pytest.warns(
        FarFromTraining, match=r"policy of hotspots-heavy .* load of 0\.30 per unit instead of 0\.85"
    ) as seen:
        scenario.engine(policy)
    assert [warning.filename for warning in seen] == [__file__]
    with pytest.warns(FarFromTraining, match="900 nodes instead of 100") as seen:
        Engine(Area.from_arrays(**cities.grid(30, 30)), policy)
    assert [warning.filename for warning in seen] == [__file__]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        Scenario.load("hotspots-heavy").engine(policy)
        scenario.engine(policy, patrol_policy="stay", dispatch_policy="closest_fcfs")  # no network decides
        scenario.engine(small_policy)  # does not say what for
        Scenario.load("generated-40").engine(Policy.bundled())


def test_the_general_policy_says_its_range() -> None:
    with pytest.warns(FarFromTraining, match=r"used far from .*: 89 units instead of 3 to 52"):
        Scenario.load("department-6-medium").engine(Policy.bundled())


def test_metadata_of_several_scenarios() -> None:
    uses = [Scenario.load(name).use for name in ("hotspots-light", "irregular-roads-medium")]
    assert training_metadata(uses) == {
        "trained_units": "5",
        "trained_load": "0.30 0.60",
        "trained_nodes": "100 150",
        "trained_travel_seconds": "69 89",
    }
    assert "trained_load" not in training_metadata([*uses, Use(units=5)])  # not known of all


@pytest.mark.parametrize("command", ["simulate", "compare"])
def test_commands_print_it_once(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    pairs = ["--policies", "stay+learned,learned+learned"] if command == "compare" else []
    assert (
        main([command, "hotspots-light", "--policy", "hotspots-heavy", "--replications", "1", "--hours", "1", *pairs])
        == 0
    )
    shown = " ".join(capsys.readouterr().out.split())
    assert shown.count("far from what it was trained for: an offered load of 0.30 per unit instead of 0.85") == 1

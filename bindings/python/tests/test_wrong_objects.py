"""What is said where an argument is something else than the object or the name that is expected."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from libpatrol import (
    Area,
    AreaArrays,
    Batch,
    Engine,
    Policy,
    Scenario,
    Session,
    Simulation,
    Snapshot,
    Trainer,
    pictures,
    units,
)
from libpatrol.commands.cli import main
from libpatrol.studies.intervals import paired
from libpatrol.studies.pairs import PolicyPair

CASES: dict[str, Callable[[Area, Scenario, Any], object]] = {
    "area is of type AreaArrays, expected Area": lambda area, scenario, city: Engine(city),
    "policy is of type str, expected Policy": lambda area, scenario, city: Engine(area, "general"),
    "engine is of type Area, expected Engine": lambda area, scenario, city: Session(area, 1, 1),
    "area is of type str, expected Area": lambda area, scenario, city: Scenario("hotspots"),
    "engine is of type NoneType, expected Engine": lambda area, scenario, city: Simulation(scenario, None),
    "scenario is of type str, expected Scenario": lambda area, scenario, city: Batch(
        "hotspots", scenario.engine(), simulations=1
    ),
    "snapshot is of type dict, expected Snapshot": lambda area, scenario, city: Session(Engine(area), 1, 1).decide({}),
    "scenarios is of type str, expected Scenario": lambda area, scenario, city: Trainer("hotspots"),
    r"scenarios\[1\] is of type Area, expected Scenario": lambda area, scenario, city: Trainer([scenario, area]),
    "policy is of type bytes, expected Policy": lambda area, scenario, city: PolicyPair.trained(b"general"),
    "time_seconds is of type datetime, expected a number": lambda area, scenario, city: Snapshot(
        datetime.now(), units(1)
    ),
    "stay_seconds is of type str, expected a number": lambda area, scenario, city: Engine(area, stay_seconds="60"),
    r"engines is of type Area, expected Engine": lambda area, scenario, city: Trainer(scenario, area),
}


@pytest.mark.parametrize("sentence", CASES)
def test_another_object_is_named(sentence: str, area: Area, city: AreaArrays) -> None:
    with pytest.raises(TypeError, match=f"^{sentence}$"):
        CASES[sentence](area, Scenario.load("hotspots"), city)


def test_policies_are_compared_on_the_same_replications() -> None:
    with pytest.raises(ValueError, match=r"^values has 2 replications, expected 3, as reference has$"):
        paired([1, 2, 3], [1, 2])
    assert paired([1], [2, 3]).replications == 2


def test_a_map_needs_an_area(city: AreaArrays) -> None:
    pytest.importorskip("matplotlib")
    with pytest.raises(TypeError, match=r"^area is of type AreaArrays, expected Area$"):
        pictures.city_map(city)


def test_policies_that_do_not_exist_are_told_from_those_that_do() -> None:
    with pytest.raises(ValueError, match=r"^the package has no policy hotspot, expected one of general, hot"):
        Policy.bundled("hotspot")
    with pytest.raises(ValueError, match=r"^there is no policy file generl, nor a policy of that name .*: general,"):
        Policy.find("generl")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["simulate", "missing.toml"], "missing.toml: No such file or directory"),
        (["compare", "missing/"], "missing/ is not a city folder: it has no city.toml; make one with libpatrol import"),
        (["train", "missing/"], "missing/ is not a city folder"),
        (
            ["compare", "gotham"],
            "there is no city folder gotham, nor a scenario of that name: make one with libpatrol import --calls FILE "
            "--out gotham, or choose one of libpatrol scenarios",
        ),
        (["train", "gotham"], "there is no city folder gotham, nor a scenario of that name"),
        (["compare", "."], ". is not a city folder: it has no city.toml; make one with libpatrol import"),
    ],
)
def test_what_is_missing_is_named_first(
    arguments: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 1
    assert capsys.readouterr().err.startswith(f"libpatrol: {sentence}")


@pytest.mark.parametrize("hours", [0, -1, float("nan")])
def test_a_replication_of_no_length_is_refused(hours: float) -> None:
    scenario = Scenario.load("hotspots")
    with pytest.raises(ValueError, match=rf"^hours is {hours:g}, expected more than 0$"):
        Simulation(scenario, scenario.engine()).run(hours=hours)

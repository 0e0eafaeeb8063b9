"""Scenario files: those in the package, a user's own, and what is said where they are wrong."""

import dataclasses
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest

from libpatrol import Scenario, Simulation
from libpatrol.files import write_area
from libpatrol.scenario.departments import department
from libpatrol.scenario.description import DemandTable, parse_scenario
from libpatrol.scenario.details import units_on_duty
from libpatrol.scenario.files import bundled_names, is_scenario, read_description

LOADS = {"light": 0.3, "medium": 0.6, "heavy": 0.85}
OWN_LOADS = {
    "county": {"light": 0.25, "medium": 0.4, "heavy": 0.55},
    "milwaukee": {"light": 0.25, "medium": 0.5, "heavy": 0.65},
    "metro": {"light": 0.3, "medium": 0.55, "heavy": 0.75},
}
SCENARIOS = (
    "county",
    "hotspots",
    "irregular-roads",
    "metro",
    "milwaukee",
    "shifting-hotspots",
    "southwest-atlanta",
    "storm",
    "two-beats",
    "unequal-groups",
    "uniform",
)


def text_of(name: str) -> str:
    return (files("libpatrol") / "data" / "scenarios" / f"{name}.toml").read_text(encoding="utf-8")


def test_names() -> None:
    assert tuple(bundled_names()) == SCENARIOS


@pytest.mark.parametrize("name", SCENARIOS)
def test_loads_are_what_they_say(name: str) -> None:
    """The load is computed again from what is simulated: calls that come, and the units that they need."""
    loads = OWN_LOADS.get(name, LOADS)
    for load, offered in loads.items():
        scenario = Scenario.load(f"{name}-{load}")
        workload = scenario.details.workload
        assert workload.offered_load == pytest.approx(offered, rel=1e-5)
        assert workload.peak_load >= workload.offered_load * 0.999
        assert scenario.details.name == f"{name}-{load}"
        assert workload.calls_per_hour == pytest.approx(scenario.area.info.calls_per_hour, rel=1e-5)
    kinds = scenario.arrays.categories
    hours = 24.0 * 14
    with Simulation(scenario, scenario.engine(patrol_policy="stay", dispatch_policy="closest_fcfs")) as simulation:
        simulation.run(hours=hours)
        calls = simulation.metrics().by_category["calls"]
    work = calls @ (kinds["units_required"] * (kinds["service_mean_seconds"] + workload.post_seconds))
    extra = 1 + sum((s["multiplier"] - 1) * (s["end_seconds"] - s["start_seconds"]) for s in scenario.arrays.storms) / (
        3600 * hours
    )
    on_duty = units_on_duty(scenario.arrays).mean()
    assert work / (3600 * hours * on_duty) == pytest.approx(loads["heavy"] * extra, rel=0.12)


def test_scenarios_are_what_their_names_say() -> None:
    assert Scenario.load("two-beats").area.info.beat_count == 2
    assert Scenario.load("two-beats").engine().options.home_beat_patrol
    assert Scenario.load("southwest-atlanta").area.info.beat_count == 14
    assert Scenario.load("storm").details.workload.peak_load == pytest.approx(3 * 0.6, rel=1e-5)
    assert Scenario.load("shifting-hotspots").area.info.period_hours == 24
    assert Scenario.load("uniform").area.info.node_count == 100
    assert Scenario.load("unequal-groups").area.info.group_count == 2


def test_population_groups_have_their_share_of_the_calls() -> None:
    scenario = Scenario.load("unequal-groups-heavy")
    with Simulation(scenario, scenario.engine(patrol_policy="stay")) as simulation:
        simulation.run(hours=24 * 20)
        calls = simulation.metrics().by_group["calls"]
    assert calls[1] / calls.sum() == pytest.approx(0.15, abs=0.02)


def test_a_copy_can_be_edited(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(text_of("hotspots").replace("units = 5", "units = 7"), encoding="utf-8")
    scenario = Scenario.load(path, 0.5)
    assert scenario.unit_count == 7
    assert scenario.details.name == "mine-0.5" and scenario.details.workload.offered_load == pytest.approx(
        0.5, rel=1e-5
    )


def test_an_area_file_brings_its_own_demand(tmp_path: Path, city: object) -> None:
    write_area(tmp_path / "city.safetensors", **city)
    path = tmp_path / "mine.toml"
    path.write_text(
        'format = "libpatrol scenario"\nformat_version = 1\ndescription = "mine"\n'
        '[city]\nfile = "city.safetensors"\n[fleet]\nunits = 3\n',
        encoding="utf-8",
    )
    scenario = Scenario.load(path)
    assert scenario.details.name == "mine"
    assert scenario.area.info.calls_per_hour == pytest.approx(6.0)
    assert scenario.details.workload.calls_per_hour == pytest.approx(6.0)
    assert Scenario.load(path, 0.4).details.workload.offered_load == pytest.approx(0.4, rel=1e-5)
    text, own = path.read_text(encoding="utf-8"), scenario.area.arrays.demand_calls_per_hour
    week = np.arange(1.0, 169.0)
    path.write_text(f"{text}[demand]\nhourly_volume = {week.tolist()}\n", encoding="utf-8")
    found = Scenario.load(path).area.arrays.demand_calls_per_hour
    assert found == pytest.approx(np.tile(own, 168 // own.shape[2]) * week / week.mean(), rel=1e-6)
    path.write_text(f"{text}[demand]\ncalls_per_hour = 4\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"demand\.calls_per_hour does not apply to a city from a file"):
        Scenario.load(path)


def test_shifts_and_fleets(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    shifts = "[[shifts]]\nunits = [0, 1]\nstart_hour = 6\nend_hour = 18\n"
    text = text_of("uniform").replace("units = 5", "units = 3\nstart_nodes = [0, 5, 99]\ncapabilities = [1, 2, 3]")
    path.write_text(f"{text}\n{shifts}", encoding="utf-8")
    scenario = Scenario.load(path)
    assert len(scenario.arrays.shifts) == 14
    assert scenario.arrays.units["capabilities"].tolist() == [1, 2, 3]
    # Two of three units for half of the time: two on duty on the mean.
    workload, kinds = scenario.details.workload, scenario.arrays.categories
    effort = np.array([0.4, 0.6]) @ (kinds["service_mean_seconds"] + workload.post_seconds)
    assert workload.calls_per_hour / 3600 * effort / 2 == pytest.approx(0.6, rel=1e-5)
    assert workload.peak_load == pytest.approx(1.2, rel=1e-5)


def test_a_scenario_can_be_described_without_a_file() -> None:
    description = read_description("hotspots")[0]
    same, named = Scenario.load(description, "heavy"), Scenario.load("hotspots-heavy")
    assert same.details.name == "described-heavy" and same.details.workload == named.details.workload
    assert same.area.info.content_hash == named.area.info.content_hash
    uniform = Scenario.load(dataclasses.replace(description, demand=DemandTable()), "heavy")
    assert uniform.area.info.content_hash != named.area.info.content_hash


def test_generated_scenarios_are_drawn_by_number() -> None:
    loads, units = set(), set()
    for number in range(12):
        scenario, again = (Scenario.load(f"generated-{number}") for _ in range(2))
        assert scenario.area.info.content_hash == again.area.info.content_hash
        assert scenario.details.workload is not None and again.details.workload is not None
        assert scenario.details.workload.offered_load == pytest.approx(again.details.workload.offered_load)
        assert 0.24 < scenario.details.workload.offered_load < 0.86 and 3 <= scenario.unit_count <= 10
        loads.add(scenario.details.workload.offered_load)
        units.add(scenario.unit_count)
    assert len(loads) > 6 and len(units) > 3
    with pytest.raises(ValueError, match="generated-NUMBER"):
        Scenario.load("generated--1")


def test_generated_departments_are_drawn_by_number() -> None:
    described = [department(number) for number in range(200)]
    units = np.array([one.fleet.units for one in described])
    assert units.min() == 3 and units.max() == 100 and 0.4 < (units <= 17).mean() < 0.6
    for trait in (
        [one.work is not None for one in described],
        [one.out_of_service is not None for one in described],
        [bool(one.shifts) for one in described],
        [bool(one.rules) for one in described],
        [one.fleet.knows_time_left for one in described],
        [one.fleet.notice_seconds > 0 for one in described],
        [one.categories[0].units_required == 2 for one in described],
        [one.demand.busiest_hours is not None for one in described],
    ):
        assert 0 < sum(trait) < 200
    assert department(7) == department(7) != department(8)


@pytest.mark.parametrize("load, offered", [("light", 0.3), ("medium", 0.55), ("heavy", 0.75)])
def test_a_generated_department_has_three_loads(load: str, offered: float) -> None:
    for number in (0, 3):
        scenario = Scenario.load(f"department-{number}-{load}")
        assert scenario.details.name == f"department-{number}-{load}" and is_scenario(scenario.details.name)
        assert scenario.unit_count == department(number).fleet.units
        assert scenario.details.workload is not None
        assert scenario.details.workload.offered_load == pytest.approx(offered, rel=1e-5)


def test_names_that_are_none() -> None:
    for name in ("hotspot", "hotspots-full", "hotspots-", "department-", "department-3-full", "department-x"):
        with pytest.raises(ValueError, match="expected"):
            Scenario.load(name)
    with pytest.raises(ValueError, match="but heavy is requested"):
        Scenario.load("hotspots-light", "heavy")
    with pytest.raises(ValueError, match="above 0"):
        Scenario.load("hotspots", -1.0)


def test_the_page_names_every_key() -> None:
    """`scenarios/README.md` explains the format: it has every key of every table."""
    page = (files("libpatrol") / "data" / "scenarios" / "README.md").read_text(encoding="utf-8")
    from libpatrol.scenario import description, tables

    for kind in (table for name, table in vars(tables).items() if name.endswith("Table")):
        for key in kind.__dataclass_fields__:
            assert f"`{key}`" in page, (kind.__name__, key)
    for key in description._File.__dataclass_fields__:
        assert key in page, key


def test_files_are_parsed_alone() -> None:
    description = parse_scenario(text_of("storm"), "storm")
    assert [storm.multiplier for storm in description.storms] == [3.0, 3.0]

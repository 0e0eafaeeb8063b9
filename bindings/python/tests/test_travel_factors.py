"""Travel by hour: areas and their files, decisions, scenarios; `test_twin.py` has the simulator's."""

import pickle
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import libpatrol
from libpatrol import Area, AreaArrays, Engine, PatrolError, Scenario, Session, Snapshot, Status
from libpatrol.enums import Mode
from libpatrol.files import read_area, write_area
from libpatrol.scenario.city import city_of
from libpatrol.scenario.description import parse_scenario
from libpatrol.synthetic import cities

SCENARIO = """
format = "libpatrol scenario"
format_version = 1
description = "rush hours"
default_load = "medium"
[city]
generator = "grid"
rows = 5
columns = 5
beats = 2
emergency_factors = [1, 1, 1, 1, 1, 1, 1, 1.5, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]
[fleet]
units = 3
[loads]
medium = 0.4
"""


@pytest.fixture
def factors(rng: np.random.Generator) -> np.ndarray:
    return rng.uniform(0.5, 2, (2, 168)).astype(np.float32)


def travel(area: Area, hour: float) -> float:
    """Seconds that a unit takes to a call, in a decision."""
    units, calls = libpatrol.units(1), libpatrol.incidents(1)
    calls["node"] = 24
    with Session(Engine(area), 1, 1) as session:
        return float(session.pairs(Snapshot(3600 * hour, units, calls)).pairs["travel_seconds"][0])


def test_an_area_has_the_factors_that_it_was_given(factors: np.ndarray, tmp_path: Path) -> None:
    city = replace(cities.grid(5, 5), travel_factors=factors)
    area = Area.from_arrays(**city)
    assert area.travel_factors.tolist() == factors.tolist()
    write_area(tmp_path / "area", **city)
    assert read_area(tmp_path / "area").travel_factors.tolist() == factors.tolist()
    assert Area.load(tmp_path / "area").info == area.info
    assert pickle.loads(pickle.dumps(area)).travel_factors.tolist() == factors.tolist()
    assert area.info.content_hash != Area.from_arrays(**cities.grid(5, 5)).info.content_hash


def test_a_decision_takes_the_hour_of_its_time(factors: np.ndarray) -> None:
    city = cities.grid(5, 5)
    area = Area.from_arrays(**replace(city, travel_factors=factors))
    base = area.travel_times([0], [24])[0, 0]
    assert base == Area.from_arrays(**city).travel_times([0], [24])[0, 0]
    for hour in (0, 0.999, 1, 100.5, 167.99, 168):
        assert travel(area, hour) == base * factors[Mode.EMERGENCY, int(hour) % 168]
        assert travel(area, hour) == area.travel_times([0], [24], departing=3600 * hour)[0, 0]
    on_patrol = area.travel_times([0], [24], Mode.PATROL)[0, 0] * factors[Mode.PATROL, 5]
    assert area.travel_times([0], [24], Mode.PATROL, departing=5.5 * 3600)[0, 0] == on_patrol
    for time in (-1.0, np.nan, np.inf):
        with pytest.raises(ValueError, match=r"departing is .*, expected 0 to 1e"):
            area.travel_times([0], [24], departing=time)


def test_factors_of_one_are_none(tmp_path: Path) -> None:
    city = cities.irregular(40, seed=1)
    plain, ones = Area.from_arrays(**city), Area.from_arrays(**replace(city, travel_factors=np.ones((2, 168))))
    assert plain.info == ones.info
    assert (plain.travel_factors == 1).all()
    write_area(tmp_path / "area", **city)
    assert b"travel_factors" not in (tmp_path / "area").read_bytes()


def test_one_row_is_for_both_modes(factors: np.ndarray) -> None:
    city = replace(cities.grid(5, 5), travel_factors=factors[0])
    assert city.travel_factors.tolist() == [factors[0].tolist()] * 2
    assert city.travel_factors.dtype == np.float32


@pytest.mark.parametrize("shape", [(168, 2), (1, 168), (24,), (2, 24), (336,)])
def test_factors_of_another_shape(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"travel_factors has shape .* expected \[2, 168\]"):
        replace(cities.grid(5, 5), travel_factors=np.ones(shape))


@pytest.mark.parametrize("value", [0.0, -1.0, 0.09, 10.5, np.inf, np.nan])
def test_factors_out_of_range(value: float, factors: np.ndarray) -> None:
    factors[1, 5] = value
    with pytest.raises(PatrolError, match=r"travel_factors\[1, 5\] is .*, expected 0.1 to 10") as refused:
        Area.from_arrays(**replace(cities.grid(5, 5), travel_factors=factors))
    assert refused.value.status == Status.INVALID_NUMBER


def test_a_scenario_file_says_travel_by_hour(tmp_path: Path) -> None:
    city = city_of(parse_scenario(SCENARIO, "mine"))
    assert (city.travel_factors[Mode.PATROL] == 1).all()
    assert city.travel_factors[Mode.EMERGENCY].reshape(7, 24)[:, [6, 7, 8, 9]].tolist() == [[1, 1.5, 2, 1]] * 7
    (tmp_path / "mine.toml").write_text(SCENARIO, encoding="utf-8")
    scenario = Scenario.load(tmp_path / "mine.toml")
    assert scenario.period_hours == 24
    assert scenario.area.travel_factors.tolist() == city.travel_factors.tolist()
    workload = scenario.details.workload
    # The same calls at all hours, and ways to them of the hour.
    kinds = scenario.arrays.categories
    calls = scenario.area.arrays.demand_calls_per_hour.sum((0, 2))
    seconds = kinds["service_mean_seconds"] + workload.post_seconds * city.travel_factors[Mode.EMERGENCY][:, None]
    load = seconds @ (calls * kinds["units_required"]) / 3600 / 3
    assert workload.offered_load == pytest.approx(load.mean()) == pytest.approx(0.4)
    assert workload.peak_load == pytest.approx(load[8])


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ("[1, 2]", "emergency_factors has 2 values, expected 24 or 168"),
        (str([0.05] + [1] * 23), "one of emergency_factors is 0.05, expected 0.1 to 10"),
    ],
)
def test_wrong_factors_of_a_scenario(wrong: str, sentence: str) -> None:
    line = next(line for line in SCENARIO.splitlines() if line.startswith("emergency_factors"))
    with pytest.raises(ValueError, match=sentence):
        parse_scenario(SCENARIO.replace(line, f"emergency_factors = {wrong}"), "mine")


def test_results_repeat_with_travel(city: AreaArrays) -> None:
    daily = np.resize(np.linspace(0.5, 1.5, 24), 168)
    weekly = daily.copy()
    weekly[30] = 1.0
    for row, hours in ((None, 24), (np.full(168, 2.0), 24), (daily, 24), (weekly, 168)):
        scenario = Scenario(Area.from_arrays(**replace(city, travel_factors=row)), unit_count=3)
        assert scenario.period_hours == max(hours, city.period_hours)

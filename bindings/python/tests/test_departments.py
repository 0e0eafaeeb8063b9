"""Scenarios of a department's size: what their descriptions say, real roads, volume by the day of the week."""

import dataclasses
import hashlib
import json
import pickle
from pathlib import Path

import numpy as np
import pytest
from test_roads import network
from test_scenarios import text_of

from benchmarks.studies.scenarios import BOROUGH_ROADS, Cell, altered
from libpatrol import Scenario
from libpatrol.scenario.city import city_of
from libpatrol.scenario.description import ScenarioDescription
from libpatrol.scenario.details import units_on_duty
from libpatrol.scenario.files import read_description
from libpatrol.scenario.toml_tables import parse_toml


def test_metro_is_a_city_of_thirty_units() -> None:
    scenario = Scenario.load("metro")
    kinds, info = scenario.arrays.categories, scenario.area.info
    assert (info.node_count, info.beat_count, scenario.unit_count) == (400, 12, 30)
    assert kinds["weight"].tolist() == pytest.approx([5, 2, 1, 0.4]) and kinds["priority"].tolist() == [1, 2, 3, 4]
    assert kinds["units_required"].tolist() == [2, 1, 1, 1] and info.period_hours == 24
    workload = scenario.details.workload
    assert workload.peak_load / workload.offered_load == pytest.approx(1.4, rel=1e-4)
    volume = read_description("metro")[0].demand.hourly_volume
    assert min(volume) / np.mean(volume) == pytest.approx(0.4) and scenario.arrays.work_per_hour.min() > 0


def test_county_has_stations_shifts_and_long_drives() -> None:
    scenario = Scenario.load("county")
    units, kinds = scenario.arrays.units, scenario.arrays.categories
    assert scenario.period_hours == 168 and scenario.details.workload.post_seconds > 150
    _, cars = np.unique(units["start_node"], return_counts=True)
    assert cars.tolist() == [4] * 5 and sorted(set(units["home_beat"].tolist())) == [0, 1, 2, 3, 4]
    on_duty = units_on_duty(scenario.arrays)
    assert on_duty.min() == 10 and on_duty[15] == 20  # Monday at three in the afternoon, where shifts overlap
    assert (kinds["required_capabilities"] & ~np.bitwise_or.reduce(units["capabilities"]) == 0).all()
    assert kinds["required_capabilities"].max() == 1 and 0 < (units["capabilities"] & 1).sum() < len(units)
    assert scenario.arrays.out_of_service_per_hour > 0 and scenario.engine().options.home_beat_patrol


def test_volume_by_the_day_of_the_week(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(text_of("uniform").replace("[demand]", "[demand]\ndaily_volume = [1, 1, 1, 1, 1, 2, 0]"), "utf-8")
    description = read_description(path)[0]
    by_day = rates(description).reshape(7, 24)
    assert by_day.mean(1) / by_day.mean() == pytest.approx([1, 1, 1, 1, 1, 2, 0], abs=1e-6)
    hours = [1.0 + (hour == 20) for hour in range(24)]
    both = dataclasses.replace(description.demand, hourly_volume=hours)
    found = rates(dataclasses.replace(description, demand=both)).reshape(7, 24)
    assert found == pytest.approx(by_day * np.array(hours) / np.mean(hours), rel=1e-5)
    assert Scenario.load(path).details.workload.offered_load == pytest.approx(0.6, rel=1e-5)


ON_ROADS = (
    'format = "libpatrol scenario"\nformat_version = 1\ndescription = "mine"\n[loads]\nmedium = 0.5\n'
    '[city]\nroads = "streets"\nbeats = 2\n[fleet]\nunits = 2\n'
)


def test_a_city_on_real_roads(tmp_path: Path) -> None:
    """Calls come only from nodes with access, and distances are alike in both directions, far from the equator too."""
    places = [(0.0, 60.0, 1), (0.02, 60.0, 1), (0.0, 60.02, 1), (0.1, 60.0, 1), (0.12, 60.0, 0)]
    nodes = "nodes\nindex,x,y,offRoadAccess\n" + "".join(f"{k},{x},{y},{a}\n" for k, (x, y, a) in enumerate(places, 1))
    arcs = "1,1,2,.001\n2,1,3,.001\n3,2,4,.005\n4,4,5,.001\n"
    settings = "miscData\narcForm,numModes\nundirected,1\n,\narcs\nindex,fromNode,toNode,mode_1\n"
    (tmp_path / "streets").mkdir()
    network(tmp_path / "streets", nodes, settings + arcs)
    path = tmp_path / "mine.toml"
    path.write_text(ON_ROADS + "[demand]\nhotspots = [[1, 0]]\nconcentration = 1\nwidth = 0.05\n", encoding="utf-8")
    city = city_of(read_description(path)[0])
    assert city.demand_nodes.tolist() == [0, 1, 2, 3]
    assert city.node_beats[[0, 1, 2]].tolist() == [city.node_beats[0]] * 3
    assert city.node_beats[[3, 4]].tolist() == [1 - city.node_beats[0]] * 2
    assert city.demand_calls_per_hour[3].sum() > 0.9 and city.edge_emergency_seconds[0] == pytest.approx(86.4)
    scenario = Scenario.load(path)
    assert scenario.details.name == "mine-medium" and scenario.details.workload.offered_load == pytest.approx(0.5)
    path.write_text(f"{ON_ROADS}[demand]\ngroup_shares = [1, 2]\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"demand\.group_shares needs city\.east_group"):
        Scenario.load(path)


@pytest.mark.skipif(not BOROUGH_ROADS.exists(), reason="manhattan_roads is not in the test data")
def test_borough_is_on_the_roads_of_manhattan() -> None:
    scenario = Cell("borough", "medium").scenario()
    info, workload = scenario.area.info, scenario.details.workload
    assert (info.node_count, info.beat_count, scenario.unit_count) == (16_811, 22, 60)
    assert workload.offered_load == pytest.approx(0.55, rel=1e-5)
    assert workload.peak_load == pytest.approx(0.55 * 1.4 * 1.3, rel=1e-4)  # the surge is in the busiest hours
    assert scenario.arrays.compliance == pytest.approx(0.9) and not scenario.details.notes


def rates(description: ScenarioDescription) -> np.ndarray:
    """Return the calls of each hour of the week at one call an hour."""
    return city_of(description).demand_calls_per_hour.sum((0, 1))


VERSIONS = {"county": (1, "99746dd53b294658"), "metro": (1, "99461df66468895d"), "milwaukee": (1, "bfa71515b1139599")}
"""Version and digest of each department: whoever changes what is simulated raises the version."""


@pytest.mark.parametrize("name", VERSIONS)
def test_a_department_that_changes_has_another_version(name: str) -> None:
    tables = parse_toml(text_of(name), name)
    version = tables.pop("version", 1)
    content = json.dumps({key: table for key, table in tables.items() if key != "description"}, sort_keys=True).encode()
    if area := read_description(name)[0].city.file:
        content += Path(area).read_bytes()
    assert (version, hashlib.sha256(content).hexdigest()[:16]) == VERSIONS[name]


def test_the_hash_is_of_all_that_results_depend_on() -> None:
    scenario = Scenario.load("hotspots")
    assert scenario.content_hash == pickle.loads(pickle.dumps(scenario)).content_hash
    others = [
        Scenario.load("hotspots-heavy"),
        scenario.with_rules(never_hold_priority=2),
        altered(scenario, hours=24),
        altered(scenario, compliance=0.5),
    ]
    assert len({other.content_hash for other in (scenario, *others)}) == 5

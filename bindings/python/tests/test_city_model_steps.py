"""The steps after check on a small known city: compare, other beats, staff, train, and their commands."""

import dataclasses
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from conftest import interruptible
from known_cities import imported, known_city, replaced_practice
from test_guide import compile_and_run
from test_training import QUICK

import libpatrol
from libpatrol import Scenario
from libpatrol.city import check, compare, report, staff, train
from libpatrol.city.activity import Activity
from libpatrol.city.export_log import CRS
from libpatrol.city.folder import CityFolder
from libpatrol.city.model import CityModel, model_of
from libpatrol.city.outcomes import outcome, summary
from libpatrol.city.queues import hypercube
from libpatrol.city.replaying import as_today, run, with_surges
from libpatrol.city.schedules import today
from libpatrol.city.targets import targets_of
from libpatrol.city.unit_outcomes import street_speeds
from libpatrol.commands.cli import main
from libpatrol.enums import Mode
from libpatrol.scenario.details import units_on_duty
from libpatrol.studies.replications import replicate

STAY = {"patrol_policy": "stay", "dispatch_policy": "priority_closest"}
UNIT_MEASURES = ("hours_on_duty_per_day", "hours_committed_per_day", "hours_driving_per_day", "kilometers_per_day")
TARGET = "priority 1: 85 % within 4 min of the call"


@pytest.fixture(scope="module")
def checked(tmp_path_factory: pytest.TempPathFactory) -> CityFolder:
    folder = imported(known_city(STAY), tmp_path_factory.mktemp("steps"), weeks=2)
    check(folder, replications=1)
    replaced_practice(folder, patrol='"stay"', home_beat_patrol="false", assumed="[]")
    check(folder, replications=1)
    return folder


@pytest.fixture
def city(checked: CityFolder, tmp_path: Path) -> CityFolder:
    shutil.copytree(checked.path, tmp_path / "city")
    return CityFolder(tmp_path / "city")


def test_strategies_are_compared_on_the_same_calls(city: CityFolder) -> None:
    told: list[tuple] = []
    results = compare(city, replications=2, tell=lambda *seen: told.append(seen))
    assert told[-1] == ("weeks", 10, 10)
    assert results["verdict"] == city.step("check").results["verdict"]  # carried on
    options = {option["name"]: option for option in results["options"]}
    assert next(iter(options)) == "current practice" and "general policy" in options
    for option in list(options.values())[1:]:
        assert option["all"]["calls"]["difference"] == 0
        assert set(option["priority"]) == {"1", "2", "3"}
    better = options["backup_coverage+minimum_weighted_travel"]["all"]["response_seconds_mean"]
    assert (
        better["difference"] < 0
        and better["mean"] < options["current practice"]["all"]["response_seconds_mean"]["mean"]
    )
    folder = city.path / "compare"
    assert json.loads((folder / "results.json").read_text())["sentences"] == results["sentences"]
    rows = pd.read_parquet(folder / "comparison.parquet")
    assert {"policies", "class", "row", "measure", "mean", "half_width", "difference"} <= set(rows)
    layer = gpd.read_file(folder / "beats.gpkg", layer="general policy")
    assert layer["name"].tolist() == city.beats()["name"].tolist()
    assert layer["response_seconds_mean_difference"].notna().all()
    assert (folder / "results.xlsx").exists() and not (city.path / ".compare.kept.jsonl").exists()


def test_units_are_told_apart(city: CityFolder) -> None:
    results = compare(city, replications=2)
    names = model_of(city).facts.units
    for option in results["options"]:
        assert list(option["unit"]) == names
        found = {name: np.array([unit[name]["mean"] for unit in option["unit"].values()]) for name in UNIT_MEASURES}
        duty, committed = found["hours_on_duty_per_day"], found["hours_committed_per_day"]
        share = option["all"]["share_time_committed"]["mean"]
        assert committed.sum() / duty.sum() == pytest.approx(share, rel=0.02)
        assert (found["hours_driving_per_day"] < duty).all() and (found["kilometers_per_day"] > 0).all()
    sheet = pd.read_excel(city.path / "compare" / "results.xlsx", sheet_name="units")
    assert sheet["unit"].astype(str).tolist() == names * len(results["options"])
    assert "about km a day" in report(city.path, hours=0.5).read_text(encoding="utf-8")


def test_kilometers_are_about_those_of_the_drives(city: CityFolder) -> None:
    model = model_of(city)
    patrol, emergency = street_speeds(model.area)
    area, places = model.scenario.area, np.asarray(model.area.coordinates)
    corners = np.random.default_rng(0).integers(0, model.area.node_count, (40, 2))
    for mode, speed in ((Mode.PATROL, patrol), (Mode.EMERGENCY, emergency)):
        paths = [area.path(*map(int, ends), mode=mode) for ends in corners]
        metres = sum(np.hypot(*np.diff(places[path.nodes.astype(int)], axis=0).T).sum() for path in paths)
        assert speed * sum(path.seconds for path in paths) == pytest.approx(metres, rel=0.1)


def test_the_week_begins_on_monday_at_midnight(city: CityFolder) -> None:
    results = outcome(model := model_of(city), run(model, as_today(model), 3, 7), 7, targets_of(TARGET))
    calls = np.array([results["hour"][f"{hour:02d}"]["calls"] for hour in range(24)])
    assert calls[:12].sum() / calls.sum() == pytest.approx(1 / 3, abs=0.06)  # as the city was made


def test_other_beats(city: CityFolder, tmp_path: Path) -> None:
    nodes = city.nodes()
    west, east = nodes["x"].min() - 300, nodes["x"].max() + 300
    south, north = nodes["y"].min() - 300, nodes["y"].max() + 300
    cut = (west + east) / 2
    boxes = [shapely.box(west, south, cut, north), shapely.box(cut, south, east, north)]
    proposed = gpd.GeoDataFrame({"name": ["west", "east"]}, geometry=boxes, crs=CRS).to_crs("EPSG:4326")
    proposed.to_file(tmp_path / "beats.geojson")
    results = compare(city, beats=tmp_path / "beats.geojson", replications=2)
    now, then = results["options"]
    assert set(then["beat"]) == {"west", "east"} and len(now["beat"]) == 4
    load = [
        sum(row["workload_unit_hours_per_day"]["mean"] for row in option["beat"].values()) for option in (now, then)
    ]
    assert load[1] == pytest.approx(load[0], rel=0.02)
    assert (
        then["all"]["share_dispatches_to_other_beats"]["mean"] < now["all"]["share_dispatches_to_other_beats"]["mean"]
    )
    assert any("2 beats, the busiest with" in sentence for sentence in results["sentences"])
    layer = gpd.read_file(city.path / "beats" / "beats.gpkg", layer="proposed beats").set_index("name")
    for name, beat in then["beat"].items():
        assert layer["workload_unit_hours_per_day"][name] == beat["workload_unit_hours_per_day"]["mean"]
    assert layer.crs == CRS and layer.geometry.area.min() > 0
    assert not city.has_step("compare")  # the strategies are compared apart
    text = report(city.path, hours=0.5).read_text(encoding="utf-8")
    assert "Proposed beats beside those of today" in text and "Workload: proposed beats" in text
    gpd.GeoDataFrame({"name": ["far"]}, geometry=[shapely.box(0, 0, 1, 1)], crs=CRS).to_file(tmp_path / "far.geojson")
    with pytest.raises(ValueError, match=r"far\.geojson, row 1: no street of the city lies in the beat far"):
        compare(city, beats=tmp_path / "far.geojson", replications=2)


@pytest.mark.long
def test_units_are_found_for_a_target(city: CityFolder) -> None:
    results = staff(city, target=TARGET, replications=2, start_every=8)
    options = {option["name"]: option for option in results["options"]}
    present, found = options["today"], options["for the target"]
    assert present["unit_hours_per_day"] == 24 * 12
    assert results["target_met"]
    assert found["tours_per_day"] != present["tours_per_day"]
    assert found["relief_factor"] == pytest.approx(365.25 * 8 / 1700)
    assert found["officers"] == int(np.ceil(found["tours_per_day"] * 365.25 * 8 / 1700))
    assert len(results["one_unit_fewer"]) == len(found["tours"])
    curve = results["curves"][0]
    assert curve["units"] == sorted(curve["units"]) and found["tours_per_day"] in curve["units"]
    table = pd.read_parquet(city.path / "staff" / "committed.parquet")
    assert len(table) == 168 and table["units_on_duty"].eq(12).all()
    truth = known_city(STAY).scenario.arrays.categories
    assert table["units_on_calls"].mean() == pytest.approx(
        5 * (np.array([0.2, 0.35, 0.45]) * truth["units_required"] * truth["service_mean_seconds"]).sum() / 3600,
        rel=0.25,
    )


def test_todays_schedule_covers_what_units_do(city: CityFolder) -> None:
    model = model_of(city)
    assert today(model, 8).on_duty.tolist() == units_on_duty(model.scenario.arrays)[:24].tolist()


def test_simulation_agrees_with_the_hypercube(city: CityFolder) -> None:
    """Where the model applies: one unit a call, exponential times, units back at their posts at once."""
    model = model_of(city)
    area = model.area
    rates = area.demand_calls_per_hour.sum((1, 2), dtype=np.float64) / 168
    posts = city.beats()["station_node"].to_numpy()
    seconds = 3600.0 * 2
    kinds = model.scenario.arrays.categories.copy()
    kinds["units_required"], kinds["service_kind"], kinds["service_mean_seconds"] = 1, 0, seconds
    units = model.scenario.arrays.units[: len(posts)].copy()
    units["start_node"], units["home_beat"] = posts, np.arange(len(posts))
    fast = {name: getattr(area, name) * 0.02 for name in ("edge_patrol_seconds", "edge_emergency_seconds")}
    other = type(area)(**{**area, **fast, "patrol_locations": posts})
    scale = 0.25 * len(posts) * 3600 / seconds / rates.sum()
    scenario = Scenario(
        type(model.scenario.area).from_arrays(**other),
        **{
            **model.scenario.arrays.fields(),
            "units": units,
            "categories": kinds,
            "service_samples": None,
            "shifts": None,
            "rate_scale": scale,
            "work_per_hour": None,
        },
    )
    engine = scenario.engine(
        patrol_policy="fixed_posts", home_beat_patrol=True, dispatch_policy="priority_closest", strict_priority=False
    )
    found = replicate(scenario, engine, range(12), hours=24 * 56)
    busy = np.array([(m.units["on_scene"] + m.units["en_route"]) / m.seconds for m in found])
    travel = scenario.area.travel_times(posts, area.demand_nodes)
    wanted = hypercube(rates * scale, travel, seconds).share_time_committed
    error = busy.std(0, ddof=1) / np.sqrt(len(busy))
    assert error.max() < 0.015
    assert (np.abs(busy.mean(0) - wanted) < 4 * error + 0.005).all()
    assert np.ptp(wanted) > 0.03  # units differ


def test_training_stops_and_goes_on(city: CityFolder) -> None:
    quick = {"validations": 2, "validation_seconds": 3600.0, "heuristic_patrols": "stay,fixed_posts", "threads": 1}
    first = train(city, minutes=1e-9, **quick)
    state = city.path / ".train.kept.state"
    assert not first["is_done"] and state.exists()
    assert "the same command continues" in first["sentences"][-1]
    before = state.read_bytes()
    again = train(city, minutes=1e-9, **quick)
    assert state.read_bytes() != before and len(again["outcomes"]) >= len(first["outcomes"])
    assert again["strategy"] == "trained for this city" and (city.path / "train" / "phases.parquet").exists()


def test_surges_come_to_every_strategy_alike(city: CityFolder) -> None:
    plain, varied = compare(city, replications=2), compare(city, replications=2, surges=True)
    calls = [[one["all"]["calls"]["mean"] for one in results["options"]] for results in (plain, varied)]
    assert len(set(calls[0])) == len(set(calls[1])) == 1
    model = model_of(city)
    measured = dataclasses.replace(model.facts.variation, surges_per_week=20.0, surge_hours=4.0, surge_multiple=3.0)
    model = dataclasses.replace(model, facts=dataclasses.replace(model.facts, variation=measured))
    surged = with_surges(model, model.scenario, 1, 7)
    found = [len(run(model, as_today(model, scenario), 1, 7).calls) for scenario in (model.scenario, surged)]
    assert found[1] > 1.3 * found[0]
    assert "days vary, and surges come, as measured in the log" in varied["assumed"]


@pytest.mark.long
def test_an_interrupted_command_goes_on(city: CityFolder) -> None:
    command = [sys.executable, "-m", "libpatrol", "compare", str(city.path), "--replications", "30", "--threads", "1"]
    environment = os.environ | {"PYTHONPATH": str(Path(libpatrol.__file__).parents[1])}
    kept = city.path / ".compare.kept.jsonl"
    running = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True, preexec_fn=interruptible)
    while running.poll() is None and not (kept.exists() and kept.read_text().count("\n") > 2):
        time.sleep(0.05)
    running.send_signal(signal.SIGINT)
    said = running.communicate()[0]
    assert running.returncode == 130 and "stopped: what is done is kept, and the same command goes on" in said
    done = kept.read_text().splitlines()
    assert len(done) > 2 and not city.has_step("compare") and not list(city.path.glob(".compare.*.partial"))
    told: list[tuple] = []
    compare(city, replications=30, threads=2, tell=lambda *seen: told.append(seen))
    assert told[0][1] >= len(done) - 1 and city.has_step("compare") and not kept.exists()


@pytest.mark.long
def test_training_to_its_end_gives_a_policy_that_hosts_load(city: CityFolder, tmp_path: Path) -> None:
    settings = [argument for name, value in QUICK.items() for argument in ("--set", f"{name}={value}")]
    assert main(["train", str(city.path), *settings]) == 0
    results = city.step("train").results
    assert results["is_done"] and not (city.path / ".train.kept.state").exists()
    policy = city.step("train").path / "policy.safetensors"
    assert policy.exists(), results["sentences"]
    area = city.step("check").path / "area.safetensors"
    compile_and_run(["cc", "-std=c11"], "c", HOST.replace("AREA", str(area)).replace("POLICY", str(policy)), tmp_path)
    compared = compare(city, replications=2)
    assert compared["options"][-1]["name"] == "trained for this city"
    page = report(city.path, hours=0.5, strategy="trained for this city").read_text(encoding="utf-8")
    assert "Strategy: trained for this city." in page and "after each phase of training" in page


HOST = """
#include <patrol.h>
#include <stdio.h>
int main(void) {
    patrol_area *area = NULL; patrol_policy *policy = NULL; patrol_engine *engine = NULL; patrol_error error;
    int failed = patrol_area_load_file("AREA", NULL, &area, &error) ||
                 patrol_policy_load_file("POLICY", &policy, &error) ||
                 patrol_engine_create(area, policy, NULL, &engine, &error);
    if (failed) fputs(error.message, stderr);
    patrol_engine_destroy(engine), patrol_policy_destroy(policy), patrol_area_destroy(area);
    return failed;
}
"""


def test_the_commands(city: CityFolder, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compare", str(city.path), "--replications", "2"]) == 0
    assert "closest unit, same patrol, against current practice" in capsys.readouterr().out
    assert main(["staff", str(city.path), "--target", "90 %"]) == 1
    assert "is not a target; write for example" in capsys.readouterr().err
    assert main(["compare", "hotspots", "--target", TARGET]) == 1
    assert "hotspots is a scenario: compare it without --target" in capsys.readouterr().err
    assert main(["train", str(city.path), "-o", "x.safetensors"]) == 1
    shutil.rmtree(city.path / "model")
    assert main(["staff", str(city.path)]) == 1
    assert "run libpatrol check" in capsys.readouterr().err


def test_intervals_and_differences() -> None:
    outcomes = [{"all": {"a": value}, "priority": {"1": {"a": value}}, "beat": {}, "hour": {}} for value in (1.0, 3.0)]
    found = summary(outcomes, [{**one, "all": {"a": one["all"]["a"] - 1}} for one in outcomes])
    assert found["all"]["a"]["mean"] == 2 and found["all"]["a"]["difference"] == 1
    assert found["all"]["a"]["difference_interval"] == [1, 1]
    assert np.mean(found["priority"]["1"]["a"]["interval"]) == 2


def test_activity_is_cut_to_a_period() -> None:
    calls = pd.DataFrame({"received": [0.0, 50.0, 200.0]})
    responses = pd.DataFrame(
        {"call": [0, 1, 2], "unit": 0, "dispatched": [1.0, 60.0, 210.0], "cleared": [9.0, 90.0, 300.0]}
    )
    duty = pd.DataFrame({"unit": [0], "start": [0.0], "end": [400.0]})
    found = Activity(calls, responses, duty.iloc[:0], duty).within(40, 250)
    assert found.responses["call"].tolist() == [0, 1]
    assert found.duty[["start", "end"]].to_numpy().tolist() == [[40, 250]]


def test_the_model_is_the_citys_own(city: CityFolder) -> None:
    model = model_of(city)
    assert isinstance(model, CityModel) and len(model.facts.units) == model.scenario.unit_count == 12

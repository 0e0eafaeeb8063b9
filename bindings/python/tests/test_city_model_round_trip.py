"""A known practice is simulated, its log written with dirt, imported and checked: it returns, another one does not."""

import dataclasses
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from known_cities import HANDLING, HELD, OWN_BEAT, imported, known_city, replaced_practice

from libpatrol.city import check
from libpatrol.city.export_log import KnownCity
from libpatrol.city.folder import CityFolder
from libpatrol.city.measures import WITHIN
from libpatrol.city.model import DIFFERS, MATCHES, CityModel, model_of
from libpatrol.city.practice import Practice
from libpatrol.enums import Mode
from libpatrol.scenario.toml_tables import parse_toml

ANSWERS = {"patrol": '"fixed_posts"', "posts": '"stations"', "assumed": "[]"}
WEEKS = 3


@pytest.fixture(scope="module")
def truth() -> KnownCity:
    return known_city(OWN_BEAT)


@pytest.fixture(scope="module")
def city(truth: KnownCity, tmp_path_factory: pytest.TempPathFactory) -> CityFolder:
    """The imported log of the known city, checked after its questions were answered."""
    folder = imported(truth, tmp_path_factory.mktemp("known"), weeks=WEEKS, dirt=0.01)
    check(folder, replications=1)
    replaced_practice(folder, **ANSWERS)
    check(folder, replications=2)
    return folder


@pytest.fixture(scope="module")
def model(city: CityFolder) -> CityModel:
    return model_of(city)


def test_the_dirty_log_matches_under_its_own_practice(city: CityFolder) -> None:
    results = city.step("check").results
    assert results["verdict"] == MATCHES
    assert {row["status"] for row in results["headlines"]} == {WITHIN}
    assert results["sentences"][0].startswith("matches the log: every headline is within")
    place = city.step("check").path
    files = {path.name for path in place.iterdir()}
    assert {"check.parquet", "check.xlsx", "model.toml", "scenario.toml", "area.safetensors"} <= files
    layer = gpd.read_file(place / "beats.gpkg", layer="check")
    assert layer["name"].tolist() == city.beats()["name"].tolist() and layer["calls_per_day_log"].notna().all()


def test_observed_against_expected_by_hour_beat_and_category(city: CityFolder) -> None:
    rows = pd.read_parquet(city.step("check").path / "check.parquet")
    calls = rows[rows["quantity"] == "calls_per_day"]
    for grouping in ("hour", "beat", "category"):
        own = calls[calls["by"] == grouping]
        for source in ("log", "simulated"):
            assert own[source].sum() == pytest.approx(calls[calls["by"] == "all"][source].iloc[0], rel=1e-6)
    assert calls[calls["by"] == "category"]["group"].tolist() == city.category_names
    scene = rows[(rows["quantity"] == "on_scene_seconds") & (rows["by"] == "category")].set_index("group")
    assert scene["log"]["assault"] > 1.4 * scene["log"]["noise"]
    assert (scene["simulated"] / scene["log"]).between(0.75, 1.35).all()


def test_demand_returns(truth: KnownCity, model: CityModel) -> None:
    hours = 168 * (WEEKS - 1)
    wanted = truth.city.demand_calls_per_hour.sum(1, dtype=np.float64)
    found = model.area.demand_calls_per_hour.sum(1, dtype=np.float64)
    nodes = model.area.demand_nodes
    for beat in range(4):
        calls = wanted[truth.city.node_beats == beat].mean(1).sum() * hours
        own = found[model.node_beats[nodes] == model.node_beats[np.argmax(truth.city.node_beats == beat)]]
        assert own.mean(1).sum() * hours == pytest.approx(calls, abs=3 * np.sqrt(calls) + 0.02 * calls)
    halves = found.sum(0).reshape(7, 24)[:, :12].sum() / found.sum()
    assert halves == pytest.approx(1 / 3, abs=0.04)


def test_service_returns(truth: KnownCity, model: CityModel) -> None:
    for kind, wanted in zip(model.facts.kinds, truth.scenario.arrays.categories, strict=True):
        found = model.scenario.arrays.categories[model.facts.kinds.index(kind)]
        calls = model.area.demand_calls_per_hour[:, model.facts.kinds.index(kind)].sum() * (WEEKS - 1)
        error = 3 * wanted["service_variation"] * wanted["service_mean_seconds"] / np.sqrt(calls)
        assert found["service_mean_seconds"] == pytest.approx(wanted["service_mean_seconds"], abs=error)
        assert found["units_required"] == wanted["units_required"] == kind.units
        assert found["priority"] == wanted["priority"]


def test_the_log_tells_its_practice(city: CityFolder, model: CityModel) -> None:
    assert model.practice.dispatch == "own_beat_first" and model.practice.hold == []
    assert model.practice.handling_seconds == pytest.approx(HANDLING, abs=10)
    text = (city.path / "practice.toml").read_text()
    assert "such" in text and "# Where do free units go?" in text


def test_a_log_of_another_practice_does_not_match(tmp_path: Path) -> None:
    folder = imported(known_city(HELD), tmp_path, weeks=WEEKS)
    check(folder, replications=1)
    drafted = Practice.load(folder.path / "practice.toml")
    assert [row.category for row in drafted.hold] == ["noise"]  # found in the log
    (folder.path / "practice.toml").write_text(dataclasses.replace(drafted, hold=[]).text())
    replaced_practice(folder, **ANSWERS)
    results = check(folder, replications=2)
    assert results["verdict"] == DIFFERS
    assert "dispatch delay" in results["verdict_sentence"]
    delay = next(row for row in results["headlines"] if row["quantity"] == "dispatch_delay_seconds")
    assert delay["interval_percent"][1] < -10


def test_travel_by_hour_returns(tmp_path: Path) -> None:
    """A log whose units drive slowly by day: the model learns by how much, and its drives match hour by hour."""
    truth = np.where(np.isin(np.arange(24), range(7, 19)), 2.0, 1.0)
    folder = imported(known_city(travel_by_hour=truth), tmp_path, weeks=7)
    check(folder, held_out_weeks=2, replications=1)
    replaced_practice(folder, **ANSWERS)
    results = check(folder, held_out_weeks=2, replications=2)
    model = model_of(folder)
    found = model.area.travel_factors
    assert (found[Mode.PATROL] == found[Mode.EMERGENCY]).all()
    day, night = (found[Mode.EMERGENCY][:24][truth == pace].mean() for pace in (2.0, 1.0))
    assert day / night == pytest.approx(2.0, abs=0.25)
    assert any(sentence.startswith("driving takes 0.") for sentence in results["sentences"])
    table = parse_toml((folder.step("check").path / "model.toml").read_text(), "model.toml")["travel_by_hour"]
    np.testing.assert_allclose(table["factors"], found[Mode.EMERGENCY][:24], atol=1e-4)


def test_a_log_whose_hours_are_alike_has_no_travel_by_hour(city: CityFolder, model: CityModel) -> None:
    assert model.area.travel_factors is None
    assert any(
        sentence.startswith("driving takes as long at all hours")
        for sentence in city.step("check").results["sentences"]
    )


def test_a_changed_practice_needs_another_check(city: CityFolder, tmp_path: Path) -> None:
    path = city.path / "practice.toml"
    text = path.read_text()
    path.write_text(text + "\n")
    with pytest.raises(ValueError, match="was changed since the last check"):
        model_of(city)
    path.write_text(text)
    assert model_of(city).facts.verdict == MATCHES

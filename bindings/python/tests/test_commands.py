"""The command line, and the bundled policy's fit."""

import re
from pathlib import Path

import numpy as np
import pytest
from test_routing import DATA

from libpatrol import Area, AreaArrays, Engine, Policy, Session
from libpatrol.commands.cli import main
from libpatrol.commands.fit_coverage import fit_coverage
from libpatrol.synthetic.snapshots import sample_snapshot


def test_demo_shows_decisions_and_repeats(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "160")
    shown = []
    for _ in range(2):
        assert main(["demo", "--seed", "3", "--rounds", "2"]) == 0
        shown.append(re.sub(r"[\d.]+ ms", "", capsys.readouterr().out))
    assert shown[0] == shown[1]
    for part in (
        "trained in 32 generated cities",
        "decision 2 of 2",
        "runner up",
        "would lose",
        "solver",
        "why",
        "two days",
        "trained",
    ):
        assert part in shown[0]
    assert main(["demo", "--seed", "4", "--rounds", "2"]) == 0
    assert re.sub(r"[\d.]+ ms", "", capsys.readouterr().out) != shown[0]


@pytest.mark.skipif(not (DATA / "manhattan_roads").exists(), reason="manhattan_roads is not in the test data")
def test_demo_on_real_roads(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["demo", "--roads", str(DATA / "manhattan_roads")]) == 0
    shown = capsys.readouterr().out
    assert "60 units, 25 waiting calls" in shown and "16811 nodes" in shown


def test_failures_are_one_line(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["demo", "--roads", str(tmp_path)]) == 1
    error = capsys.readouterr().err
    assert error.startswith("libpatrol: ") and error.count("\n") == 1


def test_the_coverage_policy_is_what_fit_coverage_makes(tmp_path: Path) -> None:
    fit_coverage(tmp_path / "policy")
    made, bundled = Policy.load(tmp_path / "policy"), Policy.bundled("coverage")
    assert made.tensors == bundled.tensors
    assert made.metadata["fitted_to"] == bundled.metadata["fitted_to"]
    inputs = np.random.default_rng(0).uniform(0, 1, (100, 28)).astype(np.float32)
    # Matrix products of other processors may round otherwise: alike, not equal.
    assert np.abs(made.evaluate("patrol", inputs) - bundled.evaluate("patrol", inputs)).mean() < 0.05


def test_the_coverage_policy_patrols_like_the_heuristic(city: AreaArrays, area: Area, rng: np.random.Generator) -> None:
    learned, heuristic = Session(Engine(area, Policy.bundled("coverage")), 8, 4), Session(Engine(area), 8, 4)
    lost = []
    for _ in range(40):
        snapshot = sample_snapshot(city, rng, unit_count=8, incident_count=4)
        for unit in snapshot.units["id"][snapshot.units["status"] == 1]:
            worth = heuristic.candidates(snapshot, unit).moves["value"]
            choice = learned.candidates(snapshot, unit).moves["value"].argmax()
            lost.append((worth.max() - worth[choice]) / max(np.ptp(worth), 1e-6))
    assert np.mean(lost) < 0.1

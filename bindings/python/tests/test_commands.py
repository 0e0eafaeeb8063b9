"""The command line: what the demonstration shows."""

import re
from pathlib import Path

import pytest

from benchmarks import DATA
from libpatrol.commands.cli import main


def test_demo_shows_decisions_and_repeats(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "160")
    shown = []
    for _ in range(2):
        assert main(["demo", "--seed", "3", "--rounds", "2"]) == 0
        shown.append(re.sub(r"[\d.]+ ms", "", capsys.readouterr().out))
    assert shown[0] == shown[1]
    for part in (
        "trained in 48 generated cities",
        "08:03, a call waits for a unit",
        "decision 2 of 2",
        "a free unit chooses where to patrol",
        "the policy's best place",
        "runner up",
        "would lose",
        "solver",
        "why",
        "two days",
        "trained",
        "Calls reached so far",
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

"""What the commands print: names as they are, in any encoding, on any width; and what they refuse at the start."""

import io
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import REPOSITORY
from test_scenarios import text_of

from libpatrol import Scenario, Trainer
from libpatrol.commands.city_results import show_results
from libpatrol.commands.cli import _parser, main
from libpatrol.commands.console import Console, styled
from libpatrol.studies.pairs import PolicyPair, under_rules

SHORT = ("--replications", "2", "--hours", "1")
QUICK = (
    "rounds=1",
    "validations=2",
    "validation_seconds=600.0",
    "bootstrap_comparisons=50",
    "comparisons=50",
    "iterations=1",
    "dispatch_generations=0",
    "heuristic_patrols=stay",
    "heuristic_dispatches=closest_fcfs",
    "horizon_seconds=600.0",
)
TRAINING = ["--variant", "dispatch_only", *(argument for option in QUICK for argument in ("--set", option))]


def run(*arguments: str, **environment: str) -> str:
    """Return what a command prints where standard output is no terminal."""
    command = [sys.executable, "-m", "libpatrol", *arguments]
    inherited = {name: value for name, value in os.environ.items() if name not in ("PYTHONUTF8", "PYTHONIOENCODING")}
    done = subprocess.run(command, env=inherited | environment, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode("ascii" if environment else "utf-8")


@pytest.fixture
def bracketed(tmp_path: Path) -> Path:
    path = tmp_path / "beats[red].toml"
    text = text_of("hotspots").replace('"urgent"', '"[P1] shots :fire:"').replace("most calls", "[bold]most calls[/]")
    path.write_text(text, encoding="utf-8")
    return path


def test_every_command_has_a_help_text(capsys: pytest.CaptureFixture[str]) -> None:
    parsers = next(action.choices for action in _parser()._actions if action.dest == "command" or action.choices)
    assert len(parsers) > 10
    steps = ["import", "check", "compare", "staff", "train", "report"]
    assert list(parsers)[: len(steps)] == steps  # in the order in which a city takes them
    for name in parsers:
        with pytest.raises(SystemExit) as ended:
            main([name, "--help"])
        assert ended.value.code == 0, name
        shown = " ".join(capsys.readouterr().out.split())
        assert f"usage: libpatrol {name}" in shown
        assert name not in steps or "city folder" in shown, name
        assert len(shown) < 4000, name
    with pytest.raises(SystemExit):
        main(["--help"])
    assert capsys.readouterr().out.count("your city") == len(steps)
    with pytest.raises(SystemExit):
        main(["staff", "--help"])
    assert "90 % within 8 min" in " ".join(capsys.readouterr().out.split())


def test_names_print_as_they_are(
    bracketed: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "160")
    assert main(["simulate", str(bracketed), *SHORT]) == 0
    shown = capsys.readouterr().out
    assert "beats[red]-medium: " in shown and "[P1] shots :fire:" in shown and "[bold]most calls[/]" in shown


def test_a_log_s_name_prints_as_it_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("pandas")
    log = tmp_path / "log[red].csv"
    rows = [f"{3600 * hour},{hour},routine" for hour in range(30)]
    log.write_text("\n".join(["time,node,category", *rows]), encoding="utf-8")
    assert main(["replay", str(log), "--area", "hotspots", "--policies", "stay+closest_fcfs", *SHORT]) == 0
    assert "log[red].csv" in capsys.readouterr().out.replace("\n", "")


@pytest.mark.parametrize(
    "environment",
    [{"PYTHONIOENCODING": "ascii"}, {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}],
    ids=["ascii", "C"],
)
def test_tables_on_an_output_without_unicode(environment: dict[str, str]) -> None:
    shown = run("compare", "hotspots", "--policies", "stay+closest_fcfs,dmexclp+closest_fcfs", *SHORT, **environment)
    assert re.search(r"\+-\d", shown) and "?" not in shown
    shown = run("simulate", "hotspots", *SHORT, **environment)
    assert "mean +- 95 %" in shown and "?" not in shown


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
def test_characters_that_the_encoding_lacks(encoding: str) -> None:
    out = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    console = Console(out)
    console.print("1 ± 2 in Zürich · 東京 \udcff")
    console.line(("± 3", "bold"), " [x]")
    console.print(styled("± 4", "green"))
    out.flush()
    shown = out.buffer.getvalue().decode(encoding)
    assert ("+- 3" if encoding == "ascii" else "± 3") in shown and "[x]" in shown
    assert ("+- 4" if encoding == "ascii" else "± 4") in shown
    assert ("東京" in shown) == (encoding == "utf-8")


def test_scenarios_at_80_columns(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    assert main(["scenarios"]) == 0
    shown = capsys.readouterr().out
    assert max(map(len, shown.splitlines())) <= 80 and "…" not in shown
    for text in ("shifting-hotspots", "heavy 0.85: 12.7 (0.85)", "travel s"):
        assert text in shown
    # No description takes more than nine lines.
    assert max(len(part) for part in re.findall(r"(?:^│[^├└]*\n)+", shown, re.MULTILINE)) < 9 * 81


def test_comparisons_at_80_columns(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    numbers = []
    for width in "250", "80":
        monkeypatch.setenv("COLUMNS", width)
        policies = "random_walk+closest_fcfs,marginal_coverage+minimum_weighted_travel"
        assert main(["compare", "hotspots-heavy", "--policies", policies, *SHORT]) == 0
        shown = capsys.readouterr().out
        assert max(map(len, shown.splitlines())) <= int(width) and "…" not in shown
        numbers.append(sorted(re.findall(r"[±+-]?\d+\.\d+", shown)))
    assert numbers[0] == numbers[1] and len(numbers[0]) > 30


@pytest.mark.parametrize(
    "command",
    [
        ("simulate", "hotspots", "--csv"),
        ("simulate", "hotspots", "--json"),
        ("compare", "hotspots", "--csv"),
        ("compare", "hotspots", "--json"),
        ("replay", "log.csv", "--csv"),
        ("replay", "log.csv", "--json"),
        ("train", "hotspots", "--output"),
        ("train", "hotspots", "--checkpoint"),
    ],
    ids=" ".join,
)
def test_outputs_that_cannot_be_written(
    command: tuple[str, ...], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for path in (tmp_path / "missing" / "out", tmp_path):
        with pytest.raises(SystemExit):
            main([*command, str(path)])
        assert f"{path} cannot be written: " in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_the_default_output_is_checked_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "hotspots.safetensors").mkdir()
    monkeypatch.chdir(tmp_path)
    assert main(["train", "hotspots"]) == 1
    assert "hotspots.safetensors cannot be written: it is a folder" in capsys.readouterr().err


def test_training_prints_lines_and_takes_a_load(tmp_path: Path) -> None:
    shown = run("train", "hotspots", "--load", "light", "-o", str(tmp_path / "policy"), *TRAINING)
    assert shown.startswith("hotspots-light: ")
    lines = [line for line in shown.splitlines() if line.startswith("phase ")]
    assert "phase 1 of 2: heuristic" in lines[0] and any("dispatch" in line for line in lines) and "%" in lines[-1]


@pytest.mark.long
def test_training_in_a_budget_goes_on_later(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = ["train", "hotspots", "-o", str(tmp_path / "policy"), *TRAINING]
    assert main([*command, "--minutes", "0.0001"]) == 1
    assert "--minutes needs --checkpoint FILE" in capsys.readouterr().err
    whole = tmp_path / "whole.state"
    assert main([*command, "--checkpoint", str(whole)]) == 0
    capsys.readouterr()
    state = tmp_path / "part.state"
    runs, shown = 0, "stopped after"
    while "stopped after" in shown:
        assert main([*command, "--checkpoint", str(state), "--minutes", "0.0001"]) == 0
        shown = capsys.readouterr().out
        assert ("continues from" in shown) or runs == 0
        runs += 1
    assert runs > 2
    assert state.read_bytes() == whole.read_bytes()


@pytest.mark.parametrize("minutes", ["0", "-1", "nan", "soon"])
def test_budgets_that_are_none(minutes: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["train", "hotspots", "--minutes", minutes])
    assert f"{minutes} is not a number of minutes above 0" in capsys.readouterr().err


@pytest.fixture
def holding(tmp_path: Path) -> Path:
    path = tmp_path / "holding.toml"
    path.write_text(text_of("hotspots") + '\n[rules]\npatrol_policy = "stay"\n', encoding="utf-8")
    return path


def test_a_patrol_rule_binds_the_commands(holding: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert Scenario.load(holding).engine().options.patrol_policy == "stay"
    assert main(["simulate", str(holding), *SHORT]) == 0
    assert "stay+minimum_weighted_travel" in capsys.readouterr().out
    assert main(["simulate", str(holding), *SHORT, "--policy", "hotspots-heavy"]) == 0
    assert "stay+learned" in capsys.readouterr().out
    assert main(["compare", str(holding), *SHORT]) == 0
    shown = capsys.readouterr().out
    assert shown.count("│ stay ") >= 3 and "dmexclp" not in shown
    assert main(["compare", str(holding), *SHORT, "--policies", "dmexclp+closest_fcfs"]) == 0
    assert "dmexclp" in capsys.readouterr().out  # asked for by name


def test_a_rule_leaves_nothing_to_compare_twice(holding: Path) -> None:
    scenario = Scenario.load(holding)
    pairs = [PolicyPair(patrol=patrol) for patrol in ("stay", "dmexclp", "random_walk")]
    assert [pair.name for pair in under_rules(pairs, scenario)] == ["stay+minimum_weighted_travel"]


def test_training_does_not_learn_what_a_rule_sets(holding: Path) -> None:
    scenario = Scenario.load(holding)
    with pytest.raises(
        ValueError, match="set patrol_policy = stay: train with variant dispatch_only and heuristic_patrols"
    ):
        Trainer(scenario)
    Trainer(scenario, variant="dispatch_only", heuristic_patrols="stay").close()


def test_one_version_of_swift_is_needed() -> None:
    """`Package.swift` says which; scripts read it there, and pages say the same."""
    first = (REPOSITORY / "Package.swift").read_text(encoding="utf-8").splitlines()[0]
    needed = first.removeprefix("// swift-tools-version: ")
    pages = [REPOSITORY / "README.md", REPOSITORY / "CONTRIBUTING.md", REPOSITORY / "bindings" / "python" / "README.md"]
    scripts = [REPOSITORY / path for path in ("Tests/run", "bindings/c/install", "bindings/python/run")]
    for page in pages:
        found = re.findall(r"Swift (\d+\.\d+)", page.read_text(encoding="utf-8"))
        assert found and set(found) == {needed}, page
    for script in [*scripts, REPOSITORY / "bindings" / "python" / "setup.py"]:
        assert not re.search(r"Swift \d", script.read_text(encoding="utf-8")), script


def test_strategies_of_a_city_have_the_names_of_the_report(capsys: pytest.CaptureFixture[str]) -> None:
    sentences = ["fixed_posts+priority_closest: 90 % within 8 min", "mine+yours: 2", "current practice: 1"]
    show_results(Console(), {"sentences": sentences, "assumed": ["none"]})
    shown = " ".join(capsys.readouterr().out.split())
    assert "- closest unit, urgent calls first; units wait at fixed posts (fixed_posts+priority_closest): 90 %" in shown
    assert "- mine+yours: 2 - current practice: 1 assumed: none" in shown

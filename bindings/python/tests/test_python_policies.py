"""Policies written in Python: the same calls, the same measures, and sentences where their code fails."""

import csv
import hashlib
import json
from pathlib import Path

import numpy as np
import pytest
from conftest import REPOSITORY

from libpatrol import Scenario
from libpatrol.commands.cli import main
from libpatrol.studies.intervals import holm, paired
from libpatrol.studies.measures import COST
from libpatrol.studies.pairs import PolicyPair
from libpatrol.studies.python_policies import Decision, PythonPolicyError, load_policy, replicate_python
from libpatrol.studies.replications import replicate

EXAMPLE = REPOSITORY / "bindings" / "python" / "examples" / "own_policy.py"
SEEDS = range(3)


class Leaves:
    """Leaves everything to the engine."""

    def __init__(self, scenario: Scenario, seed: int) -> None:
        self.seed = seed

    def dispatch(self, decision: Decision) -> None:
        decision.decide()

    patrol = dispatch


class Holds:
    """Never answers a call."""

    def __init__(self, scenario: Scenario, seed: int) -> None: ...

    def dispatch(self, decision: Decision) -> None: ...


class Returns:
    """Sends every free unit where the engine's first candidate is: it stays."""

    def __init__(self, scenario: Scenario, seed: int) -> None: ...

    def patrol(self, decision: Decision) -> None:
        for unit in np.flatnonzero(decision.due):
            decision.move(int(unit), int(decision.candidates(int(unit)).moves["node"][0]))


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return Scenario.load("hotspots-heavy")


def test_a_policy_that_leaves_everything_is_the_engine(scenario: Scenario) -> None:
    pair = PolicyPair(patrol="backup_coverage")
    expected = replicate(scenario, pair.engine(scenario), SEEDS, hours=6)
    found = replicate_python(scenario, pair.engine(scenario), Leaves, SEEDS, hours=6)
    assert COST.values(found).tolist() == COST.values(expected).tolist()
    assert [metrics.events for metrics in found] == [metrics.events for metrics in expected]


def test_only_what_has_a_method_is_decided(scenario: Scenario) -> None:
    engine = PolicyPair(patrol="backup_coverage").engine(scenario)
    stays = replicate_python(scenario, engine, Returns, SEEDS, hours=6)
    alike = replicate(scenario, PolicyPair(patrol="stay").engine(scenario), SEEDS, hours=6)
    assert COST.values(stays) == pytest.approx(COST.values(alike), rel=1e-9)
    held = replicate_python(scenario, engine, Holds, SEEDS[:1], hours=6)
    assert held[0].served == 0 and held[0].calls > 0


def test_a_decision_tells_nothing_of_the_future() -> None:
    shown = {name for name in vars(Decision) if not name.startswith("_")}
    assert shown == {"snapshot", "due", "pairs", "candidates", "assign", "move", "decide"}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("Policy", "'Policy' does not name a policy, expected FILE.py:CLASS"),
        ("nowhere.py:Policy", "there is no file nowhere.py"),
        ("no.such.module:Policy", "there is no module no.such.module"),
        (f"{EXAMPLE}:Nothing", "own_policy.py has no class Nothing"),
        (f"{EXAMPLE}:Scenario", "Scenario of .*own_policy.py has neither a method dispatch nor a method patrol"),
    ],
)
def test_texts_that_name_no_policy(text: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        load_policy(text)


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ("def dispatch(self, decision): return {}['x']", r"line 3, with seed 0 after \d+\.\d\d h: KeyError: 'x'"),
        ("def dispatch(self, decision): decision.assign(99, 0)", r"line 3, with seed 0 .*: PatrolError: "),
        ("def patrol(self, decision): decision.copy", "AttributeError: 'Decision' object has no attribute 'copy'"),
    ],
)
def test_a_policy_that_fails_is_told_where(body: str, sentence: str, scenario: Scenario, tmp_path: Path) -> None:
    path = tmp_path / "failing.py"
    path.write_text(f"class Policy:\n    def __init__(self, scenario, seed): ...\n    {body}\n", encoding="utf-8")
    with pytest.raises(
        PythonPolicyError, match=rf"^Policy failed in failing\.py, {sentence}" if "line" in sentence else sentence
    ):
        replicate_python(scenario, scenario.engine(patrol_policy="stay"), load_policy(f"{path}:Policy"), SEEDS, hours=2)


def test_evaluate_shows_the_paired_table(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("COLUMNS", "160")
    out = tmp_path / "out.json"
    table = tmp_path / "out.csv"
    settings = ["--replications", "4", "--hours", "6", "--json", str(out), "--csv", str(table)]
    assert main(["evaluate", "hotspots-heavy", f"{EXAMPLE}:Reserve", *settings]) == 0
    shown, content = capsys.readouterr().out, json.loads(out.read_text(encoding="utf-8"))
    for part in ("own_policy.py:Reserve", "4 replications on the same calls", "corrected for 4 comparisons after Holm"):
        assert part in shown
    scenario = Scenario.load("hotspots-heavy")
    assert content["settings"]["own_hashes"] == [hashlib.sha256(EXAMPLE.read_bytes()).hexdigest()]
    assert content["scenario_hash"] == scenario.content_hash and content["scenario_version"] == 1
    assert (
        scenario.content_hash[:16] in shown and len(content["replications"]["own_policy.py:Reserve"]["cost_rate"]) == 4
    )
    with table.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {(row["scenario_version"], row["scenario_hash"]) for row in rows} == {("1", scenario.content_hash)}
    assert "own_policy.py:Reserve" in {row["policies"] for row in rows}
    assert main(["evaluate", "hotspots", f"{EXAMPLE}:Reserve", f"{EXAMPLE}:Reserve"]) == 1
    assert "own_policy.py:Reserve is named twice" in capsys.readouterr().err


def test_probabilities_are_those_of_scipy_and_statsmodels(rng: np.random.Generator) -> None:
    from scipy.stats import ttest_rel
    from statsmodels.stats.multitest import multipletests

    reference = rng.normal(5, 1, 30)
    others = [reference + rng.normal(shift, 1, 30) for shift in (0.0, 0.2, 0.5, 1.5)]
    found = [paired(reference, other).probability for other in others]
    assert found == pytest.approx([ttest_rel(other, reference).pvalue for other in others], rel=1e-9)
    assert holm(found) == pytest.approx(multipletests(found, method="holm")[1], rel=1e-12)
    assert holm([np.nan, 0.5]) == pytest.approx([np.nan, 0.5], nan_ok=True)

"""Replications, intervals, and the commands that simulate."""

import csv
import json
import math
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest

from libpatrol import Area, Policy, Scenario, Simulation
from libpatrol.commands.cli import main
from libpatrol.studies.best import Search, Trial, best, heuristic_pairs, tune
from libpatrol.studies.intervals import interval, paired
from libpatrol.studies.measures import COST, MEASURES, class_intervals
from libpatrol.studies.pairs import PolicyPair
from libpatrol.studies.replications import VALIDATION_SEEDS, replicate
from libpatrol.synthetic import cities

HOURS = ["--hours", "4", "--replications", "3"]


def test_intervals() -> None:
    found = interval([1.0, 2.0, 4.0, np.nan])
    assert found.mean == pytest.approx(7 / 3) and found.replications == 3
    # Student's t with 2 degrees of freedom, 97.5 %: 4.302653.
    assert found.half_width == pytest.approx(4.302653 * np.std([1, 2, 4], ddof=1) / math.sqrt(3), rel=1e-6)
    assert interval([3.0]).mean == 3.0 and math.isnan(interval([3.0]).half_width)
    assert interval([]).replications == 0 and math.isnan(interval([np.nan]).mean)
    assert paired([1, 2, 3], [2, 3, 4]).mean == 1 and paired([1, 2, 3], [2, 3, 4]).half_width == 0
    assert paired([1, 2], [1, 2]).excludes_zero is False


def test_intervals_hold_the_mean_as_often_as_they_say() -> None:
    rng = np.random.default_rng(1)
    held = np.mean([abs(found.mean) <= found.half_width for found in map(interval, rng.normal(size=(4000, 6)))])
    assert held == pytest.approx(0.95, abs=0.012)


def test_threads_change_nothing() -> None:
    scenario = Scenario.load("hotspots")
    engine = scenario.engine()
    one, two = (replicate(scenario, engine, range(5), hours=3, threads=threads) for threads in (1, 2))
    for a, b in zip(one, two, strict=True):
        assert [measure.of(a) for measure in MEASURES] == [measure.of(b) for measure in MEASURES]


def test_better_policies_cost_less() -> None:
    """Known before: patrol by coverage and closest units beat wandering units in order of arrival, by far."""
    scenario = Scenario.load("hotspots-medium")
    costs = {}
    for name in ("random_walk+closest_fcfs", "marginal_coverage+minimum_weighted_travel"):
        found = replicate(scenario, PolicyPair.parse(name).engine(scenario), range(20), hours=24)
        costs[name] = COST.values(found)
    difference = paired(*costs.values())
    assert difference.excludes_zero and difference.mean < -0.1 * np.mean(next(iter(costs.values())))


def test_class_rows_sum_up() -> None:
    scenario = Scenario.load("unequal-groups")
    found = replicate(scenario, scenario.engine(), range(4), hours=10)
    calls = sum(metrics.calls for metrics in found) / 4
    for kind in ("priority", "beat", "group", "category"):
        assert sum(row.mean for row in class_intervals(found, kind, "calls")) == pytest.approx(calls)


def test_pairs(small_policy: Policy) -> None:
    assert PolicyPair.parse(" stay+closest_fcfs").name == "stay+closest_fcfs"
    for text, sentence in (
        ("stay", "expected patrol\\+dispatch"),
        ("stay+nearest", "there is no policy nearest"),
        ("learned+closest_fcfs", "needs a policy file"),
    ):
        with pytest.raises(ValueError, match=sentence):
            PolicyPair.parse(text)
    with pytest.raises(ValueError, match="no dispatch_policy, expected a file written by a trainer"):
        PolicyPair.trained(small_policy)


def test_simulate_prints_and_writes(capsys: pytest.CaptureFixture[str], monkeypatch: object, tmp_path: Path) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    files = ["--csv", str(tmp_path / "out.csv"), "--json", str(tmp_path / "out.json")]
    command = ["simulate", "unequal-groups", "--patrol", "dmexclp", "--dispatch", "weighted_index"]
    assert main([*command, "--load", "heavy", *HOURS, *files]) == 0
    shown = capsys.readouterr().out
    for part in (
        "offered load 0.85 per unit",
        "3 replications",
        "response times by priority",
        "response times by beat",
        "response times by group",
        "response times by hour",
        "measured: 4 h from Monday 06:00, after 6 h of warm-up",
        "Gini",
        "expected coverage",
        "lost to a full queue",
        "p95",
    ):
        assert part in shown, part
    content = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))
    assert content["scenario"] == "unequal-groups-heavy" and content["settings"]["hours"] == 4
    costs = content["replications"]["dmexclp+weighted_index"]["cost_rate"]
    with open(tmp_path / "out.csv", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    row = next(row for row in rows if row["measure"] == "cost_rate")
    assert float(row["mean"]) == pytest.approx(np.mean(costs))
    assert {row["class"] for row in rows} == {"all", "priority", "beat", "group", "category", "hour"}


def test_compare_pairs_differences(capsys: pytest.CaptureFixture[str], monkeypatch: object, tmp_path: Path) -> None:
    monkeypatch.setenv("COLUMNS", "250")
    policies = "stay+closest_fcfs,random_walk+closest_fcfs"
    assert main(["compare", "uniform", "--policies", policies, *HOURS, "--json", str(tmp_path / "out")]) == 0
    shown = capsys.readouterr().out
    assert "stay+closest_fcfs with paired 95 % intervals" in shown and "%" in shown
    content = json.loads((tmp_path / "out").read_text(encoding="utf-8"))
    first, second = (content["replications"][name]["cost_rate"] for name in policies.split(","))
    row = next(r for r in content["rows"] if r["policies"] == policies.split(",")[1] and r["measure"] == "cost_rate")
    expected = paired(first, second)
    assert row["difference"] == pytest.approx(expected.mean)
    assert row["difference_half_width"] == pytest.approx(expected.half_width)


def test_compare_pairs_every_class(capsys: pytest.CaptureFixture[str], monkeypatch: object, tmp_path: Path) -> None:
    """By priority on the console, by every class in CSV and, replication by replication, in JSON: all paired."""
    monkeypatch.setenv("COLUMNS", "250")
    policies = "stay+closest_fcfs,dmexclp+priority_closest"
    out = ["--csv", str(tmp_path / "out.csv"), "--json", str(tmp_path / "out.json")]
    assert main(["compare", "hotspots-heavy", "--policies", policies, *HOURS, *out]) == 0
    shown = capsys.readouterr().out
    assert "priority 1: " in shown and "priority 2: " in shown and "p50" in shown and "in time" in shown
    content = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))
    first, second = (content["replications"][name] for name in policies.split(","))
    with open(tmp_path / "out.csv", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    for kind, row, measure in (
        ("priority", "1", "response_p90"),
        ("priority", "2", "response_median"),
        ("hour", "07", "response_charged_mean"),
        ("category", "urgent", "response_within_target"),
        ("beat", "3", "response_lost_share"),
    ):
        wanted = {"policies": policies.split(",")[1], "class": kind, "row": row, "measure": measure}
        values = [np.array(found[f"by_{kind}"][row][measure], float) for found in (first, second)]
        assert len(values[0]) == 3
        found = next(entry for entry in rows if wanted.items() <= entry.items())
        expected = paired(*values)
        assert float(found["mean"]) == pytest.approx(interval(values[1]).mean)
        assert float(found["difference"]) == pytest.approx(expected.mean)
        assert float(found["difference_half_width"]) == pytest.approx(expected.half_width)


def test_one_replication_has_no_interval(capsys: pytest.CaptureFixture[str], monkeypatch: object) -> None:
    monkeypatch.setenv("COLUMNS", "250")
    for command in (
        ["compare", "uniform", "--policies", "stay+closest_fcfs,dmexclp+closest_fcfs"],
        ["simulate", "uniform"],
    ):
        assert main([*command, "--hours", "3", "--replications", "1"]) == 0
        shown = capsys.readouterr().out
        assert "nan" not in shown and "\u00b1" not in shown and "one run" in shown


WEEKLY = """
format = "libpatrol scenario"
format_version = 1
description = "{name}"
[city]
generator = "grid"
rows = 4
columns = 4
beats = 1
[demand]
calls_per_hour = 4.0
[fleet]
units = 3
{more}
"""


def test_whole_periods_are_measured(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the week repeats a whole week is measured, else two days; what a file or --hours says comes before."""

    monkeypatch.setenv("COLUMNS", "200")

    def scenario(name: str, more: str) -> Scenario:
        path = tmp_path / f"{name}.toml"
        path.write_text(WEEKLY.format(name=name, more=more), encoding="utf-8")
        return Scenario.load(path)

    shift = "[[shifts]]\nunits = [0]\nstart_hour = {start}\nend_hour = {end}\n{days}"
    watches = "".join(shift.format(start=8 * k + 6, end=8 * k + 14, days="") for k in range(3))
    weekend = shift.format(start=8, end=20, days="days = [5, 6]")
    for name, more, period, hours, starts in (
        ("always", "", 1, 48, ()),
        ("watches", watches, 24, 48, (6, 14, 22)),
        ("weekend", weekend, 168, 168, (8,)),
        ("work", f"[work]\nper_hour = {[0.1] * 168}", 168, 168, ()),
        ("said", weekend + "\n[run]\nhours = 30", 168, 30, (8,)),
    ):
        found = scenario(name, more)
        assert (found.period_hours, found.hours, found.shift_starts) == (period, hours, starts), name
        with Simulation(found, found.engine(), seed=1) as simulation:
            simulation.run()
            metrics = simulation.metrics()
        assert metrics.seconds == 3600 * hours and len(metrics.by_shift) == len(starts)
        assert metrics.by_shift["calls"].sum() == (metrics.calls if starts else 0)
    area = Area.from_arrays(**{**cities.grid(4, 4, seed=1), "demand_calls_per_hour": np.full((16, 2, 168), 0.1)})
    assert Scenario(area, unit_count=2).hours == 168
    quick = ["simulate", str(tmp_path / "weekend.toml"), "--replications", "2"]
    assert main(quick) == 0
    shown = capsys.readouterr().out
    assert "measured: 168 h from Monday 06:00, after 6 h of warm-up" in shown and "no whole" not in shown
    assert main([*quick, "--hours", "48"]) == 0
    assert "not whole weeks" in capsys.readouterr().out


def test_scenarios_are_listed(capsys: pytest.CaptureFixture[str], monkeypatch: object) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    assert main(["scenarios"]) == 0
    shown = capsys.readouterr().out
    for part in ("shifting-hotspots", "southwest-atlanta", "heavy 0.85", "light 0.3"):
        assert part in shown


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["simulate", "nowhere"], "there is no scenario nowhere"),
        (["simulate", "hotspots", "--load", "full"], "no load full"),
        (["simulate", "hotspots", "--patrol", "run"], "there is no policy run"),
        (["simulate", "hotspots", "--patrol", "learned"], "needs a policy file"),
        (["simulate", "hotspots", "--policy", "nowhere"], "nowhere"),
        (["compare", "hotspots", "--policies", "stay+closest_fcfs,stay+closest_fcfs"], "named twice"),
        (["simulate", "hotspots", "--hours", "nan"], "hours is nan, expected a number above 0"),
        (["best", "hotspots", "--hours", "-1"], "hours is -1, expected a number above 0"),
    ],
)
def test_failures_are_one_line(arguments: list[str], sentence: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 1
    error = capsys.readouterr().err
    assert error.startswith("libpatrol: ") and sentence in error and error.count("\n") == 1


def test_the_search_uses_validation_seeds_and_counts_its_events() -> None:
    scenario = Scenario.load("irregular-roads-heavy")
    search = Search(scenario, replications=4, hours=12, threads=None)
    assert search.seeds.start == VALIDATION_SEEDS and not set(search.seeds) & set(search.fresh_seeds)
    found = best(search, budget=400_000)
    assert len(found.trials) == len(heuristic_pairs()) == 40
    means = [trial.cost.mean for trial in found.trials]
    assert means == sorted(means)
    assert found.events == search.events >= sum(trial.events for trial in found.trials)
    assert "learned" not in found.pair.name


def test_tuned_limits_help_where_urgent_calls_are_worth_much(tmp_path: Path) -> None:
    """With weights of 60 and 1 a unit in reserve pays, however the others wait: the tuner must find that."""
    text = (files("libpatrol") / "data" / "scenarios" / "uniform.toml").read_text(encoding="utf-8")
    (tmp_path / "urgent.toml").write_text(text.replace("weight = 3.0", "weight = 60.0"), encoding="utf-8")
    scenario = Scenario.load(tmp_path / "urgent.toml", "heavy")
    search = Search(scenario, replications=6, hours=24, threads=None)
    start = search.trial(PolicyPair())
    before = search.events
    tuned = tune(search, start, budget=1_500_000)
    assert isinstance(tuned, Trial) and tuned.cost.mean < 0.95 * start.cost.mean
    assert search.events - before < 1_500_000 + 2 * start.events
    limits = np.array(tuned.pair.options["hold_travel_seconds"])
    assert (limits[1:] >= limits[:-1]).all()
    assert np.isinf(limits[:, 0]).all()  # priority 1 may not be held

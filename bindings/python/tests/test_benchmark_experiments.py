"""What the studies of the benchmarks share: results that are kept, trainings, and measures of their own."""

import importlib.util
import math
import re
from pathlib import Path

import numpy as np
import pytest

import benchmarks
from benchmarks.studies.experiments.decisions import backlog, timed
from benchmarks.studies.experiments.errors import disturbed
from benchmarks.studies.experiments.presence import free_units, presence
from benchmarks.studies.experiments.storm import BEGIN, Weathered, scenario
from benchmarks.studies.laboratory import Laboratory
from benchmarks.studies.measures import relative_change
from benchmarks.studies.pairs import RANDOM_PAIR, SHORT_LIST
from benchmarks.studies.results import __main__ as results
from benchmarks.studies.results import ablation
from benchmarks.studies.results.rows import corrected, rows_of
from benchmarks.studies.results.study import Effort, Study, Training
from benchmarks.studies.scenarios import Cell, altered
from libpatrol import Scenario
from libpatrol.enums import EventKind
from libpatrol.lab.simulation import EVENT_DTYPE
from libpatrol.studies.measures import COST
from libpatrol.studies.replications import replicate

TINY = {
    "rounds": 1, "iterations": 1, "comparisons": 100, "bootstrap_comparisons": 100, "validations": 2,
    "validation_seconds": 7200.0, "dispatch_generations": 0, "value_form": "concave",
}  # fmt: skip


def laboratory(folder: Path) -> tuple[Laboratory, list[str]]:
    made: list[str] = []
    return Laboratory(folder, replications=3, trainer=TINY, say=made.append), made


def test_results_are_kept_until_something_changes(tmp_path: Path) -> None:
    lab, made = laboratory(tmp_path)
    city = Scenario.load("hotspots")
    first = lab.measured("a", city, RANDOM_PAIR)
    assert first[COST.name].tolist() == COST.values(replicate(city, RANDOM_PAIR.engine(city), range(3))).tolist()
    assert lab.measured("a", city, RANDOM_PAIR)[COST.name].tolist() == first[COST.name].tolist()
    assert made == ["test-a"]
    busier = lab.measured("a", altered(city, rate_scale=1.5), RANDOM_PAIR)
    assert made == ["test-a"] * 2 and busier[COST.name].mean() > first[COST.name].mean()
    lab.measured("a", altered(city, {"strict_priority": False}), RANDOM_PAIR)
    lab.measured("a", altered(city, {"strict_priority": False}), SHORT_LIST[0])
    assert made == ["test-a"] * 4


def test_every_benchmark_of_the_index_is_a_module() -> None:
    """And every results page names the command that made it."""
    folder = Path(benchmarks.__file__).parent
    index = (folder / "README.md").read_text(encoding="utf-8")
    commands = []
    for part in re.split(r"(?=^\| \*\*)", index.split("## Decisions")[0], flags=re.MULTILINE)[1:]:
        place = re.search(r"-m (benchmarks\.\w+)\.", part)[1]
        rows = [line.split(" | ")[2] for line in part.splitlines()[1:] if line.startswith("|")]
        commands += [
            f"{place}.{name}" for row in rows for name in re.findall(r"`([\w.]+)[ `]", row) if "--" not in name
        ]
    pages = {page: page.read_text(encoding="utf-8") for page in folder.rglob("*.md") if page.name != "README.md"}
    named = {page: re.search(r"`bindings/python/run python -m ([\w.]+)", text) for page, text in pages.items()}
    assert [page for page, command in named.items() if command is None] == []
    assert {command[1] for command in named.values()} <= set(commands) and len(set(commands)) > 12
    for command in commands:
        assert importlib.util.find_spec(command) is not None, command


def test_the_best_pair_costs_least_on_validation_seeds(tmp_path: Path) -> None:
    lab, made = laboratory(tmp_path)
    assert lab.best("x", Scenario.load("hotspots"), [RANDOM_PAIR, SHORT_LIST[0]]) is SHORT_LIST[0]
    assert all(name.startswith("validation-") for name in made)


def test_trainings_are_kept_and_policies_disturbed(tmp_path: Path) -> None:
    lab, made = laboratory(tmp_path)
    city = Scenario.load("hotspots-heavy")
    for seed in range(8):  # of so small a training nothing may come that is better than the heuristics
        pair = lab.trained("t", city, RANDOM_PAIR, seed, variant="dispatch_only").pair
        if pair.policy is not None:
            break
    assert pair.dispatch == "learned"
    count = len(made)
    again = lab.trained("t", city, RANDOM_PAIR, seed, variant="dispatch_only")
    assert again.pair.policy.info == pair.policy.info and len(made) == count
    assert again.events > 0 and again.seconds > 0 and len(again.outcomes["cost"]) > 1
    content = (tmp_path / f"trained-t-{seed}.safetensors").read_bytes()
    features = np.random.default_rng(0).uniform(0, 1, (4, 24)).astype(np.float32)
    exact, same, other = pair.policy, disturbed(content, 0.0, 1), disturbed(content, 0.3, 1)
    assert same.evaluate("pair", features).tolist() == exact.evaluate("pair", features).tolist()
    assert other.evaluate("pair", features).tolist() != exact.evaluate("pair", features).tolist()
    assert other.info.value_is_concave and other.metadata == exact.metadata


@pytest.mark.long
def test_the_results_of_a_cell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From the search for heuristics to the lines of the tables; nothing is made twice."""
    monkeypatch.setattr("libpatrol.studies.best.heuristic_pairs", lambda: [RANDOM_PAIR, SHORT_LIST[0]])
    made: list[str] = []
    cell = Cell("hotspots", "heavy", "off")
    study = Study(tmp_path, Effort(2, 2, 1, TINY | {"variant": "dispatch_only"}), made.append)
    joint = Training("joint")
    kept = Training("joint, or with the rules kept", either=joint)
    rows = corrected({cell: rows_of(study, cell, [(joint, 2), (kept, 1)])}, joint.title)[cell]
    count = len(made)
    assert made.count("hotspots-heavy/heuristics") == made.count("hotspots-heavy-rules-off/trained-joint-0") == 1
    lines = results.lines(cell, rows)
    assert {len(line) for line in lines} == {len(results.HEAD)}
    reference = next(row for row in rows if row.reference is None)
    assert [line[3] for line in lines].count("") == 1 and reference.title.startswith("best heuristics: ")
    two_seeds, better = rows[-2:]
    assert len(two_seeds.changes) == 2 and two_seeds.change is not None and better.events > two_seeds.events > 0
    monkeypatch.setattr(ablation, "ABLATIONS", (Training("separable value", {"value_form": "none"}),))
    monkeypatch.setattr(ablation, "ABLATION_CELLS", (cell,))
    monkeypatch.setattr(ablation, "ABLATION_SEEDS", 1)
    found = ablation.lines(study, [cell])
    assert {len(line) for line in found} == {len(ablation.HEAD)} and len(found) == 2
    assert ablation.about().startswith("1 training seeds") and rows_of(study, cell, [(joint, 2)])[-1].events > 0
    assert not any("heuristics" in name or "joint" in name for name in made[count:])


def test_presence_counts_free_units_by_place() -> None:
    rows = [
        (0.0, EventKind.MOVE_ENDED, 0, 0),  # unit 0 stands in group 0 for 10 s,
        (10.0, EventKind.MOVE_BEGAN, 0, 1),  # drives to group 1 and stands there until it is sent at 30 s
        (20.0, EventKind.MOVE_ENDED, 0, 1),
        (30.0, EventKind.UNIT_SENT, 0, 0),
        (50.0, EventKind.UNIT_ON_SCENE, 0, 0),
        (90.0, EventKind.UNIT_FREED, 0, 0),  # and is free in group 0 for the last 10 s
    ]
    events = np.zeros(len(rows), EVENT_DTYPE)
    for row, (time, kind, unit, node) in zip(events, rows, strict=True):
        row["time_seconds"], row["kind"], row["unit"], row["node"] = time, kind, unit, node
    groups = np.array([0, 1], np.int32)
    assert free_units(events, groups, 0.0, 100.0) == pytest.approx([0.2, 0.2])
    assert free_units(events, groups, 25.0, 95.0) == pytest.approx([5 / 70, 5 / 70])


def test_presence_is_the_free_time_that_metrics_know() -> None:
    city = Scenario.load("hotspots")
    engine = SHORT_LIST[0].engine(city)
    found = presence(city, engine, range(2), np.arange(city.area.info.node_count, dtype=np.int32) % 3)
    for row, metrics in zip(found, replicate(city, engine, range(2)), strict=True):
        free = metrics.units["standing"].sum() + metrics.units["driving"].sum()
        assert row.sum() == pytest.approx(free / metrics.seconds)


def test_recovery_from_a_storm() -> None:
    queue = np.array([[1, 1, 9, 9, 5, 2, 1, 0], [1, 1, 9, 9, 9, 9, 9, 9]], float)
    nothing = np.zeros(2)
    seen = Weathered(queue, nothing, nothing, nothing, begin=2, end=4)
    assert seen.before() == 1
    assert seen.recovery()[0] == 2 and math.isnan(seen.recovery()[1])
    assert seen.unrecovered() == 1


def test_a_backlog_is_decided_at_once() -> None:
    city = scenario(10)
    with SHORT_LIST[0].engine(city) as engine:
        snapshots = backlog(city, engine, range(2), BEGIN, BEGIN + 600)
        times = timed(engine, snapshots)
    assert times.decisions == 2 and min(times.largest) >= 2
    assert times.proven == 1 and 0 < times.median <= times.longest


def test_relative_changes() -> None:
    rng = np.random.default_rng(0)
    reference = rng.uniform(1, 2, 200)
    found = relative_change(0.9 * reference[None], reference)
    assert found.mean == pytest.approx(-0.1) and found.excludes_zero
    seeds = np.stack([0.8 * reference, reference])
    assert relative_change(seeds, reference).mean == pytest.approx(-0.1)
    assert relative_change(seeds, reference).half_width > found.half_width

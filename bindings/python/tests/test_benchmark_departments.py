"""The study of departments: rows, what is missing, and trainings in several sittings."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from test_benchmark_experiments import TINY as SMALL

from benchmarks.studies.departments import __main__ as command
from benchmarks.studies.departments.changes import CHANGES, ChangedCell
from benchmarks.studies.departments.plan import EFFORTS, FIVE_SEEDS, LOWEST_P90, MEASURED, cells, core_hours, trainings
from benchmarks.studies.departments.table import BEST, GENERAL, LIMITS, RANDOM, department, lines
from benchmarks.studies.pairs import SHORT_LIST
from benchmarks.studies.results.study import Effort, Study
from benchmarks.studies.scenarios import Cell
from benchmarks.studies.sittings import Sittings
from libpatrol import Scenario, Trainer
from libpatrol.lab.training import Progress
from libpatrol.studies.measures import COST, DRIVING

TINY = SMALL | {"patrol_generations": 1, "search_population": 2, "search_replications": 1}
EFFORT = Effort(
    test_replications=4,
    validation_replications=2,
    tuning_events=0,
    trainer=TINY,
    measures=MEASURED,
    pairs=SHORT_LIST[:1],
)
CELL = Cell("uniform", "light")


def test_rows_and_what_is_missing(tmp_path: Path) -> None:
    made: list[str] = []
    study, reader = Study(tmp_path, EFFORT, made.append), Study(tmp_path, EFFORT, made.append, makes=False)
    nothing = department(reader, CELL)
    assert nothing.rows == {} and nothing.missing == [BEST, RANDOM, LIMITS, GENERAL, "joint"] and made == []
    untrained = department(study, CELL, reader)
    assert list(untrained.rows) == [BEST, RANDOM, GENERAL] and untrained.missing == [LIMITS, "joint"]
    whole = department(study, CELL)
    count = len(made)
    again = department(reader, CELL)
    assert len(made) == count and again.missing == [LIMITS] and list(again.rows) == [BEST, RANDOM, GENERAL, "joint"]
    assert lines([again]) == lines([whole])
    # What was trained is measured where it was not, though nothing is trained.
    for path in tmp_path.rglob("test-joint*.json"):
        path.unlink()
    assert lines([department(study, CELL, reader)]) == lines([whole])
    joint = whole.rows["joint"][0]
    assert joint.events > 0 and joint.core_hours > 0
    random, best = (whole.measured(title)[0][COST.name].mean() for title in (RANDOM, BEST))
    assert whole.from_best(RANDOM).mean == pytest.approx(random / best - 1)
    assert whole.to_joint(RANDOM).mean == pytest.approx(joint.measured[COST.name].mean() / random - 1)
    assert joint.measured[LOWEST_P90.name].mean() > 0 and joint.measured[DRIVING.name].mean() > 0
    assert whole.from_best(BEST) is None and whole.to_joint("joint") is None
    text = "\n".join(command.sections([replace(whole, cell=Cell("metro", "light"))], EFFORTS["first"]))
    assert "* metro-light: travel limits, tuned" in text and "core-hours" in text


def test_the_command_shows_what_there_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(command, "HERE", tmp_path)
    place = str(Path(command.__file__))
    monkeypatch.setattr("sys.argv", [place, "--made", "--folder", str(tmp_path), "--cells", "metro-light"])
    command.main()
    text = (tmp_path / "results.md").read_text(encoding="utf-8")
    missing = "* metro-light: best heuristics, random walk + closest, travel limits, tuned, general policy, joint"
    assert missing in text and text == capsys.readouterr().out[:-1]


def test_the_plan_has_every_cell_and_five_seeds_in_three() -> None:
    planned = cells()
    assert [cell.name for cell in planned[:3]] == ["metro-medium", "metro-light", "metro-heavy"]
    assert {cell for cell in planned if max(seeds for _, seeds in trainings(cell)) == 5} == set(FIVE_SEEDS)
    for cell in planned:
        tests, learned = core_hours(cell, EFFORTS["full"])
        assert 0 < core_hours(cell, EFFORTS["first"])[0] < tests and learned > 0


def test_one_thing_is_different_at_a_time() -> None:
    was = Cell("metro", "medium").scenario()
    found = {cell.change: cell.scenario() for cell in cells() if isinstance(cell, ChangedCell)}
    assert found.keys() == CHANGES.keys() and len({one.content_hash for one in (was, *found.values())}) == 7
    for one in found.values():
        assert one.details.workload.offered_load == pytest.approx(was.details.workload.offered_load, rel=1e-4)
    assert (found["15-units"].unit_count, found["60-units"].unit_count) == (15, 60)
    assert set(found["one-unit-calls"].arrays.categories["units_required"]) == {1}
    assert set(found["equal-weights"].arrays.categories["weight"]) == {1}
    even = found["even-volume"].details.workload
    assert even.peak_load == pytest.approx(even.offered_load, rel=1e-4)
    assert found["half-compliance"].arrays.compliance == 0.5


class Interrupted(Trainer):
    """Stops after some steps, as if by a key."""

    def __iter__(self) -> Iterator[Progress]:
        for _ in range(3):
            yield self.advance()
        raise KeyboardInterrupt


def test_a_training_continues_and_its_time_counts(tmp_path: Path) -> None:
    city, path = Scenario.load("hotspots-heavy"), tmp_path / "a" / "training.checkpoint"
    options = {**TINY, "seed": 1}
    with pytest.raises(KeyboardInterrupt):
        Sittings(path).run(Interrupted(city, **options))
    first = json.loads(path.with_suffix(".times.json").read_text(encoding="utf-8"))
    assert path.exists() and min(first) > 0
    trainer, sittings = Trainer(city, **options), Sittings(path)
    last = sittings.run(trainer)
    assert sittings.seconds > first[0] and sittings.core_seconds > first[1]
    assert Sittings(path).run(Trainer(city, **options)).events == last.events  # stopped before the result was kept
    sittings.forget()
    assert not list(path.parent.iterdir())
    whole = Trainer(city, **options)
    assert [progress.events for progress in whole][-1] == last.events
    assert whole.outcomes().tobytes() == trainer.outcomes().tobytes()


def test_a_checkpoint_of_another_training_is_not_continued(tmp_path: Path) -> None:
    city, path = Scenario.load("hotspots-heavy"), tmp_path / "training.checkpoint"
    with pytest.raises(KeyboardInterrupt):
        Sittings(path).run(Interrupted(city, **TINY, seed=1))
    other = Trainer(city, **TINY, seed=2)
    Sittings(path).run(other)
    alone = Trainer(city, **TINY, seed=2)
    for _ in alone:
        pass
    assert other.outcomes().tobytes() == alone.outcomes().tobytes()

"""The scenario that is made from a real log: what it says of itself, its making, and weeks that were left out."""

from pathlib import Path

import numpy as np
import pytest
from test_scenarios import text_of

from benchmarks.studies.departments.milwaukee import fit
from benchmarks.studies.departments.milwaukee.fit import LOG, City
from benchmarks.studies.departments.milwaukee.frozen import AREA, TEXT, write
from benchmarks.studies.departments.milwaukee.judged import GROUPINGS, drawn, held_out, line
from libpatrol import Scenario
from libpatrol.scenario.details import units_on_duty
from libpatrol.scenario.files import read_description

needs_log = pytest.mark.skipif(not LOG.exists(), reason="milwaukee_calls is not in the test data")


def test_milwaukee_is_a_department_of_seven_districts() -> None:
    scenario = Scenario.load("milwaukee")
    info, kinds, workload = scenario.area.info, scenario.arrays.categories, scenario.details.workload
    assert (info.node_count, info.beat_count, scenario.unit_count, scenario.period_hours) == (467, 7, 60, 168)
    assert kinds["priority"].tolist() == [1, 2, 3, 4, 5] and kinds["units_required"].tolist() == [2, 1, 1, 1, 1]
    assert scenario.category_names[0] == "violence" and not scenario.details.notes
    homes = scenario.arrays.units["home_beat"]
    at = scenario.area.arrays.node_beats[scenario.arrays.units["start_node"]]
    assert homes.tolist() == at.tolist() and set(homes.tolist()) == set(range(7))
    on_duty = units_on_duty(scenario.arrays)
    assert (on_duty.min(), on_duty.max(), on_duty[16]) == (40, 60, 60) and scenario.engine().options.home_beat_patrol
    # Medium load is the log's own volume within 5 %, and its hours are those of the log.
    volume = np.array(read_description("milwaukee")[0].demand.hourly_volume)
    assert workload.calls_per_hour == pytest.approx(volume.mean(), rel=0.05)
    by_hour = scenario.area.arrays.demand_calls_per_hour.sum((0, 1))
    assert by_hour / by_hour.mean() == pytest.approx(volume / volume.mean(), rel=1e-4)


def test_the_file_names_its_source_and_what_is_made_up() -> None:
    text = " ".join(text_of("milwaukee").replace("\n#", "").split())
    for words in (
        "eisenivan/mke-calls-for-service",
        "Copyright (c) 2018 Ivan Eisenberg",
        "The above copyright notice and this permission notice shall be included in all copies",
        "python -m benchmarks.studies.departments.milwaukee",
    ):
        assert words in text
    made_up = text[text.index("Made up, because the log does not tell it:") : text.index("MIT License")]
    for part in (
        "priorities",
        "weights",
        "units required",
        "times on scene",
        "the number of units",
        "streets",
        "other work",
    ):
        assert part in made_up


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> City:
    return fit.read(LOG, tmp_path_factory.mktemp("milwaukee") / "city")


@needs_log
def test_it_is_made_again_byte_by_byte(city: City, tmp_path: Path) -> None:
    write(fit.found(city), tmp_path)
    package = Path(read_description("milwaukee")[0].city.file).parent
    for name in (TEXT, AREA):
        assert (tmp_path / name).read_bytes() == (package / name).read_bytes(), name


@needs_log
def test_weeks_that_were_left_out_are_like_the_model(city: City) -> None:
    """By hour, and by hour in each beat, they differ from it hardly more than logs that are drawn from it."""
    page = (Path(fit.__file__).parent / "results.md").read_text(encoding="utf-8")
    weeks, by_chance = held_out(city), held_out(drawn(city, 0))
    for week, log in zip(weeks, by_chance, strict=True):
        assert f"| {' | '.join(line(week))} |" in page
        assert abs(week.expected / week.calls - 1) < 0.1 and abs(log.expected / log.calls - 1) < 0.05
    seen, chance = (np.mean([week.away[:, 1] for week in found], axis=0) for found in (weeks, by_chance))
    for name in ("hour of the day", "beat and hour", "single hour"):
        k = GROUPINGS.index(name)
        assert seen[k] < 1.3 * chance[k] and 0.9 < chance[k] < 2

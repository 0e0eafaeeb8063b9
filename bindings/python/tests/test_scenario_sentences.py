"""Scenario files that are wrong, or can hardly be meant: each is refused in a sentence, or said."""

import json
from pathlib import Path

import pytest
from test_scenarios import text_of

from libpatrol import Scenario
from libpatrol.commands.cli import main


@pytest.mark.parametrize(
    ("wrong", "right", "sentence"),
    [
        ("units = 5", "unit = 5", r"mine\.toml: fleet has no key unit: did you mean units\?"),
        ("units = 5", 'units = "five"', r"fleet\.units is 'five', expected a whole number"),
        ('generator = "grid"', 'generator = "ring"', "city.generator is 'ring', expected one of grid, two_beats"),
        ("format_version = 1", "format_version = 2", "of version 2, expected"),
        ("seed = 1", "seed = ", "is not TOML"),
        ("share = 0.4", "share = true", r"categories\[0\]\.share is True, expected a number"),
        ('default_load = "medium"', 'default_load = "full"', "default_load is full, expected one of light, medium"),
        ("light = 0.3", "light = 0", r"loads\.light is 0, expected a finite number above 0"),
        ('service = "exponential"', 'service = "normal"', "service is 'normal', expected one of exponential"),
        ("concentration = 0.7", "concentrated = 0.7", "did you mean concentration"),
        ("hotspots = [[0.2, 0.2],", "hotspots = [[0.2],", r"demand: hotspots has \[0.2\], expected \[x, y\]"),
        ("rows = 10", "rows = 0", "city: has 0 nodes in 5 beats"),
        (
            "units = 5",
            "units = 5\n[rules]\nhome_beat = true",
            "rules has no key home_beat: did you mean home_beat_patrol",
        ),
        ('generator = "grid"', 'generator = "grid"\nfile = "x"', "city: needs one of generator, file and roads"),
        ('generator = "grid"', 'generator = "grid"\nroads = "x"', "city: needs one of generator, file and roads"),
        ('generator = "grid"', 'roads = "x"', "city.rows does not apply to a city on real roads"),
        ("[demand]", "[demand]\ndaily_volume = [1, 2]", "daily_volume has 2 values, expected 7"),
        ("[demand]", "[demand]\nhourly_volume = [1, 2]", "hourly_volume has 2 values, expected 24 or 168"),
        (
            "[demand]",
            f"[demand]\ndaily_volume = {[1] * 7}\nhourly_volume = {[1] * 168}",
            "demand.daily_volume does not apply to an hourly_volume of the whole week",
        ),
        ("[demand]", "[demand]\ndaily_volume = [0, 0, 0, 0, 0, 0, 0]", "daily_volume is .* expected one above 0"),
        # Keys without any effect.
        ("rows = 10", "rows = 10\nnodes = 150", "city.nodes does not apply to the generator grid"),
        ('generator = "grid"', 'generator = "two_beats"', "city.beats does not apply to the generator two_beats"),
        (
            "[demand]",
            "[demand]\ncalls_per_hour = 4",
            "loads does not apply if demand.calls_per_hour fixes the volume",
        ),
        (
            'service = "exponential"',
            'service = "exponential"\nservice_variation = 2',
            "does not apply to the service exp",
        ),
        ('service = "exponential"', 'service = "gamma"\nservice_samples = [60]', "belongs to the service empirical"),
        ('service = "exponential"', 'service = "empirical"', r"categories\[0\]\.service_mean_seconds does not apply"),
        (
            "response_targets_seconds = [480, 1200]",
            "response_targets_seconds = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]",
            "response_targets_seconds has 10 values, expected at most 8",
        ),
        (
            "units = 5",
            "units = 5\n[[shifts]]\nunits = [0, 1]\nstart_hour = 22\nend_hour = 30\n"
            "[[shifts]]\nunits = [1]\ndays = [0]\nstart_hour = 5.5\nend_hour = 9",
            r"shifts\[0\] and shifts\[1\] overlap: unit 1 is on duty until Monday 06:00, and again from Monday 05:30",
        ),
        # Values of the wrong type or size.
        ("units = 5", "units = 5\nstart_nodes = 3", r"fleet\.start_nodes is 3, expected a list"),
        (
            "units = 5",
            "units = 5\n[rules]\nnever_hold_priority = 'one'",
            "rules.never_hold_priority is 'one', expected a w",
        ),
        (
            "units = 5",
            "units = 5\n[rules]\nlongest_hold_seconds = 5",
            "rules.longest_hold_seconds is 5, expected a list",
        ),
        ("units = 5", "units = 5\n[rules]\npreemption = 'yes'", "rules.preemption is 'yes', expected a list"),
        ("units = 5", "units = 5\n[rules]\nlongest_hold_seconds = [5]", r"longest_hold_seconds has shape \[1\]"),
        ("units = 5", "units = 0", "fleet: units is 0, expected 1 to 4096"),
        ("units = 5", "units = 1\nstart_nodes = [2]\nhome_beats = [4294967296]", "fleet.home_beats holds values"),
        ("units = 5", "units = 1\nstart_nodes = [2]\ncapabilities = [-1]", "fleet.capabilities holds values"),
        ("seed = 1", "seed = -1", "city: seed is -1, expected 0 to"),
        ("priority = 1", "priority = 4294967297", "priority is 4.29497e.09, expected 1 to 8"),
        ("weight = 3.0", "weight = 1" + "0" * 400, r"categories\[0\]\.weight is 1000.*, expected a number"),
        ("share = 0.4", "share = -1", r"categories\[0\]: share is -1, expected 0 to"),
        ("concentration = 0.7", "concentration = 1.5", "demand: concentration is 1.5, expected 0 to 1"),
        ("concentration = 0.7", "concentration = nan", "demand: concentration is nan, expected 0 to 1"),
        ("width = 0.125", "width = 0", "demand: width is 0, expected above 0"),
        (
            "width = 0.125",
            "width = 0.1\nhourly_volume = [" + "0, " * 24 + "]",
            "hourly_volume is .*, expected one above 0",
        ),
        ("width = 0.125", "width = 0.1\nbeat_shares = [1, 2]", "there are 5 beats and shares for 2"),
        ("light = 0.3", "light = inf", "loads.light is inf, expected a finite number"),
        ('name = "routine"', 'name = "urgent"', "two categories are named urgent"),
        ("units = 5", "units = 5\n[run]\nhours = 0", "run: hours is 0, expected above 0"),
        ("units = 5", "units = 5\n[work]\nper_hour = []", "work: per_hour has 0 values, expected 1, 24 or 168"),
        ("units = 5", "units = 5\n[work]\nper_hour = [1]\ninterruptible_priority = 4294967297", "expected 0 to 8"),
        ("format_version = 1", "format_version = 2\nzones = 3", "of version 2, expected"),
    ],
)
def test_sentences(wrong: str, right: str, sentence: str, tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    assert wrong in text_of("hotspots")
    path.write_text(text_of("hotspots").replace(wrong, right, 1), encoding="utf-8")
    with pytest.raises(ValueError, match=sentence):
        Scenario.load(path)


SHIFT = "\n[[shifts]]\nunits = [0]\nstart_hour = 22\nend_hour = 6\n"


@pytest.mark.parametrize(
    ("wrong", "right", "sentence"),
    [
        ("", "", r"shifts\[0\]: end_hour is 6, not after start_hour 22: 6 o'clock of the next day is 30"),
        ("units = [0]", "units = [5]", "6 o'clock of the next day is 30"),
        ("end_hour = 6", "end_hour = 30\ndays = [7]", r"shifts\[0\]: one of days is 7, expected 0 to 6"),
        (
            "units = [0]\nstart_hour = 22\nend_hour = 6",
            "units = [5]\nstart_hour = 6\nend_hour = 22",
            r"shifts\[0\]\.units has 5",
        ),
        (
            "units = [0]\nstart_hour = 22\nend_hour = 6",
            "units = []\nstart_hour = 6\nend_hour = 22",
            r"units is \[\], expected at",
        ),
    ],
)
def test_shifts_that_cannot_be_meant(wrong: str, right: str, sentence: str, tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(text_of("hotspots") + SHIFT.replace(wrong, right, 1), encoding="utf-8")
    with pytest.raises(ValueError, match=sentence):
        Scenario.load(path)


def test_a_shift_over_midnight(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(text_of("hotspots") + SHIFT.replace("= 6", "= 30"), encoding="utf-8")
    assert Scenario.load(path).arrays.shifts["end_hour"][0] == 30


def test_nobody_on_duty_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "mine.toml"
    shift = SHIFT.replace("[0]", "[0, 1, 2, 3, 4]").replace("= 22", "= 8").replace("= 6", "= 20")
    path.write_text(text_of("hotspots") + shift, encoding="utf-8")
    details = Scenario.load(path).details
    assert details.workload is not None and details.workload.unstaffed_hours == 84
    assert details.workload.peak_load == pytest.approx(0.3, rel=1e-5)  # of the hours that have units
    command = ["simulate", str(path), "--replications", "1", "--hours", "1", "--json", str(tmp_path / "out.json")]
    assert main(command) == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert "nobody is on duty in 84 of the 168 hours" in shown and " inf " not in shown
    content = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))
    assert content["notes"] == list(details.notes) and content["workload"]["unstaffed_hours"] == 84


def test_a_byte_order_mark_and_other_bytes(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_bytes(b"\xef\xbb\xbf" + text_of("hotspots").encode())
    assert Scenario.load(path).unit_count == 5
    path.write_bytes(text_of("hotspots").replace("three", "drei\u00df").encode("latin-1"))
    with pytest.raises(ValueError, match=r"mine\.toml is not UTF-8 text"):
        Scenario.load(path)


def test_a_folder_does_not_hide_a_scenario(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "hotspots").mkdir()
    monkeypatch.chdir(tmp_path)
    assert Scenario.load("hotspots").unit_count == 5


def test_calls_without_any_volume_are_refused(tmp_path: Path) -> None:
    text = text_of("hotspots").replace('default_load = "medium"', "")
    text = text[: text.index("[loads]")] + text[text.index("[city]") :]
    (tmp_path / "mine.toml").write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=r"give it loads or demand\.calls_per_hour"):
        Scenario.load(tmp_path / "mine.toml")
    assert Scenario.load(tmp_path / "mine.toml", 0.5).details.name == "mine-0.5"

"""Shadow mode from end to end: who is known to decide is found again, and the report says what was found."""

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from shadow_events import AREA, SMALL_DAY, at, came, of_kind, shadowed

from libpatrol import Scenario
from libpatrol.commands.cli import main
from libpatrol.enums import WaitReason, WhyNot
from libpatrol.shadow.comparisons import OTHER, SAME
from libpatrol.shadow.findings import findings
from libpatrol.shadow.log import RECORDS, read_log
from libpatrol.shadow.simulated import simulated_events
from libpatrol.shadow.words import CONCLUDED, WAITS, WHY_NOT
from libpatrol.studies.intervals import interval


def outcomes(log: list[dict[str, Any]]) -> Counter[str]:
    return Counter(row["outcome"] for row in of_kind(log, "comparison"))


@pytest.mark.parametrize(("name", "hours"), [("hotspots-light", 24), ("hotspots-heavy", 8), ("metro", 2)])
def test_the_policy_that_decides_is_found_again(name: str, hours: float, tmp_path: Path) -> None:
    scenario = Scenario.load(name)
    lines = list(simulated_events(scenario, scenario.engine(), seed=3, hours=hours))
    log = shadowed(lines, tmp_path / "same", scenario.engine(), scenario.area)
    assert of_kind(log, "said") == []
    found = outcomes(log)
    assert found[SAME] > 30 and found[SAME] >= 0.99 * sum(found[one] for one in found if one != "nobody sent")
    for row in of_kind(log, "comparison"):
        if row["outcome"] == SAME:
            assert row["proposed_seconds"] == row["sent_seconds"] and row["why_not"] == []


def test_another_policy_is_told_from_it(tmp_path: Path) -> None:
    scenario = Scenario.load("hotspots-light")
    lines = list(simulated_events(scenario, scenario.engine(dispatch_policy="closest_fcfs"), seed=3, hours=72))
    other = scenario.engine(dispatch_policy="own_beat_first")
    log = shadowed(lines, tmp_path, other, scenario.area)
    found = outcomes(log)
    assert found[OTHER] > 20 and found[SAME] > 100
    differing = [row for row in of_kind(log, "comparison") if row["outcome"] == OTHER]
    longer = [row["proposed_seconds"] - row["sent_seconds"] for row in differing]
    assert min(longer) >= 0 and interval(longer).excludes_zero  # the closest unit was sent
    assert {why for row in differing for _, why in row["why_not"]} <= {"WORSE", "OTHER_BEAT"}
    told = findings(tmp_path / "out")
    share = 100 * found[SAME] / (found[SAME] + found[OTHER] + found["would have waited"])
    assert f"{share:.1f} ± " in told.headline
    assert any(f"For {found[OTHER]} calls it would have sent another unit." in sentence for sentence in told.sentences)
    assert any("longer" in sentence for sentence in told.sentences)


def test_the_drives_are_those_that_were_driven(tmp_path: Path) -> None:
    """What is predicted for the unit that was sent is what the simulator then takes."""
    scenario = Scenario.load("hotspots-light")
    lines = list(simulated_events(scenario, scenario.engine(), seed=3, hours=24))
    log = shadowed(lines, tmp_path, scenario.engine(dispatch_policy="own_beat_first"), scenario.area)
    sent: dict[int, float] = {}
    driven: dict[int, float] = {}
    calls: dict[int, int] = {}
    for line in lines:
        event = json.loads(line)
        seconds = np.datetime64(event["time"][:-6]).astype("datetime64[us]").astype(float) / 1e6
        if event["kind"] == "unit_dispatched":
            calls[event["unit"]], sent[event["call"]] = event["call"], seconds
        elif event["kind"] == "unit_arrived":
            driven[calls[event["unit"]]] = seconds - sent[calls[event["unit"]]]
    compared = [row for row in of_kind(log, "comparison") if row["outcome"] == OTHER and row["sent_after"] == 0]
    assert len(compared) > 5
    for row in compared:
        assert row["sent_seconds"] == pytest.approx(driven[row["call"]], abs=0.2)


def test_a_difference_without_an_interval_is_no_finding(tmp_path: Path) -> None:
    scenario = Scenario.load("hotspots-light")
    lines = list(simulated_events(scenario, scenario.engine(dispatch_policy="closest_fcfs"), seed=3, hours=20))
    shadowed(lines, tmp_path, scenario.engine(dispatch_policy="own_beat_first"), scenario.area)
    found = findings(tmp_path / "out")
    told = " ".join(found.sentences)
    assert "s longer; whether by chance cannot be told" in told and "±" not in told + found.headline
    assert found.unknown[-1].startswith("No call was compared on Wednesday, Thursday")


def test_every_reason_has_words() -> None:
    assert {reason.name for reason in WhyNot} <= set(WHY_NOT)
    assert {reason.name for reason in WaitReason} == set(WAITS)


FOUR_CALLS = [
    at(0, "unit_on_duty", unit="A", node=0),
    at(0, "unit_on_duty", unit="B", node=15, seconds_until_shift_end=36_000),
    at(0, "unit_on_duty", unit="C"),  # nobody knows where
    came(10, "late", 1, priority=2),
    at(400, "unit_dispatched", unit="A", call="late"),  # after the window
    at(410, "unit_arrived", unit="A"),
    at(420, "unit_dispatched", unit="B", call="late"),  # though it needs one unit
    at(430, "unit_cleared", unit="B"),
    came(500, "gone", 2, priority=2),
    at(520, "call_closed", call="gone"),
    at(600, "unit_position", unit="B", node=14),
    came(601, "flip", 15),  # B
    at(602, "unit_cleared", unit="A"),
    came(604, "own", 3, self_initiated=True),
    at(605, "unit_dispatched", unit="C", call="flip"),
    at(900, "unit_off_duty", unit="A"),
]


def test_each_way_in_which_a_call_may_end(tmp_path: Path) -> None:
    log = shadowed(FOUR_CALLS, tmp_path)
    found = {row["call"]: row for row in of_kind(log, "comparison")}
    assert {call: row["outcome"] for call, row in found.items()} == {
        "late": "sent later", "gone": "nobody sent", "flip": "other unit",
    }  # fmt: skip
    assert found["flip"]["why_not"] == [["C", "NOT_ON_BOARD"]] and found["flip"]["sent_seconds"] is None
    assert found["flip"]["decisions"] == 2
    assert log[-1]["counts"]["units sent outside of a window"] == 1
    told = " ".join(findings(tmp_path / "out").sentences)
    for part in (
        "For 1 call a unit was sent more than 180 s after the last decision",
        "1 call ended before a unit was sent.",
        "For 1 call the unit that was sent was busy, off duty or nowhere by the events",
        "For none of these calls can the drives of both units be predicted.",
        "some units on duty (1.0 on average) had no known place",
    ):
        assert part in told


def test_flips_are_counted(tmp_path: Path) -> None:
    lines = [
        at(0, "unit_on_duty", unit="A", node=3),
        at(0, "unit_on_duty", unit="B", node=0),
        at(0, "unit_dispatched", unit="B", call="before"),
        came(10, "c", 12),  # A is all there is
        at(20, "unit_position", unit="B", node=12),
        at(21, "unit_cleared", unit="B"),  # and now the nearer one is free
        at(30, "unit_dispatched", unit="B", call="c"),
        at(300, "unit_position", unit="A", node=3),
    ]
    (row,) = of_kind(shadowed(lines, tmp_path), "comparison")
    assert (row["flips"], row["decisions"], row["outcome"], row["first_proposed_after"]) == (1, 2, SAME, 0)
    assert "its choice of a unit changed 1 time, for 1 call" in " ".join(findings(tmp_path / "out").sentences)


def test_several_units_for_a_call(tmp_path: Path) -> None:
    begin = [at(0, "unit_on_duty", unit=unit, node=node) for unit, node in (("A", 1), ("B", 4), ("C", 15))]
    begin.append(came(10, "c", 0, units_required=2))
    sent = {
        SAME: ["A", "B"], "one of them": ["B"], "more": ["C", "B", "A"], OTHER: ["A", "C"],
    }  # fmt: skip
    for name, units in sent.items():
        lines = [*begin, *(at(20, "unit_dispatched", unit=unit, call="c") for unit in units)]
        log = shadowed([*lines, at(300, "unit_position", unit="A", node=1)], tmp_path / name)
        (row,) = of_kind(log, "comparison")
        assert sorted(pair[0] for pair in row["proposed"]) == ["A", "B"]
        assert row["outcome"] == (OTHER if name == OTHER else SAME), name


def test_the_report_is_text_and_a_page_that_loads_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("jinja2")
    monkeypatch.setenv("COLUMNS", "80")
    odd = [*SMALL_DAY, at(1300, "unit_dispatched", unit="A", call="<script>alert(1)</script>")]
    shadowed([*odd, "broken"], tmp_path)
    page = tmp_path / "page.html"
    pages = []
    for _ in range(2):
        assert main(["shadow", "--report", str(tmp_path / "out"), "--html", str(page)]) == 0
        pages.append(page.read_bytes())
    shown = capsys.readouterr().out
    assert pages[0] == pages[1]
    text = pages[0].decode()
    assert max(map(len, shown.splitlines())) <= 80 and "…" not in shown
    assert "http:" not in text and "https:" not in text and "<script" not in text and "&lt;script&gt;" in text
    flat = " ".join(shown.split())
    for sentence in (*CONCLUDED, "No intervals: the calls are of 1 day, and", "For 2 of 3 calls (66.7 %)"):
        assert sentence in flat
    for sentence in CONCLUDED:
        assert sentence.replace("'", "&#39;") in text


def test_records_can_be_audited(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shadowed(SMALL_DAY, tmp_path)
    assert main(["audit", "--check", str(tmp_path / "out" / RECORDS)]) == 0
    assert "3 records, each follows the one before it" in capsys.readouterr().out


def test_what_is_missing_is_told(tmp_path: Path) -> None:
    """Without the extra there is a sentence that says what to install."""
    program = (
        "import sys; sys.modules['fastjsonschema'] = None\n"
        "from libpatrol.commands.cli import main\n"
        f"sys.exit(main(['shadow', {str(tmp_path / 'events')!r}, '--area', 'hotspots', '--out', {str(tmp_path)!r}]))"
    )
    (tmp_path / "events").write_bytes(b"{}\n")
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 1 and "with its extra shadow" in done.stderr


def test_places_are_coordinates_of_the_area(tmp_path: Path) -> None:
    xy = AREA.arrays.coordinates
    assert xy is not None
    lines = [
        at(0, "unit_on_duty", unit="A", x=float(xy[0][0]), y=float(xy[0][1])),
        at(0, "unit_on_duty", unit="B", node=15),
        at(1, "call_received", call="c", x=float(xy[5][0]), y=float(xy[5][1]), priority=1, category=0),
        at(2, "unit_dispatched", unit="B", call="c"),
        at(300, "unit_arrived", unit="B"),
    ]
    (row,) = of_kind(shadowed(lines, tmp_path), "comparison")
    travel = AREA.travel_times([0, 15], [5])[:, 0]
    assert row["proposed"] == [["A", pytest.approx(travel[0], abs=0.1)]]
    assert row["sent"] == [["B", pytest.approx(travel[1], abs=0.1)]]


def test_a_city_folder_with_longitude_and_latitude(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pyproj = pytest.importorskip("pyproj")
    from city_folders import BLOCK, CRS, ORIGIN, tiny_city

    tiny_city(tmp_path / "city")
    degrees = pyproj.Transformer.from_crs(CRS, "EPSG:4326", always_xy=True).transform

    def place(east: float, north: float) -> dict[str, float]:
        return dict(zip("xy", degrees(ORIGIN[0] + east * BLOCK, ORIGIN[1] + north * BLOCK), strict=True))

    lines = [
        at(0, "unit_on_duty", unit="1A1", **place(0, 0)),
        at(0, "unit_on_duty", unit="3A1", **place(3, 3)),
        at(1, "call_received", call="c", priority=3, category="noise", **place(1, 0)),
        at(2, "unit_dispatched", unit="3A1", call="c"),
        at(3, "unit_position", unit="1A1", x=500.0, y=95.0),
        at(300, "unit_arrived", unit="3A1"),
    ]
    (tmp_path / "events").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    words = ["shadow", str(tmp_path / "events"), "--area", str(tmp_path / "city"), "--out", str(tmp_path / "out")]
    assert main([*words, "--crs", "nowhere"]) == 1
    assert "--crs is 'nowhere', expected a coordinate reference system" in capsys.readouterr().err
    assert main([*words, "--crs", "EPSG:4326"]) == 0
    assert "line 5: x 500 and y 95 are no place, expected coordinates of EPSG:4326" in capsys.readouterr().out
    log = list(read_log(tmp_path / "out"))
    assert log[0]["time_zone"] == "Europe/Berlin"
    (row,) = of_kind(log, "comparison")
    assert row["local_seconds"] % 604_800 == 3601 and [unit for unit, _ in row["proposed"]] == ["1A1"]
    assert row["proposed_seconds"] < row["sent_seconds"]

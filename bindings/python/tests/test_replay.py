"""Logs of real calls: made-up files in the formats of the real ones, and the real ones where they are there."""

import json
import math
from pathlib import Path

import numpy as np
import pytest

from benchmarks import DATA
from libpatrol import Simulation
from libpatrol.commands.cli import main
from libpatrol.replay.beat_city import beat_city
from libpatrol.replay.reports import read_cobra, read_seattle
from libpatrol.replay.scaling import as_it_is, folded
from libpatrol.replay.scenarios import Assumptions, from_reports

COBRA = """\
offense_id,rpt_date,occur_date,occur_time,beat,UC2_Literal,neighborhood,npu,lat,long
1,10/5/2020,10/5/2020,08:30,401,LARCENY-FROM VEHICLE,X,M,33.70,-84.50
2,10/6/2020,10/6/2020,23:56,402,AGG ASSAULT,X,M,33.72,-84.45
3,10/7/2020,10/6/0220,12:00,403,ROBBERY,X,M,33.74,-84.48
4,10/7/2020,10/7/2020,03:00,604,ROBBERY,X,M,33.76,-84.38
5,10/8/2020,,,401,BURGLARY,X,M,33.70,-84.50
6,10/8/2020,10/8/2020,03:00,402,BURGLARY,X,M,,
7,10/9/2020,10/9/2020,10:00,"SOMETHING LONG HERE",BURGLARY,X,M,33.7,-84.4
8,10/9/2020,10/8/2020,20:00,401,BURGLARY,X,M,33.71,-84.51
"""

SEATTLE = """Event Clearance Date,Zone/Beat,Longitude,Latitude,Initial Type Group,At Scene Time
03/25/2016 11:58:30 PM,K3,-122.32,47.60,THEFT,03/25/2016 10:28:30 PM
03/25/2016 09:00:00 AM,D2,-122.34,47.61,DISTURBANCES,
03/25/2016 01:00:00 AM,E1,-122.31,47.62,ASSAULTS,03/24/2016 11:40:00 PM
03/25/2016 02:00:00 AM,,-122.31,47.62,ASSAULTS,
03/27/2016 12:10:00 AM,K3 ,-122.32,47.60,THEFT,03/26/2016 11:20:00 PM
03/27/2016 09:00:00 AM,k3,-122.32,-47.60,THEFT,03/27/2016 08:30:00 AM
03/27/2016 10:00:00 AM,k3,-122.30,47.61,THEFT,03/27/2016 11:30:00 AM
03/27/2016 11:00:00 AM,K3,0,0,THEFT,
03/27/2016 11:30:00 AM,K3,-122.33,47.61,THEFT,03/20/2016 11:30:00 AM
"""


@pytest.fixture
def cobra(tmp_path: Path) -> Path:
    path = tmp_path / "cobra.csv"
    path.write_text(COBRA, encoding="utf-8")
    return path


@pytest.fixture
def seattle(tmp_path: Path) -> Path:
    path = tmp_path / "seattle.csv"
    path.write_text(SEATTLE, encoding="utf-8")
    return path


def test_cobra(cobra: Path) -> None:
    reports = read_cobra(cobra)
    table = reports.table
    assert table["beat"].tolist() == ["401", "402", "403", "401"]
    # The year 0220 is mended by the report's date; the rows without a time or without coordinates are left out.
    assert table["time"].astype(str).tolist() == [
        "2020-10-05 08:30:00",
        "2020-10-06 23:56:00",
        "2020-10-07 12:00:00",
        "2020-10-08 20:00:00",
    ]
    assert table["is_urgent"].tolist() == [False, True, True, False]
    assert reports.account.rows == 8 and reports.account.left_out == {
        "beat not of three digits": (1, 7),
        "beats outside zone 4": (1, 4),
        "occur_date, occur_time no time": (1, 5),
        "long, lat empty": (1, 6),
    }
    assert reports.account.remarks == ["a date far from the report's: at the report's date instead: 1 row, row 4"]
    assert len(read_cobra(cobra, zone=None).table) == 5
    with pytest.raises(ValueError, match="no reports in beats 9"):
        read_cobra(cobra, zone="9")


def test_other_spellings_of_crimes(tmp_path: Path) -> None:
    path = tmp_path / "cobra.csv"
    path.write_text(
        "beat,rpt_date,occur_date,occur_time,UC2_Literal,lat,long\n"
        "401.0,2020-10-07,2020-10-06,2356,robbery ,33.7,-84.5,\n"
        " 401,10/7/2020,10/6/2020,24:00,ROBBERY,33.7,-84.5\n"
        "401,,10/6/0220,12:00,ROBBERY,33.7,-84.5\n"
        "401,10/7/2020,10/6/2020,12:00,ROBBERY,-33.7,-84.5\n"
        "402,10/7/2020,10/6/2020,12:00,ROBBERY,33.7,-84.5\n",
        encoding="utf-8",
    )
    table, _, _, account = vars(read_cobra(path)).values()
    assert table["beat"].tolist() == ["402", "401", "401"] and table["is_urgent"].all()
    assert table["time"].astype(str).tolist() == ["2020-10-06 12:00:00", "2020-10-06 23:56:00", "2020-10-07 00:00:00"]
    assert account.left_out == {
        "long, lat more than 100 km from the median of the others": (1, 4),
        "far from the other times": (1, 3),
    }


def test_seattle(seattle: Path) -> None:
    reports = read_seattle(seattle)
    table = reports.table
    assert table["beat"].tolist() == ["E1", "D2", "K3", "K3", "K3", "K3"]
    assert table["time"].astype(str).tolist() == [
        "2016-03-24 23:40:00",  # cleared after midnight
        "2016-03-25 09:00:00",  # never seen at the scene
        "2016-03-25 22:28:30",
        "2016-03-26 23:20:00",  # cleared after midnight, on the third day
        "2016-03-27 10:00:00",  # at the scene after it was cleared
        "2016-03-27 11:30:00",  # a week at the scene
    ]
    np.testing.assert_array_equal(table["service_seconds"], [4800, math.nan, 5400, 3000, math.nan, math.nan])
    assert table["is_urgent"].tolist() == [True, True, False, False, False, False]
    assert reports.account.left_out == {
        "Zone/Beat empty": (1, 4),
        "Longitude, Latitude 0, 0 or -1, -1": (1, 8),
        "Longitude, Latitude more than 100 km from the median of the others": (1, 6),
    }
    assert reports.account.kept == 6


def test_one_wrong_place_does_not_move_a_beat(seattle: Path) -> None:
    kinds = {"category_service_seconds": (1500.0, 900.0), "category_weights": (3.0, 1.0)}
    table = read_seattle(seattle).table
    city, beats = beat_city(table, **kinds)
    assert beats == ["D2", "E1", "K3"]
    np.testing.assert_allclose(city.coordinates[2], [-122.32, 47.605])
    table.loc[table["beat"] == "K3", "latitude"] = [47.60, -47.62, 47.61, 47.61]
    np.testing.assert_allclose(beat_city(table, **kinds)[0].coordinates[2], [-122.32, 47.605])
    table.loc[table["beat"] == "E1", "latitude"] = -47.62
    with pytest.raises(ValueError, match=r"the beat E1 lies 1\d{4} km from the median of the others"):
        beat_city(table, **kinds)


def test_files_that_are_none(tmp_path: Path, seattle: Path) -> None:
    with pytest.raises(ValueError, match="lacks the columns rpt_date"):
        read_cobra(seattle)
    empty = tmp_path / "empty"
    empty.write_text("", encoding="utf-8")
    with pytest.raises(ValueError, match="is not a CSV file"):
        read_seattle(empty)


def test_beat_city(cobra: Path) -> None:
    city, beats = beat_city(
        read_cobra(cobra).table,
        patrol_speed=8.0,
        emergency_speed=16.0,
        category_service_seconds=(1500.0, 900.0),
        category_weights=(3.0, 1.0),
    )
    assert beats == ["401", "402", "403"]
    np.testing.assert_allclose(city.coordinates[0], [-84.505, 33.705])
    edges = {tuple(edge) for edge in city.edges.tolist()}
    assert edges == {(b, a) for a, b in edges} and len(edges) >= 4
    # One degree of latitude is 111.2 km; 402 to 403 are 0.02 degrees north and 0.03 west of each other.
    metres = 1.3 * math.hypot(0.02 * 111_195, 0.03 * 111_195 * math.cos(math.radians(33.72)))
    between = city.edge_patrol_seconds[[tuple(edge) == (1, 2) for edge in city.edges.tolist()]]
    assert between == pytest.approx(metres / 8, rel=1e-3)
    np.testing.assert_allclose(city.edge_emergency_seconds, city.edge_patrol_seconds / 2)


def test_scaling() -> None:
    seconds = np.sort(np.random.default_rng(1).uniform(0, 50 * 86_400, 2000))
    same = as_it_is(seconds)
    assert (same.days, same.kept, len(same.chosen)) == (50, 1.0, 2000)
    scaled = folded(seconds, load=0.1, wanted=0.6, seed=3)
    assert scaled.days == 8 and scaled.kept == pytest.approx(0.6 * 8 / (0.1 * 50))
    assert len(scaled.chosen) / (8 * 2000 / 50) == pytest.approx(6, rel=0.1)
    assert (np.diff(scaled.seconds) >= 0).all()
    np.testing.assert_allclose(scaled.seconds % 86_400, seconds[scaled.chosen] % 86_400, atol=1e-6)
    thinned = folded(seconds, load=0.8, wanted=0.4, seed=3)
    assert thinned.days == 50 and len(thinned.chosen) == pytest.approx(1000, rel=0.1)
    with pytest.raises(ValueError, match="give fewer units"):
        folded(seconds, load=0.001, wanted=0.6, seed=3)


def test_a_replay_replays_the_reports(cobra: Path) -> None:
    scenario, notes = from_reports(read_cobra(cobra), Assumptions(units=2))
    assert any("not validated" in note for note in notes) and any("assumed" in note for note in notes)
    with Simulation(scenario, scenario.engine(patrol_policy="stay"), event_capacity=1 << 18) as simulation:
        simulation.run(hours=96)
        came = (events := simulation.read_events(1 << 18))[events["kind"] == 0]
    # Whole days are measured unless told otherwise.
    assert scenario.hours == 72 and any("--hours 79 takes them in" in note for note in notes)
    # 2020-10-05 is a Monday.
    assert came["time_seconds"].tolist() == [30_600, 172_560, 216_000, 331_200]
    assert came["node"].tolist() == [0, 1, 2, 0]


def test_the_command_says_what_is_assumed(
    seattle: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "250")
    policies = ["--policies", "stay+closest_fcfs,marginal_coverage+minimum_weighted_travel"]
    assert main(["replay", str(seattle), "--format", "seattle", "--units", "2", "--replications", "3", *policies]) == 0
    shown = capsys.readouterr().out
    for part in (
        "not validated",
        "assumed",
        "offered load",
        "left out: Zone/Beat empty: 1 row, row 5",
        "6 incidents of the Seattle police",
        "paired 95 % intervals",
    ):
        assert part in shown, part
    assert main(["replay", str(seattle)]) == 1
    assert "needs --area SCENARIO" in capsys.readouterr().err


@pytest.mark.skipif(not (DATA / "atlanta_cobra").exists(), reason="atlanta_cobra is not in the test data")
def test_zone_4_of_atlanta(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    reports = read_cobra(DATA / "atlanta_cobra" / "COBRA-2020.csv")
    assert len(reports.table) == 526 and reports.table["beat"].nunique() == 14
    scenario, _ = from_reports(reports, Assumptions(units=1))
    assert scenario.details.workload.offered_load == pytest.approx(0.2, abs=0.05)  # erlang
    scaled, notes = from_reports(reports, Assumptions(units=5, load=0.6))
    assert scaled.details.workload.offered_load == pytest.approx(0.6, rel=0.1)
    assert any("days overlaid" in note for note in notes)
    monkeypatch.setenv("COLUMNS", "250")
    command = ["replay", str(DATA / "atlanta_cobra" / "COBRA-2020.csv"), "--format", "cobra", "--load", "0.6"]
    assert main([*command, "--replications", "4"]) == 0
    assert "zone 4" in capsys.readouterr().out


@pytest.mark.skipif(not (DATA / "atlanta_cobra").exists(), reason="atlanta_cobra is not in the test data")
def test_the_year_0220() -> None:
    times = read_cobra(DATA / "atlanta_cobra" / "COBRA-2020.csv", zone="5").table["time"]
    assert (times.min().year, times.max().year) == (2020, 2020)


@pytest.mark.skipif(not (DATA / "seattle_pd_911").exists(), reason="seattle_pd_911 is not in the test data")
def test_the_seattle_day() -> None:
    reports = read_seattle(DATA / "seattle_pd_911" / "Seattle_Police_Department_911_Incident_Response.csv")
    assert len(reports.table) == 706 and reports.table["beat"].nunique() == 51
    scenario, notes = from_reports(reports, Assumptions(units=120))
    assert scenario.area.info.beat_count == 51
    assert any("2016-03-25" in note for note in notes)
    with Simulation(scenario, scenario.engine()) as simulation:
        simulation.run()
        metrics = simulation.metrics()
    assert metrics.calls > 500 and metrics.served + metrics.open + metrics.lost == metrics.calls


def test_replications_of_a_log_differ_in_what_is_not_known(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A log that says all has one run and no interval; walks at random and drawn times on scene have intervals."""
    monkeypatch.setenv("COLUMNS", "250")
    known, drawn, out = tmp_path / "known.csv", tmp_path / "drawn.csv", tmp_path / "out.json"
    rows = [(600 * k, 7 * k % 100, k % 2, 600 + k) for k in range(300)]
    head = "time,node,category,service_seconds\n"
    known.write_text(head + "".join(f"{t},{n},{c},{s}\n" for t, n, c, s in rows), encoding="utf-8")
    drawn.write_text(head + "".join(f"{t},{n},{c},\n" for t, n, c, _ in rows), encoding="utf-8")

    def replayed(path: Path, policies: str) -> tuple[str, dict[str, list[float]]]:
        command = ["replay", str(path), "--area", "uniform", "--policies", policies, "--replications", "4"]
        assert main([*command, "--json", str(out)]) == 0
        content = json.loads(out.read_text(encoding="utf-8"))
        return capsys.readouterr().out, {name: found["cost_rate"] for name, found in content["replications"].items()}

    sure = "stay+closest_fcfs,marginal_coverage+minimum_weighted_travel"
    wording, costs = replayed(known, sure)
    assert [len(found) for found in costs.values()] == [1, 1]
    assert (
        "nothing is random" in wording
        and "one run of each" in wording
        and "\u00b1" not in wording
        and "nan" not in wording
    )
    wording, costs = replayed(known, f"random_walk+closest_fcfs,{sure}")
    assert [len(set(found)) for found in costs.values()] == [len(found) for found in costs.values()] == [4, 1, 1]
    assert "nothing is random under stay+closest_fcfs, marginal" in wording and "\u00b1" in wording
    wording, costs = replayed(drawn, sure)
    assert [len(set(found)) for found in costs.values()] == [4, 4] and "times on scene that are drawn" in wording

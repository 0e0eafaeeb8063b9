"""Logs of calls in the general format: spellings that mean the same, dirt that is counted, doubts that are refused."""

import gzip
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from benchmarks import DATA
from libpatrol import Area, Scenario
from libpatrol.commands.cli import main
from libpatrol.enums import CoordinateSystem
from libpatrol.replay.call_csv import LoggedCalls, calls_of, read_calls
from libpatrol.replay.call_mapping import CallMapping
from libpatrol.replay.scenarios import Assumptions, from_csv

HOUR = 3600
DAY = 24 * HOUR


@pytest.fixture(scope="module")
def uniform() -> Scenario:
    """10 x 10 nodes from 0, 0, some 480 m apart."""
    return Scenario.load("uniform")


@pytest.fixture
def read(uniform: Scenario, tmp_path: Path):
    def reads(text: str | bytes, name: str = "log.csv", **mapping: object) -> LoggedCalls:
        (tmp_path / name).write_bytes(text.encode() if isinstance(text, str) else text)
        wording = CallMapping(**mapping)
        return read_calls(tmp_path / name, uniform.area, uniform.category_names, wording)

    return reads


def test_the_general_format(read, tmp_path: Path) -> None:
    log = read(
        "time,x,y,category,priority,service_seconds\n"
        "2026-01-07 01:00:00,0,0,routine,,600\n"  # a Wednesday
        "2026-01-06 23:00:00,4300,4300,urgent,2,\n"
        ",0,0,urgent,1,5\n"
    )
    assert log.account.left_out == {"time empty": (1, 3)} and (log.account.rows, log.account.kept) == (3, 2)
    assert log.calls["time_seconds"].tolist() == [DAY + 23 * HOUR, 2 * DAY + HOUR]
    assert log.calls["node"].tolist() == [99, 0] and log.calls["category"].tolist() == [0, 1]
    assert log.calls["priority"].tolist() == [2, 0]
    assert math.isnan(log.calls["service_seconds"][0]) and log.calls["service_seconds"][1] == 600
    replay = from_csv(str(tmp_path / "log.csv"), "uniform", Assumptions())
    assert replay.scenario.unit_count == 5
    assert "left out: time empty: 1 row, row 4" in replay.notes
    numbered = read("time,node,category\n5,7,1\n3,8,0\n").calls
    assert numbered["time_seconds"].tolist() == [3, 5] and numbered["node"].tolist() == [8, 7]


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("1617253200", 0.0), ("1617253200123", 0.123)],  # Thursday 2021-04-01 05:00 UTC
)
def test_unix_times(text: str, seconds: float, read) -> None:
    log = f"time,node,category\n{text},7,1\n"
    assert read(log, time_zone="America/Chicago").calls["time_seconds"].tolist() == [3 * DAY + seconds]
    with pytest.raises(ValueError, match=r"log\.csv: time is in UTC"):
        read(log)


@pytest.mark.parametrize(
    "text",
    [
        "time,node,category\n2026-01-05 00:00:07,7,1\n",
        "\ufefftime,node,category\r\n2026-01-05 00:00:07,7,1\r\n",
        "time,node,category\n2026-01-05 00:00:07,7,1,\n",  # a delimiter at the end shifts nothing
        "time,node,category,\n2026-01-05 00:00:07,7,1,\n",
        "time;node;category\n2026-01-05 00:00:07;7;1\n",
        "time\tnode\tcategory\n2026-01-05 00:00:07\t7.0\t1.0\n",
        'time,"node",category,remark\n"2026-01-05 00:00:07","7"," Routine ","a, ""b""\nc"\n',
        "node,remark,category,time\n7,,ROUTINE,2026-01-05 00:00:07\n\n",
        "time,node,category,priority,service_seconds\n2026-01-05 00:00:07,7,1\n",
        ",time,node,category\n0,2026-01-05 00:00:07,7,1\n",
    ],
)
def test_spellings_of_a_log(text: str, read) -> None:
    log = read(text)
    assert log.calls["time_seconds"].tolist() == [7] and log.calls["node"].tolist() == [7]
    assert log.calls["category"].tolist() == [1] and log.calls["priority"].tolist() == [0]
    assert math.isnan(log.calls["service_seconds"][0]) and log.account.left_out == {}
    assert log.calls.tobytes() == read(gzip.compress(text.encode()), "log.csv.gz").calls.tobytes()


def test_dirt_is_counted(read) -> None:
    log = read(
        "time,x,y,category,color\n"
        "2026-01-05 00:00:01,480,0,0,red\n"
        "2026-01-05 00:00:02,0,0,0,\n"  # a node is there
        "2026-01-05 00:00:03,-1,-1,0,\n"
        "2026-01-05 00:00:04,REDACTED,REDACTED,0,\n"
        "2026-01-05 00:00:05,,0,0,\n"
        "2026-01-05 00:00:06,10000,0,0,\n"
        "2026-01-05 00:00:07,480,9000000,0,\n"
        "2026-01-32 00:00:08,480,0,0,\n"
        "2026-01-05 00:00:09,480,0,N/A,\n"
        "2026-01-05 00:00:10,480,0,0,,shifted\n"
        "2026-01-05 00:00:11,inf,0,0,\n"
    )
    assert log.calls["time_seconds"].tolist() == [1, 2] and log.account.rows == 11
    far = "more than 2000 m from the nearest node, up to 8,995.7 km"
    assert log.account.left_out == {
        "more cells than the 5 columns of the heading": (1, 10),
        "time no time": (1, 8),
        "x, y empty": (1, 5),
        "x, y no numbers": (2, 4),
        "x, y 0, 0 or -1, -1": (1, 3),
        far: (2, 6),
        "category empty": (1, 9),
    }
    assert log.account.sentences()[0] == "2 of 11 rows are used"
    assert f"left out: {far}: 2 rows, the first is row 7" in log.account.sentences()
    assert log.account.sentences()[-1] == "columns that are not read: color"


def test_a_place_may_be_as_far_as_is_stated(read) -> None:
    log = "time,x,y,category\n1,480,0,0\n2,480,-300,0\n"
    assert len(read(log).calls) == 2
    assert len(read(log, maximum_snap_metres=299).calls) == 1
    assert len(read(log, maximum_snap_metres=301).calls) == 2


def test_a_time_far_from_all_others_is_left_out(read) -> None:
    rows = [f"2026-01-05 00:{k // 60:02}:{k % 60:02},7,1" for k in range(200)]
    log = read("\n".join(["time,node,category", "1900-01-01 00:00:00,7,1", *rows]) + "\n")
    assert log.account.left_out == {"time far from the other times": (1, 1)}
    assert log.calls["time_seconds"].tolist() == list(range(200))
    few = read("time,node,category\n1900-01-01 00:00,7,1\n2026-01-05 00:00,7,1\n2206-01-05 00:00,7,1\n")
    assert few.account.left_out == {"time far from the other times": (2, 1)}


def test_a_time_of_day_is_needed(read) -> None:
    log = read("time,node,category\n2021-04-05 01:00,7,1\n2021-04-05,7,1\n2021-04-05 24:01,7,1\n")
    assert log.account.left_out == {"time no time": (2, 2)}


def test_numbers_that_are_no_seconds(read) -> None:
    log = read("time,node,category\n1e300,7,1\n-1,7,1\n5,7,1\nabc,7,1\n6,7,1\n")
    assert log.account.left_out == {"time no number of seconds": (3, 1)}
    mixed = read("time,node,category\n1617253200,7,1\n1617253201,7,1\n5,7,1\n", time_zone="America/Chicago")
    assert mixed.account.left_out == {"time no time": (1, 3)}


def test_priorities_and_categories_are_mapped_or_refused(read) -> None:
    log = "time,node,category,priority\n1,7,SHOTS FIRED,P1\n2,7,Noise,1A\n3,7,patrol,\n4,7,noise,3\n"
    wording = {
        "categories": {"shots fired": "urgent", "NOISE": "routine", "Patrol": ""},
        "priorities": {"P1": 1, "1a": 2},
    }
    mapped = read(log, **wording)
    assert mapped.calls["category"].tolist() == [0, 1, 1] and mapped.calls["priority"].tolist() == [1, 2, 3]
    assert mapped.account.left_out == {"category that the mapping leaves out": (1, 3)}
    other = read(log, categories={"shots fired": "urgent"}, other_category="1", priorities=wording["priorities"])
    assert other.calls["category"].tolist() == [0, 1, 1, 1]
    with pytest.raises(ValueError, match=r"the category SHOTS FIRED is not known \(1 row, row 2\), nor are 2 other"):
        read(log)
    with pytest.raises(ValueError, match="the mapping has the category fire, expected one of urgent, routine"):
        read(log, other_category="fire")
    for priority in ("P1", "1A", "2.7", "0", "9", "-1", "high"):
        with pytest.raises(ValueError, match=rf"log.csv: priority: the priority {priority} is not known"):
            read(f"time,node,category,priority\n1,7,0,{priority}\n")
    assert read("time,node,category,priority\n1,7,0,2.0\n").calls["priority"].tolist() == [2]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("time,category\n1,0\n", "lacks x, y"),
        ("time,node\n1,0\n", "lacks category"),
        ("time,node,node,category\n1,5,6,0\n", "has the column node 2 times"),
        ("time,node,category\n1,100,0\n", r"log.csv: node: the node 100 is not in the area \(row 2\)"),
        ("time,node,category\n1,5.5,0\n", r"the node 5.5 is not in"),
        ("time,node,category\n1,-1,0\n", r"the node -1 is not in"),
        ("time,node,category\n1,5,fire\n", "the category fire is not known"),
        ("time,node,category\n1,5,0.5\n", r"the category 0.5 is not known"),
        ("time,node,category\n1,5,2\n", "the category 2 is not known"),
        ("time,node,category\n,5,urgent\n", "has no row"),
        ("time,node,category\n", "has no row"),
        ("time,x,y,category\n1,REDACTED,REDACTED,0\n", r"has no row .* x, y no numbers: 1 row, row 2"),
        ("", "is not a CSV file"),
        ("time,node,category\n2021-04-01,5,0\n", r"time holds dates without times of day, such as 2021-04-01 in row 2"),
        ("time,node,category\n20210401,5,0\n", r"time holds dates without times of day"),
        ("time,node,category\nyesterday,5,0\n", r"log.csv: time holds yesterday in row 2, expected dates and times"),
        ("time,node,category\n2021-04-01 17:30 PM,5,0\n", r"log.csv: time holds 2021-04-01 17:30 PM"),
        ('time,node,category\n1,"5,0\n', "is not a CSV file"),
        ("Time,node,category\n1,5,0\n", r"log.csv lacks time, it has Time, node, category"),
        ("time,node,category\n4/1/2021, 5:30 PM,5,0\n", r"more cells than the 3 columns of the heading: 1 row, row 2"),
        ("time,node,category\n44299.7291666667,5,0\n", r"time holds 44299.7291666667, which may be a day as spreadsh"),
        ("time,node,category\n21-04-13 17:30,5,0\n", r"time holds 21-04-13 17:30 in row 2"),
        ("time;x;y;category\n1;480,5 m;0,0;0\n", r"x, y no numbers: 1 row, row 2"),
        ("time,node,category,service_seconds\n1,5,0,00:20:00\n", r"service_seconds holds 00:20:00, expected numbers"),
    ],
)
def test_logs_that_are_refused(text: str, sentence: str, read) -> None:
    with pytest.raises(ValueError, match=sentence):
        read(text)
    with pytest.raises(ValueError, match=r"log\.csv"):
        read(text)


def test_bytes_that_are_no_text(read) -> None:
    with pytest.raises(ValueError, match=r"log\.csv\.gz is not a readable gzip file"):
        read("time,node,category\n1,5,0\n", "log.csv.gz")


def test_times_on_scene_that_are_none_are_drawn_and_counted(read) -> None:
    log = read("time,node,category,service_seconds\n1,5,0,60\n2,5,0,-60\n3,5,0,\n4,5,0,12 min\n")
    np.testing.assert_array_equal(log.calls["service_seconds"], [60, np.nan, np.nan, np.nan])
    assert log.account.remarks == ["service_seconds no number of seconds, drawn instead: 2 rows, the first is row 3"]


def test_data_frames_are_read_like_files(uniform: Scenario) -> None:
    table = pd.DataFrame(
        {
            "received": pd.to_datetime(["2026-01-06 00:00:05", "2026-01-05 00:00:05", None]),
            "node": [3.0, 4.0, 5.0],
            "kind": pd.Categorical(["urgent", "Routine", "urgent"]),
            "priority": [1, np.nan, 2],
            "service_seconds": [60.5, np.nan, 10],
        },
        index=["a", "b", "c"],
    )
    mapping = CallMapping(columns={"time": "received", "category": "kind"})
    log = calls_of(table, uniform.area, uniform.category_names, mapping, where="dispatch")
    assert log.calls["time_seconds"].tolist() == [5, DAY + 5] and log.calls["node"].tolist() == [4, 3]
    assert log.calls["category"].tolist() == [1, 0] and log.calls["priority"].tolist() == [0, 1]
    assert log.account.left_out == {"received empty": (1, 3)}
    days = pd.DataFrame({"time": [20210401.0, np.nan], "node": 1, "category": 0})
    with pytest.raises(ValueError, match=r"the log: time holds 20210401.0 in row 1"):
        calls_of(days, uniform.area, uniform.category_names)
    with pytest.raises(ValueError, match="dispatch: kind: the category urgent is not known"):
        calls_of(table, uniform.area, ("red", "green"), mapping, where="dispatch")


def test_mappings_in_files(tmp_path: Path) -> None:
    path = tmp_path / "mapping.toml"
    path.write_text(
        'time_zone = "America/Chicago"\nday_first = false\nmaximum_snap_metres = 500\n'
        '[columns]\nx = "longitude"\n[categories]\n"SHOTS FIRED" = "urgent"\n[priorities]\nP1 = 1\n',
        encoding="utf-8-sig",
    )
    assert CallMapping.load(path) == CallMapping(
        columns={"x": "longitude"},
        categories={"SHOTS FIRED": "urgent"},
        priorities={"P1": 1},
        day_first=False,
        time_zone="America/Chicago",
        maximum_snap_metres=500,
    )
    for text, sentence in (
        ("time_zones = 1\n", r"mapping.toml has no key time_zones: did you mean time_zone"),
        ("[columns]\nlat = 'y'\n", r"columns.lat is 'y', expected a column's name for one of time"),
        ("[priorities]\nP1 = 0\n", r"priorities.P1 is 0, expected 1 to 8"),
        ("[categories]\nfire = 1\n", r"categories.fire is 1, expected the name of a category"),
        ("maximum_snap_metres = -1\n", r"maximum_snap_metres is -1, expected a number of at least 0"),
    ):
        path.write_text(text, encoding="utf-8")
        with pytest.raises(ValueError, match=sentence):
            CallMapping.load(path)


def test_the_command_reads_a_mapping_and_prints_names_as_they_are(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "250")
    log, mapping = tmp_path / "log[red].csv", tmp_path / "mapping.toml"
    log.write_text(
        "when,node,kind,[bold]\n01/04/2021 05:30:00 PM,7,[P1] shots,x\n01/04/2021 06:30:00 PM,7,,x\n", encoding="utf-8"
    )
    mapping.write_text('[columns]\ntime = "when"\ncategory = "kind"\n', encoding="utf-8")
    command = ["replay", str(log), "--area", "uniform", "--mapping", str(mapping), "--replications", "1"]
    command += ["--policies", "stay+closest_fcfs"]
    assert main(command) == 1
    assert "log[red].csv: when holds 01/04/2021 05:30:00 PM in row 2" in capsys.readouterr().err
    assert main([*command, "--day-first", "false"]) == 1
    assert "the category [P1] shots is not known" in capsys.readouterr().err
    mapping.write_text(
        mapping.read_text(encoding="utf-8") + '[categories]\n"[P1] shots" = "urgent"\n', encoding="utf-8"
    )
    assert main([*command, "--day-first", "false"]) == 0
    shown = capsys.readouterr().out
    for part in ("1 calls of ", "log[red].csv", "left out: kind empty: 1 row, row 3", "not read: [bold]"):
        assert part in shown, part


@pytest.mark.skipif(not (DATA / "milwaukee_calls").exists(), reason="milwaukee_calls is not in the test data")
def test_three_weeks_of_milwaukee() -> None:
    longitude, latitude = np.meshgrid(np.arange(-88.07, -87.86, 0.006), np.arange(42.92, 43.2, 0.0045))
    streets = np.stack([np.arange(longitude.size - 1), np.arange(1, longitude.size)], 1)
    area = Area.from_arrays(
        coordinates=np.stack([longitude.ravel(), latitude.ravel()], 1),
        coordinate_system=CoordinateSystem.GEOGRAPHIC,
        edges=streets,
        edge_patrol_seconds=np.full(len(streets), 60.0),
        category_service_seconds=[1500.0, 900.0],
    )
    mapping = CallMapping(
        columns={"x": "longitude", "y": "latitude", "category": "nature"},
        categories={"SHOTS FIRED": "urgent", "TRAFFIC STOP": "", "RETURN STATION": ""},
        other_category="routine",
        maximum_snap_metres=50_000,
    )
    calls, account = read_calls(DATA / "milwaukee_calls" / "calls.csv.gz", area, ("urgent", "routine"), mapping)
    assert account.rows == 33_968
    far = "more than 50000 m from the nearest node, up to 13,848.9 km"
    assert account.left_out["longitude, latitude empty"].rows == 11
    assert account.left_out[far].rows == 439
    assert account.left_out["nature that the mapping leaves out"].rows == 33_968 - 11 - 439 - len(calls)
    assert len(calls) == account.kept and (calls["category"] == 0).sum() > 400
    # From Tuesday 2018-05-01 on, three weeks.
    assert calls["time_seconds"][0] == DAY + 14 and 21 < calls["time_seconds"][-1] / DAY < 22


def test_the_help_tells_the_distance_that_is_the_default(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["replay", "--help"])
    assert f"(default {CallMapping().maximum_snap_metres:g})" in " ".join(capsys.readouterr().out.split())

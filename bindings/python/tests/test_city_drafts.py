"""Drafted mappings and presets: what a user has to correct, and what is read from real logs with them."""

from pathlib import Path

import pandas as pd
import pytest
from city_sources import (
    STATE_PLANE,
    beat_polygons,
    call_table,
    corners,
    degrees,
    street_lines,
    written,
)
from conftest import REPOSITORY

from benchmarks import DATA
from libpatrol.city import import_city, open_city
from libpatrol.city.reading.draft import draft_mapping, marked_lines
from libpatrol.city.reading.guesses import guessed_columns, guessed_priority
from libpatrol.city.reading.importing import log_from
from libpatrol.city.reading.mapping import CityMapping
from libpatrol.city.reading.presets import fitting_preset, preset_names, read_preset
from libpatrol.commands.cli import main
from libpatrol.replay.log_table import log_of


def spoken(**columns: list[str]) -> pd.DataFrame:
    return pd.DataFrame({name.replace("_", " "): cells for name, cells in columns.items()})


def test_a_draft_with_one_line_to_correct(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table = call_table(800).rename(columns={
        "Event": "EventNumber", "Received": "TimeReceived", "Dispatched": "TIME_DISPATCHED", "Arrived": "On Scene",
        "X": "Longitude", "Y": "Latitude", "Type": "Call Type"})  # fmt: skip
    log, draft, out = written(tmp_path, table), tmp_path / "drafted.toml", tmp_path / "town"
    assert main(["import", "--calls", str(log), "--draft", str(draft)]) == 0
    assert "lines to check" in capsys.readouterr().out
    text = draft.read_text(encoding="utf-8")
    assert marked_lines(text) <= 3
    arguments = ["import", "--calls", str(log), "--mapping", str(draft), "--out", str(out)]
    assert main(arguments) == 1 and "--time-zone" in capsys.readouterr().err
    draft.write_text(text.replace('time_zone = ""', 'time_zone = "America/Los_Angeles"'), encoding="utf-8")
    assert main(arguments) == 0
    city = import_city(tmp_path / "again", calls=log, time_zone="America/Los_Angeles")
    assert city.facts.assumed[0] == "the meaning of columns and values is a draft that nobody has corrected"
    assert city.calls()["arrived"].notna().all() and city.category_names == ["noise", "fight in bar", "other"]
    assert city.facts.categories[1].priority == 1


def test_a_draft_for_a_time_zone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    draft = tmp_path / "drafted.toml"
    published = pd.DataFrame({column: ["1"] for column in read_preset("milwaukee").required})
    for table in (call_table().rename(columns={"Type": "Call Type"}), published):
        arguments = ["import", "--calls", str(written(tmp_path, table)), "--draft", str(draft), "--time-zone"]
        assert main([*arguments, "Europe/Stockholm"]) == 0
        text = draft.read_text(encoding="utf-8")
        assert CityMapping.parse(text, "drafted.toml").city.time_zone == "Europe/Stockholm"
        assert not any("time_zone" in line and "# check" in line for line in text.splitlines())
        draft.unlink()
        assert main([*arguments, "Stockholm"]) == 1 and "the time zone 'Stockholm'" in capsys.readouterr().err
        assert not draft.exists()


def test_types_are_drafted_as_they_are_written() -> None:
    types = ["Bråk", "BRÅK ", "Bråk", "INBROTT I BIL"] * 5
    drafted = guessed_types(call_table(20).assign(Type=types).rename(columns={"Type": "Call Type"}))
    assert 'name = "Bråk"\nvalues = ["Bråk"]' in drafted and 'name = "inbrott i bil"' in drafted


def test_a_type_that_is_called_other_joins_all_others(tmp_path: Path) -> None:
    table = call_table(100).assign(Type=["OTHER"] * 40 + ["Other "] * 10 + ["NOISE"] * 49 + ["FIGHT"])
    log = log_of(table.rename(columns={"Type": "Call Type", "X": "Longitude", "Y": "Latitude"}), "log")
    text = draft_mapping(log, "town", "America/Los_Angeles")
    assert text.count('name = "other"') == 1 and text.count("[[categories]]") == 2
    city = import_city(tmp_path / "town", calls=log.table, mapping=CityMapping.parse(text, "drafted.toml"))
    assert city.calls()["category"].value_counts().to_dict() == {"other": 51, "noise": 49}


def test_types_with_brackets_are_themselves(tmp_path: Path) -> None:
    table = call_table(100).assign(Type=["[P1] SHOTS"] * 50 + ["P"] * 50)
    log = log_of(table.rename(columns={"Type": "Call Type", "X": "Longitude", "Y": "Latitude"}), "log")
    text = draft_mapping(log, "town", "America/Los_Angeles")
    city = import_city(tmp_path / "town", calls=log.table, mapping=CityMapping.parse(text, "drafted.toml"))
    assert city.calls()["category"].value_counts().to_dict() == {"[p1] shots": 50, "p": 50}


def test_a_draft_of_all_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    streets = street_lines().to_crs(STATE_PLANE).rename(columns={"maxspeed": "SPEEDLIMIT"})
    streets.set_crs(None, allow_override=True).to_file(tmp_path / "streets.shp")
    beat_polygons().rename(columns={"beat": "label"}).drop(columns="precinct").to_file(tmp_path / "beats.gpkg")
    places = pd.DataFrame(degrees(corners()[:2]), columns=["Lng", "Lat"])
    duty = pd.DataFrame({"Call Sign": ["1A"], "Log On": ["3/4/2025 08:00"], "Log Off": ["3/4/2025 16:00"]})
    files = {
        "--calls": written(tmp_path, call_table().rename(columns={"Type": "Call Type"})),
        "--roads": tmp_path / "streets.shp",
        "--beats": tmp_path / "beats.gpkg",
        "--stations": written(tmp_path, places, "stations.csv"),
        "--roster": written(tmp_path, duty, "roster.csv"),
    }
    given = ["import", *(str(word) for pair in files.items() for word in pair), "--time-zone", "America/Los_Angeles"]
    draft = tmp_path / "drafted.toml"
    assert main([*given, "--draft", str(draft)]) == 0, capsys.readouterr().err
    text = draft.read_text(encoding="utf-8")
    roads, beats, stations, roster = (text.split(f"\n[{name}]\n")[1].split("\n\n")[0] for name in
                                      ("roads", "beats", "stations", "roster"))  # fmt: skip
    assert roads.splitlines() == [
        'crs = "EPSG:2926"  # check: the coordinate system of the file',
        'speed_unit = "mph"  # check: or km/h, of SPEEDLIMIT',
    ]
    assert beats == 'name = "label"  # check: the beats\' names, one of label'
    assert stations.startswith('x = ""  # check: one of Lng, Lat') and len(stations.splitlines()) == 2
    wanted = (
        'unit = "Call Sign"\nstart = "Log On"\nend = "Log Off"\nday_first = false  # check: is 1/4/2021 in April?\n'
    )
    assert roster == wanted.strip() or roster == wanted
    assert marked_lines(text) <= 10
    text = text.replace('x = ""', 'x = "Lng"').replace('y = ""', 'y = "Lat"')
    draft.write_text(text, encoding="utf-8")
    capsys.readouterr()
    assert main([*given, "--mapping", str(draft), "--out", str(tmp_path / "town")]) == 0, capsys.readouterr().err
    city = open_city(tmp_path / "town")
    assert city.beats()["name"].tolist() == ["w1", "E1"] and city.roster()["unit"].tolist() == ["1A"]
    assert (city.beats()["station_node"] >= 0).all()


def test_a_draft_needs_no_mapping(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log, draft = written(tmp_path, call_table()), tmp_path / "drafted.toml"
    assert main(["import", "--calls", str(log), "--mapping", "mine.toml", "--draft", str(draft)]) == 1
    assert "--draft drafts what --mapping mine.toml says: give one of them" in capsys.readouterr().err
    given = ["import", "--calls", str(log), "--draft", str(draft)]
    for option in ("--roads", "--beats", "--stations", "--roster"):
        assert main([*given, option, str(tmp_path / "none.csv")]) == 1 and "none.csv" in capsys.readouterr().err
    assert not draft.exists()


def test_a_draft_is_not_written_over(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log, draft = written(tmp_path, call_table()), tmp_path / "drafted.toml"
    draft.write_text("# corrected for hours", encoding="utf-8")
    assert main(["import", "--calls", str(log), "--draft", str(draft)]) == 1
    assert "drafted.toml exists, and may have been corrected: give another name" in capsys.readouterr().err
    assert draft.read_text(encoding="utf-8") == "# corrected for hours"


def test_columns_are_known_by_name_and_content() -> None:
    table = spoken(
        Incident_Number=["A1", "A2", "A3"],
        Date=["03/13/2025 10:00 PM", "03/14/2025 11:00 PM", ""],
        ARRIVAL=["soon", "later", ""],  # no times
        lat=["47.1", "47.2", ""],
        Primary_Unit=["1A", "1A", "2B"],
    )
    found = guessed_columns(log_of(table, "log"))
    assert found == {"id": "Incident Number", "received": "Date", "unit": "Primary Unit"}


def test_columns_are_likely_by_abbreviations(tmp_path: Path) -> None:
    names = {
        "Event": "INC_NO", "Received": "RCVD_DTTM", "Dispatched": "UNIT_DISP_DTTM", "Arrived": "UNIT_ONSCN_DTTM",
        "Cleared": "UNIT_CLR_DTTM", "X": "LON_WGS", "Y": "LAT_WGS", "Type": "NATURE_CD", "Priority": "PRI",
    }  # fmt: skip
    table = call_table().rename(columns=names).assign(RPT_DIST="4", CLR_CODE="A")
    table.loc[5, "NATURE_CD"] = "MEAL"
    text = draft_mapping(log_of(table, "log"), "town", "America/Chicago")
    drafted = CityMapping.parse(text, "draft").calls
    assert (drafted.id, drafted.received, drafted.dispatched) == ("INC_NO", "RCVD_DTTM", "UNIT_DISP_DTTM")
    assert (drafted.arrived, drafted.cleared, drafted.beat) == ("UNIT_ONSCN_DTTM", "UNIT_CLR_DTTM", "RPT_DIST")
    assert (drafted.x, drafted.y, drafted.category, drafted.priority) == ("LON_WGS", "LAT_WGS", "NATURE_CD", "PRI")
    assert text.count("# check: is this the column?") == 10 and text.count('name = "noise"') == 1
    assert '# Others: "MEAL".' in text.splitlines()


@pytest.mark.parametrize(
    ("code", "priority"),
    [("P1", 1), ("2C", 2), ("B", 2), ("0", 1), ("PRIORITY 9", 8), ("ROUTINE", 2), ("EMERGENCY", 1)],
)
def test_priorities_are_guessed(code: str, priority: int) -> None:
    assert guessed_priority(code, ["EMERGENCY", "ROUTINE"]) == priority


def test_the_mapping_of_the_guide() -> None:
    page = (REPOSITORY / "bindings" / "python" / "docs" / "city.md").read_text(encoding="utf-8")
    mapping = CityMapping.parse(page.split("```toml\n")[1].split("```")[0], "city.md")
    assert mapping.calls.received == "CALL DATE + CALL TIME" and mapping.categories[0].units == 2
    assert mapping.roads.speed_unit == "mph" and mapping.beats.leave_out == ["HARBOR"]


@pytest.mark.parametrize("name", preset_names())
def test_presets_are_mappings(name: str) -> None:
    preset = read_preset(name)
    about = preset.values["preset"]
    assert "://" in about["source"] and about["date"].year >= 2018 and preset.title
    mapping = CityMapping.parse(preset.body, name)
    used = {*mapping.calls.columns().values(), *(rule.column for rule in (*mapping.other_work, *mapping.left_out))}
    assert mapping.city.time_zone and mapping.calls.received in preset.required and marked_lines(preset.body) <= 10
    log = log_of(
        pd.DataFrame({column: [""] for column in [*preset.required, *sorted(used - set(preset.required))]}), "log"
    )
    assert f"From the preset {name}:" in draft_mapping(log, "town")


def guessed_types(table: pd.DataFrame) -> str:
    return draft_mapping(log_of(table, "log"), "town").split("[[categories]]", 1)[1]


def test_presets_fit_whatever_the_spelling() -> None:
    small = [column.lower() for column in read_preset("nypd").required]
    preset = fitting_preset(small)
    assert preset is not None and preset.name == "nypd" and preset.columns["received"] == "add_ts"
    assert CityMapping.parse(preset.body, "nypd").other_work[0].column == "radio_code"
    assert fitting_preset(["time", "place"]) is None


def test_new_orleans_as_it_is_published(tmp_path: Path) -> None:
    count = 30
    table = pd.DataFrame(
        {
            "NOPD_Item": [f"A{number:05d}25" for number in range(count)],
            "Type": "103",
            "TypeText": ["DISTURBANCE (OTHER)", "BURGLAR ALARM, SILENT", "AGGRAVATED ASSAULT"] * 10,
            "Priority": ["1A", "2C", "3A"] * 10,
            "TimeCreate": [f"01/{1 + k:02d}/2025 01:03:13 AM" for k in range(count)],
            "TimeDispatch": [f"01/{1 + k:02d}/2025 01:05:00 AM" for k in range(count)],
            "TimeArrive": [f"01/{1 + k:02d}/2025 01:13:00 AM" for k in range(count)],
            "TimeClosed": [f"01/{1 + k:02d}/2025 02:00:00 AM" for k in range(count)],
            "DispositionText": ["Necessary Action Taken"] * 29 + ["DUPLICATE"],
            "SelfInitiated": ["N"] * 28 + ["Y", "N"],
            "Beat": ["1L04", "2U04"] * 15,
            "Location": [f"POINT ({-90.07 - 0.002 * (k % 5)} {29.95 + 0.002 * (k % 7)})" for k in range(28)]
            + ["(29.95, -90.07)", "POINT (0.0 0.0)"],
        }
    )
    city = import_city(tmp_path / "nola", calls=table)
    assert (city.facts.name, city.facts.time_zone, city.facts.crs) == ("New Orleans", "America/Chicago", "EPSG:32615")
    calls = city.calls()
    assert len(calls) == 28 and len(city.other_work()) == 1 and city.other_work()["x"].notna().all()
    assert calls["priority"].tolist()[:3] == [3, 2, 1] and set(calls["beat"]) == {"1L04", "2U04"}
    table["TypeText"] = table["TypeText"].where(table["SelfInitiated"] == "N", "AREA CHECK")
    assert "AREA CHECK" in guessed_types(table.assign(SelfInitiated="N")) and "AREA CHECK" not in guessed_types(table)


@pytest.mark.skipif(not (DATA / "milwaukee_calls").exists(), reason="milwaukee_calls is not in the test data")
def test_milwaukee(tmp_path: Path) -> None:
    city = import_city(tmp_path / "milwaukee", calls=DATA / "milwaukee_calls" / "calls.csv.gz")
    assert city.facts.sources["calls"]["rows"] == 33_968 and city.facts.name == "Milwaukee"
    assert set(city.beats()["name"]) >= set("1234567")
    assert 15_000 < len(city.calls()) < 17_000 and len(city.other_work()) > 14_000
    assert "the log has no arrivals: response times cannot be known from it" in city.numbers()["sentences"]
    assert city.numbers()["committed_hours_per_day"] is None
    assert any(s.startswith("15,145 rows are other work, not calls: TRAFFIC STOP (") for s in city.facts.account)


@pytest.mark.skipif(not (DATA / "seattle_pd_911").exists(), reason="seattle_pd_911 is not in the test data")
def test_seattle(tmp_path: Path) -> None:
    log = next((DATA / "seattle_pd_911").glob("*.csv"))
    city = import_city(tmp_path / "seattle", calls=log)
    assert len(city.calls()) == 706 and len(city.beats()) > 45 and city.facts.crs == "EPSG:32610"
    assert city.calls()["received"].dt.tz_convert(city.zone).dt.date.nunique() == 1
    assert "the time of its clearance, Event Clearance Date, stands for it" in city.facts.assumed[1]
    assert "At Scene Time, which most rows leave empty, is not used" in city.facts.assumed[2]
    drafted = draft_mapping(log_from(log, "the log"), "seattle")
    assert marked_lines(drafted) == drafted.count("\npriority = ") > 5  # the log has none: they are invented
    assert CityMapping.parse(drafted, "draft").assumed == city.facts.assumed[1:3]


@pytest.mark.skipif(not (DATA / "atlanta_cobra").exists(), reason="atlanta_cobra is not in the test data")
def test_atlanta_of_two_columns(tmp_path: Path) -> None:
    mapping = CityMapping.parse(
        '[city]\ntime_zone = "America/New_York"\n[calls]\nid = "offense_id"\nreceived = "occur_date + occur_time"\n'
        'x = "long"\ny = "lat"\nbeat = "beat"\ncategory = "UC2_Literal"\n[[categories]]\nname = "robbery"\n'
        'values = ["ROBBERY*"]\n[[categories]]\nname = "other"\n',
        "atlanta.toml",
    )
    city = import_city(tmp_path / "atlanta", calls=DATA / "atlanta_cobra" / "COBRA-2020.csv", mapping=mapping)
    assert len(city.calls()) > 3700 and set(city.calls()["category"]) == {"robbery", "other"}
    assert any("far from the other times" in sentence or "no time" in sentence for sentence in city.facts.account)

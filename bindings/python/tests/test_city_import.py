"""Importing a city: what is read from which file, what is left out, and what is refused in which words."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import shapely
from city_sources import (
    BLOCK,
    SIDE,
    SPEED,
    STATE_PLANE,
    UTM,
    WRITTEN,
    beat_polygons,
    call_table,
    corners,
    mapping,
    street_graph,
    street_lines,
    to,
    written,
)

from libpatrol.city import import_city, open_city
from libpatrol.city.folder import CityFolder
from libpatrol.commands.cli import main


@pytest.fixture(scope="module")
def roads(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("roads") / "streets.geojson"
    street_lines().to_crs("EPSG:4326").to_file(path)
    return path


@pytest.fixture(scope="module")
def beats(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("beats") / "beats.geojson"
    beat_polygons().to_crs("EPSG:4326").to_file(path)
    return path


def test_calls_roads_and_beats(tmp_path: Path, roads: Path, beats: Path) -> None:
    told: list[tuple[str, float]] = []
    city = import_city(
        tmp_path / "grid",
        calls=written(tmp_path, call_table()),
        roads=roads,
        beats=beats,
        mapping=mapping(tmp_path),
        told=lambda doing, share: told.append((doing, share)),
    )
    facts, calls, nodes = city.facts, city.calls(), city.nodes()
    assert (facts.name, facts.crs, facts.streets) == ("Gridville", UTM, "file")
    assert [(kind.name, kind.priority, kind.units) for kind in facts.categories] == [("fight", 1, 2), ("other", 3, 1)]
    assert len(calls) == 60 and calls["received"].iloc[0] == pd.Timestamp("2025-03-03 08:00", tz="UTC")
    assert ((calls["arrived"] - calls["received"]).dt.total_seconds() == 600).all()
    assert len(nodes) == SIDE * SIDE and city.area().info.edge_count == 4 * SIDE * (SIDE - 1)
    np.testing.assert_allclose(nodes[["x", "y"]].sort_values(["y", "x"]), corners(), atol=0.2)
    there = nodes[["x", "y"]].to_numpy()[calls["node"]]
    assert np.abs(there - calls[["x", "y"]].to_numpy()).max() < 6
    assert set(nodes["street"]) >= {"1 Ave & 1 St", "2 St & 3 Ave"}
    np.testing.assert_allclose(city.streets.edge_patrol_seconds, BLOCK / SPEED, rtol=1e-3)
    np.testing.assert_allclose(city.streets.edge_emergency_seconds, 0.8 * BLOCK / SPEED, rtol=1e-3)
    assert city.streets.category_service_seconds.tolist() == [300, 300]
    table = city.beats()
    assert table["name"].tolist() == ["w1", "E1"] and table["group"].tolist() == ["west", "east"]
    assert city.streets.node_groups.tolist() == [0 if beat == "E1" else 1 for beat in nodes["beat"]]
    west = nodes["x"] < nodes["x"].mean()
    assert (nodes["beat"] == np.where(west, "w1", "E1")).all()
    assert facts.sources["calls"]["rows"] == 60 and len(facts.sources["beats"]["sha256"]) == 64
    shares = [share for _, share in told]
    assert shares == sorted(shares) and shares[-1] == 1
    numbers = city.numbers()
    assert numbers["priority"][0]["response_seconds_p90"] == 600 and numbers["calls"] == 60
    assert numbers["committed_hours_per_day"] == pytest.approx(60 * 600 / 3600 / 3, abs=0.01)
    assert pd.read_excel(city.path / "numbers.xlsx", sheet_name="by beat")["calls"].sum() == 60


def test_calls_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log, out = written(tmp_path, call_table(200)), tmp_path / "grid"
    arguments = ["import", "--calls", str(log), "--mapping", str(mapping(tmp_path)), "--out", str(out)]
    assert main(arguments) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "200 calls from 2025-03-03 to 2025-03-11, 22.2 a day" in said
    assert "streets are made from the places of calls" in said and f"next: libpatrol check {out}" in said
    city = CityFolder(out)
    assert city.facts.streets == "made from the places of calls" and city.beats()["name"].tolist() == ["city"]
    times = city.area().travel_times([0], range(len(city.nodes())))
    assert np.isfinite(times).all()
    page = (out / "numbers.html").read_text(encoding="utf-8")
    assert "priority 1: half of the calls have a unit within 10.0 min" in page and "streets are made" in page


def test_every_format_of_a_log_is_read_alike(tmp_path: Path, roads: Path) -> None:
    table = call_table()
    table.loc[2, "Arrived"] = None
    timed = table.copy()
    names = ["Received", "Dispatched", "Arrived", "Cleared"]
    timed[names] = timed[names].apply(pd.to_datetime, format=WRITTEN)
    local = timed.copy()
    local[names] = local[names].apply(lambda column: column.dt.tz_localize("America/Los_Angeles"))
    table.to_csv(tmp_path / "log.csv.gz", index=False)
    table.to_csv(tmp_path / "log.csv", index=False, sep=";")
    table.to_excel(tmp_path / "texts.xlsx", index=False)
    timed.to_excel(tmp_path / "times.xlsx", index=False)
    timed.to_parquet(tmp_path / "times.parquet")
    local.to_parquet(tmp_path / "local.parquet")
    expected = import_city(tmp_path / "grid", calls=table, roads=roads, mapping=mapping(tmp_path)).calls()
    assert expected["arrived"].isna().sum() == 1
    for name in ("log.csv.gz", "log.csv", "texts.xlsx", "times.xlsx", "times.parquet", "local.parquet"):
        city = import_city(tmp_path / "grid", calls=tmp_path / name, roads=roads, mapping=mapping(tmp_path))
        pd.testing.assert_frame_equal(city.calls(), expected, obj=name, atol=0.05)
        assert city.facts.sources["calls"]["file"] == name
    (tmp_path / "bad.xlsx").write_text("no sheet")
    with pytest.raises(ValueError, match=r"bad.xlsx is not an Excel file"):
        import_city(tmp_path / "none", calls=tmp_path / "bad.xlsx", roads=roads, mapping=mapping(tmp_path))
    (tmp_path / "bad.parquet").write_text("no table")
    with pytest.raises(ValueError, match=r"bad.parquet is not a Parquet file"):
        import_city(tmp_path / "none", calls=tmp_path / "bad.parquet", roads=roads, mapping=mapping(tmp_path))


def test_state_plane_feet_and_a_table(tmp_path: Path, roads: Path) -> None:
    table = call_table(crs=STATE_PLANE)
    city = import_city(
        tmp_path / "feet", calls=table, roads=roads, mapping=mapping(tmp_path, calls=f'crs = "{STATE_PLANE}"')
    )
    assert sorted(set(city.calls()["node"])) == list(range(SIDE * SIDE))
    with pytest.raises(
        ValueError, match=r"row 1: the place .* is not in degrees: say calls.crs .*mapping.toml; as .*2926"
    ):
        import_city(tmp_path / "none", calls=table, roads=roads, mapping=mapping(tmp_path))
    assert not (tmp_path / "none").exists()


def test_wrong_coordinate_systems(tmp_path: Path, roads: Path) -> None:
    swapped = call_table().rename(columns={"X": "Y", "Y": "X"})
    with pytest.raises(
        ValueError, match=r"row 1: the place 47.* is not in degrees: say calls.crs in .*; x and y are swapped"
    ):
        import_city(tmp_path / "none", calls=swapped, roads=roads, mapping=mapping(tmp_path))
    feet = call_table(crs=STATE_PLANE)
    with pytest.raises(
        ValueError, match=r"read as EPSG:2927, half of the calls are more than .* km away: as .*EPSG:2926"
    ):
        import_city(tmp_path / "none", calls=feet, roads=roads, mapping=mapping(tmp_path, calls='crs = "EPSG:2927"'))
    with pytest.raises(ValueError, match=r"calls.crs is 'EPSG:99', expected a coordinate system such as EPSG:4326"):
        import_city(tmp_path / "none", calls=feet, roads=roads, mapping=mapping(tmp_path, calls='crs = "EPSG:99"'))
    assert not (tmp_path / "none").exists() and not list(tmp_path.glob(".none*"))


def test_times_in_an_unusual_form(tmp_path: Path, roads: Path) -> None:
    table = call_table()
    expected = import_city(tmp_path / "usual", calls=table, roads=roads, mapping=mapping(tmp_path)).calls()
    for name in ("Received", "Dispatched", "Arrived", "Cleared"):
        table[name] = pd.to_datetime(table[name], format=WRITTEN).dt.strftime("%d%b%y %Hh%M")
    with pytest.raises(
        ValueError, match=r"the log: Received holds 03Mar25 00h00 in row 1, expected .*, or a time_format"
    ):
        import_city(tmp_path / "none", calls=table, roads=roads, mapping=mapping(tmp_path))
    form = mapping(tmp_path, calls='time_format = "%d%b%y %Hh%M"')
    found = import_city(tmp_path / "unusual", calls=table, roads=roads, mapping=form)
    pd.testing.assert_frame_equal(found.calls(), expected)
    with pytest.raises(ValueError, match=r"Received holds 03Mar25 00h00 in row 1, expected times of the form %d%b%y$"):
        form = mapping(tmp_path, calls='time_format = "%d%b%y"')
        import_city(tmp_path / "none", calls=table, roads=roads, mapping=form)


def test_encodings_are_told(tmp_path: Path, roads: Path) -> None:
    table = call_table().assign(Type=["BRÅK", "NOISE"] * 30)
    log = tmp_path / "calls.csv"
    log.write_bytes(table.to_csv(index=False).encode("cp1252"))
    duty = pd.DataFrame({"unit": ["Åke"], "start": ["2025-03-03 08:00"], "end": ["2025-03-03 16:00"]})
    (tmp_path / "roster.csv").write_bytes(duty.to_csv(index=False).encode("utf-16"))
    city = import_city(
        tmp_path / "town", calls=log, roads=roads, roster=tmp_path / "roster.csv", mapping=mapping(tmp_path)
    )
    assert "calls.csv is not in UTF-8: read as Windows-1252, which makes BRÅK of one of its words" in city.facts.account
    assert "roster.csv is in UTF-16, not in UTF-8" in city.facts.account and city.roster()["unit"].tolist() == ["Åke"]


def test_dirt_is_counted(tmp_path: Path, roads: Path) -> None:
    table = call_table()
    table.loc[3, "Received"] = ""
    table.loc[4, "Received"] = "soon"
    table.loc[5, ["X", "Y"]] = 0
    table.loc[6, ["X", "Y"]] += 0.1  # some 14 km
    table.loc[7, "Arrived"] = table.loc[2, "Arrived"]  # five hours before its dispatch
    table.loc[8, "Arrived"] = ""
    table.loc[9, "Cleared"] = "03/09/2025 08:00:00 AM"
    table.loc[10, "Priority"] = "X"
    table = pd.concat([table, table.iloc[[20]]])
    city = import_city(tmp_path / "grid", calls=written(tmp_path, table), roads=roads, mapping=mapping(tmp_path))
    account = city.facts.account
    assert len(city.calls()) == 56
    for sentence in (
        "56 of 61 rows are used",
        "left out: Received empty or no time: 2 rows, the first is row 5",
        "left out: a call_id that an earlier row has: 1 row, row 62",
        "left out: more than 1,000 m from all streets: 1 row, row 8",
        "left out: neither a place nor a beat that is known: 1 row, row 7",
        "arrived before dispatched, dropped: 1 row, row 9",
        "cleared more than a day after arrived, dropped: 1 row, row 11",
        "priority X is not known, the category's instead: 1 row, row 12",
        "2 of 56 calls have no arrival: 2 of priority 3",
    ):
        assert sentence in account, sentence


def test_a_row_for_each_unit(tmp_path: Path, roads: Path) -> None:
    table = call_table()
    second = table.iloc[::2].copy()
    second["Unit"], table["Unit"] = "2b2", "1A1"
    second["Arrived"] = table["Received"].iloc[::2]  # wrong: dropped
    second["Cleared"] = (pd.to_datetime(second["Cleared"], format=WRITTEN) + pd.Timedelta(hours=1)).dt.strftime(WRITTEN)
    log = written(tmp_path, pd.concat([table, second]))
    with pytest.raises(ValueError, match=r'calls.csv has the call E0000 again in row 62, .* set calls.row = "unit"'):
        import_city(tmp_path / "none", calls=log, roads=roads, mapping=mapping(tmp_path, calls='unit = "Unit"'))
    city = import_city(
        tmp_path / "grid", calls=log, roads=roads, mapping=mapping(tmp_path, calls='row = "unit"\nunit = "Unit"')
    )
    calls, responses = city.calls(), city.responses()
    assert len(calls) == 60 and len(responses) == 90 and set(responses["unit"]) == {"1A1", "2b2"}
    assert calls["responding"].tolist() == [2, 1] * 30
    assert ((calls["cleared"] - calls["received"]).dt.total_seconds() == np.where(np.arange(60) % 2, 900, 4500)).all()
    assert ((calls["arrived"] - calls["received"]).dt.total_seconds() == 600).all()


def test_other_work_is_no_call(tmp_path: Path, roads: Path) -> None:
    rules = (
        '[[other_work]]\ncolumn = "Type"\nvalues = ["noise"]\n\n[[left_out]]\ncolumn = "Event"\nvalues = ["E0001"]\n'
    )
    path = mapping(tmp_path)
    path.write_text(path.read_text() + rules)
    city = import_city(tmp_path / "grid", calls=call_table(), roads=roads, mapping=path)
    assert len(city.calls()) == 20 and len(city.other_work()) == 39
    assert set(city.other_work()["category"]) == {"NOISE"} and city.other_work()["node"].notna().all()
    path.write_text(path.read_text().replace('["noise"]', '["*"]'))
    with pytest.raises(ValueError, match=r"the log has no calls, only other work: correct \[\[other_work\]\]"):
        import_city(tmp_path / "none", calls=call_table(), roads=roads, mapping=path)


def test_types_in_no_list_are_other(tmp_path: Path, roads: Path) -> None:
    path = mapping(tmp_path)
    path.write_text(path.read_text().replace('name = "other"', 'name = "other"\nvalues = ["NOBODY"]'))
    table = call_table()
    table.loc[1, "Received"] = ""
    city = import_city(tmp_path / "grid", calls=table, roads=roads, mapping=path)
    assert city.category_names == ["fight", "other"] and city.calls()["category"].value_counts()["other"] == 39
    sentence = f"category in no list of {path}, counted as other: 39 rows, the first is row 3"
    assert sentence in city.facts.account


def test_beats_by_name_only(tmp_path: Path, roads: Path, beats: Path) -> None:
    table = call_table().drop(columns=["X", "Y"]).assign(Beat="W1")
    path = mapping(tmp_path)
    path.write_text(path.read_text().replace('x = "X"\ny = "Y"', 'beat = "Beat"'))
    city = import_city(tmp_path / "grid", calls=table, roads=roads, beats=beats, mapping=path)
    calls, nodes = city.calls(), city.nodes()
    assert set(calls["beat"]) == {"w1"} and calls["x"].isna().all()
    assert set(nodes["beat"][calls["node"]]) == {"w1"} and calls["node"].nunique() == SIDE * SIDE // 2
    with pytest.raises(ValueError, match="the log has no places and fewer than two beats: give --roads and --beats"):
        import_city(tmp_path / "none", calls=table, mapping=path)
    table["Beat"] = ["w1", "E1", "E2"] * 20
    alone = import_city(tmp_path / "alone", calls=table, mapping=path)
    assert alone.beats()["name"].tolist() == ["E1", "E2", "w1"] and len(alone.calls()) == 60
    assert set(alone.streets.edge_patrol_seconds) == {300} and alone.facts.streets == "made from the places of calls"
    assert any("3 beats stand on a circle in the sea" in sentence for sentence in alone.facts.account)


def test_names_are_spelled_as_in_the_files(tmp_path: Path, roads: Path) -> None:
    shapes = beat_polygons().assign(beat=["Vasastan", "Östermalm"], precinct=["Norrort", "norrort "])
    shapes.to_crs("EPSG:4326").to_file(tmp_path / "beats.geojson")
    table = call_table()
    west = table["X"] < table["X"].mean()
    table["Beat"] = np.where(west, np.where(np.arange(60) % 2, "VASASTAN ", "vasastan"), "ÖSTERMALM")
    table["Event"] = [f"e{number:04d}" for number in range(60)]
    table["Car"] = ["adam 1", "ADAM 1", "Adam  1", "Adam 1", "bertil", "Bertil"] * 10
    table.loc[30:, "Type"] = [" Meal", "Meal", "MEAL"] * 10
    rows = table[["Car"]].iloc[:2].assign(Car=["ADAM 1", "Cesar"], On="3/3/2025 08:00", Off="3/3/2025 16:00")
    path = mapping(
        tmp_path,
        calls='beat = "Beat"\nunit = "Car"',
        roster='unit = "Car"\nstart = "On"\nend = "Off"\nday_first = false',
    )
    path.write_text(path.read_text() + '\n[[other_work]]\ncolumn = "Type"\nvalues = ["meal"]\n')
    files = {"calls": table, "roads": roads, "mapping": path}
    city = import_city(tmp_path / "all", **files, beats=tmp_path / "beats.geojson", roster=rows)
    assert city.beats()["name"].tolist() == ["Vasastan", "Östermalm"] and set(city.beats()["group"]) == {"Norrort"}
    calls, work = city.calls(), city.other_work()
    assert calls["beat"].tolist() == np.where(west[:30], "Vasastan", "Östermalm").tolist()
    assert set(city.nodes()["beat"]) == set(calls["beat"]) == set(work["beat"]) and calls["call_id"].iloc[1] == "e0001"
    assert set(city.responses()["unit"]) == set(work["unit"]) == {"ADAM 1", "bertil"}
    assert city.roster()["unit"].tolist() == ["ADAM 1", "Cesar"] and set(work["category"]) == {"Meal"}
    alone = import_city(tmp_path / "log", **files)
    assert alone.beats()["name"].tolist() == ["vasastan", "ÖSTERMALM"]
    assert set(alone.responses()["unit"]) == set(alone.other_work()["unit"]) == {"Adam 1", "bertil"}


def test_wrong_mappings(tmp_path: Path, roads: Path) -> None:
    table = call_table()
    for old, new, sentence in (
        ('received = "Received"', 'received = "When"', r"the log has no column When, which .*mapping.toml names"),
        ('x = "X"\n', "", r"calls: x and y are needed together"),
        ('received = "Received"\n', "", r"does not say which column of the log is the time a call was received"),
        ("units = 2", "units = 0", r"categories\[0\]: units is 0, expected 1 to 127"),
        ('"America/Los_Angeles"', '"Seattle"', r"the time zone 'Seattle' is not known"),
        ('time_zone = "America/Los_Angeles"', "", r"the city's time zone is not known: give --time-zone"),
        ('priority = "Priority"', 'priority = "Type"', r"the priority FIGHT IN BAR is not known .*\[priorities\]"),
        ('id = "Event"', 'identity = "Event"', r"calls has no key identity"),
        ("[[categories]]\nname = \"other\"", "[[categories]]\nname = \"fight\"", r"has the category fight 2 times"),
    ):  # fmt: skip
        path = mapping(tmp_path)
        assert old in path.read_text()
        path.write_text(path.read_text().replace(old, new))
        with pytest.raises(ValueError, match=sentence):
            import_city(tmp_path / "none", calls=table, roads=roads, mapping=path)
    assert not (tmp_path / "none").exists()


def test_wrong_beats(tmp_path: Path, roads: Path) -> None:
    shapes, path = beat_polygons(), tmp_path / "beats.gpkg"

    def refused(sentence: str, changed: object, **more: str) -> None:
        changed.to_file(path, layer="beats")
        with pytest.raises(ValueError, match=sentence):
            import_city(
                tmp_path / "none", calls=call_table(), roads=roads, beats=path, mapping=mapping(tmp_path, **more)
            )

    empty = shapes.copy()
    empty.loc[1, "geometry"] = None
    refused(r"beats.gpkg, row 2: the polygon of the beat E1 is empty: draw it, or delete the row", empty)
    away = shapes.copy()
    away.loc[1, "geometry"] = shapely.Point(*(shapes.total_bounds[2:] + 500)).buffer(5)
    refused(r'row 2: no street of streets.geojson lies in the beat E1: .* leave_out = \["E1"\]', away)
    elsewhere = shapes.set_geometry(shapes.translate(1e5))
    refused(r"row 1: no street .* nor does any other beat: is the coordinate system right", elsewhere)
    refused(
        r"has no column that names beats, it has label: say name in \[beats\]",
        shapes[["geometry"]].assign(label=1),
    )
    refused(r"has no column tract, which \[beats\] of the mapping names", shapes, beats='name = "tract"')
    away.to_file(path, layer="beats")
    city = import_city(
        tmp_path / "west",
        calls=call_table(),
        roads=roads,
        beats=path,
        mapping=mapping(tmp_path, beats='leave_out = ["e1"]'),
    )
    assert (
        city.beats()["name"].tolist() == ["w1"] and "the beat E1 is left out, as the mapping says" in city.facts.account
    )


def test_an_interrupt_leaves_what_was_there(tmp_path: Path, roads: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log, settings, out = written(tmp_path, call_table()), mapping(tmp_path), tmp_path / "grid"
    city = import_city(out, calls=log, roads=roads, mapping=settings)
    before = (out / "city.toml").read_text()
    from libpatrol.city.reading import importing

    def interrupted(content: object, folder: Path) -> None:
        assert (folder / "calls.parquet").exists()
        raise KeyboardInterrupt

    monkeypatch.setattr(importing, "numbers_of", interrupted)
    arguments = ["import", "--calls", str(log), "--roads", str(roads), "--mapping", str(settings), "--out"]
    assert main([*arguments, str(out)]) == 130 and main([*arguments, str(tmp_path / "new")]) == 130
    assert (out / "city.toml").read_text() == before
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["calls.csv", "grid", "mapping.toml"]
    monkeypatch.undo()
    import_city(out, calls=log, roads=roads, mapping=settings)
    with city.write_step("check") as folder:
        (folder / "check.json").write_text("{}")
    with pytest.raises(ValueError, match=r"grid has results of check, which are of the calls imported before"):
        import_city(out, calls=log, roads=roads, mapping=settings)
    assert city.has_step("check")


def test_roster_and_stations(tmp_path: Path, roads: Path, beats: Path) -> None:
    roster = pd.DataFrame(
        {"Unit": ["1a1", "1A2"], "On": ["3/3/2025 22:00"] * 2, "Off": ["3/4/2025 6:00", "3/4/2025 6:30"]}
    )
    stations = pd.DataFrame(to(corners()[[0, SIDE - 1]], "EPSG:4326"), columns=["longitude", "latitude"])
    lines = 'unit = "Unit"\nstart = "On"\nend = "Off"\nday_first = false'

    def run(out: str) -> CityFolder:
        return import_city(
            tmp_path / out,
            calls=call_table(),
            roads=roads,
            beats=beats,
            roster=written(tmp_path, roster, "roster.csv"),
            stations=written(tmp_path, stations, "stations.csv"),
            mapping=mapping(tmp_path, roster=lines),
        )

    city = run("grid")
    assert set(city.roster()["unit"]) == {"1a1", "1A2"}
    assert city.roster()["start"].iloc[0] == pd.Timestamp("2025-03-04 06:00", tz="UTC")
    places = city.nodes()[["x", "y"]].to_numpy()[city.beats()["station_node"].astype(int)]
    np.testing.assert_allclose(places, corners()[[0, SIDE - 1]], atol=0.2)
    roster.loc[1, "Off"] = "3/3/2025 6:30"
    with pytest.raises(
        ValueError, match=r"roster.csv, row 3: the shift of 1A2 is from 3/3/2025 22:00 to 3/3/2025 6:30, exp"
    ):
        run("none")
    roster.loc[1, "Off"] = "3/4/2025 6:30"
    stations.loc[1, "latitude"] = 48.6
    with pytest.raises(ValueError, match=r"stations.csv, row 3: the station lies .* km from all streets"):
        run("none")


def test_a_graph_gives_the_same_streets_as_its_file(tmp_path: Path, roads: Path) -> None:
    import networkx as nx

    nx.write_graphml(street_graph(), tmp_path / "streets.graphml")
    cities = [
        import_city(tmp_path / f"{k}", calls=call_table(), roads=source, mapping=mapping(tmp_path))
        for k, source in enumerate((street_graph(), tmp_path / "streets.graphml"))
    ]
    assert cities[0].area().info.content_hash == cities[1].area().info.content_hash
    np.testing.assert_allclose(cities[0].streets.edge_patrol_seconds, BLOCK / SPEED)
    assert "1 Ave / Old Road & 1 St" in set(cities[0].nodes()["street"])


def test_officers_of_one_unit_are_one_unit_on_duty(tmp_path: Path, roads: Path) -> None:
    rows = [
        ("1A1", "3/3/2025 22:00", "3/4/2025 6:00"),
        ("1a1", "3/3/2025 22:00", "3/4/2025 6:00"),  # the second officer
        ("1A2", "3/3/2025 22:00", "3/4/2025 6:00"),
        ("1A1", "3/4/2025 5:30", "3/4/2025 14:00"),  # the next shift, briefed before the last one ends
        ("1A2", "3/4/2025 6:00", "3/4/2025 14:00"),
    ]
    city = import_city(
        tmp_path / "grid",
        calls=call_table(),
        roads=roads,
        roster=pd.DataFrame(rows, columns=["unit", "start", "end"]),
        mapping=mapping(tmp_path, roster="day_first = false"),
    )
    told = city.roster()
    assert told["unit"].tolist() == ["1A1", "1A2", "1A2"]
    assert ((told["end"] - told["start"]).dt.total_seconds() / 3600).tolist() == [16, 8, 8]
    assert city.facts.account[-1].startswith("2 of 5 shifts of the roster overlap another one of the same unit")


def test_a_log_of_several_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table = call_table()
    first, second = written(tmp_path, table[:40], "march.csv"), tmp_path / "april.csv"
    table[40:][[*table.columns[::-1]]].to_csv(second, index=False)  # columns in another order
    meaning = mapping(tmp_path)
    command = ["import", "--mapping", str(meaning), "--out"]
    assert main([*command, str(tmp_path / "a"), "--calls", str(first), str(second)]) == 0
    assert main([*command, str(tmp_path / "b"), "--calls", str(first), "--calls", str(second)]) == 0
    whole = import_city(tmp_path / "c", calls=table, mapping=meaning)
    for name in "ab":
        city = open_city(tmp_path / name)
        pd.testing.assert_frame_equal(city.calls(), whole.calls())
        assert city.facts.sources["calls"]["file"] == "march.csv, april.csv"
        assert city.facts.sources["calls"]["rows"] == 60
    dirty = table.assign(Received=table["Received"].where(table.index != 45, ""))
    written(tmp_path, dirty[40:], "april.csv")
    city = import_city(tmp_path / "d", calls=[first, second], mapping=meaning)
    assert "left out: Received empty or no time: 1 row, row 7 of april.csv" in city.facts.account
    written(tmp_path, table[40:].drop(columns="Type"), "april.csv")
    with pytest.raises(ValueError, match=r"march.csv has the column Type, which .*april.csv lacks: files that are"):
        import_city(tmp_path / "e", calls=[first, second], mapping=meaning)
    with pytest.raises(ValueError, match=r"march.csv is given twice"):
        import_city(tmp_path / "e", calls=[first, first], mapping=meaning)
    capsys.readouterr()

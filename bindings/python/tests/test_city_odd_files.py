"""Files of a department that are odd or wrong in some way: each is refused in a sentence, or told in the account."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import pytest
import shapely
from city_sources import (
    CORNER,
    STATE_PLANE,
    TOWN,
    beat_polygons,
    call_table,
    corners,
    mapping,
    street_graph,
    street_lines,
    to,
)

from libpatrol.city import import_city
from libpatrol.city.folder import CityFolder
from libpatrol.city.reading.mapping import CityMapping
from libpatrol.city.reading.zone_places import place_of_zone, refuse_far_from_zone
from libpatrol.commands.cli import main
from libpatrol.replay.log_values import read_numbers

BOWTIE = [(500, -50), (1050, 1050), (1050, -50), (500, 1050)]


@pytest.fixture
def run(tmp_path: Path) -> Callable[..., CityFolder]:
    """Import a town of which some files are others."""
    street_lines().to_file(tmp_path / "roads.gpkg")

    def imported(lines: dict[str, str] | None = None, **files: Any) -> CityFolder:
        given = {"calls": call_table(), "roads": tmp_path / "roads.gpkg", "mapping": mapping(tmp_path, **(lines or {}))}
        return import_city(tmp_path / "town", **given | files)

    return imported


@pytest.fixture
def refused(run: Callable[..., CityFolder], tmp_path: Path) -> Callable[..., None]:
    def check(sentence: str, lines: dict[str, str] | None = None, **files: Any) -> None:
        before = {path.name for path in tmp_path.iterdir()} | {"mapping.toml"}
        with pytest.raises(ValueError, match=sentence):
            run(lines, **files)
        assert {path.name for path in tmp_path.iterdir()} <= before  # nothing half-written

    return check


def in_file(folder: Path, frame: gpd.GeoDataFrame, name: str = "beats.gpkg") -> Path:
    frame.to_file(folder / name)
    return folder / name


def test_beats_whose_file_states_a_wrong_system(refused: Callable[..., None], run: Any, tmp_path: Path) -> None:
    path = tmp_path / "beats.geojson"
    path.write_text(beat_polygons().set_crs("EPSG:4326", allow_override=True).to_json(), encoding="utf-8")
    refused(r"beats.geojson, row 1: the Polygon lies at 548950, .*not in degrees .*: say crs in \[beats\]", beats=path)
    assert len(run({"beats": 'crs = "EPSG:32610"'}, beats=path).beats()) == 2  # the mapping knows better


def test_graphs_in_metres_or_swapped(refused: Callable[..., None], tmp_path: Path) -> None:
    for sentence, places in (
        (r"the node 100 lies at 549000, 5272000, .*: say crs in \[roads\]", corners()),
        (r"the node 100 lies at 47\.\d+, -122\.\d+, .*: x and y are swapped", to(corners(), "EPSG:4326")[:, ::-1]),
    ):
        graph = street_graph()
        for node, (x, y) in zip(graph.nodes, places, strict=True):
            graph.nodes[node].update(x=str(x), y=str(y))
        nx.write_graphml(graph, tmp_path / "streets.graphml")
        refused(sentence, roads=tmp_path / "streets.graphml")


def test_a_layer_without_rows(refused: Callable[..., None], tmp_path: Path) -> None:
    empty = in_file(tmp_path, beat_polygons().iloc[:0])
    refused("beats.gpkg has no Polygon or MultiPolygon: its layer is empty: export it again with", beats=empty)


def test_a_polygon_that_crosses_itself_is_mended(run: Any, tmp_path: Path) -> None:
    shapes = beat_polygons()
    shapes.loc[1, "geometry"] = shapely.Polygon(np.array(BOWTIE) + CORNER)
    assert run(beats=in_file(tmp_path, shapes)).beats()["name"].tolist() == ["w1", "E1"]


def test_rows_of_one_beat_are_told(run: Any, tmp_path: Path) -> None:
    city = run(beats=in_file(tmp_path, beat_polygons().assign(beat="w1")))
    assert "beats.gpkg has several rows of the same name, the first of them w1: they are one beat" in city.facts.account


def test_beats_of_the_log_that_the_polygons_do_not_have(run: Any, tmp_path: Path) -> None:
    table = call_table().assign(Beat=["W1"] * 50 + ["harbor"] * 9 + ["moon"])
    city = run({"calls": 'beat = "Beat"'}, calls=table, beats=in_file(tmp_path, beat_polygons()))
    told = "10 calls are in beats that are not among the polygons, and count where their place is: harbor (9), moon (1)"
    assert told in city.facts.account


def test_lengths_that_are_none_are_told(run: Any, tmp_path: Path) -> None:
    graph = street_graph()
    for k, (*_, attributes) in enumerate(graph.edges(data=True)):
        attributes["length"] = "-5" if k == 3 else attributes["length"]
    nx.write_graphml(graph, tmp_path / "streets.graphml")
    city = run(roads=tmp_path / "streets.graphml")
    assert "roads of streets.graphml without a length above 0, taken as straight: 1" in city.facts.account
    np.testing.assert_allclose(city.streets.edge_patrol_seconds, 20.0, rtol=0.002)


def test_columns_that_hold_no_places(refused: Callable[..., None]) -> None:
    refused(r"the log, row 1: X is Main St, expected a number, as in all rows: correct calls.x in .*mapping.toml",
            calls=call_table().assign(X="Main St"))  # fmt: skip


def test_feet_that_the_mapping_calls_degrees(refused: Callable[..., None]) -> None:
    refused(r"row 1: the place 12\d+\.\d+, .* is not in degrees as EPSG:4326 has them: say calls.crs .*EPSG:2926",
            {"calls": 'crs = "EPSG:4326"'}, calls=call_table(crs=STATE_PLANE))  # fmt: skip


def test_swapped_times_are_doubted(run: Any, tmp_path: Path) -> None:
    swapped = call_table().rename(columns={"Received": "Cleared", "Cleared": "Received"})
    account = run(calls=swapped).facts.account
    assert any("dispatched before received, dropped (most are: does the mapping swap the two?)" in s for s in account)


def test_rosters_of_other_days_or_units(refused: Callable[..., None], run: Any) -> None:
    def roster(day: str) -> pd.DataFrame:
        return pd.DataFrame({"unit": ["A"], "start": [f"{day} 08:00"], "end": [f"{day} 16:00"]})

    refused("the roster is of 2019-03-03 to 2019-03-04, the calls of the log are of 2025-03-03 to 2025-03-05",
            roster=roster("2019-03-03"))  # fmt: skip
    table = call_table().assign(Car=["A", "B", "C"] * 20)
    account = run({"calls": 'unit = "Car"'}, calls=table, roster=roster("2025-03-04")).facts.account
    told = "2 of 3 units that were sent to calls are not in the roster, such as B: they count as off duty"
    assert told in account


@pytest.mark.parametrize("name", ["calls.xls", "calls.xlsx"])
def test_old_and_encrypted_workbooks(name: str, refused: Callable[..., None], tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(bytes.fromhex("d0cf11e0a1b11ae1") + bytes(512))
    refused(f"{name} is an Excel file of before 2007, or has a password: save it", calls=tmp_path / name)


@pytest.mark.parametrize(
    ("cells", "numbers"),
    [
        (["47,5996", "-122,3", "1,500"], [47.5996, -122.3, 1.5]),
        (["1,266,730.5", "222,392", "12"], [1_266_730.5, 222_392, 12]),
        (["12 Main St", "", "7"], [np.nan, np.nan, 7]),
    ],
)
def test_commas_in_numbers(cells: list[str], numbers: list[float]) -> None:
    np.testing.assert_array_equal(read_numbers(pd.Series(cells)), numbers)


def test_a_log_of_decimal_commas(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table = call_table()
    for name in "XY":
        table[name] = table[name].map(lambda value: f"{value:.6f}".replace(".", ","))
    table.to_csv(tmp_path / "calls.csv", index=False, sep=";")
    command = ["import", "--calls", str(tmp_path / "calls.csv"), "--mapping", str(mapping(tmp_path))]
    assert main([*command, "--out", str(tmp_path / "town")]) == 0
    assert "60 calls from 2025-03-03 to 2025-03-05" in capsys.readouterr().out


def test_a_single_call(run: Any, tmp_path: Path) -> None:
    numbers = run(calls=call_table(1)).path / "numbers.json"
    assert "1 call from 2025-03-03" in numbers.read_text(encoding="utf-8")


def moved(table: pd.DataFrame, east: float, north: float) -> pd.DataFrame:
    """Return calls at other degrees."""
    return table.assign(X=table["X"] - table["X"].median() + east, Y=table["Y"] - table["Y"].median() + north)


@pytest.mark.parametrize(
    ("east", "north", "sentence"),
    [
        (
            59.33,
            18.06,
            r"latitude 18.0\d, longitude 59.3\d, [45],\d\d\d km from .* Europe/Stockholm: x and y are swapped",
        ),
        (18.06, -59.33, "latitudes lack their minus sign, or have one too many"),
    ],
)
def test_swapped_places_without_roads(east: float, north: float, sentence: str, run: Any) -> None:
    meaning = CityMapping.parse(TOWN.replace("America/Los_Angeles", "Europe/Stockholm"), "mapping.toml")
    table = call_table(200)
    city = run(mapping=meaning, calls=moved(table, 18.06, 59.33), roads=None)
    assert any(sentence.startswith("the city lies around 59.3") for sentence in city.facts.account)
    with pytest.raises(ValueError, match=sentence):
        run(mapping=meaning, calls=moved(table, east, north), roads=None)


def test_longitudes_without_a_sign_or_beyond_latitudes(run: Any) -> None:
    table = call_table(200)
    with pytest.raises(ValueError, match="longitudes lack their minus sign"):
        run(calls=table.assign(X=-table["X"]), roads=None)
    with pytest.raises(ValueError, match=r"not in degrees: say calls.crs .*; or are x and y swapped\?"):
        run(calls=table.rename(columns={"X": "Y", "Y": "X"}), roads=None)


@pytest.mark.parametrize(
    ("zone", "place"),
    [("America/Chicago", (-87.65, 41.85)), ("US/Pacific", (-118.24, 34.05)), ("Asia/Kolkata", (88.37, 22.53)),
     ("UTC", None)],
)  # fmt: skip
def test_where_time_zones_are(zone: str, place: tuple[float, float] | None) -> None:
    found = place_of_zone(zone)
    assert found is place is None or found == pytest.approx(place, abs=0.02)
    for middle in ((-87.95, 43.04), (75.99, 39.47)):  # Milwaukee; Kashgar, 4,000 km from Shanghai
        refuse_far_from_zone(middle, "America/Chicago" if middle[0] < 0 else "Asia/Shanghai", "calls.csv")


def test_graphs_are_no_beats(refused: Callable[..., None], tmp_path: Path) -> None:
    nx.write_graphml(street_graph(), tmp_path / "beats.graphml")
    refused("beats.graphml is not a geographic file .*; expected Polygons in GeoJSON", beats=tmp_path / "beats.graphml")


def test_titles_above_the_column_names(refused: Callable[..., None], tmp_path: Path) -> None:
    table = call_table()
    title = pd.DataFrame([["Calls for service", *[None] * (table.shape[1] - 1)], list(table), *table.to_numpy()])
    title.to_excel(tmp_path / "calls.xlsx", index=False, header=False)
    title.to_csv(tmp_path / "calls.csv", index=False, header=False)
    sentence = r"{}: the heading names 1 of 9 columns; the column names seem to be in row 2: delete the rows above them"
    for name in ("calls.xlsx", "calls.csv"):
        refused(sentence.format(name), calls=tmp_path / name)


def test_the_first_row_in_feet_is_named(refused: Callable[..., None]) -> None:
    table = call_table(crs=STATE_PLANE)[::-1].reset_index(drop=True)  # the last call comes first
    refused("the log, row 1: the place", calls=table)


def test_rows_pasted_in_twice(run: Any) -> None:
    table = call_table().assign(Car="A")
    lines = {"calls": 'row = "unit"\nunit = "Car"'}
    remark = "60 rows repeat a unit at a call, read as one response: was a file, or a part of it, pasted in twice?"
    assert remark in run(lines, calls=pd.concat([table, table])).facts.account
    few = run(lines, calls=pd.concat([table, table[:3]])).facts.account
    assert "3 rows repeat a unit at a call, read as one response" in few


def test_other_work_is_in_the_account(run: Any) -> None:
    table = call_table().assign(Type=["MEAL"] * 3 + ["TRAFFIC STOP"] * 20 + ["NOISE"] * 37)
    text = TOWN + '[[other_work]]\ncolumn = "Type"\nvalues = ["traffic stop", "MEAL", "COURT*"]\n'
    account = run(mapping=CityMapping.parse(text, "mapping.toml"), calls=table).facts.account
    assert "23 rows are other work, not calls: TRAFFIC STOP (20), MEAL (3)" in account
    assert "no row has COURT*, FIGHT* in the column Type, as mapping.toml expects" in account


def test_what_a_mapping_assumes_is_repeated(run: Any, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    said = "the time of clearance stands for that of the call"
    text = TOWN + f'[assumed]\nsentences = ["{said}"]\n'
    assert run(mapping=CityMapping.parse(text, "mapping.toml")).facts.assumed[0] == said
    with pytest.raises(ValueError, match=r"mapping.toml: assumed has no key sentence"):
        CityMapping.parse("[assumed]\nsentence = 'x'", "mapping.toml")


def test_rows_have_the_numbers_of_the_sheet(run: Any, tmp_path: Path) -> None:
    table = call_table()
    table.loc[44, "Received"] = ""
    table.to_excel(tmp_path / "calls.xlsx", index=False)  # the heading is row 1
    told = "left out: Received empty or no time: 1 row, row {}"
    assert told.format(46) in run(calls=tmp_path / "calls.xlsx").facts.account
    assert told.format(45) in run(calls=table).facts.account  # a DataFrame has no heading

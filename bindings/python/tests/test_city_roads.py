"""Roads of every format: the same grid gives the same streets; what a file does not say; what is refused."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import pytest
import shapely
from city_sources import (
    BLOCK,
    CORNER,
    SIDE,
    SPEED,
    STATE_PLANE,
    UTM,
    corners,
    degrees,
    metres,
    street_graph,
    street_lines,
)

import libpatrol
from benchmarks import DATA
from libpatrol.city.reading.mapping_tables import RoadColumns
from libpatrol.city.reading.road_files import read_roads
from libpatrol.city.reading.road_network import RoadNetwork
from libpatrol.city.reading.road_speeds import numbers_in, speeds_in

PLAIN = RoadColumns()
ARCS = 4 * SIDE * (SIDE - 1)


def shapefile(folder: Path) -> Path:
    """Return a zipped shapefile in State Plane feet."""
    street_lines().to_crs(STATE_PLANE).to_file(folder / "streets.shp")
    with zipfile.ZipFile(folder / "streets.zip", "w") as archive:
        for part in folder.glob("streets.*"):
            if part.suffix != ".zip":
                archive.write(part, part.name)
    return folder / "streets.zip"


def saved(driver: str, name: str):
    def save(folder: Path) -> Path:
        street_lines().to_crs("EPSG:4326").to_file(folder / name, driver=driver)
        return folder / name

    return save


def tables(folder: Path) -> Path:
    """Return a folder of node and edge tables."""
    places = degrees(corners())
    pd.DataFrame({"id": np.arange(len(places)) + 1, "x": places[:, 0], "y": places[:, 1]}).to_csv(
        folder / "nodes.csv", index=False
    )
    pairs = [(start, end) for start, end in nx.grid_2d_graph(SIDE, SIDE).to_directed().edges]
    rows = [(1 + a[0] * SIDE + a[1], 1 + b[0] * SIDE + b[1], BLOCK / SPEED) for a, b in pairs]
    pd.DataFrame(rows, columns=["from", "to", "seconds"]).to_csv(folder / "edges.csv", index=False)
    return folder


def graphml(folder: Path) -> Path:
    nx.write_graphml(street_graph(), folder / "streets.graphml")
    return folder / "streets.graphml"


@pytest.mark.parametrize(
    "made",
    [
        saved("GeoJSON", "streets.geojson"),
        saved("GPKG", "streets.gpkg"),
        saved("OpenFileGDB", "streets.gdb"),
        shapefile,
        tables,
        graphml,
    ],
    ids=["geojson", "gpkg", "gdb", "shapefile", "tables", "graphml"],
)
def test_formats(made, tmp_path: Path) -> None:
    network = read_roads(made(tmp_path), PLAIN)
    assert (len(network.degrees), len(network.edges)) == (SIDE * SIDE, ARCS)
    np.testing.assert_allclose(network.patrol_seconds, BLOCK / SPEED, rtol=2e-3)
    blocks = ((metres(network.degrees) - CORNER) / BLOCK).round().astype(int)
    np.testing.assert_allclose(network.degrees[np.lexsort(blocks.T)], degrees(corners()), atol=3e-6)


def test_jemss(tmp_path: Path) -> None:
    """Times are in days, those of the second mode on patrol; the first is with lights and sirens."""
    places = degrees(corners())
    nodes = [f"{k + 1},{x},{y},1" for k, (x, y) in enumerate(places)]
    grid = nx.grid_2d_graph(SIDE, SIDE).to_directed()
    pairs = [(1 + a[0] * SIDE + a[1], 1 + b[0] * SIDE + b[1]) for a, b in grid.edges]
    days = BLOCK / SPEED / 86_400
    arcs = [f"{k + 1},{start},{end},{0.5 * days},{days}" for k, (start, end) in enumerate(pairs)]
    (tmp_path / "nodes.csv").write_text("\n".join(["nodes,,,", "index,x,y,offRoadAccess", *nodes]) + "\n")
    heads = ["miscData,,,,", "arcForm,numModes,,,", "directed,2,,,", ",,,,", "arcs,,,,"]
    (tmp_path / "arcs.csv").write_text("\n".join([*heads, "index,fromNode,toNode,mode_1,mode_2", *arcs]) + "\n")
    network = read_roads(tmp_path, PLAIN)
    assert (len(network.degrees), len(network.edges)) == (SIDE * SIDE, ARCS)
    np.testing.assert_allclose(network.patrol_seconds, BLOCK / SPEED, rtol=1e-4)
    np.testing.assert_allclose(network.emergency_seconds, 0.5 * BLOCK / SPEED, rtol=1e-4)


AREA_OF = """
import sys
from libpatrol import Area
from libpatrol.city.reading.mapping_tables import RoadColumns
from libpatrol.city.reading.road_files import read_roads
roads = read_roads(sys.argv[1], RoadColumns())
streets = {"edges": roads.edges, "edge_patrol_seconds": roads.patrol_seconds, "category_service_seconds": [900.0]}
area = Area.from_arrays(coordinates=roads.degrees, coordinate_system="geographic", **streets)
print(area.info.content_hash, *roads.node_streets())
"""


def test_the_same_file_gives_the_same_area_on_every_machine(tmp_path: Path) -> None:
    """Also where cells hold lists whose order hangs on the machine's hashes, and whatever the number of threads."""
    path = graphml(tmp_path)
    found = set()
    for seed in ("1", "2"):
        environment = os.environ | {"PYTHONPATH": str(Path(libpatrol.__file__).parents[1]), "PYTHONHASHSEED": seed}
        environment |= {"OMP_NUM_THREADS": seed}
        done = subprocess.run([sys.executable, "-c", AREA_OF, path], env=environment, capture_output=True, check=True)
        found.add(done.stdout)
    assert len(found) == 1
    swapped = path.read_text()
    for old, new in (("['1 Ave', 'Old Road']", "['Old Road', '1 Ave']"), ("['30', '42']", "['42', '30']")):
        assert old in swapped
        swapped = swapped.replace(old, new)
    path.write_text(swapped)
    assert subprocess.run([sys.executable, "-c", AREA_OF, path], env=environment, capture_output=True).stdout in found


def test_what_a_road_says_about_its_speed() -> None:
    cells = pd.Series(["50", "30 mph", "['30', '50']", "signals", "", None, ["20", "40"], "none", "25 km/h"])
    np.testing.assert_allclose(
        speeds_in(cells, 1.0), [50, 48.28, 40, np.nan, np.nan, np.nan, 30, np.nan, 25], atol=0.01
    )
    assert speeds_in(pd.Series([25]), 1.609344)[0] == pytest.approx(40.23, abs=0.01)
    np.testing.assert_allclose(numbers_in(pd.Series(["[1.5, 2.5]", "3", 4])), [2, 3, 4])


def graph_of(**attributes: str) -> RoadNetwork:
    graph = nx.MultiDiGraph(crs="epsg:4326")
    for node, x in enumerate((10.0, 10.01)):
        graph.add_node(node, x=x, y=50.0)
    graph.add_edge(0, 1, **attributes)
    graph.add_edge(1, 0, **attributes)
    return read_roads(graph, RoadColumns(default_speed=36.0))


@pytest.mark.parametrize(
    ("attributes", "seconds"),
    [
        ({"travel_time": "12.5", "length": "1000", "maxspeed": "36"}, 12.5),
        ({"length": "1000", "speed_kph": "72.0", "maxspeed": "36"}, 50),
        ({"length": "1000", "maxspeed": "36"}, 100),
        ({"length": "1000", "maxspeed": "none", "highway": "['motorway', 'trunk']"}, 1000 / (87.5 / 3.6)),
        ({"length": "1000", "highway": "unknown"}, 100),
        ({"length": "[400, 600]"}, 50),
    ],
)
def test_driving_times_in_order_of_what_is_known(attributes: dict[str, str], seconds: float) -> None:
    assert graph_of(**attributes).patrol_seconds == pytest.approx([seconds, seconds], rel=1e-6)


def test_a_speed_without_a_unit_is_not_guessed(tmp_path: Path) -> None:
    path = tmp_path / "streets.gpkg"
    street_lines().rename(columns={"maxspeed": "SPEEDLIMIT"}).to_file(path)
    with pytest.raises(ValueError, match=r"streets.gpkg: is SPEEDLIMIT in km/h or mph\? Say speed_unit in \[roads\]"):
        read_roads(path, PLAIN)
    for unit, seconds in (("km/h", BLOCK / SPEED), ("mph", BLOCK / SPEED / 1.609344)):
        network = read_roads(path, RoadColumns(speed_unit=unit))
        np.testing.assert_allclose(network.patrol_seconds, seconds, rtol=2e-3)


def test_lengths_that_are_not_stated_are_straight() -> None:
    assert graph_of().patrol_seconds[0] == pytest.approx(716.9 / 10, rel=1e-3)  # 0.01 degrees at 50 degrees north


def test_the_largest_connected_part_and_the_fastest_road() -> None:
    graph = nx.MultiDiGraph()
    for node, x in enumerate((10.0, 10.01, 10.02, 11.0, 11.01)):
        graph.add_node(node, x=x, y=50.0)
    for start, end in ((0, 1), (1, 0), (1, 2), (3, 4), (0, 0)):
        graph.add_edge(start, end, travel_time=50.0)
    graph.add_edge(0, 1, travel_time=20.0)
    network = read_roads(graph, PLAIN)
    assert network.edges.tolist() == [[1, 0], [0, 1]] or network.edges.tolist() == [[0, 1], [1, 0]]
    assert sorted(network.patrol_seconds) == [20, 50]
    assert any(note.startswith("3 nodes of the graph are left out") for note in network.notes)
    graph.remove_edge(1, 0)
    with pytest.raises(ValueError, match="has no two places that are connected by roads in both directions"):
        read_roads(graph, PLAIN)


def test_one_way_streets(tmp_path: Path) -> None:
    lines = street_lines().iloc[:1].assign(maxspeed="36")
    x, y = CORNER
    ring = shapely.LineString([(x, y), (x, y + 300), (x + 1000, y + 300), (x + 1000, y)])
    both = gpd.GeoDataFrame(
        {"oneway": ["F", "T"], "maxspeed": ["36", "36"]}, geometry=[lines.geometry[0], ring], crs=UTM
    )
    both.to_file(tmp_path / "ring.gpkg")
    network = read_roads(tmp_path / "ring.gpkg", PLAIN)
    east = network.degrees[network.edges[:, 1], 0] > network.degrees[network.edges[:, 0], 0]
    # The street leads east, the ring, drawn eastward, back west.
    assert east.tolist().count(True) == 1 and len(network.edges) == 2
    assert network.patrol_seconds[east] == pytest.approx([100], rel=2e-3)
    assert network.patrol_seconds[~east] == pytest.approx([160], rel=2e-3)
    both.assign(oneway=["F", "maybe"]).to_file(tmp_path / "ring.gpkg")
    with pytest.raises(ValueError, match=r"ring.gpkg, row 2: oneway is 'maybe', expected yes, no or -1, or F, T or B"):
        read_roads(tmp_path / "ring.gpkg", PLAIN)


def test_files_that_are_refused(tmp_path: Path) -> None:
    points = gpd.GeoDataFrame({"a": [1]}, geometry=[shapely.Point(0, 0)], crs=UTM)
    points.to_file(tmp_path / "points.gpkg")
    with pytest.raises(ValueError, match=r"points.gpkg has 0 layers of LineString or MultiLineString among points"):
        read_roads(tmp_path / "points.gpkg", PLAIN)
    with pytest.raises(ValueError, match=r"points.gpkg has no layer roads, it has points"):
        read_roads(tmp_path / "points.gpkg", RoadColumns(layer="roads"))
    street_lines().set_crs(None, allow_override=True).to_file(tmp_path / "bare.shp")
    with pytest.raises(ValueError, match=r"bare.shp does not state its coordinate system: say crs in the mapping"):
        read_roads(tmp_path / "bare.shp", PLAIN)
    assert len(read_roads(tmp_path / "bare.shp", RoadColumns(crs=UTM)).edges) == ARCS
    (tmp_path / "text.geojson").write_text("no roads")
    with pytest.raises(ValueError, match=r"text.geojson is not a geographic file that can be read"):
        read_roads(tmp_path / "text.geojson", PLAIN)
    (tmp_path / "text.graphml").write_text("no roads")
    with pytest.raises(ValueError, match=r"text.graphml is not a GraphML file"):
        read_roads(tmp_path / "text.graphml", PLAIN)
    (tmp_path / "text.zip").write_text("no roads")
    with pytest.raises(ValueError, match=r"text.zip is not a zip archive"):
        read_roads(tmp_path / "text.zip", PLAIN)
    with pytest.raises(FileNotFoundError, match=r"none.graphml does not exist"):
        read_roads(tmp_path / "none.graphml", PLAIN)
    graph = street_graph()
    del graph.nodes[100]["x"]
    with pytest.raises(ValueError, match=r"the graph: the node 100 has no x and y that are numbers"):
        read_roads(graph, PLAIN)
    folder = tables(tmp_path)
    with (folder / "edges.csv").open("a") as file:
        file.write("1,99,5\n")
    with pytest.raises(ValueError, match=rf"edges.csv, row {ARCS + 2}: to is 99, which is no node"):
        read_roads(folder, PLAIN)


@pytest.mark.skipif(not (DATA / "stockholm_osmnx").exists(), reason="stockholm_osmnx is not in the test data")
def test_stockholm() -> None:
    network = read_roads(DATA / "stockholm_osmnx" / "stockholm.graphml", PLAIN)
    assert (len(network.degrees), len(network.edges)) == (589, 1209)  # of 1,219 edges, 10 are loops or parallel
    assert network.notes[0] == "driving times of 1,219 roads in stockholm.graphml: 1,219 by travel_time"
    assert (network.node_streets() != "").mean() > 0.9

"""Road graphs in the format of JEMSS: its own small networks by times worked out by hand, and its rules."""

import csv
import warnings
import zipfile
from pathlib import Path

import networkx
import numpy as np
import pytest

from benchmarks import DATA
from libpatrol import Area, AreaArrays
from libpatrol.commands.cli import main
from libpatrol.enums import Mode
from libpatrol.synthetic.roads import roads_from_jemss

DAY = 86_400
SMALL = DATA / "jemss_small"

# Days from one node to another in modes 1, 2, ...: sums along the arcs of the files, shortest of the ways there are.
TIMES: dict[str, dict[tuple[int, int], tuple[float, ...]]] = {
    "two_nodes_one_arc": {(1, 2): (1,), (2, 1): (1,)},
    "three_nodes_two_arcs": {(1, 3): (2,), (3, 1): (2,), (2, 1): (1,)},
    "only_rNodes": {(1, 4): (1,), (4, 1): (1,), (2, 3): (1,)},
    "loop_closed_directed": {(1, 3): (2, 7), (3, 1): (1, 2), (2, 1): (2, 6), (3, 2): (2, 5)},
    "loop_closed_undirected": {(1, 3): (1, 2), (3, 1): (1, 2), (2, 1): (1, 3), (3, 2): (1, 4)},
    "roundabout": {(1, 4): (2,), (4, 1): (1,), (1, 2): (1,), (2, 1): (2,), (5, 3): (1,)},
    "sp_not_on_rArc_only": {(5, 6): (6,), (6, 5): (6,), (1, 4): (6,)},
    "sp_on_rArc_only": {(5, 6): (6,), (6, 5): (6,), (1, 4): (7,)},
    "two_shared_rArcs": {(1, 6): (4, 4, 4), (3, 4): (2, 3, 3), (2, 3): (1, 2, 1), (4, 5): (1, 1, 2)},
    "end_loop": {(1, 5): (3, 2.436820614), (5, 1): (3, 2.436820614), (4, 2): (2, 1.806535141)},
    "grid_3_by_3": {(1, 9): (4, 1.333064991), (3, 7): (4, 1.914998474), (2, 4): (2, 0.877965154)},
    "grid_9_by_9": {(1, 81): (16, 5.161887617), (3, 7): (4, 2.41314636), (5, 2): (3, 1.313652768)},
}

NODES = "nodes,3,3\nindex,x,y\n1,0,0\n2,1,0\n3,0,1\n"
ARCS = (
    "miscData,,\narcForm,numModes\ndirected,2\n,\narcs,2,5\nindex,fromNode,toNode,mode_1,mode_2\n1,1,2,1,3\n2,2,3,2,4\n"
)


def network(directory: Path, nodes: str | bytes = NODES, arcs: str | bytes = ARCS) -> Path:
    for name, text in (("nodes.csv", nodes), ("arcs.csv", arcs)):
        (directory / name).write_bytes(text.encode() if isinstance(text, str) else text)
    return directory


def days(city: AreaArrays, mode: Mode, start: int, end: int) -> float:
    """From node to node, numbered from 1 as the files have it."""
    return float(Area.from_arrays(**city).travel_times([start - 1], [end - 1], mode)[0, 0]) / DAY


@pytest.mark.skipif(not SMALL.exists(), reason="jemss_small is not in the test data")
@pytest.mark.parametrize("name", TIMES)
@pytest.mark.filterwarnings("ignore:.*unused columns mode_")
def test_the_small_networks(name: str) -> None:
    assert {entry.name for entry in SMALL.iterdir() if entry.is_dir()} == set(TIMES)
    for (start, end), each in TIMES[name].items():
        for mode, expected in enumerate(each, 1):
            city = roads_from_jemss(SMALL / name, emergency_mode=mode, patrol_mode=len(each))
            assert days(city, Mode.EMERGENCY, start, end) == pytest.approx(expected, rel=1e-6), (start, end, mode)
            assert days(city, Mode.PATROL, start, end) == pytest.approx(each[-1], rel=1e-6)


@pytest.mark.skipif(not SMALL.exists(), reason="jemss_small is not in the test data")
@pytest.mark.parametrize("mode", [1, 2])
def test_every_pair_of_the_large_grid(mode: int) -> None:
    with open(SMALL / "grid_9_by_9" / "arcs.csv", encoding="utf-8", newline="") as file:
        rows = [row for row in csv.reader(file) if row[0].isdigit()]
    graph = networkx.Graph()
    graph.add_weighted_edges_from((int(row[1]) - 1, int(row[2]) - 1, DAY * float(row[2 + mode])) for row in rows)
    expected = np.zeros((81, 81))
    for start, lengths in networkx.all_pairs_dijkstra_path_length(graph):
        expected[start, list(lengths)] = list(lengths.values())
    area = Area.from_arrays(**roads_from_jemss(SMALL / "grid_9_by_9"))
    times = area.travel_times(range(81), range(81), Mode.EMERGENCY if mode == 1 else Mode.PATROL)
    np.testing.assert_allclose(times, expected, rtol=1e-5)


@pytest.mark.skipif(not (DATA / "edmonton_roads").exists(), reason="edmonton_roads is not in the test data")
def test_edmonton() -> None:
    city = roads_from_jemss(DATA / "edmonton_roads" / "roads.zip")
    assert (city.node_count, len(city.edges)) == (51_331, 71_241)
    assert city.edges[1].tolist() == [2, 3]
    assert city.edge_emergency_seconds[1] == pytest.approx(2.2152397536351152e-5 * DAY)
    assert city.edge_patrol_seconds[1] == pytest.approx(3.21567061011549e-5 * DAY)


def test_counts_are_optional_and_modes_have_a_meaning(tmp_path: Path) -> None:
    for counts in ("nodes", "nodes,", "nodes,3", "nodes,3.0,3.0,,", "nodes,,3"):
        city = roads_from_jemss(network(tmp_path, NODES.replace("nodes,3,3", counts)))
        assert (days(city, Mode.EMERGENCY, 1, 3), days(city, Mode.PATROL, 1, 3)) == (3, 7)
    swapped = roads_from_jemss(tmp_path, emergency_mode=2, patrol_mode=1)
    assert (days(swapped, Mode.EMERGENCY, 1, 3), days(swapped, Mode.PATROL, 1, 3)) == (7, 3)
    with pytest.raises(ValueError, match=r"travel mode 3 is requested, but .*arcs.csv, table arcs has modes 1 to 2"):
        roads_from_jemss(tmp_path, patrol_mode=3)


def test_undirected_arcs_are_driven_both_ways(tmp_path: Path) -> None:
    assert days(roads_from_jemss(network(tmp_path)), Mode.EMERGENCY, 3, 1) == np.inf
    city = roads_from_jemss(network(tmp_path, arcs=ARCS.replace("directed", "undirected")))
    assert (days(city, Mode.EMERGENCY, 3, 1), days(city, Mode.PATROL, 3, 1)) == (3, 7)


def test_one_mode_is_for_all_driving(tmp_path: Path) -> None:
    arcs = "miscData\narcForm,numModes\ndirected,1\n,\narcs\nindex,fromNode,toNode,mode_1\n1,1,2,1\n2,2,3,2\n"
    city = roads_from_jemss(network(tmp_path, arcs=arcs))
    assert (days(city, Mode.EMERGENCY, 1, 3), days(city, Mode.PATROL, 1, 3)) == (3, 3)


def test_calls_come_from_nodes_with_off_road_access(tmp_path: Path) -> None:
    nodes = "nodes\nindex,x,y,offRoadAccess\n1,0,0,1.0\n2,1,0,0.0\n3,0,1,true\n"
    city = roads_from_jemss(network(tmp_path, nodes))
    assert city.demand_nodes.tolist() == [0, 2] and city.demand_calls_per_hour.shape[0] == 2
    assert roads_from_jemss(network(tmp_path)).demand_nodes is None
    with pytest.raises(ValueError, match="no node has offRoadAccess"):
        roads_from_jemss(network(tmp_path, nodes.replace("1.0", "0").replace("true", "false")))


@pytest.mark.parametrize(
    ("nodes", "arcs"),
    [
        (b"\xef\xbb\xbf" + NODES.encode(), b"\xef\xbb\xbf" + ARCS.encode()),
        (NODES.replace("\n", "\r\n"), ARCS.replace("\n", "\r\n")),
        (
            NODES.replace("index,x,y", 'index,"x", y'),
            ARCS.replace("directed", '"directed"').replace("1,1,2", '"1","1",2'),
        ),
        ("\n\n" + NODES.replace("2,1,0", "\n2,1.0,0e0,,"), ARCS.replace("arcs,2,5", "\narcs,2,5,,,,")),
        (NODES + ",,\n,,\n", ARCS.replace("numModes", "note,numModes").replace("directed,2", 'directed,"a, b",2')),
        (NODES, ARCS[ARCS.index("arcs") :] + ",,\n" + ARCS[: ARCS.index(",\narcs")]),
        (
            NODES,
            ARCS.replace("mode_1,mode_2", "distance,mode_1,mode_2")
            .replace("1,3", ".5,1,3")
            .replace("5\n", "6\n", 1)
            .replace("2,4", "0,2,4"),
        ),
    ],
    ids=["BOM", "CRLF", "quotes", "blank lines", "notes", "order", "distance"],
)
def test_spellings_of_one_network(nodes: str | bytes, arcs: str | bytes, tmp_path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        city = roads_from_jemss(network(tmp_path, nodes, arcs))
    assert city.edges.tolist() == [[0, 1], [1, 2]] and city.coordinates.tolist() == [[0, 0], [1, 0], [0, 1]]
    assert (days(city, Mode.EMERGENCY, 1, 3), days(city, Mode.PATROL, 1, 3)) == (3, 7)


def test_what_is_not_used_is_named(tmp_path: Path) -> None:
    nodes = NODES.replace("3,3", ",").replace("x,y", "x,y,osm_key").replace("1,0,0", "1,0,0,a")
    with pytest.warns(UserWarning, match=r"nodes.csv, table nodes: unused columns osm_key"):
        roads_from_jemss(network(tmp_path, nodes))
    arcs = ARCS.replace("directed,2", "directed,3").replace("2,5", "2,6").replace("mode_2", "mode_2,mode_3")
    network(tmp_path, arcs=arcs.replace("1,3\n", "1,3,5\n").replace("2,4\n", "2,4,6\n"))
    with pytest.warns(UserWarning, match="unused columns mode_3"):
        city = roads_from_jemss(tmp_path)
    assert (days(city, Mode.EMERGENCY, 1, 3), days(city, Mode.PATROL, 1, 3)) == (3, 7)


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("nodes,3,3", "nodes,4,3", r"nodes.csv, table nodes has 3 rows, its title states 4"),
        ("nodes,3,3", "nodes,3,4", r"nodes has 3 columns, its title states 4"),
        ("nodes,3,3", "nodes,many", r"its title states many"),
        ("nodes,3,3", "nodes,3,3,metres", r"table nodes: the title holds 'metres' after its counts"),
        ("nodes,3,3", "nodes;3;3", r"has a table 'nodes;3;3', expected only nodes"),
        ("nodes,3,3", "crs\nname\nEPSG:3857\n,\nnodes,3,3", r"nodes.csv has a table 'crs', expected only nodes"),
        ("nodes,3,3", ",\nstray,,\n,\nnodes,3,3", r"table stray has no heading"),
        ("nodes,3,3", ",stray,\nnodes,3,3", r"a row outside any table holds 'stray'"),
        ("index,x,y", "index,x,lat", r"table nodes lacks the column y, it has index, x, lat"),
        ("index,x,y", "index,x,x", r"has two columns x"),
        ("index,x,y", "index,,x,y", r"the heading has an empty cell before 'x'"),
        ("2,1,0", "3,1,0", r"table nodes, row 2: index is '3', expected the row's number"),
        ("2,1,0", "2,1", r"row 2: y is '', expected degrees of latitude"),
        ("2,1,0", "2,1,0,7", r"row 2: more cells than the heading has columns, 3"),
        ("2,1,0", "2,1_0,0", r"row 2: x is '1_0', expected degrees of longitude"),
        ("2,1,0", "2,nan,0", r"row 2: x is 'nan'"),
        ("2,1,0", "2,385000,5820000", r"row 2: x is '385000', expected degrees of longitude, -180 to 180"),
        ("2,1,0", '2,"1,0', r"nodes.csv is not a CSV file"),
        ("3,0,1", ",0,1", r"table nodes, row 3: the first cell is empty, but others are not"),
        ("3,0,1\n", "3,0,1\n,\nnodes\nindex\n1\n", r"has two tables nodes"),
        ("2,1,0\n3,0,1\n", "", r"has 1 rows"),
        (
            "directed,2",
            "both,2",
            r"arcs.csv, table miscData, row 1: arcForm is 'both', expected directed or undirected",
        ),
        ("directed,2", "directed,2\ndirected,2", r"table miscData has 2 rows, expected one"),
        ("arcForm,numModes", "arcForm,note", r"lacks the column numModes"),
        ("numModes", "numModes,timeUnit", r"miscData has a column timeUnit, which the format does not define"),
        ("directed,2", "directed,1", r"table arcs has a column mode_2, miscData states numModes 1"),
        ("directed,2", "directed,3", r"table arcs lacks the column mode_3"),
        ("directed,2", "directed,0", r"numModes is '0', expected a whole number from 1"),
        ("arcs,2,5", "arcs,9", r"arcs.csv, table arcs has 2 rows, its title states 9"),
        (ARCS[: ARCS.index("arcs")], "", r"arcs.csv lacks the table miscData"),
        ("1,1,2,1,3", "1,1,4,1,3", r"row 1: toNode is '4', expected a whole number from 1 to 3"),
        ("1,1,2,1,3", "1,1,1.5,1,3", r"row 1: toNode is '1.5', expected a whole number"),
        ("1,1,2,1,3", "1,2,2,1,3", r"row 1: fromNode and toNode are both 2"),
        ("2,2,3,2,4", "2,1,2,2,4", r"row 2: there is an arc from 1 to 2 in row 1 already, expected one"),
        ("1,1,2,1,3", "1,1,2,0,3", r"row 1: mode_1 is '0', expected a travel time in days, above 0"),
        ("1,1,2,1,3", "1,1,2,1,-3", r"row 1: mode_2 is '-3'"),
        ("1,1,2,1,3", "1,1,2,1,inf", r"row 1: mode_2 is 'inf'"),
        ("1,1,2,1,3", "1,1,2,1:00,3", r"row 1: mode_1 is '1:00'"),
    ],
)
def test_what_the_format_does_not_allow(old: str, new: str, sentence: str, tmp_path: Path) -> None:
    assert old in NODES + ARCS
    network(tmp_path, NODES.replace(old, new), ARCS.replace(old, new))
    with pytest.raises(ValueError, match=sentence):
        roads_from_jemss(tmp_path)


def test_an_undirected_arc_is_given_once(tmp_path: Path) -> None:
    arcs = ARCS.replace("directed", "undirected").replace("2,2,3,2,4", "2,2,1,2,4")
    with pytest.raises(ValueError, match="row 2: there is an arc from 2 to 1 in row 1 already"):
        roads_from_jemss(network(tmp_path, arcs=arcs))
    city = roads_from_jemss(network(tmp_path, arcs=arcs.replace("undirected", "directed")))
    assert (days(city, Mode.EMERGENCY, 1, 2), days(city, Mode.EMERGENCY, 2, 1)) == (1, 2)


@pytest.mark.parametrize("folder", ["", "network/", "a/b/", "network\\"])
def test_archives(folder: str, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "roads.zip", "w") as archive:
        archive.writestr(f"{folder}nodes.csv", NODES)
        archive.writestr(f"{folder}arcs.csv", ARCS)
        archive.writestr("__MACOSX/._nodes.csv", b"")
        archive.writestr("__MACOSX/nodes.csv", b"")
    for source in (tmp_path, tmp_path / "roads.zip"):
        assert days(roads_from_jemss(source), Mode.EMERGENCY, 1, 3) == 3


def test_sources_that_are_none(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"nodes\.csv"):
        roads_from_jemss(tmp_path)
    with pytest.raises(FileNotFoundError, match="nowhere"):
        roads_from_jemss(tmp_path / "nowhere")
    network(tmp_path)
    with pytest.raises(ValueError, match=r"nodes.csv is neither a directory nor a readable zip archive"):
        roads_from_jemss(tmp_path / "nodes.csv")
    with zipfile.ZipFile(tmp_path / "two.zip", "w") as archive:
        archive.writestr("old/nodes.csv", NODES)
        archive.writestr("new/nodes.csv", NODES)
    with pytest.raises(ValueError, match=r"two.zip holds 2 files nodes.csv, expected one"):
        roads_from_jemss(tmp_path / "two.zip")
    (tmp_path / "arcs.csv").unlink()
    with pytest.raises(FileNotFoundError, match=r"arcs\.csv"):
        roads_from_jemss(tmp_path)
    with pytest.raises(ValueError, match=r"nodes.csv is not UTF-8 text"):
        roads_from_jemss(network(tmp_path, NODES.encode("utf-16")))


def test_the_demo_takes_an_archive_and_says_what_is_not_used(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    nodes = NODES.replace("3,3", ",").replace("x,y", "x,y,[osm]").replace("1,0,0", "1,0,0,a")
    archive = tmp_path / "city.zip"
    with zipfile.ZipFile(archive, "w") as opened:
        opened.writestr("nodes.csv", nodes)
        opened.writestr("arcs.csv", ARCS.replace("directed", "undirected"))
    assert main(["demo", "--roads", str(archive)]) == 0
    shown = "".join(capsys.readouterr().out.split())
    assert "unusedcolumns[osm]" in shown

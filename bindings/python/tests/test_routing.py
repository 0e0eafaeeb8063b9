"""Travel times, paths and nearest nodes against networkx and scipy."""

import math

import networkx
import numpy as np
import pytest
from scipy.spatial import cKDTree

from benchmarks import DATA
from libpatrol import Area, AreaArrays, PatrolError, Status
from libpatrol.enums import CoordinateSystem, Mode
from libpatrol.synthetic import cities
from libpatrol.synthetic.roads import roads_from_jemss
from reference.roads import rounded, travel_times


def random_roads(rng: np.random.Generator, nodes: int, edges: int) -> AreaArrays:
    """Any directed graph: parallel edges, loops, edges of no length, parts that cannot be reached."""
    return AreaArrays(
        node_count=nodes,
        edges=rng.integers(nodes, size=(edges, 2)),
        edge_patrol_seconds=np.where(rng.random(edges) < 0.05, 0, rng.exponential(60, edges)),
        edge_emergency_seconds=rng.exponential(40, edges),
        category_service_seconds=[600.0],
    )


@pytest.mark.parametrize("edges", [10, 60, 150, 600])
def test_travel_times(edges: int, rng: np.random.Generator) -> None:
    for _ in range(5):
        city = random_roads(rng, 60, edges)
        area = Area.from_arrays(**city)
        origins, destinations = rng.integers(60, size=17), rng.integers(60, size=31)
        for mode, seconds in ((Mode.PATROL, city.edge_patrol_seconds), (Mode.EMERGENCY, city.edge_emergency_seconds)):
            expected = travel_times(city, seconds)
            found = area.travel_times(origins, destinations, mode)
            np.testing.assert_array_equal(found, expected[np.ix_(origins, destinations)])
            found = area.travel_times(destinations, origins, mode)
            np.testing.assert_array_equal(found, expected[np.ix_(destinations, origins)])


def test_paths(rng: np.random.Generator) -> None:
    for _ in range(5):
        city = random_roads(rng, 50, 120)
        area = Area.from_arrays(**city)
        graph = networkx.MultiDiGraph()
        graph.add_nodes_from(range(50))
        times = rounded(city.edge_emergency_seconds).tolist()
        graph.add_weighted_edges_from((*edge, time) for edge, time in zip(city.edges.tolist(), times, strict=True))
        for _ in range(40):
            origin, destination = (int(node) for node in rng.integers(50, size=2))
            if not networkx.has_path(graph, origin, destination):
                with pytest.raises(PatrolError) as caught:
                    area.path(origin, destination)
                assert caught.value.status is Status.UNREACHABLE
                continue
            path = area.path(origin, destination)
            length = networkx.path_weight(graph, path.nodes.tolist(), "weight") if origin != destination else 0.0
            assert (path.nodes[0], path.nodes[-1]) == (origin, destination)
            assert math.isclose(path.seconds, networkx.dijkstra_path_length(graph, origin, destination), rel_tol=1e-5)
            # Between the same nodes networkx adds the fastest of parallel edges.
            assert math.isclose(path.seconds, length, rel_tol=1e-5)


def test_nearest_nodes_in_the_plane(rng: np.random.Generator) -> None:
    city = cities.irregular(200, seed=3)
    points = rng.uniform(-500, city.coordinates.max() + 500, (1000, 2))
    nodes, metres = Area.from_arrays(**city).nearest_nodes(points)
    distances, nearest = cKDTree(city.coordinates).query(points)
    assert nodes.tolist() == nearest.tolist()
    np.testing.assert_allclose(metres, distances, rtol=1e-5)


def test_nearest_nodes_on_the_globe(rng: np.random.Generator) -> None:
    degrees = rng.uniform([-74.1, 40.6], [-73.9, 40.9], (300, 2))
    edges = np.stack([np.arange(299), np.arange(1, 300)], 1)
    area = Area.from_arrays(
        coordinates=degrees,
        coordinate_system=CoordinateSystem.GEOGRAPHIC,
        edges=edges,
        edge_patrol_seconds=np.ones(299),
        category_service_seconds=[600.0],
    )
    points = rng.uniform([-74.1, 40.6], [-73.9, 40.9], (500, 2))
    nodes, metres = area.nearest_nodes(points)
    expected = great_circle(points[:, None], degrees[None])
    chosen = expected[np.arange(500), nodes]
    np.testing.assert_allclose(chosen, expected.min(1), rtol=1e-3)
    np.testing.assert_allclose(metres, chosen, rtol=1e-2, atol=0.5)


def great_circle(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Metres by the haversine formula."""
    (lon_a, lat_a), (lon_b, lat_b) = np.moveaxis(np.radians(a), -1, 0), np.moveaxis(np.radians(b), -1, 0)
    h = np.sin((lat_b - lat_a) / 2) ** 2 + np.cos(lat_a) * np.cos(lat_b) * np.sin((lon_b - lon_a) / 2) ** 2
    return 2 * 6_371_000 * np.arcsin(np.sqrt(h))


@pytest.mark.skipif(not (DATA / "manhattan_roads").exists(), reason="manhattan_roads is not in the test data")
def test_manhattan(rng: np.random.Generator) -> None:
    city = roads_from_jemss(DATA / "manhattan_roads")
    assert (city.node_count, len(city.edges)) == (16_811, 24_437)
    assert 1.3 < city.edge_patrol_seconds.sum() / city.edge_emergency_seconds.sum() < 1.4
    area = Area.from_arrays(**city)
    few, many = rng.integers(city.node_count, size=5), rng.integers(city.node_count, size=300)
    everyone = np.arange(city.node_count)
    for mode, seconds in ((Mode.PATROL, city.edge_patrol_seconds), (Mode.EMERGENCY, city.edge_emergency_seconds)):
        forward = travel_times(city, seconds, few)
        np.testing.assert_array_equal(area.travel_times(few, many, mode), forward[:, many])
        np.testing.assert_array_equal(area.travel_times(few, everyone, mode), forward)
        backward = travel_times(city, seconds, few, backward=True)
        np.testing.assert_array_equal(area.travel_times(many, few, mode), backward[:, many].T)
        np.testing.assert_array_equal(area.travel_times(everyone, few, mode), backward.T)

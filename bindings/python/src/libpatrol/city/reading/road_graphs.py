"""Road graphs of networkx and OSMnx, also from GraphML, where OSMnx writes every attribute as text."""

from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError

import numpy as np
import pandas as pd
import pyproj

from libpatrol.city.reading.crs import DEGREES, converted, named_crs, require_degrees
from libpatrol.city.reading.mapping_tables import RoadColumns
from libpatrol.city.reading.road_network import RoadNetwork
from libpatrol.city.reading.road_speeds import driving_seconds, entries_of, numbers_in
from libpatrol.extras import extra


def read_graphml(path: Path) -> Any:
    """Return the networkx graph of a GraphML file."""
    with extra("city", "libpatrol.city"):
        import networkx as nx
    try:
        return nx.read_graphml(path)
    except (ParseError, nx.NetworkXError, KeyError, ValueError) as reason:
        raise ValueError(f"{path} is not a GraphML file: {reason}") from reason


def from_graph(graph: Any, where: str, columns: RoadColumns) -> RoadNetwork:
    """Return the roads of a networkx graph whose nodes have ``x`` and ``y``.

    Edges have ``travel_time`` in seconds, or ``length`` in metres with ``speed_kph``, ``maxspeed`` or ``highway``.
    Those of an undirected graph are driven both ways.
    """
    number = {name: k for k, name in enumerate(graph.nodes)}
    places = np.full((len(number), 2), np.nan)
    for name, attributes in graph.nodes(data=True):
        try:
            places[number[name]] = float(attributes["x"]), float(attributes["y"])
        except (KeyError, ValueError) as reason:
            raise ValueError(f"{where}: the node {name} has no x and y that are numbers") from reason
    crs = named_crs(str(columns.crs or graph.graph.get("crs") or DEGREES), f"the crs of {where}")
    if crs.is_geographic:
        names = list(number)
        require_degrees(places, lambda node: f"{where}: the node {names[node]}", "roads")
    degrees = converted(places, crs, DEGREES)
    if not graph.number_of_edges():
        raise ValueError(f"{where} has no edges")
    table = pd.DataFrame([attributes for _, _, attributes in graph.edges(data=True)])
    edges = np.array([(number[start], number[end]) for start, end in graph.edges()], np.int64)
    metres, straight = _lengths(table, degrees, edges, columns)
    seconds, notes = driving_seconds(table, metres, columns, where)
    if straight:
        notes.append(f"roads of {where} without a length above 0, taken as straight: {straight:,}")
    name = columns.name or "name"
    streets = np.array(
        [" / ".join(sorted(entries_of(cell))) for cell in table[name]] if name in table else [""] * len(table), object
    )
    if not graph.is_directed():
        edges, seconds, streets = np.concatenate([edges, edges[:, ::-1]]), np.tile(seconds, 2), np.tile(streets, 2)
    return RoadNetwork(where=where, degrees=degrees, edges=edges, patrol_seconds=seconds, streets=streets, notes=notes)


def _lengths(table: pd.DataFrame, degrees: Any, edges: Any, columns: RoadColumns) -> Any:
    """Return lengths in metres, as stated, else straight from node to node, and how many lack one that others have."""
    start, end = degrees[edges[:, 0]], degrees[edges[:, 1]]
    straight = pyproj.Geod(ellps="WGS84").inv(*start.T, *end.T)[2]
    name = columns.length or "length"
    if name not in table:
        return straight, 0
    stated = numbers_in(table[name])
    known = np.isfinite(stated) & (stated > 0)
    return np.where(known, stated, straight), int((~known).sum())

#!/usr/bin/env bash
# OSMnx keeps one segment's seconds when it merges the segments of a street.
#
# Expected: simplify_graph adds up what is additive, or drops what it does not know.
# Seen: only `length` and `travel_time` are added. Of any other attribute the distinct values stay: three segments of
#   30 s are a street of 30 s, where they differ a list appears. The equal ones, as in a grid of even blocks, go
#   unnoticed. The docstring says so of edge_attr_aggs ("the unique values").
# Instead: edge_attr_aggs with every additive attribute: what is given replaces the default, so that length or
#   travel_time left out of it is no longer added either. Or name the attribute travel_time.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv --without-pip "$folder/venv"
python3 -m pip --python "$folder/venv/bin/python" install --quiet --disable-pip-version-check --no-compile \
    osmnx==2.1.1 networkx==3.6.1 geopandas==1.2.0 pyogrio==0.13.0 shapely==2.2.0 pyproj==3.7.2 \
    pandas==3.1.1 numpy==2.4.6 requests==2.34.2
cd "$folder"
venv/bin/python - <<'END'
import sys

import networkx
import osmnx

print("osmnx", osmnx.__version__, "networkx", networkx.__version__)


def street(seconds, **options):
    roads = networkx.MultiDiGraph(crs="EPSG:4326")
    roads.add_nodes_from((node, {"x": node / 1000, "y": 0.0}) for node in range(4))
    for tail, value in enumerate(seconds):
        roads.add_edge(tail, tail + 1, osmid=7, length=111.0, travel_time=value, seconds=value)
    return osmnx.simplify_graph(roads, **options).edges[0, 3, 0]


even, uneven = street([30.0, 30.0, 30.0]), street([30.0, 30.0, 40.0])
summed = street([30.0, 30.0, 30.0], edge_attr_aggs=dict.fromkeys(("length", "travel_time", "seconds"), sum))
for name, edge in {"even": even, "uneven": uneven, "told to sum": summed}.items():
    print(f"{name}: length {edge['length']}, travel_time {edge['travel_time']}, seconds {edge['seconds']}")
if (even["travel_time"], even["seconds"], summed["seconds"]) != (90, 30, 90) or sorted(uneven["seconds"]) != [30, 40]:
    sys.exit("no longer seen: the seconds are not one segment's")
END

#!/usr/bin/env bash
# A FlatGeobuf file returns the nodes of a road graph in another order.
#
# Expected: read_file(to_file(frame)) has the rows in their order, as with GeoPackage, GeoJSON and shapefiles; edges
#   that name nodes by row number still fit.
# Seen: GDAL's FlatGeobuf driver sorts the features along a curve for its spatial index, on by default: the rows come
#   back in that order, with a fresh index 0, 1, 2, ...
# Instead: edges by a column of identifiers, or to_file(..., SPATIAL_INDEX="NO").
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv --without-pip "$folder/venv"
python3 -m pip --python "$folder/venv/bin/python" install --quiet --disable-pip-version-check --no-compile \
    geopandas==1.2.0 pyogrio==0.13.0 shapely==2.2.0 pyproj==3.7.2 pandas==3.1.1 numpy==2.4.6
cd "$folder"
venv/bin/python - <<'END'
import sys

import geopandas
import pyogrio
from shapely.geometry import Point

print("geopandas", geopandas.__version__, "pyogrio", pyogrio.__version__, "GDAL", pyogrio.__gdal_version_string__)
corners = [Point(x, y) for y in range(2) for x in range(3)]
nodes = geopandas.GeoDataFrame({"node": range(6)}, geometry=corners, crs=2240)
orders = {}
for name in ("nodes.gpkg", "nodes.geojson", "nodes.fgb", "plain.fgb"):
    nodes.to_file(name, **({"SPATIAL_INDEX": "NO"} if name == "plain.fgb" else {}))
    orders[name] = geopandas.read_file(name).node.tolist()
    print(name, orders[name])
kept = list(range(6))
if orders["nodes.fgb"] == kept or any(orders[name] != kept for name in ("nodes.gpkg", "nodes.geojson", "plain.fgb")):
    sys.exit("no longer seen: only the indexed FlatGeobuf changes the order")
END

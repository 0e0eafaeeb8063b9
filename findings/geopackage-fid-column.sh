#!/usr/bin/env bash
# A column named "fid" is gone after GeoPackage, and the nodes may be in another order.
#
# Expected: read_file(to_file(frame)) has the columns of the frame, as with GeoJSON and shapefiles.
# Seen: GDAL's GeoPackage driver makes a column of whole numbers with this name (exports of GIS programs have one) the
#   table's key. geopandas returns the rows sorted by it and without it, under a fresh index 0, 1, 2, ...: edges that
#   name nodes by fid point at nothing, those that name them by row number at other nodes. Nothing warns.
# Instead: rename the column before writing, or read with fid_as_index=True; or to_file(..., FID="key").
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
nodes = geopandas.GeoDataFrame(
    {"fid": [30, 10, 20], "corner": ["A", "B", "C"]}, geometry=[Point(x, 0) for x in range(3)], crs=2240
)
rows = {}
for name in ("nodes.geojson", "nodes.shp", "nodes.gpkg", "key.gpkg"):
    nodes.to_file(name, **({"FID": "key"} if name == "key.gpkg" else {}))
    rows[name] = geopandas.read_file(name).drop(columns="geometry").to_dict("list")
    print(name, rows[name])
indexed = geopandas.read_file("nodes.gpkg", fid_as_index=True)
print("fid_as_index", indexed.corner.to_dict())
kept = {"fid": [30, 10, 20], "corner": ["A", "B", "C"]}
if rows.pop("nodes.gpkg") != {"corner": ["B", "C", "A"]} or any(row != kept for row in rows.values()):
    sys.exit("no longer seen: only the GeoPackage loses the column and the order")
if indexed.corner.to_dict() != {10: "B", 20: "C", 30: "A"}:
    sys.exit("no longer seen: the index holds the numbers")
END

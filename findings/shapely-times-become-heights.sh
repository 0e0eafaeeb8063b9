#!/usr/bin/env bash
# The times of a vehicle's track become heights when geopandas writes it as GeoJSON.
#
# Expected: a track with times as measures, a LINESTRING M, loses them in GeoJSON, where a third number is a height in
#   meters (RFC 7946). shapely.to_geojson does so, and to_crs and interpolate lose them, too.
# Seen: coords and mapping give (x, y, m), and whatever goes by them takes m for z. to_json of geopandas writes the seconds
#   as heights: read back, the vehicle is 600 m up after ten minutes. mapping, from which other libraries take lines, and
#   LineString(track.coords) do so, too. to_file, for its part, refuses such lines.
# Instead: shapely.get_coordinates(track, include_m=True) into a column of times, and shapely.force_2d(track).
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
import shapely
from shapely.geometry import mapping, shape

print("geopandas", geopandas.__version__, "shapely", shapely.__version__, "GEOS", shapely.geos_version_string)
track = shapely.from_wkt("LINESTRING M (-84.40 33.70 0, -84.39 33.70 60, -84.39 33.75 600)")
frame = geopandas.GeoDataFrame({"unit": ["12"]}, geometry=[track], crs=4326)
with open("track.geojson", "w") as file:
    file.write(frame.to_json())
read = geopandas.read_file("track.geojson").geometry[0]
lines = {
    "given": track,
    "geopandas.to_json, read_file": read,
    "shape(mapping)": shape(mapping(track)),
    "LineString(coords)": shapely.LineString(track.coords),
    "shapely.to_geojson": shapely.from_geojson(shapely.to_geojson(track)),
    "to_crs": frame.to_crs(2240).geometry[0],
    "interpolate": track.interpolate(0.005),
}
kinds = {}
for name, line in lines.items():
    kinds[name] = ("Z" if line.has_z else "") + ("M" if line.has_m else "")
    print(f"{name}: {line.wkt}")
try:
    frame.to_file("track.gpkg")
    refused = False
except pyogrio.errors.GeometryError as error:
    refused = True
    print("to_file:", error)
heights = shapely.get_coordinates(read, include_z=True)[:, 2].tolist()
if list(kinds.values()) != ["M", "Z", "Z", "Z", "", "", ""] or heights != [0, 60, 600] or not refused:
    sys.exit("no longer seen: measures become heights by to_json, mapping and coords, and nowhere else")
END

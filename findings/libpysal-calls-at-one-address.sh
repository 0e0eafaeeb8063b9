#!/usr/bin/env bash
# In libpysal's DistanceBand, calls at one address are not neighbors, however wide the band.
#
# Expected: binary weights are 1 where the distance is at most the threshold, as the docstring says; 0 is.
# Seen: of two calls at the same coordinates neither is a neighbor of the other, as a distance of 0 is taken for the point
#   itself. An address that calls again and again is an island if no other is near: hot spots lose what makes them hot, as
#   geocoded calls share their places. Graph.build_distance_band, of the same library, has them all.
# Instead: Graph.build_distance_band, or calls counted per address first.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv --without-pip "$folder/venv"
python3 -m pip --python "$folder/venv/bin/python" install --quiet --disable-pip-version-check --no-compile \
    libpysal==4.14.1 geopandas==1.2.0 shapely==2.2.0 pyproj==3.7.2 \
    scikit-learn==1.9.1 scipy==1.17.1 pandas==3.1.1 numpy==2.4.6
cd "$folder"
venv/bin/python - <<'END'
import sys
import warnings

import geopandas
import libpysal
import numpy

print("libpysal", libpysal.__version__)
# Calls 0, 1 and 2 at one address, 3 next door, and 4 and 5 at an address far away.
points = numpy.array([(0, 0), (0, 0), (0, 0), (50, 0), (9000, 0), (9000, 0)], dtype=float)
frame = geopandas.GeoDataFrame(geometry=geopandas.points_from_xy(*points.T))
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    band = libpysal.weights.DistanceBand(points, threshold=100, binary=True)
    from_frame = libpysal.weights.DistanceBand.from_dataframe(frame, threshold=100, binary=True)
graph = libpysal.graph.Graph.build_distance_band(frame, threshold=100, binary=True)
expected = [3, 3, 3, 3, 1, 1]
counts = {
    "expected": expected,
    "DistanceBand": [band.cardinalities[call] for call in range(6)],
    "DistanceBand.from_dataframe": [from_frame.cardinalities[call] for call in range(6)],
    "Graph": graph.cardinalities.tolist(),
}
for name, numbers in counts.items():
    print(f"{name}: neighbors of calls 0 to 5 {numbers}")
print("islands of DistanceBand:", [int(call) for call in band.islands])
wrong = [1, 1, 1, 3, 0, 0]
if list(counts.values()) != [expected, wrong, wrong, expected]:
    sys.exit("no longer seen: DistanceBand alone leaves out calls of one address")
END

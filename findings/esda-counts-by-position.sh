#!/usr/bin/env bash
# Libraries of PySAL take counts per beat by position, though counts and weights both name their beats.
#
# Expected: Moran(calls, graph) matches calls to the graph by the beat, as both are pandas objects with an index, or
#   refuses an index of another order.
# Seen: the first count goes to the first beat of the shape file. Counts from groupby("beat") are sorted by name, beats by
#   the file: two busy beats beside each other and two quiet ones (I = 0.5) are a chess board (I = -1). esda and
#   the lags of libpysal are alike, with Graph and with W. "Aligned with y", say the docstrings, of the weights.
# Instead: beats["calls"] = calls, which pandas does match, then Moran(beats["calls"], graph).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv --without-pip "$folder/venv"
python3 -m pip --python "$folder/venv/bin/python" install --quiet --disable-pip-version-check --no-compile \
    esda==2.9.0 libpysal==4.14.1 geopandas==1.2.0 shapely==2.2.0 pyproj==3.7.2 \
    scikit-learn==1.9.1 scipy==1.17.1 pandas==3.1.1 numpy==2.4.6
cd "$folder"
venv/bin/python - <<'END'
import sys
import warnings

import esda
import geopandas
import libpysal
import pandas
import shapely

print("esda", esda.__version__, "libpysal", libpysal.__version__)
# A row of four beats from west to east.
names = ["B3", "B1", "B4", "B2"]
squares = [shapely.box(east, 0, east + 1, 1) for east in range(4)]
beats = geopandas.GeoDataFrame(geometry=squares, index=pandas.Index(names, name="beat"))
log = pandas.DataFrame({"beat": ["B3"] * 9 + ["B1"] * 9 + ["B4"] + ["B2"]})
calls = log.groupby("beat").size().astype(float)
beats["calls"] = calls
print("counts:", calls.to_dict(), "\nbeats: ", beats["calls"].to_dict())
graph = libpysal.graph.Graph.build_contiguity(beats)
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    weights = libpysal.weights.Queen.from_dataframe(beats, use_index=True)
print("names of the graph:", graph.unique_ids.tolist(), "and of W:", weights.id_order)
seen = {}
for name, values in {"counts": calls, "beats": beats["calls"]}.items():
    seen[name] = (
        round(float(esda.Moran(values, graph, permutations=0).I), 3),
        round(float(esda.Moran(values, weights, permutations=0).I), 3),
        graph.lag(values).tolist(),
    )
    print(f"{name}: I {seen[name][0]} with Graph, {seen[name][1]} with W; sums over neighbors {seen[name][2]}")
if seen["beats"] != (0.5, 0.5, [9, 10, 10, 1]) or seen["counts"] != (-1, -1, [1, 18, 2, 9]):
    sys.exit("no longer seen: counts go by position")
END

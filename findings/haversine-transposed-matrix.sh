#!/usr/bin/env bash
# haversine's matrix of all distances has the first list in its columns, not in its rows.
#
# Expected: haversine_vector(units, calls, comb=True)[i, j] is the distance of unit i to call j, as in the table of its
#   README, as scipy's cdist and scikit-learn's haversine_distances have it.
# Seen: it is that of unit j to call i: the shape is (calls, units). With as many units as calls nothing gives that away,
#   and the nearest unit of a column is another car. The numbers in the README are in this order, too, against the table
#   below them: 343 km stand where it says Lyon to New York.
# Instead: haversine_vector(calls, units, comb=True), or the transpose.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv --without-pip "$folder/venv"
python3 -m pip --python "$folder/venv/bin/python" install --quiet --disable-pip-version-check --no-compile \
    haversine==2.9.0 numpy==2.4.6
cd "$folder"
venv/bin/python - <<'END'
import sys
from importlib.metadata import version

import numpy
from haversine import haversine, haversine_vector

print("haversine", version("haversine"))
# On one meridian, where 0.01 degrees are 1.112 km.
units = [(33.70, -84.40), (33.76, -84.40), (33.82, -84.40)]
calls = [(33.81, -84.40), (33.71, -84.40), (33.75, -84.40)]
expected = numpy.array([[haversine(unit, call) for call in calls] for unit in units])
seen = haversine_vector(units, calls, comb=True)
print(f"by pairs, km:\n{expected.round(2)}\nhaversine_vector:\n{seen.round(2)}")
sent = {name: matrix.argmin(axis=0).tolist() for name, matrix in {"pairs": expected, "matrix": seen}.items()}
driven = {name: round(sum(expected[unit, call] for call, unit in enumerate(chosen)), 1) for name, chosen in sent.items()}
for name, chosen in sent.items():
    print(f"nearest units of calls 0, 1, 2 by {name}: {chosen}, {driven[name]} km in all")
shape = haversine_vector(units, calls[:2], comb=True).shape
print("shape of 3 units and 2 calls:", shape)
if shape != (2, 3) or not numpy.allclose(seen, expected.T) or numpy.allclose(seen, expected):
    sys.exit("no longer seen: rows are of the second list")
if not driven["pairs"] < driven["matrix"]:
    sys.exit("no longer seen: other units are sent")
END

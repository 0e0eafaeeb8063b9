#!/usr/bin/env bash
# The same Gymnasium Dict space flattens in another order when it is written with keywords.
#
# Expected: Dict({"units": a, "calls": b}) and Dict(units=a, calls=b) are one space with one flat vector.
# Seen: a plain dict is sorted by key ("for legacy reasons", says the source of 1.4.0), keywords stay as written: the
#   flat observations hold the same numbers at other places. Network weights trained on the one are wrong on the
#   other, without an error: the spaces compare equal.
# Instead: one way of writing the space, and its key order stored with the weights; or sort_keys=False.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv --without-pip "$folder/venv"
python3 -m pip --python "$folder/venv/bin/python" install --quiet --disable-pip-version-check --no-compile \
    gymnasium==1.4.0 numpy==2.4.6
cd "$folder"
venv/bin/python - <<'END'
import sys

import gymnasium
import numpy as np
from gymnasium.spaces import Box, Dict, flatten

print("gymnasium", gymnasium.__version__)
units, calls = Box(0, 99, (2,)), Box(0, 99, (1,))
by_mapping, by_keywords = Dict({"units": units, "calls": calls}), Dict(units=units, calls=calls)
observation = {"units": np.array([1, 2], np.float32), "calls": np.array([7], np.float32)}
flat = [flatten(space, observation).tolist() for space in (by_mapping, by_keywords)]
print("mapping: ", list(by_mapping), flat[0])
print("keywords:", list(by_keywords), flat[1])
print("equal:   ", by_mapping == by_keywords)
if flat != [[7, 1, 2], [1, 2, 7]] or by_mapping != by_keywords:
    sys.exit("no longer seen: both spaces flatten alike, or are told apart")
END

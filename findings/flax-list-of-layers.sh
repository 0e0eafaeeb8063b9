#!/usr/bin/env bash
# A list of eleven layers, saved by flax and updated by jax, has its eleventh in third place.
#
# Expected: layers saved as a list come back in its order, and stay in it when jax returns them.
# Seen: flax restores the list as a dict with the keys "0", "1", "2", ..., "10", in that order. Every function of jax
#   that returns it, such as jit, grad or tree.map, sorts the keys as text: "0", "1", "10", "2", ... A network that
#   takes its layers from `.values()` is right before the first step of training and another one after it; where all
#   hidden layers are equally wide, nothing fails. Each half is as documented: `to_state_dict` of flax makes dicts of
#   lists, and jax sorts the keys of dicts.
# Instead: restore into a list of as many (`flax.serialization.from_bytes(layers, content)`), or sort by int(key).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv --without-pip "$folder/venv"
python3 -m pip --python "$folder/venv/bin/python" install --quiet --disable-pip-version-check --no-compile \
    flax==0.12.8 jax==0.10.2 jaxlib==0.10.2 numpy==2.4.6
cd "$folder"
JAX_PLATFORMS=cpu venv/bin/python - <<'END'
import sys

import flax
import jax
import jax.numpy as jnp
import numpy as np
from flax import serialization

print("flax", flax.__version__, "jax", jax.__version__, "numpy", np.__version__)
rng = np.random.default_rng(0)
layers = [jnp.asarray(rng.normal(size=(8, 8)) / 3, jnp.float32) for _ in range(11)]


def network(weights, x):
    for weight in weights:
        x = jax.nn.relu(x @ weight) + x
    return float(x.sum())


x = jnp.ones(8)
restored = serialization.msgpack_restore(serialization.to_bytes(layers))
updated = jax.tree.map(lambda weight: weight - 0.0, restored)  # a step of training of size 0
print("saved    ", network(layers, x))
print("restored ", network(restored.values(), x), list(restored))
print("one step ", network(updated.values(), x), list(updated))
if network(restored.values(), x) != network(layers, x) or list(updated)[:4] != ["0", "1", "10", "2"]:
    sys.exit("no longer seen: restored layers are in order, and are 0, 1, 10, 2, ... after a step")
if np.isclose(network(updated.values(), x), network(layers, x)):
    sys.exit("no longer seen: the network is another one after a step of size 0")
END

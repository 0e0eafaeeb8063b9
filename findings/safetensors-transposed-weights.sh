#!/usr/bin/env bash
# safetensors writes a transposed numpy array with its numbers in the wrong places.
#
# Expected: `save` stores the array's values; or refuses an array that is not row-major.
# Seen: since 0.8.0 the memory is written as it lies, under the logical shape. A Flax or Keras kernel [in, out] saved
#   as `kernel.T`, as PyTorch lays weights out, comes back scrambled, without a word. 0.7.0 was right. Reported as
#   https://github.com/safetensors/safetensors/issues/825; the docstring asks for "contiguous" tensors, which a
#   transposed array is, in the other order.
# Instead: np.ascontiguousarray(kernel.T), and compare outputs after loading.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv --without-pip "$folder/venv"
python3 -m pip --python "$folder/venv/bin/python" install --quiet --disable-pip-version-check --no-compile \
    safetensors==0.8.0 numpy==2.4.6
cd "$folder"
venv/bin/python - <<'END'
import sys
from importlib.metadata import version

import numpy as np
from safetensors.numpy import load, save

print("safetensors", version("safetensors"), "numpy", np.__version__)
kernel = np.arange(6, dtype=np.float32).reshape(2, 3)
given = kernel.T
loaded = load(save({"weight": given}))["weight"]
print("given ", given.tolist())
print("loaded", loaded.tolist())
if loaded.shape != given.shape or np.array_equal(loaded, given) or loaded.ravel().tolist() != kernel.ravel().tolist():
    sys.exit("no longer seen: the transposed array does not come back as row-major memory")
END

#!/usr/bin/env bash
# NetworKit's distance to a node that cannot be reached is a finite number.
#
# Expected: infinity, as in igraph, rustworkx and scipy: "finite" then means "reachable", and a mean says so too.
# Seen: 1.7976931348623157e308, the largest double. isfinite is true for it, a mean over nodes is huge instead of
#   infinite, and the sum of two of them is infinity again.
# Instead: compare with the largest double right after the search, and put infinity there.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv --without-pip "$folder/venv"
python3 -m pip --python "$folder/venv/bin/python" install --quiet --disable-pip-version-check --no-compile \
    networkit==11.3 numpy==2.4.6 scipy==1.17.1
cd "$folder"
venv/bin/python - <<'END'
import sys
from importlib.metadata import version

import networkit
import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

print("networkit", version("networkit"), "scipy", version("scipy"))
roads = networkit.Graph(3, weighted=True, directed=True)  # a street from 0 to 1; nothing leads to 2
roads.addEdge(0, 1, 60.0)
by_networkit = np.array(networkit.distance.Dijkstra(roads, 0).run().getDistances())
by_scipy = dijkstra(csr_array(([60.0], ([0], [1])), shape=(3, 3)), indices=0)
print("NetworKit:", by_networkit, "finite:", np.isfinite(by_networkit))
print("scipy:    ", by_scipy, "finite:", np.isfinite(by_scipy))
if by_networkit.tolist() != [0, 60, np.finfo(float).max] or by_scipy.tolist() != [0, 60, np.inf]:
    sys.exit("no longer seen: the unreachable node is not at the largest double")
END

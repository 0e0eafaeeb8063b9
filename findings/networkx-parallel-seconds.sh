#!/usr/bin/env bash
# Two parallel streets of 60 s and 90 s become one of 150 s in networkx's matrix.
#
# Expected: the matrix of a multigraph holds the faster street, as dijkstra_path_length and floyd_warshall_numpy of the
#   same library take it: 60 s.
# Seen: to_scipy_sparse_array and to_numpy_array add the weights ("summed", says their documentation): scipy finds
#   150 s between the same corners. DiGraph(graph) is no way around: it keeps the street added last, 90 s here.
# Instead: to_numpy_array(..., multigraph_weight=min), or a DiGraph filled with the least of each pair.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv --without-pip "$folder/venv"
python3 -m pip --python "$folder/venv/bin/python" install --quiet --disable-pip-version-check --no-compile \
    networkx==3.6.1 scipy==1.17.1 numpy==2.4.6
cd "$folder"
venv/bin/python - <<'END'
import sys
from importlib.metadata import version

import networkx as nx
from scipy.sparse.csgraph import dijkstra

print("networkx", version("networkx"), "scipy", version("scipy"))
roads = nx.MultiDiGraph()
roads.add_edge(0, 1, seconds=60.0)
roads.add_edge(0, 1, seconds=90.0)
by_networkx = nx.dijkstra_path_length(roads, 0, 1, weight="seconds")
by_warshall = float(nx.floyd_warshall_numpy(roads, weight="seconds")[0, 1])
by_scipy = float(dijkstra(nx.to_scipy_sparse_array(roads, weight="seconds"), indices=0)[1])
dense = float(nx.to_numpy_array(roads, weight="seconds")[0, 1])
least = float(nx.to_numpy_array(roads, weight="seconds", multigraph_weight=min)[0, 1])
last = nx.DiGraph(roads)[0][1]["seconds"]
print("networkx's Dijkstra", by_networkx, "Floyd-Warshall", by_warshall)
print("scipy's Dijkstra on the sparse matrix", by_scipy, "dense matrix", dense, "with min", least)
print("DiGraph(graph)", last)
if (by_networkx, by_warshall, least) != (60, 60, 60) or (by_scipy, dense, last) != (150, 150, 90):
    sys.exit("no longer seen: the matrices hold the faster street, or otherwise than expected")
END

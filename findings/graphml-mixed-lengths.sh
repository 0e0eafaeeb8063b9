#!/usr/bin/env bash
# igraph cannot read a GraphML file in which networkx met a whole number among decimal ones.
#
# Expected: a road graph written by networkx is read by igraph; `length` is one number attribute.
# Seen: where one edge has length 100 and another 99.5, networkx 3.6.1 declares `length` twice, once as long and once
#   as double, and igraph 1.0.0 stops at the second. One street of a whole number of meters is enough.
# Instead: write_graphml(..., infer_numeric_types=True), or float(length) for every edge.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv --without-pip "$folder/venv"
python3 -m pip --python "$folder/venv/bin/python" install --quiet --disable-pip-version-check --no-compile \
    networkx==3.6.1 igraph==1.0.0
cd "$folder"
venv/bin/python - <<'END'
import sys
from importlib.metadata import version

import igraph
import networkx

print("networkx", version("networkx"), "igraph", version("igraph"))


def read(lengths):
    roads = networkx.DiGraph()
    for tail, length in enumerate(lengths):
        roads.add_edge(tail, tail + 1, length=length)
    networkx.write_graphml(roads, "roads.graphml")
    print(*[line.strip() for line in open("roads.graphml") if "<key" in line], sep="\n")
    try:
        return igraph.Graph.Read_GraphML("roads.graphml").es["length"]
    except igraph.InternalError as error:
        return str(error)


uniform, mixed = read([100.0, 99.5]), read([100, 99.5])
print("floats only:", uniform)
print("mixed:", mixed)
if uniform != [100.0, 99.5] or "Duplicate attribute name" not in mixed:
    sys.exit("no longer seen: igraph reads the mixed file")
END

#!/usr/bin/env bash
# OR-Tools' assignment cuts the decimals off an array of costs.
#
# Expected: costs are integers, and floats are refused, as `add_arc_with_cost` refuses them with a TypeError.
# Seen: `add_arcs_with_cost`, the same for arrays, takes floats and drops what follows the point: of minutes 2.9, 3.0,
#   1.0 and 1.95 it makes 2, 3, 1 and 1, says OPTIMAL, and sends the units the longer way. The flow solver's
#   `add_arcs_with_capacity_and_unit_cost` does so too.
# Instead: round seconds or milliseconds to integers yourself.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv --without-pip "$folder/venv"
python3 -m pip --python "$folder/venv/bin/python" install --quiet --disable-pip-version-check --no-compile \
    ortools==9.15.6755 numpy==2.4.6 scipy==1.17.1
cd "$folder"
venv/bin/python - <<'END'
import sys
from importlib.metadata import version

import numpy as np
from ortools.graph.python.linear_sum_assignment import SimpleLinearSumAssignment
from scipy.optimize import linear_sum_assignment

print("ortools", version("ortools"), "scipy", version("scipy"))
minutes = np.array([[2.9, 3.0], [1.0, 1.95]])  # unit, call
solver = SimpleLinearSumAssignment()
try:
    solver.add_arc_with_cost(0, 0, 2.9)
    refused = False
except TypeError:
    refused = True
solver.add_arcs_with_cost(np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1]), minutes.ravel())
status = solver.solve()
calls = [solver.right_mate(unit) for unit in range(2)]
chosen = minutes[[0, 1], calls].sum()
best = minutes[linear_sum_assignment(minutes)].sum()
print("one float cost refused:", refused)
print("OR-Tools:", status, "calls", calls, "objective", solver.optimal_cost(), "minutes", chosen)
print("scipy: minutes", best)
if not refused or calls != [0, 1] or (round(chosen, 2), round(best, 2)) != (4.85, 4.0):
    sys.exit("no longer seen: the costs are not cut to integers")
END

#!/usr/bin/env bash
# PuLP and Python-MIP keep one side of a range: of 3 <= units <= 5 the 3 is gone.
#
# Expected: a constraint with both bounds, as highspy makes it; or an error, as CVXPY and PySCIPOpt raise.
# Seen: to Python the chain is (3 <= units) and (units <= 5), which is its second part where the first is true, as all
#   constraints of PuLP and Python-MIP are. The model gets `units <= 5` only: the cheapest staffing is 0 units, "Optimal",
#   without a warning. Open for PuLP since 2015: https://github.com/coin-or/pulp/issues/83.
# Instead: two constraints, or the bounds of the variable (lowBound and upBound; lb and ub).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv --without-pip "$folder/venv"
python3 -m pip --python "$folder/venv/bin/python" install --quiet --disable-pip-version-check --no-compile \
    pulp==3.3.2 mip==2.0.0 highspy==1.16.0 numpy==2.4.6
cd "$folder"
venv/bin/python - <<'END'
import sys
from importlib.metadata import version

import highspy
import mip
import pulp

print(*(f"{name} {version(name)}" for name in ("pulp", "mip", "highspy")))

staffing = pulp.LpProblem("staffing", pulp.LpMinimize)
units = pulp.LpVariable("units", lowBound=0, cat="Integer")
staffing += units
staffing += 3 <= units <= 5
staffing.solve(pulp.PULP_CBC_CMD(msg=False))
by_pulp = (pulp.LpStatus[staffing.status], staffing.numConstraints(), units.value())

model = mip.Model()
model.verbose = 0
units = model.add_var(var_type=mip.INTEGER)
model.objective = units
model += 3 <= units <= 5
by_mip = (model.optimize().name, model.num_rows, units.x)

highs = highspy.Highs()
highs.setOptionValue("output_flag", False)
units = highs.addIntegral()
highs.addConstr(3 <= units <= 5)
highs.minimize(units)
by_highs = (highs.modelStatusToString(highs.getModelStatus()), highs.numConstrs, highs.val(units))

print("status, constraints, units")
print("PuLP:", *by_pulp, "\nPython-MIP:", *by_mip, "\nhighspy:", *by_highs)
if (by_pulp, by_mip, by_highs) != (("Optimal", 1, 0), ("OPTIMAL", 1, 0), ("Optimal", 1, 3)):
    sys.exit("no longer seen: the range is refused or kept by all")
END

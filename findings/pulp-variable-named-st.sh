#!/usr/bin/env bash
# An LP file in which PuLP has written a variable named "st" is three programs for three solvers.
#
# Expected: writeLP writes names that all readers of the format take, as it replaces characters that are not allowed by
#   "_"; or it refuses the name.
# Seen: "st" is also short for "subject to". PuLP solves the program itself, and HiGHS reads its file: 30. SCIP takes the
#   cost of "st" in that file for a constant, and sends other units. CBC reads five columns, x0 to x4, and says "Optimal"
#   and 0. The only sign is a line in CBC's log, "Invalid column names".
# Instead: names with a prefix ("units_st"), or MPS files.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv --without-pip "$folder/venv"
python3 -m pip --python "$folder/venv/bin/python" install --quiet --disable-pip-version-check --no-compile \
    pulp==3.3.2 highspy==1.16.0 pyscipopt==6.3.0 numpy==2.4.6
cd "$folder"
venv/bin/python - <<'END'
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import highspy
import pulp
import pyscipopt

print(*(f"{name} {version(name)}" for name in ("pulp", "highspy", "pyscipopt")))
program = pulp.LpProblem("units", pulp.LpMinimize)
lake, station = (pulp.LpVariable(name, 0, 3, cat="Integer") for name in ("lk", "st"))
program += 7 * lake + 9 * station
program += lake + station >= 4, "units"
program.writeLP("units.lp")
program.solve(pulp.PULP_CBC_CMD(msg=False))
by_pulp = (program.objective.value(), {lake.name: lake.value(), station.name: station.value()})

highs = highspy.Highs()
highs.setOptionValue("output_flag", False)
highs.readModel("units.lp")
highs.run()
by_highs = (highs.getInfo().objective_function_value, dict(zip(highs.getLp().col_names_, highs.getSolution().col_value)))

scip = pyscipopt.Model()
scip.hideOutput()
scip.readProblem("units.lp")
scip.optimize()
by_scip = (scip.getObjVal(), {variable.name: scip.getVal(variable) for variable in scip.getVars()})

cbc = [pulp.PULP_CBC_CMD().path, "units.lp", "solve", "solution", "answer.txt"]
log = subprocess.run(cbc, capture_output=True, text=True, check=True).stdout
first, *columns = Path("answer.txt").read_text().splitlines()
by_cbc = (float(first.split()[-1]), {line.split()[1]: float(line.split()[2]) for line in columns})

print("PuLP:", *by_pulp, "\nHiGHS:", *by_highs, "\nSCIP:", *by_scip, "\nCBC:", first, by_cbc[1])
right = (30, {"lk": 3, "st": 1})
if by_pulp != right or by_highs != right or by_scip != (16, {"lk": 1, "st": 3}):
    sys.exit("no longer seen: PuLP and HiGHS find 30, and SCIP finds 16")
if not first.startswith("Optimal") or by_cbc[0] != 0 or "st" in by_cbc[1] or "Invalid column names" not in log:
    sys.exit("no longer seen: CBC finds 0 for other columns")
END

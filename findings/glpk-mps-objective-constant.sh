#!/usr/bin/env bash
# GLPK reads the objective's constant in an MPS file with the opposite sign.
#
# Expected: a right-hand side on the objective row is minus the constant, as for HiGHS, SCIP and CBC.
# Seen: GLPK 5.0 takes it as the constant itself: of "COST -100", HiGHS makes + 100 and GLPK - 100, both with success.
#   The decision is the same; costs, bounds and gaps that are carried from one solver to the other are off by 200.
# Instead: no constant in MPS files, or a column fixed at 1 that costs it.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv --without-pip "$folder/venv"
python3 -m pip --python "$folder/venv/bin/python" install --quiet --disable-pip-version-check --no-compile \
    swiglpk==5.0.13 highspy==1.16.0 numpy==2.4.6
cd "$folder"
venv/bin/python - <<'END'
import sys
from importlib.metadata import version

import highspy
import swiglpk as glpk

with open("dispatch.mps", "w") as file:
    file.write("""NAME          DISPATCH
ROWS
 N  COST
 G  ONEUNIT
COLUMNS
    NEAR      COST      240.0          ONEUNIT   1.0
    FAR       COST      420.0          ONEUNIT   1.0
RHS
    RHS       ONEUNIT   1.0            COST      -100.0
ENDATA
""")
highs = highspy.Highs()
highs.setOptionValue("output_flag", False)
highs.readModel("dispatch.mps")
highs.run()
by_highs = highs.getInfo().objective_function_value

glpk.glp_term_out(glpk.GLP_OFF)
problem = glpk.glp_create_prob()
status = glpk.glp_read_mps(problem, glpk.GLP_MPS_FILE, None, "dispatch.mps")
glpk.glp_simplex(problem, None)
by_glpk = glpk.glp_get_obj_val(problem)
print("highspy", version("highspy"), "GLPK", glpk.glp_version(), "by swiglpk", version("swiglpk"))
print("HiGHS: objective", by_highs)
print("GLPK:  objective", by_glpk, "after reading with status", status)
if (by_highs, by_glpk, status) != (340, 140, 0):
    sys.exit("no longer seen: the objective values are not 340 and 140")
END

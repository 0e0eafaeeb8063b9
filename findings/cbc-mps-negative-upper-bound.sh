#!/usr/bin/env bash
# A negative upper bound in an MPS file frees the variable downwards for CBC, and contradicts its lower bound 0
#   elsewhere.
#
# Expected: one meaning of "UP BND X -2" on a column without a lower bound.
# Seen: CBC 2.10 (in PuLP) takes the lower bound as minus infinity and finds the optimum -7; HiGHS and GLPK keep the
#   lower bound 0: the same file is infeasible for HiGHS, and has wrong bounds for GLPK. No reader warns.
# Instead: always write the lower bound too (MI or LO) where an upper bound is negative.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv --without-pip "$folder/venv"
python3 -m pip --python "$folder/venv/bin/python" install --quiet --disable-pip-version-check --no-compile \
    pulp==3.3.2 highspy==1.16.0 swiglpk==5.0.13 numpy==2.4.6
cd "$folder"
venv/bin/python - <<'END'
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import highspy
import pulp
import swiglpk as glpk

Path("shift.mps").write_text("""NAME          SHIFT
ROWS
 N  COST
 G  EARLIEST
COLUMNS
    X         COST      1.0            EARLIEST  1.0
RHS
    RHS       EARLIEST  -7.0
BOUNDS
 UP BND       X         -2.0
ENDATA
""")
highs = highspy.Highs()
highs.setOptionValue("output_flag", False)
read = highs.readModel("shift.mps")
highs.run()
by_highs = highs.modelStatusToString(highs.getModelStatus())

glpk.glp_term_out(glpk.GLP_OFF)
problem = glpk.glp_create_prob()
glpk.glp_read_mps(problem, glpk.GLP_MPS_FILE, None, "shift.mps")
by_glpk = {glpk.GLP_EBOUND: "wrong bounds", 0: "solved"}.get(glpk.glp_simplex(problem, None))

cbc = [pulp.PULP_CBC_CMD().path, "shift.mps", "solve", "solution", "answer.txt"]
subprocess.run(cbc, capture_output=True, check=True)
by_cbc = Path("answer.txt").read_text().splitlines()[0]
print("highspy", version("highspy"), "GLPK", glpk.glp_version(), "pulp", version("pulp"))
print("HiGHS:", by_highs, read, "\nGLPK: ", by_glpk, "\nCBC:  ", by_cbc)
if (by_highs, by_glpk) != ("Infeasible", "wrong bounds") or float(by_cbc.split()[-1]) != -7:
    sys.exit("no longer seen: the readers agree, or otherwise than expected")
END

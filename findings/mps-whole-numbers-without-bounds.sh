#!/usr/bin/env bash
# A whole number without bounds in an MPS file is at most 1 for the solvers, and unbounded for PuLP.
#
# Expected: 5 units: columns without a line in BOUNDS are from 0 to infinity, and at most 5 fit the only row.
# Seen: HiGHS, GLPK and CBC give columns between INTORG and INTEND the bounds 0 and 1 and send 1 unit (an old rule of
#   the format); PuLP reads the same file with no upper bound, and its CBC sends 5. No reader warns; GLPK's
#   log counts a binary variable.
# Instead: always write a bound of such columns: "PL" for no upper bound, which all four read alike.
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

UNITS = """NAME          UNITS
ROWS
 N  COST
 L  ONDUTY
COLUMNS
    MARK      'MARKER'                 'INTORG'
    X         COST      -1.0           ONDUTY    1.0
    MARK      'MARKER'                 'INTEND'
RHS
    RHS       ONDUTY    5.0
"""
Path("plain.mps").write_text(UNITS + "ENDATA\n")
Path("bound.mps").write_text(UNITS + "BOUNDS\n PL BND       X\nENDATA\n")
glpk.glp_term_out(glpk.GLP_OFF)


def units(name):
    highs = highspy.Highs()
    highs.setOptionValue("output_flag", False)
    highs.readModel(name)
    highs.run()

    problem, options = glpk.glp_create_prob(), glpk.glp_iocp()
    glpk.glp_read_mps(problem, glpk.GLP_MPS_FILE, None, name)
    glpk.glp_init_iocp(options)
    options.presolve = glpk.GLP_ON
    glpk.glp_intopt(problem, options)

    cbc = pulp.PULP_CBC_CMD(msg=False)
    subprocess.run([cbc.path, name, "solve", "solution", "answer.txt"], capture_output=True, check=True)
    variables, model = pulp.LpProblem.fromMPS(name)
    model.solve(cbc)
    return {
        "HiGHS": highs.getSolution().col_value[0],
        "GLPK": glpk.glp_mip_col_val(problem, 1),
        "CBC": float(Path("answer.txt").read_text().splitlines()[1].split()[2]),
        "PuLP": variables["X"].value(),
    }


plain, bound = units("plain.mps"), units("bound.mps")
print("highspy", version("highspy"), "GLPK", glpk.glp_version(), "pulp", version("pulp"))
print("without bounds:", plain, "\nwith PL:       ", bound)
if plain != {"HiGHS": 1, "GLPK": 1, "CBC": 1, "PuLP": 5} or set(bound.values()) != {5}:
    sys.exit("no longer seen: the readers agree, or otherwise than expected")
END

#!/usr/bin/env bash
# CBC drops the constant of the objective of an LP file.
#
# Expected: "+ 100" among the objective's terms counts, as for HiGHS and SCIP.
# Seen: CBC 2.10 (the one in PuLP) reads the file without an error, finds the same decision, and reports an objective
#   value without the constant. Two solvers seem to disagree about the cost of the same dispatch.
# Instead: compare decisions priced by your own costs, or carry the constant on a column fixed at 1.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv --without-pip "$folder/venv"
python3 -m pip --python "$folder/venv/bin/python" install --quiet --disable-pip-version-check --no-compile \
    pulp==3.3.2 highspy==1.16.0 numpy==2.4.6
cd "$folder"
venv/bin/python - <<'END'
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import highspy
import pulp

Path("dispatch.lp").write_text("""Minimize
 seconds: 240 near + 420 far + 100
Subject To
 one_unit: near + far = 1
Binaries
 near far
End
""")
highs = highspy.Highs()
highs.setOptionValue("output_flag", False)
highs.readModel("dispatch.lp")
highs.run()
by_highs = highs.getInfo().objective_function_value

cbc = subprocess.run([pulp.PULP_CBC_CMD().path, "dispatch.lp", "solve", "solution", "answer.txt"],
                     capture_output=True, text=True, check=True).stdout
answer = Path("answer.txt").read_text().splitlines()
by_cbc = float(answer[0].split()[-1])
print("highspy", version("highspy"), "pulp", version("pulp"), *[line for line in cbc.splitlines() if "Version" in line])
print("HiGHS: objective", by_highs, "near, far =", [round(x) for x in highs.getSolution().col_value])
print("CBC:", *answer, sep="\n  ")
if (by_highs, by_cbc) != (340, 240):
    sys.exit("no longer seen: the two objective values are not 340 and 240")
END

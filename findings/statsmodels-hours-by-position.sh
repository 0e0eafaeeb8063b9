#!/usr/bin/env bash
# statsmodels takes the hours of exposure by position, whatever beats their index names.
#
# Expected: exposure=hours, a Series with the same index of beats as the calls in another order, is matched by the beat, as
#   pandas does, or refused: for endog and exog, statsmodels raises "The indices for endog and exog are not aligned".
# Seen: the indices of exposure and offset are not looked at. Hours that come from another table, sorted by beat, go to
#   other beats: twice as many calls per hour in the east as in the west become equally many. GLM and Poisson, with and
#   without a formula, are alike. The docstring asks for "an array with the same length as endog".
# Instead: a column of the same frame, or hours.reindex(calls.index).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv --without-pip "$folder/venv"
python3 -m pip --python "$folder/venv/bin/python" install --quiet --disable-pip-version-check --no-compile \
    statsmodels==0.15.0 pandas==3.1.1 scipy==1.17.1 numpy==2.4.6
cd "$folder"
venv/bin/python - <<'END'
import sys

import numpy
import pandas
import statsmodels
import statsmodels.api as api
import statsmodels.formula.api as formula

print("statsmodels", statsmodels.__version__)
# Two beats in the east with 4 calls per hour, two in the west with 2.
beats = pandas.DataFrame({"calls": [10, 6, 9, 7], "west": [0, 0, 1, 1]}, index=["D4", "A1", "C3", "B2"])
hours = pandas.Series({"A1": 2.0, "B2": 4.0, "C3": 4.0, "D4": 2.0})
exog = api.add_constant(beats[["west"]])
poisson = {"family": api.families.Poisson()}


def rates(hours):
    fits = {
        "GLM": api.GLM(beats.calls, exog, exposure=hours, **poisson).fit(),
        "GLM, offset": api.GLM(beats.calls, exog, offset=numpy.log(hours), **poisson).fit(),
        "glm": formula.glm("calls ~ west", beats, exposure=hours, **poisson).fit(),
        "poisson": formula.poisson("calls ~ west", beats, exposure=hours).fit(disp=False),
    }
    found = {}
    for name, fit in fits.items():
        constant, west = fit.params
        found[name] = (round(float(numpy.exp(constant)), 2), round(float(numpy.exp(constant + west)), 2))
    return found


given, aligned = rates(hours), rates(hours.reindex(beats.index))
for name in given:
    print(f"{name}: calls per hour east, west {given[name]}; with the hours of the same order {aligned[name]}")
try:
    api.GLM(beats.calls, exog.sort_index(), **poisson)
    refused = False
except ValueError as error:
    refused = True
    print("exog in the order of hours: ValueError:", error)
if set(aligned.values()) != {(4.0, 2.0)} or set(given.values()) != {(2.67, 2.67)} or not refused:
    sys.exit("no longer seen: hours go by position, unlike exog")
END

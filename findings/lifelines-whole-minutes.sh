#!/usr/bin/env bash
# lifelines' response times in minutes are whole minutes, always rounded down.
#
# Expected: datetimes_to_durations(received, arrived, freq="m") gives 1.92 for 115 seconds: its docstring promises an
#   "array of floats representing the durations with time units given by freq".
# Seen: floats without a fraction: 0, 1 and 2 minutes for 50, 115 and 179 seconds. Response times are half a minute too
#   short on average, and tie in great numbers; with freq="h" almost all are 0. The docstring refers to pandas for `freq`,
#   but pandas' "min" raises a TypeError: the units are numpy's.
# Instead: freq="s" and divide, or (arrived - received).dt.total_seconds() / 60.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv --without-pip "$folder/venv"
python3 -m pip --python "$folder/venv/bin/python" install --quiet --disable-pip-version-check --no-compile \
    lifelines==0.30.3 pandas==2.3.3 scipy==1.17.1 numpy==2.4.6
cd "$folder"
venv/bin/python - <<'END'
import sys

import lifelines
from lifelines.utils import datetimes_to_durations

print("lifelines", lifelines.__version__)
received = ["2024-03-04 22:00:00"] * 3
arrived = ["2024-03-04 22:00:50", "2024-03-04 22:01:55", "2024-03-04 22:02:59"]
durations, medians = {}, {}
for freq in ("s", "m", "h"):
    durations[freq], observed = datetimes_to_durations(received, arrived, freq=freq)
    medians[freq] = lifelines.KaplanMeierFitter().fit(durations[freq], observed).median_survival_time_
    print(f'freq="{freq}": {durations[freq].tolist()} median {medians[freq]}')
try:
    pandas_name = f"taken: {datetimes_to_durations(received, arrived, freq='min')[0]}"
except TypeError as error:
    pandas_name = f"TypeError: {error}"
print('freq="min":', pandas_name)
minutes = (durations["s"] / 60).round(2).tolist()
print("seconds / 60:", minutes, "median", round(medians["s"] / 60, 2))
if minutes != [0.83, 1.92, 2.98] or durations["m"].tolist() != [0, 1, 2] or durations["h"].tolist() != [0, 0, 0]:
    sys.exit("no longer seen: minutes and hours are cut to whole ones")
if not pandas_name.startswith("TypeError"):
    sys.exit("no longer seen: pandas' name of minutes is refused")
END

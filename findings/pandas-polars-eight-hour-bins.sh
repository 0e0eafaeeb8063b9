#!/usr/bin/env bash
# Calls per eight-hour shift are those of 01:00 to 09:00 from the day on that the clocks change, in pandas and in Polars.
#
# Expected: resample("8h") and group_by_dynamic(every="8h") of times in New York begin bins at 00:00, 08:00 and 16:00, all
#   year, as floor("8h") and dt.truncate("8h") of the same libraries do.
# Seen: both lay off eight hours after eight hours from the first midnight. After March 10 the bins begin at 01:00, 09:00 and
#   17:00, after November 3 at 23:00, 07:00 and 15:00, and with them every count per shift, to the end of the table. With
#   "1D", "1d" they follow the clock.
# Instead: group by floor or truncate, or resample the local times without their zone.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv --without-pip "$folder/venv"
python3 -m pip --python "$folder/venv/bin/python" install --quiet --disable-pip-version-check --no-compile \
    pandas==3.1.1 polars==2.1.0 numpy==2.4.6
cd "$folder"
venv/bin/python - <<'END'
import sys
from datetime import datetime

import pandas
import polars

print("pandas", pandas.__version__, "polars", polars.__version__)
expected = [0, 8, 16]
seen = {}
for first, last in (("2024-03-08", "2024-03-12"), ("2024-11-01", "2024-11-05")):
    # A call in every hour.
    received = pandas.date_range(f"{first} 00:30", f"{last} 23:30", freq="1h", tz="America/New_York")
    calls = pandas.Series(1, received)
    table = polars.DataFrame({"received": calls.index.tz_convert("UTC").tz_localize(None).to_numpy()}).with_columns(
        polars.col("received").dt.replace_time_zone("UTC").dt.convert_time_zone("America/New_York")
    )
    dynamic = table.group_by_dynamic("received", every="8h").agg(polars.len())
    truncated = table.group_by(polars.col("received").dt.truncate("8h")).len().sort("received")
    begins = {
        "pandas resample": list(calls.resample("8h").sum().index),
        "pandas floor": list(calls.groupby(received.floor("8h")).sum().index),
        "polars group_by_dynamic": dynamic["received"].to_list(),
        "polars truncate": truncated["received"].to_list(),
    }
    day = datetime.fromisoformat(last).date()
    for name, times in begins.items():
        seen[first, name] = [time.hour for time in times if time.date() == day]
        print(f"{name}: bins of {day} begin at {seen[first, name]} o'clock")
    shifts = {"pandas resample", "polars group_by_dynamic"}
    later = [1, 9, 17] if first < "2024-06" else [7, 15, 23]
    if any(seen[first, name] != (later if name in shifts else expected) for name in begins):
        sys.exit("no longer seen: bins of eight hours leave the clock, and floor and truncate keep it")
END

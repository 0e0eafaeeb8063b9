#!/usr/bin/env bash
# DuckDB's date_trunc puts two hours into one on the night the clocks go back, and returns a time after its argument.
#
# Expected: the start of the hour in which the call came; never later than the call. 05:30 UTC is 01:30 EDT, of the
#   hour that begins at 05:00 UTC.
# Seen: date_trunc('hour', ...) on TIMESTAMP WITH TIME ZONE says 06:00 UTC for 05:30 and for 06:30: calls an hour, the
#   rates of demand, are 0 and 2 for 1 and 1. polars' truncate is right, and so is time_bucket of the same DuckDB.
# Instead: time_bucket(INTERVAL '1 hour', t), or counts in UTC.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv --without-pip "$folder/venv"
python3 -m pip --python "$folder/venv/bin/python" install --quiet --disable-pip-version-check --no-compile \
    duckdb==2.0.1 polars==2.1.0
cd "$folder"
venv/bin/python - <<'END'
import sys

import duckdb
import polars

print("duckdb", duckdb.__version__, "polars", polars.__version__)
connection = duckdb.connect()
connection.sql("SET TimeZone = 'America/New_York'")
utc = "strftime({} AT TIME ZONE 'UTC', '%H:%M')"
query = ", ".join(utc.format(f) for f in ("t", "date_trunc('hour', t)", "time_bucket(INTERVAL '1 hour', t)"))
received = ["2024-11-03 05:30:00Z", "2024-11-03 06:30:00Z"]
calls = connection.execute(f"SELECT {query} FROM (SELECT unnest(?::TIMESTAMPTZ[]) AS t)", [received]).fetchall()
local = polars.Series(received).str.to_datetime(time_zone="UTC").dt.convert_time_zone("America/New_York")
by_polars = local.dt.truncate("1h").dt.convert_time_zone("UTC").dt.to_string("%H:%M").to_list()
for (call, truncated, bucket), hour in zip(calls, by_polars):
    print(f"call {call} UTC: date_trunc {truncated}, time_bucket {bucket}, polars {hour}")
if [call[1:] for call in calls] != [("06:00", "05:00"), ("06:00", "06:00")] or by_polars != ["05:00", "06:00"]:
    sys.exit("no longer seen: date_trunc does not say 06:00 for both")
END

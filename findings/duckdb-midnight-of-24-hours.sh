#!/usr/bin/env bash
# A call at 24:00:00 is a time for DuckDB, a string for Python, and missing for polars.
#
# Expected: a column of times read by DuckDB is a column of times elsewhere, or the file is refused.
# Seen: DuckDB 2.0 takes the CSV's 24:00:00 as TIME without a remark (date + time is the next day at 0:00, as it should
#   be). fetchall returns datetime.time for all rows but this one, which is the string '24:00:00'; the Parquet file that
#   DuckDB writes has null there for polars, without a warning: the calls at midnight are gone from its counts.
# Instead: join date and time in SQL, and pass the timestamp on.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv --without-pip "$folder/venv"
python3 -m pip --python "$folder/venv/bin/python" install --quiet --disable-pip-version-check --no-compile \
    duckdb==2.0.1 polars==2.1.0
cd "$folder"
venv/bin/python - <<'END'
import sys
from datetime import datetime, time
from pathlib import Path

import duckdb
import polars

print("duckdb", duckdb.__version__, "polars", polars.__version__)
Path("calls.csv").write_text("day,clock\n2024-03-04,08:00:00\n2024-03-04,24:00:00\n")
calls = duckdb.sql("SELECT * FROM 'calls.csv'")
types = dict(zip(calls.columns, map(str, calls.types)))
calls.write_parquet("calls.parquet")
by_python = [clock for _, clock in calls.fetchall()]
by_polars = polars.read_parquet("calls.parquet")["clock"]
joined = [row[0] for row in duckdb.sql("SELECT day + clock FROM 'calls.csv'").fetchall()]
print("DuckDB's types:", types)
print("DuckDB joined: ", [str(moment) for moment in joined])
print("Python:        ", by_python)
print("polars:        ", by_polars.dtype, by_polars.to_list())
if types["clock"] != "TIME" or joined != [datetime(2024, 3, 4, 8), datetime(2024, 3, 5)]:
    sys.exit("no longer seen: DuckDB reads 24:00:00 otherwise")
if by_python != [time(8), "24:00:00"] or by_polars.to_list() != [time(8), None]:
    sys.exit("no longer seen: Python and polars get another time")
END

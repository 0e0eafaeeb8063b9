#!/usr/bin/env bash
# DuckDB reads response times in a Parquet file as whole numbers whose unit depends on who wrote the file.
#
# Expected: a duration of 7 min 5 s is an INTERVAL, as it is when DuckDB reads the same data frame without a file; or
#   it is refused. pandas and polars read it as the duration that it is.
# Seen: Parquet has no durations; writers put whole numbers into it, and beside them the Arrow schema, which knows
#   the unit and which DuckDB does not look at. The same response is 425000000 from pandas, 425000 from polars' Excel
#   reader, and 425 if it was made from whole seconds. With January by the one and February by the other in one
#   query, each is added as it stands: the mean of 237.5 s is 118868750. polars refuses these two files together, and
#   pandas reads them right.
# Instead: response times as numbers of seconds in files, or DuckDB on the data frame itself.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv --without-pip "$folder/venv"
python3 -m pip --python "$folder/venv/bin/python" install --quiet --disable-pip-version-check --no-compile \
    duckdb==2.0.1 polars==2.1.0 fastexcel==0.21.0 openpyxl==3.1.5 pandas==3.1.1 pyarrow==26.0.1 numpy==2.4.6
cd "$folder"
venv/bin/python - <<'END'
import datetime
import sys

import duckdb
import openpyxl
import pandas
import polars
import pyarrow

for package in (duckdb, pandas, polars, pyarrow):
    print(package.__name__, package.__version__, end=" ")
print()
times = pandas.DataFrame({"received": ["22:00:00", "22:30:00"], "arrived": ["22:07:05", "22:30:50"]})
responses = [datetime.timedelta(minutes=7, seconds=5), datetime.timedelta(seconds=50)]
book = openpyxl.Workbook()
for row in [("response",), *((response,) for response in responses)]:
    book.active.append(row)
book.save("february.xlsx")

january = (pandas.to_timedelta(times["arrived"]) - pandas.to_timedelta(times["received"])).to_frame("response")
january.to_parquet("january.parquet")
polars.read_excel("february.xlsx").write_parquet("february.parquet")
january.astype("timedelta64[s]").to_parquet("seconds.parquet")

seen = {}
for name in ("january", "february", "seconds"):
    seen[name] = duckdb.sql(f"SELECT response, typeof(response) FROM '{name}.parquet'").fetchall()[0]
    by_pandas = pandas.read_parquet(f"{name}.parquet")["response"].tolist()
    by_polars = polars.read_parquet(f"{name}.parquet")["response"].to_list()
    print(f"{name}.parquet: DuckDB {seen[name]}, pandas {by_pandas[0]}, polars {by_polars[0]}")
    if by_pandas != responses or (name != "seconds" and by_polars != responses):
        sys.exit("no longer seen: pandas and polars read durations")
frame = duckdb.sql("SELECT response, typeof(response) FROM january").fetchall()[0]
both = ["january.parquet", "february.parquet"]
mean = duckdb.sql(f"SELECT avg(response) FROM read_parquet({both})").fetchall()[0][0]
by_pandas = pandas.read_parquet(both)["response"].mean()
print("the data frame itself:", *frame, "\nmean of both files: DuckDB", mean, "pandas", by_pandas)
try:
    polars.read_parquet(both)
    sys.exit("no longer seen: polars refuses files of two units")
except polars.exceptions.SchemaError as error:
    print("polars:", error)
whole = {"january": (425000000, "BIGINT"), "february": (425000, "BIGINT"), "seconds": (425, "BIGINT")}
if seen != whole or mean != 118868750 or frame != (responses[0], "INTERVAL"):
    sys.exit("no longer seen: durations are numbers of another unit in each file")
if by_pandas.total_seconds() != 237.5:
    sys.exit("no longer seen: pandas reads files of two units right")
END

#!/usr/bin/env bash
# polars and DuckDB read the first days of an American call log as days of other months.
#
# Expected: 03/04/2024 22:15:00 stays text, or is March 4, as for pandas.
# Seen: while no day is above 12, both guess day before month: calls of March 4, 5 and 11 become April 3, May 3 and
#   November 3, without a warning. With the 13th in the file, the column is text for both.
#   Of a year of two digits DuckDB makes another year: 03/04/24 is April 24 of the year 3.
# Instead: give the format (strptime "%m/%d/%Y %H:%M:%S"; read_csv's timestampformat in DuckDB).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv --without-pip "$folder/venv"
python3 -m pip --python "$folder/venv/bin/python" install --quiet --disable-pip-version-check --no-compile \
    polars==2.1.0 duckdb==2.0.1 pandas==3.1.1 numpy==2.4.6
cd "$folder"
venv/bin/python - <<'END'
import sys
from datetime import datetime

import duckdb
import pandas
import polars

print("polars", polars.__version__, "duckdb", duckdb.__version__, "pandas", pandas.__version__)


def read(name, days):
    with open(name, "w") as file:
        file.write("call,received\n")
        file.writelines(f"{call},03/{day:02}/2024 22:15:00\n" for call, day in enumerate(days))
    return {
        "pandas": pandas.read_csv(name, parse_dates=["received"]).received.tolist(),
        "polars": polars.read_csv(name, try_parse_dates=True)["received"].to_list(),
        "duckdb": [row[0] for row in duckdb.sql(f"SELECT received FROM '{name}'").fetchall()],
    }


begun, later = read("begun.csv", [4, 5, 11]), read("later.csv", [4, 5, 11, 13])
for name in begun:
    print(f"{name}: to the 11th {[str(t) for t in begun[name]]}\n        to the 13th {[str(t) for t in later[name]]}")
march = [datetime(2024, 3, day, 22, 15) for day in (4, 5, 11)]
wrong = [datetime(2024, month, 3, 22, 15) for month in (4, 5, 11)]
with open("short.csv", "w") as file:
    file.write("call,received\n1,03/04/24 22:15\n")
short = duckdb.sql("SELECT received FROM 'short.csv'").fetchall()[0][0]
print("duckdb: 03/04/24 is", short)
text = all(isinstance(later[name][0], str) for name in ("polars", "duckdb"))
if begun != {"pandas": march, "polars": wrong, "duckdb": wrong} or not text or short.year != 3:
    sys.exit("no longer seen: the days are read otherwise")
END

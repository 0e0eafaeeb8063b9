#!/usr/bin/env bash
# pandas reads the response times of a JSON log as moments of today.
#
# Expected: "00:07:05" is the text it is in the file; read_json makes dates of dates.
# Seen: a column whose name ends in "_time" is tried as a date, and a duration passes: 7 min 5 s become today,
#   00:07:05; "travel" with the same values stays text. Tomorrow the same file gives other values. The documentation
#   of read_json names the endings (convert_dates, keep_default_dates), not that times of day pass.
# Instead: read_json(..., dtype=False), which leaves text alone, then to_timedelta.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv --without-pip "$folder/venv"
python3 -m pip --python "$folder/venv/bin/python" install --quiet --disable-pip-version-check --no-compile \
    pandas==3.1.1 numpy==2.4.6
cd "$folder"
venv/bin/python - <<'END'
import io
import sys

import pandas

print("pandas", pandas.__version__)
log = '[{"response_time": "00:07:05", "travel": "00:07:05"}, {"response_time": "00:12:00", "travel": "00:12:00"}]'
calls = pandas.read_json(io.StringIO(log))
plain = pandas.read_json(io.StringIO(log), dtype=False)
print(calls, calls.dtypes, sep="\n")
print("dtype=False:", plain.response_time.tolist())
dated = pandas.api.types.is_datetime64_any_dtype(calls.response_time)
text = ["00:07:05", "00:12:00"]
if not dated or abs((calls.response_time[0] - pandas.Timestamp.now()).days) > 1 or calls.travel.tolist() != text:
    sys.exit("no longer seen: the response time is no moment of today")
END

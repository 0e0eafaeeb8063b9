#!/usr/bin/env bash
# pandas reads "22:15 GMT-04:00" as four hours behind UTC in to_datetime, and as four hours before it in Timestamp.
#
# Expected: GMT-04:00 and UTC-4, as Java and browsers write them, are offsets like -04:00, and the two
#   functions of pandas that read a time agree.
# Seen: pandas.Timestamp, and to_datetime for offsets of hours alone such as UTC-4, leave the text to dateutil, which
#   takes the sign after GMT or UTC as POSIX has it, reversed: 22:15 in New York is 18:15 UTC, eight hours too early.
#   to_datetime of GMT-04:00 is right. Open for dateutil since 2015: https://github.com/dateutil/dateutil/issues/70.
# Instead: times.str.replace(r"(GMT|UTC)(?=[+-])", "", regex=True), and format="ISO8601", which takes the bare -04:00
#   and -04.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv --without-pip "$folder/venv"
python3 -m pip --python "$folder/venv/bin/python" install --quiet --disable-pip-version-check --no-compile \
    pandas==3.1.1 numpy==2.4.6 python-dateutil==2.9.0.post0
cd "$folder"
venv/bin/python - <<'END'
import sys
from importlib.metadata import version

import pandas

print("pandas", pandas.__version__, "dateutil", version("python-dateutil"))


def in_utc(time):
    return time.tz_convert("UTC").strftime("%H:%M")


seen = {}
for zone in ("-04:00", "GMT-04:00", "UTC-04:00", "GMT-0400", "UTC-4", "GMT-4"):
    call = f"2024-07-04 22:15:00 {zone}"
    seen[zone] = (in_utc(pandas.to_datetime([call])[0]), in_utc(pandas.Timestamp(call)))
    print(f"{call:33} to_datetime {seen[zone][0]} UTC, Timestamp {seen[zone][1]} UTC")
bare = pandas.Series([f"2024-07-04 22:15:00 {zone}" for zone in seen]).str.replace(
    r"(GMT|UTC)(?=[+-])", "", regex=True
)
instead = [in_utc(time) for time in pandas.to_datetime(bare.str.replace(r"-4$", "-04", regex=True), format="ISO8601")]
print("without GMT and UTC:", instead)
right, wrong = "02:15", "18:15"
hours = dict.fromkeys(("UTC-4", "GMT-4"), (wrong, wrong))
minutes = dict.fromkeys(("GMT-04:00", "UTC-04:00", "GMT-0400"), (right, wrong))
if seen != {"-04:00": (right, right)} | minutes | hours:
    sys.exit("no longer seen: pandas reverses the sign after GMT in one of its functions")
if set(instead) != {right}:
    sys.exit("no longer seen: bare offsets are right")
END

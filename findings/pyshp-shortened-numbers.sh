#!/usr/bin/env bash
# pyshp cuts digits off a number that is wider than its field, and so makes another number of it.
#
# Expected: an error, or asterisks as dBASE writes them, for call number 202403100042 in a field of 9 digits.
# Seen: the first nine digits are written: 202403100, a number like any other, and the same for every call of the day.
# Instead: field sizes from the data (N up to 18), or text fields for identifiers.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv --without-pip "$folder/venv"
python3 -m pip --python "$folder/venv/bin/python" install --quiet --disable-pip-version-check --no-compile \
    pyshp==3.1.6
cd "$folder"
venv/bin/python - <<'END'
import sys

import shapefile

print("pyshp", shapefile.__version__)
numbers = [202403100042, 202403100043]
with shapefile.Writer("calls", shapeType=shapefile.POINT) as calls:
    calls.field("CALL", "N", size=9)
    for number in numbers:
        calls.point(-84.4, 33.7)
        calls.record(number)
with shapefile.Reader("calls") as calls:
    read = [record["CALL"] for record in calls.records()]
print("written", numbers)
print("read   ", read)
if read != [202403100, 202403100]:
    sys.exit("no longer seen: the numbers are not cut to nine digits")
END

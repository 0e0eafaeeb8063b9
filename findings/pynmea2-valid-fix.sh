#!/usr/bin/env bash
# pynmea2 calls every fix of many newer receivers invalid, and puts a vehicle without a fix at 0° N, 0° E.
#
# Expected: is_valid tells whether an RMC sentence has a position: status "A" rather than "V".
# Seen: since NMEA 4.1 the sentence ends in a navigational status, which receivers that do not rate the safety of
#   navigation set to "V", always: u-blox in all sentences (https://github.com/Knio/pynmea2/issues/162). is_valid wants
#   "S", "C" or "U" there, so that `if message.is_valid` drops the whole track, while that of a GGA sentence of the same
#   second is true. Without such a test, a sentence without a position has latitude 0.0 and longitude 0.0, not None.
# Instead: message.status == "A" for RMC; where lat is "", there is no position.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv --without-pip "$folder/venv"
python3 -m pip --python "$folder/venv/bin/python" install --quiet --disable-pip-version-check --no-compile \
    pynmea2==1.19.0
cd "$folder"
venv/bin/python - <<'END'
import sys
from functools import reduce
from importlib.metadata import version
from operator import xor

import pynmea2

print("pynmea2", version("pynmea2"))
position = "3345.0000,N,08423.4000,W"
bodies = {
    "RMC of NMEA 2.3": f"GPRMC,220000.00,A,{position},21.5,90.0,040324,,,A",
    "RMC of NMEA 4.1, nothing said of safety": f"GNRMC,220000.00,A,{position},21.5,90.0,040324,,,A,V",
    "RMC of NMEA 4.1, safe": f"GNRMC,220000.00,A,{position},21.5,90.0,040324,,,A,S",
    "GGA of the same second": f"GNGGA,220000.00,{position},1,09,0.9,300.0,M,-30.0,M,,",
    "RMC without a fix": "GNRMC,220001.00,V,,,,,,,040324,,,N,V",
}
seen = {}
for name, body in bodies.items():
    message = pynmea2.parse(f"${body}*{reduce(xor, body.encode()):02X}", check=True)
    seen[name] = (message.is_valid, round(message.latitude, 4), round(message.longitude, 4))
    print(f"{name}: is_valid {seen[name][0]}, latitude {seen[name][1]}, longitude {seen[name][2]}, lat {message.lat!r}")
if [valid for valid, *_ in seen.values()] != [True, False, True, True, False]:
    sys.exit("no longer seen: of the sentences with a fix, that of a receiver silent on safety is invalid")
if seen["RMC without a fix"][1:] != (0, 0) or seen["GGA of the same second"][1:] != (33.75, -84.39):
    sys.exit("no longer seen: no fix is 0, 0")
END

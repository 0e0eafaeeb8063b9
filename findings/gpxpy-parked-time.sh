#!/usr/bin/env bash
# gpxpy counts the time of a parked car neither as moving nor as stopped.
#
# Expected: moving_time + stopped_time of get_moving_data() is the track's duration; its docstring calls stopped_time the
#   "time (seconds) of segment in which no movement was occurring".
# Seen: of fixes at one and the same place the time is not counted at all. Receivers that hold the position of a car at
#   rest, and exports with rounded coordinates, write just such fixes: a shift of 20 minutes with 5 minutes of driving has 5
#   minutes stopped, those where the position wandered by a meter. raw=True does not change it.
# Instead: get_duration() - moving_time.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv --without-pip "$folder/venv"
python3 -m pip --python "$folder/venv/bin/python" install --quiet --disable-pip-version-check --no-compile \
    gpxpy==1.6.2
cd "$folder"
venv/bin/python - <<'END'
import sys
from datetime import UTC, datetime, timedelta
from importlib.metadata import version

import gpxpy

print("gpxpy", version("gpxpy"))
start = datetime(2024, 3, 4, 22, tzinfo=UTC)
parked = [33.75] * 11
driving = [33.75 + 0.009 * minute for minute in range(1, 6)]
wandering = [33.795 + 0.00001 * (minute % 2) for minute in range(1, 6)]
points = "".join(
    f'<trkpt lat="{latitude:.5f}" lon="-84.40000"><time>{start + timedelta(minutes=minute):%Y-%m-%dT%H:%M:%SZ}</time></trkpt>'
    for minute, latitude in enumerate(parked + driving + wandering)
)
gpx = gpxpy.parse(
    '<gpx version="1.1" creator="example" xmlns="http://www.topografix.com/GPX/1/1">'
    f"<trk><trkseg>{points}</trkseg></trk></gpx>"
)
print(f"parked for 10 minutes, driven for 5, parked for 5 with 1 m of noise: {gpx.get_duration()} s")
seen = {}
for raw in (False, True):
    data = gpx.get_moving_data(raw=raw)
    seen[raw] = (data.moving_time, data.stopped_time)
    print(f"raw={raw}: moving {data.moving_time} s, stopped {data.stopped_time} s")
if gpx.get_duration() != 1200 or set(seen.values()) != {(300, 300)}:
    sys.exit("no longer seen: 600 of 1200 seconds are in neither")
END

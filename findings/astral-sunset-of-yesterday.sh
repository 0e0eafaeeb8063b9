#!/usr/bin/env bash
# Astral's sunset in the western United States is that of the evening before, and comes before the sunrise.
#
# Expected: sun(observer, date=June 21) has dawn, sunrise, noon, sunset and dusk of one day in this order, in UTC unless
#   another zone is asked for: "Timezone to return times in. Default is UTC."
# Seen: the zone also chooses the events. Without it they are those whose date is June 21 in UTC, and Seattle's sunset, at
#   04:10 UTC, is that of June 20 there. Daylight lasts minus 8 hours; a stop at noon is after sunset, which spoils a
#   veil-of-darkness test. In Seattle all days of a year are so, in Atlanta those from April 5 to September 2, and April 4
#   has no sunset at all. Reported as https://github.com/sffjunkie/astral/issues/81 and others.
# Instead: always pass tzinfo, the zone of the place, and convert to UTC afterwards.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv --without-pip "$folder/venv"
python3 -m pip --python "$folder/venv/bin/python" install --quiet --disable-pip-version-check --no-compile \
    astral==3.2
cd "$folder"
venv/bin/python - <<'END'
import sys
from datetime import UTC, date, timedelta
from importlib.metadata import version
from zoneinfo import ZoneInfo

from astral import Observer
from astral.sun import sun, sunrise, sunset

print("astral", version("astral"))
seattle, zone = Observer(47.6, -122.3), ZoneInfo("America/Los_Angeles")
default = sun(seattle, date=date(2024, 6, 21))
local = sun(seattle, date=date(2024, 6, 21), tzinfo=zone)
for name, day in {"default": default, "local": local}.items():
    events = {event: f"{moment.astimezone(UTC):%d %H:%M}" for event, moment in day.items()}
    print(f"{name}: {events} in UTC, daylight {(day['sunset'] - day['sunrise']).total_seconds() / 3600:.1f} hours")


def reversed_days(observer):
    days, without = [], []
    for number in range(366):
        day = date(2024, 1, 1) + timedelta(days=number)
        try:
            if sunset(observer, day) < sunrise(observer, day):
                days.append(day)
        except ValueError:
            without.append(f"{day:%B %d}")
    return len(days), f"{days[0]:%B %d} to {days[-1]:%B %d}", without


found = {"Seattle": reversed_days(seattle), "Atlanta": reversed_days(Observer(33.7, -84.4))}
for city, (count, span, without) in found.items():
    print(f"{city}: sunset before sunrise on {count} days of 2024, {span}; no sunset on {without}")
if default["sunset"] >= default["sunrise"] or list(local.values()) != sorted(local.values()):
    sys.exit("no longer seen: only the default has the sunset before the sunrise")
if not timedelta(hours=23) < local["sunset"] - default["sunset"] < timedelta(hours=25):
    sys.exit("no longer seen: the sunsets are those of two evenings")
if [count for count, _, _ in found.values()] != [366, 151] or found["Atlanta"][2] != ["April 04"]:
    sys.exit("no longer seen: all days of Seattle and 151 of Atlanta are so")
END

#!/usr/bin/env bash
# An eight-hour night shift in a calendar file lasts seven or nine hours on the nights the clocks change.
#
# Expected: a shift from 22:00 with DURATION:PT8H ends eight hours later. Of a duration's parts, RFC 5545 lets the days and
#   weeks depend on the calendar (3.3.6), not the hours.
# Seen: icalendar adds the hours to the local clock, and so does recurring-ical-events: the shift that begins on March 9
#   ends at 06:00, after 7 hours, and that of November 2 after 9. `event.duration` is 8:00:00 for both, and so is
#   `end - start`, as Python subtracts times of one zone by their clocks: only in UTC does the difference show.
# Instead: end = (start.astimezone(UTC) + duration).astimezone(zone) where DURATION is in hours.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv --without-pip "$folder/venv"
python3 -m pip --python "$folder/venv/bin/python" install --quiet --disable-pip-version-check --no-compile \
    icalendar==7.3.2 recurring-ical-events==3.8.2
cd "$folder"
venv/bin/python - <<'END'
import sys
from datetime import UTC
from importlib.metadata import version

import icalendar
import recurring_ical_events

print("icalendar", version("icalendar"), "recurring-ical-events", version("recurring-ical-events"))
LINES = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//Example//Shifts//EN
BEGIN:VEVENT
UID:night@example.org
DTSTAMP:20240101T000000Z
DTSTART;TZID=America/New_York:20240101T220000
DURATION:PT8H
RRULE:FREQ=DAILY;COUNT=366
SUMMARY:Night
END:VEVENT
END:VCALENDAR
"""


def hours(event):
    return (event.end.astimezone(UTC) - event.start.astimezone(UTC)).total_seconds() / 3600


shifts = recurring_ical_events.of(icalendar.Calendar.from_ical(LINES.replace("\n", "\r\n")))
seen = {}
for day in ((2024, 3, 8), (2024, 3, 9), (2024, 11, 2)):
    event = next(event for event in shifts.at(day) if event.start.day == day[2])
    seen[day] = (hours(event), event.duration.total_seconds() / 3600, (event.end - event.start).total_seconds() / 3600)
    print(f"{event.start} to {event.end}: {seen[day][0]} hours; duration {event.duration}, end - start {event.end - event.start}")

# The same without recurrence, by icalendar alone.
one = LINES.replace("20240101T22", "20240309T22").replace("RRULE:FREQ=DAILY;COUNT=366\n", "").replace("\n", "\r\n")
alone = hours(icalendar.Calendar.from_ical(one).events[0])
print("a single shift of March 9:", alone, "hours")
if list(seen.values()) != [(8, 8, 8), (7, 8, 8), (9, 8, 8)] or alone != 7:
    sys.exit("no longer seen: the shifts last 8, 7 and 9 hours")
END

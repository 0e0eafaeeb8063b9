"""The files of the scenario `milwaukee`: what is fitted, and beside it, named, what the log does not tell."""

import dataclasses
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmarks.studies.departments.milwaukee.fit import Found
from libpatrol.area_arrays import WEEK_HOURS, AreaArrays
from libpatrol.city.fleet import spread
from libpatrol.files import write_area

TEXT, AREA = "milwaukee.toml", "milwaukee.safetensors"

UNITS = 60
DAY, EVENING = (7, 17), (15, 25)
"""Hours of the two shifts; every sixth unit works the one, every sixth the other, all others always."""
WORK_PER_HOUR = 0.4
"""Of a free unit, on the mean over the week."""


class Assumed(NamedTuple):
    """What is assumed of a kind of calls: priority and units as in the package's preset for this log."""

    priority: int
    weight: float
    service_mean_seconds: int
    service_variation: float
    units: int = 1


KINDS = {
    "violence": Assumed(1, 5.0, 2700, 0.8, 2),
    "injury and hazard": Assumed(2, 2.0, 1800, 0.8),
    "dispute": Assumed(3, 1.0, 1500, 0.7),
    "property": Assumed(4, 0.6, 1500, 0.7),
    "other": Assumed(5, 0.4, 1200, 0.7),
}

_HEAD = """\
format = "libpatrol scenario"
format_version = 1
description = "Calls as in a log of Milwaukee, by place, kind and hour; 60 units, times on scene and streets made up"

# Made by `bindings/python/run python -m benchmarks.studies.departments.milwaukee` and not to be edited: this file and
# {area}, which has streets and the share of each place and kind in the calls of each hour of the day.
#
# Source: the Milwaukee police dispatch log as eisenivan/mke-calls-for-service collected it (data.csv, 2018-05-21), with
# addresses left out and coordinates of four decimals: {calls:,} calls of {days} days from {first} to {last};
# days of which hours are lacking are left out. No row of the log is in these files, only rates that were fitted to it.
#
# From the log: hourly_volume, the shares of places and kinds, the districts (beats), the hours of other work.
# Made up, because the log does not tell it:
#   * priorities, weights and units required by kind, and response targets;
#   * times on scene, and how long other work and time out of service take;
#   * the number of units, their hours, and that they patrol their own district; how often they begin other work;
#   * streets: corners are medians of the places of calls in squares of some 700 m, driving between neighbors takes 1.3
#     times the straight line at 8 m/s, with lights and sirens 0.8 times as long;
#   * the loads: the log's own volume is {per_hour:.1f} calls an hour.
# The log's times are those at which its rows were read, somewhat after the calls came. How days vary beyond the hours
# of the week is not simulated: in the log {variation}.
# results.md beside the program that made it compares what is fitted with weeks that were left out.
#
# MIT License
#
# Copyright (c) 2018 Ivan Eisenberg
#
# Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated
# documentation files (the "Software"), to deal in the Software without restriction, including without limitation the
# rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit
# persons to whom the Software is furnished to do so, subject to the following conditions:
#
# The above copyright notice and this permission notice shall be included in all copies or substantial portions of the
# Software.
#
# THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE
# WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR
# COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR
# OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.

response_targets_seconds = [480, 900, 1800, 3600, 3600]
default_load = "medium"

[loads]                    # offered load per unit on duty, travel included; the volume of calls follows from it
light = 0.25
medium = 0.5
heavy = 0.65

[city]
file = "{area}"

[demand]
hourly_volume = [          # calls an hour in the log, from Monday 00:00
{volume}
]
"""

_FLEET = """
[fleet]
units = {units}
start_nodes = {nodes}
home_beats = {beats}    # the districts, by number of calls

[[shifts]]
units = {day}
start_hour = {day_hours[0]}
end_hour = {day_hours[1]}

[[shifts]]
units = {evening}
start_hour = {evening_hours[0]}
end_hour = {evening_hours[1]}

[queue]
capacity = 1000            # nobody is lost
"""

_CATEGORY = """
[[categories]]
name = "{name}"
priority = {kind.priority}
weight = {kind.weight}
service = "log_normal"
service_mean_seconds = {kind.service_mean_seconds}
service_variation = {kind.service_variation}
units_required = {kind.units}
"""

_WORK = """
[work]                         # stops, checks of businesses, follow-ups: by hour of the week as in the log
per_hour = [                   # starts per hour of a free unit
{work}
]
mean_seconds = 900
interruptible_priority = 2     # units leave it for calls of priorities 1 and 2

[out_of_service]
per_hour = 0.03
mean_seconds = 1800

[rules]
home_beat_patrol = true
"""


def area_of(found: Found) -> AreaArrays:
    """Return streets with the share of each place and kind in the calls of each hour of the day."""
    return dataclasses.replace(
        found.streets,
        category_service_seconds=[KINDS[name].service_mean_seconds for name in found.kinds],
        category_weights=[KINDS[name].weight for name in found.kinds],
        demand_nodes=found.nodes,
        demand_calls_per_hour=found.shares.round(7),
    )


def text_of(found: Found) -> str:
    """Return the text of the scenario file."""
    homes = spread(UNITS, found.by_beat)
    head = _HEAD.format(
        area=AREA,
        calls=found.calls,
        days=len(found.days),
        first=found.days[0],
        last=found.days[-1],
        per_hour=found.volume.mean(),
        variation=found.variation.sentences()[0],
        volume=_by_day(found.volume, 2),
    )
    fleet = _FLEET.format(
        units=UNITS,
        nodes=found.stations[homes].tolist(),
        beats=homes.tolist(),
        day=list(range(4, UNITS, 6)),
        day_hours=DAY,
        evening=list(range(5, UNITS, 6)),
        evening_hours=EVENING,
    )
    kinds = [_CATEGORY.format(name=name, kind=KINDS[name]) for name in found.kinds]
    work = WORK_PER_HOUR * found.work / found.work.mean()
    return "".join([head, fleet, *kinds, _WORK.format(work=_by_day(work, 3))])


def write(found: Found, folder: Path) -> None:
    """Write both files."""
    write_area(folder / AREA, **area_of(found))
    (folder / TEXT).write_text(text_of(found), encoding="utf-8")


def _by_day(hours: NDArray[np.float64], digits: int) -> str:
    """Return the numbers of the hours of a week, a line for each day."""

    def line(day: Iterable[float]) -> str:
        return f"    {', '.join(f'{value:.{digits}f}' for value in day)},"

    return "\n".join(map(line, hours.reshape(WEEK_HOURS // 24, 24)))

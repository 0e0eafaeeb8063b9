"""What the dispatch log of Milwaukee tells: where and when calls of which kinds come, and units have other work."""

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmarks import DATA
from libpatrol.area_arrays import WEEK_HOURS, AreaArrays
from libpatrol.city import fitting, import_city
from libpatrol.city.demand import weekly_rate
from libpatrol.city.folder import CityFolder
from libpatrol.city.history import DAY, HOUR, History
from libpatrol.city.surges import Variation

LOG = DATA / "milwaukee_calls" / "calls.csv.gz"
"""Without this file the scenario cannot be made again, or judged; it can be simulated."""


class City(NamedTuple):
    """The log on streets, read by the package's own import."""

    folder: CityFolder
    history: History


class Found(NamedTuple):
    """What is fitted.

    Attributes
    ----------
    streets : AreaArrays
        Made from the places of calls: corners to a thousandth of a degree, drives to a second.
    calls : int
        To which it is fitted.
    kinds : list of str
        Of calls.
    volume : float64 [168]
        Calls an hour by hour of the week.
    shares : float64 [places, kinds, 24]
        Of the calls of an hour, by hour of the day.
    nodes : int64 [places]
        Where calls come.
    by_beat : float64 [beats]
        Calls an hour.
    stations : int64 [beats]
        The node in the middle of each beat.
    work : float64 [168]
        Other work begun an hour, by hour of the week.
    variation : Variation
        Of days and hours, beyond chance.
    days : list of str
        That are fitted.
    """

    streets: AreaArrays
    calls: int
    kinds: list[str]
    volume: NDArray[np.float64]
    shares: NDArray[np.float64]
    nodes: NDArray[np.int64]
    by_beat: NDArray[np.float64]
    stations: NDArray[np.int64]
    work: NDArray[np.float64]
    variation: Variation
    days: list[str]


def read(log: Path, place: Path) -> City:
    """Import the log into a new folder."""
    folder = import_city(place, calls=log)
    return City(folder, History.of(folder))


def days_of(history: History) -> list[int]:
    """Return the days since the Monday that the log covers whole."""
    return [day for day in range(int(history.start // DAY), int(history.end // DAY)) if day not in history.gaps]


def without(history: History, days: Sequence[int]) -> History:
    """Return the history as if the log lacked some days."""
    activity = history.activity.without(days)
    return dataclasses.replace(history, activity=activity, gaps=sorted({*history.gaps, *days}))


def found(city: City) -> Found:
    """Return what the log tells."""
    folder, history = city
    fitted = fitting.fit(folder, history)
    volume = fitted.demand.rates.sum((0, 1))
    by_place = fitted.demand.rates.sum(1).mean(1)
    begun = folder.other_work()["start"].dt.tz_convert(folder.facts.time_zone).dt.tz_localize(None)
    hours = ((begun - history.monday).dt.total_seconds() // HOUR).astype(np.int64)
    hours = hours[~(hours // 24).isin(history.gaps)]
    work = np.bincount(hours % WEEK_HOURS, minlength=WEEK_HOURS)
    streets = folder.streets
    return Found(
        streets=dataclasses.replace(
            streets,
            coordinates=streets.coordinates.round(3),
            edge_patrol_seconds=streets.edge_patrol_seconds.round(),
            edge_emergency_seconds=streets.edge_emergency_seconds.round(),
        ),
        calls=len(history.activity.calls),
        kinds=[kind.name for kind in fitted.kinds],
        volume=volume,
        shares=fitted.demand.rates[:, :, :24] / volume[:24],
        nodes=fitted.places.nodes,
        by_beat=np.bincount(fitted.places.beats, by_place, len(folder.beats())),
        stations=fitting.stations(folder.beats(), folder.nodes()[["x", "y"]].to_numpy(np.float64)),
        work=weekly_rate(work, history.exposure(), fitted.demand.smoothing),
        variation=fitted.variation,
        days=[f"{history.monday + pd.Timedelta(days=day):%Y-%m-%d}" for day in days_of(history)],
    )

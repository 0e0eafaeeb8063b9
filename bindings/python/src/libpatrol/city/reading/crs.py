"""Coordinate systems: a metric one for the city, and what to say when places are in another than stated."""

from collections.abc import Callable

import numpy as np
import pyproj
from numpy.typing import ArrayLike, NDArray
from pyproj.aoi import AreaOfInterest
from pyproj.database import query_crs_info
from pyproj.enums import PJType

DEGREES = "EPSG:4326"
_NEAR_METRES = 30_000.0
_MOST_SUGGESTED = 3
_MOST_LONGITUDE = 360.0  # some count eastward all the way around


def named_crs(name: str, where: str) -> pyproj.CRS:
    """Return a coordinate system by name, such as EPSG:2926."""
    try:
        return pyproj.CRS.from_user_input(name)
    except pyproj.exceptions.CRSError as reason:
        raise ValueError(
            f"{where} is {name!r}, expected a coordinate system such as EPSG:4326 or EPSG:2926"
        ) from reason


def metric_crs(degrees: NDArray[np.float64]) -> str:
    """Return the zone of UTC's grid, UTM, in which the middle of the places lies."""
    longitude, latitude = np.median(degrees, axis=0)
    zone = int((longitude + 180) // 6) % 60 + 1
    return f"EPSG:{326 if latitude >= 0 else 327}{zone:02d}"


def converted(places: ArrayLike, source: str | pyproj.CRS, target: str | pyproj.CRS) -> NDArray[np.float64]:
    """Return places, float64 [places, 2] of x, y, in another system; NaN where it does not reach them.

    Metres are rounded to centimetres, so that the last bits of the machine's sines do not matter.
    """
    xy = np.asarray(places, np.float64).reshape(-1, 2)
    transformer = pyproj.Transformer.from_crs(source, target, always_xy=True)
    made = np.stack(transformer.transform(xy[:, 0], xy[:, 1]), 1)
    made[~np.isfinite(made).all(1)] = np.nan
    return made if pyproj.CRS.from_user_input(target).is_geographic else made.round(2)


def require_degrees(places: ArrayLike, of: Callable[[int], str], table: str) -> None:
    """Raise a ValueError where a file's places are not in degrees, though its coordinate system says so.

    Parameters
    ----------
    places : array_like [places, 2]
        Longitude and latitude; those that are not finite are none.
    of : callable
        Returns what has the place of a number, for the sentence.
    table : str
        Of the mapping, where another coordinate system can be stated.
    """
    xy = np.asarray(places, np.float64)
    beyond = np.flatnonzero((np.abs(xy) > [_MOST_LONGITUDE, 90]).any(1))
    if len(beyond):
        x, y = xy[beyond[0]]
        swapped = (
            "x and y are swapped"
            if abs(x) <= 90 and abs(y) <= _MOST_LONGITUDE
            else f"say crs in [{table}] of the mapping"
        )
        raise ValueError(
            f"{of(int(beyond[0]))} lies at {x:.8g}, {y:.8g}, which is not in degrees as the file says: {swapped}"
        )


def can_be_degrees(places: NDArray[np.float64]) -> bool:
    """Return whether most of the known places can be longitudes and latitudes."""
    known = places[np.isfinite(places).all(1)]
    return len(known) > 0 and (np.abs(known) <= [180, 90]).all(1).mean() > 0.5


def suggestion(place: ArrayLike, middle: ArrayLike) -> str:
    """Return what could make a place lie near the middle of a city, in words; "" if nothing is known to.

    Parameters
    ----------
    place : array_like [2]
        As a file has it.
    middle : array_like [2]
        Longitude and latitude.
    """
    x, y = map(float, np.asarray(place, np.float64))
    if abs(x) <= 90 and abs(y) <= 180 and _distance((y, x), DEGREES, middle) < _NEAR_METRES:
        return "x and y are swapped"
    longitude, latitude = map(float, np.asarray(middle, np.float64))
    around = AreaOfInterest(longitude, latitude, longitude, latitude)
    systems = query_crs_info("EPSG", [PJType.PROJECTED_CRS], area_of_interest=around, contains=True)
    near = {}
    for system in systems:
        if not system.deprecated:
            away = _distance((x, y), f"EPSG:{system.code}", middle)
            if away < _NEAR_METRES:
                near[f"EPSG:{system.code} ({system.name})"] = away
    names = sorted(near, key=lambda name: (round(near[name] / 1000), name))[:_MOST_SUGGESTED]
    return f"as {' or '.join(names)} they would lie in the city" if names else ""


def _distance(place: tuple[float, float], system: str, middle: ArrayLike) -> float:
    try:
        degrees = converted([place], system, DEGREES)[0]
    except pyproj.exceptions.ProjError:  # EPSG:32600, all zones of UTM at once, is listed but cannot be used
        return np.inf
    if not np.isfinite(degrees).all():
        return np.inf
    return float(pyproj.Geod(ellps="WGS84").inv(*degrees, *np.asarray(middle, np.float64))[2])

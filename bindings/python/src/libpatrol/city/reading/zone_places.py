"""Where time zones are, and whether a city lies near its own: coordinates may be swapped, or lack a sign."""

from importlib.resources import files

import numpy as np
import pyproj
from numpy.typing import ArrayLike

_FAR_METRES = 2_000_000.0  # few cities are farther from the one that names their time zone
_NEARER = 0.5  # times as far is what another reading must be, to be the likelier one


def place_of_zone(name: str) -> tuple[float, float] | None:
    """Return longitude and latitude of the city that names a time zone; None for zones such as UTC.

    Examples
    --------
    >>> from libpatrol.city.reading.zone_places import place_of_zone
    >>> [round(degrees, 1) for degrees in place_of_zone("US/Central")]
    [-87.7, 41.9]
    """
    folder = files("tzdata") / "zoneinfo"
    links = (line.split() for line in (folder / "tzdata.zi").read_text(encoding="utf-8").splitlines())
    names = {name} | {words[1] for words in links if words[:1] == ["L"] and words[2:3] == [name]}
    for line in (folder / "zone.tab").read_text(encoding="utf-8").splitlines():
        cells = line.split("\t")
        if not line.startswith("#") and cells[2] in names:
            second = max(cells[1].rfind("+"), cells[1].rfind("-"))
            return _degrees(cells[1][second:], 3), _degrees(cells[1][:second], 2)
    return None


def refuse_far_from_zone(middle: ArrayLike, zone: str, where: str) -> None:
    """Raise a ValueError if places read another way lie much nearer to the city that names their time zone.

    Parameters
    ----------
    middle : array_like [2]
        Longitude and latitude of the city.
    zone : str
        Its time zone.
    where : str
        The files, for the sentence.
    """
    home = place_of_zone(zone)
    longitude, latitude = map(float, np.asarray(middle, np.float64))
    if home is None or (away := _metres(longitude, latitude, home)) < _FAR_METRES:
        return
    readings = {
        "x and y are swapped": (latitude, longitude),
        "longitudes lack their minus sign, or have one too many": (-longitude, latitude),
        "latitudes lack their minus sign, or have one too many": (longitude, -latitude),
    }
    found = {say: _metres(x, y, home) for say, (x, y) in readings.items() if abs(y) <= 90}
    likeliest = min(found, key=lambda say: found[say])
    if found[likeliest] < _NEARER * away:
        raise ValueError(
            f"{where}: the city would lie at latitude {latitude:.2f}, longitude {longitude:.2f}, {away / 1000:,.0f} km "
            f"from the city that names its time zone, {zone}: {likeliest}, or the time zone is wrong"
        )


def _metres(longitude: float, latitude: float, home: tuple[float, float]) -> float:
    return float(pyproj.Geod(ellps="WGS84").inv(longitude, latitude, *home)[2])


def _degrees(text: str, whole: int) -> float:
    """Return what +DDMM, +DDDMM, +DDMMSS or +DDDMMSS says in degrees."""
    sign, digits = -1 if text[0] == "-" else 1, text[1:]
    return sign * (int(digits[:whole]) + int(digits[whole : whole + 2]) / 60 + int(digits[whole + 2 :] or 0) / 3600)

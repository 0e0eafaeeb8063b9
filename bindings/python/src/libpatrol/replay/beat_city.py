"""A city whose nodes are beats: as coarse as reports without roads."""

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from libpatrol.area_arrays import AreaArrays
from libpatrol.enums import CoordinateSystem
from libpatrol.replay.log_values import EARTH_METRES, WIDEST_CITY_METRES, metres_between
from libpatrol.synthetic.cities import neighbor_graphs

_DETOUR = 1.3  # road distance / straight line


class BeatCity(NamedTuple):
    """A beat graph.

    Attributes
    ----------
    arrays : AreaArrays
        Without demand; node k is beat k.
    beats : list of str
        Name of each node, ascending.
    """

    arrays: AreaArrays
    beats: list[str]


def beat_city(
    table: pd.DataFrame,
    *,
    patrol_speed: float = 8.0,
    emergency_speed: float = 12.0,
    category_service_seconds: ArrayLike,
    category_weights: ArrayLike,
) -> BeatCity:
    """Return a city with a node at the median coordinates of each beat's reports, robust to wrong ones.

    Two beats are neighbors in the Gabriel graph of these places; driving takes 1.3 times the straight line.

    Parameters
    ----------
    table : DataFrame
        As in `Reports`.
    patrol_speed, emergency_speed : float
        Metres per second on the road.
    category_service_seconds, category_weights : array_like
        Of the calls.
    """
    if not (patrol_speed > 0 and emergency_speed > 0):
        raise ValueError("speeds must be above 0")
    centers = table.groupby("beat")[["longitude", "latitude"]].median()
    degrees = centers.to_numpy(np.float64)
    away = metres_between(degrees, np.median(degrees, axis=0))
    if away.max() > WIDEST_CITY_METRES:
        raise ValueError(
            f"the beat {centers.index[away.argmax()]} lies {away.max() / 1000:.0f} km from the median of the others, "
            f"expected {WIDEST_CITY_METRES / 1000:.0f} km at most"
        )
    metres = _projected(degrees)
    _, neighbors = neighbor_graphs(metres)
    streets = np.argwhere(np.triu(neighbors, 1)).reshape(-1, 2)
    length = np.linalg.norm(metres[streets[:, 0]] - metres[streets[:, 1]], axis=1) * _DETOUR
    return BeatCity(
        AreaArrays(
            coordinates=degrees,
            coordinate_system=CoordinateSystem.GEOGRAPHIC,
            edges=np.concatenate([streets, streets[:, ::-1]]),
            edge_patrol_seconds=np.tile(length / patrol_speed, 2),
            edge_emergency_seconds=np.tile(length / emergency_speed, 2),
            node_beats=np.arange(len(degrees)),
            category_service_seconds=category_service_seconds,
            category_weights=category_weights,
        ),
        list(centers.index),
    )


def _projected(degrees: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return metres on the plane that touches the earth in the middle: accurate to 0.1 % over a city."""
    radians = np.radians(degrees - degrees.mean(0))
    return np.asarray(EARTH_METRES * radians * np.array([np.cos(np.radians(degrees[:, 1].mean())), 1.0]))

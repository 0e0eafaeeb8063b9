"""Where units start: the station of each beat."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from libpatrol.city.reading.crs import DEGREES, can_be_degrees, converted, named_crs
from libpatrol.city.reading.layers import read_layer
from libpatrol.city.reading.mapping_tables import StationColumns, UnstatedError, unstated_crs
from libpatrol.city.toml_text import toml_value
from libpatrol.replay.log_table import read_log
from libpatrol.replay.log_values import read_numbers

_TABLES = (".csv", ".gz", ".xlsx", ".txt", ".tsv")
_X, _Y = ("x", "longitude", "lon", "long"), ("y", "latitude", "lat")
_FARTHEST = 5000.0  # metres from a street


def station_nodes(
    source: Any, columns: StationColumns, nodes: NDArray[np.float64], crs: str, beats: NDArray[np.float64]
) -> NDArray[np.int32] | None:
    """Return the node of the station nearest to each beat; None without stations.

    Parameters
    ----------
    source : path-like or None
        A file of points, or a table with columns x and y.
    columns : StationColumns
        Of a table.
    nodes, beats : float64 [nodes, 2], [beats, 2]
        Places in ``crs``.
    crs : str
        Of the city.

    Raises
    ------
    ValueError
        If a station has no place, or lies far from all streets; the sentence names file and row.
    """
    if source is None:
        return None
    path = Path(source)
    places = station_places(path, columns, crs)
    metres, node = cKDTree(nodes).query(places)
    far = np.flatnonzero(metres > _FARTHEST)
    if len(far):
        raise ValueError(
            f"{path.name}, row {far[0] + 1 + _heading(path)}: the station lies "
            f"{metres[far[0]] / 1000:,.0f} km from all streets: is the coordinate system right?"
        )
    return np.asarray(node[cKDTree(places).query(beats)[1]], np.int32)


def station_places(path: Path, columns: StationColumns, crs: str) -> NDArray[np.float64]:
    """Return where stations are, float64 [stations, 2] in a coordinate system; errors as those of `station_nodes`."""
    places = _of_table(path, columns, crs) if path.suffix.lower() in _TABLES else _of_layer(path, columns, crs)
    missing = np.flatnonzero(~np.isfinite(places).all(1))
    if len(missing):
        raise ValueError(f"{path.name}, row {missing[0] + 1 + _heading(path)}: the station has no place")
    return places


def _heading(path: Path) -> int:
    """Return how many rows stand above the first: tables have a heading, layers have none."""
    return int(path.suffix.lower() in _TABLES)


def _of_table(path: Path, columns: StationColumns, crs: str) -> NDArray[np.float64]:
    log = read_log(path)
    spelled = {str(name).lower(): str(name) for name in log.table}
    found = [
        named or next((spelled[name] for name in usual if name in spelled), None)
        for named, usual in ((columns.x, _X), (columns.y, _Y))
    ]
    names = [name for name in found if name is not None]
    if len(names) < 2:
        others = ", ".join(spelled.values())
        raise UnstatedError(
            f"{path.name} has no columns x and y, it has {others}: say x and y in [stations] of the mapping",
            *(
                f"{axis} = {toml_value(named or '')}  # check: one of {others}"
                for axis, named in zip("xy", found, strict=True)
            ),
        )
    table = log.columns(names)
    places = np.stack([read_numbers(table[name]) for name in names], 1)
    if columns.crs is None and not can_be_degrees(places):
        raise unstated_crs(f"{path.name} is not in degrees: say crs in [stations] of the mapping")
    return converted(places, named_crs(columns.crs or DEGREES, "stations.crs"), crs)


def _of_layer(path: Path, columns: StationColumns, crs: str) -> NDArray[np.float64]:
    frame = read_layer(path, ("Point", "MultiPoint"), None, columns.crs, "stations").to_crs(crs)
    points = frame.geometry.centroid
    return np.stack([points.x, points.y], 1)

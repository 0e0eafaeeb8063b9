"""Roads from lines: streets meet where they share a point of their outlines."""

from typing import TYPE_CHECKING

import numpy as np
import shapely
from numpy.typing import NDArray

from libpatrol.city.reading.crs import DEGREES, converted, metric_crs
from libpatrol.city.reading.mapping_tables import RoadColumns
from libpatrol.city.reading.road_network import RoadNetwork
from libpatrol.city.reading.road_speeds import driving_seconds, entries_of

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

_SNAP_METRES = 0.5  # points nearer than this, about, are one
_ONEWAY = ("oneway", "one_way", "onewaydir")
_NAMES = ("name", "street", "streetname", "full_name", "fullname", "st_name", "stname")
_FORWARD = ("yes", "true", "1", "1.0", "y", "f", "ft", "forward")
_BACKWARD = ("-1", "-1.0", "reverse", "backward", "t", "tf")
_BOTH = ("", "no", "false", "0", "0.0", "n", "b", "both", "none", "nan")


def from_lines(frame: "gpd.GeoDataFrame", where: str, columns: RoadColumns) -> RoadNetwork:
    """Return the roads of lines, each driven both ways unless it is one-way.

    Parameters
    ----------
    frame : GeoDataFrame
        LineStrings and MultiLineStrings, with a coordinate system.
    where : str
        The file, for errors.
    columns : RoadColumns
        Names of columns that are not the usual ones.
    """
    given = ~(frame.geometry.isna() | frame.geometry.is_empty)
    notes = [] if given.all() else [f"{int((~given).sum()):,} rows of {where} have no line and are left out"]
    frame = frame[given].explode(index_parts=False).reset_index(drop=True)
    if not len(frame):
        raise ValueError(f"{where} has no lines")
    others = frame.geometry.geom_type != "LineString"
    if others.any():
        kind, first = frame.geometry.geom_type[others].iloc[0], int(np.flatnonzero(others)[0]) + 1
        raise ValueError(f"{where}, row {first}: a {kind}, expected a LineString")
    degrees = frame.to_crs(DEGREES)
    middles = np.array(degrees.geometry.representative_point().get_coordinates())
    metric = metric_crs(middles)
    lines = frame.to_crs(metric).geometry.to_numpy()
    line, edges, metres, places = _split(lines)
    length = shapely.length(lines)
    seconds, sources = driving_seconds(frame.drop(columns=frame.geometry.name), length, columns, where)
    part = seconds[line] * metres / np.maximum(length[line], 1e-9)
    forward, backward = _directions(frame, columns, where)
    names = _street_names(frame, columns)
    there, back = np.flatnonzero(forward[line]), np.flatnonzero(backward[line])
    both = np.concatenate([there, back])
    return RoadNetwork(
        where=where,
        degrees=converted(places, metric, DEGREES),
        edges=np.concatenate([edges[there], edges[back][:, ::-1]]),
        patrol_seconds=part[both],
        streets=names[line[both]],
        notes=[*notes, *sources],
    )


def _split(
    lines: NDArray[np.object_],
) -> tuple[NDArray[np.intp], NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
    """Return roads between the points that lines share or end at: line, ends, metres; and the places of the ends."""
    points, line = shapely.get_coordinates(lines, return_index=True)
    _, point = np.unique(np.floor(points / _SNAP_METRES + 0.5), axis=0, return_inverse=True)
    point = point.ravel()
    again = np.r_[False, (point[1:] == point[:-1]) & (line[1:] == line[:-1])]
    points, line, point = points[~again], line[~again], point[~again]
    first = np.r_[True, line[1:] != line[:-1]]
    last = np.r_[first[1:], True]
    is_end = np.zeros(point.max() + 1, bool)
    is_end[point[first | last]] = True
    is_end |= np.bincount(point) > 1
    step = np.r_[0.0, np.linalg.norm(points[1:] - points[:-1], axis=1)]
    step[first] = 0.0
    along = np.cumsum(step)
    at = np.flatnonzero(is_end[point])
    inside = line[at[1:]] == line[at[:-1]]
    start, end = at[:-1][inside], at[1:][inside]
    used, number = np.unique(np.concatenate([point[start], point[end]]), return_inverse=True)
    where = np.zeros(point.max() + 1, np.intp)
    where[point[::-1]] = np.arange(len(point))[::-1]  # the first point of each place
    ends = number.reshape(2, -1).T.astype(np.int64)
    return line[start], ends, along[end] - along[start], points[where[used]]


def _directions(frame: "pd.DataFrame", columns: RoadColumns, where: str) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return which lines are driven as they are drawn, and which against that."""
    name = _column(frame, columns.oneway, _ONEWAY)
    if name is None:
        return np.ones(len(frame), bool), np.ones(len(frame), bool)
    texts = frame[name].map(lambda cell: (entries_of(cell) or [""])[0].lower())
    unknown = ~texts.isin((*_FORWARD, *_BACKWARD, *_BOTH))
    if unknown.any():
        row = int(np.flatnonzero(unknown)[0])
        raise ValueError(
            f"{where}, row {row + 1}: {name} is {frame[name].iloc[row]!r}, expected yes, no or -1, or F, T or B"
        )
    return ~texts.isin(_BACKWARD).to_numpy(), ~texts.isin(_FORWARD).to_numpy()


def _street_names(frame: "pd.DataFrame", columns: RoadColumns) -> NDArray[np.object_]:
    name = _column(frame, columns.name, _NAMES)
    if name is None:
        return np.full(len(frame), "", object)
    return np.array([" / ".join(sorted(entries_of(cell))) for cell in frame[name]], object)


def _column(frame: "pd.DataFrame", named: str | None, usual: tuple[str, ...]) -> str | None:
    if named is not None:
        if named not in frame:
            raise ValueError(f"the roads have no column {named}, which the mapping names; they have {', '.join(frame)}")
        return named
    spelled = {str(name).lower(): str(name) for name in frame}
    return next((spelled[name] for name in usual if name in spelled), None)

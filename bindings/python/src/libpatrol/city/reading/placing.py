"""Where calls are: on which node of the streets, and in which beat."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from libpatrol.city.reading.beats import Beats
from libpatrol.city.reading.crs import DEGREES, can_be_degrees, converted, named_crs, suggestion
from libpatrol.city.reading.mapping import CityMapping
from libpatrol.replay.log_table import LogAccount
from libpatrol.replay.log_values import WIDEST_CITY_METRES, are_placeholders, read_names

_MOST_OUTSIDE = 0.5
_NAMES_SHOWN = 5


def stated_crs(
    calls: pd.DataFrame, mapping: CityMapping, account: LogAccount, middle: NDArray[np.float64] | None
) -> str | None:
    """Return the coordinate system of the log's places; None if it has none.

    Raises
    ------
    ValueError
        If the mapping does not say, and they are not degrees.
    """
    places = calls[["place_x", "place_y"]].to_numpy(np.float64)
    known = np.isfinite(places).all(1) & ~are_placeholders(places)
    if not known.any():
        return None
    stated = mapping.calls.crs
    if stated is not None and not named_crs(stated, f"{mapping.where}: calls.crs").is_geographic:
        return stated
    if can_be_degrees(places[known]):
        return stated or DEGREES
    row = int(np.flatnonzero(known)[calls["row"].to_numpy()[known].argmin()])
    hint = "" if middle is None else suggestion(np.median(places[known], axis=0), middle)
    raise ValueError(
        f"{account.where}, {account.row(calls['row'].iloc[row])}: the place {places[row, 0]:.8g}, "
        f"{places[row, 1]:.8g} is not in degrees{'' if stated is None else f' as {stated} has them'}: "
        f"say calls.crs in {mapping.where}" + (f"; {hint}" if hint else _swapped(places[row]) or ", such as EPSG:2926")
    )


def _swapped(place: NDArray[np.float64]) -> str:
    return "; or are x and y swapped?" if abs(place[0]) <= 90 < abs(place[1]) <= 180 else ""


def metres_of(calls: pd.DataFrame, source: str | None, target: str) -> NDArray[np.float64]:
    """Return the places of calls in the city's metres, NaN where a call has none."""
    places = calls[["place_x", "place_y"]].to_numpy(np.float64, copy=True)
    places[are_placeholders(places)] = np.nan
    if source is None:
        return np.full((len(calls), 2), np.nan)
    if source == DEGREES:
        places[(np.abs(places) > [180, 90]).any(1)] = np.nan
    known: NDArray[np.bool_] = np.isfinite(places).all(1)
    made = np.full((len(calls), 2), np.nan)
    made[known] = converted(places[known], source, target)
    return made


def in_the_city(places: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return which places lie within 100 km of the median of all."""
    known = np.asarray(np.isfinite(places).all(1))
    if not known.any():
        return known
    with np.errstate(invalid="ignore"):
        return np.asarray(np.linalg.norm(places - np.median(places[known], axis=0), axis=1) <= WIDEST_CITY_METRES)


class Placed:
    """Calls on streets.

    Attributes
    ----------
    node : int32 [calls]
        -1 for calls that have no place.
    beat : list of str
        "" where there is none.
    stays : bool [calls]
        Which calls have a place on the streets.
    """

    def __init__(
        self,
        calls: pd.DataFrame,
        places: NDArray[np.float64],
        nodes: NDArray[np.float64],
        beats: Beats,
        account: LogAccount,
        most: float,
    ) -> None:
        count = len(calls)
        known = np.asarray(np.isfinite(places).all(1))
        self.node = np.full(count, -1, np.int32)
        metres = np.full(count, np.inf)
        if known.any():
            metres[known], self.node[known] = cKDTree(nodes).query(places[known])
        outside = known & (metres > most)
        self.node[outside] = -1
        self.outside, self.metres = outside, metres
        given = calls["node"].to_numpy(np.float64)
        valid = (given >= 0) & (given < len(nodes)) & (given % 1 == 0)
        self.node[valid & ~known] = given[valid & ~known].astype(np.int32)
        own = pd.Index(beats.names).get_indexer(read_names(calls["beat"], beats.names))
        spread = (self.node < 0) & (own >= 0) & ~outside
        self.node[spread] = _spread(own[spread], beats.node_beats)
        self.stays = self.node >= 0
        there = np.where(self.stays, beats.node_beats[np.maximum(self.node, 0)], -1)
        number = np.where(own >= 0, own, there)
        self.beat = np.array([*beats.names, ""], object)[number]
        if any(shape is not None for shape in beats.polygons):
            _tell_unknown(calls["beat"], own, account)
        rows = calls["row"].to_numpy()
        self._account(account, rows, outside, spread, most)
        differs = (own >= 0) & (there >= 0) & (own != there) & ~spread
        if differs.any():
            account.remarks.append(
                f"{int(differs.sum()):,} calls are in another beat by their place than by the log, which is believed"
            )

    def _account(
        self,
        account: LogAccount,
        rows: NDArray[np.intp],
        outside: NDArray[np.bool_],
        spread: NDArray[np.bool_],
        most: float,
    ) -> None:
        account.leave_out(account.mask(rows[outside]), f"more than {most:,g} m from all streets")
        account.leave_out(account.mask(rows[~self.stays & ~outside]), "neither a place nor a beat that is known")
        account.remark(account.mask(rows[spread]), "no place but a beat, spread over its nodes")


def _tell_unknown(named: pd.Series, own: NDArray[np.intp], account: LogAccount) -> None:
    """Remark on the log's beats that are not among those of the polygons."""
    unknown = named[named.notna().to_numpy() & (own < 0)]
    if len(unknown):
        most = unknown.value_counts()
        shown = ", ".join(f"{name} ({count:,})" for name, count in most.iloc[:_NAMES_SHOWN].items())
        more = f" and {len(most) - _NAMES_SHOWN:,} more" if len(most) > _NAMES_SHOWN else ""
        account.remarks.append(
            f"{len(unknown):,} calls are in beats that are not among the polygons, and count where their place is: "
            f"{shown}{more}"
        )


def _spread(beats: NDArray[np.intp], node_beats: NDArray[np.int32]) -> NDArray[np.int32]:
    """Return a node for each call of which only the beat is known: the beat's nodes in turn."""
    nodes = np.zeros(len(beats), np.int32)
    for beat in np.unique(beats):
        here, its = np.flatnonzero(beats == beat), np.flatnonzero(node_beats == beat)
        nodes[here] = its[
            np.arange(len(here)) * 7919 % len(its)
        ]  # a prime, so that neighbors do not follow one another
    return nodes


def refuse_elsewhere(
    calls: pd.DataFrame, placed: Placed, source: str, middle: NDArray[np.float64], account: LogAccount, roads: str
) -> None:
    """Refuse a log most of whose places are not on the streets: its coordinate system is not the one stated."""
    known = np.isfinite(placed.metres)
    if not known.any() or placed.outside.sum() <= _MOST_OUTSIDE * known.sum():
        return
    row = int(np.flatnonzero(placed.outside)[calls["row"].to_numpy()[placed.outside].argmin()])
    place = calls[["place_x", "place_y"]].iloc[row].to_numpy(np.float64)
    away = float(np.median(placed.metres[known])) / 1000
    hint = suggestion(calls.loc[known, ["place_x", "place_y"]].median().to_numpy(np.float64), middle)
    raise ValueError(
        f"{account.where}, {account.row(calls['row'].iloc[row])}: the place {place[0]:g}, {place[1]:g} is not on the "
        f"streets of {roads}; read as {source}, half of the calls are more than {away:,.0f} km away"
        + (f": {hint}" if hint else ": are log and roads of the same city?")
    )

"""A city put together: calls on streets, in beats, as tables of a city folder."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import shapely
from numpy.typing import NDArray

from libpatrol.area_arrays import AreaArrays
from libpatrol.city.facts import FROM_CALLS, FROM_FILE, CityFacts, Settings
from libpatrol.city.folder import CityContent
from libpatrol.city.reading.beats import Beats, BeatShapes, beats_alone, beats_of_calls
from libpatrol.city.reading.call_log import CallLog
from libpatrol.city.reading.crs import DEGREES, converted, metric_crs
from libpatrol.city.reading.made_streets import streets_of_beats, streets_of_calls
from libpatrol.city.reading.mapping import CityMapping
from libpatrol.city.reading.placing import Placed, in_the_city, metres_of, refuse_elsewhere, stated_crs
from libpatrol.city.reading.road_network import RoadNetwork
from libpatrol.city.reading.stations import station_nodes
from libpatrol.city.reading.zone_places import refuse_far_from_zone
from libpatrol.enums import CoordinateSystem
from libpatrol.replay.log_table import LogAccount

_DEFAULT_ON_SCENE = 1500.0
_DEFAULT_TRAVEL = 300.0


class PlacedCity:
    """Calls on streets, in beats.

    Parameters
    ----------
    log : CallLog
        What the log says.
    mapping : CityMapping
        The meaning of the files.
    network : RoadNetwork or None
        Roads; None: streets are made from the places of calls.
    shapes : BeatShapes or None
        Polygons; None: beats are those of the calls.
    zone : str
        Time zone of the city, near which it has to lie.

    Raises
    ------
    ValueError
        If places do not fit streets or beats.
    """

    def __init__(
        self, log: CallLog, mapping: CityMapping, network: RoadNetwork | None, shapes: BeatShapes | None, zone: str
    ) -> None:
        self.log, self.mapping, self.account = log, mapping, log.account
        middle = None
        if network is not None:
            middle = np.median(network.degrees, axis=0)
        elif shapes is not None:
            middle = np.median(shapes.middle, axis=0)
        source = stated_crs(log.calls, mapping, self.account, middle)
        alone = None
        if middle is None and source is None:
            alone = beats_alone(log.calls["beat"], self.account.where)
            network = streets_of_beats(len(alone.names), _usual_travel(log.calls))
            middle = np.median(network.degrees, axis=0)
        elif middle is None:
            middle = _middle_of_calls(log.calls, str(source))
        if alone is None:
            refuse_far_from_zone(middle, zone, self.account.where if network is None else network.where)
        self.crs = metric_crs(np.atleast_2d(middle))
        self.middle = None if alone is not None else np.asarray(middle, np.float64)
        places = metres_of(log.calls, source, self.crs)
        self.streets = FROM_CALLS if network is None or alone is not None else FROM_FILE
        if network is None:
            network = streets_of_calls(places[in_the_city(places)], self.crs, self.account.where)
        self.network = network
        self.nodes = converted(network.degrees, DEGREES, self.crs)
        self.beats = self._beats(shapes, places) if alone is None else alone
        most = mapping.city.maximum_snap_metres
        self.placed = Placed(log.calls, places, self.nodes, self.beats, self.account, most)
        if source is not None:
            refuse_elsewhere(log.calls, self.placed, source, middle, self.account, network.where)
        self.account.require_rows()
        self.places = places
        other = metres_of(log.other_work, source, self.crs)
        quiet = LogAccount(self.account.where, self.account.rows)
        self.other_places, self.other = other, Placed(log.other_work, other, self.nodes, self.beats, quiet, most)

    def _beats(self, shapes: BeatShapes | None, places: NDArray[np.float64]) -> Beats:
        if shapes is None:
            return beats_of_calls(self.nodes, places, self.log.calls["beat"], self.account.where)
        return shapes.on_streets(self.nodes, self.crs, self.mapping.beats, self.network.where)

    def content(
        self,
        *,
        zone: str,
        sources: dict[str, dict[str, Any]],
        stations: Any,
        roster: pd.DataFrame | None,
        drafted: bool,
        name: str,
        remarks: Sequence[str] = (),
    ) -> CityContent:
        """Return all that the folder holds; ``remarks`` on other files join the account."""
        groups = sorted(set(self.beats.groups))
        calls = self._calls()
        facts = CityFacts(
            name=name,
            time_zone=zone,
            crs=self.crs,
            streets=self.streets,
            categories=self.log.categories,
            sources=sources,
            settings=Settings(
                emergency_factor=self.mapping.city.emergency_factor,
                turnout_seconds=self.mapping.city.turnout_seconds,
            ),
            assumed=self._assumed(drafted),
            account=[
                *self.account.sentences(),
                *_where_it_is(self.middle),
                *_without_arrival(calls),
                *self.network.notes,
                *self.beats.notes,
                *remarks,
            ],
        )
        station = station_nodes(stations, self.mapping.stations, self.nodes, self.crs, self._beat_places())
        return CityContent(
            facts=facts,
            mapping=self.mapping.text,
            streets=self._streets(groups, calls),
            calls=calls,
            responses=_of_calls(self.log.responses, calls),
            other_work=self._other_work(),
            roster=roster,
            beats=self._beat_table(station),
            nodes=self._node_table(),
        )

    def _assumed(self, drafted: bool) -> list[str]:
        sentences = []
        if drafted:
            sentences.append("the meaning of columns and values is a draft that nobody has corrected")
        sentences += self.mapping.assumed
        if self.network.emergency_seconds is None:
            sentences.append(
                f"driving with lights and sirens takes {self.mapping.city.emergency_factor:g} of the time on patrol"
            )
        if self.streets == FROM_CALLS:
            sentences.append("streets are made from the places of calls: no driving time is that of a real road")
        if "priority" not in self.mapping.calls.columns():
            sentences.append("the log has no priorities: those of the categories are given by the mapping")
        return sentences

    def _calls(self) -> pd.DataFrame:
        stays = self.placed.stays
        calls, names = self.log.calls[stays], np.array([entry.name for entry in self.log.categories], object)
        kind = calls["category"].to_numpy()
        return calls.assign(
            x=self.places[stays, 0],
            y=self.places[stays, 1],
            node=self.placed.node[stays],
            beat=self.placed.beat[stays],
            category=names[kind],
            weight=np.array([entry.weight for entry in self.log.categories])[kind],
            self_initiated=False,
        )

    def _other_work(self) -> pd.DataFrame:
        work = self.log.other_work
        start = work["dispatched"].fillna(work["received"])
        return pd.DataFrame(
            {
                "start": start,
                "end": work["cleared"],
                "x": self.other_places[:, 0],
                "y": self.other_places[:, 1],
                "node": pd.Series(self.other.node).where(self.other.stays).astype("Int32"),
                "beat": self.other.beat,
                "category": work["kind"],
                "unit": work["unit"],
            }
        )

    def _streets(self, groups: Sequence[str], calls: pd.DataFrame) -> AreaArrays:
        patrol = self.network.patrol_seconds
        emergency = self.network.emergency_seconds
        number = np.array([groups.index(group) for group in self.beats.groups] or [0])
        return AreaArrays(
            coordinates=self.nodes,
            coordinate_system=CoordinateSystem.PLANAR,
            edges=self.network.edges,
            edge_patrol_seconds=patrol,
            edge_emergency_seconds=patrol * self.mapping.city.emergency_factor if emergency is None else emergency,
            node_beats=self.beats.node_beats,
            node_groups=number[np.maximum(self.beats.node_beats, 0)],
            category_service_seconds=_on_scene(calls, [entry.name for entry in self.log.categories]),
            category_weights=[entry.weight for entry in self.log.categories],
        )

    def _beat_places(self) -> NDArray[np.float64]:
        places = np.array(
            [np.median(self.nodes[self.beats.node_beats == k], axis=0) for k in range(len(self.beats.names))]
        )
        for k, shape in enumerate(self.beats.polygons):
            if shape is not None:
                point = shape.representative_point()
                places[k] = point.x, point.y
        return places

    def _beat_table(self, station: NDArray[np.int32] | None) -> pd.DataFrame:
        places = self._beat_places()
        return pd.DataFrame(
            {
                "index": np.arange(len(places)),
                "name": self.beats.names,
                "group": self.beats.groups,
                "x": places[:, 0],
                "y": places[:, 1],
                "geometry": [None if shape is None else shapely.to_wkb(shape) for shape in self.beats.polygons],
                "station_node": pd.array([pd.NA] * len(places) if station is None else station, dtype="Int32"),
            }
        )

    def _node_table(self) -> pd.DataFrame:
        return pd.DataFrame(
            {
                "index": np.arange(len(self.nodes)),
                "x": self.nodes[:, 0],
                "y": self.nodes[:, 1],
                "longitude": self.network.degrees[:, 0],
                "latitude": self.network.degrees[:, 1],
                "beat": np.array([*self.beats.names, ""], object)[self.beats.node_beats],
                "street": self.network.node_streets(),
            }
        )


def _middle_of_calls(calls: pd.DataFrame, source: str) -> NDArray[np.float64]:
    places = calls[["place_x", "place_y"]].to_numpy(np.float64)
    return np.asarray(np.nanmedian(converted(places[np.isfinite(places).all(1)], source, DEGREES), axis=0))


def _where_it_is(middle: NDArray[np.float64] | None) -> list[str]:
    if middle is None:
        return []
    longitude, latitude = middle
    east, north = "W" if longitude < 0 else "E", "S" if latitude < 0 else "N"
    return [f"the city lies around {abs(latitude):.2f}° {north}, {abs(longitude):.2f}° {east}"]


def _usual_travel(calls: pd.DataFrame) -> float:
    """Return the median time from dispatch to arrival, that of an assumption where the log has none."""
    took = (calls["arrived"] - calls["dispatched"]).dt.total_seconds()
    return float(took[took > 0].median()) if (took > 0).any() else _DEFAULT_TRAVEL


def _of_calls(responses: pd.DataFrame, calls: pd.DataFrame) -> pd.DataFrame:
    """Return the responses to calls that are kept. Series.isin would go through a list of a million texts."""
    wanted, known = (pa.array(table["call_id"], pa.large_string(), from_pandas=True) for table in (responses, calls))
    return responses[np.asarray(pc.is_in(wanted, value_set=known))]


def _on_scene(calls: pd.DataFrame, names: Sequence[str]) -> NDArray[np.float64]:
    """Return the mean time on scene of each category, of all where it has none, of 25 minutes where there is none."""
    took = (calls["cleared"] - calls["arrived"]).dt.total_seconds()
    known = took[took > 0]
    usual = float(known.mean()) if len(known) else _DEFAULT_ON_SCENE
    means = known.groupby(calls["category"][known.index]).mean()
    return np.array([means.get(name, usual) for name in names])


def _without_arrival(calls: pd.DataFrame) -> list[str]:
    missing = calls["priority"][calls["arrived"].isna()].value_counts().sort_index()
    if not len(missing):
        return []
    parts = ", ".join(f"{count:,} of priority {priority}" for priority, count in missing.items())
    return [f"{int(missing.sum()):,} of {len(calls):,} calls have no arrival: {parts}"]

"""Writes the log of a simulated department, dirty as real ones are: to prove that import and check give it back."""

import itertools
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from libpatrol._native.abi import PRIORITIES
from libpatrol.area_arrays import AreaArrays
from libpatrol.city.activity import Activity, event_capacity, of_events, simulated
from libpatrol.city.toml_text import toml_text
from libpatrol.engine import Engine
from libpatrol.extras import extra
from libpatrol.lab.simulation import Simulation
from libpatrol.scenario.scenario import Scenario

CRS = "EPSG:32633"
_DAY = 86_400.0
_ORIGIN = (500_000.0, 5_800_000.0)
_WORK_TYPES = ("TRAFFIC STOP", "MEAL")
_FORMAT = "%m/%d/%Y %H:%M:%S"
_MOMENTS = ("received", "dispatched", "arrived", "cleared")


@dataclass(frozen=True, kw_only=True)
class KnownCity:
    """A department whose demand, service and practice are known.

    Attributes
    ----------
    scenario : Scenario
        Fleet and calls.
    city : AreaArrays
        Of the scenario, with planar coordinates in metres; beats.
    engine : Engine
        How it patrols and dispatches.
    handling_seconds : sequence of float
        By priority, from 1: from the receipt of a call until it can be dispatched.
    monday : str
        Local date on which the log begins.
    time_zone : str
        IANA name; clocks must not change in the weeks of the log.
    beat_names : sequence of str
        By index; default: beat 1, beat 2, ...
    """

    scenario: Scenario
    city: AreaArrays
    engine: Engine
    handling_seconds: Sequence[float] = ()
    monday: str = "2024-01-08"
    time_zone: str = "Europe/Berlin"
    beat_names: Sequence[str] = ()

    @property
    def beats(self) -> list[str]:
        """Names of the beats."""
        count = self.scenario.area.info.beat_count
        return list(self.beat_names) or [f"beat {k + 1}" for k in range(count)]

    @property
    def xy(self) -> NDArray[np.float64]:
        """Places of the nodes in ``CRS``: float64 [nodes, 2]."""
        return np.asarray(self.city.coordinates) + _ORIGIN

    def activity(self, weeks: int, seed: int) -> Activity:
        """Simulate so many weeks from a Monday on; second 0 is the end of the warm-up.

        Calls are received the handling time before they reach the simulated dispatcher.

        Raises
        ------
        ValueError
            If the scenario's warm-up does not end on a Monday 00:00, from which the log's clock counts.
        """
        scenario = self.scenario
        begin = scenario.measured_from_seconds
        if begin % 604_800:
            raise ValueError(f"the warm-up ends {begin:g} s after a Monday 00:00, expected whole weeks")
        end = begin + weeks * 604_800
        beats = self.city.node_beats
        with Simulation(scenario, self.engine, event_capacity=event_capacity()) as simulation:
            found = of_events(simulated(simulation, seed, end), simulation, end, beats)
        found = found.within(begin, end).moved(-begin)
        levels = [*self.handling_seconds, *[self.handling_seconds[-1] if self.handling_seconds else 0.0] * 8]
        handling = np.array(levels)[found.calls["priority"].to_numpy() - 1]
        found.calls["received"] -= handling
        return found


def export_log(
    known: KnownCity, out: str | os.PathLike[str], *, weeks: int = 4, seed: int = 0, dirt: float = 0.01
) -> None:
    """Write the files of a known city that ``libpatrol import`` reads.

    These are calls.csv, roster.csv, stations.csv, roads/nodes.csv, roads/edges.csv, beats.geojson, and mapping.toml.

    Parameters
    ----------
    known : KnownCity
        Whose log it is.
    out : path-like
        Folder, made if it does not exist; one that is not empty is refused with a ValueError.
    weeks : int
        Length of the log.
    seed : int
        Of the simulation and of the dirt.
    dirt : float
        Share of the rows that get each fault: no time of arrival, an arrival before the dispatch, coordinates 0, 0,
        a repeated row, another spelling of the type.
    """
    place = Path(out)
    if place.exists() and (not place.is_dir() or any(place.iterdir())):
        raise ValueError(f"{place} exists, and is no empty folder: give another name, or delete it")
    place.mkdir(parents=True, exist_ok=True)
    activity = known.activity(weeks, seed)
    rng = np.random.default_rng((0xD127, seed))
    _dirty(log_rows(known, activity), dirt, rng).to_csv(place / "calls.csv", index=False)
    _roster(known, activity).to_csv(place / "roster.csv", index=False)
    beat_polygons(known).to_crs("EPSG:4326").to_file(place / "beats.geojson", driver="GeoJSON")
    degrees = pd.DataFrame(_degrees(known.xy), columns=["longitude", "latitude"])
    roads = place / "roads"
    roads.mkdir(exist_ok=True)
    degrees.rename_axis("id").reset_index().to_csv(roads / "nodes.csv", index=False)
    edges = pd.DataFrame(known.city.edges, columns=["from", "to"]).assign(seconds=known.city.edge_patrol_seconds)
    edges.to_csv(roads / "edges.csv", index=False)
    degrees.iloc[np.unique(known.scenario.arrays.units["start_node"])].to_csv(place / "stations.csv", index=False)
    (place / "mapping.toml").write_text(_mapping(known), encoding="utf-8")


def _mapping(known: KnownCity) -> str:
    """Return what the columns and values mean, as ``libpatrol import`` reads it."""
    kinds = known.scenario.arrays.categories
    emergency, patrol = known.city.edge_emergency_seconds, known.city.edge_patrol_seconds
    content: dict[str, Any] = {
        "city": {
            "name": "Known",
            "time_zone": known.time_zone,
            "emergency_factor": 1.0 if emergency is None else round(float(emergency.sum() / patrol.sum()), 4),
        },
        "calls": {
            "row": "unit", "id": "call_id", "unit": "unit", "x": "longitude", "y": "latitude", "day_first": False,
            "beat": "beat", "category": "type", "priority": "priority", **{name: name for name in _MOMENTS},
        },
        "other_work": [{"column": "type", "values": [text for name in _WORK_TYPES for text in (name, name.title())]}],
        "categories": [
            {
                "name": name, "values": [name.upper(), name.title()], "priority": int(row["priority"]),
                "units": int(row["units_required"]), "weight": float(row["weight"]),
            }
            for name, row in zip(known.scenario.category_names, kinds, strict=True)
        ],
    }  # fmt: skip
    return toml_text(content)


def log_rows(known: KnownCity, activity: Activity) -> pd.DataFrame:
    """Return the log, a row each unit and call, and one each piece of other work; times are local."""
    calls, jobs = activity.calls, activity.responses
    of = calls.iloc[jobs["call"].to_numpy()].reset_index(drop=True)
    rows = pd.DataFrame({"call_id": [f"I{k:07d}" for k in jobs["call"]], "unit": _unit_names(jobs["unit"])})
    for name in _MOMENTS:
        rows[name] = of[name] if name == "received" else jobs[name].to_numpy()
    names = np.array(known.scenario.category_names)
    rows["type"] = np.char.upper(names[of["category"].to_numpy(np.int64)])
    rows["priority"] = of["priority"].to_numpy()
    rows["node"] = of["node"].to_numpy()
    work = activity.work
    more = pd.DataFrame(
        {
            "call_id": [f"S{k:07d}" for k in range(len(work))],
            "unit": _unit_names(work["unit"]),
            "received": work["start"],
            "dispatched": work["start"],
            "arrived": work["start"],
            "cleared": work["end"],
            "type": np.array(_WORK_TYPES)[np.arange(len(work)) % len(_WORK_TYPES)],
            "priority": PRIORITIES,
            "node": work["node"],
        }
    )
    never = calls.index.difference(jobs["call"])
    unserved = pd.DataFrame({"call_id": [f"I{k:07d}" for k in never], "received": calls["received"][never].to_numpy()})
    unserved["type"] = np.char.upper(names[calls["category"][never].to_numpy(np.int64)]) if len(never) else []
    unserved["priority"], unserved["node"] = calls["priority"][never].to_numpy(), calls["node"][never].to_numpy()
    rows = pd.concat([rows, more, unserved], ignore_index=True).sort_values("received", ignore_index=True)
    start = pd.Timestamp(known.monday)
    for name in _MOMENTS:
        rows[name] = start + pd.to_timedelta(rows[name].astype(float).round(), unit="s")
    node = rows.pop("node").to_numpy(np.int64)
    rows[["longitude", "latitude"]] = _degrees(known.xy[node])
    beats = known.city.node_beats
    rows["beat"] = "" if beats is None else np.array(known.beats)[beats[node]]
    return rows


def _unit_names(units: Any) -> list[str]:
    return [f"U{int(unit) + 1:02d}" for unit in units]


def _degrees(xy: NDArray[np.float64]) -> NDArray[np.float64]:
    with extra("city", "libpatrol.city"):
        import pyproj
    return np.stack(pyproj.Transformer.from_crs(CRS, "EPSG:4326", always_xy=True).transform(*xy.T), -1)


def _roster(known: KnownCity, activity: Activity) -> pd.DataFrame:
    """Return who was on duty, in shifts that end at midnight at the latest."""
    start = pd.Timestamp(known.monday)
    rows = []
    for unit, begin, end in activity.duty[["unit", "start", "end"]].itertuples(index=False):
        cuts = [begin, *np.arange(begin // _DAY * _DAY + _DAY, end, _DAY), end]
        rows += [(unit, first, last) for first, last in itertools.pairwise(cuts)]
    duty = pd.DataFrame(rows, columns=["unit", "start", "end"]).sort_values(["start", "unit"])
    table = pd.DataFrame({"unit": _unit_names(duty["unit"])})
    for name in ("start", "end"):
        table[name] = (start + pd.to_timedelta(duty[name].round().to_numpy(), unit="s")).strftime("%Y-%m-%d %H:%M:%S")
    return table


def _dirty(rows: pd.DataFrame, share: float, rng: np.random.Generator) -> pd.DataFrame:
    def some() -> NDArray[np.bool_]:
        return rng.random(len(rows)) < share

    is_call = rows["call_id"].str.startswith("I")
    rows.loc[some() & is_call, "arrived"] = pd.NaT
    backwards = some() & is_call & rows["arrived"].notna()
    rows.loc[backwards, "arrived"] = rows.loc[backwards, "dispatched"] - pd.Timedelta(minutes=3)
    rows.loc[some(), ["longitude", "latitude"]] = 0.0
    odd = some()
    rows.loc[odd, "type"] = " " + rows.loc[odd, "type"].str.title()
    rows = pd.concat([rows, rows[some()]]).sort_values("received", kind="stable", ignore_index=True)
    for name in _MOMENTS:
        rows[name] = rows[name].dt.strftime(_FORMAT)
    return rows


def beat_polygons(known: KnownCity) -> Any:
    """Return the beats as a GeoDataFrame in ``CRS``: the cells of their nodes' Voronoi diagram, joined."""
    with extra("city", "libpatrol.city"):
        import geopandas as gpd
        import shapely

    points = shapely.points(known.xy)
    cells = shapely.get_parts(shapely.voronoi_polygons(shapely.multipoints(points)))
    tree = shapely.STRtree(cells)
    point, cell = tree.query(points, "within")
    bounds = shapely.box(*(known.xy.min(0) - 500), *(known.xy.max(0) + 500))
    own = pd.Series(cell, point).reindex(range(len(points))).to_numpy(np.int64)
    table = gpd.GeoDataFrame(
        {"beat": np.array(known.beats)[known.city.node_beats]},
        geometry=shapely.intersection(cells[own], bounds),
        crs=CRS,
    )
    return table.dissolve("beat").reset_index()

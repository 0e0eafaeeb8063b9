"""Writes a made-up dispatch log of central Stockholm, as dirty as real ones are, for the tutorial.

    python stockholm_log.py stockholm.graphml OUT [--weeks 6]

Streets are those of the file, which OSMnx made of OpenStreetMap. Beats, units, calls and how units are sent are made
up: two units a beat by day and two by night, a unit of the call's own beat first. OUT, a new folder, gets calls.csv,
roster.csv, beats.geojson, and in mapping.toml what the columns mean.
"""

import argparse
import dataclasses

import numpy as np
import pyproj

from libpatrol import Area, Scenario
from libpatrol.area_arrays import AreaArrays
from libpatrol.city.export_log import CRS, KnownCity, export_log
from libpatrol.city.reading.mapping_tables import RoadColumns
from libpatrol.city.reading.road_files import read_roads
from libpatrol.scenario.arrays import FLEET_UNIT_DTYPE, SHIFT_DTYPE, categories
from libpatrol.scenario.details import ScenarioDetails
from libpatrol.synthetic.demand import hotspot_shares

ORIGIN = 500_000.0, 5_800_000.0  # of the log's coordinates
NAMES = "Vasastan", "Östermalm", "Kungsholmen", "Södermalm"
PRACTICE = {"patrol_policy": "fixed_posts", "dispatch_policy": "own_beat_first", "home_beat_patrol": True}


def main() -> None:
    """Simulate the made-up department and write its log."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("roads")
    parser.add_argument("out")
    parser.add_argument("--weeks", type=int, default=6)
    options = parser.parse_args()
    city = stockholm(options.roads)
    beats = [np.flatnonzero(city.node_beats == beat) for beat in range(len(NAMES))]
    stations = np.array([middle(city.coordinates, nodes) for nodes in beats])
    units = np.zeros(4 * len(NAMES), FLEET_UNIT_DTYPE)
    units["id"] = np.arange(len(units))
    units["home_beat"] = np.repeat(np.arange(len(NAMES)), 4)
    units["start_node"] = stations[units["home_beat"]]
    tours = [(unit, 24 * day + 12 * (unit % 2)) for unit in range(len(units)) for day in range(7)]
    shifts = np.zeros(len(tours), SHIFT_DTYPE)
    shifts["unit"], shifts["start_hour"] = np.transpose(tours)
    shifts["end_hour"] = shifts["start_hour"] + 12
    kinds = categories(3)
    kinds["priority"], kinds["weight"] = [1, 2, 3], [4, 2, 1]
    kinds["units_required"], kinds["service_mean_seconds"] = [2, 1, 1], [2400, 1800, 1200]
    city = dataclasses.replace(city, patrol_locations=np.unique(stations))
    details = ScenarioDetails(name="stockholm", category_names=("assault", "burglary", "noise"))
    scenario = Scenario(Area.from_arrays(**city), details, units=units, shifts=shifts, categories=kinds)
    known = KnownCity(
        scenario=scenario,
        city=city,
        engine=scenario.engine(**PRACTICE),
        handling_seconds=(45, 75, 75),
        beat_names=NAMES,
        time_zone="Europe/Stockholm",
    )
    try:
        export_log(known, options.out, weeks=options.weeks)
    except ValueError as reason:
        parser.error(str(reason))


def stockholm(roads: str) -> AreaArrays:
    """Return the streets with four beats and five calls an hour, more of them in the evening."""
    network = read_roads(roads, RoadColumns())
    x, y = pyproj.Transformer.from_crs("EPSG:4326", CRS, always_xy=True).transform(*network.degrees.T)
    places = np.stack([x, y], 1) - ORIGIN
    east, north = (places > np.median(places, axis=0)).T
    shares = hotspot_shares(places, centers=np.quantile(places, [0.3, 0.7], axis=0), concentration=0.5, width=500.0)
    daily = 1 + 0.5 * np.cos(2 * np.pi * (np.arange(24) - 20) / 24)
    rates = 5.0 * shares[:, :1, None] * np.array([0.2, 0.3, 0.5])[None, :, None] * daily
    return AreaArrays(
        coordinates=places,
        coordinate_system="planar",
        edges=network.edges,
        edge_patrol_seconds=network.patrol_seconds,
        edge_emergency_seconds=0.8 * network.patrol_seconds,
        node_beats=np.where(north, np.where(east, 1, 0), np.where(east, 3, 2)),
        category_service_seconds=[2400, 1800, 1200],
        category_weights=[4, 2, 1],
        demand_calls_per_hour=rates,
    )


def middle(places: np.ndarray, nodes: np.ndarray) -> int:
    """Return the node nearest to the middle of some nodes."""
    return int(nodes[np.linalg.norm(places[nodes] - places[nodes].mean(0), axis=1).argmin()])


if __name__ == "__main__":
    main()

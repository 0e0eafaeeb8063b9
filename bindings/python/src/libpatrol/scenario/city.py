"""The city of a scenario file, generated or from an area file, and where and when its calls come."""

import dataclasses
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from libpatrol.area_arrays import WEEK_HOURS, AreaArrays
from libpatrol.enums import CoordinateSystem
from libpatrol.files import read_area
from libpatrol.scenario.description import ScenarioDescription
from libpatrol.scenario.tables import CategoryTable, CityTable, DemandTable
from libpatrol.synthetic import cities, demand
from libpatrol.synthetic.roads import roads_from_jemss


def city_of(description: ScenarioDescription) -> AreaArrays:
    """Return the city that a scenario file describes or refers to, with its demand."""
    table = description.city
    roads = read_area(table.file) if table.file else _by_hour(table, (_on_roads if table.roads else _generated)(table))
    if table.east_group is not None:
        if roads.coordinates is None:
            raise ValueError("city.east_group needs an area with coordinates")
        roads = dataclasses.replace(roads, node_groups=cities.far_side(roads.coordinates, table.east_group))
    if table.beat_groups:
        if roads.node_beats is None or min(roads.node_beats) < 0:
            raise ValueError("city.beat_groups needs an area in which every node is in a beat")
        roads = dataclasses.replace(roads, node_groups=roads.node_beats)
    kinds: dict[str, Any] = {
        "category_service_seconds": [category.service_mean_seconds for category in description.categories],
        "category_weights": [category.weight for category in description.categories],
    }
    if not table.file:
        kinds["demand_calls_per_hour"] = _demand(description.demand, description.categories, roads)
    elif len(description.categories) != len(roads.category_service_seconds):
        raise ValueError(
            f"{len(description.categories)} categories are described, "
            f"the area has {len(roads.category_service_seconds)}"
        )
    elif roads.demand_calls_per_hour is not None:
        kinds["demand_calls_per_hour"] = _with_volume(roads.demand_calls_per_hour, description.demand)
    return dataclasses.replace(roads, **kinds)


def _generated(table: CityTable) -> AreaArrays:
    generators: dict[str, Callable[..., AreaArrays]] = {
        "grid": lambda **common: cities.grid(table.rows, table.columns, beats=table.beats, **common),
        "two_beats": lambda **common: cities.two_beats(table.rows, table.columns, crossings=table.crossings, **common),
        "irregular": lambda **common: cities.irregular(table.nodes, beats=table.beats, **common),
    }
    if table.generator not in generators:
        raise ValueError(f"city.generator is {table.generator!r}, expected one of {', '.join(generators)}")
    return generators[table.generator](seed=table.seed, block_metres=table.block_metres)


def _on_roads(table: CityTable) -> AreaArrays:
    roads = roads_from_jemss(table.roads)
    beats = cities.beats_around(_plane(roads), table.beats, np.random.default_rng(table.seed))
    return dataclasses.replace(roads, node_beats=beats)


def _by_hour(table: CityTable, roads: AreaArrays) -> AreaArrays:
    given = (table.patrol_factors, table.emergency_factors)
    if given == (None, None):
        return roads
    factors = [np.resize(row or [1.0], WEEK_HOURS) for row in given]
    return dataclasses.replace(roads, travel_factors=factors)


def _plane(roads: AreaArrays) -> NDArray[np.float64]:
    """Return the places with both axes in one unit: degrees of longitude shrink toward the poles."""
    if roads.coordinate_system is not CoordinateSystem.GEOGRAPHIC:
        return np.asarray(roads.coordinates)
    return np.asarray(roads.coordinates * (np.cos(np.radians(roads.coordinates[:, 1].mean())), 1.0))


def _demand(table: DemandTable, categories: Sequence[CategoryTable], roads: AreaArrays) -> NDArray[np.float32]:
    """Return call rates, [demand nodes, categories, 1, 24 or 168]; one call an hour if a load says the volume."""
    nodes = np.arange(roads.node_count) if roads.demand_nodes is None else roads.demand_nodes
    places = _plane(roads)
    low, size = places.min(0), np.ptp(places, axis=0)
    shares = demand.hotspot_shares(
        places[nodes],
        centers=low + size * np.reshape(table.hotspots, (-1, 2)),
        concentration=table.concentration,
        width=table.width * float(size.max()),
        busiest_hours=table.busiest_hours,
    )
    if table.beat_shares is not None:
        shares = demand.with_class_shares(shares, roads.node_beats[nodes], table.beat_shares, "beats")
    if table.group_shares is not None:
        shares = demand.with_class_shares(shares, roads.node_groups[nodes], table.group_shares, "groups")
    shares = _with_volume(shares, table)
    by_category = np.array([category.share for category in categories])
    calls = table.calls_per_hour if table.calls_per_hour is not None else 1.0
    return np.asarray(calls * shares[:, None] * (by_category / by_category.sum())[:, None], np.float32)


def _with_volume(rates: NDArray[Any], table: DemandTable) -> NDArray[Any]:
    """Return rates, [..., 1, 24 or 168 hours], times the relative volume of each hour."""
    for volume in (table.hourly_volume, None if table.daily_volume is None else np.repeat(table.daily_volume, 24)):
        if volume is not None:
            hours = max(len(volume), rates.shape[-1])
            relative = np.tile(np.asarray(volume) / np.mean(volume), hours // len(volume))
            rates = np.tile(rates, hours // rates.shape[-1]) * relative
    return rates


def cut_off(city: AreaArrays) -> tuple[int, float]:
    """Return how many places with calls the road graph cuts off, and their share of calls.

    Units cannot drive there from where most calls are, or not back.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    if city.demand_calls_per_hour is None:
        return 0, 0.0
    size = (city.node_count, city.node_count)
    roads = coo_array((np.ones(len(city.edges), np.int8), tuple(city.edges.T)), shape=size)
    part = connected_components(roads.tocsr(), connection="strong")[1]
    rates = city.demand_calls_per_hour.sum((1, 2), dtype=np.float64)
    nodes = np.arange(len(rates)) if city.demand_nodes is None else city.demand_nodes
    calls = np.bincount(part[nodes], rates)
    if not calls.sum() > 0:
        return 0, 0.0
    apart = part[nodes] != calls.argmax()
    return int((apart & (rates > 0)).sum()), float(rates[apart].sum() / rates.sum())

"""Makes a small city folder for tests: 25 corners, 4 beats, 3 categories, two weeks of calls."""

from pathlib import Path

import numpy as np
import pandas as pd
import pyproj
import shapely

from libpatrol import AreaArrays
from libpatrol.city.facts import FROM_FILE, Category, CityFacts
from libpatrol.city.folder import CityContent, CityFolder

CRS = "EPSG:32633"
ZONE = "Europe/Berlin"
ORIGIN = (392_000.0, 5_820_000.0)  # Berlin
BLOCK = 400.0  # metres
SIDE = 5
CATEGORIES = [
    Category(name="assault", priority=1, units=2, weight=4.0),
    Category(name="burglary", priority=2, units=1, weight=2.0),
    Category(name="noise", priority=3, units=1, weight=1.0),
]
SHARES = (0.2, 0.3, 0.5)
ON_SCENE = (2400.0, 1800.0, 900.0)  # seconds, means
CALLS_PER_HOUR = 3.0
UNITS = [f"{beat + 1}A{number}" for beat in range(4) for number in (1, 2)]


def tiny_city(path: Path, *, seed: int = 0, weeks: int = 2, roster: bool = True) -> CityFolder:
    """Write a city folder at ``path`` and open it; the same seed gives the same city.

    Two units a beat work around the clock from the middle of their beat. The unit that is free first goes, one of
    the call's own beat if it is free. Calls follow the hour of the day.
    """
    rng = np.random.default_rng(seed)
    streets, nodes, beats = _streets()
    calls, responses = _calls(rng, weeks, streets, nodes, beats)
    start = calls["received"].min().floor("D")
    shifts = [start + pd.Timedelta(hours=8 * k) for k in range(21 * weeks + 1)]
    duty = pd.DataFrame(
        [(unit, begin, begin + pd.Timedelta(hours=8)) for begin in shifts for unit in UNITS],
        columns=["unit", "start", "end"],
    )
    facts = CityFacts(
        name="Tiny",
        time_zone=ZONE,
        crs=CRS,
        streets=FROM_FILE,
        categories=CATEGORIES,
        sources={"calls": {"file": "calls.csv", "sha256": "0" * 64, "rows": len(calls)}},
        assumed=["emergency driving takes 0.8 of the time on patrol"],
        account=["all rows of calls.csv are used"],
    )
    content = CityContent(
        facts=facts,
        mapping="# made by tests\n",
        streets=streets,
        calls=calls,
        responses=responses,
        other_work=_other_work(rng, weeks, start, nodes),
        roster=duty if roster else None,
        beats=beats,
        nodes=nodes,
    )
    return content.write(path)


def _streets() -> tuple[AreaArrays, pd.DataFrame, pd.DataFrame]:
    row, column = np.divmod(np.arange(SIDE * SIDE), SIDE)
    places = np.stack([column, row], 1) * BLOCK + ORIGIN
    index = np.arange(SIDE * SIDE).reshape(SIDE, SIDE)
    one_way = np.concatenate(
        [
            np.stack([index[:, :-1], index[:, 1:]], -1).reshape(-1, 2),
            np.stack([index[:-1], index[1:]], -1).reshape(-1, 2),
        ]
    )
    edges = np.concatenate([one_way, one_way[:, ::-1]])
    seconds = np.full(len(edges), BLOCK / 8)
    beat = 2 * (row > 2) + (column > 2)
    streets = AreaArrays(
        coordinates=places,
        coordinate_system="planar",
        edges=edges,
        edge_patrol_seconds=seconds,
        edge_emergency_seconds=0.8 * seconds,
        node_beats=beat,
        node_groups=beat // 2,
        category_service_seconds=ON_SCENE,
        category_weights=[category.weight for category in CATEGORIES],
    )
    longitude, latitude = pyproj.Transformer.from_crs(CRS, "EPSG:4326", always_xy=True).transform(*places.T)
    names = np.array(["north-west", "north-east", "south-west", "south-east"])
    nodes = pd.DataFrame(
        {
            "index": np.arange(len(places)),
            "x": places[:, 0],
            "y": places[:, 1],
            "longitude": longitude,
            "latitude": latitude,
            "beat": names[beat],
            "street": [f"street {r + 1}" for r in row],
        }
    )
    boxes = [
        shapely.box(*(places[beat == k].min(0) - BLOCK / 2), *(places[beat == k].max(0) + BLOCK / 2)) for k in range(4)
    ]
    middles = np.array([[box.centroid.x, box.centroid.y] for box in boxes])
    nearest = np.linalg.norm(places[None] - middles[:, None], axis=2).argmin(1)
    beats = pd.DataFrame(
        {
            "index": np.arange(4),
            "name": names,
            "group": ["north", "north", "south", "south"],
            "x": middles[:, 0],
            "y": middles[:, 1],
            "geometry": [shapely.to_wkb(box) for box in boxes],
            "station_node": nearest,
        }
    )
    return streets, nodes, beats


def _calls(
    rng: np.random.Generator, weeks: int, streets: AreaArrays, nodes: pd.DataFrame, beats: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame]:
    hours = weeks * 168
    daily = 1 + 0.5 * np.cos(2 * np.pi * (np.arange(hours) % 24 - 20) / 24)
    counts = rng.poisson(CALLS_PER_HOUR * daily)
    seconds = np.sort(np.repeat(np.arange(hours), counts) * 3600.0 + rng.uniform(0, 3600, counts.sum()))
    node = rng.choice(len(nodes), len(seconds), p=np.r_[np.full(12, 0.03), np.full(13, 0.64 / 13)])
    kind = rng.choice(3, len(seconds), p=SHARES)
    home = np.repeat(beats["station_node"].to_numpy(), 2)
    places = nodes[["x", "y"]].to_numpy()
    free = np.zeros(len(UNITS))
    rows, sent = [], []
    for k, (received, at, which) in enumerate(zip(seconds, node, kind, strict=True)):
        own = np.flatnonzero(streets.node_beats[home] == streets.node_beats[at])
        ready = received + 60.0
        crew = sorted(range(len(UNITS)), key=lambda u: (max(free[u], ready), u not in own, u))[
            : CATEGORIES[which].units
        ]
        times = []
        for unit in crew:
            dispatched = max(free[unit], ready)
            arrived = dispatched + np.abs(places[home[unit]] - places[at]).sum() / 10
            free[unit] = cleared = arrived + rng.exponential(ON_SCENE[which])
            times.append((dispatched, arrived, cleared))
            sent.append((f"C{k:05d}", UNITS[unit], dispatched, arrived, cleared))
        first, last = np.min(times, 0), np.max(times, 0)
        rows.append((f"C{k:05d}", received, first[0], first[1], last[2], at, which, len(crew)))
    start = pd.Timestamp("2025-03-03", tz=ZONE).tz_convert("UTC")  # a Monday

    def instants(column: pd.Series) -> pd.Series:
        return (start + pd.to_timedelta(column, unit="s")).astype("datetime64[us, UTC]")

    moments = ["received", "dispatched", "arrived", "cleared"]
    table = pd.DataFrame(rows, columns=["call_id", *moments, "node", "kind", "responding"])
    responses = pd.DataFrame(sent, columns=["call_id", "unit", *moments[1:]])
    table[moments] = table[moments].apply(instants)
    responses[moments[1:]] = responses[moments[1:]].apply(instants)
    table[["x", "y"]] = places[table["node"]] + rng.uniform(-100, 100, (len(table), 2))
    table["beat"] = nodes["beat"].to_numpy()[table["node"]]
    for name, field in (("category", "name"), ("priority", "priority"), ("units", "units"), ("weight", "weight")):
        table[name] = np.array([getattr(category, field) for category in CATEGORIES])[table["kind"]]
    table["self_initiated"] = False
    return table, responses


def _other_work(rng: np.random.Generator, weeks: int, start: pd.Timestamp, nodes: pd.DataFrame) -> pd.DataFrame:
    count = weeks * 168
    begin = start + pd.to_timedelta(np.sort(rng.uniform(0, weeks * 7 * 86_400, count)), unit="s")
    node = rng.integers(len(nodes), size=count)
    at = nodes.iloc[node]
    return pd.DataFrame(
        {
            "start": begin.astype("datetime64[us, UTC]"),
            "end": (begin + pd.to_timedelta(rng.exponential(600, count), unit="s")).astype("datetime64[us, UTC]"),
            "x": at["x"].to_numpy(),
            "y": at["y"].to_numpy(),
            "node": node,
            "beat": at["beat"].to_numpy(),
            "category": rng.choice(["traffic stop", "meal"], count),
            "unit": rng.choice(UNITS, count),
        }
    )

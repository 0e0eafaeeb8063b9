"""Small files of a made city for tests: a grid of streets near Seattle, beats, calls in degrees or State Plane feet."""

from pathlib import Path

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import pyproj
import shapely

UTM = "EPSG:32610"
STATE_PLANE = "EPSG:2926"  # Washington North, US feet
CORNER = (549_000.0, 5_272_000.0)
BLOCK = 200.0  # metres
SIDE = 6
SPEED = 10.0  # metres a second, on all streets
WRITTEN = "%m/%d/%Y %I:%M:%S %p"  # of the log's times
TOWN = """
[city]
name = "Gridville"
time_zone = "America/Los_Angeles"

[calls]
id = "Event"
received = "Received"
dispatched = "Dispatched"
arrived = "Arrived"
cleared = "Cleared"
day_first = false
x = "X"
y = "Y"
category = "Type"
priority = "Priority"

[[categories]]
name = "fight"
values = ["FIGHT*"]
units = 2

[[categories]]
name = "other"
"""


def corners() -> np.ndarray:
    """Return the corners of the grid in metres, row by row from the south."""
    row, column = np.divmod(np.arange(SIDE * SIDE), SIDE)
    return np.stack([column, row], 1) * BLOCK + CORNER


def degrees(metres: np.ndarray) -> np.ndarray:
    return to(metres, "EPSG:4326")


def metres(places: np.ndarray) -> np.ndarray:
    return np.stack(pyproj.Transformer.from_crs("EPSG:4326", UTM, always_xy=True).transform(*places.T), 1)


def to(metres: np.ndarray, crs: str) -> np.ndarray:
    return np.stack(pyproj.Transformer.from_crs(UTM, crs, always_xy=True).transform(*np.asarray(metres).T), 1)


def street_lines() -> gpd.GeoDataFrame:
    """Return one line for each street, through all of its corners."""
    places = corners().reshape(SIDE, SIDE, 2)
    lines = [shapely.LineString(row) for row in places] + [shapely.LineString(places[:, k]) for k in range(SIDE)]
    names = [f"{number + 1} St" for number in range(SIDE)] + [f"{number + 1} Ave" for number in range(SIDE)]
    return gpd.GeoDataFrame({"name": names, "maxspeed": ["36"] * (2 * SIDE)}, geometry=lines, crs=UTM)


def street_graph() -> nx.MultiDiGraph:
    """Return the streets as OSMnx has them, attributes as text, some of them lists."""
    places = degrees(corners())
    graph = nx.MultiDiGraph(crs="epsg:4326", simplified="True")
    for number, (x, y) in enumerate(places):
        graph.add_node(100 + number, x=str(x), y=str(y))
    for start in range(SIDE * SIDE):
        for end in (start + 1, start + SIDE):
            if end < SIDE * SIDE and not (end == start + 1 and end % SIDE == 0):
                name = f"{start // SIDE + 1} St" if end == start + 1 else f"['{start % SIDE + 1} Ave', 'Old Road']"
                speed = "36" if end == start + 1 else "['30', '42']"  # their mean is 36
                for pair in ((start, end), (end, start)):
                    graph.add_edge(
                        100 + pair[0],
                        100 + pair[1],
                        length=str(BLOCK),
                        maxspeed=speed,
                        highway="residential",
                        name=name,
                    )
    return graph


def beat_polygons() -> gpd.GeoDataFrame:
    """Return a western and an eastern beat, of two precincts."""
    x, y = CORNER
    half, whole, margin = BLOCK * (SIDE - 1) / 2, BLOCK * (SIDE - 1), 50.0
    boxes = [
        shapely.box(x - margin, y - margin, x + half, y + whole + margin),
        shapely.box(x + half, y - margin, x + whole + margin, y + whole + margin),
    ]
    return gpd.GeoDataFrame({"beat": ["w1", "E1"], "precinct": ["west", "east"]}, geometry=boxes, crs=UTM)


def call_table(count: int = 60, crs: str = "EPSG:4326") -> pd.DataFrame:
    """Return calls at the corners in turn, one an hour from Monday 2025-03-03 00:00, all times 5 minutes apart."""
    received = pd.Timestamp("2025-03-03") + pd.to_timedelta(np.arange(count), unit="h")
    places = to(corners()[np.arange(count) % (SIDE * SIDE)] + 5.0, crs)
    later = [received + pd.Timedelta(minutes=5 * step) for step in range(4)]
    table = pd.DataFrame({name: times.strftime(WRITTEN) for name, times in zip(
        ("Received", "Dispatched", "Arrived", "Cleared"), later, strict=True)})  # fmt: skip
    table.insert(0, "Event", [f"E{number:04d}" for number in range(count)])
    table["X"], table["Y"] = places.T
    table["Type"] = np.where(np.arange(count) % 3 == 0, "FIGHT IN BAR", "NOISE")
    table["Priority"] = np.where(np.arange(count) % 3 == 0, "1", "3")
    return table


def written(folder: Path, table: pd.DataFrame, name: str = "calls.csv") -> Path:
    path = folder / name
    table.to_csv(path, index=False)
    return path


def mapping(folder: Path, text: str = TOWN, **replaced: str) -> Path:
    """Write a mapping; each keyword adds lines to the table of its name."""
    for table, lines in replaced.items():
        text = (
            text.replace(f"[{table}]\n", f"[{table}]\n{lines}\n")
            if f"[{table}]\n" in text
            else f"{text}\n[{table}]\n{lines}\n"
        )
    path = folder / "mapping.toml"
    path.write_text(text, encoding="utf-8")
    return path

"""Results of a step: one JSON file, and tables as Parquet and Excel."""

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from libpatrol.extras import extra

if TYPE_CHECKING:
    import geopandas as gpd

_MOST_ROWS = 1_048_575
"""Of a sheet, besides its header."""


def write_results(place: Path, name: str, results: Mapping[str, Any], tables: Mapping[str, pd.DataFrame]) -> None:
    """Write ``name`` (JSON) and tables (``TABLE.parquet``, and one workbook with a sheet each) into a folder.

    Parameters
    ----------
    place : Path
        A step's folder.
    name : str
        Such as "results.json".
    results : mapping
        Plain values; NaN becomes null.
    tables : mapping of str to DataFrame
        By name.
    """
    (place / name).write_text(json.dumps(plain(results), indent=1, allow_nan=False) + "\n", encoding="utf-8")
    with extra("city", "libpatrol.city"):
        import openpyxl  # noqa: F401
    with pd.ExcelWriter(place / f"{Path(name).stem}.xlsx", engine="openpyxl") as book:
        for title, table in tables.items():
            table.to_parquet(place / f"{title}.parquet", index=False)
            table.head(_MOST_ROWS).to_excel(book, sheet_name=title[:31], index=False)


def beat_shapes(beats: "gpd.GeoDataFrame") -> "gpd.GeoSeries":
    """Return what stands for beats on a map: their polygons, or points if any has none."""
    import geopandas as gpd

    outlines = beats.geometry
    return outlines if outlines.notna().all() else gpd.GeoSeries.from_xy(beats["x"], beats["y"], crs=beats.crs)


def beat_layer(beats: "gpd.GeoDataFrame", found: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> "gpd.GeoDataFrame":
    """Return the beats with what was found of each: a mean, and a difference where there is one, for each measure.

    Parameters
    ----------
    beats : GeoDataFrame
        ``name``, ``group``, ``x``, ``y``, and outlines.
    found : mapping
        By beat and measure, from ``outcomes.summary``.
    """
    import geopandas as gpd

    rows = [
        {f"{measure}{ending}": told[of] for measure, told in found.get(name, {}).items()
         for of, ending in (("mean", ""), ("difference", "_difference")) if of in told}
        for name in beats["name"]
    ]  # fmt: skip
    table = pd.DataFrame(rows, index=beats.index)
    return gpd.GeoDataFrame(beats[["name", "group"]].join(table), geometry=beat_shapes(beats))


def write_map(place: Path, layers: Mapping[str, "gpd.GeoDataFrame"]) -> None:
    """Write ``beats.gpkg`` into a folder, a layer for each table of beats."""
    for name, layer in layers.items():
        layer.to_file(place / "beats.gpkg", layer=name)


def plain(value: Any) -> Any:
    """Return a value as JSON has it: numbers that are not finite become None."""
    if isinstance(value, Mapping):
        return {str(name): plain(entry) for name, entry in value.items()}
    if isinstance(value, np.ndarray):
        return plain(value.tolist())
    if isinstance(value, list | tuple):
        return [plain(entry) for entry in value]
    if isinstance(value, np.generic):
        return plain(value.item())
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value

"""Layers of geographic files: one with geometries of the wanted kind, in degrees or metres as the file has them."""

from collections.abc import Sequence
from pathlib import Path

from libpatrol.city.reading.crs import named_crs, require_degrees
from libpatrol.city.reading.mapping_tables import STATE_PLANE, UnstatedError, unstated_crs
from libpatrol.city.toml_text import toml_value
from libpatrol.extras import extra

with extra("city", "libpatrol.city"):
    import geopandas as gpd
    import pyogrio

_PREFERRED = "edges"  # of GeoPackages of OSMnx


def read_layer(path: Path, kinds: Sequence[str], layer: str | None, crs: str | None, table: str) -> "gpd.GeoDataFrame":
    """Return the layer with geometries of one of the kinds.

    Parameters
    ----------
    path : Path
        A file or folder that GDAL reads, such as GeoJSON, GeoPackage, a zipped shapefile or a file geodatabase.
    kinds : sequence of str
        Such as Polygon and MultiPolygon.
    layer : str, optional
        Its name, if several have such geometries.
    crs : str, optional
        Of a file that does not state its own, or a wrong one.
    table : str
        Of the mapping, for errors.

    Raises
    ------
    ValueError
        If it cannot be read, there is no such layer or more than one, or the coordinate system is not known.
    """
    is_parquet = path.suffix.lower() == ".parquet"
    frame = gpd.read_parquet(path) if is_parquet else _read(path, _chosen(path, kinds, layer))
    if crs is not None:
        frame = frame.set_crs(named_crs(crs, f"the crs of {path.name}"), allow_override=True)
    if frame.crs is None:
        raise unstated_crs(
            f"{path.name} does not state its coordinate system: say crs in the mapping, such as {STATE_PLANE}"
        )
    if not len(frame):
        raise ValueError(
            f"{path.name} has no {' or '.join(kinds)}: its layer is empty: export it again with its "
            "features, or leave the file out"
        )
    if frame.crs.is_geographic:
        bounds = frame.geometry.bounds.to_numpy()
        for corner in (bounds[:, :2], bounds[:, 2:]):
            require_degrees(corner, lambda row: f"{path.name}, row {row + 1}: the {kinds[0]}", table)
    return frame


def _chosen(path: Path, kinds: Sequence[str], layer: str | None) -> str:
    try:
        layers = pyogrio.list_layers(path)
    except pyogrio.errors.DataSourceError as reason:
        why = str(reason).partition(";")[0].rstrip(".")  # what follows is advice for programs that call GDAL
        raise ValueError(
            f"{path} is not a geographic file that can be read: {why}; expected {kinds[0]}s in GeoJSON, GeoPackage, a "
            "zipped shapefile or a file geodatabase"
        ) from reason
    names = [str(name) for name in layers[:, 0]]
    if layer is not None:
        if layer not in names:
            raise ValueError(f"{path.name} has no layer {layer}, it has {', '.join(names)}")
        return layer
    # Some formats do not say what their layers hold; M and Z are of coordinates.
    fitting = [
        str(name)
        for name, kind in layers
        if kind is None or str(kind).removeprefix("2.5D ").removesuffix(" Z").removesuffix(" M") in (*kinds, "Unknown")
    ]
    if _PREFERRED in fitting:
        return _PREFERRED
    if len(fitting) != 1:
        sentence = (
            f"{path.name} has {len(fitting)} layers of {' or '.join(kinds)} among {', '.join(names)}: say in the "
            "mapping which layer is meant"
        )
        if not fitting:
            raise ValueError(sentence)
        raise UnstatedError(sentence, f"layer = {toml_value(fitting[0])}  # check: one of {', '.join(fitting)}")
    return fitting[0]


def _read(path: Path, layer: str) -> "gpd.GeoDataFrame":
    try:
        return gpd.read_file(path, layer=layer, engine="pyogrio")
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, ValueError) as reason:
        raise ValueError(f"{path} cannot be read: {reason}") from reason

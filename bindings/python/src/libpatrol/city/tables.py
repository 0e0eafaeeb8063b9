"""The tables of a city folder: their columns and types."""

from pathlib import Path

from libpatrol.extras import extra

with extra("city", "libpatrol.city"):
    import pandas as pd
    import pyarrow as pa
    import pyarrow.parquet as pq

_TIME = pa.timestamp("us", tz="UTC")

SCHEMAS = {
    "calls": pa.schema(
        {
            "call_id": pa.string(),
            "received": _TIME,
            "dispatched": _TIME,
            "arrived": _TIME,
            "cleared": _TIME,
            "x": pa.float64(),
            "y": pa.float64(),
            "node": pa.int32(),
            "beat": pa.string(),
            "category": pa.string(),
            "priority": pa.int8(),
            "units": pa.int8(),
            "responding": pa.int8(),
            "weight": pa.float32(),
            "self_initiated": pa.bool_(),
        }
    ),
    "responses": pa.schema(
        {"call_id": pa.string(), "unit": pa.string(), "dispatched": _TIME, "arrived": _TIME, "cleared": _TIME}
    ),
    "other_work": pa.schema(
        {
            "start": _TIME,
            "end": _TIME,
            "x": pa.float64(),
            "y": pa.float64(),
            "node": pa.int32(),
            "beat": pa.string(),
            "category": pa.string(),
            "unit": pa.string(),
        }
    ),
    "roster": pa.schema({"unit": pa.string(), "start": _TIME, "end": _TIME}),
    "beats": pa.schema(
        {
            "index": pa.int32(),
            "name": pa.string(),
            "group": pa.string(),
            "x": pa.float64(),
            "y": pa.float64(),
            "geometry": pa.binary(),
            "station_node": pa.int32(),
        }
    ),
    "nodes": pa.schema(
        {
            "index": pa.int32(),
            "x": pa.float64(),
            "y": pa.float64(),
            "longitude": pa.float64(),
            "latitude": pa.float64(),
            "beat": pa.string(),
            "street": pa.string(),
        }
    ),
}
"""By name of the table; a file has its columns in this order. Times are instants, places metres in the city's CRS."""


def write_table(path: Path, name: str, table: pd.DataFrame) -> None:
    """Write a table of a city folder.

    Parameters
    ----------
    path : Path
        File to write.
    name : str
        One of ``SCHEMAS``.
    table : DataFrame
        With at least the columns of the schema.
    """
    schema = SCHEMAS[name]
    pq.write_table(pa.Table.from_pandas(table[schema.names], schema, preserve_index=False), path, compression="zstd")


def read_table(path: Path, name: str) -> pd.DataFrame:
    """Return a table of a city folder.

    Raises
    ------
    ValueError
        If the file is not such a table.
    """
    try:
        table = pq.read_table(path)
    except (pa.ArrowInvalid, OSError) as reason:
        raise ValueError(f"{path} cannot be read: {reason}") from reason
    found = table.schema.remove_metadata()
    for field in SCHEMAS[name]:
        if field.name not in found.names or found.field(field.name).type != field.type:
            raise ValueError(f"{path} has no column {field.name} of type {field.type}")
    return table.select(SCHEMAS[name].names).to_pandas()

"""A log of calls in a general CSV format."""

import os
from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from libpatrol.area import Area
from libpatrol.scenario_arrays import logged_calls

COLUMNS = ("time", "node", "x", "y", "category", "priority", "service_seconds")


def read_calls(path: str | os.PathLike[str], area: Area, category_names: Sequence[str]) -> tuple[NDArray[np.void], int]:
    """Read calls from a CSV file.

    Parameters
    ----------
    path : path-like
        With the columns `time` (dates and times, or seconds since a Monday 00:00), `node` or `x` and `y` in the
        area's coordinates, `category` (name or number), and optionally `priority` and `service_seconds`, empty where
        not known.
    area : Area
        Where the calls are.
    category_names : sequence of str
        Of the area.

    Returns
    -------
    tuple
        LOGGED_CALL_DTYPE [calls], ascending by time, and how many rows were left out since something is missing in
        them.
    """
    table = pd.read_csv(path)
    unknown = [name for name in table.columns if name not in COLUMNS]
    placed = ["node"] if "node" in table else ["x", "y"]
    needed = ["time", *placed, "category"]
    missing = [name for name in needed if name not in table]
    if unknown or missing:
        said = f"lacks {', '.join(missing)}" if missing else f"has the unknown columns {', '.join(unknown)}"
        raise ValueError(f"{path} {said}; a log has {', '.join(COLUMNS)}, and either node or x and y")
    table["time"] = _seconds(table["time"])
    whole = table[needed].notna().all(axis=1)
    rows = table[whole].sort_values("time", kind="stable", ignore_index=True)
    if rows.empty:
        raise ValueError(f"{path} has no row with {', '.join(needed)}")
    calls = logged_calls(len(rows))
    calls["time_seconds"] = rows["time"]
    calls["node"] = _nodes(rows, area, path)
    calls["category"] = _categories(rows["category"], category_names, path)
    for name in ("priority", "service_seconds"):
        if name in rows:
            values = pd.to_numeric(rows[name], errors="coerce")
            calls[name] = values.fillna(0) if name == "priority" else values
    return calls, int((~whole).sum())


def _seconds(column: "pd.Series") -> "pd.Series":
    """Return seconds since a Monday 00:00: the one before the first call where the column has dates."""
    if pd.api.types.is_numeric_dtype(column):
        return column.astype(np.float64)
    times = pd.to_datetime(column, errors="coerce", format="ISO8601")
    first = times.min()
    return (times - (first.normalize() - pd.Timedelta(days=first.weekday()))).dt.total_seconds()


def _nodes(rows: pd.DataFrame, area: Area, path: str | os.PathLike[str]) -> NDArray[np.integer]:
    if "node" not in rows:
        return area.nearest_nodes(rows[["x", "y"]].to_numpy(np.float64))[0]
    nodes = pd.to_numeric(rows["node"], errors="coerce").fillna(-1).to_numpy(np.int64)
    if nodes.min() < 0 or nodes.max() >= area.info.node_count:
        row = int(np.flatnonzero((nodes < 0) | (nodes >= area.info.node_count))[0])
        raise ValueError(
            f"{path}: the node {rows['node'].iloc[row]} is none of the area's, expected 0 to {area.info.node_count - 1}"
        )
    return nodes


def _categories(column: "pd.Series", names: Sequence[str], path: str | os.PathLike[str]) -> NDArray[np.integer]:
    if pd.api.types.is_numeric_dtype(column):
        numbers = column.to_numpy(np.int64)
    else:
        numbers = pd.Index(names).get_indexer(column.str.strip())
    wrong = np.flatnonzero((numbers < 0) | (numbers >= len(names)))
    if len(wrong):
        raise ValueError(
            f"{path}: the category {column.iloc[wrong[0]]} is not known, expected one of {', '.join(names)}, "
            "or its number"
        )
    return numbers

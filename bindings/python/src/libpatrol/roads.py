"""Reads a real road graph in the format of JEMSS (uoa-ems-research/JEMSS.jl): `nodes.csv` and `arcs.csv`."""

import os
import zipfile
from io import TextIOWrapper
from pathlib import Path
from typing import TextIO

import numpy as np
from numpy.typing import NDArray

from libpatrol.area_arrays import AreaArrays
from libpatrol.demand import CATEGORY_SERVICE_SECONDS, CATEGORY_WEIGHTS, Demand, hotspot_demand
from libpatrol.enums import CoordinateSystem

_SECONDS_PER_DAY = 86_400.0


def roads_from_jemss(directory: str | os.PathLike[str], *, seed: int = 0, demand: Demand | None = None) -> AreaArrays:
    """Return the road graph of a directory, with synthetic demand: the format has no calls.

    Parameters
    ----------
    directory : path-like
        With `nodes.csv` and `arcs.csv`, or both in `roads.zip`. Travel times are days there; mode 1 is emergency
        driving, mode 2 ordinary driving.
    seed : int
        Of the hotspots.
    demand : Demand, optional
        Volume and hotspots; 30 calls an hour unless told.
    """
    nodes = _table(Path(directory), "nodes", ("index", "x", "y"))
    arcs = _table(Path(directory), "arcs", ("fromNode", "toNode", "mode_1", "mode_2"))
    if not np.array_equal(nodes[:, 0], np.arange(1, len(nodes) + 1)):
        raise ValueError("nodes.csv: nodes must be numbered 1, 2, ... in order")
    coordinates = nodes[:, 1:3]
    return AreaArrays(
        coordinates=coordinates,
        coordinate_system=CoordinateSystem.GEOGRAPHIC,
        edges=arcs[:, :2] - 1,
        edge_emergency_seconds=arcs[:, 2] * _SECONDS_PER_DAY,
        edge_patrol_seconds=arcs[:, 3] * _SECONDS_PER_DAY,
        category_service_seconds=CATEGORY_SERVICE_SECONDS,
        category_weights=CATEGORY_WEIGHTS,
        demand_calls_per_hour=hotspot_demand(
            coordinates, demand or Demand(calls_per_hour=30.0, hotspots=6), np.random.default_rng(seed)
        ),
    )


def _table(directory: Path, name: str, columns: tuple[str, ...]) -> NDArray[np.float64]:
    """Return the table `name` of `name`.csv: its title and size, column names, rows; other tables may come first."""
    with _opened(directory, f"{name}.csv") as lines:
        for line in lines:
            if line.split(",")[0] == name:
                count = int(line.split(",")[1])
                break
        else:
            raise ValueError(f"{directory}: {name}.csv has no table {name!r}")
        heading = next(lines).strip().split(",")
        missing = [column for column in columns if column not in heading]
        if missing:
            raise ValueError(f"{directory}: {name}.csv lacks the columns {missing}")
        chosen = [heading.index(column) for column in columns]
        return np.loadtxt(lines, delimiter=",", usecols=chosen, max_rows=count, ndmin=2)


def _opened(directory: Path, name: str) -> TextIO:
    if (directory / name).exists():
        return open(directory / name, encoding="utf-8")
    return TextIOWrapper(zipfile.ZipFile(directory / "roads.zip").open(name), encoding="utf-8")

"""Logs of the size of a large city's year, made: times, places, types, and some dirt."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as arrow_csv

from libpatrol.city.reading.mapping_tables import RoadColumns
from libpatrol.city.reading.road_files import read_roads

TYPES = 40
_FORMAT = "%m/%d/%Y %I:%M:%S %p"


def write_log(path: Path, streets: Path, calls: int, kind: str, seed: int = 0) -> int:
    """Write a log and return how many rows it has; `kind` is "call" or "unit"."""
    rng = np.random.default_rng(seed)
    nodes = read_roads(streets, RoadColumns()).degrees
    received = np.sort(rng.uniform(0, 365 * 86_400, calls))
    units = 1 + (rng.random(calls) < 0.3) + (rng.random(calls) < 0.1)
    row = np.repeat(np.arange(calls), units) if kind == "unit" else np.arange(calls)
    dispatched = received[row] + rng.exponential(300, len(row))
    arrived = dispatched + rng.gamma(3, 120, len(row))
    cleared = arrived + rng.exponential(1500, len(row))
    places = nodes[rng.integers(len(nodes), size=calls)] + rng.normal(0, 5e-4, (calls, 2))
    places[rng.random(calls) < 0.01] = 0  # no place
    table = pa.table(
        {
            "Event Number": _numbered("P25", 10_000_000 + np.arange(calls)).take(pa.array(row)),
            "Call Type": _numbered("TYPE ", 10 + rng.integers(TYPES, size=calls)).take(pa.array(row)),
            "Priority": rng.choice(4, calls, p=(0.1, 0.3, 0.4, 0.2))[row] + 1,
            "Beat": _numbered("B", rng.integers(1, 31, calls)).take(pa.array(row)),
            "Time Received": _written(received[row]),
            "Time Dispatched": _written(dispatched),
            "Time Arrived": _written(arrived, rng.random(len(row)) < 0.15),
            "Time Cleared": _written(cleared),
            "Unit": _numbered("U", rng.integers(1, 121, len(row))),
            "Longitude": places[row, 0].round(6),
            "Latitude": places[row, 1].round(6),
            "Block": pa.array(["1XX MAIN ST"]).take(pa.array(np.zeros(len(row), np.int64))),
            "Disposition": _numbered("DISPOSITION ", rng.integers(9, size=len(row))),
        }
    )
    arrow_csv.write_csv(table, path)
    return len(table)


def _numbered(prefix: str, numbers: np.ndarray) -> pa.Array:
    return pc.binary_join_element_wise(prefix, pc.cast(pa.array(numbers), pa.string()), "")


def _written(seconds: np.ndarray, missing: np.ndarray | None = None) -> pa.Array:
    """Return times in 2025 as text, none where `missing`."""
    micros = (1_735_689_600 + seconds.round()).astype("int64") * 1_000_000
    times = pa.array(micros, mask=missing).cast(pa.timestamp("us"))
    return pc.strftime(times.cast(pa.timestamp("s")), format=_FORMAT)

"""The decisions that are timed."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from libpatrol import Area, AreaArrays, Snapshot
from libpatrol.synthetic import cities
from libpatrol.synthetic.roads import roads_from_jemss
from libpatrol.synthetic.snapshots import sample_snapshot


@dataclass(frozen=True)
class Case:
    """A city, some snapshots of one size, and how often one round repeats each way of deciding."""

    name: str
    city: AreaArrays
    area: Area
    snapshots: list[Snapshot]
    repeats: int


def small(units: int, calls: int, name: str) -> Case:
    return _case(f"100 nodes, {name}", cities.grid(10, 10, seed=1), units, calls, busy_share=0.0, count=8, repeats=200)


def manhattan(directory: Path) -> Case:
    city = roads_from_jemss(directory)
    return _case("Manhattan, 16,811 nodes, 60 units, 25 calls", city, 60, 25, busy_share=0.4, count=4, repeats=5)


def _case(name: str, city: AreaArrays, units: int, calls: int, *, busy_share: float, count: int, repeats: int) -> Case:
    area = Area.from_arrays(**city)
    rng = np.random.default_rng(1)
    sizes = {"unit_count": units, "incident_count": calls, "busy_share": busy_share, "nodes": area.patrol_locations}
    return Case(name, city, area, [sample_snapshot(city, rng, **sizes) for _ in range(count)], repeats)


def cases(directory: Path) -> Iterator[Case]:
    """Yield the small city with and without calls, and Manhattan where its roads are."""
    yield small(5, 5, "5 free units, 5 calls")
    yield small(5, 0, "5 free units, no calls: patrol alone")
    if directory.exists():
        yield manhattan(directory)
    else:
        print(f"no Manhattan: {directory} is not there")

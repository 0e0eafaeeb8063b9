"""Generated departments: cities, fleets, calls, work and shifts by number, of 3 to 100 units."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from libpatrol.scenario.description import ScenarioDescription
from libpatrol.scenario.tables import (
    CategoryTable,
    CityTable,
    DemandTable,
    FleetTable,
    OutOfServiceTable,
    QueueTable,
    RunTable,
    ShiftTable,
    WorkTable,
)

LEAST_UNITS, MOST_UNITS = 3, 100
_LOADS = {"light": 0.3, "medium": 0.55, "heavy": 0.75}
_NAMES = ("life at risk", "in progress", "report", "service")
_SERVICE_MINUTES = ((30, 60), (20, 45), (15, 35), (10, 30))


def department(number: int) -> ScenarioDescription:
    """Return a department drawn at random: the same number gives the same department.

    3 to 100 units, as many departments below 17 as above; irregular roads or a grid with 8 to 14 places and a twelfth
    to a third of a beat for each unit; three or four categories in the order of their priorities, the most urgent often
    with two units a call; volume that changes over the day, more in some departments than in others; calls spread
    evenly, from hotspots, or from hotspots that change with the hour. Units may start work by themselves or be out of
    service, and some be on duty in the busier hours only; decisions of some departments know how long busy units still
    need, or are told shortly before they are free; some keep units on patrol in their home beats.

    Parameters
    ----------
    number : int
        0 or more.

    Returns
    -------
    ScenarioDescription
        With the loads light, medium and heavy (0.3, 0.55 and 0.75 per unit on duty, travel included).
    """
    rng = np.random.default_rng((0xDE97, number))
    units = round(float(np.exp(rng.uniform(np.log(LEAST_UNITS - 0.5), np.log(MOST_UNITS + 0.5)))))
    volume = _volume(rng)
    return ScenarioDescription(
        description=f"Generated department: {units} units, up to {volume.max():.1f} times the mean volume of calls",
        city=_city(rng, units),
        fleet=_fleet(rng, units),
        categories=_categories(rng),
        demand=_demand(rng, volume),
        loads=dict(_LOADS),
        default_load="medium",
        shifts=_shifts(rng, units, volume),
        queue=QueueTable(capacity=1000),
        work=_work(rng),
        out_of_service=OutOfServiceTable(per_hour=0.04) if rng.random() < 0.4 else None,
        storms=(),
        run=RunTable(),
        group_weights=None,
        response_targets_seconds=[480.0, 900.0, 1800.0, 3600.0],
        grace_seconds=[],
        rules={"home_beat_patrol": True} if rng.random() < 0.2 else {},
    )


def _volume(rng: np.random.Generator) -> NDArray[np.float64]:
    """Return the relative volume of each hour of the day: least before dawn, most from noon to midnight."""
    busiest, depth = rng.uniform(12, 23), rng.uniform(0.0, 0.6)
    wave = np.cos((np.arange(24) + 0.5 - busiest) * 2 * np.pi / 24)
    return np.asarray((1 + depth * wave).round(2))


def _city(rng: np.random.Generator, units: int) -> CityTable:
    nodes = max(49, round(units * rng.uniform(8, 14)))
    columns = round(nodes**0.5)
    return CityTable(
        generator="grid" if rng.random() < 0.3 else "irregular",
        rows=columns,
        columns=columns,
        nodes=nodes,
        beats=max(1, round(units * rng.uniform(1 / 12, 1 / 3))),
        block_metres=round(float(rng.uniform(300, 1200))),
        seed=int(rng.integers(1 << 31)),
    )


def _fleet(rng: np.random.Generator, units: int) -> FleetTable:
    knows = rng.random()
    return FleetTable(units=units, knows_time_left=bool(knows < 0.4), notice_seconds=300.0 if knows < 0.15 else 0.0)


def _categories(rng: np.random.Generator) -> tuple[CategoryTable, ...]:
    count = int(rng.integers(3, 5))
    shares = rng.uniform((0.05, 0.2, 0.2, 0.1), (0.15, 0.4, 0.5, 0.3))[:count]
    weights = rng.uniform((3.0, 1.5, 1.0, 0.3), (6.0, 2.5, 1.0, 0.8))[:count]
    two_units = rng.random() < 0.6
    tables = []
    for k in range(count):
        least, most = _SERVICE_MINUTES[k]
        shape: dict[str, Any] = {"service": "log_normal", "service_variation": round(float(rng.uniform(0.5, 1.0)), 2)}
        tables.append(
            CategoryTable(
                name=_NAMES[k],
                priority=k + 1,
                share=round(float(shares[k]), 2),
                weight=round(float(weights[k]), 1),
                service_mean_seconds=60.0 * int(rng.integers(least, most + 1)),
                units_required=2 if k == 0 and two_units else 1,
                **shape,
            )
        )
    return tuple(tables)


def _demand(rng: np.random.Generator, volume: NDArray[np.float64]) -> DemandTable:
    places = int(rng.integers(0, 7))
    shifting = places > 0 and rng.random() < 0.5
    return DemandTable(
        hotspots=rng.uniform(0.1, 0.9, (places, 2)).round(2).tolist(),
        busiest_hours=rng.integers(0, 24, places).astype(float).tolist() if shifting else None,
        concentration=round(float(rng.uniform(0.3, 0.7)), 2),
        width=round(float(rng.uniform(0.06, 0.15)), 2),
        hourly_volume=volume.tolist(),
    )


def _shifts(rng: np.random.Generator, units: int, volume: NDArray[np.float64]) -> tuple[ShiftTable, ...]:
    """Return nothing, or one shift of ten hours about the busiest one for a quarter or a third of the units."""
    if rng.random() < 0.7 or units < 6:
        return ()
    part = int(rng.integers(3, 5))
    start = float((int(volume.argmax()) - 5) % 24)
    return (ShiftTable(units=list(range(0, units, part)), start_hour=start, end_hour=start + 10),)


def _work(rng: np.random.Generator) -> WorkTable | None:
    if rng.random() < 0.3:
        return None
    per_hour = round(float(rng.uniform(0.1, 0.5)), 2)
    return WorkTable(per_hour=[per_hour], mean_seconds=900.0, interruptible_priority=2)

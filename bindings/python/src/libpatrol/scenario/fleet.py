"""The fleet and the calls of a scenario file as arrays."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from libpatrol._native.abi import PRIORITIES
from libpatrol._native.arrays import numbers
from libpatrol.area_arrays import AreaArrays
from libpatrol.enums import Service
from libpatrol.scenario.arrays import (
    CALL_CATEGORY_DTYPE,
    FLEET_UNIT_DTYPE,
    SHIFT_DTYPE,
    STORM_DTYPE,
    ScenarioArrays,
    structured,
)
from libpatrol.scenario.description import ScenarioDescription
from libpatrol.scenario.tables import CategoryTable


def fleet_of(description: ScenarioDescription, city: AreaArrays) -> ScenarioArrays:
    """Return the fleet and the calls that a scenario file describes for its city."""
    work, out = description.work, description.out_of_service
    targets = [*description.response_targets_seconds, *[np.inf] * PRIORITIES][:PRIORITIES]
    grace = [*description.grace_seconds, *[0.0] * PRIORITIES][:PRIORITIES]
    prices = [*description.late_price_seconds, *[0.0] * PRIORITIES][:PRIORITIES]
    optional: dict[str, Any] = {}
    if work is not None:
        optional |= {
            "work_per_hour": work.per_hour,
            "work_mean_seconds": work.mean_seconds,
            "work_interruptible_priority": work.interruptible_priority,
        }
    if out is not None:
        optional |= {"out_of_service_per_hour": out.per_hour, "out_of_service_mean_seconds": out.mean_seconds}
    rows, samples = _categories(description.categories)
    return ScenarioArrays(
        unit_count=description.fleet.units,
        units=_units(description, city),
        shifts=_shifts(description),
        categories=rows,
        service_samples=samples,
        group_weights=description.group_weights,
        storms=structured(
            STORM_DTYPE,
            [
                {
                    "start_seconds": 3600 * storm.start_hour,
                    "end_seconds": 3600 * storm.end_hour,
                    "multiplier": storm.multiplier,
                }
                for storm in description.storms
            ],
        ),
        overflow_seconds=description.queue.overflow_seconds,
        compliance=description.fleet.compliance,
        reassessment_seconds=description.queue.reassessment_seconds,
        start_seconds=3600 * description.run.start_hour,
        warm_up_seconds=3600 * description.run.warm_up_hours,
        queue_capacity=description.queue.capacity,
        response_target_seconds=targets,
        grace_seconds=grace,
        late_price_seconds=prices,
        presence_seconds=description.presence_seconds,
        absence_price=description.absence_price,
        knows_time_left=description.fleet.knows_time_left,
        notice_seconds=description.fleet.notice_seconds,
        **optional,
    )


def _categories(tables: Sequence[CategoryTable]) -> tuple[NDArray[np.void], list[float]]:
    rows: list[dict[str, Any]] = []
    samples: list[float] = []
    for table in tables:
        name = table.service.upper()
        if name not in Service.__members__:
            kinds = ", ".join(kind.name.lower() for kind in Service)
            raise ValueError(f"category {table.name}: service is {table.service!r}, expected one of {kinds}")
        mean = float(np.mean(table.service_samples)) if table.service_samples else table.service_mean_seconds
        rows.append(
            {
                "required_capabilities": table.required_capabilities,
                "service_mean_seconds": mean,
                "service_variation": table.service_variation,
                "weight": table.weight,
                "priority": table.priority,
                "units_required": table.units_required,
                "service_kind": Service[name],
                "first_sample": len(samples),
                "sample_count": len(table.service_samples),
            }
        )
        samples += table.service_samples
    return structured(CALL_CATEGORY_DTYPE, rows), samples


def _units(description: ScenarioDescription, city: AreaArrays) -> NDArray[np.void] | None:
    fleet = description.fleet
    if fleet.start_nodes is None:
        return None
    units = np.zeros(fleet.units, FLEET_UNIT_DTYPE)
    units["id"] = np.arange(fleet.units)
    nodes = np.array(fleet.start_nodes)
    if nodes.min() < 0 or nodes.max() >= city.node_count:
        raise ValueError(f"fleet.start_nodes holds a node outside 0 ... {city.node_count - 1}")
    units["start_node"] = nodes
    beats = np.full(city.node_count, -1) if city.node_beats is None else city.node_beats
    homes = beats[nodes] if fleet.home_beats is None else fleet.home_beats
    units["home_beat"] = numbers("fleet.home_beats", homes, np.int32, (fleet.units,))
    if fleet.capabilities is not None:
        units["capabilities"] = numbers("fleet.capabilities", fleet.capabilities, np.uint64, (fleet.units,))
    return units


def _shifts(description: ScenarioDescription) -> NDArray[np.void]:
    _check_overlaps(description)
    rows = [
        {"unit": unit, "start_hour": 24 * day + shift.start_hour, "end_hour": 24 * day + shift.end_hour}
        for shift in description.shifts
        for unit in shift.units
        for day in shift.days
    ]
    return structured(SHIFT_DTYPE, rows)


def _check_overlaps(description: ScenarioDescription) -> None:
    """Raise a ValueError that names the tables, where a unit has two shifts at once; the library counts rows."""
    own: dict[int, list[tuple[float, float, int]]] = {}
    for table, shift in enumerate(description.shifts):
        for unit in shift.units:
            times = [(24 * day + shift.start_hour, 24 * day + shift.end_hour, table) for day in shift.days]
            own.setdefault(unit, []).extend(times)
    for unit, times in own.items():
        times.sort()
        following = [*times[1:], (times[0][0] + 168, times[0][1] + 168, times[0][2])]
        for (_, end, first), (start, _, second) in zip(times, following, strict=True):
            if start < end:
                raise ValueError(
                    f"shifts[{first}] and shifts[{second}] overlap: unit {unit} is on duty until {_day_and_hour(end)}, "
                    f"and again from {_day_and_hour(start)}"
                )


def _day_and_hour(hour: float) -> str:
    minutes = round(60 * hour)
    day = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")[minutes // 1440 % 7]
    return f"{day} {minutes // 60 % 24:02d}:{minutes % 60:02d}"

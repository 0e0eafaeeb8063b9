"""How each unit spent a simulated period: on duty, committed, driving."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from libpatrol.area_arrays import AreaArrays
from libpatrol.city.model import CityModel
from libpatrol.enums import CoordinateSystem

_HOUR = 3600.0


def unit_outcome(model: CityModel, times: NDArray[np.void] | None, days: int) -> dict[str, dict[str, float | None]]:
    """Return each unit's measures, by its name.

    Parameters
    ----------
    model : CityModel
        Whose units and streets are meant.
    times : UNIT_TIMES_DTYPE [units]
        Of a simulated period.
    days : int
        That it lasted.

    Returns
    -------
    dict
        By unit: hours a day on duty, committed and driving, the share of its time on duty that is committed,
        dispatches a day, and kilometers a day, about: streets are driven at their mean speed, and are straight
        between corners.
    """
    assert times is not None, "only simulations tell how units spent their time"
    patrol, emergency = street_speeds(model.area)
    found: dict[str, dict[str, float | None]] = {}
    for name, row in zip(unit_names(model), times, strict=True):
        committed = float(row["en_route"] + row["on_scene"] + row["self_initiated"])
        on_duty = committed + float(row["standing"] + row["driving"])
        found[name] = {
            "hours_on_duty_per_day": on_duty / _HOUR / days,
            "hours_committed_per_day": committed / _HOUR / days,
            "hours_driving_per_day": float(row["driving"] + row["en_route"]) / _HOUR / days,
            "share_time_committed": committed / on_duty if on_duty > 0 else None,
            "dispatches_per_day": float(row["dispatches"]) / days,
            "kilometers_per_day": float(patrol * row["driving"] + emergency * row["en_route"]) / 1000 / days,
        }
    return found


def unit_names(model: CityModel) -> list[str]:
    """Return the units' names, in the order of the fleet."""
    return model.facts.units or [f"unit {k + 1}" for k in range(model.scenario.unit_count)]


def street_speeds(area: AreaArrays) -> tuple[float, float]:
    """Return the mean speed on all streets in metres a second: on patrol, with lights and sirens; NaN without places.

    Raises
    ------
    ValueError
        If the places are not planar.
    """
    if area.coordinates is None or not len(area.edges):
        return float("nan"), float("nan")
    if area.coordinate_system is not CoordinateSystem.PLANAR:
        raise ValueError(f"places are {area.coordinate_system.name.lower()}, expected planar ones")
    ends = area.coordinates[area.edges.astype(np.int64)]
    metres = float(np.hypot(*(ends[:, 1] - ends[:, 0]).T).sum())
    patrol = area.edge_patrol_seconds
    emergency = patrol if area.edge_emergency_seconds is None else area.edge_emergency_seconds
    return metres / float(patrol.sum(dtype=np.float64)), metres / float(emergency.sum(dtype=np.float64))


def unit_table(options: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the mean of each unit's measures under each strategy, a row each.

    Parameters
    ----------
    options : list of dict
        "options" of the results, with ``name`` and ``unit``.
    """
    return [
        {"strategy": option["name"], "unit": unit, **{measure: told["mean"] for measure, told in measures.items()}}
        for option in options
        for unit, measures in option["unit"].items()
    ]

"""The share of units' time that is committed, by hour of the week, as the log has it."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from libpatrol.city.fleet import by_hour
from libpatrol.city.history import History
from libpatrol.city.model import CityModel
from libpatrol.scenario.details import units_on_duty

BENCHMARK = 0.6
"""Often quoted as the most that should be committed; a benchmark, not a cap."""
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def committed_time(model: CityModel, history: History) -> pd.DataFrame:
    """Return units on duty and committed over all units that responded, for each hour of the week.

    Parameters
    ----------
    model : CityModel
        Whose fleet is used where the log does not say who was on duty.
    history : History
        The whole log.

    Returns
    -------
    DataFrame
        168 rows: ``day``, ``hour``, ``units_on_duty``, ``units_on_calls``, ``units_on_other_work``,
        ``share_time_committed``, ``above_benchmark``.
    """
    busy = history.activity.busy.dropna()
    calls, other = (_mean_units(busy[busy["is_call"] == is_call], history) for is_call in (True, False))
    duty = _mean_units(history.activity.duty, history)
    if not duty.sum() > 0:
        duty = units_on_duty(model.scenario.arrays)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(duty > 0, (calls + other) / duty, np.nan)
    return pd.DataFrame(
        {
            "day": np.repeat(_DAYS, 24),
            "hour": np.tile(np.arange(24), 7),
            "units_on_duty": duty,
            "units_on_calls": calls,
            "units_on_other_work": other,
            "share_time_committed": share,
            "above_benchmark": share > BENCHMARK,
        }
    )


def _mean_units(spans: pd.DataFrame, history: History) -> NDArray[np.float64]:
    _, hour, share = by_hour(spans)
    inside = (hour >= history.start / 3600) & (hour < history.end / 3600) & ~np.isin(hour // 24, history.gaps)
    total = np.bincount(hour[inside] % 168, share[inside], minlength=168)
    return total / np.maximum(history.exposure(), 1)


def busiest(table: pd.DataFrame) -> list[str]:
    """Return what the table says, in sentences."""
    duty = table["units_on_duty"].sum()
    mean = float((table["units_on_calls"].sum() + table["units_on_other_work"].sum()) / duty) if duty > 0 else np.nan
    own = float(table["units_on_calls"].sum() / duty) if duty > 0 else np.nan
    above = int(table["above_benchmark"].sum())
    top = table.loc[table["share_time_committed"].idxmax()]
    return [
        f"{100 * mean:.0f} % of the units' time is committed over the week, {100 * own:.0f} % to calls; most on "
        f"{top['day']} at {int(top['hour']):02d}:00 with {100 * top['share_time_committed']:.0f} %",
        f"{above} of the 168 hours of the week are above the benchmark of {100 * BENCHMARK:.0f} %, which is no cap: "
        "what matters is how soon calls are reached",
    ]

"""Makes a city folder with the results of every step, by the formats that the steps write."""

import json
from pathlib import Path
from typing import Any

from city_folders import tiny_city

from libpatrol.city.checking import check
from libpatrol.city.comparing import compare
from libpatrol.city.folder import CityFolder


def studied_city(path: Path) -> CityFolder:
    """Write a city folder in which every step was done."""
    city = tiny_city(path, weeks=3)
    check(city, replications=2)
    compare(city, replications=2)
    _write(city, "staff", _staff())
    _write(city, "train", {"outcomes": _outcomes(), "strategy": "trained for this city"})
    return city


def _write(city: CityFolder, step: str, content: dict[str, Any]) -> None:
    with city.write_step(step) as folder:
        (folder / "results.json").write_text(json.dumps(content), encoding="utf-8")


def _staff() -> dict[str, Any]:
    shares = [0.7, 0.82, 0.91, 0.95]
    curve = {
        "name": "tours a day",
        "units": [22, 23, 24, 25],
        "share_within_target": shares,
        "intervals": [[share - 0.02, share + 0.02] for share in shares],
    }

    def told(mean: float) -> dict[str, Any]:
        return {"mean": mean, "interval": [0.9 * mean, 1.1 * mean], "difference": 30.0, "difference_interval": [10, 50]}

    options = [
        {
            "name": name,
            "tours": [{"start_hour": hour, "units": units} for hour in (7, 15, 23)],
            "tours_per_day": 3 * units,
            "officers": 5 * units,
            "relief_factor": 1.72,
            "erlang_c_share_waiting": 0.02,
            "all": {"share_time_committed": told(0.5), "share_waiting": told(0.03)},
            "priority": {"1": {"share_within_target": told(0.9)}, "3": {}},
        }
        for name, units in (("today", 8), ("same units, other hours", 8), ("for the target", 9))
    ]
    return {
        "target": {"priority": 1, "seconds": 480.0, "share": 0.9},
        "targets": ["priority 1: 90 % within 8 min of the call"],
        "curves": [curve],
        "options": options,
        "one_unit_fewer": [{"start_hour": 7, "priority": {"1": {"response_seconds_p90": told(400.0)}, "3": {}}}],
        "benchmark_share_time_committed": 0.6,
        "share_time_committed_by_hour": [0.3, 0.7, None, *[0.5] * 165],
        "sentences": ["27 tours a day reach the target"],
    }


def _outcomes() -> list[dict[str, Any]]:
    columns = {"kind": [0, 0, 1, 2, 3], "events": [1e6, 2e6, 4e6, 6e6, 8e6], "cost": [1.0, 0.95, 0.9, 0.91, 0.89]}
    rows = zip(*columns.values(), [True, True, True, False, True], strict=True)
    return [dict(zip((*columns, "is_accepted"), row, strict=True)) for row in rows]

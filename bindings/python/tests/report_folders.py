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
    shares = {"day": [0.7, 0.82, 0.91, 0.95], "night": [0.8, 0.9, 0.95, 0.97]}
    curves = [
        {
            "name": name,
            "units": [6, 7, 8, 9],
            "share_within_target": found,
            "intervals": [[share - 0.02, share + 0.02] for share in found],
        }
        for name, found in shares.items()
    ]
    target = {"priority": 1, "seconds": 480.0, "share": 0.9}
    return {"target": target, "curves": curves, "sentences": ["eight units by day reach the target"]}


def _outcomes() -> list[dict[str, Any]]:
    columns = {"kind": [0, 0, 1, 2, 3], "events": [1e6, 2e6, 4e6, 6e6, 8e6], "cost": [1.0, 0.95, 0.9, 0.91, 0.89]}
    rows = zip(*columns.values(), [True, True, True, False, True], strict=True)
    return [dict(zip((*columns, "is_accepted"), row, strict=True)) for row in rows]

"""Makes a city folder with the results of every step, by the formats that the steps write."""

import dataclasses
import json
from pathlib import Path
from typing import Any

import numpy as np
from city_folders import CATEGORIES, ON_SCENE, UNITS, tiny_city

from libpatrol import Scenario
from libpatrol.city.folder import CityFolder
from libpatrol.experiments import exports
from libpatrol.experiments.pairs import PolicyPair
from libpatrol.experiments.replications import replicate
from libpatrol.files import write_area

STRATEGIES = ("stay+own_beat_first", "random_walk+closest_fcfs", "backup_coverage+minimum_weighted_travel")


def modeled_city(path: Path, extra: str = "") -> CityFolder:
    """Write a city folder with the model that ``check`` makes; ``extra`` is added to its scenario file."""
    city = tiny_city(path)
    calls = city.calls()
    local = calls["received"].dt.tz_convert(city.zone)
    hour = local.dt.dayofweek * 24 + local.dt.hour
    kind = calls["category"].map({category.name: k for k, category in enumerate(CATEGORIES)}).astype(int)
    rates = np.zeros((city.streets.node_count, len(CATEGORIES), 168), np.float32)
    np.add.at(rates, (calls["node"], kind, hour), 0.5)
    with city.write_step("check") as folder:
        write_area(folder / "area.safetensors", **dataclasses.replace(city.streets, demand_calls_per_hour=rates))
        (folder / "scenario.toml").write_text(_scenario() + extra, encoding="utf-8")
        told = {"verdict": "matches", "sentences": ["All measures are within 10 % of the log."]}
        told |= {"assumed": ["Units are on duty around the clock."], "unknown": ["How long units talk to callers."]}
        (folder / "check.json").write_text(json.dumps(told), encoding="utf-8")
    return city


def studied_city(path: Path) -> CityFolder:
    """Write a city folder in which every step was done."""
    city = modeled_city(path)
    scenario = Scenario.load(path / "model" / "scenario.toml")
    results = {
        name: replicate(scenario, PolicyPair.parse(name).engine(scenario), range(4), hours=24) for name in STRATEGIES
    }
    with city.write_step("compare") as folder:
        exports.write(folder / "results.json", ".json", scenario, results, {"hours": 24, "seeds": [0, 4]})
    _write(city, "staff", _staff())
    _write(city, "train", {"outcomes": _outcomes(), "strategy": "trained for this city"})
    return city


def _write(city: CityFolder, step: str, content: dict[str, Any]) -> None:
    with city.write_step(step) as folder:
        (folder / "results.json").write_text(json.dumps(content), encoding="utf-8")


def _scenario() -> str:
    kinds = [
        f"[[categories]]\nname = {json.dumps(kind.name)}\npriority = {kind.priority}\nweight = {kind.weight}\n"
        f"units_required = {kind.units}\nservice_mean_seconds = {seconds}\n"
        for kind, seconds in zip(CATEGORIES, ON_SCENE, strict=True)
    ]
    head = (
        'format = "libpatrol scenario"\nformat_version = 1\ndescription = "Tiny"\n'
        "response_targets_seconds = [240, 480, 900]\n"
        f'[city]\nfile = "area.safetensors"\n[fleet]\nunits = {len(UNITS)}\n[run]\nwarm_up_hours = 2\n'
    )
    return head + "".join(kinds)


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
    return {"target": target, "curves": curves, "sentences": ["Eight units by day reach the target."]}


def _outcomes() -> list[dict[str, Any]]:
    columns = {"kind": [0, 0, 1, 2, 3], "events": [1e6, 2e6, 4e6, 6e6, 8e6], "cost": [1.0, 0.95, 0.9, 0.91, 0.89]}
    rows = zip(*columns.values(), [True, True, True, False, True], strict=True)
    return [dict(zip((*columns, "is_accepted"), row, strict=True)) for row in rows]

"""Which keys of a scenario file apply together: a key without effect is a mistake and refused."""

from collections.abc import Iterator, Mapping
from dataclasses import fields
from typing import Any

from libpatrol.engine import EngineOptions
from libpatrol.scenario.toml_tables import check_keys

_CITY_KEYS = {
    "grid": ("rows", "columns", "beats"),
    "two_beats": ("rows", "columns", "crossings"),
    "irregular": ("nodes", "beats"),
}
"""Keys of `[city]` by generator, besides those of all."""
_ALL_CITIES = ("generator", "block_metres", "seed", "east_group", "beat_groups", "patrol_factors", "emergency_factors")
_FILE_KEYS = ("file", "east_group", "beat_groups")
_FILE_DEMAND = ("hourly_volume", "daily_volume")
_ROADS_KEYS = ("roads", "beats", "seed", "east_group", "beat_groups", "patrol_factors", "emergency_factors")
_NEED_HOTSPOTS = ("busiest_hours", "concentration", "width")
_NO_VARIATION = ("exponential", "empirical")

_RULES: dict[str, Any] = {field.name: field.type for field in fields(EngineOptions)} | {
    "group_weights": list[float],
    "longest_hold_seconds": list[float],
    "preemption": list[list[bool]] | list[list[int]],
    "hold_travel_seconds": list[list[float]],
}
"""Types of `[rules]` in TOML."""


def check_idle(file: Mapping[str, Any], where: str) -> None:
    """Check that every key of a scenario file, whose tables have the right types, has an effect.

    Raises
    ------
    ValueError
        With a sentence that names the file and the key.
    """
    for sentence in _idle(file):
        raise ValueError(f"{where}: {sentence}")


def check_rules(rules: Mapping[str, Any], where: str) -> None:
    """Check names and types of `[rules]`; an `Engine` checks the values."""
    check_keys(_RULES, rules, f"{where}: rules")


def _idle(file: Mapping[str, Any]) -> Iterator[str]:
    city, demand = file["city"], file.get("demand", {})
    if "file" in city:
        yield from (f"city.{key} does not apply to a city from a file" for key in city if key not in _FILE_KEYS)
        own = [key for key in demand if key not in _FILE_DEMAND]
        yield from (f"demand.{key} does not apply to a city from a file, which has its own demand" for key in own)
    elif "roads" in city:
        yield from (f"city.{key} does not apply to a city on real roads" for key in city if key not in _ROADS_KEYS)
        if "group_shares" in demand and not ("east_group" in city or city.get("beat_groups")):
            yield "demand.group_shares needs city.east_group or beat_groups: real roads have no population groups"
    elif (generator := city["generator"]) in _CITY_KEYS:
        applies = (*_CITY_KEYS[generator], *_ALL_CITIES)
        yield from (f"city.{key} does not apply to the generator {generator}" for key in city if key not in applies)
    if not demand.get("hotspots"):
        yield from (f"demand.{key} needs demand.hotspots" for key in _NEED_HOTSPOTS if key in demand)
    if "daily_volume" in demand and len(demand.get("hourly_volume", ())) > 24:
        yield "demand.daily_volume does not apply to an hourly_volume of the whole week"
    if "calls_per_hour" in demand and file.get("loads"):
        yield "loads does not apply if demand.calls_per_hour fixes the volume"
    if "late_price_seconds" in file and "response_targets_seconds" not in file:
        yield "late_price_seconds needs response_targets_seconds"
    if "default_load" in file and not file.get("loads"):
        yield "default_load needs loads"
    for k, category in enumerate(file.get("categories", ())):
        yield from (f"categories[{k}].{sentence}" for sentence in _idle_of_category(category, "file" in city))


def _idle_of_category(category: Mapping[str, Any], has_file: bool) -> Iterator[str]:
    service = category.get("service", "exponential")
    is_empirical = service == "empirical"
    if has_file and "share" in category:
        yield "share does not apply to a city from a file, whose demand is by category"
    if "service_variation" in category and service in _NO_VARIATION:
        yield f"service_variation does not apply to the service {service}"
    if is_empirical and "service_mean_seconds" in category:
        yield "service_mean_seconds does not apply to the service empirical: the mean of the samples is used"
    if is_empirical != bool(category.get("service_samples")):
        yield "service_samples belongs to the service empirical" if not is_empirical else "service_samples is missing"

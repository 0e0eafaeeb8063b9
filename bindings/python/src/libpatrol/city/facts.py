"""What ``city.toml`` says about a city folder."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from libpatrol._native.abi import PRIORITIES
from libpatrol.city.toml_text import toml_text
from libpatrol.scenario.toml_tables import Table, as_table, check_keys, parse_toml, read_text

FORMAT = 1
FROM_FILE = "file"
FROM_CALLS = "made from the places of calls"
_TABLES = {
    "format": int, "city": dict, "sources": dict, "assumed": dict, "account": dict, "categories": list[Table],
    "settings": dict,
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Category:
    """A category of calls.

    Attributes
    ----------
    name : str
        As tables have it.
    priority : int
        1 (most urgent) to 8.
    units : int
        That a call asks for.
    weight : float
        Of a second of waiting.
    kind : str
        Always "call".
    """

    name: str
    priority: int = 1
    units: int = 1
    weight: float = 1.0
    kind: str = "call"

    def __post_init__(self) -> None:
        if self.priority not in range(1, PRIORITIES + 1):
            raise ValueError(f"the priority of {self.name} is {self.priority}, expected 1 to {PRIORITIES}")
        if self.units not in range(1, 128):
            raise ValueError(f"{self.name} asks for {self.units} units, expected 1 to 127")
        if not 0 < self.weight < float("inf"):
            raise ValueError(f"the weight of {self.name} is {self.weight:g}, expected a number above 0")


@dataclass(frozen=True, kw_only=True)
class Settings:
    """How the city's units drive and act.

    Attributes
    ----------
    emergency_factor : float
        Emergency seconds divided by patrol seconds, where the roads do not state both.
    turnout_seconds : float
        From a dispatch to the unit's start, while it is not on the road.
    """

    emergency_factor: float = 0.8
    turnout_seconds: float = 0.0


@dataclass(frozen=True, kw_only=True)
class CityFacts:
    """What ``city.toml`` says.

    Attributes
    ----------
    name : str
        Of the city.
    time_zone : str
        IANA name, such as America/Chicago.
    crs : str
        Of all x and y: metric, such as EPSG:32633.
    streets : str
        ``FROM_FILE`` or ``FROM_CALLS``.
    categories : list of Category
        In the order of the area's categories.
    sources : dict
        By kind (calls, roads, ...): ``file``, ``sha256`` and ``rows``.
    settings : Settings
        How units drive.
    assumed : list of str
        What the files do not say, in sentences.
    account : list of str
        What was left out or changed, in sentences.
    mapping_sha256 : str
        SHA-256 of the text of ``mapping.toml`` as it was imported; "" where it is not known.
    """

    name: str
    time_zone: str
    crs: str
    streets: str
    categories: list[Category]
    sources: dict[str, dict[str, Any]] = field(default_factory=dict)
    settings: Settings = field(default_factory=Settings)
    assumed: list[str] = field(default_factory=list)
    account: list[str] = field(default_factory=list)
    mapping_sha256: str = ""

    @classmethod
    def load(cls, path: Path) -> "CityFacts":
        """Read ``city.toml``."""
        where = str(path)
        values = parse_toml(read_text(path), where)
        check_keys(_TABLES, values, where)
        if values.get("format") != FORMAT:
            raise ValueError(f"{where} has format {values.get('format')}, expected {FORMAT}")
        city = as_table(_City, values.get("city", {}), f"{where}: city")
        categories = [
            as_table(Category, row, f"{where}: categories[{k}]") for k, row in enumerate(values.get("categories", []))
        ]
        if not categories:
            raise ValueError(f"{where} has no categories")
        return cls(
            **asdict(city),
            categories=categories,
            sources=values.get("sources", {}),
            settings=as_table(Settings, values.get("settings", {}), f"{where}: settings"),
            assumed=_sentences(values, "assumed", where),
            account=_sentences(values, "account", where),
        )

    def text(self) -> str:
        """Return the content of ``city.toml``."""
        return toml_text(
            {
                "format": FORMAT,
                "city": {name: getattr(self, name) for name in _City.__dataclass_fields__},
                "sources": self.sources,
                "assumed": {"sentences": self.assumed},
                "account": {"sentences": self.account},
                "categories": [asdict(category) for category in self.categories],
                "settings": asdict(self.settings),
            }
        )


@dataclass(frozen=True, kw_only=True)
class _City:
    name: str
    time_zone: str
    crs: str
    streets: str
    mapping_sha256: str = ""

    def __post_init__(self) -> None:
        if self.streets not in (FROM_FILE, FROM_CALLS):
            raise ValueError(f"streets is {self.streets!r}, expected {FROM_FILE!r} or {FROM_CALLS!r}")


def _sentences(values: Mapping[str, Any], name: str, where: str) -> list[str]:
    table = values.get(name, {})
    check_keys({"sentences": list[str]}, table, f"{where}: {name}")
    return list(table.get("sentences", []))

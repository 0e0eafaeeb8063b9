"""The content of a scenario file."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from libpatrol._native.abi import PRIORITIES
from libpatrol.scenario.keys import check_idle, check_rules
from libpatrol.scenario.tables import (
    CategoryTable,
    CityTable,
    DemandTable,
    FleetTable,
    OutOfServiceTable,
    QueueTable,
    RunTable,
    ShiftTable,
    StormTable,
    WorkTable,
    check_shares,
)
from libpatrol.scenario.toml_tables import Table, as_table, parse_toml, within
from libpatrol.synthetic.demand import CATEGORY_NAMES, CATEGORY_SERVICE_SECONDS, CATEGORY_WEIGHTS

FORMAT = "libpatrol scenario"
FORMAT_VERSION = 1


@dataclass(frozen=True, kw_only=True)
class ScenarioDescription:
    """A scenario file.

    Attributes
    ----------
    description : str
        What the scenario is for, in a sentence.
    version : int
        Raised whenever results change, so that those of one version can be compared.
    loads : mapping of str to float
        Offered load per unit, travel included, by name; the demand's volume follows from it.
    default_load : str
        One of `loads`.
    group_weights : list of float
        Multiplies the cost of waiting of each population group.
    response_targets_seconds, grace_seconds, late_price_seconds : list of float
        By priority, from 1.
    presence_seconds, absence_price : float
        How long a patrol location counts as visited, and what it costs where none does.
    rules : mapping
        Options of `libpatrol.Engine` that the department sets for every policy.
    """

    description: str
    version: int = 1
    city: CityTable
    fleet: FleetTable
    categories: tuple[CategoryTable, ...]
    demand: DemandTable
    loads: Mapping[str, float]
    default_load: str
    shifts: tuple[ShiftTable, ...]
    queue: QueueTable
    work: WorkTable | None
    out_of_service: OutOfServiceTable | None
    storms: tuple[StormTable, ...]
    run: RunTable
    group_weights: list[float] | None
    response_targets_seconds: list[float]
    grace_seconds: list[float]
    late_price_seconds: list[float] = field(default_factory=list)
    presence_seconds: float = 3600.0
    absence_price: float = 0.0
    rules: Mapping[str, Any]

    def __post_init__(self) -> None:
        within("version", self.version, 1, 1e9)
        for name in ("response_targets_seconds", "grace_seconds", "late_price_seconds"):
            count = len(getattr(self, name))
            if count > PRIORITIES:
                raise ValueError(f"{name} has {count} values, expected at most {PRIORITIES}, one per priority")
        names = [category.name for category in self.categories]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"two categories are named {name}")
        for k, shift in enumerate(self.shifts):
            for unit in shift.units:
                if not 0 <= unit < self.fleet.units:
                    raise ValueError(f"shifts[{k}].units has {unit}, expected units 0 to {self.fleet.units - 1}")
        if not self.city.file:
            check_shares("share of categories", [category.share for category in self.categories])


@dataclass(frozen=True, kw_only=True)
class _File:
    """The keys of the file itself."""

    format: str
    format_version: int
    description: str
    city: Table
    version: int = 1
    fleet: Table
    categories: list[Table] = field(default_factory=list)
    demand: Table = field(default_factory=dict)
    loads: Table = field(default_factory=dict)
    default_load: str = "medium"
    shifts: list[Table] = field(default_factory=list)
    queue: Table = field(default_factory=dict)
    work: Table | None = None
    out_of_service: Table | None = None
    storms: list[Table] = field(default_factory=list)
    run: Table = field(default_factory=dict)
    group_weights: list[float] | None = None
    response_targets_seconds: list[float] = field(default_factory=list)
    grace_seconds: list[float] = field(default_factory=list)
    late_price_seconds: list[float] = field(default_factory=list)
    presence_seconds: float = 3600.0
    absence_price: float = 0.0
    rules: Table = field(default_factory=dict)


def parse_scenario(text: str, where: str) -> ScenarioDescription:
    """Return the content of a scenario file.

    Parameters
    ----------
    text : str
        Of the file.
    where : str
        Its name, for errors.

    Raises
    ------
    ValueError
        With a sentence that names the file, the table and the wrong key.
    """
    given = parse_toml(text, where)
    form, version = given.get("format", FORMAT), given.get("format_version", FORMAT_VERSION)
    if form != FORMAT or version != FORMAT_VERSION:  # before the keys, which may be of a later version
        raise ValueError(f"{where} is {form!r} of version {version!r}, expected {FORMAT!r} of version {FORMAT_VERSION}")
    file = as_table(_File, given, where)

    def table(kind: type, name: str) -> Any:
        values = getattr(file, name)
        return None if values is None else as_table(kind, values, f"{where}: {name}")

    def tables(kind: type, name: str) -> tuple[Any, ...]:
        return tuple(as_table(kind, row, f"{where}: {name}[{k}]") for k, row in enumerate(getattr(file, name)))

    loads = _loads(file, where)
    wording: dict[str, Any] = dict(
        description=file.description,
        version=file.version,
        city=table(CityTable, "city"),
        fleet=table(FleetTable, "fleet"),
        categories=tables(CategoryTable, "categories") or DEFAULT_CATEGORIES,
        demand=table(DemandTable, "demand"),
        loads=loads,
        default_load=file.default_load,
        shifts=tables(ShiftTable, "shifts"),
        queue=table(QueueTable, "queue"),
        work=table(WorkTable, "work"),
        out_of_service=table(OutOfServiceTable, "out_of_service"),
        storms=tables(StormTable, "storms"),
        run=table(RunTable, "run"),
        group_weights=file.group_weights,
        response_targets_seconds=file.response_targets_seconds,
        grace_seconds=file.grace_seconds,
        late_price_seconds=file.late_price_seconds,
        presence_seconds=file.presence_seconds,
        absence_price=file.absence_price,
        rules=file.rules,
    )
    check_idle(given, where)
    check_rules(file.rules, where)
    try:
        return ScenarioDescription(**wording)
    except ValueError as reason:
        raise ValueError(f"{where}: {reason}") from reason


DEFAULT_CATEGORIES = tuple(
    CategoryTable(name=name, priority=1 + k, share=share, weight=weight, service_mean_seconds=seconds)
    for k, (name, share, weight, seconds) in enumerate(
        zip(CATEGORY_NAMES, (0.4, 0.6), CATEGORY_WEIGHTS, CATEGORY_SERVICE_SECONDS, strict=True)
    )
)


def _loads(file: _File, where: str) -> dict[str, float]:
    for name, load in file.loads.items():
        if not isinstance(load, int | float) or isinstance(load, bool) or not 0 < load < math.inf:
            raise ValueError(f"{where}: loads.{name} is {load!r}, expected a finite number above 0")
    if file.loads and file.default_load not in file.loads:
        raise ValueError(f"{where}: default_load is {file.default_load}, expected one of {', '.join(file.loads)}")
    return dict(file.loads)

"""What a scenario file says, table by table. The format is explained in `scenarios/README.md`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from libpatrol._tables import as_table, parse_toml
from libpatrol.demand import CATEGORY_NAMES, CATEGORY_SERVICE_SECONDS, CATEGORY_WEIGHTS

FORMAT = "libpatrol scenario"
FORMAT_VERSION = 1
_MOST_NODES = 4000  # of a generated city; larger ones come from area files


@dataclass(frozen=True, kw_only=True)
class CityTable:
    """`[city]`: an area file, or a generator of `libpatrol.cities` with its parameters.

    Attributes
    ----------
    generator : str
        "grid", "two_beats" or "irregular".
    file : str
        Area file, beside the scenario file unless the path is absolute; then nothing else of this table counts.
    east_group : float
        Share of the nodes, the easternmost, that are population group 1. Without it the outer sixth is.
    """

    generator: str = ""
    file: str = ""
    rows: int = 10
    columns: int = 10
    nodes: int = 150
    beats: int = 5
    crossings: int = 3
    block_metres: float = 480.0
    seed: int = 0
    east_group: float | None = None

    def __post_init__(self) -> None:
        if bool(self.generator) == bool(self.file):
            raise ValueError("needs either generator or file")
        nodes = self.nodes if self.generator == "irregular" else self.rows * self.columns
        if self.generator and not (1 <= self.beats <= nodes <= _MOST_NODES and self.columns >= 2 and self.rows >= 1):
            raise ValueError(
                f"has {nodes} nodes in {self.beats} beats, expected at most {_MOST_NODES} and a node a beat"
            )
        if not self.block_metres > 0:
            raise ValueError(f"block_metres is {self.block_metres:g}, expected a number above 0")


@dataclass(frozen=True, kw_only=True)
class DemandTable:
    """`[demand]`: where and when calls come.

    Attributes
    ----------
    calls_per_hour : float
        Mean over the week; without it the volume follows from the load.
    hotspots : list of [x, y]
        In shares of the city's width and height; without any, demand is uniform.
    busiest_hours : list of float
        Hour of the day at which each hotspot is busiest; without them all are alike at all hours.
    concentration : float
        Share of the calls at the hotspots.
    width : float
        Standard deviation of a hotspot, in shares of the city's larger side.
    hourly_volume : list of 24 floats
        Relative volume by hour of the day.
    beat_shares, group_shares : list of float
        Relative share of the calls of each beat, or of each population group.
    """

    calls_per_hour: float | None = None
    hotspots: list[list[float]] = field(default_factory=list)
    busiest_hours: list[float] | None = None
    concentration: float = 0.6
    width: float = 0.125
    hourly_volume: list[float] | None = None
    beat_shares: list[float] | None = None
    group_shares: list[float] | None = None


@dataclass(frozen=True, kw_only=True)
class CategoryTable:
    """`[[categories]]`: a kind of call. `share` is relative; `service` is a distribution of `libpatrol.Service`."""

    name: str
    priority: int
    share: float = 1.0
    weight: float = 1.0
    service: str = "exponential"
    service_mean_seconds: float = 900.0
    service_variation: float = 1.0
    service_samples: list[float] = field(default_factory=list)
    units_required: int = 1
    required_capabilities: int = 0


@dataclass(frozen=True, kw_only=True)
class FleetTable:
    """`[fleet]`: the units, spread over the demand points and at home in their beats unless told otherwise."""

    units: int
    start_nodes: list[int] | None = None
    home_beats: list[int] | None = None
    capabilities: list[int] | None = None
    compliance: float = 1.0


@dataclass(frozen=True, kw_only=True)
class ShiftTable:
    """`[[shifts]]`: hours of the day (above 24: of the next) in which units are on duty. `days`: 0 is Monday."""

    units: list[int]
    start_hour: float
    end_hour: float
    days: list[int] = field(default_factory=lambda: list(range(7)))


@dataclass(frozen=True, kw_only=True)
class QueueTable:
    """`[queue]`: calls that can wait without any unit, and what a lost one costs in seconds of its waiting."""

    capacity: int = 1000
    overflow_seconds: float = 3600.0
    reassessment_seconds: float = 60.0


@dataclass(frozen=True, kw_only=True)
class WorkTable:
    """`[work]`: self-initiated work. `per_hour` has 1, 24 or 168 rates of a free unit."""

    per_hour: list[float]
    mean_seconds: float = 900.0
    interruptible_priority: int = 0


@dataclass(frozen=True, kw_only=True)
class OutOfServiceTable:
    """`[out_of_service]`: times in which a unit cannot be used."""

    per_hour: float
    mean_seconds: float = 1800.0


@dataclass(frozen=True, kw_only=True)
class StormTable:
    """`[[storms]]`: hours since the Monday 00:00 at which time begins, between which calls come faster or slower."""

    start_hour: float
    end_hour: float
    multiplier: float


@dataclass(frozen=True, kw_only=True)
class RunTable:
    """`[run]`: when a simulation starts, how long it warms up and how long it is measured.

    Attributes
    ----------
    hours : float
        Without it whole periods of demand, shifts and work, at least 48 hours: 48, or a week.
    """

    start_hour: float = 0.0
    warm_up_hours: float = 6.0
    hours: float | None = None


@dataclass(frozen=True, kw_only=True)
class ScenarioDescription:
    """A scenario file.

    Attributes
    ----------
    description : str
        What the scenario is for, in a sentence.
    loads : mapping of str to float
        Offered load per unit, travel included, by name; the demand's volume follows from it.
    default_load : str
        One of `loads`.
    group_weights : list of float
        Multiplies the cost of waiting of each population group.
    response_targets_seconds, grace_seconds : list of float
        By priority, from 1.
    rules : mapping
        Options of `libpatrol.Engine` that the department sets for every policy.
    """

    description: str
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
    rules: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class _File:
    """The keys of the file itself."""

    format: str
    format_version: int
    description: str
    city: dict
    fleet: dict
    categories: list[dict] = field(default_factory=list)
    demand: dict = field(default_factory=dict)
    loads: dict = field(default_factory=dict)
    default_load: str = "medium"
    shifts: list[dict] = field(default_factory=list)
    queue: dict = field(default_factory=dict)
    work: dict | None = None
    out_of_service: dict | None = None
    storms: list[dict] = field(default_factory=list)
    run: dict = field(default_factory=dict)
    group_weights: list[float] | None = None
    response_targets_seconds: list[float] = field(default_factory=list)
    grace_seconds: list[float] = field(default_factory=list)
    rules: dict = field(default_factory=dict)


def parse_scenario(text: str, where: str) -> ScenarioDescription:
    """Return what a scenario file says.

    Parameters
    ----------
    text : str
        Of the file.
    where : str
        Its name, for errors.

    Raises
    ------
    ValueError
        With a sentence that names the file, the table and the key that is wrong.
    """
    file = as_table(_File, parse_toml(text, where), where)
    if file.format != FORMAT or file.format_version != FORMAT_VERSION:
        raise ValueError(
            f"{where} is {file.format!r} of version {file.format_version}, "
            f"expected {FORMAT!r} of version {FORMAT_VERSION}"
        )

    def table(kind: type, name: str) -> Any:
        values = getattr(file, name)
        return None if values is None else as_table(kind, values, f"{where}: {name}")

    def tables(kind: type, name: str) -> tuple:
        return tuple(as_table(kind, row, f"{where}: {name}[{k}]") for k, row in enumerate(getattr(file, name)))

    loads = _loads(file, where)
    return ScenarioDescription(
        description=file.description,
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
        rules=file.rules,
    )


DEFAULT_CATEGORIES = tuple(
    CategoryTable(name=name, priority=1 + k, share=share, weight=weight, service_mean_seconds=seconds)
    for k, (name, share, weight, seconds) in enumerate(
        zip(CATEGORY_NAMES, (0.4, 0.6), CATEGORY_WEIGHTS, CATEGORY_SERVICE_SECONDS, strict=True)
    )
)


def _loads(file: _File, where: str) -> dict[str, float]:
    for name, load in file.loads.items():
        if not isinstance(load, int | float) or isinstance(load, bool) or not load > 0:
            raise ValueError(f"{where}: loads.{name} is {load!r}, expected a number above 0")
    if file.loads and file.default_load not in file.loads:
        raise ValueError(f"{where}: default_load is {file.default_load}, expected one of {', '.join(file.loads)}")
    return dict(file.loads)

"""The tables of a scenario file. The format is explained in `scenarios/README.md`."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from libpatrol._native.abi import PRIORITIES
from libpatrol.scenario.toml_tables import within

_MOST_NODES = 4000  # of a generated city; larger ones come from area files


@dataclass(frozen=True, kw_only=True)
class CityTable:
    """`[city]`: an area file, real roads, or a generator of `libpatrol.synthetic.cities` with its parameters.

    Attributes
    ----------
    generator : str
        "grid", "two_beats" or "irregular".
    file : str
        Area file, relative to the scenario file unless the path is absolute; replaces the generator and its keys.
    roads : str
        Road graph in the format of JEMSS, folder or archive, at a path like that of `file`; replaces the generator.
    east_group : float
        Share of nodes, from the east, that form population group 1. Default: the outer sixth.
    beat_groups : bool
        Each beat is a population group of its own.
    patrol_factors, emergency_factors : list of 24 or 168 floats
        What travel times on patrol, and with lights and sirens, are multiplied by at each hour of the day or week.
        Default: 1.
    """

    generator: str = ""
    file: str = ""
    roads: str = ""
    rows: int = 10
    columns: int = 10
    nodes: int = 150
    beats: int = 5
    crossings: int = 3
    block_metres: float = 480.0
    seed: int = 0
    east_group: float | None = None
    beat_groups: bool = False
    patrol_factors: list[float] | None = None
    emergency_factors: list[float] | None = None

    def __post_init__(self) -> None:
        if sum(map(bool, (self.generator, self.file, self.roads))) != 1:
            raise ValueError("needs one of generator, file and roads")
        nodes = self.nodes if self.generator == "irregular" else self.rows * self.columns
        if self.generator and not (1 <= self.beats <= nodes <= _MOST_NODES and self.columns >= 2 and self.rows >= 1):
            raise ValueError(
                f"has {nodes} nodes in {self.beats} beats, expected at most {_MOST_NODES} and one node per beat or more"
            )
        if self.roads:
            within("beats", self.beats, 1, _MOST_NODES)
        within("block_metres", self.block_metres, 0, 1e6, above=True)
        within("seed", self.seed, 0, 2**63 - 1)
        if self.east_group is not None:
            within("east_group", self.east_group, 0, 1)
            if self.beat_groups:
                raise ValueError("has east_group and beat_groups, expected one of them")
        for name in ("patrol_factors", "emergency_factors"):
            factors = getattr(self, name)
            if factors is not None and len(factors) not in (24, 168):
                raise ValueError(f"{name} has {len(factors)} values, expected 24 or 168")
            for factor in factors or ():
                within(f"one of {name}", factor, 0.1, 10)


@dataclass(frozen=True, kw_only=True)
class DemandTable:
    """`[demand]`: where and when calls come.

    Attributes
    ----------
    calls_per_hour : float
        Mean over the week; without it the volume follows from the load.
    hotspots : list of [x, y]
        In shares of the city's width and height; without hotspots demand is uniform.
    busiest_hours : list of float
        Hour of the day at which each hotspot is busiest; without it they are the same at all hours.
    concentration : float
        Share of the calls at the hotspots.
    width : float
        Standard deviation of a hotspot, in shares of the city's larger side.
    hourly_volume : list of 24 or 168 floats
        Relative volume by hour of the day, or of the week from Monday 00:00.
    daily_volume : list of 7 floats
        Relative volume by day of the week, from Monday.
    beat_shares, group_shares : list of float
        Relative share of the calls of each beat, or of each population group.
    """

    calls_per_hour: float | None = None
    hotspots: list[list[float]] = field(default_factory=list)
    busiest_hours: list[float] | None = None
    concentration: float = 0.6
    width: float = 0.125
    hourly_volume: list[float] | None = None
    daily_volume: list[float] | None = None
    beat_shares: list[float] | None = None
    group_shares: list[float] | None = None

    def __post_init__(self) -> None:
        within("concentration", self.concentration, 0, 1)
        within("width", self.width, 0, 1e3, above=True)
        if self.calls_per_hour is not None:
            within("calls_per_hour", self.calls_per_hour, 0, 1e9)
        for center in self.hotspots:
            if len(center) != 2 or not all(map(math.isfinite, center)):
                raise ValueError(
                    f"hotspots has {center}, expected [x, y] each, in shares of the city's width and height"
                )
        if self.busiest_hours is not None:
            if len(self.busiest_hours) != len(self.hotspots):
                raise ValueError(f"there are {len(self.hotspots)} hotspots and {len(self.busiest_hours)} busiest hours")
            for hour in self.busiest_hours:
                within("one of busiest_hours", hour, 0, 24)
        if self.hourly_volume is not None and len(self.hourly_volume) not in (24, 168):
            raise ValueError(f"hourly_volume has {len(self.hourly_volume)} values, expected 24 or 168")
        if self.daily_volume is not None and len(self.daily_volume) != 7:
            raise ValueError(f"daily_volume has {len(self.daily_volume)} values, expected 7")
        for name in ("hourly_volume", "daily_volume", "beat_shares", "group_shares"):
            if getattr(self, name) is not None:
                check_shares(name, getattr(self, name))


def check_shares(name: str, values: Sequence[float]) -> None:
    """Check relative shares: none below 0, not all 0."""
    for value in values:
        within(f"one of {name}", value, 0, 1e9)
    if not sum(values) > 0:
        raise ValueError(f"{name} is {list(values)}, expected one above 0")


@dataclass(frozen=True, kw_only=True)
class CategoryTable:
    """`[[categories]]`: a kind of call. `share` is relative; `service` is a distribution of `Service`."""

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

    def __post_init__(self) -> None:
        within("priority", self.priority, 1, PRIORITIES)
        within("share", self.share, 0, 1e9)
        within("units_required", self.units_required, 1, 64)
        if self.required_capabilities < 0:
            raise ValueError(f"required_capabilities is {self.required_capabilities}, expected a bit mask, 0 or more")


@dataclass(frozen=True, kw_only=True)
class FleetTable:
    """`[fleet]`: the units; default: spread over the demand points, each with the beat there as its home."""

    units: int
    start_nodes: list[int] | None = None
    home_beats: list[int] | None = None
    capabilities: list[int] | None = None
    compliance: float = 1.0
    knows_time_left: bool = False
    notice_seconds: float = 0.0

    def __post_init__(self) -> None:
        within("units", self.units, 1, 4096)
        if self.start_nodes is None and (self.home_beats is not None or self.capabilities is not None):
            raise ValueError("home_beats and capabilities need start_nodes")
        for name in ("start_nodes", "home_beats", "capabilities"):
            given = getattr(self, name)
            if given is not None and len(given) != self.units:
                raise ValueError(f"{name} has {len(given)} values for {self.units} units")


@dataclass(frozen=True, kw_only=True)
class ShiftTable:
    """`[[shifts]]`: hours of the day (above 24: of the next day) in which units are on duty. `days`: 0 is Monday."""

    units: list[int]
    start_hour: float
    end_hour: float
    days: list[int] = field(default_factory=lambda: list(range(7)))

    def __post_init__(self) -> None:
        within("start_hour", self.start_hour, 0, 23.999)
        if self.end_hour <= self.start_hour:
            raise ValueError(
                f"end_hour is {self.end_hour:g}, not after start_hour {self.start_hour:g}: "
                f"{self.end_hour:g} o'clock of the next day is {self.end_hour + 24:g}"
            )
        within("end_hour", self.end_hour, self.start_hour, self.start_hour + 168)
        for name, values in (("units", self.units), ("days", self.days)):
            if not values or len(set(values)) < len(values):
                raise ValueError(f"{name} is {values}, expected at least one and each once")
        for day in self.days:
            within("one of days", day, 0, 6)


@dataclass(frozen=True, kw_only=True)
class QueueTable:
    """`[queue]`: calls that can wait without any unit, and the cost of a lost one in seconds of its waiting."""

    capacity: int = 1000
    overflow_seconds: float = 3600.0
    reassessment_seconds: float = 60.0


@dataclass(frozen=True, kw_only=True)
class WorkTable:
    """`[work]`: self-initiated work. `per_hour` has 1, 24 or 168 rates of a free unit."""

    per_hour: list[float]
    mean_seconds: float = 900.0
    interruptible_priority: int = 0

    def __post_init__(self) -> None:
        if len(self.per_hour) not in (1, 24, 168):
            raise ValueError(f"per_hour has {len(self.per_hour)} values, expected 1, 24 or 168")
        within("interruptible_priority", self.interruptible_priority, 0, PRIORITIES)


@dataclass(frozen=True, kw_only=True)
class OutOfServiceTable:
    """`[out_of_service]`: times during which a unit cannot be used."""

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
        Default: whole periods of demand, shifts and work, at least 48 hours: 48, or a week.
    """

    start_hour: float = 0.0
    warm_up_hours: float = 6.0
    hours: float | None = None

    def __post_init__(self) -> None:
        if self.hours is not None:
            within("hours", self.hours, 0, 1e6, above=True)

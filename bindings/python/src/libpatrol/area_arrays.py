"""A service area as numpy arrays: the source of an area and the content of an area file."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from libpatrol._native import abi
from libpatrol._native.arrays import chosen, frozen, integer
from libpatrol._native.handles import FrozenFields
from libpatrol.enums import CoordinateSystem, Mode

Array: TypeAlias = Any
"""Given as anything array-like, stored as the numpy array (or None) that `AreaArrays` documents."""

WEEK_HOURS = abi.WEEK_HOURS
_SLOWEST = 0.001  # metres a second over all streets; 100 km/h are 0.0003 degrees a second


@dataclass(frozen=True, kw_only=True, eq=False)
class AreaArrays(FrozenFields, Mapping[str, Any]):
    """Road graph, beats, groups and demand. Arrays are converted to the types below, shapes are checked.

    Arrays that the caller could still write to are copied; those here are read-only and shared with areas made of them.
    It is a mapping of its fields, so that `Area.from_arrays(**arrays)` and `write_area(path, **arrays)` accept one.

    Attributes
    ----------
    edges : uint32 [edges, 2]
        Directed edges: from, to.
    edge_patrol_seconds : float32 [edges]
        Driving time on patrol.
    category_service_seconds : float32 [categories]
        Mean time on scene.
    coordinates : float64 [nodes, 2] or None
        x, y: metres, or degrees of longitude and latitude.
    coordinate_system : CoordinateSystem
        A member or its name; default: planar, unless the coordinates look like degrees.
    node_count : int
        Needed only without coordinates.
    edge_emergency_seconds : float32 [edges] or None
        Driving time with lights and sirens; None: same as on patrol.
    node_beats : int32 [nodes] or None
        Beat of each node, -1 for none.
    node_groups : int32 [nodes] or None
        Population group of each node.
    category_weights : float32 [categories] or None
        Weight of a waiting call; None: 1.
    demand_nodes : uint32 [demand nodes] or None
        None: nodes 0, 1, ...
    demand_calls_per_hour : float32 [demand nodes, categories, 1 | 24 | 168] or None
        Call rates from Monday 00:00; None: uniform demand of unspecified volume.
    patrol_locations : uint32 [locations] or None
        Nodes that units patrol between; None: chosen by the library.
    travel_factors : float32 [2, 168] or None
        What travel times are multiplied by, 0.1 to 10: on patrol, then with lights and sirens, by the hour of departure
        from Monday 00:00; None: 1. One row of 168 is taken for both.

    Examples
    --------
    A street of three corners, both ways:

    >>> from libpatrol import AreaArrays
    >>> street = AreaArrays(
    ...     node_count=3,
    ...     edges=[[0, 1], [1, 0], [1, 2], [2, 1]],
    ...     edge_patrol_seconds=[60, 60, 90, 90],
    ...     category_service_seconds=[900],
    ... )
    >>> street.edges.dtype
    dtype('uint32')
    """

    edges: Array
    edge_patrol_seconds: Array
    category_service_seconds: Array
    coordinates: Array = None
    coordinate_system: CoordinateSystem = CoordinateSystem.NONE
    node_count: int = 0
    edge_emergency_seconds: Array = None
    node_beats: Array = None
    node_groups: Array = None
    category_weights: Array = None
    demand_nodes: Array = None
    demand_calls_per_hour: Array = None
    patrol_locations: Array = None
    travel_factors: Array = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "node_count", integer("node_count", self.node_count))
        self._convert("edges", np.uint32, (None, 2))
        self._convert("category_service_seconds", np.float32, (None,))
        self._convert("coordinates", np.float64, (self.node_count or None, 2))
        system = chosen("coordinate_system", self.coordinate_system, CoordinateSystem)
        if self.coordinates is None:
            if self.node_count == 0:
                raise ValueError("node_count is needed if there are no coordinates")
            if system is not CoordinateSystem.NONE:
                raise ValueError(f"coordinate_system is {system.name.lower()}, but there are no coordinates")
        else:
            object.__setattr__(self, "node_count", len(self.coordinates))
        object.__setattr__(self, "coordinate_system", system)
        categories = len(self.category_service_seconds)
        for name, dtype, shape in (
            ("edge_patrol_seconds", np.float32, (len(self.edges),)),
            ("edge_emergency_seconds", np.float32, (len(self.edges),)),
            ("node_beats", np.int32, (self.node_count,)),
            ("node_groups", np.int32, (self.node_count,)),
            ("category_weights", np.float32, (categories,)),
            ("demand_calls_per_hour", np.float32, (None, categories, None)),
            ("patrol_locations", np.uint32, (None,)),
        ):
            self._convert(name, dtype, shape)
        if self.travel_factors is not None and np.shape(self.travel_factors) == (WEEK_HOURS,):
            object.__setattr__(self, "travel_factors", [self.travel_factors] * len(Mode))
        self._convert("travel_factors", np.float32, (len(Mode), WEEK_HOURS))
        if self.coordinates is not None and system is CoordinateSystem.NONE:
            self._refuse_degrees()
            object.__setattr__(self, "coordinate_system", CoordinateSystem.PLANAR)
        demand_nodes = 0 if self.demand_calls_per_hour is None else len(self.demand_calls_per_hour)
        self._convert("demand_nodes", np.uint32, (demand_nodes,))

    def _refuse_degrees(self) -> None:
        """Refuse coordinates that look like longitude and latitude if no system is given."""
        if not len(self.edges) or self.edges.max() >= self.node_count or not np.isfinite(self.coordinates).all():
            return
        metres = np.linalg.norm(self.coordinates[self.edges[:, 0]] - self.coordinates[self.edges[:, 1]], axis=1)
        if (np.abs(self.coordinates) <= (180, 90)).all() and metres.sum() < _SLOWEST * self.edge_patrol_seconds.sum():
            raise ValueError(
                "coordinates look like degrees: read as metres, units would drive less than a millimetre a second; "
                'expected coordinate_system "geographic", or "planar" for metres'
            )

    def _convert(self, name: str, dtype: type, shape: tuple[int | None, ...]) -> None:
        given = getattr(self, name)
        if given is not None:
            object.__setattr__(self, name, frozen(name, given, dtype, shape))

    @property
    def period_hours(self) -> int:
        """Hours after which demand repeats: 1, 24 or 168."""
        return 1 if self.demand_calls_per_hour is None else self.demand_calls_per_hour.shape[2]

    def __getitem__(self, name: str) -> Any:
        if name not in self.__dataclass_fields__:
            raise KeyError(name)
        return getattr(self, name)

    def __iter__(self) -> Iterator[str]:
        return iter(self.__dataclass_fields__)

    def __len__(self) -> int:
        return len(self.__dataclass_fields__)

    def tensors(self) -> dict[str, NDArray[Any]]:
        """Return the arrays that are given, by name."""
        return {name: array for name, array in self.items() if isinstance(array, np.ndarray)}

    def to_abi(self) -> abi.AreaArrays:
        """Return the C struct, which points to this object's arrays."""

        def count(array: NDArray[Any] | None) -> int:
            return 0 if array is None else len(array)

        return abi.AreaArrays(
            coordinate_system=self.coordinate_system,
            node_count=self.node_count,
            edge_count=len(self.edges),
            category_count=len(self.category_service_seconds),
            period_hours=self.period_hours,
            demand_node_count=count(self.demand_calls_per_hour),
            patrol_location_count=count(self.patrol_locations),
            **self.tensors(),
        )

"""The service area: road graph, routing, places."""

import ctypes
import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from libpatrol import _abi as abi
from libpatrol._arrays import address, numbers, unsigned
from libpatrol._library import call, library
from libpatrol._object import LibraryObject
from libpatrol.area_arrays import AreaArrays
from libpatrol.enums import CoordinateSystem, Mode


@dataclass(frozen=True)
class AreaInfo:
    """Sizes of an area; `content_hash` is equal for equal areas on every machine, `calls_per_hour` a mean.

    Examples
    --------
    >>> from libpatrol import Area, cities
    >>> Area.from_arrays(**cities.grid(4, 4)).info.edge_count
    48
    """

    coordinate_system: CoordinateSystem
    node_count: int
    edge_count: int
    beat_count: int
    group_count: int
    category_count: int
    period_hours: int
    demand_point_count: int
    patrol_location_count: int
    content_hash: int
    calls_per_hour: float


class Path(NamedTuple):
    """A shortest path: its nodes (uint32, both ends included) and its driving time in seconds.

    Examples
    --------
    >>> from libpatrol import Area, cities
    >>> Area.from_arrays(**cities.grid(4, 4)).path(0, 1).nodes.tolist()
    [0, 1]
    """

    nodes: NDArray[np.uint32]
    seconds: float


class Area(LibraryObject):
    """A service area, immutable and shared by threads.

    Examples
    --------
    >>> from libpatrol import Area, cities
    >>> area = Area.from_arrays(**cities.grid(4, 4))
    >>> area.travel_times(origins=[0], destinations=[0, 5, 15]).shape
    (1, 3)
    >>> int(area.path(0, 15).nodes[-1])
    15
    """

    info: AreaInfo

    def __init__(self, handle: abi.AreaHandle) -> None:
        super().__init__(handle)
        info = abi.AreaInfo()
        call(library.area_get_info, handle, ctypes.byref(info))
        values = {name: getattr(info, name) for name, _ in info._fields_[1:]}
        self.info = AreaInfo(**values | {"coordinate_system": CoordinateSystem(info.coordinate_system)})

    @classmethod
    def from_arrays(
        cls, *, max_demand_points: int = 256, patrol_spacing_seconds: float = 90.0, **arrays: Any
    ) -> "Area":
        """Create an area from the arrays of `AreaArrays`.

        Parameters
        ----------
        max_demand_points : int
            Coverage sums run over at most this many demand points, 1 to 4096.
        patrol_spacing_seconds : float
            Distance between patrol locations where the library chooses them, patrol driving.
        **arrays
            The fields of `AreaArrays`.
        """
        checked = AreaArrays(**arrays)
        options = _options(max_demand_points, patrol_spacing_seconds)
        handle = abi.AreaHandle()
        call(library.area_create, ctypes.byref(checked.to_abi()), ctypes.byref(options), ctypes.byref(handle))
        return cls(handle)

    @classmethod
    def load(
        cls, path: str | os.PathLike[str], *, max_demand_points: int = 256, patrol_spacing_seconds: float = 90.0
    ) -> "Area":
        """Load an area file; options as in `from_arrays`."""
        options = _options(max_demand_points, patrol_spacing_seconds)
        handle = abi.AreaHandle()
        call(library.area_load_file, os.fsencode(path), ctypes.byref(options), ctypes.byref(handle))
        return cls(handle)

    @classmethod
    def from_bytes(
        cls, content: bytes, *, max_demand_points: int = 256, patrol_spacing_seconds: float = 90.0
    ) -> "Area":
        """Load an area file from memory; options as in `from_arrays`."""
        options = _options(max_demand_points, patrol_spacing_seconds)
        handle = abi.AreaHandle()
        call(library.area_load_memory, content, len(content), ctypes.byref(options), ctypes.byref(handle))
        return cls(handle)

    @property
    def patrol_locations(self) -> NDArray[np.uint32]:
        """Nodes that units patrol between, ascending."""
        return self._nodes(library.area_get_patrol_locations, self.info.patrol_location_count)

    @property
    def demand_points(self) -> NDArray[np.uint32]:
        """Nodes that stand for demand, ascending."""
        return self._nodes(library.area_get_demand_points, self.info.demand_point_count)

    def _nodes(self, function: Callable[..., int], capacity: int) -> NDArray[np.uint32]:
        nodes = np.empty(capacity, np.uint32)
        call(function, self._handle, address(nodes), capacity, ctypes.byref(ctypes.c_size_t()))
        return nodes

    def nearest_nodes(self, xy: ArrayLike) -> tuple[NDArray[np.uint32], NDArray[np.float32]]:
        """Return the node nearest to each coordinate, straight line.

        Parameters
        ----------
        xy : array_like [count, 2]
            In the area's coordinate system.

        Returns
        -------
        tuple
            Nodes, uint32 [count], and the distance to them in metres, float32 [count].
        """
        points = numbers("xy", xy, np.float64, (None, 2))
        nodes = np.empty(len(points), np.uint32)
        metres = np.empty(len(points), np.float32)
        call(library.area_nearest_nodes, self._handle, address(points), len(points), address(nodes), address(metres))
        return nodes, metres

    def travel_times(
        self, origins: ArrayLike, destinations: ArrayLike, mode: Mode = Mode.EMERGENCY
    ) -> NDArray[np.float32]:
        """Return shortest travel times in seconds.

        Parameters
        ----------
        origins, destinations : array_like of nodes
            Shapes [origins] and [destinations].
        mode : Mode
            Emergency driving unless told.

        Returns
        -------
        NDArray
            float32 [origins, destinations], row = origin; infinite where there is no path.
        """
        start = numbers("origins", origins, np.uint32, (None,))
        end = numbers("destinations", destinations, np.uint32, (None,))
        seconds = np.empty((len(start), len(end)), np.float32)
        call(
            library.area_travel_times,
            self._handle,
            mode,
            address(start),
            len(start),
            address(end),
            len(end),
            address(seconds),
        )
        return seconds

    def path(self, origin: int, destination: int, mode: Mode = Mode.EMERGENCY) -> Path:
        """Return a shortest path."""
        nodes = np.empty(self.info.node_count, np.uint32)
        count = ctypes.c_size_t()
        seconds = ctypes.c_float()
        call(
            library.area_path,
            self._handle,
            mode,
            unsigned("origin", origin),
            unsigned("destination", destination),
            address(nodes),
            len(nodes),
            ctypes.byref(count),
            ctypes.byref(seconds),
        )
        return Path(nodes[: count.value].copy(), seconds.value)


def _options(max_demand_points: int, patrol_spacing_seconds: float) -> abi.AreaOptions:
    points = unsigned("max_demand_points", max_demand_points)
    return abi.AreaOptions(max_demand_points=points, patrol_spacing_seconds=patrol_spacing_seconds)

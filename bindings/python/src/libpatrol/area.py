"""The service area: road graph, routing, places."""

import ctypes
import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple
from weakref import WeakValueDictionary

import numpy as np
from numpy.typing import ArrayLike, NDArray

from libpatrol._native import abi
from libpatrol._native.arrays import address, as_bytes, numbers, unsigned
from libpatrol._native.handles import Fixed, SharedObject
from libpatrol._native.library import call, file_content, library, told_of
from libpatrol.area_arrays import WEEK_HOURS, AreaArrays
from libpatrol.enums import CoordinateSystem, Mode

_LATEST = 1e12


@dataclass(frozen=True)
class AreaInfo:
    """Sizes of an area; `content_hash` is equal for equal areas on every machine, `calls_per_hour` is a mean.

    Examples
    --------
    >>> from libpatrol import Area
    >>> from libpatrol.synthetic import cities
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
    >>> from libpatrol import Area
    >>> from libpatrol.synthetic import cities
    >>> Area.from_arrays(**cities.grid(4, 4)).path(0, 1).nodes.tolist()
    [0, 1]
    """

    nodes: NDArray[np.uint32]
    seconds: float


@dataclass(frozen=True, eq=False)
class AreaContent:
    """Source of an area: arrays or the bytes of a file, with the options. It is what is pickled."""

    source: AreaArrays | bytes
    max_demand_points: int
    patrol_spacing_seconds: float

    def create(self) -> abi.AreaHandle:
        """Return a new area of the library."""
        handle = abi.AreaHandle()
        options = abi.AreaOptions(
            max_demand_points=self.max_demand_points, patrol_spacing_seconds=self.patrol_spacing_seconds
        )
        made = ctypes.byref(options), ctypes.byref(handle)
        if isinstance(self.source, bytes):
            call(library.area_load_memory, self.source, len(self.source), *made)
        else:
            call(library.area_create, ctypes.byref(self.source.to_abi()), *made)
        return handle


class Area(SharedObject):
    """A service area, immutable and shared by threads.

    It keeps the arrays or the file from which it was made, so that it can be pickled. In each process, unpickled areas
    of equal content share one area of the library.

    Examples
    --------
    >>> from libpatrol import Area
    >>> from libpatrol.synthetic import cities
    >>> area = Area.from_arrays(**cities.grid(4, 4))
    >>> area.travel_times(origins=[0], destinations=[0, 5, 15]).shape
    (1, 3)
    >>> int(area.path(0, 15).nodes[-1])
    15
    """

    info: Fixed[AreaInfo] = Fixed()

    def __init__(self, content: AreaContent, handle: abi.AreaHandle | None = None) -> None:
        handle = content.create() if handle is None else handle
        super().__init__(handle)
        self._made_of = content
        info = abi.AreaInfo()
        call(library.area_get_info, handle, ctypes.byref(info))
        values = {name: getattr(info, name) for name, _ in info._fields_[1:]}
        self.info = AreaInfo(**values | {"coordinate_system": CoordinateSystem(info.coordinate_system)})
        _ALIVE.setdefault(self.info.content_hash, handle)

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
            Spacing of patrol locations if the library chooses them, patrol driving; enlarged where it takes over 4096.
        **arrays
            The fields of `AreaArrays`; arrays from an `AreaArrays` are shared with it, others are copied once.
        """
        return cls(AreaContent(AreaArrays(**arrays), max_demand_points, patrol_spacing_seconds))

    @classmethod
    def load(
        cls, path: str | os.PathLike[str], *, max_demand_points: int = 256, patrol_spacing_seconds: float = 90.0
    ) -> "Area":
        """Load an area file; options as in `from_arrays`."""
        content = file_content(library.area_load_file, path, None, ctypes.byref(abi.AreaHandle()))
        with told_of(path):
            return cls(AreaContent(content, max_demand_points, patrol_spacing_seconds))

    @classmethod
    def from_bytes(
        cls, content: bytes, *, max_demand_points: int = 256, patrol_spacing_seconds: float = 90.0
    ) -> "Area":
        """Load an area file from memory; options as in `from_arrays`."""
        return cls(AreaContent(as_bytes(content), max_demand_points, patrol_spacing_seconds))

    def _content(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        return unpickled_area, (type(self), self._made_of, self.info.content_hash)

    @property
    def arrays(self) -> AreaArrays:
        """The arrays from which it was made, those of a file if it was loaded from one."""
        from libpatrol.files import arrays_of  # which imports this module

        source = self._made_of.source
        return arrays_of(source) if isinstance(source, bytes) else source

    @property
    def patrol_locations(self) -> NDArray[np.uint32]:
        """Nodes that units patrol between, ascending."""
        return self._nodes(library.area_get_patrol_locations, self.info.patrol_location_count)

    @property
    def demand_points(self) -> NDArray[np.uint32]:
        """Nodes that represent demand, ascending."""
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
        self,
        origins: ArrayLike,
        destinations: ArrayLike,
        mode: Mode = Mode.EMERGENCY,
        *,
        departing: float | None = None,
    ) -> NDArray[np.float32]:
        """Return shortest travel times in seconds.

        Parameters
        ----------
        origins, destinations : array_like of nodes
            Shapes [origins] and [destinations].
        mode : Mode
            Default: emergency driving.
        departing : float, optional
            Seconds since a Monday 00:00, 0 to 1e12: the area's travel factors of that hour apply. Default: none do.

        Returns
        -------
        NDArray
            float32 [origins, destinations], row = origin; infinite if there is no path.
        """
        if departing is not None and not 0 <= departing <= _LATEST:
            raise ValueError(f"departing is {departing}, expected 0 to {_LATEST:g}")
        start = numbers("origins", origins, np.uint32, (None,))
        end = numbers("destinations", destinations, np.uint32, (None,))
        seconds = np.empty((len(start), len(end)), np.float32)
        call(
            library.area_travel_times,
            self._handle,
            unsigned("mode", mode),
            address(start),
            len(start),
            address(end),
            len(end),
            address(seconds),
        )
        if departing is not None:
            seconds *= self.travel_factors[mode, int(departing // 3600) % WEEK_HOURS]
        return seconds

    @property
    def travel_factors(self) -> NDArray[np.float32]:
        """What decisions multiply travel times by, float32 [2, 168]: by `Mode`, and by hour from Monday 00:00."""
        factors = np.empty((len(Mode), WEEK_HOURS), np.float32)
        call(library.area_get_travel_factors, self._handle, address(factors))
        return factors

    def path(self, origin: int, destination: int, mode: Mode = Mode.EMERGENCY) -> Path:
        """Return a shortest path, and its travel time before travel factors."""
        nodes = np.empty(self.info.node_count, np.uint32)
        count = ctypes.c_size_t()
        seconds = ctypes.c_float()
        call(
            library.area_path,
            self._handle,
            unsigned("mode", mode),
            unsigned("origin", origin),
            unsigned("destination", destination),
            address(nodes),
            len(nodes),
            ctypes.byref(count),
            ctypes.byref(seconds),
        )
        return Path(nodes[: count.value].copy(), seconds.value)


_ALIVE: WeakValueDictionary[int, abi.AreaHandle] = WeakValueDictionary()
"""Areas of the library in this process by content hash: for areas that are unpickled more than once."""


def unpickled_area(kind: type[Area], content: AreaContent, content_hash: int) -> Area:
    """Return the area that was pickled.

    Raises
    ------
    ValueError
        If the library makes a different area from the content: it was changed, or is read by another version.
    """
    area = kind(content, _ALIVE.get(content_hash))
    if area.info.content_hash != content_hash:
        found = area.info.content_hash
        raise ValueError(f"the pickled area has content hash {found:016x}, expected {content_hash:016x}")
    return area

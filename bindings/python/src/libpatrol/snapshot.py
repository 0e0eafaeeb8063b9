"""What the host knows now: units, calls, roads."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from libpatrol import _abi as abi
from libpatrol._arrays import address, numbers
from libpatrol.area import AreaInfo
from libpatrol.records import EDGE_CHANGE_DTYPE, INCIDENT_DTYPE, UNIT_DTYPE


class Snapshot:
    """Units and calls at one moment. Its arrays are read where they lie: change them in place between decisions.

    Parameters
    ----------
    time_seconds : float
        Since a Monday 00:00 local time.
    units : UNIT_DTYPE [units]
        See `libpatrol.units`.
    incidents : INCIDENT_DTYPE [incidents], optional
        See `libpatrol.incidents`.
    travel_seconds : float32 [units, incidents], optional
        The host's own travel times. NaN: the library's; infinite: unreachable.
    edge_changes : EDGE_CHANGE_DTYPE [changes], optional
        Edges that are slower, faster or closed for the time being.
    location_idle_seconds : float32 [patrol locations], optional
        Since the last visit of each patrol location.

    Examples
    --------
    >>> from libpatrol import Snapshot, units
    >>> now = Snapshot(time_seconds=8 * 3600, units=units(2))
    >>> now.units["node"] = [3, 5]
    >>> now.time_seconds += 60
    """

    def __init__(
        self,
        time_seconds: float,
        units: NDArray[np.void],
        incidents: NDArray[np.void] | None = None,
        *,
        travel_seconds: ArrayLike | None = None,
        edge_changes: NDArray[np.void] | None = None,
        location_idle_seconds: ArrayLike | None = None,
    ) -> None:
        self.units = _records("units", units, UNIT_DTYPE)
        self.incidents = _records("incidents", incidents, INCIDENT_DTYPE)
        self.edge_changes = _records("edge_changes", edge_changes, EDGE_CHANGE_DTYPE)
        self.travel_seconds = None
        if travel_seconds is not None:
            shape = (len(self.units), len(self.incidents))
            self.travel_seconds = numbers("travel_seconds", travel_seconds, np.float32, shape)
        self.location_idle_seconds = None
        if location_idle_seconds is not None:
            self.location_idle_seconds = numbers("location_idle_seconds", location_idle_seconds, np.float32, (None,))
        self._struct = abi.Snapshot(
            time_seconds=time_seconds,
            units=address(self.units),
            unit_count=len(self.units),
            unit_stride=_stride(self.units),
            incidents=address(self.incidents),
            incident_count=len(self.incidents),
            incident_stride=_stride(self.incidents),
            travel_seconds=address(self.travel_seconds),
            edge_changes=address(self.edge_changes),
            edge_change_count=len(self.edge_changes),
            edge_change_stride=_stride(self.edge_changes),
            location_idle_seconds=address(self.location_idle_seconds),
        )

    @property
    def time_seconds(self) -> float:
        """Seconds since a Monday 00:00 local time."""
        return self._struct.time_seconds

    @time_seconds.setter
    def time_seconds(self, seconds: float) -> None:
        self._struct.time_seconds = seconds

    def to_abi(self, info: AreaInfo) -> abi.Snapshot:
        """Return the C struct for a decision in the area that `info` describes."""
        idle = self.location_idle_seconds
        if idle is not None and len(idle) != info.patrol_location_count:
            raise ValueError(
                f"location_idle_seconds has shape [{len(idle)}], expected one for each of the area's "
                f"{info.patrol_location_count} patrol locations"
            )
        return self._struct


def _records(name: str, records: NDArray[np.void] | None, dtype: np.dtype) -> NDArray[np.void]:
    if records is None:
        return np.empty(0, dtype)
    if not isinstance(records, np.ndarray) or records.dtype != dtype or records.ndim != 1:
        raise ValueError(f"{name} must be a one-dimensional array of {name.upper().removesuffix('S')}_DTYPE")
    if _stride(records) < dtype.itemsize:
        raise ValueError(f"{name} runs backwards in memory or repeats itself: pass a copy")
    return records


def _stride(records: NDArray[np.void]) -> int:
    return records.strides[0] if len(records) > 1 else records.dtype.itemsize

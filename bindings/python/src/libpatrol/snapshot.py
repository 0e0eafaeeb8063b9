"""What the host knows now: units, calls, roads."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from libpatrol._native import abi
from libpatrol._native.arrays import numbers
from libpatrol._native.handles import rebuild
from libpatrol.area import AreaInfo
from libpatrol.records import EDGE_CHANGE_DTYPE, INCIDENT_DTYPE, PAIR_COST_DTYPE, SUBSTITUTE_DTYPE, UNIT_DTYPE


class Snapshot:
    """Units and calls at one moment. Its arrays are read in place: change them between decisions.

    Other arrays may be assigned; they are checked like the first ones and used from the next decision on. Snapshots are
    copied and pickled by content.

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
        Edges that are slower, faster or closed for now.
    location_idle_seconds : float32 [patrol locations], optional
        Seconds since the last visit to each patrol location.
    pair_costs : PAIR_COST_DTYPE [costs], optional
        Seconds that travel of a unit to a call counts for more, or, if negative, for less, when units are compared:
        `unit` and `incident` are indices. A response plan's preferences, or a bonus for proposals that are not
        confirmed yet (`Answer.bonus`).
    substitutes : SUBSTITUTE_DTYPE [substitutes], optional
        Other units that a call without units may get instead of those that its row asks for: `incident` is its index,
        `units_required`, `required_capabilities` and `needs` are as in the row. At most three of one call, in order of
        preference. The call goes by the first of its row and these that units free now can fill completely, and never
        by a mixture: `patrol.h` says exactly how that is chosen.

    Examples
    --------
    >>> import numpy as np
    >>> from libpatrol import PAIR_COST_DTYPE, Snapshot, incidents, units
    >>> now = Snapshot(time_seconds=8 * 3600, units=units(2), incidents=incidents(1))
    >>> now.units["node"] = [3, 5]
    >>> now.time_seconds += 60
    >>> now.pair_costs = np.array([(1, 0, -30.0, 0)], PAIR_COST_DTYPE)  # unit 1 may be 30 s farther away

    One car with two officers, or else two cars with one. The units that are sent settle which: the host copies the
    substitute into the call's row, counts its units, and lists no more substitutes of the call.

    >>> from libpatrol import SUBSTITUTE_DTYPE, Area, Engine, Session
    >>> from libpatrol.synthetic import cities
    >>> two_officers = 1
    >>> now.units["capabilities"] = 0  # both cars have one
    >>> now.incidents["required_capabilities"], now.incidents["node"] = two_officers, 4
    >>> now.substitutes = np.zeros(1, SUBSTITUTE_DTYPE)
    >>> now.substitutes["incident"], now.substitutes["units_required"] = 0, 2
    >>> sent = Session(Engine(Area.from_arrays(**cities.grid(4, 4))), 2, 1).decide(now).assignments
    >>> sent[["unit_id", "substitute"]].tolist()  # both go for substitute 0; 0 would stand for the row
    [(0, 1), (1, 1)]
    >>> call, went_by = now.incidents[0], now.substitutes[sent["substitute"][0] - 1]
    >>> for field in ("units_required", "required_capabilities", "needs"):
    ...     call[field] = went_by[field]
    >>> call["units_assigned"] = len(sent)
    >>> for need in sent["need"][sent["need"] >= 0]:
    ...     call["needs"][need]["assigned"] += 1
    >>> now.substitutes = None
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
        pair_costs: NDArray[np.void] | None = None,
        substitutes: NDArray[np.void] | None = None,
    ) -> None:
        self._struct = abi.Snapshot()
        self.time_seconds = time_seconds
        self.units = units
        self.incidents = incidents
        self.travel_seconds = travel_seconds
        self.edge_changes = edge_changes
        self.location_idle_seconds = location_idle_seconds
        self.pair_costs = pair_costs
        self.substitutes = substitutes
        self._check_travel()

    def __reduce__(self) -> tuple[Any, ...]:
        names = (
            "time_seconds",
            "units",
            "incidents",
            "travel_seconds",
            "edge_changes",
            "location_idle_seconds",
            "pair_costs",
            "substitutes",
        )
        return rebuild, (type(self), {name: getattr(self, name) for name in names})

    @property
    def time_seconds(self) -> float:
        """Seconds since a Monday 00:00 local time."""
        seconds: float = self._struct.time_seconds
        return seconds

    @time_seconds.setter
    def time_seconds(self, seconds: float) -> None:
        self._struct.put("time_seconds", seconds)

    @property
    def units(self) -> NDArray[np.void]:
        """UNIT_DTYPE [units]."""
        return self._units

    @units.setter
    def units(self, units: NDArray[np.void]) -> None:
        self._units = self._point("unit", units, UNIT_DTYPE)

    @property
    def incidents(self) -> NDArray[np.void]:
        """INCIDENT_DTYPE [incidents]; assign None for none."""
        return self._incidents

    @incidents.setter
    def incidents(self, incidents: NDArray[np.void] | None) -> None:
        self._incidents = self._point("incident", incidents, INCIDENT_DTYPE)

    @property
    def edge_changes(self) -> NDArray[np.void]:
        """EDGE_CHANGE_DTYPE [changes]; assign None for none."""
        return self._edge_changes

    @edge_changes.setter
    def edge_changes(self, changes: NDArray[np.void] | None) -> None:
        self._edge_changes = self._point("edge_change", changes, EDGE_CHANGE_DTYPE)

    @property
    def pair_costs(self) -> NDArray[np.void]:
        """PAIR_COST_DTYPE [costs]; assign None for none."""
        return self._pair_costs

    @pair_costs.setter
    def pair_costs(self, costs: NDArray[np.void] | None) -> None:
        self._pair_costs = self._point("pair_cost", costs, PAIR_COST_DTYPE)

    @property
    def substitutes(self) -> NDArray[np.void]:
        """SUBSTITUTE_DTYPE [substitutes]; assign None for none."""
        return self._substitutes

    @substitutes.setter
    def substitutes(self, substitutes: NDArray[np.void] | None) -> None:
        self._substitutes = self._point("substitute", substitutes, SUBSTITUTE_DTYPE)

    @property
    def travel_seconds(self) -> NDArray[np.float32] | None:
        """float32 [units, incidents]; its shape is checked against units and incidents when it is used."""
        return self._travel_seconds

    @travel_seconds.setter
    def travel_seconds(self, seconds: ArrayLike | None) -> None:
        given = None if seconds is None else numbers("travel_seconds", seconds, np.float32, (None, None))
        self._travel_seconds = given
        self._struct.put("travel_seconds", given)

    @property
    def location_idle_seconds(self) -> NDArray[np.float32] | None:
        """float32 [patrol locations]."""
        return self._location_idle_seconds

    @location_idle_seconds.setter
    def location_idle_seconds(self, seconds: ArrayLike | None) -> None:
        given = None if seconds is None else numbers("location_idle_seconds", seconds, np.float32, (None,))
        self._location_idle_seconds = given
        self._struct.put("location_idle_seconds", given)

    def to_abi(self, info: AreaInfo) -> abi.Snapshot:
        """Return the C struct for a decision in the area that `info` describes."""
        idle = self.location_idle_seconds
        if idle is not None and len(idle) != info.patrol_location_count:
            raise ValueError(
                f"location_idle_seconds has shape [{len(idle)}], expected one for each of the area's "
                f"{info.patrol_location_count} patrol locations"
            )
        self._check_travel()
        return self._struct

    def _check_travel(self) -> None:
        travel, shape = self._travel_seconds, (len(self._units), len(self._incidents))
        if travel is not None and travel.shape != shape:
            raise ValueError(f"travel_seconds has shape {list(travel.shape)}, expected {list(shape)}")

    def _point(self, name: str, records: NDArray[np.void] | None, dtype: np.dtype) -> NDArray[np.void]:
        """Point the struct's fields of that name to the records."""
        checked = _records(f"{name}s", records, dtype)
        self._struct.put(f"{name}s", checked)
        self._struct.put(f"{name}_count", len(checked))
        self._struct.put(f"{name}_stride", _stride(checked))
        return checked


def _records(name: str, records: NDArray[np.void] | None, dtype: np.dtype) -> NDArray[np.void]:
    if records is None:
        return np.empty(0, dtype)
    if not isinstance(records, np.ndarray) or records.dtype != dtype or records.ndim != 1:
        raise ValueError(f"{name} must be a one-dimensional array of {name.upper().removesuffix('S')}_DTYPE")
    if _stride(records) < dtype.itemsize:
        raise ValueError(f"{name} runs backward in memory or overlaps itself: pass a copy")
    return records


def _stride(records: NDArray[np.void]) -> int:
    return records.strides[0] if len(records) > 1 else records.dtype.itemsize

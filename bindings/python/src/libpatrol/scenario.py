"""A scenario: an area's fleet and calls."""

import ctypes
import dataclasses
from collections.abc import Mapping
from typing import Any

from libpatrol import _abi as abi
from libpatrol._library import call, library
from libpatrol._object import LibraryObject
from libpatrol.area import Area
from libpatrol.engine import Engine
from libpatrol.policy import Policy
from libpatrol.scenario_about import About
from libpatrol.scenario_arrays import ScenarioArrays
from libpatrol.scenario_files import Source, build
from libpatrol.training_range import Use


class Scenario(LibraryObject):
    """An area's fleet and calls, drawn or replayed: immutable and shared by threads.

    Parameters
    ----------
    area : Area
        Where it plays.
    about : About, optional
        Names, defaults and measures.
    **arrays
        The fields of `ScenarioArrays`.
    """

    def __init__(self, area: Area, about: About | None = None, **arrays: Any) -> None:
        self.area = area
        self.about = About() if about is None else about
        self.arrays = ScenarioArrays(**arrays)
        handle = abi.ScenarioHandle()
        struct = self.arrays.to_abi(area.info)
        call(library.scenario_create, area._handle, ctypes.byref(struct), ctypes.byref(handle))
        super().__init__(handle)

    @classmethod
    def load(cls, name: Source, load: str | float | None = None) -> "Scenario":
        """Load a scenario file, or one that comes with the package (`libpatrol scenarios` lists them).

        Parameters
        ----------
        name : Source
            Path of a file, or a name such as "hotspots" or "hotspots-heavy"; or what a file would say.
        load : str or float, optional
            One of the file's loads, or any offered load per unit; None: the file's default.
        """
        area, arrays, about = build(name, load)
        return cls(area, about, **{field: getattr(arrays, field) for field in arrays.__dataclass_fields__})

    def with_rules(self, **rules: Any) -> "Scenario":
        """Return the scenario of a department with other rules: fields of `EngineOptions`."""
        about = dataclasses.replace(self.about, rules={**self.about.rules, **rules})
        return Scenario(
            self.area, about, **{field: getattr(self.arrays, field) for field in self.arrays.__dataclass_fields__}
        )

    @property
    def unit_count(self) -> int:
        """Units of the fleet."""
        return self.arrays.unit_count

    @property
    def category_names(self) -> tuple[str, ...]:
        """Of the calls."""
        numbered = tuple(f"category {k}" for k in range(self.area.info.category_count))
        return tuple(self.about.category_names) or numbered

    @property
    def measured_from_seconds(self) -> float:
        """When the warm-up ends, since a Monday 00:00."""
        return self.arrays.start_seconds + self.arrays.warm_up_seconds

    @property
    def use(self) -> Use:
        """What a policy decides for here, to compare with what it was trained for."""
        volume = self.about.volume
        return Use(
            units=self.unit_count,
            load=None if volume is None else volume.offered_load,
            nodes=self.area.info.node_count,
            travel_seconds=None if volume is None else volume.post_seconds,
        )

    def engine(self, policy: Policy | None = None, **options: Any) -> Engine:
        """Return an engine of the scenario's area, under the department's rules.

        Parameters
        ----------
        policy : Policy, optional
            Trained networks.
        **options
            Fields of `EngineOptions`; they come before the scenario's rules.
        """
        rules: Mapping[str, Any] = self.about.rules
        return Engine(self.area, policy, use=self.use, **{**rules, **options})

"""The cities that are simulated, through the C interface."""

import ctypes
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import libpatrol
from libpatrol import Area, Policy
from libpatrol._native import abi
from libpatrol._native.library import call, library
from libpatrol.synthetic import cities
from libpatrol.synthetic.roads import roads_from_jemss

POLICIES = (("stay", "closest_fcfs"), ("marginal_coverage", "minimum_weighted_travel"), ("learned", "learned"))


@dataclass
class World:
    """An area, its scenario, and engines of the policies to be timed."""

    name: str
    area: Area
    scenario: abi.ScenarioHandle
    start_hour: int = 0
    """When simulations begin."""
    engines: dict[str, libpatrol.Engine] = field(default_factory=dict)

    def simulation(self, way: str, seed: int) -> abi.SimulationHandle:
        simulation = abi.SimulationHandle()
        options = abi.SimulationOptions(seed=seed, node_limit=2000, relative_gap=1e-6)
        engine = self.engines[way]._handle
        call(library.simulation_create, self.scenario, engine, ctypes.byref(options), ctypes.byref(simulation))
        return simulation


def small() -> World:
    """Return the city of 100 nodes with 5 units that the targets are about: two units in five are on calls."""
    area = Area.from_arrays(**cities.grid(10, 10, seed=1))
    return _with_engines(World("100 nodes, 5 units, 6 calls an hour", area, _scenario(area, 5, queue_capacity=10)))


def manhattan(directory: Path, start_hour: int, name: str) -> World:
    """Return Manhattan with 1,000 units and 40,000 calls a day, a load of 0.7 before travel, from an hour on."""
    area = Area.from_arrays(**roads_from_jemss(directory))
    service = 0.7 * 1000 * 86_400 / 40_000
    categories = (abi.CallCategory * area.info.category_count)()
    for priority, category in enumerate(categories, 1):
        category.service_mean_seconds, category.weight, category.priority = service, 1.0, priority
        category.units_required = 1
    scenario = _scenario(
        area,
        1000,
        start_seconds=start_hour * 3600.0,
        queue_capacity=200,
        rate_scale=40_000 / 24 / area.info.calls_per_hour,
        categories=ctypes.addressof(categories),
    )
    return _with_engines(World(f"Manhattan, 1,000 units, 40,000 calls a day, {name}", area, scenario, start_hour))


def _scenario(area: Area, units: int, **values: Any) -> abi.ScenarioHandle:
    arrays, scenario = abi.ScenarioArrays(), abi.ScenarioHandle()
    library.scenario_arrays_init(ctypes.byref(arrays))
    arrays.unit_count = units
    for name, value in values.items():
        setattr(arrays, name, value)
    call(library.scenario_create, area._handle, ctypes.byref(arrays), ctypes.byref(scenario))
    return scenario


def _with_engines(world: World) -> World:
    for patrol, dispatch in POLICIES:
        name = "networks" if patrol == "learned" else f"{patrol}, {dispatch}"
        policy = Policy.bundled("coverage") if patrol == "learned" else None
        world.engines[name] = libpatrol.Engine(world.area, policy, patrol_policy=patrol, dispatch_policy=dispatch)
    return world

"""The cities that are simulated."""

from dataclasses import dataclass, field
from pathlib import Path

from benchmarks import policies
from libpatrol import Area, Engine, Scenario, Simulation
from libpatrol.scenario.arrays import categories
from libpatrol.synthetic import cities
from libpatrol.synthetic.roads import roads_from_jemss

POLICIES = (("stay", "closest_fcfs"), ("marginal_coverage", "minimum_weighted_travel"), ("learned", "learned"))


@dataclass
class World:
    """A scenario, and engines of the policies to be timed."""

    name: str
    scenario: Scenario
    start_hour: int = 0
    """When simulations begin."""
    engines: dict[str, Engine] = field(default_factory=dict)

    def simulation(self, way: str, seed: int) -> Simulation:
        return Simulation(self.scenario, self.engines[way], seed=seed)


def small() -> World:
    """Return the city of 100 nodes with 5 units that the targets are about: two units in five are on calls."""
    area = Area.from_arrays(**cities.grid(10, 10, seed=1))
    scenario = Scenario(area, unit_count=5, queue_capacity=10)
    return _with_engines(World("100 nodes, 5 units, 6 calls an hour", scenario))


def manhattan(directory: Path, start_hour: int, name: str) -> World:
    """Return Manhattan with 1,000 units and 40,000 calls a day, a load of 0.7 before travel, from an hour on."""
    area = Area.from_arrays(**roads_from_jemss(directory))
    kinds = categories(area.info.category_count)
    kinds["service_mean_seconds"] = 0.7 * 1000 * 86_400 / 40_000
    kinds["weight"], kinds["priority"], kinds["units_required"] = 1.0, range(1, len(kinds) + 1), 1
    scenario = Scenario(
        area,
        unit_count=1000,
        start_seconds=start_hour * 3600.0,
        queue_capacity=200,
        rate_scale=40_000 / 24 / area.info.calls_per_hour,
        categories=kinds,
    )
    return _with_engines(World(f"Manhattan, 1,000 units, 40,000 calls a day, {name}", scenario, start_hour))


def _with_engines(world: World) -> World:
    for patrol, dispatch in POLICIES:
        name = "networks" if patrol == "learned" else f"{patrol}, {dispatch}"
        policy = policies.policy("coverage") if patrol == "learned" else None
        world.engines[name] = Engine(world.scenario.area, policy, patrol_policy=patrol, dispatch_policy=dispatch)
    return world

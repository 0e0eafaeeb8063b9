"""The two scenes: a small generated city over some time, and a real road graph at one moment."""

import statistics
import warnings

import numpy as np

from libpatrol.area import Area
from libpatrol.commands.console import Console
from libpatrol.commands.demo_tables import show
from libpatrol.commands.tables import introduce, show_comparison
from libpatrol.engine import Engine
from libpatrol.enums import Due
from libpatrol.lab.simulation import Simulation
from libpatrol.policy import Policy
from libpatrol.scenario.scenario import Scenario
from libpatrol.session import Session
from libpatrol.studies.comparison import Comparison
from libpatrol.studies.pairs import PolicyPair
from libpatrol.studies.replications import replicate
from libpatrol.synthetic.cities import grid
from libpatrol.synthetic.demand import Demand
from libpatrol.synthetic.roads import roads_from_jemss
from libpatrol.synthetic.snapshots import sample_snapshot
from libpatrol.training_range import Use

_START_SECONDS = 8 * 3600.0
_WEEK_SECONDS = 7 * 86_400.0
_MOMENTS = {Due.DISPATCH: "a call waits for a unit", Due.PATROL: "a free unit chooses where to patrol"}


def small_city(console: Console, seed: int, rounds: int) -> None:
    """Simulate a city of 100 nodes with 6 units from 08:00 on, and show the decisions for calls and for free units.

    Parameters
    ----------
    console : Console
        Console to print on.
    seed : int
        The same seed shows the same decisions.
    rounds : int
        Number of calls for which the decision is shown, each with the next decision where a unit patrols.
    """
    area, policy = Area.from_arrays(**grid(seed=seed, demand=Demand(calls_per_hour=14.0))), Policy.bundled()
    _introduce(console, "a generated city", area, policy)
    scenario = Scenario(area, unit_count=6, start_seconds=_START_SECONDS)
    use = Use(units=scenario.unit_count, nodes=area.info.node_count)
    with (
        Engine(area, policy, use=use) as engine,
        Session(engine, scenario.unit_count, max_incidents=256) as session,
        Simulation(scenario, engine, seed=seed) as simulation,
    ):
        for shown in range(1, rounds + 1):
            for due, what in _MOMENTS.items():
                _simulate_until(simulation, due)
                snapshot = simulation.snapshot().snapshot
                hours, minutes = divmod(int(snapshot.time_seconds) // 60, 60)
                title = f"decision {shown} of {rounds}, {hours % 24:02d}:{minutes:02d}, {what}"
                show(console, title, snapshot, session.decide(snapshot), session.explain(snapshot))
                simulation.decide()
        response = simulation.metrics().response
    if response.reached:
        console.print(
            f"Calls reached so far: {response.reached}, on average {response.mean / 60:.1f} min after the call"
        )


def _simulate_until(simulation: Simulation, due: Due) -> None:
    """Let the engine decide until a decision of this kind is due."""
    while simulation.step(until_seconds=_START_SECONDS + _WEEK_SECONDS) is not due:
        simulation.decide()


def two_days(console: Console, scenario_name: str, replications: int = 24) -> None:
    """Compare policies over two simulated days: common practice, good heuristics, and trained ones.

    Parameters
    ----------
    console : Console
        Console to print on.
    scenario_name : str
        Name of a scenario and of a policy, both bundled with the package.
    replications : int
        Number of replications of the two days, with the same calls for every policy.
    """
    scenario, policy = Scenario.load(scenario_name), Policy.bundled(scenario_name)
    console.rule("the effect over two days, simulated")
    introduce(console, scenario)
    pairs = [
        PolicyPair(patrol="random_walk", dispatch="closest_fcfs"),
        PolicyPair(),
        PolicyPair.trained(policy, name="trained"),
    ]
    results = {}
    for pair in pairs:
        with pair.engine(scenario) as engine:
            results[pair.name] = replicate(scenario, engine, range(replications))
    show_comparison(console, Comparison(results), scenario)
    metadata = policy.metadata
    console.print(
        f"trained: patrol {metadata['patrol_policy']}, dispatch {metadata['dispatch_policy']}, "
        f"{int(metadata['training_events']):,} events, for this scenario; on its validation seeds "
        f"{100 * float(metadata['validation_difference']):+.1f} % weighted wait compared with "
        f"{metadata['validation_against']}",
    )


def real_roads(console: Console, directory: str, seed: int, unit_count: int = 60, incident_count: int = 25) -> None:
    """Show one decision on a real road graph, and the time it takes.

    Parameters
    ----------
    console : Console
        Console to print on.
    directory : str
        Road graph in the format of JEMSS: a directory or a zip archive.
    seed : int
        Seed of demand, units and calls.
    unit_count, incident_count : int
        Size of the decision.
    """
    with warnings.catch_warnings(record=True) as unused:
        warnings.simplefilter("always")
        city = roads_from_jemss(directory, seed=seed)
    for warning in unused:
        console.print(str(warning.message), markup=False, highlight=False)
    area, policy = Area.from_arrays(**city), Policy.bundled()
    _introduce(console, f"the roads of {directory}, with synthetic demand", area, policy)
    snapshot = sample_snapshot(
        city,
        np.random.default_rng(seed),
        unit_count=unit_count,
        incident_count=incident_count,
        nodes=area.patrol_locations,
    )
    use = Use(units=unit_count, nodes=area.info.node_count)
    with Engine(area, policy, use=use) as engine, Session(engine, unit_count, incident_count) as session:
        answer = session.decide(snapshot)
        title = f"{unit_count} units, {incident_count} waiting calls"
        show(console, title, snapshot, answer, session.explain(snapshot))
        times = [session.decide(snapshot).microseconds / 1000 for _ in range(20)]
    console.print(f"the same decision 20 times: median {statistics.median(times):.1f} ms, at most {max(times):.1f} ms")


def _introduce(console: Console, what: str, area: Area, policy: Policy) -> None:
    info = area.info
    console.print(
        f"City: {what}: {info.node_count} nodes, {info.edge_count} edges, {info.patrol_location_count} patrol "
        f"locations, {info.demand_point_count} demand points, {info.calls_per_hour:.1f} calls an hour",
    )
    metadata = policy.metadata
    console.print(
        f"Policy: trained in {metadata['scenario'].count(',') + 1} generated cities; on their validation seeds "
        f"{100 * float(metadata['validation_difference']):+.1f} % weighted wait compared with "
        f"{metadata['validation_against']}\n",
    )

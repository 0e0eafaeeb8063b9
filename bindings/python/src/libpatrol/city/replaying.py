"""Simulations of a city's model: of its own calls, or of those of a log."""

import dataclasses
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from libpatrol.area import Area
from libpatrol.city.activity import Activity, continued, event_capacity, of_events, simulated
from libpatrol.city.history import WEEK, History
from libpatrol.city.kinds import kind_index
from libpatrol.city.model import CityModel
from libpatrol.engine import Engine
from libpatrol.lab.simulation import Simulation
from libpatrol.scenario.arrays import logged_calls
from libpatrol.scenario.scenario import Scenario

WARM_UP = 12 * 3600.0
_AFTER = 6 * 3600.0
"""Simulated after the period, so that its last calls end."""


class Played(NamedTuple):
    """What is simulated, and who decides."""

    scenario: Scenario
    engine: Engine


def current(model: CityModel, scenario: Scenario | None = None) -> Engine:
    """Return the engine that decides as the department does today, in the model's scenario or another of its area."""
    return (scenario or model.scenario).engine(**model.practice.options(model.facts.kinds))


def as_today(model: CityModel, scenario: Scenario | None = None) -> Played:
    """Return the model's scenario, or another one of its area, under current practice."""
    played = scenario or model.scenario
    return Played(played, current(model, played))


def free_to_patrol(model: CityModel) -> Scenario:
    """Return the scenario for other strategies, whose units may wait anywhere: not only at today's stations."""
    if not model.practice.returns_to_stations:
        return model.scenario
    area = Area.from_arrays(**dataclasses.replace(model.area, patrol_locations=None))
    return model.varied(model.scenario, area=area)


def with_surges(model: CityModel, scenario: Scenario, seed: int, days: int) -> Scenario:
    """Return a scenario whose days vary, and to which surges come, as measured in the log; drawn from a seed."""
    if model.facts.variation is None:
        return scenario
    begin = scenario.arrays.start_seconds
    storms = model.facts.variation.storms(begin, begin + 86_400.0 * (days + 2), seed)
    return model.varied(scenario, storms=storms)


def run(model: CityModel, played: Played, seed: int, days: int) -> Activity:
    """Simulate and return what a log would have, second 0 being the end of the warm-up.

    Parameters
    ----------
    model : CityModel
        Whose delays before dispatch and departure are added.
    played : Played
        What is simulated, and who decides.
    seed : int
        Of the replication.
    days : int
        Measured; what happens in the six hours after them is known, too.
    """
    begin = played.scenario.measured_from_seconds
    end = begin + days * 86_400 + _AFTER
    with Simulation(*played, event_capacity=event_capacity()) as simulation:
        events = [simulated(simulation, seed, end - _AFTER)]
        times = simulation.metrics().units
        events.append(continued(simulation, end))
        found = of_events(np.concatenate(events), simulation, end, model.node_beats)
    return dataclasses.replace(model.as_logged(found).moved(-begin), unit_times=times)


def replayed(model: CityModel, history: History, part: History) -> tuple[Scenario, int]:
    """Return a scenario with the calls of full weeks of a log, and how many days it measures.

    Times on scene are drawn: only the calls' times, places, kinds and priorities are the log's. The hours before the
    first week are the warm-up.

    Parameters
    ----------
    model : CityModel
        Whose scenario it varies.
    history, part : History
        The log, and full weeks of it.
    """
    first, last = part.start, part.end
    calls = history.within(first - WARM_UP, last).activity.calls
    kind = kind_index(calls, model.facts.kinds, model.folder.category_names)
    rows = logged_calls(len(calls))
    priority = calls["priority"].to_numpy(np.int64)
    rows["time_seconds"] = calls["received"].to_numpy() - first + WEEK + model.handling[priority]
    rows["node"], rows["category"], rows["priority"] = calls["node"], kind, priority
    rows = rows[np.argsort(rows["time_seconds"], kind="stable")]
    details = dataclasses.replace(model.scenario.details, hours=(last - first) / 3600)
    scenario = model.varied(
        model.scenario, details=details, calls=rows, start_seconds=WEEK - WARM_UP, warm_up_seconds=WARM_UP, storms=None
    )
    return scenario, round((last - first) / 86_400)


class ExpectedCalls(NamedTuple):
    """Calls that a model expects on each day, from a Monday on.

    Attributes
    ----------
    by_beat : float64 [days, 24, beats + 1]
        By hour of the day and beat; the last column is of places without a beat.
    by_category : float64 [days, categories]
        By category of the city.
    """

    by_beat: NDArray[np.float64]
    by_category: NDArray[np.float64]


def categories_of(model: CityModel) -> NDArray[np.int64]:
    """Return the city's category of each kind of calls: int64 [kinds]."""
    return np.array([model.folder.category_names.index(kind.category) for kind in model.facts.kinds], np.int64)


def expected_calls(model: CityModel, days: int) -> ExpectedCalls:
    """Return the calls that the model expects."""
    kinds = model.area.demand_calls_per_hour.sum(0, dtype=np.float64).reshape(-1, 7, 24).sum(2)  # [kinds, 7]
    own = np.zeros((len(model.folder.category_names), 7))
    np.add.at(own, categories_of(model), kinds)
    rates = model.area.demand_calls_per_hour.sum(1, dtype=np.float64)  # [places, 168]
    nodes = np.arange(len(rates)) if model.area.demand_nodes is None else model.area.demand_nodes
    beats = model.scenario.area.info.beat_count
    beat = model.node_beats[nodes]
    table = np.zeros((beats + 1, 168))
    np.add.at(table, np.where(beat < 0, beats, beat), rates)
    week = table.T.reshape(7, 24, beats + 1)
    weeks = int(np.ceil(days / 7))
    return ExpectedCalls(np.concatenate([week] * weeks)[:days], np.tile(own.T, (weeks, 1))[:days])

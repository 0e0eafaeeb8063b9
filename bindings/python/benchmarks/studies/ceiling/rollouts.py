"""Dispatch by one-step rollouts of a policy (Bertsekas & Castañon 1999), at the time of each decision.

Where something else could be decided, the policy's assignment and each alternative are followed in copies of the
simulation under the same futures (common random numbers), which are drawn afresh: what will really happen is not looked
at. An alternative is taken where its mean gain is clear of the noise. One that holds a call goes on holding for a
while, since a minute more or less drowns in the noise: so several policies are rolled out (Chang, Givan & Chong 2004).
"""

import dataclasses
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from benchmarks.studies.ceiling.alternatives import Alternatives, Assignment
from libpatrol import Engine, Scenario, Session, Simulation, Task, UnitStatus
from libpatrol.enums import Due
from libpatrol.lab.metrics import Metrics
from libpatrol.studies.best import HOLD_ROWS, with_limits
from libpatrol.studies.pairs import PolicyPair

_MOST_CALLS = 64  # open at once: units on calls and a queue of ten


@dataclass(frozen=True, kw_only=True)
class Effort:
    """What a decision may take.

    Attributes
    ----------
    horizon_seconds : float
        Length of a future.
    hold_seconds : float
        In a future in which a call is held, calls like it wait so long for more units to be free.
    stay_seconds : float
        Units stay so long at a time in futures, which halves their events.
    batch, most_futures : int
        Futures are drawn a batch at a time; after each, alternatives that are clearly worse are dropped.
    most_alternatives : int
        Looked at in one decision.
    clear : float
        Standard errors by which the mean gain of an alternative must differ from 0.
    settling_seconds : float
        Before measuring begins the policy itself decides until then.
    """

    horizon_seconds: float = 60 * 60.0
    hold_seconds: float = 10 * 60.0
    stay_seconds: float = 240.0
    batch: int = 32
    most_futures: int = 256
    most_alternatives: int = 3
    clear: float = 2.0
    settling_seconds: float = 2 * 3600.0


@dataclass
class Tally:
    """What a replication's decisions came to, while it was measured.

    Attributes
    ----------
    decisions, compared, taken, held : int
        Dispatch decisions; those with an alternative; those in which one was taken; of these, those that send fewer
        units.
    events : int
        Simulated, copies included.
    """

    decisions: int = 0
    compared: int = 0
    taken: int = 0
    held: int = 0
    events: int = 0


@dataclass
class _Comparison:
    """An alternative, the simulation in which its futures begin, and what each gained: weighted seconds."""

    assignment: Assignment
    begins: Simulation
    gains: list[float] = field(default_factory=list)

    @property
    def mean(self) -> float:
        return float(np.mean(self.gains))

    @property
    def error(self) -> float:
        return float(np.std(self.gains, ddof=1) / np.sqrt(len(self.gains)))


class RolloutDispatch:
    """Simulates a scenario, dispatch decided by rollouts of an engine's policies, patrol by the engine.

    Parameters
    ----------
    scenario, pair
        What is simulated; the policies that are rolled out.
    effort : Effort
        Of each decision.
    """

    def __init__(self, scenario: Scenario, pair: PolicyPair, effort: Effort) -> None:
        self._scenario, self._effort = scenario, effort
        self._engine = pair.engine(scenario)
        self._city = Simulation(scenario, self._engine)
        stays = dataclasses.replace(pair, options={**pair.options, "stay_seconds": effort.stay_seconds})
        self._ahead = Simulation(scenario, stays.engine(scenario))
        self._holding = [Simulation(scenario, engine) for engine in _holding_engines(scenario, stays)]
        self._session = Session(self._engine, scenario.unit_count, _MOST_CALLS)

    def replicate(self, seed: int) -> tuple[Metrics, Tally]:
        """Simulate once; equal seeds meet equal calls, whoever decides."""
        self._rng = np.random.default_rng(seed)
        self._tally = Tally()
        measured_from = self._scenario.measured_from_seconds
        end = measured_from + 3600 * self._scenario.hours
        self._city.restart(seed)
        self._city.run(max(0.0, measured_from - self._effort.settling_seconds))
        while (due := self._city.step(end)) is not Due.NOTHING:
            if due is not Due.DISPATCH or not self._takes_alternative(self._city.state.time_seconds >= measured_from):
                self._city.decide()
        self._tally.events += self._city.state.events
        return self._city.metrics(), self._tally

    def _takes_alternative(self, is_measured: bool) -> bool:
        """Send units as an alternative says, where one is clearly better; what it holds waits for the next decision."""
        snapshot = self._city.snapshot().snapshot
        units = {int(unit): k for k, unit in enumerate(snapshot.units["id"])}
        calls = {int(call): k for k, call in enumerate(snapshot.incidents["id"])}
        answer = self._session.decide(snapshot, tasks=Task.DISPATCH, deadline=None, node_limit=2000)
        chosen = {units[int(row["unit_id"])]: calls[int(row["incident_id"])] for row in answer.assignments}
        pairs = self._city.pairs().pairs
        alternatives = Alternatives(self._engine.options, pairs, snapshot.incidents)
        others = alternatives.near(chosen, self._effort.most_alternatives)
        idle = int((snapshot.units["status"] == UnitStatus.PATROLLING).sum())
        better = self._better(chosen, [_Comparison(other, self._begins(chosen, other, idle)) for other in others])
        if is_measured:
            self._tally.decisions += 1
            self._tally.compared += bool(others)
        if better is None:
            return False
        if is_measured:
            self._tally.taken += 1
            self._tally.held += len(better.assignment) < len(chosen)
        for unit, call in better.assignment.items():
            self._city.assign(unit, call)
        return True

    def _begins(self, chosen: Assignment, other: Assignment, idle: int) -> Simulation:
        """Return the simulation that goes on holding where an alternative does, and else the policy's."""
        left = idle - len(other)
        return self._ahead if len(other) >= len(chosen) else self._holding[min(left, len(self._holding)) - 1]

    def _better(self, chosen: Assignment, left: list[_Comparison]) -> _Comparison | None:
        """Return the alternative of the largest mean gain, if any gain is clear."""
        effort = self._effort
        for _ in range(effort.most_futures // effort.batch):
            if not left:
                return None
            self._follow(chosen, left, effort.batch)
            left = [one for one in left if one.mean > -effort.clear * one.error]
        clear = [one for one in left if one.mean > effort.clear * one.error]
        return max(clear, key=lambda one: one.mean) if clear else None

    def _follow(self, chosen: Assignment, comparisons: Sequence[_Comparison], futures: int) -> None:
        """Add the gains of some more futures."""
        for future in self._rng.integers(2**63, size=futures).tolist():
            cost = self._cost(chosen, self._ahead, future)
            for one in comparisons:
                one.gains.append(cost - self._cost(one.assignment, one.begins, future))

    def _cost(self, assignment: Assignment, begins: Simulation, future: int) -> float:
        """Return what a future costs until the horizon, up to a constant."""
        before = self._city.state
        begins.copy(self._city, measuring=False)
        begins.renew_future(future)
        for unit, call in assignment.items():
            begins.assign(unit, call)
        if begins is not self._ahead:
            begins.run(before.time_seconds + self._effort.hold_seconds)
            self._ahead.copy(begins, measuring=False)
        self._ahead.run(before.time_seconds + self._effort.horizon_seconds)
        state = self._ahead.state
        self._tally.events += state.events - before.events
        return state.cumulative_cost - before.cumulative_cost


def _holding_engines(scenario: Scenario, pair: PolicyPair) -> Iterator[Engine]:
    """Yield engines under which, beside the pair's limits, less urgent calls wait while 1, 2, 3 units are free."""
    urgency = scenario.arrays.categories["priority"]
    given = pair.options.get("hold_travel_seconds")
    limits = np.full((HOLD_ROWS, len(urgency)), np.inf) if given is None else np.array(given)
    for cutoff in range(1, HOLD_ROWS):
        held = limits.copy()
        held[:cutoff, urgency > urgency.min()] = 0
        yield with_limits(pair, held).engine(scenario)

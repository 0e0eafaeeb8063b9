"""The best heuristics of a scenario, chosen on validation seeds within a stated budget of simulated events."""

import dataclasses
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from libpatrol.scenario.scenario import Scenario
from libpatrol.studies.intervals import Interval, interval, paired
from libpatrol.studies.measures import COST
from libpatrol.studies.pairs import DISPATCH_POLICIES, PATROL_POLICIES, PolicyPair, under_rules
from libpatrol.studies.replications import VALIDATION_SEEDS, replicate

HOLD_ROWS = 4
"""Travel limits are for 1, 2, 3, and 4 or more free units; those of the last row stay infinite."""
_STEPS = (0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 7.0, math.inf)
"""Travel limits that the tuner tries, in mean travel times from the nearest post."""


@dataclass(frozen=True)
class Trial:
    """A pair of policies and its weighted wait on the validation seeds.

    Attributes
    ----------
    pair : PolicyPair
        The policies that decided.
    costs : float64 [replications]
        Weighted calls waiting.
    events : int
        Events simulated.
    """

    pair: PolicyPair
    costs: NDArray[np.float64]
    events: int

    @property
    def cost(self) -> Interval:
        """Mean of `costs`."""
        return interval(self.costs)


@dataclass(frozen=True)
class Best:
    """Result of the search.

    Attributes
    ----------
    trials : list of Trial
        Every pair of heuristics, the lowest weighted wait first.
    tuned : Trial or None
        The best pair with tuned travel limits, on the same seeds; None if fresh seeds do not confirm them.
    gain : Interval or None
        Change by the limits on validation seeds that the tuner has not seen; None if it found no limits that help.
    events : int
        Events simulated in total.
    """

    trials: list[Trial]
    tuned: Trial | None
    gain: Interval | None
    events: int

    @property
    def pair(self) -> PolicyPair:
        """The best pair: with travel limits if they are confirmed."""
        return self.trials[0].pair if self.tuned is None else self.tuned.pair


class Search:
    """Runs trials on the same validation seeds and counts their events.

    Parameters
    ----------
    scenario : Scenario
        Where.
    replications : int
        The number of seeds.
    hours : float or None
        Measured in each replication after the warm-up; None: `Scenario.hours`.
    threads : int or None
        None: one for each processor.
    done : callable, optional
        Called with the name of a pair after each trial.

    Examples
    --------
    >>> from libpatrol import Scenario
    >>> from libpatrol.studies.best import Search
    >>> from libpatrol.studies.pairs import PolicyPair
    >>> search = Search(Scenario.load("hotspots"), replications=2, hours=2, threads=1)
    >>> search.trial(PolicyPair.parse("backup_coverage+minimum_weighted_travel")).costs.shape
    (2,)
    """

    def __init__(
        self,
        scenario: Scenario,
        *,
        replications: int,
        hours: float | None,
        threads: int | None,
        done: Callable[[str], None] | None = None,
    ) -> None:
        self.scenario = scenario
        self.seeds = range(VALIDATION_SEEDS, VALIDATION_SEEDS + replications)
        self.fresh_seeds = range(self.seeds.stop, self.seeds.stop + replications)
        self.hours, self.threads, self.done = hours, threads, done
        self.events = 0

    def trial(self, pair: PolicyPair, seeds: Sequence[int] | None = None) -> Trial:
        """Return the trial of a pair on the search's seeds, or on those given."""
        with pair.engine(self.scenario) as engine:
            found = replicate(
                self.scenario, engine, self.seeds if seeds is None else seeds, hours=self.hours, threads=self.threads
            )
        events = sum(metrics.events for metrics in found)
        self.events += events
        if self.done is not None:
            self.done(pair.name)
        return Trial(pair, COST.values(found), events)


def heuristic_pairs() -> list[PolicyPair]:
    """Return every pair of heuristics."""
    return [
        PolicyPair(patrol=patrol, dispatch=dispatch)
        for patrol in PATROL_POLICIES
        for dispatch in DISPATCH_POLICIES
        if "learned" not in (patrol, dispatch)
    ]


def best(search: Search, budget: int) -> Best:
    """Find the best pair of heuristics for a scenario, and travel limits that improve it.

    Parameters
    ----------
    search : Search
        The scenario and its seeds.
    budget : int
        Events that tuning the limits may take, in addition to those of the pairs.
    """
    pairs = under_rules(heuristic_pairs(), search.scenario)
    trials = sorted((search.trial(pair) for pair in pairs), key=lambda trial: trial.cost.mean)
    tuned = tune(search, trials[0], budget)
    gain = None
    if tuned is not None:
        without, within = (search.trial(trial.pair, search.fresh_seeds) for trial in (trials[0], tuned))
        gain = paired(without.costs, within.costs)
        if gain.mean >= 0 or not gain.excludes_zero:
            tuned = None
    return Best(trials, tuned, gain, search.events)


def tune(search: Search, start: Trial, budget: int) -> Trial | None:
    """Return `start` with the travel limits of least cost on the search's seeds; None if none cost less.

    First cutoff priorities (Schaack & Larson 1986): limits of 0 up to some number of free units, infinite above. Then
    one limit after the other is moved to each of its steps (coordinate search) until a round brings no improvement or
    the budget is used up. A limit is never below that for fewer free units.

    Parameters
    ----------
    search : Search
        Scenario and seeds.
    start : Trial
        Without limits.
    budget : int
        Maximum number of events.
    """
    unit = _post_seconds(search)
    columns = holdable_categories(search.scenario, start.pair)
    end = search.events + budget
    now, limits = start, np.full((HOLD_ROWS, len(search.scenario.arrays.categories)), math.inf)
    seen = {limits.tobytes()}

    def better(proposals: Iterator[NDArray[np.float64]]) -> bool:
        nonlocal now, limits
        found = False
        for proposal in proposals:
            if search.events >= end:
                break
            if proposal.tobytes() in seen:
                continue
            seen.add(proposal.tobytes())
            trial = search.trial(with_limits(start.pair, proposal))
            if trial.costs.mean() < now.costs.mean():
                now, limits, found = trial, proposal, True
        return found

    for column in columns:
        better(_cutoffs(limits, column))
    while search.events < end:
        moved = [better(_moves(limits, row, column, unit)) for column in columns for row in range(HOLD_ROWS - 1)]
        if not any(moved):
            break
    return None if now is start else now


def holdable_categories(scenario: Scenario, pair: PolicyPair) -> list[int]:
    """Return the categories of calls that the rules allow to be held."""
    with pair.engine(scenario) as engine:
        never = engine.options.never_hold_priority
    return [int(k) for k in np.flatnonzero(scenario.arrays.categories["priority"] > never)]


def with_limits(pair: PolicyPair, limits: NDArray[np.float64]) -> PolicyPair:
    """Return a pair whose dispatch holds calls by travel limits, float [rows, categories]."""
    options = {**pair.options, "hold_travel_seconds": limits.tolist()}
    return dataclasses.replace(pair, options=options, name=f"{pair.patrol}+{pair.dispatch}+hold")


def _post_seconds(search: Search) -> float:
    with search.scenario.engine(patrol_policy="stay", dispatch_policy="closest_fcfs") as engine:
        return engine.post_seconds(search.scenario.unit_count)


def _cutoffs(limits: NDArray[np.float64], column: int) -> Iterator[NDArray[np.float64]]:
    """Propose that calls of one category wait while at most 1, 2, ... units are free."""
    for reserve in range(1, HOLD_ROWS):
        proposal = limits.copy()
        proposal[:, column] = math.inf
        proposal[:reserve, column] = 0
        yield proposal


def _moves(limits: NDArray[np.float64], row: int, column: int, unit: float) -> Iterator[NDArray[np.float64]]:
    """Propose every step of one limit; others follow if they would be out of order."""
    for step in _STEPS:
        proposal = limits.copy()
        proposal[row, column] = step * unit if math.isfinite(step) else math.inf
        proposal[:row, column] = np.minimum(proposal[:row, column], proposal[row, column])
        proposal[row + 1 :, column] = np.maximum(proposal[row + 1 :, column], proposal[row, column])
        yield proposal

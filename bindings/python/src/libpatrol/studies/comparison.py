"""Policies compared on the same calls."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from libpatrol.lab.metrics import Metrics
from libpatrol.studies.intervals import Interval, paired
from libpatrol.studies.measures import (
    CHARGED_RESPONSE,
    COST,
    OVERFLOW,
    RESPONSE_P90,
    WITHIN_TARGET,
    Measure,
)

COMPARED = (COST, CHARGED_RESPONSE, RESPONSE_P90, WITHIN_TARGET, OVERFLOW)


@dataclass(frozen=True)
class Comparison:
    """Replications of several policies on the same seeds, in the same order.

    Attributes
    ----------
    results : mapping of str to sequence of Metrics
        By the policies' name; the first is the reference. Only one replication if nothing is random.
    measures : sequence of Measure
        The measures to compare.

    Examples
    --------
    >>> from libpatrol import Scenario
    >>> from libpatrol.studies.comparison import Comparison
    >>> from libpatrol.studies.measures import COST
    >>> from libpatrol.studies.pairs import PolicyPair
    >>> from libpatrol.studies.replications import replicate
    >>> scenario = Scenario.load("hotspots")
    >>> names = "random_walk+closest_fcfs", "backup_coverage+minimum_weighted_travel"
    >>> pairs = [PolicyPair.parse(name) for name in names]
    >>> comparison = Comparison({p.name: replicate(scenario, p.engine(scenario), range(4), hours=8) for p in pairs})
    >>> comparison.difference(names[1], COST).mean < 0
    True
    """

    results: Mapping[str, Sequence[Metrics]]
    measures: Sequence[Measure] = COMPARED

    @property
    def names(self) -> list[str]:
        """Names of the policies, the reference first."""
        return list(self.results)

    @property
    def reference(self) -> str:
        """The policy that the others are compared with."""
        return self.names[0]

    @property
    def replications(self) -> int:
        """Number of replications of each policy under which anything is random."""
        return max(len(found) for found in self.results.values())

    def mean(self, name: str, measure: Measure) -> Interval:
        """Return a policy's mean with its own interval."""
        return measure.over(self.results[name])

    def difference(self, name: str, measure: Measure) -> Interval:
        """Return the mean paired difference of a policy from the reference."""
        return paired(measure.values(self.results[self.reference]), measure.values(self.results[name]))

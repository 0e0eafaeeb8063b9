"""When a policy should abstain: limits on the share of free units, chosen on validation seeds."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from libpatrol.enums import Networks
from libpatrol.files import with_abstention
from libpatrol.policy import Policy
from libpatrol.studies.best import Search
from libpatrol.studies.intervals import Interval, paired
from libpatrol.studies.pairs import PolicyPair

ALLOWED = 0.0025
"""How much worse than the heuristics a limit may be in any scenario, by default, by its mean on validation seeds."""

LIMITS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.65)
"""The shares of the units on duty that are tried, beside 0 and 1."""

_HEURISTICS = {"patrol": "backup_coverage", "dispatch": "minimum_weighted_travel"}
"""What decides where a policy abstains."""


@dataclass(frozen=True)
class Tried:
    """A limit that was tried.

    Attributes
    ----------
    task : str
        "dispatch", alone; or "patrol", with the dispatch that was chosen before.
    most_free_share : float
        While a larger share of the units is free, the policy abstains from the task; 0: it always does, 1: never.
    changes : list of Interval
        Change of weighted wait from the heuristics, as a share of theirs, in each scenario.

    Examples
    --------
    >>> from libpatrol.studies.abstention import Tried
    >>> from libpatrol.studies.intervals import Interval
    >>> tried = Tried("dispatch", 0.2, [Interval(0.001, 0.002, 30), Interval(-0.07, 0.01, 30)])
    >>> tried.is_safe(), round(tried.mean, 4)
    (True, -0.0345)
    """

    task: str
    most_free_share: float
    changes: list[Interval]

    @property
    def mean(self) -> float:
        """Mean change over the scenarios."""
        return float(np.mean([change.mean for change in self.changes]))

    def is_safe(self, allowed: float = ALLOWED) -> bool:
        """Return whether no scenario's mean change is above `allowed`."""
        return all(change.mean <= allowed for change in self.changes)


def choose_abstention(
    policy: Policy, searches: Sequence[Search], limits: Sequence[float] = LIMITS, allowed: float = ALLOWED
) -> tuple[Policy, list[Tried]]:
    """Choose when a policy abstains, first from dispatch, then from patrol.

    A limit is safe if in no scenario the weighted wait is more than `allowed` above that of backup coverage and minimum
    weighted travel. Of the safe limits that with the lowest mean change over the scenarios is taken. There is one, for
    what always abstains changes nothing. Take so many replications that intervals are not much wider than what matters.

    Parameters
    ----------
    policy : Policy
        Networks for patrol, dispatch, or both; the limits in its file do not count.
    searches : sequence of Search
        A scenario each, with the validation seeds on which limits are tried: of all loads at which the policy may be
        used. Results are to be reported on other seeds.
    limits : sequence of float
        Shares of the units on duty that may be free, above 0 and below 1, tried beside both.
    allowed : float
        How much worse than the heuristics a limit may be in any scenario, as a share of their weighted wait, 0 or more.

    Returns
    -------
    Policy
        The same networks with the limits that were chosen, and metadata that say on what.
    list of Tried
        All limits that were tried.

    Raises
    ------
    ValueError
        If `allowed` is below 0, a limit is not between 0 and 1, or nobody waits in a scenario under the heuristics:
        there are no changes in percent.

    Examples
    --------
    >>> from libpatrol import Policy, Scenario
    >>> from libpatrol.studies.abstention import choose_abstention
    >>> from libpatrol.studies.best import Search
    >>> search = Search(Scenario.load("hotspots-heavy"), replications=2, hours=2, threads=1)
    >>> chosen, tried = choose_abstention(Policy.bundled("hotspots-heavy"), [search])
    >>> sorted({limit.task for limit in tried})
    ['dispatch', 'patrol']
    """
    if not allowed >= 0:
        raise ValueError(f"allowed is {allowed}, expected 0 or more")
    baselines = [search.trial(_pair(policy, ())).costs for search in searches]
    for number, base in enumerate(baselines, 1):
        if not np.mean(base) > 0:
            raise ValueError(f"nobody waits in {len(base)} replications of scenario {number}: simulate more hours")
    best = baselines
    for limit in limits:
        if not 0 < limit < 1:
            raise ValueError(f"limits has {limit:g}, expected shares of the units on duty between 0 and 1")
    tried: list[Tried] = []
    chosen = {"dispatch": 1.0, "patrol": 1.0}
    learned: list[str] = []
    for task in _tasks(policy):
        learned.append(task)
        found: list[tuple[Tried, list[NDArray[np.float64]]]] = []
        for limit in (0.0, *limits, 1.0):
            pair = _pair(_limited(policy, {**chosen, task: limit}), learned, f"{task}: {_words(limit)}")
            # What always abstains does not differ from what was best without it.
            costs = best if limit == 0 else [search.trial(pair).costs for search in searches]
            changes = [_change(before, after) for before, after in zip(baselines, costs, strict=True)]
            found.append((Tried(task, limit, changes), costs))
        tried += [each for each, _ in found]
        taken, best = min((each for each in found if each[0].is_safe(allowed)), key=lambda each: each[0].mean)
        chosen[task] = taken.most_free_share
    return _limited(policy, chosen, _provenance(searches)), tried


def _pair(policy: Policy, learned: Sequence[str], name: str = "") -> PolicyPair:
    """Return the pair in which so much is learned, and heuristics do the rest."""
    patrol, dispatch = ("learned" if task in learned else _HEURISTICS[task] for task in ("patrol", "dispatch"))
    return PolicyPair(patrol=patrol, dispatch=dispatch, policy=policy if learned else None, name=name)


def _limited(policy: Policy, limits: Mapping[str, float], metadata: Mapping[str, str] | None = None) -> Policy:
    return with_abstention(policy, patrol=limits["patrol"], dispatch=limits["dispatch"], metadata=metadata)


def sentences(policy: Policy) -> list[str]:
    """Return when a policy abstains, in words.

    Examples
    --------
    >>> from libpatrol import Policy
    >>> from libpatrol.files import with_abstention
    >>> from libpatrol.studies.abstention import sentences
    >>> sentences(with_abstention(Policy.bundled("hotspots-heavy"), patrol=1, dispatch=0.25))
    ['while more than 25 % of the units are free, dispatch is left to minimum_weighted_travel']
    """
    found = []
    for task in ("patrol", "dispatch"):
        most = getattr(policy.info, f"{task}_most_free_share")
        if most == 0:
            found.append(f"{task} is always left to {_HEURISTICS[task]}")
        elif most < 1:
            found.append(
                f"while more than {100 * most:.3g} % of the units are free, {task} is left to {_HEURISTICS[task]}"
            )
    return found


def _tasks(policy: Policy) -> Iterable[str]:
    """Return the tasks that the policy's networks are for, and were accepted for if its metadata say so."""
    for task, networks in (("dispatch", Networks.PAIR | Networks.VALUE), ("patrol", Networks.PATROL)):
        if policy.info.networks & networks and policy.metadata.get(f"{task}_policy", "learned") == "learned":
            yield task


def _change(before: np.ndarray, after: np.ndarray) -> Interval:
    change, base = paired(before, after), float(np.mean(before))
    return change._replace(mean=change.mean / base, half_width=change.half_width / base)


def _words(limit: float) -> str:
    return "any number of free units" if limit == 1 else f"at most {100 * limit:.3g} % of the units free"


def _provenance(searches: Sequence[Search]) -> dict[str, str]:
    names = ", ".join(search.scenario.details.name for search in searches)
    return {"abstention_scenarios": names, "abstention_replications": str(len(searches[0].seeds))}

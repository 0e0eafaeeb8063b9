"""A patrol policy and a dispatch policy, as the command line names them."""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from libpatrol._native.handles import of_kind
from libpatrol.engine import Engine
from libpatrol.policy import Policy
from libpatrol.scenario.scenario import Scenario

PATROL_POLICIES = (
    "stay",
    "random_walk",
    "demand_walk",
    "fixed_posts",
    "compliance_table",
    "marginal_coverage",
    "backup_coverage",
    "dmexclp",
    "learned",
)
DISPATCH_POLICIES = (
    "closest_fcfs",
    "priority_closest",
    "own_beat_first",
    "minimum_weighted_travel",
    "weighted_index",
    "learned",
)


@dataclass(frozen=True, kw_only=True)
class PolicyPair:
    """The policies that decide: by name, with networks for "learned" and further options of the engine.

    Attributes
    ----------
    patrol, dispatch : str
        Names that `Engine` knows.
    policy : Policy or None
        Needed if one of them is "learned".
    options : mapping
        Fields of `EngineOptions`; they take precedence over the scenario's rules.
    name : str
        Name of the pair; by default patrol + dispatch.

    Examples
    --------
    >>> from libpatrol import Scenario
    >>> from libpatrol.studies.pairs import PolicyPair
    >>> pair = PolicyPair.parse("dmexclp+weighted_index")
    >>> engine = pair.engine(Scenario.load("hotspots"))
    """

    patrol: str = "marginal_coverage"
    dispatch: str = "minimum_weighted_travel"
    policy: Policy | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    name: str = ""

    def __post_init__(self) -> None:
        for name, known in ((self.patrol, PATROL_POLICIES), (self.dispatch, DISPATCH_POLICIES)):
            if name not in known:
                raise ValueError(f"there is no policy {name}, expected one of {', '.join(known)}")
            if name == "learned" and self.policy is None:
                raise ValueError("the policy learned needs a policy file: --policy FILE")
        if self.policy is not None:
            of_kind("policy", self.policy, Policy)
        if not self.name:
            object.__setattr__(self, "name", f"{self.patrol}+{self.dispatch}")

    @classmethod
    def parse(cls, text: str, policy: Policy | None = None) -> "PolicyPair":
        """Return the pair that `text`, "patrol+dispatch", names."""
        patrol, plus, dispatch = text.strip().partition("+")
        if not plus:
            raise ValueError(f"{text!r} is not a pair of policies, expected patrol+dispatch")
        uses = "learned" in (patrol, dispatch)
        return cls(patrol=patrol, dispatch=dispatch, policy=policy if uses else None)

    @classmethod
    def trained(cls, policy: Policy, name: str = "") -> "PolicyPair":
        """Return the pair as which a trainer's policy file was accepted: a heuristic where learning gained nothing."""
        missing = {"patrol_policy", "dispatch_policy"} - of_kind("policy", policy, Policy).metadata.keys()
        if missing:
            raise ValueError(f"the policy's file has no {min(missing)}, expected a file written by a trainer")
        patrol, dispatch = policy.metadata["patrol_policy"], policy.metadata["dispatch_policy"]
        return cls(patrol=patrol, dispatch=dispatch, policy=policy, name=name)

    def under_rules(self, scenario: Scenario) -> "PolicyPair":
        """Return the pair with its policies replaced by those that the department's rules set."""
        rules = scenario.details.rules
        patrol, dispatch = rules.get("patrol_policy", self.patrol), rules.get("dispatch_policy", self.dispatch)
        if (patrol, dispatch) == (self.patrol, self.dispatch):
            return self
        return dataclasses.replace(self, patrol=patrol, dispatch=dispatch, name="")

    def engine(self, scenario: Scenario) -> Engine:
        """Return the engine that decides with this pair in a scenario."""
        return scenario.engine(
            self.policy, **{**self.options, "patrol_policy": self.patrol, "dispatch_policy": self.dispatch}
        )


def under_rules(pairs: Sequence[PolicyPair], scenario: Scenario) -> list[PolicyPair]:
    """Return pairs that were not requested by name as a scenario's rules change them, each once."""
    named = {pair.name: pair for pair in (pair.under_rules(scenario) for pair in pairs)}
    return list(named.values())

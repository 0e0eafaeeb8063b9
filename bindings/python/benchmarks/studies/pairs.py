"""The pairs of policies that studies compare."""

from benchmarks import policies
from libpatrol.studies.pairs import PolicyPair

BACKUP, TABLE, MARGINAL = "backup_coverage", "compliance_table", "marginal_coverage"
WEIGHTED_TRAVEL, WEIGHTED_INDEX = "minimum_weighted_travel", "weighted_index"

RANDOM_PAIR = PolicyPair(patrol="random_walk", dispatch="closest_fcfs")
"""The paper's baseline."""
SHORT_LIST = tuple(PolicyPair(patrol=patrol, dispatch=WEIGHTED_TRAVEL) for patrol in (BACKUP, TABLE, MARGINAL))
"""The heuristics that are the best of some bundled scenario; an experiment's reference is the best of these."""
LONG_LIST = (*SHORT_LIST, *(PolicyPair(patrol=pair.patrol, dispatch=WEIGHTED_INDEX) for pair in SHORT_LIST))
"""For where calls of one priority differ in weight or compete without strict priority: there the index differs."""
GENERAL = "general policy"
"""Title of `trained_pair("general")`, trained in generated cities."""


def trained_pair(name: str) -> PolicyPair:
    """Return a policy of the package or of `benchmarks/policies` as it was trained to be used."""
    return PolicyPair.trained(policies.policy(name))

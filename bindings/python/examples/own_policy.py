"""A dispatch policy of one's own, to be compared with heuristics on the same calls.

libpatrol evaluate metro examples/own_policy.py:Reserve
"""

from libpatrol import Scenario
from libpatrol.studies.python_policies import Decision


class Reserve:
    """The closest unit to each call, the most urgent first; while few units are free, routine calls wait for more.

    Patrol is left to the engine, since there is no method `patrol`.
    """

    def __init__(self, scenario: Scenario, seed: int) -> None:
        self.kept_free = scenario.unit_count // 15
        self.most_urgent = int(scenario.arrays.categories["priority"].max()) - 1

    def dispatch(self, decision: Decision) -> None:
        """Assign one pair after the other until nothing is left to assign."""
        calls = decision.snapshot.incidents
        while len(pairs := decision.pairs().pairs):
            priority = calls["priority"][pairs["incident"]]
            free = len(set(pairs["unit"].tolist()))
            if free <= self.kept_free:
                pairs, priority = pairs[priority <= self.most_urgent], priority[priority <= self.most_urgent]
            if len(pairs) == 0:
                return
            best = min(range(len(pairs)), key=lambda k: (priority[k], pairs["travel_seconds"][k]))
            decision.assign(int(pairs["unit"][best]), int(pairs["incident"][best]))

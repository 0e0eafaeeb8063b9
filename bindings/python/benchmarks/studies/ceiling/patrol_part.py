"""How much patrol could gain: heuristics whose units drive beside heuristics whose units are there at once."""

from dataclasses import dataclass

import numpy as np

from benchmarks import policies
from benchmarks.studies.ceiling import teleport
from benchmarks.studies.laboratory import Laboratory
from benchmarks.studies.measures import EVENTS, MEASURES, Measured, change
from benchmarks.studies.pairs import BACKUP, MARGINAL, TABLE, WEIGHTED_TRAVEL
from benchmarks.studies.scenarios import Cell
from libpatrol.studies.intervals import Interval
from libpatrol.studies.measures import COST, RESPONSE_P90
from libpatrol.studies.pairs import PolicyPair

DRIVING = (MARGINAL, BACKUP, TABLE)
FREE = (MARGINAL, TABLE)
_DRAWS = 2000


@dataclass(frozen=True)
class PatrolRow:
    """A cell: costs by replication of each policy, driving and free to be anywhere."""

    cell: Cell
    driving: dict[str, Measured]
    free: dict[str, Measured]

    @property
    def reference(self) -> Measured:
        """Marginal coverage by units that drive."""
        return self.driving[MARGINAL]

    @property
    def bound(self) -> str:
        """The policy that costs least where moves are free."""
        return min(self.free, key=lambda name: self.free[name][COST.name].mean())

    @property
    def best(self) -> str:
        """The policy that costs least where units drive."""
        return min(self.driving, key=lambda name: self.driving[name][COST.name].mean())

    def change(self, name: str) -> Interval | None:
        """Return what a policy whose units drive changes of the reference's cost."""
        return change([self.driving[name]], self.reference) if name in self.driving else None

    def change_if_free(self, name: str) -> Interval:
        """Return the same of a policy whose units are free to be anywhere."""
        return change([self.free[name]], self.reference)

    @property
    def slowest(self) -> tuple[float, float]:
        """The 90 % quantiles of response, seconds: the best policy whose units drive, and the bound."""
        p90 = RESPONSE_P90.name
        return float(self.driving[self.best][p90].mean()), float(self.free[self.bound][p90].mean())

    @property
    def left(self) -> Interval:
        """What the bound is below the best policy whose units drive, as a share of that one's cost."""
        return change([self.free[self.bound]], self.driving[self.best])

    def taken(self, name: str) -> tuple[float, float, float] | None:
        """Return the share of the gap that a policy takes, with its 95 % interval (bootstrap over replications)."""
        if name not in self.driving:
            return None
        base = self.reference[COST.name]
        gap, gained = base - self.free[self.bound][COST.name], base - self.driving[name][COST.name]
        drawn = np.random.default_rng(0).integers(len(gap), size=(_DRAWS, len(gap)))
        low, high = np.quantile(gained[drawn].mean(1) / gap[drawn].mean(1), (0.025, 0.975))
        return float(gained.mean() / gap.mean()), float(low), float(high)


def patrol_row(lab: Laboratory, cell: Cell) -> PatrolRow:
    """Return what each policy costs in a cell, with and without free moves."""
    lab, measures = lab.room(f"{cell.name}/patrol"), (*MEASURES, EVENTS)
    scenario, anywhere = cell.scenario(), teleport.scenario(cell)
    driving = {name: PolicyPair(patrol=name, dispatch=WEIGHTED_TRAVEL) for name in DRIVING}
    if cell.name in policies.policy_names():
        policy = policies.policy(cell.name)
        if policy.metadata["patrol_policy"] == "learned":
            driving["learned"] = PolicyPair(patrol="learned", dispatch=WEIGHTED_TRAVEL, policy=policy)
    stays = {"stay_seconds": teleport.STAY_SECONDS}
    free = {name: PolicyPair(patrol=name, dispatch=WEIGHTED_TRAVEL, options=stays) for name in FREE}
    return PatrolRow(
        cell,
        {name: lab.measured(name, scenario, pair, measures) for name, pair in driving.items()},
        {name: lab.measured(f"{name}-free", anywhere, pair, measures) for name, pair in free.items()},
    )

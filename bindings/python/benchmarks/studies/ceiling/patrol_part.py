"""How much patrol could gain: heuristics whose units drive beside heuristics whose units are there at once."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import teleport
from gains import Values, measures
from measurement_store import MeasurementStore
from numpy.typing import NDArray
from relative_changes import relative_change
from study import Cell

from benchmarks import policies
from libpatrol.studies.intervals import Interval
from libpatrol.studies.measures import COST, RESPONSE_P90
from libpatrol.studies.pairs import PolicyPair
from libpatrol.studies.replications import replicate

DISPATCH = "minimum_weighted_travel"
REFERENCE = "marginal_coverage"
DRIVING = (REFERENCE, "backup_coverage", "compliance_table")
FREE = (REFERENCE, "compliance_table")
_DRAWS = 2000


@dataclass(frozen=True)
class PatrolRow:
    """A cell: costs by replication of each policy, driving and free to be anywhere."""

    cell: Cell
    driving: dict[str, Values]
    free: dict[str, Values]

    @property
    def reference(self) -> NDArray[np.float64]:
        """Costs of the reference."""
        return self.driving[REFERENCE][COST.name]

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
        return relative_change(self.driving[name][COST.name][None], self.reference) if name in self.driving else None

    def change_if_free(self, name: str) -> Interval:
        """Return the same of a policy whose units are free to be anywhere."""
        return relative_change(self.free[name][COST.name][None], self.reference)

    @property
    def slowest(self) -> tuple[float, float]:
        """The 90 % quantiles of response, seconds: the best policy whose units drive, and the bound."""
        p90 = RESPONSE_P90.name
        return float(self.driving[self.best][p90].mean()), float(self.free[self.bound][p90].mean())

    @property
    def left(self) -> Interval:
        """What the bound is below the best policy whose units drive, as a share of that one's cost."""
        return relative_change(self.free[self.bound][COST.name][None], self.driving[self.best][COST.name])

    def taken(self, name: str) -> tuple[float, float, float] | None:
        """Return the share of the gap that a policy takes, with its 95 % interval (bootstrap over replications)."""
        if name not in self.driving:
            return None
        gap = self.reference - self.free[self.bound][COST.name]
        gained = self.reference - self.driving[name][COST.name]
        drawn = np.random.default_rng(0).integers(len(gap), size=(_DRAWS, len(gap)))
        low, high = np.quantile(gained[drawn].mean(1) / gap[drawn].mean(1), (0.025, 0.975))
        return float(gained.mean() / gap.mean()), float(low), float(high)


def patrol_row(kept: MeasurementStore, cell: Cell, replications: int) -> PatrolRow:
    """Return what each policy costs in a cell, with and without free moves."""

    def measured(pair: PolicyPair, *, is_free: bool) -> Values:
        return _measured(kept, cell, pair, replications, is_free=is_free)

    driving = {name: measured(PolicyPair(patrol=name, dispatch=DISPATCH), is_free=False) for name in DRIVING}
    if cell.name in policies.policy_names():
        policy = policies.policy(cell.name)
        if policy.metadata["patrol_policy"] == "learned":
            learned = PolicyPair(patrol="learned", dispatch=DISPATCH, policy=policy)
            driving["learned"] = measured(learned, is_free=False)
    free = {name: measured(PolicyPair(patrol=name, dispatch=DISPATCH), is_free=True) for name in FREE}
    return PatrolRow(cell, driving, free)


def _measured(kept: MeasurementStore, cell: Cell, pair: PolicyPair, replications: int, *, is_free: bool) -> Values:
    def run() -> dict[str, Any]:
        scenario = teleport.scenario(cell) if is_free else cell.scenario()
        options = {"stay_seconds": teleport.STAY_SECONDS} if is_free else {}
        moves = PolicyPair(patrol=pair.patrol, dispatch=pair.dispatch, policy=pair.policy, options=options)
        with moves.engine(scenario) as engine:
            return measures(replicate(scenario, engine, range(replications), threads=1))

    name = f"{cell.name}/patrol/{pair.patrol}{'-free' if is_free else ''}-{replications}"
    return {measure: np.array(values) for measure, values in kept.get(name, run).items()}

"""How much dispatch could gain: rollouts of the best heuristics beside them, on the same test seeds."""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks.policies import policy_names
from benchmarks.studies.ceiling.rollouts import Effort, RolloutDispatch, Tally
from benchmarks.studies.laboratory import Laboratory, of_pair
from benchmarks.studies.measures import EVENTS, MEASURES, Measured, cells, change
from benchmarks.studies.pairs import trained_pair
from benchmarks.studies.results.study import Study
from benchmarks.studies.scenarios import Cell
from libpatrol.studies.intervals import Interval
from libpatrol.studies.pairs import PolicyPair


@dataclass(frozen=True)
class DispatchRow:
    """A policy in a cell, beside the reference; `tallies` of rollouts only, one for each replication."""

    cell: Cell
    title: str
    measured: Measured
    reference: Measured | None
    tallies: Sequence[Tally] = ()

    @property
    def change(self) -> Interval | None:
        """Relative change of cost to the reference; None: this is the reference."""
        return None if self.reference is None else change([self.measured], self.reference)

    @property
    def cells(self) -> list[str]:
        """Cost, change, response, p90 and losses, as tables show them."""
        return cells([self.measured], self.reference, digits=4)

    def share(self, name: str) -> float:
        """Return a count of the tallies as a share of their dispatch decisions."""
        counted = sum(int(getattr(tally, name)) for tally in self.tallies)
        return counted / sum(tally.decisions for tally in self.tallies)


def dispatch_rows(lab: Laboratory, study: Study, cell: Cell, effort: Effort) -> list[DispatchRow]:
    """Return the best heuristics, rollouts of them, and the policy trained for the cell, if one was."""
    lab, scenario = lab.room(cell.name), cell.scenario()
    _, heuristics = study.heuristics(cell)
    reference = lab.measured("reference", scenario, heuristics)
    found = [_rollout(lab, cell, heuristics, effort, seed) for seed in range(lab.replications)]
    rolled = {name: np.array([one["measures"][name] for one in found]) for name in reference}
    tallies = [Tally(**one["tally"]) for one in found]
    rows = [
        DispatchRow(cell, f"best heuristics: {heuristics.name}", reference, None),
        DispatchRow(cell, "rollouts of these", rolled, reference, tallies),
    ]
    if cell.name in policy_names():
        learned = trained_pair(cell.name)
        measured = lab.measured("package", scenario, learned)
        rows.append(DispatchRow(cell, f"trained for it: {learned.name}", measured, reference))
    return rows


def _rollout(lab: Laboratory, cell: Cell, pair: PolicyPair, effort: Effort, seed: int) -> dict[str, Any]:
    scenario = cell.scenario()

    def run() -> dict[str, Any]:
        metrics, tally = RolloutDispatch(scenario, pair, effort).replicate(seed)
        one = {measure.name: measure.of(metrics) for measure in (*MEASURES, EVENTS)}
        return {"measures": one, "tally": dataclasses.asdict(tally)}

    made_from = [scenario.content_hash, of_pair(pair), dataclasses.asdict(effort)]
    return lab.kept(f"rollouts/{seed}", made_from, run)

"""How much dispatch could gain: rollouts of the best heuristics beside them, on the same test seeds."""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from gains import Gain, Values, gain, measures
from measurement_store import MeasurementStore
from rollouts import Effort, RolloutDispatch, Tally
from study import Cell, Study

from benchmarks import policies
from libpatrol.studies.pairs import PolicyPair
from libpatrol.studies.replications import replicate


@dataclass(frozen=True)
class DispatchRow:
    """A policy in a cell; `tallies` of rollouts only, one for each replication."""

    cell: Cell
    title: str
    gain: Gain
    tallies: Sequence[Tally] = ()

    def share(self, name: str) -> float:
        """Return a count of the tallies as a share of their dispatch decisions."""
        counted = sum(int(getattr(tally, name)) for tally in self.tallies)
        return counted / sum(tally.decisions for tally in self.tallies)


def dispatch_rows(
    kept: MeasurementStore, study: Study, cell: Cell, effort: Effort, replications: int
) -> list[DispatchRow]:
    """Return the best heuristics, rollouts of them, and the policy trained for the cell, if one was."""
    _, heuristics = study.heuristics(cell)
    reference = _measured(kept, cell, "reference", heuristics, replications)
    found = [_rollout(kept, cell, heuristics, effort, seed) for seed in range(replications)]
    rolled = {name: np.array([one["measures"][name] for one in found]) for name in reference}
    rows = [
        DispatchRow(cell, f"best heuristics: {heuristics.name}", gain(reference, reference)),
        DispatchRow(cell, "rollouts of these", gain(reference, rolled), [Tally(**one["tally"]) for one in found]),
    ]
    if cell.name in policies.policy_names():
        learned = PolicyPair.trained(policies.policy(cell.name))
        measured = _measured(kept, cell, "package", learned, replications)
        rows.append(DispatchRow(cell, f"trained for it: {learned.name}", gain(reference, measured)))
    return rows


def _measured(kept: MeasurementStore, cell: Cell, name: str, pair: PolicyPair, replications: int) -> Values:
    def run() -> dict[str, Any]:
        scenario = cell.scenario()
        with pair.engine(scenario) as engine:
            return measures(replicate(scenario, engine, range(replications), threads=1))

    found = kept.get(f"{cell.name}/{name}-{replications}", run)
    return {measure: np.array(values) for measure, values in found.items()}


def _rollout(kept: MeasurementStore, cell: Cell, pair: PolicyPair, effort: Effort, seed: int) -> dict[str, Any]:
    def run() -> dict[str, Any]:
        metrics, tally = RolloutDispatch(cell.scenario(), pair, effort).replicate(seed)
        one = {name: values[0] for name, values in measures([metrics]).items()}
        return {"measures": one, "tally": dataclasses.asdict(tally)}

    return kept.get(f"{cell.name}/rollouts/{seed}", run)

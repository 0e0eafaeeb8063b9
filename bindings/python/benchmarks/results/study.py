"""What each policy of the results page is, how it is made, and what it costs on test seeds. Everything is kept and resumed."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from libpatrol import PatrolError, Policy, Scenario, Trainer
from libpatrol.experiments.best import Search, best
from libpatrol.experiments.measures import CHARGED_RESPONSE, COST, OVERFLOW, RESPONSE_P90
from libpatrol.experiments.pairs import PolicyPair
from libpatrol.experiments.replications import replicate

FAMILIES = ("uniform", "hotspots", "shifting-hotspots", "irregular-roads")
LOADS = ("light", "medium", "heavy")
MEASURES = (COST, CHARGED_RESPONSE, RESPONSE_P90, OVERFLOW)
RULES_OFF = {
    "never_hold_priority": 0, "strict_priority": False, "longest_hold_seconds": [float("inf")] * 8,
}  # fmt: skip
"""Every call may be held: what the paper's dispatcher is free to do."""


@dataclass(frozen=True)
class Effort:
    """How much each cell gets: replications, budgets, training seeds, what is trained, and options of the trainer."""

    test_replications: int
    validation_replications: int
    tuning_events: int
    seeds: int
    variants: Sequence[str]
    trainer: Mapping[str, Any]


@dataclass(frozen=True)
class Cell:
    """A scenario at one load, under the department's rules or without them."""

    family: str
    load: str
    rules: str = "on"

    @property
    def name(self) -> str:
        return f"{self.family}-{self.load}" + ("" if self.rules == "on" else "-rules-off")

    def scenario(self) -> Scenario:
        scenario = Scenario.load(self.family, self.load)
        return scenario if self.rules == "on" else scenario.with_rules(**RULES_OFF)


class Study:
    """The results of one effort, in a folder of their own: what is there is not done again."""

    def __init__(self, folder: Path, effort: Effort, say: Callable[[str], None]) -> None:
        self.folder, self.effort, self.say = folder, effort, say
        folder.mkdir(parents=True, exist_ok=True)

    # What is compared

    def heuristics(self, cell: Cell) -> tuple[PolicyPair, PolicyPair]:
        """Return the best pair of heuristics by validation, and the same with tuned travel limits where they are confirmed."""

        def search() -> dict[str, Any]:
            search = Search(cell.scenario(), replications=self.effort.validation_replications, hours=None, threads=None)
            found = best(search, self.effort.tuning_events)
            plain, pair = found.trials[0].pair, found.pair
            return {
                "pair": [plain.patrol, plain.dispatch],
                "limits": pair.options.get("hold_travel_seconds"),
                "events": found.events,
            }

        found = self._kept(f"{cell.name}/heuristics", search)
        patrol, dispatch = found["pair"]
        plain = PolicyPair(patrol=patrol, dispatch=dispatch)
        if found["limits"] is None:
            return plain, plain
        limits = {"hold_travel_seconds": found["limits"]}
        return plain, PolicyPair(patrol=patrol, dispatch=dispatch, options=limits, name=f"{plain.name}+hold")

    def learned(self, cell: Cell, variant: str, beside: PolicyPair, seed: int) -> tuple[PolicyPair, dict[str, Any]]:
        """Return what a trainer makes beside a pair of heuristics, and how training went."""
        name = f"{cell.name}/{variant}-{beside.patrol}-{beside.dispatch}-{seed}"
        path = self.folder / f"{name}.safetensors"

        def train() -> dict[str, Any]:
            trainer = Trainer(
                cell.scenario(), variant=variant, seed=seed, heuristic_patrols=[beside.patrol],
                heuristic_dispatches=[beside.dispatch], **self.effort.trainer,
            )  # fmt: skip
            for progress in trainer:
                events = progress.events
            path.parent.mkdir(parents=True, exist_ok=True)
            try:
                path.write_bytes(trainer.policy_file({"scenario": cell.name}))
            except PatrolError:
                path.unlink(missing_ok=True)  # the heuristics are best: there are no networks
            outcomes = trainer.outcomes()
            chosen = trainer.policies()
            return {
                "patrol": chosen.patrol,
                "dispatch": chosen.dispatch,
                "events": events,
                "outcomes": {field: outcomes[field].tolist() for field in outcomes.dtype.names},
            }

        found = self._kept(name, train)
        policy = Policy.load(path) if "learned" in (found["patrol"], found["dispatch"]) else None
        return PolicyPair(patrol=found["patrol"], dispatch=found["dispatch"], policy=policy, name=f"{variant} {seed}"), found

    # What it costs

    def measured(self, cell: Cell, name: str, pair: PolicyPair) -> dict[str, NDArray[np.float64]]:
        """Return each measure on the test seeds, float64 [replications]."""

        def run() -> dict[str, Any]:
            scenario = cell.scenario()
            with pair.engine(scenario) as engine:
                found = replicate(scenario, engine, range(self.effort.test_replications))
            return {measure.name: measure.values(found).tolist() for measure in MEASURES}

        return {k: np.array(v, np.float64) for k, v in self._kept(f"{cell.name}/test-{name}", run).items()}

    def _kept(self, name: str, make: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        path = self.folder / f"{name}.json"
        if not path.exists():
            self.say(name)
            content = json.dumps(make())
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content, encoding="utf-8")
        return json.loads(path.read_text(encoding="utf-8"))

"""What each policy of the results page is, how it is made, and what it costs on test seeds: all kept and resumed."""

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from measurement_store import MeasurementStore
from numpy.typing import NDArray

from libpatrol import EngineOptions, PatrolError, Policy, Scenario, Trainer, __version__
from libpatrol.studies.best import Search, best
from libpatrol.studies.measures import CHARGED_RESPONSE, COST, OVERFLOW, RESPONSE_P90
from libpatrol.studies.pairs import PolicyPair
from libpatrol.studies.replications import replicate

FAMILIES = ("uniform", "hotspots", "shifting-hotspots", "irregular-roads")
LOADS = ("light", "medium", "heavy")
MEASURES = (COST, CHARGED_RESPONSE, RESPONSE_P90, OVERFLOW)
RULES_OFF = {
    "never_hold_priority": 0, "strict_priority": False, "longest_hold_seconds": [float("inf")] * 8,
}  # fmt: skip
"""Every call may be held: what the paper's dispatcher is free to do."""
RULES_ON = {name: getattr(EngineOptions(), name) for name in RULES_OFF}
"""The defaults of an engine: heuristics under them are rivals where every call may be held, too."""
PAPER = PolicyPair(patrol="random_walk", dispatch="closest_fcfs")


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


@dataclass(frozen=True)
class GeneratedCell:
    """A scenario drawn by number (`libpatrol.scenario.generator`)."""

    number: int

    @property
    def name(self) -> str:
        return f"generated-{self.number}"

    def scenario(self) -> Scenario:
        return Scenario.load(self.name)


@dataclass(frozen=True)
class Training:
    """A way to train: a title, options of the trainer beside its defaults, and the heuristics that it has beside it.

    Attributes
    ----------
    patrol, dispatch : str, optional
        Heuristics in place of the trainer's own list.
    either : Training, optional
        For cells without rules: this training without them or with the rules kept, which is better on validation.
    """

    title: str
    options: Mapping[str, Any] = field(default_factory=dict)
    patrol: str = ""
    dispatch: str = ""
    either: "Training | None" = None

    @property
    def name(self) -> str:
        return self.title.replace(" ", "-").replace(",", "")


@dataclass(frozen=True)
class Effort:
    """How much is done for every cell: replications, events for tuning, options of all trainings."""

    test_replications: int
    validation_replications: int
    tuning_events: int
    trainer: Mapping[str, Any]


class Study:
    """The results of one effort, in a folder of their own: what is there is not done again.

    Everything runs on one thread, so that several cells and seeds can be made at once.
    """

    def __init__(self, folder: Path, effort: Effort, say: Callable[[str], None]) -> None:
        self.folder, self.effort = folder, effort
        self._kept = MeasurementStore(folder, say).get

    # What is compared

    def heuristics(self, cell: Cell) -> tuple[PolicyPair, PolicyPair]:
        """Return the best pair of heuristics by validation, and it with tuned travel limits where these are confirmed.

        Without rules, heuristics that keep them anyway are candidates too.
        """

        def search() -> dict[str, Any]:
            search = Search(cell.scenario(), replications=self.effort.validation_replications, hours=None, threads=1)
            found = best(search, self.effort.tuning_events)
            plain, limits = found.trials[0].pair, found.pair.options.get("hold_travel_seconds")
            rules: dict[str, Any] = {}
            if cell.rules == "off":
                kept, limited = self.heuristics(Cell(cell.family, cell.load))
                rival = PolicyPair(patrol=kept.patrol, dispatch=kept.dispatch, options=RULES_ON)
                if search.trial(rival).cost.mean < found.trials[0].cost.mean:
                    plain, rules, limits = rival, RULES_ON, limited.options.get("hold_travel_seconds")
            return {"pair": [plain.patrol, plain.dispatch], "rules": rules, "limits": limits, "events": search.events}

        found = self._kept(f"{cell.name}/heuristics", search)
        patrol, dispatch = found["pair"]
        name = f"{patrol}+{dispatch}" + (", rules kept" if found["rules"] else "")
        plain = PolicyPair(patrol=patrol, dispatch=dispatch, options=found["rules"], name=name)
        if found["limits"] is None:
            return plain, plain
        limits = {**found["rules"], "hold_travel_seconds": found["limits"]}
        return plain, PolicyPair(patrol=patrol, dispatch=dispatch, options=limits, name=f"{name}+hold")

    def learned(self, cell: Cell, training: Training, seed: int) -> tuple[PolicyPair, dict[str, Any]]:
        """Return what a trainer makes of a seed, and how training went."""
        if training.either is not None:
            return self._better(cell, training.either, seed)
        name = f"{cell.name}/{training.name}-{seed}"
        path = self.folder / f"{name}.safetensors"

        def train() -> dict[str, Any]:
            options = {**self.effort.trainer, **training.options, "seed": seed, "threads": 1}
            if training.patrol:
                options["heuristic_patrols"] = [training.patrol]
            if training.dispatch:
                options["heuristic_dispatches"] = [training.dispatch]
            elif cell.rules == "off":
                # Without rules the strongest; others start far behind.
                options["heuristic_dispatches"] = ["weighted_index"]
            trainer = Trainer(cell.scenario(), **options)
            for progress in trainer:
                events = progress.events
            path.parent.mkdir(parents=True, exist_ok=True)
            try:
                path.write_bytes(trainer.policy_file({"scenario": cell.name, "libpatrol_version": __version__}))
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
        pair = PolicyPair(
            patrol=found["patrol"], dispatch=found["dispatch"], policy=policy, name=f"{training.name}-{seed}"
        )
        return pair, found

    def _better(self, cell: Cell, training: Training, seed: int) -> tuple[PolicyPair, dict[str, Any]]:
        """Return the better of trainings without rules and with them, by the cost of the last accepted phase.

        Both are validated on the same calls.
        """
        freely, how = self.learned(cell, training, seed)
        kept, how_kept = self.learned(Cell(cell.family, cell.load), training, seed)
        events = how["events"] + how_kept["events"]
        if _validated(how) <= _validated(how_kept):
            return freely, {**how, "events": events}
        kept = dataclasses.replace(kept, options=RULES_ON, name=f"{kept.name}-rules-kept")
        return kept, {**how_kept, "events": events}

    # What it costs

    def measured(
        self, cell: Cell | GeneratedCell, name: str, pair: PolicyPair, replications: int | None = None
    ) -> dict[str, NDArray[np.float64]]:
        """Return each measure on the test seeds (as many as the effort says, or fewer), float64 [replications]."""

        def run() -> dict[str, Any]:
            scenario = cell.scenario()
            with pair.engine(scenario) as engine:
                seeds = range(replications or self.effort.test_replications)
                found = replicate(scenario, engine, seeds, threads=1)
            return {measure.name: measure.values(found).tolist() for measure in MEASURES}

        if pair.policy is None:
            rules = "-rules-kept" if pair.options.get("strict_priority") else ""
            name = f"{pair.patrol}+{pair.dispatch}{rules}{'+hold' if 'hold_travel_seconds' in pair.options else ''}"
        return {k: np.array(v, np.float64) for k, v in self._kept(f"{cell.name}/test-{name}", run).items()}


def _validated(how: Mapping[str, Any]) -> float:
    """Return the cost of the last phase that validation accepted."""
    outcomes = how["outcomes"]
    return float([cost for cost, taken in zip(outcomes["cost"], outcomes["is_accepted"], strict=True) if taken][-1])

"""Runs what experiments compare, and keeps each result, so that an experiment can be stopped and gone on with."""

import dataclasses
import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from measurement_store import MeasurementStore
from numpy.typing import NDArray

from benchmarks import policies
from libpatrol import PatrolError, Policy, Scenario, Trainer
from libpatrol.studies.measures import CHARGED_RESPONSE, COST, OVERFLOW, RESPONSE_P90, Measure
from libpatrol.studies.pairs import PolicyPair
from libpatrol.studies.replications import VALIDATION_SEEDS, replicate

MEASURES = (COST, CHARGED_RESPONSE, RESPONSE_P90, OVERFLOW)
RANDOM_PAIR = PolicyPair(patrol="random_walk", dispatch="closest_fcfs")
SHORT_LIST = tuple(
    PolicyPair(patrol=patrol, dispatch="minimum_weighted_travel")
    for patrol in ("backup_coverage", "compliance_table", "marginal_coverage")
)
"""The heuristics that are the best of some bundled scenario; an experiment's reference is the best of these."""
HEURISTICS = tuple(
    PolicyPair(patrol=pair.patrol, dispatch=dispatch)
    for dispatch in ("minimum_weighted_travel", "weighted_index")
    for pair in SHORT_LIST
)
"""For where calls of one priority differ in weight or compete without strict priority: there the index differs."""
TRAINER = {
    "rounds": 1, "iterations": 2, "comparisons": 8_000, "bootstrap_comparisons": 4_000, "validations": 128,
    "dispatch_generations": 6, "patrol_generations": 8,
}  # fmt: skip
"""How everything is trained unless said otherwise; the rest is at the trainer's defaults."""
RULES_OFF = {"never_hold_priority": 0, "strict_priority": False, "longest_hold_seconds": [float("inf")] * 8}
"""Every call may be held: what the paper's dispatcher is free to do."""

GENERAL = "general policy"
"""Title of `bundled_pair("general")`, trained in generated cities."""

Measured = dict[str, NDArray[np.float64]]
"""Each measure by name, [replications]."""


def altered(
    scenario: Scenario, rules: Mapping[str, Any] | None = None, *, hours: float | None = None, **arrays: Any
) -> Scenario:
    """Return a scenario with other rules, measured for other hours, or with other fields of `ScenarioArrays`."""
    about = dataclasses.replace(
        scenario.details,
        rules={**scenario.details.rules, **(rules or {})},
        hours=scenario.hours if hours is None else hours,
    )
    fields = {field: getattr(scenario.arrays, field) for field in scenario.arrays.__dataclass_fields__}
    return Scenario(scenario.area, about, **{**fields, **arrays})


def bundled_pair(name: str) -> PolicyPair:
    """Return a policy of the package or of `benchmarks/policies` as it was trained to be used."""
    return PolicyPair.trained(policies.policy(name))


@dataclass(frozen=True)
class Laboratory:
    """One experiment's folder, and how much is run.

    Attributes
    ----------
    folder : Path
        Of this experiment's results; what is there, made from the same, is not made again.
    replications : int
        On test seeds, from 0, of every comparison; half as many on validation seeds choose references.
    threads : int
        No result depends on it.
    trainer : mapping
        Options of every training.
    say : callable
        Told the name of each result that is about to be made.
    """

    folder: Path
    replications: int = 200
    threads: int = 1
    trainer: Mapping[str, Any] = dataclasses.field(default_factory=lambda: TRAINER)
    say: Callable[[str], None] = print

    def training_says(self, seeds: int) -> str:
        """Return how everything is trained, for a page."""
        given = ", ".join(f"{name} {value}" for name, value in self.trainer.items())
        if seeds == 1:
            how = "One training seed each: how much results differ between seeds is not in the intervals"
        else:
            how = f"{seeds} training seeds each, intervals from a bootstrap over seeds and replications"
        return f"{how} (a small budget: {given}, the rest at the trainer's defaults)."

    def kept(self, name: str, made_from: Any, make: Callable[[], Any]) -> Any:
        """Return what `make` returned for this name and `made_from`, now or before; both are JSON."""
        return MeasurementStore(self.folder, self.say).get(name, make, made_from)

    def measured(
        self, name: str, scenario: Scenario, pair: PolicyPair, measures: Iterable[Measure] = MEASURES
    ) -> Measured:
        """Return what a pair of policies comes to on the test seeds."""
        return self._replicated(f"test-{name}", scenario, pair, range(self.replications), measures)

    def best(self, name: str, scenario: Scenario, pairs: Sequence[PolicyPair] = SHORT_LIST) -> PolicyPair:
        """Return the pair of least cost on validation seeds."""
        seeds = range(VALIDATION_SEEDS, VALIDATION_SEEDS + max(1, self.replications // 2))
        costs = [
            self._replicated(f"validation-{name}-{pair.name}", scenario, pair, seeds, [COST])[COST.name].mean()
            for pair in pairs
        ]
        return pairs[int(np.argmin(costs))]

    def _replicated(
        self, name: str, scenario: Scenario, pair: PolicyPair, seeds: range, measures: Iterable[Measure]
    ) -> Measured:
        wanted = list(measures)

        def run() -> dict[str, Any]:
            with pair.engine(scenario) as engine:
                found = replicate(scenario, engine, seeds, threads=self.threads)
            return {measure.name: measure.values(found).tolist() for measure in wanted}

        made_from = [of_scenario(scenario), of_pair(pair), [seeds.start, seeds.stop], [one.name for one in wanted]]
        return {key: np.array(values, np.float64) for key, values in self.kept(name, made_from, run).items()}

    def trained(
        self, name: str, scenarios: Scenario | Sequence[Scenario], beside: PolicyPair, seed: int = 0, **options: Any
    ) -> PolicyPair:
        """Return what a trainer makes that starts from a pair of heuristics; where nothing is better, that pair.

        Parameters
        ----------
        name : str
            Of the result, to which the seed is added.
        scenarios : Scenario or sequence of Scenario
            Decisions weigh population groups as the scenarios' costs do.
        beside : PolicyPair
            Heuristics.
        seed : int
            Of training.
        **options
            Of the trainer, before those of the laboratory.
        """
        tasks = [scenarios] if isinstance(scenarios, Scenario) else list(scenarios)
        options = {**self.trainer, **options}
        path = self.folder / f"trained-{name}-{seed}.safetensors"

        def train() -> dict[str, Any]:
            engines = [task.engine(group_weights=task.arrays.group_weights) for task in tasks]
            trainer = Trainer(
                tasks, engines, seed=seed, threads=self.threads, heuristic_patrols=[beside.patrol],
                heuristic_dispatches=[beside.dispatch], **options,
            )  # fmt: skip
            for progress in trainer:
                events = progress.events
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(trainer.policy_file())
            except PatrolError:
                path.unlink(missing_ok=True)  # the heuristics are best: there are no networks
            outcomes = trainer.outcomes()
            return {
                "policies": trainer.policies(),
                "events": events,
                "outcomes": {field: outcomes[field].tolist() for field in outcomes.dtype.names},
            }

        made_from = [[of_scenario(task) for task in tasks], [beside.patrol, beside.dispatch], seed, options]
        patrol, dispatch = self.kept(f"trained-{name}-{seed}", made_from, train)["policies"]
        policy = Policy.load(path) if "learned" in (patrol, dispatch) else None
        return PolicyPair(patrol=patrol, dispatch=dispatch, policy=policy)


def of_scenario(scenario: Scenario) -> str:
    """Return a digest of everything that a scenario's results depend on, but for the code."""
    digest = hashlib.sha256(str([scenario.area.info.content_hash, scenario.hours, scenario.details.rules]).encode())
    for field in scenario.arrays.__dataclass_fields__:
        value = getattr(scenario.arrays, field)
        digest.update(field.encode())
        digest.update(value.tobytes() if isinstance(value, np.ndarray) else repr(value).encode())
    return digest.hexdigest()


def of_pair(pair: PolicyPair) -> list[Any]:
    """Return everything that a pair's decisions depend on, but for the code."""
    policy = None if pair.policy is None else pair.policy.info.content_hash
    return [pair.patrol, pair.dispatch, policy, dict(pair.options)]

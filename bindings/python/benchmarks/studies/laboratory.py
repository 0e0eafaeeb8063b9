"""Runs what studies compare, and keeps each result, so that a study can be stopped and resumed."""

import dataclasses
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.studies.measurement_store import MeasurementStore
from benchmarks.studies.measures import MEASURES, Measured
from benchmarks.studies.pairs import SHORT_LIST
from benchmarks.studies.sittings import Sittings
from libpatrol import PatrolError, Policy, Scenario, Trainer
from libpatrol.studies.measures import COST, Measure
from libpatrol.studies.pairs import PolicyPair
from libpatrol.studies.replications import VALIDATION_SEEDS, replicate


@dataclass(frozen=True)
class Trained:
    """What a training made.

    Attributes
    ----------
    pair : PolicyPair
        The policies that were accepted: a heuristic where learning brought nothing.
    events : int
        Simulated.
    seconds, core_seconds : float
        By the clock, and of the process on all its threads; validation included.
    outcomes : dict of list
        The fields of `Trainer.outcomes`, of each phase.
    """

    pair: PolicyPair
    events: int
    seconds: float
    core_seconds: float
    outcomes: dict[str, list[Any]]


@dataclass(frozen=True)
class Laboratory:
    """A folder of results, and how much is run.

    Attributes
    ----------
    folder : Path
        Of the results; what is there, made from the same, is not made again.
    replications : int
        On test seeds, from 0, of every comparison; half as many on validation seeds choose references.
    threads : int
        No result but times depends on it.
    trainer : mapping
        Options of every training; the rest is at the trainer's defaults.
    say : callable
        Told the name of each result that is about to be made.
    makes : bool
        False: what is not in the folder is a `NotMadeError`.
    """

    folder: Path
    replications: int = 200
    threads: int = 1
    trainer: Mapping[str, Any] = field(default_factory=dict)
    say: Callable[[str], None] = print
    makes: bool = True

    def room(self, name: str) -> "Laboratory":
        """Return the laboratory of a folder in this one's."""
        return dataclasses.replace(self, folder=self.folder / name, say=lambda made: self.say(f"{name}/{made}"))

    def kept(self, name: str, made_from: Any, make: Callable[[], Any]) -> Any:
        """Return what `make` returned for this name and `made_from`, now or before; both are JSON."""
        return MeasurementStore(self.folder, self.say, self.makes).get(name, made_from, make)

    def measured(
        self,
        name: str,
        scenario: Scenario,
        pair: PolicyPair,
        measures: Iterable[Measure] = MEASURES,
        replications: int | None = None,
    ) -> Measured:
        """Return what a pair of policies comes to on the test seeds, or on the first of them."""
        return self.replicated(f"test-{name}", scenario, pair, range(replications or self.replications), measures)

    def best(self, name: str, scenario: Scenario, pairs: Sequence[PolicyPair] = SHORT_LIST) -> PolicyPair:
        """Return the pair of least cost on validation seeds."""
        seeds = range(VALIDATION_SEEDS, VALIDATION_SEEDS + max(1, self.replications // 2))
        costs = [
            self.replicated(f"validation-{name}-{pair.name}", scenario, pair, seeds, [COST])[COST.name].mean()
            for pair in pairs
        ]
        return pairs[int(np.argmin(costs))]

    def replicated(
        self, name: str, scenario: Scenario, pair: PolicyPair, seeds: range, measures: Iterable[Measure]
    ) -> Measured:
        """Return what a pair of policies comes to on some seeds."""
        wanted = list(measures)

        def run() -> dict[str, Any]:
            with pair.engine(scenario) as engine:
                found = replicate(scenario, engine, seeds, threads=self.threads)
            return {measure.name: measure.values(found).tolist() for measure in wanted}

        made_from = [scenario.content_hash, of_pair(pair), [seeds.start, seeds.stop], [one.name for one in wanted]]
        return {key: np.array(values, np.float64) for key, values in self.kept(name, made_from, run).items()}

    def trained(
        self,
        name: str,
        scenarios: Scenario | Sequence[Scenario],
        beside: PolicyPair | None = None,
        seed: int = 0,
        metadata: Mapping[str, str] | None = None,
        **options: Any,
    ) -> Trained:
        """Return what a trainer makes that starts from heuristics; where nothing is better, these.

        Parameters
        ----------
        name : str
            Of the result, to which the seed is added.
        scenarios : Scenario or sequence of Scenario
            Decisions weigh population groups as the scenarios' costs do.
        beside : PolicyPair, optional
            Heuristics; None: those of the options, or the trainer's own.
        seed : int
            Of training.
        metadata : mapping, optional
            Of the policy file.
        **options
            Of the trainer, before those of the laboratory.
        """
        tasks = [scenarios] if isinstance(scenarios, Scenario) else list(scenarios)
        options = {**self.trainer, **options}
        if beside is not None:
            options |= {"heuristic_patrols": [beside.patrol], "heuristic_dispatches": [beside.dispatch]}
        path = self.folder / f"trained-{name}-{seed}.safetensors"
        sittings = Sittings(path.with_suffix(".checkpoint"))

        def train() -> dict[str, Any]:
            engines = [task.engine(group_weights=task.arrays.group_weights) for task in tasks]
            trainer = Trainer(tasks, engines, seed=seed, threads=self.threads, **options)
            events = sittings.run(trainer).events
            try:
                path.write_bytes(trainer.policy_file(metadata))
            except PatrolError:
                path.unlink(missing_ok=True)  # the heuristics are best: there are no networks
            outcomes = trainer.outcomes()
            return {
                "policies": trainer.policies(),
                "events": events,
                "seconds": sittings.seconds,
                "core_seconds": sittings.core_seconds,
                "outcomes": {field: outcomes[field].tolist() for field in outcomes.dtype.names},
            }

        found = self.kept(f"trained-{name}-{seed}", [[task.content_hash for task in tasks], seed, options], train)
        sittings.forget()
        patrol, dispatch = found["policies"]
        policy = Policy.load(path) if "learned" in (patrol, dispatch) else None
        pair = PolicyPair(patrol=patrol, dispatch=dispatch, policy=policy)
        return Trained(pair, found["events"], found["seconds"], found["core_seconds"], found["outcomes"])


def of_pair(pair: PolicyPair) -> list[Any]:
    """Return everything that a pair's decisions depend on, but for the code."""
    policy = None if pair.policy is None else pair.policy.info.content_hash
    return [pair.patrol, pair.dispatch, policy, dict(pair.options)]

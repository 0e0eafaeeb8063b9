"""Studies: policies on the same seeds, on all cores or a Ray cluster, kept so that they go on where they were."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from libpatrol.lab.metrics import Metrics
from libpatrol.scenario.scenario import Scenario
from libpatrol.studies.kept import KeptReplications
from libpatrol.studies.pairs import PolicyPair
from libpatrol.studies.python_policies import NamedPolicy
from libpatrol.studies.replications import check_hours, is_random, replicate
from libpatrol.studies.workers import Job, build, in_order, processes, ray_cluster

Done = Callable[[str, int], None]
"""Told the policy's name and how many more of its replications are there."""


@dataclass(frozen=True)
class Beside:
    """A policy written in Python, and the pair that decides what it has no method for.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> from libpatrol import Scenario
    >>> from libpatrol.studies.pairs import PolicyPair
    >>> from libpatrol.studies.python_policies import load_policy
    >>> from libpatrol.studies.study import Beside, Study
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "mine.py"
    >>> _ = path.write_text('''
    ... class Holds:
    ...     def __init__(self, scenario, seed): ...
    ...     def dispatch(self, decision): ...
    ... ''')
    >>> pair = PolicyPair(patrol="backup_coverage")
    >>> policies = {pair.name: pair, "mine": Beside(load_policy(f"{path}:Holds"), pair)}
    >>> results = Study(Scenario.load("hotspots"), range(2), hours=4, workers=1).run(policies)
    >>> [found[0].served > 0 for found in results.values()]
    [True, False]
    """

    own: NamedPolicy
    pair: PolicyPair


@dataclass(frozen=True)
class Study:
    """Policies of a scenario, measured on the same seeds.

    Numbers depend neither on the number of workers, nor on where they run, nor on how often the study was stopped.

    Attributes
    ----------
    scenario : Scenario
        What is simulated.
    seeds : sequence of int
        The same calls for every policy.
    hours : float or None
        Measured after the warm-up; None: `Scenario.hours`.
    workers : int or None
        Threads, and for policies written in Python processes, of this machine; None: one for each processor.
    folder : Path or None
        Where replications are kept; those that are there, made from the same scenario, policies and build, are taken.
    ray : bool
        Run on a Ray cluster (the extra `ray`): that of RAY_ADDRESS, or one on this machine.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from libpatrol import Scenario
    >>> from libpatrol.studies.pairs import PolicyPair
    >>> from libpatrol.studies.study import Study
    >>> study = Study(Scenario.load("hotspots"), range(4), hours=4, folder=Path(tempfile.mkdtemp()))
    >>> pair = PolicyPair(patrol="backup_coverage")
    >>> results = study.run({pair.name: pair})
    >>> again = study.run({pair.name: pair})  # simulates nothing
    >>> [one.cost_rate for one in results[pair.name]] == [one.cost_rate for one in again[pair.name]]
    True
    """

    scenario: Scenario
    seeds: Sequence[int]
    hours: float | None = None
    workers: int | None = None
    folder: Path | None = None
    ray: bool = False

    def __post_init__(self) -> None:
        if self.folder is not None:
            self.folder.mkdir(parents=True, exist_ok=True)  # or says why not, before there is anything to keep

    def run(self, policies: Mapping[str, PolicyPair | Beside], done: Done | None = None) -> dict[str, list[Metrics]]:
        """Return the replications of each policy, in the order of the seeds.

        Parameters
        ----------
        policies : mapping of str to PolicyPair or Beside
            By name. A pair under which nothing is random is simulated once.
        done : callable, optional
            Called as replications come in, from any thread.

        Raises
        ------
        PythonPolicyError
            If a policy written in Python fails.
        ChildProcessError
            If a worker process is lost; on Ray, if the same replication loses its worker six times.
        """
        check_hours(self.hours)
        entries = {name: _Entry(self, name, policy) for name, policy in policies.items()}
        tell = done or (lambda name, count: None)
        for name, entry in entries.items():
            if entry.found:
                tell(name, len(entry.found))
        if self.ray:
            self._run_apart(entries, tell)
        else:
            for name, entry in entries.items():
                if entry.job.own is None:
                    entry.replicate(lambda name=name: tell(name, 1))  # type: ignore[misc]  # bound at once
            self._run_apart({name: entry for name, entry in entries.items() if entry.job.own is not None}, tell)
        return {name: [entry.found[seed] for seed in entry.seeds] for name, entry in entries.items()}

    def kept(self, policies: Mapping[str, PolicyPair | Beside]) -> int:
        """Return how many of the replications that `run` returns are in the folder."""
        return sum(len(_Entry(self, name, policy).found) for name, policy in policies.items())

    def _run_apart(self, entries: Mapping[str, "_Entry"], tell: Done) -> None:
        """Run what is missing in other processes, all policies at once."""
        missing = [(name, seed) for name, entry in entries.items() for seed in entry.missing]
        if not missing:
            return
        jobs = {name: entries[name].job for name, _ in missing}
        apart = ray_cluster(jobs, self.workers) if self.ray else processes(jobs, self.workers)
        with apart as submit:
            futures = {submit(name, seed): (name, seed) for name, seed in missing}
            for future in in_order(futures):
                name, seed = futures[future]
                entries[name].put(seed, future.result())
                tell(name, 1)


class _Entry:
    """A policy of a study: what is there and what is missing."""

    def __init__(self, study: Study, name: str, policy: PolicyPair | Beside) -> None:
        pair, own = (policy.pair, policy.own) if isinstance(policy, Beside) else (policy, None)
        engine = pair.engine(study.scenario)
        made_from = {
            "build": build(),
            "scenario": [study.scenario.details.name, study.scenario.details.version, study.scenario.content_hash],
            "hours": float(study.scenario.hours if study.hours is None else study.hours),
            "pair": _of_pair(pair),
            "own": None if own is None else [own.name, own.content_hash],
        }
        self.job = Job(study.scenario, pair, own, study.hours)
        self._engine = engine
        once = own is None and not is_random(study.scenario, engine)
        self.seeds = study.seeds[:1] if once else study.seeds
        self._threads = study.workers
        self._kept = None
        self.found: dict[int, Metrics] = {}
        if study.folder is not None:
            self._kept = KeptReplications(study.folder, f"{study.scenario.details.name}-{name}", made_from)
            there = ((seed, self._kept.get(seed)) for seed in self.seeds)
            self.found = {seed: metrics for seed, metrics in there if metrics is not None}

    @property
    def missing(self) -> list[int]:
        return [seed for seed in self.seeds if seed not in self.found]

    def put(self, seed: int, metrics: Metrics) -> None:
        if self._kept is not None:
            self._kept.put(seed, metrics)
        self.found[seed] = metrics

    def replicate(self, done: Callable[[], None]) -> None:
        """Run what is missing on threads of this process, which share the engine."""
        scenario, hours = self.job.scenario, self.job.hours
        replicate(scenario, self._engine, self.missing, hours=hours, threads=self._threads, done=done, keep=self.put)


def _of_pair(pair: PolicyPair) -> list[Any]:
    """Return everything that a pair's decisions depend on, but for the code."""
    policy = None if pair.policy is None else pair.policy.info.content_hash
    options = {name: np.asarray(value).tolist() for name, value in pair.options.items()}
    return [pair.patrol, pair.dispatch, policy, options]

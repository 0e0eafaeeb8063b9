"""Replications in other processes: of this machine, or of a Ray cluster. Each gives what it would give here."""

import hashlib
import multiprocessing
import os
import pickle
import platform
import signal
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeVar

from libpatrol import __version__
from libpatrol._native.library import library
from libpatrol.extras import extra
from libpatrol.lab.metrics import Metrics
from libpatrol.lab.simulation import Simulation
from libpatrol.scenario.scenario import Scenario
from libpatrol.studies.pairs import PolicyPair
from libpatrol.studies.python_policies import PythonPolicy, run_python

Item = TypeVar("Item")
Result = TypeVar("Result")

RETRIES = 5
"""Times that Ray runs a replication anew whose worker was lost."""
_LOST = "a worker process ended before its replication did: it was killed, or there was no memory"

Submit = Callable[[str, int], "Future[Metrics]"]
"""Runs a seed of the job of that name."""


@dataclass(frozen=True)
class Job:
    """What is simulated: the pair decides what the policy, if there is one, has no method for."""

    scenario: Scenario
    pair: PolicyPair
    own: PythonPolicy | None
    hours: float | None

    def simulation(self) -> Simulation:
        """Return a simulation in which `run` runs."""
        return Simulation(self.scenario, self.pair.engine(self.scenario))

    def run(self, simulation: Simulation, seed: int) -> Metrics:
        """Return what a seed measures."""
        if self.own is not None:
            return run_python(simulation, self.own, seed, self.hours)
        simulation.restart(seed)
        simulation.run(hours=self.hours)
        return simulation.metrics()


@cache
def build() -> str:
    """Return the version of the package and the SHA-256 of the library's bytes: what all workers must have alike."""
    return f"{__version__} ({hashlib.sha256(library.path.read_bytes()).hexdigest()[:16]})"


def in_order(futures: "Iterable[Future[Metrics]]") -> "Iterator[Future[Metrics]]":
    """Yield futures as they end; raise a ChildProcessError if a worker is lost."""
    for future in as_completed(futures):
        if isinstance(future.exception(), BrokenProcessPool):
            raise ChildProcessError(_LOST) from future.exception()
        yield future


@contextmanager
def processes(jobs: Mapping[str, Job], count: int | None) -> Iterator[Submit]:
    """Give a function that runs a replication in one of `count` processes of this machine, by default one a core."""
    context = multiprocessing.get_context("spawn")  # a fork of threads that hold locks could hang
    contents = {name: pickle.dumps(job) for name, job in jobs.items()}
    pool = ProcessPoolExecutor(count or os.cpu_count() or 1, context, _receive, (contents,))
    try:
        yield lambda name, seed: pool.submit(_run_here, name, seed)
    finally:
        pool.shutdown(cancel_futures=True)


@contextmanager
def ray_cluster(jobs: Mapping[str, Job], count: int | None) -> Iterator[Submit]:
    """Give a function that runs a replication on a Ray cluster, in as many workers as it has processors.

    The cluster is that of `_connected`. A replication whose worker is lost runs anew, up to `RETRIES` times; one that
    fails by itself does not.
    """
    with _connected(count) as ray:
        contents = {name: pickle.dumps(job) for name, job in jobs.items()}
        sent = {name: ([ray.put(content)], _digest(content)) for name, content in contents.items()}
        run = ray.remote(num_cpus=1, max_retries=RETRIES)(_run_on_ray)
        started: list[Any] = []

        def submit(name: str, seed: int) -> "Future[Metrics]":
            started.append(run.remote(*sent[name], seed, build()))
            future: Future[Metrics] = started[-1].future()
            return future

        try:
            yield submit
        except BaseException:
            for reference in started:
                ray.cancel(reference)
            raise


def on_ray(function: Callable[[Item], Result], items: Sequence[Item], count: int | None = None) -> list[Result]:
    """Return what a function gives for each item, on the cluster of `_connected`; a lost worker's item runs anew.

    Parameters
    ----------
    function : callable
        What it keeps it must keep where all nodes find it, so that an item that runs anew goes on from there.
    items : sequence
        Of arguments.
    count : int, optional
        Processors of a cluster that is started here; None: all.
    """
    with _connected(count) as ray:
        run = ray.remote(num_cpus=1, max_retries=RETRIES)(function)
        found: list[Result] = ray.get([run.remote(item) for item in items])
    return found


@contextmanager
def _connected(count: int | None) -> Iterator[Any]:
    """Give the package ray, connected to a cluster.

    It is the cluster that the program has connected to, else that of RAY_ADDRESS, else one of `count` processors that
    is started on this machine.
    """
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # nothing is told to others
    with extra("ray", "--ray"):
        import ray
    was_there = ray.is_initialized()
    if not was_there:
        quiet: dict[str, Any] = {"log_to_driver": False, "logging_level": "ERROR"}
        here: dict[str, Any] = {"address": "local", "num_cpus": count, "include_dashboard": False}
        try:
            ray.init(**quiet, **({} if os.environ.get("RAY_ADDRESS") else here))
        except Exception as reason:  # of many types
            ray.shutdown()
            raise ChildProcessError(f"Ray did not start, or its cluster was not reached: {reason}") from reason
    try:
        yield ray
    except ray.exceptions.RayTaskError as failed:
        raise failed.cause from None
    except (ray.exceptions.WorkerCrashedError, ray.exceptions.OutOfMemoryError) as lost:
        raise ChildProcessError(f"{_LOST}, {1 + RETRIES} times") from lost
    finally:
        if not was_there:
            ray.shutdown()


_contents: dict[str, bytes] = {}
"""Jobs that this process was given, by name."""
_simulations: dict[str, tuple[Job, Simulation]] = {}
"""That of the last job that this process has run, by the digest of its content: Ray's workers meet many studies."""


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _receive(contents: Mapping[str, bytes]) -> None:
    """Begin a worker: an interrupt, which all processes get, ends it at once and without a word.

    Where the program was started to ignore interrupts, its workers do too.
    """
    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    _contents.update(contents)


def _run_here(name: str, seed: int) -> Metrics:
    return _run(_digest(_contents[name]), seed, lambda: _contents[name])


def _run_on_ray(reference: list[Any], digest: str, seed: int, expected: str) -> Metrics:
    """Run on a worker of Ray, which fetches a job only if it is another than its last."""
    import ray

    if build() != expected:
        raise ValueError(f"{platform.node()} has libpatrol {build()}, expected {expected}, as where the study began")
    return _run(digest, seed, lambda: ray.get(reference[0]))


def _run(digest: str, seed: int, content: Callable[[], bytes]) -> Metrics:
    if digest not in _simulations:
        _simulations.clear()
        made: Job = pickle.loads(content())
        _simulations[digest] = made, made.simulation()
    job, simulation = _simulations[digest]
    return job.run(simulation, seed)

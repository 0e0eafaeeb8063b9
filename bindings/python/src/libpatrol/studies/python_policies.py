"""Policies written in Python, simulated on the same calls as the library's own."""

import hashlib
import importlib
import importlib.util
import sys
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from libpatrol.engine import Engine
from libpatrol.enums import Due
from libpatrol.lab.metrics import Metrics
from libpatrol.lab.simulation import Simulation, SimulationSnapshot
from libpatrol.scenario.scenario import Scenario
from libpatrol.session import Candidates, Pairs
from libpatrol.snapshot import Snapshot
from libpatrol.studies.replications import Keep, Progress, check_hours

METHODS = ("dispatch", "patrol")
"""What a policy's class may decide; the engine decides the other."""


class PythonPolicyError(ValueError):
    """A policy's own code failed, or ordered what is not allowed; the sentence says where.

    Examples
    --------
    >>> from libpatrol.studies.python_policies import PythonPolicyError
    >>> issubclass(PythonPolicyError, ValueError)
    True
    """


class Decision:
    """A decision that is due, with what is known now; nothing here tells of the future.

    Examples
    --------
    The closest unit goes to each call, the most urgent calls first:

    >>> class Closest:
    ...     def __init__(self, scenario, seed): ...
    ...     def dispatch(self, decision):
    ...         calls = decision.snapshot.incidents
    ...         for _ in range(len(calls)):
    ...             pairs = decision.pairs().pairs
    ...             if len(pairs) == 0:
    ...                 break
    ...             first = min(pairs, key=lambda p: (calls["priority"][p["incident"]], p["travel_seconds"]))
    ...             decision.assign(first["unit"], first["incident"])
    >>> from libpatrol import Scenario
    >>> from libpatrol.studies.python_policies import replicate_python
    >>> scenario = Scenario.load("hotspots")
    >>> engine = scenario.engine(patrol_policy="backup_coverage", dispatch_policy="minimum_weighted_travel")
    >>> found = replicate_python(scenario, engine, Closest, range(2), hours=4)
    >>> found[0].served > 0
    True
    """

    def __init__(self, simulation: Simulation) -> None:
        self._simulation = simulation

    @cached_property
    def _seen(self) -> SimulationSnapshot:
        return self._simulation.snapshot()

    @property
    def snapshot(self) -> Snapshot:
        """Units in the order of the fleet, and open calls in the order in which they came, as the decision began."""
        return self._seen.snapshot

    @property
    def due(self) -> NDArray[np.bool_]:
        """Units whose patrol decision is due, [units]."""
        return self._seen.due

    def pairs(self) -> Pairs:
        """Return the pairs of unit and call that may still be assigned in a dispatch decision."""
        return self._simulation.pairs()

    def candidates(self, unit: int) -> Candidates:
        """Return the moves of a unit whose patrol decision is due, by index in the snapshot."""
        return self._simulation.candidates(unit)

    def assign(self, unit: int, incident: int) -> None:
        """Send a unit to a call, by index in the snapshot; calls that get no unit are held."""
        self._simulation.assign(unit, incident)

    def move(self, unit: int, node: int) -> None:
        """Tell a unit whose patrol decision is due where to go; those that are not told stay."""
        self._simulation.move(unit, node)

    def decide(self) -> None:
        """Let the engine decide what is left of this decision."""
        self._simulation.decide()


PythonPolicy = Callable[[Scenario, int], Any]
"""A class that is made anew, from the scenario and the seed, for each replication.

Its methods `dispatch` and `patrol`, or one of them, are given each `Decision` of that kind."""


@dataclass(frozen=True)
class NamedPolicy:
    """A class that a text names. It is loaded once in each process, so that it can be sent to others.

    Attributes
    ----------
    place, name : str
        "FILE.py" or "package.module", and the class.
    content_hash : str
        SHA-256 of the file that has it, in hexadecimal; a process that finds another content refuses it. What the file
        imports or reads is not in it.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> from libpatrol.studies.python_policies import load_policy
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "mine.py"
    >>> _ = path.write_text('''
    ... class Holds:
    ...     def __init__(self, scenario, seed): ...
    ...     def dispatch(self, decision): ...
    ... ''')
    >>> load_policy(f"{path}:Holds").name
    'Holds'
    """

    place: str
    name: str
    content_hash: str

    def __call__(self, scenario: Scenario, seed: int) -> Any:
        """Return the policy of a replication."""
        return _loaded(self)(scenario, seed)


def load_policy(text: str) -> NamedPolicy:
    """Return the class that `text` names, "FILE.py:CLASS" or "package.module:CLASS".

    Raises
    ------
    ValueError
        If the text names no class, or one without either method.
    """
    place, colon, name = text.rpartition(":")
    if not (colon and place and name):
        raise ValueError(f"{text!r} does not name a policy, expected FILE.py:CLASS or package.module:CLASS")
    found = getattr(_module(place), name, None)
    if not callable(found):
        raise ValueError(f"{place} has no class {name}")
    if not any(hasattr(found, method) for method in METHODS):
        raise ValueError(f"{name} of {place} has neither a method dispatch nor a method patrol")
    where = str(Path(place).resolve()) if place.endswith(".py") else place
    return NamedPolicy(where, name, _content_hash(where))


@lru_cache
def _loaded(policy: NamedPolicy) -> PythonPolicy:
    found: PythonPolicy = getattr(_module(policy.place), policy.name)
    if _content_hash(policy.place) != policy.content_hash:
        raise ValueError(f"{policy.place} is not the file that it was when the study began")
    return found


def _content_hash(place: str) -> str:
    file = place if place.endswith(".py") else getattr(_module(place), "__file__", None)
    return hashlib.sha256(b"" if file is None else Path(file).read_bytes()).hexdigest()


def _module(place: str) -> Any:
    if not place.endswith(".py"):
        try:
            return importlib.import_module(place)
        except ModuleNotFoundError as reason:
            raise ValueError(f"there is no module {place}: {reason}") from reason
    path = Path(place).resolve()
    if not path.is_file():
        raise ValueError(f"there is no file {place}")
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    if str(path.parent) not in sys.path:
        sys.path.insert(0, str(path.parent))  # as when Python runs the file
    sys.modules.setdefault(path.stem, module)  # dataclasses look there
    spec.loader.exec_module(module)
    return module


def replicate_python(
    scenario: Scenario,
    engine: Engine,
    policy: PythonPolicy,
    seeds: Sequence[int],
    *,
    hours: float | None = None,
    done: Progress | None = None,
    keep: Keep | None = None,
) -> list[Metrics]:
    """Simulate a policy written in Python once for each seed, on one thread; `Study` takes all cores.

    Parameters
    ----------
    scenario, engine
        As in `replicate`; the engine decides what the policy has no method for.
    policy : callable
        A class of one's own, see `Decision`.
    seeds, hours, done, keep
        As in `replicate`: the same seeds give the same calls.

    Returns
    -------
    list of Metrics
        In the order of the seeds.

    Raises
    ------
    PythonPolicyError
        If the policy fails.
    """
    check_hours(hours)
    found = []
    with Simulation(scenario, engine) as simulation:
        for seed in seeds:
            found.append(run_python(simulation, policy, seed, hours))
            if keep is not None:
                keep(seed, found[-1])
            if done is not None:
                done()
    return found


def run_python(simulation: Simulation, policy: PythonPolicy, seed: int, hours: float | None) -> Metrics:
    """Return what a replication measures in which a policy decides that is written in Python.

    Raises
    ------
    PythonPolicyError
        If the policy fails.
    """
    simulation.restart(seed)
    end = simulation.scenario.end_seconds(hours)
    try:
        made = policy(simulation.scenario, seed)
    except Exception as reason:
        raise _fault(policy, seed, None, reason) from reason
    deciding = {due: getattr(made, due.name.lower(), None) for due in (Due.DISPATCH, Due.PATROL)}
    while (due := simulation.step(end)) is not Due.NOTHING:
        decide = deciding[due]
        if decide is None:
            simulation.decide()
            continue
        try:
            decide(Decision(simulation))
        except Exception as reason:
            raise _fault(policy, seed, simulation.state.time_seconds, reason) from reason
    return simulation.metrics()


def _fault(policy: PythonPolicy, seed: int, seconds: float | None, reason: Exception) -> PythonPolicyError:
    package = Path(__file__).parents[1]
    name = policy.name if isinstance(policy, NamedPolicy) else getattr(policy, "__qualname__", repr(policy))
    frames = traceback.extract_tb(reason.__traceback__)
    theirs = [frame for frame in frames if package not in Path(frame.filename).parents]
    where = f" in {Path(theirs[-1].filename).name}, line {theirs[-1].lineno}" if theirs else ""
    when = "" if seconds is None else f" after {seconds / 3600:.2f} h"
    return PythonPolicyError(f"{name} failed{where}, with seed {seed}{when}: {type(reason).__name__}: {reason}")

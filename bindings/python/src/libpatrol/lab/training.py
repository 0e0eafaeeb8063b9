"""Learns policies for scenarios."""

import ctypes
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, SupportsFloat, SupportsIndex, TypeVar

import numpy as np
from numpy.typing import NDArray

from libpatrol._native import abi
from libpatrol._native.arrays import address, chosen, text, unsigned
from libpatrol._native.handles import ExclusiveObject, of_kind
from libpatrol._native.library import call, library
from libpatrol.engine import Engine
from libpatrol.enums import Goal, PatrolMethod, PatrolReward, Phase, ValueForm, Variant
from libpatrol.scenario.scenario import Scenario
from libpatrol.training_range import training_metadata

_Kind = TypeVar("_Kind", Scenario, Engine)

OUTCOME_DTYPE = np.dtype(abi.PhaseOutcome)
_CHOICES: dict[str, Any] = {
    "variant": Variant, "goal": Goal, "value_form": ValueForm, "patrol_method": PatrolMethod,
    "patrol_reward": PatrolReward,
}  # fmt: skip
_TYPES: dict[str, Any] = dict(abi.TrainerOptions._fields_)
_NAMES = {"heuristic_patrols": "heuristic_patrol_count", "heuristic_dispatches": "heuristic_dispatch_count"}
_OWN = {"struct_size", "reserved", "reserved_end", *_NAMES.values()}

OPTIONS = tuple(name for name, _ in abi.TrainerOptions._fields_ if name not in _OWN)
"""Names of a trainer's options; `patrol_lab.h` explains each."""


@dataclass(frozen=True)
class Progress:
    """The progress of training.

    Attributes
    ----------
    kind : Phase
        In progress; NONE: done.
    phase, phases : int
        Its number, from 0, and how many there are.
    is_validating : bool
        Its result is being validated.
    share : float
        Share of the phase, or of its validation, that is done.
    best_cost : float
        Validated weighted wait of the best policy so far; NaN before there is one.
    events : int
        Events simulated in total.
    outcomes : int
        Phases completed.
    replications, next_look : int
        While validating: replications done, and the number after which the phase is accepted, rejected, or given more
        replications.

    Examples
    --------
    >>> from libpatrol import Scenario, Trainer
    >>> trainer = Trainer(Scenario.load("hotspots-heavy"), validations=2, validation_seconds=3600)
    >>> trainer.advance().kind.name
    'HEURISTIC'
    """

    kind: Phase
    phase: int
    phases: int
    is_validating: bool
    share: float
    best_cost: float
    events: int
    outcomes: int
    replications: int
    next_look: int


class PolicyNames(NamedTuple):
    """Names of the policies that belong together: a heuristic, or "learned".

    Examples
    --------
    >>> from libpatrol import Scenario, Trainer
    >>> trainer = Trainer(Scenario.load("hotspots-heavy"), validations=2, validation_seconds=3600)
    >>> while trainer.advance().outcomes == 0:
    ...     pass
    >>> trainer.policies().dispatch == "learned"  # nothing is learned yet
    False
    """

    patrol: str
    dispatch: str


class Trainer(ExclusiveObject):
    """Learns patrol and dispatch in turn; each phase is accepted only by validation.

    Parameters
    ----------
    scenarios : Scenario or sequence of Scenario
        One, or several for a general policy.
    engines : Engine or sequence of Engine, optional
        One for each scenario: rules, options and group weights; None: the scenarios' own.
    **options
        Of `OPTIONS`; those that are omitted have the library's defaults. `variant`, `goal`, `value_form`,
        `patrol_method` and `patrol_reward` are members of their enumerations or names such as "joint"; layers are
        widths; heuristics are names, as a sequence or in one text with commas between them.

    Examples
    --------
    >>> from libpatrol import Scenario, Trainer
    >>> trainer = Trainer(Scenario.load("hotspots-heavy"), seed=1, validations=2, validation_seconds=3600)
    >>> progress = trainer.advance()  # or: for progress in trainer, until training is done
    >>> progress.outcomes
    0
    >>> state = trainer.checkpoint()  # to continue another day
    """

    def __init__(
        self,
        scenarios: Scenario | Sequence[Scenario],
        engines: Engine | Sequence[Engine] | None = None,
        **options: Any,
    ) -> None:
        tasks = _list("scenarios", scenarios, Scenario)
        if engines is None:
            for task in tasks:
                _check_rules(task, options)
            deciding = [task.engine() for task in tasks]
        else:
            deciding = _list("engines", engines, Engine)
        if len(tasks) != len(deciding):
            raise ValueError(f"{len(deciding)} engines for {len(tasks)} scenarios, expected one for each")
        struct = to_abi(options)
        handle = abi.TrainerHandle()
        call(
            library.trainer_create,
            _handles(tasks),
            _handles(deciding),
            len(tasks),
            ctypes.byref(struct),
            ctypes.byref(handle),
        )
        super().__init__(handle)
        self._uses = [task.use for task in tasks]
        self._identities = {
            "scenario_versions": " ".join(str(task.details.version) for task in tasks),
            "scenario_hashes": " ".join(task.content_hash for task in tasks),
        }

    def advance(self) -> Progress:
        """Do one piece of work, which cannot be interrupted.

        Its size follows from scenarios and options: up to 16 replications of a validation, a quarter of an iteration's
        comparisons, or a generation of a search. With the defaults it takes some seconds for a small city.
        """
        progress = abi.TrainingProgress()
        with self._claimed() as handle:
            call(library.trainer_advance, handle, ctypes.byref(progress))
        return Progress(
            kind=Phase(progress.kind),
            phase=progress.phase,
            phases=progress.phase_count,
            is_validating=bool(progress.is_validating),
            share=progress.share,
            best_cost=progress.best_cost,
            events=progress.events,
            outcomes=progress.outcome_count,
            replications=progress.replications,
            next_look=progress.next_look,
        )

    def __iter__(self) -> Iterator[Progress]:
        """Advance until training is done."""
        while True:
            progress = self.advance()
            yield progress
            if progress.kind is Phase.NONE:
                return

    def outcomes(self) -> NDArray[np.void]:
        """Return the result of each phase, by validation: OUTCOME_DTYPE [phases completed]."""

        def fill(handle: abi.Handle, capacity: int, count: ctypes.c_size_t) -> NDArray[np.void]:
            rows = np.empty(capacity, OUTCOME_DTYPE)
            call(library.trainer_get_outcomes, handle, address(rows), capacity, rows.itemsize, ctypes.byref(count))
            return rows[: count.value]

        return self._filled(fill)

    def policies(self) -> PolicyNames:
        """Return the policies of the best pair so far."""
        patrol, dispatch = ctypes.c_char_p(), ctypes.c_char_p()
        with self._claimed() as handle:
            call(library.trainer_get_policies, handle, ctypes.byref(patrol), ctypes.byref(dispatch))
        return PolicyNames((patrol.value or b"").decode(), (dispatch.value or b"").decode())

    def policy_file(self, metadata: Mapping[str, str] | None = None) -> bytes:
        """Return the policy file of the best networks so far, with its provenance and what they were trained for.

        That includes the version and the content hash of each scenario, in their order.

        Parameters
        ----------
        metadata : mapping of str to str, optional
            Additional entries.

        Raises
        ------
        PatrolError
            INVALID_ARGUMENT if nothing learned is better than the heuristics.
        """
        entries = {**(metadata or {}), **training_metadata(self._uses), **self._identities}
        keys = _strings("a key of the metadata", entries)
        values = _strings("a value of the metadata", entries.values())

        def fill(handle: abi.Handle, capacity: int, size: ctypes.c_size_t) -> bytes:
            content = np.empty(capacity, np.uint8)
            given = keys, values, len(entries)
            call(library.trainer_write_policy, handle, *given, address(content), capacity, ctypes.byref(size))
            return content[: size.value].tobytes()

        return self._filled(fill, 1 << 16)

    def checkpoint(self) -> bytes:
        """Return the whole state between two steps."""

        def fill(handle: abi.Handle, capacity: int, size: ctypes.c_size_t) -> bytes:
            content = np.empty(capacity, np.uint8)
            call(library.trainer_write_checkpoint, handle, address(content), capacity, ctypes.byref(size))
            return content[: size.value].tobytes()

        return self._filled(fill, 1 << 20)

    def restore(self, checkpoint: bytes) -> None:
        """Continue, byte for byte, from a checkpoint of a trainer with the same scenarios, engines, options and seed.

        A checkpoint that cannot be read leaves this trainer as it was.
        """
        with self._claimed() as handle:
            call(library.trainer_read_checkpoint, handle, checkpoint, len(checkpoint))


def to_abi(options: Mapping[str, Any]) -> abi.TrainerOptions:
    """Return the C struct: the library's defaults, and the options given in their place."""
    struct = abi.TrainerOptions()
    library.trainer_options_init(ctypes.byref(struct))
    struct.struct_size = ctypes.sizeof(struct)  # what was appended since has zeros for defaults
    for name, value in options.items():
        if name not in OPTIONS:
            raise TypeError(f"a trainer has no option {name!r}, expected one of {', '.join(OPTIONS)}")
        if name in _CHOICES:
            setattr(struct, name, int(chosen(name, value, _CHOICES[name])))
        elif name in _NAMES:
            array = _names(name, value)
            struct.put(name, array)
            struct.put(_NAMES[name], len(array))
        elif name.endswith("_layers"):
            setattr(struct, name, _layers(name, value))
        else:
            setattr(struct, name, _number(name, value))
    return struct


def _check_rules(task: Scenario, options: Mapping[str, Any]) -> None:
    """Check that no policy to be learned is fixed by the department's rules."""
    for kind, variant in (("patrol", Variant.DISPATCH_ONLY), ("dispatch", Variant.PATROL_ONLY)):
        rule = task.details.rules.get(f"{kind}_policy")
        heuristics = "heuristic_patrols" if kind == "patrol" else "heuristic_dispatches"
        fits = chosen("variant", options.get("variant", Variant.JOINT), Variant) is variant
        given = options.get(heuristics, ())
        if rule is not None and not (fits and list(given.split(",") if isinstance(given, str) else given) == [rule]):
            raise ValueError(
                f"the rules of {task.details.name} set {kind}_policy = {rule}: "
                f"train with variant {variant.name.lower()} and {heuristics} {rule}"
            )


def _layers(name: str, widths: Sequence[int]) -> Any:
    if not isinstance(widths, Sequence) or isinstance(widths, str):
        raise ValueError(f"{name} is {widths!r}, expected widths such as (32, 32)")
    if len(widths) > abi.TRAINER_LAYERS:
        raise ValueError(f"{name} has {len(widths)} widths, expected at most {abi.TRAINER_LAYERS}")
    if 0 in widths:
        raise ValueError(f"{name} is {tuple(widths)}, expected widths above 0, or no widths for a linear network")
    return (ctypes.c_uint32 * abi.TRAINER_LAYERS)(*(unsigned(name, width) for width in widths))


def _names(name: str, names: str | Sequence[str]) -> Any:
    listed = names.split(",") if isinstance(names, str) else list(names)
    if not listed:
        raise ValueError(f"{name} is empty, expected names of heuristics")
    return _strings(name, listed)


def _number(name: str, value: Any) -> int | float:
    is_real = _TYPES[name] in (ctypes.c_float, ctypes.c_double)
    if isinstance(value, str) or not isinstance(value, SupportsFloat if is_real else SupportsIndex):
        raise ValueError(f"{name} is {value!r}, expected a {'number' if is_real else 'whole number'}")
    return float(value) if is_real else unsigned(name, value, 8 * ctypes.sizeof(_TYPES[name]))


def _strings(name: str, texts: Iterable[str]) -> Any:
    encoded = [text(name, entry) for entry in texts]
    return (ctypes.c_char_p * len(encoded))(*encoded)


def _list(name: str, given: _Kind | Sequence[_Kind], kind: type[_Kind]) -> list[_Kind]:
    if not isinstance(given, Iterable) or isinstance(given, str):
        return [of_kind(name, given, kind)]
    return [of_kind(f"{name}[{index}]", entry, kind) for index, entry in enumerate(given)]


def _handles(objects: Sequence[Scenario] | Sequence[Engine]) -> Any:
    handles = [thing._handle for thing in objects]
    array: Any = (ctypes.c_void_p * len(handles))(*(handle.value for handle in handles))
    array.kept = handles  # another thread may close the objects meanwhile
    return array

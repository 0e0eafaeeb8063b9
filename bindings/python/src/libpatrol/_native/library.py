"""Finds, loads and checks the shared library."""

import ctypes
import os
import stat
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from libpatrol._native import abi
from libpatrol._native.arrays import path_bytes
from libpatrol._native.prototypes import PROTOTYPES
from libpatrol.errors import LeftOutWarning, PatrolError

_HANDLES = {
    "area_destroy": abi.AreaHandle,
    "policy_destroy": abi.PolicyHandle,
    "engine_destroy": abi.EngineHandle,
    "session_destroy": abi.SessionHandle,
    "scenario_destroy": abi.ScenarioHandle,
    "simulation_destroy": abi.SimulationHandle,
    "batch_destroy": abi.BatchHandle,
    "trainer_destroy": abi.TrainerHandle,
}
_MOST_BYTES = 1 << 32  # of a file that the library reads


class Library:
    """The loaded library: its functions are attributes, named as in the headers without `patrol_`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._functions = ctypes.CDLL(str(path))
            call(self.abi_check, abi.ABI_VERSION)
            for name, handle in _HANDLES.items():
                handle.destroy = getattr(self, name)
        except (OSError, AttributeError, PatrolError) as reason:
            raise ImportError(f"libpatrol cannot use the shared library {path}: {reason}", path=str(path)) from reason

    def __getattr__(self, name: str) -> Any:
        if f"patrol_{name}" not in PROTOTYPES:
            raise AttributeError(f"the headers have no function patrol_{name}")
        function = getattr(self._functions, f"patrol_{name}")
        function.restype, function.argtypes = PROTOTYPES[f"patrol_{name}"]
        setattr(self, name, function)
        return function


def call(function: Callable[..., int], *arguments: Any) -> str:
    """Call a function of the library that can fail, with an error struct of its own.

    Returns
    -------
    str
        What is wrong with the first row of a snapshot that was left out, also a `LeftOutWarning`; "" where none
        was.

    Raises
    ------
    PatrolError
        With the library's status and sentence, if the function fails.
    """
    error = abi.Error()
    status = function(*arguments, error)
    return outcome(status, error, stacklevel=4) if status != 0 or error.message else ""


def outcome(status: int, error: abi.Error, stacklevel: int = 3) -> str:
    """Return, warn or raise as `call` does, given what a function returned and wrote."""
    if status != 0:
        raise PatrolError.from_abi(error)
    message: str = error.message.decode("utf-8")
    if message:
        warnings.warn(f"left out of the decision: {message}", LeftOutWarning, stacklevel=stacklevel)
    return message


def file_content(load: Callable[..., int], path: str | os.PathLike[str], *arguments: Any) -> bytes:
    """Return the bytes of a file; if they cannot be read, the library's `load` says why.

    Raises
    ------
    PatrolError
        As `load` of the path and `arguments` gives it.
    """
    name = path_bytes(path)
    try:
        with open(name, "rb", opener=lambda file, flags: os.open(file, flags | os.O_NONBLOCK)) as file:
            state = os.fstat(file.fileno())
            if stat.S_ISREG(state.st_mode) and state.st_size <= _MOST_BYTES:
                return file.read()
    except OSError:
        pass
    call(load, name, *arguments)
    raise OSError(f"{os.fspath(path)} changes while it is read")


@contextmanager
def told_of(path: str | os.PathLike[str]) -> Iterator[None]:
    """Put a file's path before what the library says of its content."""
    try:
        yield
    except PatrolError as error:
        raise PatrolError(error.status, f"{os.fspath(path)}: {error.message}") from None


def find() -> Path:
    """Return the path of the library: LIBPATROL_LIBRARY if it is set, else the one beside this module."""
    chosen = os.environ.get("LIBPATROL_LIBRARY")
    return Path(chosen) if chosen else Path(__file__).with_name("libpatrol_lab.so")


library = Library(find())

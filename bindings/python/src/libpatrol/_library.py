"""Finds, loads and checks the shared library."""

import ctypes
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from libpatrol import _abi as abi
from libpatrol._prototypes import PROTOTYPES
from libpatrol.errors import PatrolError

_HANDLES = {
    "patrol_area_destroy": abi.AreaHandle,
    "patrol_policy_destroy": abi.PolicyHandle,
    "patrol_engine_destroy": abi.EngineHandle,
    "patrol_session_destroy": abi.SessionHandle,
}


class Library:
    """The loaded library: its functions are attributes, named as in the header without `patrol_`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            library = ctypes.CDLL(str(path))
            for name, (result, arguments) in PROTOTYPES.items():
                function = getattr(library, name)
                function.restype = result
                function.argtypes = arguments
                setattr(self, name.removeprefix("patrol_"), function)
            call(self.abi_check, abi.ABI_VERSION)
        except (OSError, AttributeError, PatrolError) as reason:
            raise ImportError(f"libpatrol cannot use the shared library {path}: {reason}", path=str(path)) from reason
        for name, handle in _HANDLES.items():
            handle.destroy = getattr(library, name)

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(f"{self.path} has no function patrol_{name}")


def call(function: Callable[..., int], *arguments: Any) -> None:
    """Call a fallible function of the library with an error struct of its own.

    Raises
    ------
    PatrolError
        With the library's status and sentence, where the function fails.
    """
    error = abi.Error()
    if function(*arguments, ctypes.byref(error)) != 0:
        raise PatrolError.from_abi(error)


def find() -> Path:
    """Return the path of the library: LIBPATROL_LIBRARY where it is set, else the one in this package."""
    chosen = os.environ.get("LIBPATROL_LIBRARY")
    return Path(chosen) if chosen else Path(__file__).with_name("libpatrol.so")


library = Library(find())

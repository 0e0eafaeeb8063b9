"""What areas, policies, engines and sessions have in common: a handle that can be closed."""

import ctypes
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import TypeVar

from libpatrol import _abi as abi
from libpatrol.errors import PatrolError, Status

_Filled = TypeVar("_Filled")
_Opened = TypeVar("_Opened", bound="LibraryObject")


class LibraryObject:
    """An object of the library. Closing it early is optional; a closed one refuses every call."""

    def __init__(self, handle: abi.Handle) -> None:
        self.__handle: abi.Handle | None = handle

    @property
    def _handle(self) -> abi.Handle:
        handle = self.__handle
        if handle is None:
            raise ValueError(f"this {type(self).__name__} is closed")
        return handle

    def close(self) -> None:
        """Let go of the library's object; what other objects or running calls still need stays."""
        self.__handle = None

    def __enter__(self: _Opened) -> _Opened:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class ExclusiveObject(LibraryObject):
    """An object for one thread at a time: a call while another thread's is running raises RuntimeError."""

    def __init__(self, handle: abi.Handle) -> None:
        self._lock = threading.Lock()
        super().__init__(handle)

    @contextmanager
    def _claimed(self) -> Iterator[abi.Handle]:
        if not self._lock.acquire(blocking=False):
            name = type(self).__name__
            raise RuntimeError(f"this {name} is in use by another thread: give each thread a {name.lower()} of its own")
        try:
            yield self._handle
        finally:
            self._lock.release()

    def _filled(self, fill: Callable[[abi.Handle, int, ctypes.c_size_t], _Filled], capacity: int = 256) -> _Filled:
        """Return what `fill` reads into arrays of a capacity; called again where the library asks for more."""
        count = ctypes.c_size_t()
        with self._claimed() as handle:
            try:
                return fill(handle, capacity, count)
            except PatrolError as error:
                if error.status is not Status.CAPACITY or count.value <= capacity:
                    raise
                return fill(handle, count.value, count)

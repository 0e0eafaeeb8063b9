"""What areas, policies, engines and sessions have in common: a handle that can be closed."""

from types import TracebackType
from typing import TypeVar

from libpatrol import _abi as abi

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

"""What areas, policies, engines and sessions have in common: a handle that can be closed, and how they are copied."""

import ctypes
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Generic, TypeVar, overload

from libpatrol._native import abi
from libpatrol.errors import PatrolError, Status

_Filled = TypeVar("_Filled")
_Opened = TypeVar("_Opened", bound="LibraryObject")
_Shared = TypeVar("_Shared", bound="SharedObject")
_Value = TypeVar("_Value")


class Fixed(Generic[_Value]):
    """An attribute that its object sets once: the library reads or writes it, so it must not be replaced."""

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    @overload
    def __get__(self, instance: None, owner: type) -> "Fixed[_Value]": ...

    @overload
    def __get__(self, instance: object, owner: type) -> _Value: ...

    def __get__(self, instance: object, owner: type) -> Any:
        if instance is None:
            return self
        try:
            return vars(instance)[self._name]
        except KeyError:
            raise AttributeError(f"{owner.__name__} has no {self._name} yet") from None

    def __set__(self, instance: object, value: _Value) -> None:
        if self._name in vars(instance):
            raise AttributeError(f"{self._name} of a {type(instance).__name__} cannot be replaced")
        vars(instance)[self._name] = value

    def __delete__(self, instance: object) -> None:
        raise AttributeError(f"{self._name} of a {type(instance).__name__} cannot be deleted")


class LibraryObject:
    """An object of the library. Closing it early is optional; a closed object refuses every call.

    It cannot be copied or pickled, unless it is a `SharedObject`.
    """

    def __init__(self, handle: abi.Handle) -> None:
        self.__handle: abi.Handle | None = handle

    @property
    def _handle(self) -> abi.Handle:
        handle = self.__handle
        if handle is None:
            raise ValueError(f"this {type(self).__name__} is closed")
        return handle

    def close(self) -> None:
        """Release the library's object; what other objects or running calls still need stays alive."""
        self.__handle = None

    def __enter__(self: _Opened) -> _Opened:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __reduce_ex__(self, protocol: object) -> Any:
        raise TypeError(
            f"a {type(self).__name__} is in use in this process and cannot be copied or pickled: create another one"
        )


class SharedObject(LibraryObject):
    """An immutable object. It is pickled by content; copies in one process share the library's object.

    Each copy is closed separately: the others keep working.
    """

    def _content(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        """Return a function and its arguments that make an equal object in any process."""
        raise NotImplementedError

    def __reduce_ex__(self, protocol: object) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        self._handle  # noqa: B018, a closed object refuses this too
        return self._content()

    def __copy__(self: _Shared) -> _Shared:
        self._handle  # noqa: B018
        other = object.__new__(type(self))
        vars(other).update(vars(self))
        return other

    def __deepcopy__(self: _Shared, memo: dict[int, Any]) -> _Shared:
        return self.__copy__()


class FrozenFields:
    """Base of dataclasses that are immutable, arrays included: a copy is the same object, pickles hold the fields."""

    def __copy__(self: _Value) -> _Value:
        return self

    def __deepcopy__(self: _Value, memo: dict[int, Any]) -> _Value:
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        return rebuild, (type(self), self.fields())

    def fields(self) -> dict[str, Any]:
        """Return the fields by name."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}  # type: ignore[attr-defined]  # a dataclass


def rebuild(kind: Callable[..., _Value], arguments: Mapping[str, Any]) -> _Value:
    """Return `kind(**arguments)`: how objects with named arguments are unpickled."""
    return kind(**arguments)


def of_kind(name: str, value: object, kind: type[_Value]) -> _Value:
    """Return the argument `name`; raise a TypeError if it is not a `kind`."""
    if not isinstance(value, kind):
        raise TypeError(f"{name} is of type {type(value).__name__}, expected {kind.__name__}")
    return value


class ExclusiveObject(LibraryObject):
    """An object for one thread at a time: calling it while another thread does raises RuntimeError."""

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
        """Return what `fill` reads into arrays of a capacity; call it again if the library asks for more."""
        count = ctypes.c_size_t()
        with self._claimed() as handle:
            try:
                return fill(handle, capacity, count)
            except PatrolError as error:
                if error.status is not Status.CAPACITY or count.value <= capacity:
                    raise
                return fill(handle, count.value, count)

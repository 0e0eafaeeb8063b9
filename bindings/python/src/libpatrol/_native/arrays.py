"""Checked conversion of what callers pass into the arrays, numbers and strings that the library reads."""

import ctypes
import operator
import os
from enum import IntEnum
from typing import Any, SupportsIndex, TypeVar

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

Choice = TypeVar("Choice", bound=IntEnum)


def numbers(name: str, values: ArrayLike, dtype: DTypeLike, shape: tuple[int | None, ...]) -> NDArray[Any]:
    """Return `values` as a contiguous array; without a copy if it already is one.

    Parameters
    ----------
    name : str
        Name of the values, for the error.
    values : array_like
        Numbers; integers must fit in `dtype`.
    dtype : dtype
        Type the library reads.
    shape : tuple
        Shape the library reads; None stands for any size.

    Raises
    ------
    ValueError
        If the shape differs, or a value is not a number or is an integer that does not fit.
    """
    if type(values) is np.ndarray and values.dtype == dtype and values.flags.c_contiguous and _fits(values, shape):
        return values  # as in most calls
    try:
        given = np.asarray(values)
    except ValueError as reason:
        raise ValueError(f"{name} has no shape: {reason}") from reason
    if given.dtype.kind == "f" and np.dtype(dtype).kind in "iu" and not isinstance(values, np.ndarray):
        given = np.asarray(values, object)  # numpy makes floats of a list with integers beyond 2^63
    if given.size == 0 and given.ndim == 1 and None in shape:
        given = given.reshape([size or 0 for size in shape])
    if not _fits(given, shape):
        wanted = ", ".join("any" if size is None else str(size) for size in shape)
        raise ValueError(f"{name} has shape {list(given.shape)}, expected [{wanted}]")
    if given.dtype.kind in "SU" and given.size:
        raise ValueError(f"{name} holds text, expected numbers")
    try:
        with np.errstate(invalid="ignore", over="ignore"):
            array = np.ascontiguousarray(given, dtype=dtype)
    except (OverflowError, TypeError, ValueError) as reason:
        raise ValueError(f"{name} holds a value that is not a number of type {np.dtype(dtype)}: {reason}") from reason
    if array.dtype.kind in "iu" and not np.array_equal(array, given):
        raise ValueError(f"{name} holds values that are not {array.dtype} integers")
    return array


def _fits(array: NDArray[Any], shape: tuple[int | None, ...]) -> bool:
    if array.ndim != len(shape):
        return False
    for want, size in zip(shape, array.shape):  # noqa: B905, SIM110, as long as each other; most calls come here
        if want is not None and want != size:
            return False
    return True


def address(array: NDArray[Any] | None) -> int | None:
    """Return the address of the array's data; NULL for None."""
    return None if array is None else array.ctypes.data


def passed(array: NDArray[Any]) -> Any:
    """Return what a function of the library takes as the address of the array's data, faster than `address`."""
    buffer: Any = array  # which numpy's types do not say
    try:
        return ctypes.byref(ctypes.c_char.from_buffer(buffer))
    except (TypeError, ValueError):  # it is read-only, or empty
        return array.ctypes.data


def chosen(name: str, value: Any, kind: type[Choice]) -> Choice:
    """Return the member of `kind` for `value`, its number, or its name in any case."""
    if isinstance(value, str) and value.upper() in kind.__members__:
        return kind[value.upper()]
    if not isinstance(value, SupportsIndex) or operator.index(value) not in tuple(kind):
        raise ValueError(f"{name} is {value!r}, expected one of {', '.join(kind.__members__).lower()}")
    return kind(operator.index(value))


def frozen(name: str, values: ArrayLike, dtype: DTypeLike, shape: tuple[int | None, ...]) -> NDArray[Any]:
    """Return `values` as `numbers` does, in a read-only array: a copy if someone could write to it."""
    return read_only(numbers(name, values, dtype, shape), values)


def read_only(array: NDArray[Any], given: object) -> NDArray[Any]:
    """Return `array`, made from `given`, as read-only: itself if it is new or already read-only, else a copy."""
    if not _is_frozen(array):
        if array is given or array.base is not None:
            array = array.copy()
        array.flags.writeable = False
    return array


def _is_frozen(array: Any) -> bool:
    while isinstance(array, np.ndarray):
        if array.flags.writeable:
            return False
        array = array.base
    return array is None or isinstance(array, bytes)


def integer(name: str, value: Any, bits: int = 32, *, signed: bool = False) -> int:
    """Return a whole number of any integer type if it fits in `bits` bits; ctypes would truncate it."""
    try:
        whole = int(value) if isinstance(value, np.bool_) else operator.index(value)
    except TypeError:
        raise TypeError(f"{name} is {value!r}, expected a whole number") from None
    low, high = (-(1 << bits - 1), 1 << bits - 1) if signed else (0, 1 << bits)
    if not low <= whole < high:
        expected = f"-2^{bits - 1} ... 2^{bits - 1} - 1" if signed else f"0 ... 2^{bits} - 1"
        raise ValueError(f"{name} is {whole}, expected {expected}")
    return whole


def unsigned(name: str, value: Any, bits: int = 32) -> int:
    """Return a whole number that is not negative and fits in `bits` bits."""
    return integer(name, value, bits)


def text(name: str, value: str) -> bytes:
    """Return `value` in UTF-8; refuse one with a NUL, where C would cut it."""
    if not isinstance(value, str):
        raise TypeError(f"{name} is {value!r}, expected text")
    if "\0" in value:
        raise ValueError(f"{name} is {value!r}, which contains NUL")
    return value.encode()


def path_bytes(path: str | os.PathLike[str]) -> bytes:
    """Return a path as the operating system takes it; refuse one with a NUL."""
    name = os.fsencode(path)
    if b"\0" in name:
        raise ValueError(f"the path is {name!r}, which contains NUL")
    return name


def as_bytes(content: Any) -> bytes:
    """Return the content of a bytes-like object; the object itself if it is bytes."""
    return content if isinstance(content, bytes) else memoryview(content).tobytes()

"""Checked conversion of what callers pass into the arrays that the library reads."""

import operator
from enum import IntEnum
from typing import Any, SupportsIndex, TypeVar

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

Choice = TypeVar("Choice", bound=IntEnum)


def numbers(name: str, values: ArrayLike, dtype: DTypeLike, shape: tuple[int | None, ...]) -> NDArray[Any]:
    """Return `values` as a contiguous array; without a copy where it is one already.

    Parameters
    ----------
    name : str
        What the values are, for the error.
    values : array_like
        Numbers; integers must be representable in `dtype`.
    dtype : dtype
        Type the library reads.
    shape : tuple
        Shape the library reads; None stands for any size.

    Raises
    ------
    ValueError
        Where the shape differs, or a value is no number or an integer that does not fit.
    """
    try:
        given = np.asarray(values)
    except ValueError as reason:
        raise ValueError(f"{name} has no shape: {reason}") from reason
    if given.size == 0 and given.ndim == 1 and None in shape:
        given = given.reshape([size or 0 for size in shape])
    if given.ndim != len(shape) or any(want not in (None, size) for want, size in zip(shape, given.shape, strict=True)):
        wanted = ", ".join("any" if size is None else str(size) for size in shape)
        raise ValueError(f"{name} has shape {list(given.shape)}, expected [{wanted}]")
    if given.dtype.kind in "SU" and given.size:
        raise ValueError(f"{name} holds text, expected numbers")
    try:
        with np.errstate(invalid="ignore", over="ignore"):
            array = np.ascontiguousarray(given, dtype=dtype)
    except (OverflowError, TypeError, ValueError) as reason:
        raise ValueError(f"{name} holds a value that is no number of the type {np.dtype(dtype)}: {reason}") from reason
    if array.dtype.kind in "iu" and not np.array_equal(array, given):
        raise ValueError(f"{name} holds values that are not {array.dtype} integers")
    return array


def address(array: NDArray[Any] | None) -> int | None:
    """Return where the array's data lie; NULL for None."""
    return None if array is None else array.ctypes.data


def chosen(name: str, value: Any, kind: type[Choice]) -> Choice:
    """Return the member of `kind` that `value`, its number or its name in any case, stands for."""
    if isinstance(value, str) and value.upper() in kind.__members__:
        return kind[value.upper()]
    if not isinstance(value, SupportsIndex) or operator.index(value) not in tuple(kind):
        raise ValueError(f"{name} is {value!r}, expected one of {', '.join(kind.__members__).lower()}")
    return kind(operator.index(value))


def unsigned(name: str, value: int, bits: int = 32) -> int:
    """Return `value` where it fits an unsigned integer of `bits` bits; ctypes would cut it."""
    if not 0 <= operator.index(value) < 1 << bits:
        raise ValueError(f"{name} is {value}, expected 0 ... 2^{bits} - 1")
    return operator.index(value)

"""Checked conversion of what callers pass into the arrays that the library reads."""

import operator
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray


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
        Where the shape differs or an integer does not fit.
    """
    given = np.asarray(values)
    if given.size == 0 and given.ndim == 1 and None in shape:
        given = given.reshape([size or 0 for size in shape])
    if given.ndim != len(shape) or any(want not in (None, size) for want, size in zip(shape, given.shape, strict=True)):
        wanted = ", ".join("any" if size is None else str(size) for size in shape)
        raise ValueError(f"{name} has shape {list(given.shape)}, expected [{wanted}]")
    with np.errstate(invalid="ignore", over="ignore"):
        array = np.ascontiguousarray(given, dtype=dtype)
    if array.dtype.kind in "iu" and not np.array_equal(array, given):
        raise ValueError(f"{name} holds values that are not {array.dtype} integers")
    return array


def address(array: NDArray[Any] | None) -> int | None:
    """Return where the array's data lie; NULL for None."""
    return None if array is None else array.ctypes.data


def unsigned(name: str, value: int, bits: int = 32) -> int:
    """Return `value` where it fits an unsigned integer of `bits` bits; ctypes would cut it."""
    if not 0 <= operator.index(value) < 1 << bits:
        raise ValueError(f"{name} is {value}, expected 0 ... 2^{bits} - 1")
    return operator.index(value)

"""The assignment solver by itself."""

import ctypes
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from libpatrol._native.arrays import numbers, unsigned
from libpatrol._native.library import call, library

_VALUES, _COLUMNS = np.dtype(np.float64), np.dtype(np.int32)
_MATRIX = (None, None)
_byref, _byte_of = ctypes.byref, ctypes.c_char.from_buffer


class Matching(NamedTuple):
    """Column of each row or -1, int32 [rows], and the total value.

    Examples
    --------
    >>> from libpatrol import assignment
    >>> matching = assignment([[1, 5], [4, 2]])
    >>> matching.columns.tolist(), matching.objective
    ([1, 0], 9.0)
    """

    columns: NDArray[np.int32]
    objective: float


def assignment(values: ArrayLike, *, complete: bool = False) -> Matching:
    """Assign rows to columns with the highest total value.

    Parameters
    ----------
    values : array_like [rows, columns]
        -inf: forbidden.
    complete : bool
        Every row (every column, if there are more rows) is assigned; otherwise rows may stay unassigned at value 0.
    """
    # Each step takes as long as a row of a small matrix: what nearly every caller passes is looked at first.
    if type(values) is np.ndarray and values.dtype is _VALUES and values.ndim == 2 and values.flags.c_contiguous:
        matrix = values
    else:
        matrix = numbers("values", values, _VALUES, _MATRIX)
    rows, width = matrix.shape
    columns, objective = np.empty(rows, _COLUMNS), ctypes.c_double()
    every = complete if complete is True or complete is False else unsigned("complete", complete)
    given: Any = matrix  # a buffer, which numpy's types do not say
    found: Any = columns
    try:  # `passed`, without a call
        given, found = _byref(_byte_of(given)), _byref(_byte_of(found))
    except (TypeError, ValueError):  # it is read-only, or empty
        given, found = matrix.ctypes.data, columns.ctypes.data
    if library.assignment_solve(given, rows, width, every, found, _byref(objective), None) != 0:
        call(library.assignment_solve, given, rows, width, every, found, _byref(objective))  # which says what is wrong
    return Matching(columns, objective.value)

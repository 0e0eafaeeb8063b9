"""The assignment solver by itself."""

import ctypes
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from libpatrol._native.arrays import numbers, passed, unsigned
from libpatrol._native.library import call, library

_VALUES, _COLUMNS = np.dtype(np.float64), np.dtype(np.int32)
_MATRIX = (None, None)
_Objective = ctypes.c_double * 1


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
    matrix = numbers("values", values, _VALUES, _MATRIX)
    rows, width = matrix.shape
    columns, objective = np.empty(rows, _COLUMNS), _Objective()
    every = complete if complete is True or complete is False else unsigned("complete", complete)
    call(library.assignment_solve, passed(matrix), rows, width, every, passed(columns), objective)
    return Matching(columns, objective[0])

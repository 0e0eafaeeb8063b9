"""The assignment solver by itself."""

import ctypes
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from libpatrol._native.arrays import address, numbers, unsigned
from libpatrol._native.library import call, library


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
    matrix = numbers("values", values, np.float64, (None, None))
    columns = np.empty(len(matrix), np.int32)
    objective = ctypes.c_double()
    rows, width = matrix.shape
    found = address(columns), ctypes.byref(objective)
    call(library.assignment_solve, address(matrix), rows, width, unsigned("complete", complete), *found)
    return Matching(columns, objective.value)

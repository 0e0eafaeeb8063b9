"""What each call goes by, its own row or a substitute: from the wording of `patrol.h` on `patrol_substitute`.

One matching by scipy for each unit that is looked for, where the library finds augmenting paths. Checks: which pairs
are eligible and what every assignment says, in `tests/test_substitutes.py` and wherever `broken_rules.py` is asked.
"""

from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import maximum_bipartite_matching

if TYPE_CHECKING:
    from reference.rules import Department

Slots = list[np.ndarray]
"""Of each slot: which units may have it, bool [units]."""


def choose(department: "Department", substitutes: np.ndarray) -> None:
    """Let each call of a department go by its row or a substitute, the most urgent call first.

    Parameters
    ----------
    department : Department
        Its calls go by their rows; then by what they choose.
    substitutes : SUBSTITUTE_DTYPE [substitutes]
        Those of the snapshot, in order of preference.
    """
    calls = department.calls
    waiting = np.flatnonzero((department.missing > 0) & ~department.for_later)
    taken_up: Slots = []
    for call in sorted(waiting, key=lambda call: (calls["priority"][call], -calls["seconds_waited"][call])):
        own = calls[call].copy()
        rows = [(0, own)] + [(n + 1, row) for n, row in enumerate(substitutes) if row["incident"] == call]
        complete, partial = [], []
        for number, row in rows:
            department.go_by(call, number, row)
            slots = _slots(department, call)
            filled = _beside(taken_up, slots)
            if len(filled) == len(slots):
                complete.append((number, row, filled))
            elif filled and not department.together[call]:
                partial.append((number, row, filled))
        number, row, filled = (complete + partial + [(0, own, [])])[0]
        department.go_by(call, number, row)
        taken_up += filled


def _slots(department: "Department", call: int) -> Slots:
    eligible = department.eligible_units()[:, call]
    return [
        np.array([eligible[unit] and department.fits(unit, call, slot) for unit in range(len(eligible))], bool)
        for slot in department.slots(call)
    ]


def _beside(taken_up: Slots, slots: Slots) -> Slots:
    """Return those of the slots that can have a unit each while all that are taken up keep one, as many as can."""
    filled: Slots = []
    for slot in slots:
        if _all_have_a_unit([*taken_up, *filled, slot]):
            filled.append(slot)
    return filled


def _all_have_a_unit(slots: Slots) -> bool:
    graph = csr_array(np.array(slots).astype(np.int8))
    return bool((maximum_bipartite_matching(graph, perm_type="column") >= 0).all())

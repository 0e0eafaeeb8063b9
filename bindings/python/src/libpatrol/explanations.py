"""Why each assignment was made: rows that say in words who would go instead."""

import numpy as np

from libpatrol._native import abi


class Explanation(np.record):  # type: ignore[misc]  # numpy's stubs seal a base of record
    """Why one unit goes to one call; a row of `Explanations`, whose fields are attributes too.

    Losses, rewards and changes in value are weighted seconds of waiting.
    """

    @property
    def runner_up_unit_id(self) -> int | None:
        """Who would go instead; None: nobody, the call would wait (`row["runner_up_unit_id"]` is then NO_ID)."""
        unit = int(self["runner_up_unit_id"])
        return None if unit == abi.NO_ID else unit

    def __str__(self) -> str:
        other = self.runner_up_unit_id
        instead = "nobody" if other is None else f"unit {other} ({self['runner_up_travel_seconds']:.0f} s)"
        return (
            f"unit {self['unit_id']} to call {self['incident_id']}, {self['travel_seconds']:.0f} s; "
            f"instead {instead}, which would lose {self['objective_loss']:.1f} weighted seconds"
        )

    __repr__ = __str__


EXPLANATION_DTYPE = np.dtype((Explanation, np.dtype(abi.Explanation)))


class Explanations(np.ndarray):
    """EXPLANATION_DTYPE [assignments], which prints in words, a line for each."""

    def __str__(self) -> str:
        if self.dtype != EXPLANATION_DTYPE or self.ndim != 1:
            return str(np.asarray(self))
        return "\n".join(str(row) for row in self)

    def __repr__(self) -> str:
        return str(self)


def explanations(count: int) -> Explanations:
    """Return room for `count` explanations."""
    return np.empty(count, EXPLANATION_DTYPE).view(Explanations)

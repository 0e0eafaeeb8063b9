"""Why each assignment was made, and why another was not: rows that say in words who would go instead."""

from typing import NamedTuple

import numpy as np

from libpatrol._native import abi
from libpatrol.enums import SolverStatus, WhyNot


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
            f"{' (the learned policy abstained)' if self['abstained'] else ''}"
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


class PairExplanation(NamedTuple):
    """Why a decision does not send a unit to a call.

    Attributes
    ----------
    reason : WhyNot
        The rule that forbids it, or WORSE.
    assigned_incident_id : int or None
        The call that the unit is sent to.
    objective_loss, least_loss : float
        WORSE: what a decision that sends the unit to the call loses at most and at least, in weighted seconds of
        waiting; the same unless the search was cut short. nan if a rule forbids it.
    travel_seconds : float
        From the unit to the call; nan if it was not searched for.
    solver_status : SolverStatus
        How the search for such a decision ended.
    abstained : bool
        Whether the learned policy left the decision to `minimum_weighted_travel`, whose losses these are.

    Examples
    --------
    >>> from libpatrol import Area, Engine, Session, Snapshot, incidents, units
    >>> from libpatrol.synthetic import cities
    >>> crew, calls = units(2), incidents(1)
    >>> crew["node"], calls["node"] = [0, 15], [14]
    >>> session = Session(Engine(Area.from_arrays(**cities.grid(4, 4))), max_units=2, max_incidents=1)
    >>> why = session.why_not(Snapshot(0, crew, calls), unit_id=0, incident_id=0)
    >>> why.reason.name, why.objective_loss > 0
    ('WORSE', True)
    """

    reason: WhyNot
    assigned_incident_id: int | None
    objective_loss: float
    least_loss: float
    travel_seconds: float
    solver_status: SolverStatus
    abstained: bool = False


def pair_explanation(found: abi.PairExplanation) -> PairExplanation:
    """Return what the library wrote."""
    assigned = found.assigned_incident_id
    return PairExplanation(
        WhyNot(found.reason),
        None if assigned == abi.NO_ID else assigned,
        found.objective_loss,
        found.least_loss,
        found.travel_seconds,
        SolverStatus(found.solver_status),
        bool(found.abstained),
    )

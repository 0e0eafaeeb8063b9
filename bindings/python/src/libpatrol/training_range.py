"""What a policy was trained for, kept in its file's metadata, compared with what it is used for."""

import warnings
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields


class FarFromTraining(UserWarning):
    """A policy is used in a city, with a fleet or at a load that is far from what it was trained for.

    Examples
    --------
    >>> import warnings
    >>> from libpatrol import Policy, Scenario
    >>> from libpatrol.training_range import FarFromTraining
    >>> with warnings.catch_warnings(record=True) as given:
    ...     warnings.simplefilter("always")
    ...     engine = Scenario.load("uniform-light").engine(Policy.bundled("hotspots-heavy"))
    >>> [warning.category.__name__ for warning in given]
    ['FarFromTraining']
    """


@dataclass(frozen=True, kw_only=True)
class Use:
    """What a policy is trained or used for; None if unknown.

    Attributes
    ----------
    units : float or None
        Of the fleet.
    load : float or None
        Offered load per unit, travel included.
    nodes : float or None
        Of the road graph.
    travel_seconds : float or None
        Mean emergency travel time to demand from the nearest of as many posts as units.

    Examples
    --------
    >>> from libpatrol import Policy
    >>> from libpatrol.training_range import Use, far_from_training
    >>> metadata = Policy.bundled("hotspots-heavy").metadata
    >>> far_from_training(metadata, Use(units=5))
    []
    >>> len(far_from_training(metadata, Use(units=40, load=0.2)))
    2
    """

    units: float | None = None
    load: float | None = None
    nodes: float | None = None
    travel_seconds: float | None = None


@dataclass(frozen=True)
class _Limit:
    """How far from the training a number may be: by a factor, or by a difference."""

    sentence: str
    form: str
    factor: float = 1.0
    difference: float = 0.0

    def is_far(self, value: float, least: float, most: float) -> bool:
        return not least / self.factor - self.difference <= value <= most * self.factor + self.difference


_LIMITS = {
    "units": _Limit("{} units instead of {}", ".0f", factor=1.25),
    "load": _Limit("an offered load of {} per unit instead of {}", ".2f", difference=0.2),
    "nodes": _Limit("a road graph of {} nodes instead of {}", ".0f", factor=2.0),
    "travel_seconds": _Limit("{} s from the nearest post to a call instead of {}", ".0f", factor=2.0),
}
"""With 7 units, and so at a load of 0.61, a policy trained with 5 at 0.85 had 1.1 % more weighted wait than heuristics;
with 4 it still had less. The effect of other roads and travel times has not been measured."""


def training_metadata(uses: Iterable[Use]) -> dict[str, str]:
    """Return metadata on what a policy was trained for: each number, or the lowest and highest of several."""
    listed = list(uses)
    wording = {}
    for name, limit in _LIMITS.items():
        values = [value for use in listed if (value := getattr(use, name)) is not None]
        if values and len(values) == len(listed):
            wording[f"trained_{name}"] = " ".join(
                sorted({f"{end:{limit.form}}" for end in (min(values), max(values))}, key=float)
            )
    return wording


def far_from_training(metadata: Mapping[str, str], use: Use) -> list[str]:
    """Return the ways in which a use is far from what a policy was trained for: none if its metadata do not say.

    Parameters
    ----------
    metadata : mapping of str to str
        Of the policy.
    use : Use
        What it is used for.
    """
    found = []
    for name in (field.name for field in fields(Use)):
        value, limit, wording = getattr(use, name), _LIMITS[name], metadata.get(f"trained_{name}", "").split()
        if value is None or not wording:
            continue
        least, most = float(wording[0]), float(wording[-1])
        if limit.is_far(value, least, most):
            found.append(limit.sentence.format(f"{value:{limit.form}}", " to ".join(wording)))
    return found


def warn_where_far(metadata: Mapping[str, str], use: Use, stacklevel: int) -> None:
    """Give a FarFromTraining warning if there is reason to."""
    found = far_from_training(metadata, use)
    if found:
        name = metadata.get("scenario", "")
        which = f" of {name}" if name and "," not in name else ""
        warnings.warn(
            f"the policy{which} is used far from what it was trained for: {', '.join(found)}",
            FarFromTraining,
            stacklevel=stacklevel + 1,
        )

"""What the report calls strategies, measures and times."""

import math
import re
from collections.abc import Collection, Sequence

NOTHING = "\N{EN DASH}"
"""Stands for a number that there is not."""

_PATROLS = {
    "stay": "units stay where they are",
    "random_walk": "patrol at random",
    "demand_walk": "patrol where calls are frequent",
    "fixed_posts": "units wait at fixed posts",
    "compliance_table": "units wait at a list of posts",
    "marginal_coverage": "patrol where cover is missing",
    "backup_coverage": "patrol for cover with backup",
    "dmexclp": "patrol for expected cover",
    "learned": "trained patrol",
}
_DISPATCHES = {
    "closest_fcfs": "closest unit, first come, first served",
    "priority_closest": "closest unit, urgent calls first",
    "own_beat_first": "unit of the call's own beat first",
    "minimum_weighted_travel": "least weighted travel",
    "weighted_index": "weighted by urgency and distance",
    "learned": "trained dispatch",
}
_SENSITIVE = (
    "abuse", "assault family", "child", "domestic", "dv", "juvenile", "mental", "molest", "overdose", "psych", "rape",
    "runaway", "sex", "suicid", "welfare",
)  # fmt: skip


def strategy_words(name: str) -> str:
    """Return what the report calls a strategy, such as "random_walk+closest_fcfs"; names of one's own stay."""
    patrol, plus, dispatch = name.partition("+")
    if not plus or patrol not in _PATROLS or dispatch not in _DISPATCHES:
        return name.replace("policy", "strategy")
    return f"{_DISPATCHES[dispatch]}; {_PATROLS[patrol]}"


def plain(sentence: str) -> str:
    """Return a sentence as the report has it: a capital letter, strategies by their words there, a full stop."""
    told = re.sub(r"\b[a-z_]+\+[a-z_]+\b", lambda pair: f'"{strategy_words(pair[0])}"', sentence)
    told = told.replace("policies", "strategies").replace("policy", "strategy")
    told = re.sub(r"(?<![\w-])-(?=\d)", "\N{MINUS SIGN}", told)
    return told[:1].upper() + told[1:] + ("" if told.endswith((".", "!", "?", ":")) else ".")


def sensitive_categories(names: Sequence[str], chosen: Collection[str] | None = None) -> set[int]:
    """Return the categories that are shown only in sums.

    Parameters
    ----------
    names : sequence of str
        Of all categories.
    chosen : collection of str, optional
        The sensitive ones; None: those whose name says so in English.

    Raises
    ------
    ValueError
        If a chosen name is not among the names.
    """
    if chosen is not None:
        unknown = sorted(set(chosen) - set(names))
        if unknown:
            raise ValueError(f"there is no category {unknown[0]}, expected one of {', '.join(names)}")
        return {k for k, name in enumerate(names) if name in chosen}
    return {k for k, name in enumerate(names) if any(word in name.lower() for word in _SENSITIVE)}


def number(value: float | None, digits: int = 1) -> str:
    """Return a number for a table; a dash where there is none."""
    return NOTHING if value is None or not math.isfinite(value) else f"{value:,.{digits}f}"


def signed(value: float, digits: int = 1) -> str:
    """Return a difference with its sign, a real minus sign included; without one if it rounds to zero."""
    text = f"{value:+,.{digits}f}"
    return text.replace("-", "\N{MINUS SIGN}") if float(text.replace(",", "")) else f"{0:.{digits}f}"

"""Kinds of calls: a category with one priority and one number of units, as the simulator needs them."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from libpatrol.city.facts import Category

MOST_KINDS = 64
_LEAST_CALLS = 20
_LEAST_SHARE = 0.02
_MOST_UNITS = 8


@dataclass(frozen=True, kw_only=True)
class Kind:
    """A category with one priority and one number of units.

    Attributes
    ----------
    name : str
        Distinct; the category's alone if it has one kind.
    category : str
        Of the city.
    priority, units : int
        Of its calls.
    weight : float
        Of a second of waiting.
    """

    name: str
    category: str
    priority: int
    units: int
    weight: float


def kinds_of(calls: pd.DataFrame, categories: list[Category]) -> list[Kind]:
    """Return the kinds into which calls fall, by category, priority and number of units that went.

    Rare combinations (under 20 calls, or 2 % of their category) count as their category's most frequent one.

    Parameters
    ----------
    calls : DataFrame
        ``category`` (index), ``priority``, ``responding``, ``weight``.
    categories : list of Category
        Of the city; each gets one kind at least.
    """
    if len(categories) > MOST_KINDS:
        raise ValueError(f"the city has {len(categories)} categories, expected {MOST_KINDS} at most: join some")
    keyed = calls.assign(units=calls["responding"].clip(1, _MOST_UNITS))
    keys = ["category", "priority", "units"]
    found = keyed.groupby(keys).agg(calls=("weight", "size"), weight=("weight", "mean")).reset_index()
    found["share"] = found["calls"] / found.groupby("category")["calls"].transform("sum")
    found["is_first"] = found.groupby("category")["calls"].rank(method="first", ascending=False) == 1
    frequent = (found["share"] >= _LEAST_SHARE) & (found["calls"] >= _LEAST_CALLS)
    unseen = len(set(range(len(categories))) - set(found["category"]))
    more = found[~found["is_first"] & frequent].nlargest(
        max(0, MOST_KINDS - unseen - int(found["is_first"].sum())), "calls"
    )
    chosen = pd.concat([found[found["is_first"]], more]).sort_values(keys)
    kinds = []
    for index, category in enumerate(categories):
        own = chosen[chosen["category"] == index]
        if not len(own):
            kinds.append(Kind(name=category.name, category=category.name, priority=category.priority,
                              units=min(category.units, _MOST_UNITS), weight=category.weight))  # fmt: skip
        for row in own.itertuples():
            kinds.append(Kind(name=_name(category.name, row, own), category=category.name, priority=int(row.priority),
                              units=int(row.units), weight=float(row.weight)))  # fmt: skip
    return kinds


def _name(category: str, row: object, own: pd.DataFrame) -> str:
    told = []
    if own["priority"].nunique() > 1:
        told.append(f"priority {row.priority}")  # type: ignore[attr-defined]
    if own["units"].nunique() > 1:
        units = row.units  # type: ignore[attr-defined]
        told.append(f"{units} unit{'s' * (units > 1)}")
    return f"{category} ({', '.join(told)})" if told else category


def kind_index(calls: pd.DataFrame, kinds: list[Kind], categories: list[str]) -> NDArray[np.int64]:
    """Return the kind of each call: the nearest of its category, in priority first, then in units: int64 [calls]."""
    table = pd.DataFrame(
        {
            "category": [categories.index(kind.category) for kind in kinds],
            "priority": [kind.priority for kind in kinds],
            "units": [kind.units for kind in kinds],
        }
    )
    keyed = calls[["category", "priority"]].assign(units=calls["responding"].clip(1, _MOST_UNITS))
    seen = keyed.drop_duplicates()
    nearest = {}
    for row in seen.itertuples(index=False):
        own = table[table["category"] == row.category]
        away = 100 * (own["priority"] - row.priority).abs() + (own["units"] - row.units).abs()
        nearest[tuple(row)] = int(away.idxmin())
    return np.array([nearest[key] for key in keyed.itertuples(index=False, name=None)], np.int64).reshape(len(calls))

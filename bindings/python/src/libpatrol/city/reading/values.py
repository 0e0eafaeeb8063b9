"""Values of a log that a mapping explains: rules with patterns, categories, priorities."""

import re
from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from libpatrol._native.abi import PRIORITIES
from libpatrol.city.facts import Category
from libpatrol.city.reading.mapping import CityMapping
from libpatrol.city.reading.mapping_tables import CategoryRule, RowRule
from libpatrol.replay.log_table import LogAccount, counted
from libpatrol.replay.log_values import code_of, read_codes

OTHER = "other"
_WEIGHTS = (4.0, 2.0)
_LEAST_KNOWN = 0.5


def fitting(column: pd.Series, patterns: Sequence[str]) -> NDArray[np.bool_]:
    """Return which cells fit a pattern; ``*`` stands for anything, "" for an empty cell, capitals do not count."""
    number, values = pd.factorize(read_codes(column))
    shapes = [_shape(pattern) for pattern in patterns]
    fits = np.array([any(shape.match(value) for shape in shapes) for value in values] + ["" in patterns], bool)
    return np.asarray(fits[number], bool)


def rows_of(table: pd.DataFrame, rules: Sequence[RowRule]) -> NDArray[np.bool_]:
    """Return the rows that a rule means."""
    rows = np.zeros(len(table), bool)
    for rule in rules:
        rows |= fitting(table[rule.column], rule.values)
    return rows


def unmatched(column: pd.Series, patterns: Sequence[str]) -> list[str]:
    """Return the patterns that no cell fits."""
    values = read_codes(column).unique()
    texts = [str(value) for value in values[~pd.isna(values)]]
    return [
        pattern
        for pattern in patterns
        if not (any(map(_shape(pattern).match, texts)) or (pattern == "" and len(texts) < len(values)))
    ]


def read_priorities(column: pd.Series, account: LogAccount, mapping: CityMapping) -> NDArray[np.int8]:
    """Return priorities, 0 where a cell has none that is known; values that are not known are counted.

    Raises
    ------
    ValueError
        If most values are not known: the mapping is wrong.
    """
    meant = [(_shape(value), priority) for value, priority in mapping.priorities.items()]
    codes = read_codes(column)
    number, values = pd.factorize(codes)
    meanings = [next((priority for shape, priority in meant if shape.match(value)), _whole(value)) for value in values]
    priorities = np.asarray(np.array([*meanings, 0], np.int8)[number])
    unknown = codes.notna().to_numpy() & (priorities == 0)
    if unknown.sum() > _LEAST_KNOWN * codes.notna().sum():
        row = int(np.flatnonzero(unknown)[0])
        raise ValueError(
            f"{account.where}: the priority {column.iloc[row]} is not known "
            f"({counted(int(unknown.sum()), account.row(row))}): "
            f"say in {mapping.where}, [priorities], which of 1 to {PRIORITIES} it is"
        )
    for value in pd.unique(codes[unknown])[:5]:
        account.remark(unknown & (codes == value).to_numpy(), f"priority {value} is not known, the category's instead")
    return priorities


def read_categories(
    calls: pd.DataFrame, account: LogAccount, mapping: CityMapping
) -> tuple[NDArray[np.intp], list[Category]]:
    """Return the category of each call, and the categories.

    Parameters
    ----------
    calls : DataFrame
        ``kind``, the log's value, None for none; ``priority``, 0 for none; ``row`` of the log, from 0.
    account : LogAccount
        Of the log's rows.
    mapping : CityMapping
        Its rules.
    """
    rules = list(mapping.categories) or [CategoryRule(name=OTHER)]
    found = np.full(len(calls), -1, np.intp)
    for k, rule in enumerate(rules):
        if rule.values:
            found[fitting(calls["kind"], rule.values) & (found < 0)] = k
    rest = next((k for k, rule in enumerate(rules) if not rule.values), None)
    if rest is None and (found < 0).any():
        account.remark(
            account.mask(calls["row"].to_numpy()[found < 0]),
            f"category in no list of {mapping.where}, counted as {OTHER}",
        )
        names = [code_of(rule.name) for rule in rules]
        other = code_of(OTHER)
        rules += [] if other in names else [CategoryRule(name=OTHER)]
        rest = names.index(other) if other in names else len(names)
    found[found < 0] = -1 if rest is None else rest
    for k, rule in enumerate(rules):
        if not (found == k).any():
            account.remarks.append(f"no call is of the category {rule.name}")
    priorities = calls["priority"].to_numpy()
    return found, [_category(rule, priorities[(found == k) & (priorities > 0)]) for k, rule in enumerate(rules)]


def _category(rule: CategoryRule, priorities: NDArray[np.int8]) -> Category:
    usual = int(np.bincount(priorities).argmax()) if len(priorities) else 2
    priority = rule.priority or usual
    by_priority = _WEIGHTS[priority - 1] if priority <= len(_WEIGHTS) else 1.0
    return Category(name=rule.name, priority=priority, units=rule.units, weight=rule.weight or by_priority)


def _whole(value: str) -> int:
    number = int(value) if value.isascii() and value.isdigit() and len(value) < 4 else 0
    return number if number <= PRIORITIES else 0


def _shape(pattern: str) -> re.Pattern[str]:
    """Return what a pattern means; unlike in file names, brackets are just letters: logs are full of them."""
    escaped = re.escape(" ".join(pattern.upper().split()))
    return re.compile(escaped.replace(r"\*", ".*").replace(r"\?", ".") + r"\Z", re.DOTALL)

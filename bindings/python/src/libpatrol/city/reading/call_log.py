"""A department's log as calls, responses and other work, before anything has a place on the streets."""

from collections.abc import Iterable
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from libpatrol.city.facts import Category
from libpatrol.city.reading.call_times import TIMES, parts_of, read_call_times
from libpatrol.city.reading.mapping import CityMapping
from libpatrol.city.reading.values import read_categories, read_priorities, rows_of, unmatched
from libpatrol.replay.log_table import Log, LogAccount
from libpatrol.replay.log_times import far_from_the_others
from libpatrol.replay.log_values import read_names, read_numbers

_MOST_REPEATED = 0.2
_MOST_UNITS = 127
_SHOWN = 5  # values of a column in a sentence
_PASTED_TWICE = 0.25  # share of the rows that repeat another one


@dataclass(frozen=True, kw_only=True)
class CallLog:
    """What a log says.

    Attributes
    ----------
    calls : DataFrame
        A row for each call, ascending by ``received``: ``call_id``, the four times, ``category`` (index), ``priority``,
        ``units``, ``responding`` (NA unknown), ``beat`` (name, None unknown), ``node`` (NaN unknown), ``place_x``,
        ``place_y`` (as the log has them, NaN unknown), ``row`` (of the log, from 0).
    responses : DataFrame
        ``call_id``, ``unit``, ``dispatched``, ``arrived``, ``cleared``: a row for each unit and call.
    other_work : DataFrame
        Like calls, with ``unit`` and ``kind``.
    categories : list of Category
        Of the calls.
    account : LogAccount
        Of the log's rows.
    """

    calls: pd.DataFrame
    responses: pd.DataFrame
    other_work: pd.DataFrame
    categories: list[Category]
    account: LogAccount


def read_call_log(log: Log, mapping: CityMapping, zone: ZoneInfo, units: Iterable[str] = ()) -> CallLog:
    """Return what a log says under a mapping.

    Parameters
    ----------
    log : Log
        The log.
    mapping : CityMapping
        Its meaning.
    zone : ZoneInfo
        Of times without an offset.
    units : iterable of str
        Names of units, as the roster spells them.

    Raises
    ------
    ValueError
        If the log lacks a column of the mapping, or its values do not fit; the sentence names file, column and row.
    """
    account, columns = log.account, mapping.calls.columns()
    table = _needed(log, mapping)
    if "received" not in columns:
        raise ValueError(
            f"{mapping.where} does not say which column of {account.where} is the time a call was received, expected "
            f"calls.received to be one of {', '.join(map(str, log.table))}"
        )
    account.leave_out(rows_of(table, mapping.left_out), "what the mapping leaves out")
    rows = _rows(table, columns, mapping, account, zone)
    rows["unit"] = read_names(table[columns["unit"]], units) if "unit" in columns else None
    rows["is_other"] = rows_of(table, mapping.other_work)
    account.leave_out(rows["received"].isna(), f"{columns['received']} empty or no time")
    account.leave_out(
        far_from_the_others(rows["received"].dt.tz_localize(None).where(account.stays)),
        "received far from the other times",
    )
    account.require_rows()
    calls = rows[account.stays & ~rows["is_other"]]
    other_work = rows[account.stays & rows["is_other"]]
    _tell_other_work(rows["is_other"], table, mapping, account)
    _tell_unmatched(table, mapping, account)
    if mapping.calls.row == "call":
        calls = calls[~_repeated(calls, account)]
    elif calls["call_id"].isna().any():
        account.leave_out(rows["call_id"].isna() & ~rows["is_other"], f"{columns['id']} empty")
        calls = calls[calls["call_id"].notna()]
    if not len(calls):
        raise ValueError(f"{account.where} has no calls, only other work: correct [[other_work]] in {mapping.where}")
    responses = _responses(calls, account)
    calls = _grouped(calls) if mapping.calls.row == "unit" else calls
    category, categories = read_categories(calls, account, mapping)
    own = np.array([entry.priority for entry in categories])[category]
    calls = calls.assign(
        category=category,
        priority=np.where(calls["priority"] > 0, calls["priority"], own).astype(np.int8),
        units=calls["units"].fillna(pd.Series(np.array([entry.units for entry in categories])[category], calls.index)),
    )
    order = np.argsort(calls["received"].to_numpy(), kind="stable")
    return CallLog(
        calls=calls.iloc[order].reset_index(drop=True),
        responses=responses.reset_index(drop=True),
        other_work=other_work.sort_values("received", kind="stable", ignore_index=True),
        categories=categories,
        account=account,
    )


def _tell_other_work(is_other: pd.Series, table: pd.DataFrame, mapping: CityMapping, account: LogAccount) -> None:
    """Remark on the rows that are other work, and on what most of them are."""
    work = account.stays & is_other.to_numpy(bool)
    if work.any():
        column = mapping.other_work[0].column
        most = table[column][work].value_counts()
        shown = ", ".join(f"{name} ({count:,})" for name, count in most.iloc[:_SHOWN].items())
        more = ", ..." if len(most) > _SHOWN else ""
        account.remarks.append(f"{int(work.sum()):,} rows are other work, not calls: {shown}{more}")


def _tell_unmatched(table: pd.DataFrame, mapping: CityMapping, account: LogAccount) -> None:
    """Remark on values of the mapping that no row of the log has."""
    rules = [(rule.column, rule.values) for rule in (*mapping.other_work, *mapping.left_out)]
    if mapping.calls.category is not None:
        rules += [(mapping.calls.category, rule.values) for rule in mapping.categories]
    missing: dict[str, list[str]] = {}
    for column, values in rules:
        missing.setdefault(column, []).extend(unmatched(table[column], values))
    for column, values in missing.items():
        if values:
            more = f" and {len(values) - _SHOWN:,} more" if len(values) > _SHOWN else ""
            account.remarks.append(
                f"no row has {', '.join(values[:_SHOWN])}{more} in the column {column}, as {mapping.where} expects"
            )


def _needed(log: Log, mapping: CityMapping) -> pd.DataFrame:
    """Return the columns that the mapping names."""
    named = [part for column in mapping.calls.columns().values() for part in parts_of(column)]
    named += [rule.column for rule in (*mapping.other_work, *mapping.left_out)]
    missing = [name for name in dict.fromkeys(named) if name not in log.table]
    if missing:
        raise ValueError(
            f"{log.account.where} has no column {', '.join(missing)}, which {mapping.where} names; it has "
            f"{', '.join(map(str, log.table))}: correct the mapping, or draft it anew with --draft"
        )
    return log.columns(dict.fromkeys(named))


def _rows(
    table: pd.DataFrame, columns: dict[str, str], mapping: CityMapping, account: LogAccount, zone: ZoneInfo
) -> pd.DataFrame:
    """Return all rows of the log, understood."""
    rows = read_call_times(table, columns, account, zone, mapping.calls.day_first, mapping.calls.time_format)
    count = len(table)
    if "id" in columns:
        rows["call_id"] = read_names(table[columns["id"]])
    else:
        rows["call_id"] = None
    if mapping.calls.row == "call" and rows["call_id"].isna().any():
        numbered = pd.Series([f"row {number}" for number in range(1, count + 1)], table.index, dtype=object)
        rows["call_id"] = rows["call_id"].where(rows["call_id"].notna(), numbered)
    rows["priority"] = (
        read_priorities(table[columns["priority"]], account, mapping)
        if "priority" in columns
        else np.zeros(count, np.int8)
    )
    for name, thing in (("kind", "category"), ("beat", "beat")):
        rows[name] = read_names(table[columns[thing]]) if thing in columns else None
    for name in ("units", "responding"):
        rows[name] = _count(table, columns, name, account)
    rows["node"] = read_numbers(table[columns["node"]]) if "node" in columns else np.nan
    rows["place_x"], rows["place_y"] = _places(table, mapping)
    _check_places(rows, table, columns, mapping, account)
    rows["row"] = np.arange(count)
    return rows


def _count(table: pd.DataFrame, columns: dict[str, str], name: str, account: LogAccount) -> pd.Series:
    if name not in columns:
        return pd.Series(pd.NA, table.index, dtype="Int64")
    numbers = read_numbers(table[columns[name]])
    good = numbers.between(0 if name == "responding" else 1, _MOST_UNITS) & (numbers % 1 == 0)
    account.remark(table[columns[name]].notna() & ~good, f"{columns[name]} holds no number of units, read as none")
    return numbers.where(good).astype("Int64")


def _places(table: pd.DataFrame, mapping: CityMapping) -> tuple[pd.Series, pd.Series]:
    columns = mapping.calls
    if columns.x is not None:
        return read_numbers(table[columns.x]), read_numbers(table[columns.y])
    if columns.point is None:
        return pd.Series(np.nan, table.index), pd.Series(np.nan, table.index)
    cells = table[columns.point].astype("string")
    numbers = cells.str.extract(r"(-?\d+(?:\.\d+)?)[ ,]+(-?\d+(?:\.\d+)?)").astype(float)
    is_wkt = cells.str.contains("POINT", case=False, regex=False).fillna(False).to_numpy(bool)
    return numbers[0].where(is_wkt, numbers[1]), numbers[1].where(is_wkt, numbers[0])


def _check_places(
    rows: pd.DataFrame, table: pd.DataFrame, columns: dict[str, str], mapping: CityMapping, account: LogAccount
) -> None:
    """Refuse columns of places that hold none, where nothing else says where calls are."""
    if "beat" in columns or "node" in columns:
        return
    for thing, found in (("x", "place_x"), ("y", "place_y"), ("point", "place_x")):
        cells = table[columns[thing]] if thing in columns else pd.Series(dtype=object)
        if cells.notna().any() and not rows[found].notna().any():
            row = int(np.flatnonzero(cells.notna())[0])
            raise ValueError(
                f"{account.where}, {account.row(row)}: {columns[thing]} is {cells.iloc[row]}, expected a "
                f"{'point' if thing == 'point' else 'number'}, as in all rows: correct calls.{thing} in {mapping.where}"
            )


def _repeated(calls: pd.DataFrame, account: LogAccount) -> NDArray[np.bool_]:
    """Return which rows have the id of an earlier row; a log with many of them has a row for each unit."""
    again = calls["call_id"].duplicated() & calls["call_id"].notna()
    if again.sum() > _MOST_REPEATED * len(calls):
        first = calls.loc[again.idxmax()]
        raise ValueError(
            f"{account.where} has the call {first['call_id']} again in {account.row(first['row'])}, and "
            f"{again.mean():.0%} "
            'of the rows are such: if a row is a unit at a call, set calls.row = "unit", else name another column as '
            "calls.id"
        )
    account.leave_out(account.mask(calls["row"].to_numpy()[again]), "a call_id that an earlier row has")
    return np.asarray(again, bool)


def _responses(calls: pd.DataFrame, account: LogAccount) -> pd.DataFrame:
    known = calls[calls["unit"].notna()]
    times = [name for name in TIMES if name != "received"]
    responses = known.groupby(["call_id", "unit"], sort=False)[times]
    once = responses.agg({"dispatched": "min", "arrived": "min", "cleared": "max"}).reset_index()
    if len(once) < len(known):
        again = len(known) - len(once)
        doubt = ": was a file, or a part of it, pasted in twice?" if again > _PASTED_TWICE * len(known) else ""
        account.remarks.append(f"{again:,} rows repeat a unit at a call, read as one response{doubt}")
    return once


def _grouped(rows: pd.DataFrame) -> pd.DataFrame:
    """Return one row a call: first times but the last clearance, and what its first row says of the rest."""
    rows = rows.sort_values(["received", "row"], kind="stable")
    grouped = rows.groupby("call_id", sort=False)
    calls = grouped.first()
    for name in ("dispatched", "arrived"):
        calls[name] = grouped[name].min()
    calls["cleared"] = grouped["cleared"].max()
    calls["responding"] = grouped["unit"].nunique().astype("Int64")
    return calls.reset_index()

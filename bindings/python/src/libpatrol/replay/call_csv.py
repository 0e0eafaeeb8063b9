"""A log of calls in a general format: a CSV file or a DataFrame."""

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from libpatrol._native.abi import PRIORITIES
from libpatrol.area import Area
from libpatrol.enums import CoordinateSystem
from libpatrol.replay.call_mapping import READ, CallMapping
from libpatrol.replay.log_table import Log, LogAccount, counted, log_of, read_log
from libpatrol.replay.log_times import UNIX_SECONDS, are_dates, far_from_the_others, read_times, unix_times
from libpatrol.replay.log_values import are_placeholders, read_codes, read_numbers, read_places
from libpatrol.scenario.arrays import logged_calls

_LONGEST_SERVICE = 1e9
_NO_CATEGORY = -1


class LoggedCalls(NamedTuple):
    """Calls, LOGGED_CALL_DTYPE [calls], ascending by time, and what was left out of their log."""

    calls: NDArray[np.void]
    account: LogAccount


def read_calls(
    path: str | os.PathLike[str], area: Area, category_names: Sequence[str], mapping: CallMapping | None = None
) -> LoggedCalls:
    """Read calls from a CSV file.

    Parameters
    ----------
    path : path-like
        With the columns `time` (dates and times, Unix times, or seconds since a Monday 00:00), `node` or `x` and `y`
        in the area's coordinates, `category` (name or number), and optionally `priority` (1 to 8) and
        `service_seconds`, empty where not known. Other columns are ignored, and named in the account.
    area : Area
        Where the calls are.
    category_names : sequence of str
        Of the area.
    mapping : CallMapping, optional
        For logs with other names and values.

    Raises
    ------
    ValueError
        If a column is ambiguous or cannot be read; the sentence names file, column and row.
    """
    return _calls(read_log(path), area, category_names, mapping or CallMapping())


def calls_of(
    table: pd.DataFrame,
    area: Area,
    category_names: Sequence[str],
    mapping: CallMapping | None = None,
    *,
    where: str = "the log",
) -> LoggedCalls:
    """Return the calls of a DataFrame, as `read_calls` does; `where` is its name in errors."""
    return _calls(log_of(table, where), area, category_names, mapping or CallMapping())


def _calls(log: Log, area: Area, category_names: Sequence[str], mapping: CallMapping) -> LoggedCalls:
    account = log.account
    columns = {name: mapping.columns.get(name, name) for name in READ}
    placed = ("node",) if columns["node"] in log.table else ("x", "y")
    needed = [columns[name] for name in ("time", *placed, "category")]
    missing = [name for name in needed if name not in log.table]
    if missing:
        raise ValueError(
            f"{account.where} lacks {', '.join(missing)}, it has {', '.join(map(str, log.table))}; a log has "
            f"{', '.join(READ)}, and either node or x and y, or a mapping that names its columns"
        )
    rows = log.columns(needed, [columns["priority"], columns["service_seconds"]])
    ignored = [str(name) or "one without a name" for name in log.table if name not in rows]
    if ignored:
        account.remarks.append(f"columns that are not read: {', '.join(ignored)}")
    cells = {name: rows[column] for name, column in columns.items() if column in rows}
    here = {name: f"{account.where}: {column}" for name, column in columns.items()}

    seconds = _seconds(cells["time"], here["time"], account, mapping)
    nodes = (
        _nodes(cells["node"], here["node"], account, area)
        if "node" in cells
        else _nearest(cells["x"], cells["y"], account, area, mapping.maximum_snap_metres)
    )
    categories = _categories(cells["category"], here["category"], account, category_names, mapping)
    order = np.flatnonzero(account.stays)
    account.require_rows()
    order = order[np.argsort(seconds[order], kind="stable")]
    calls = logged_calls(len(order))
    calls["time_seconds"] = seconds[order]
    calls["node"] = nodes[order]
    calls["category"] = categories[order]
    if "priority" in cells:
        calls["priority"] = _priorities(cells["priority"], here["priority"], account, mapping)[order]
    if "service_seconds" in cells:
        calls["service_seconds"] = _service(cells["service_seconds"], here["service_seconds"], account)[order]
    return LoggedCalls(calls, account)


def _seconds(column: pd.Series, where: str, account: LogAccount, mapping: CallMapping) -> NDArray[np.float64]:
    """Return seconds since a Monday 00:00; with dates, since the Monday before the first call."""
    account.leave_out(column.isna(), f"{column.name} empty")
    unix = unix_times(column)
    numbers = read_numbers(column)
    if unix is None and numbers.notna().sum() > column.notna().sum() / 2 and not are_dates(column):
        _refuse_serial_days(numbers, where)
        account.leave_out(~numbers.between(0, UNIX_SECONDS[0]), f"{column.name} no number of seconds")
        return np.asarray(numbers, np.float64)
    column = column if unix is None else unix
    times = read_times(column, where, day_first=mapping.day_first, time_zone=mapping.time_zone, row=account.row)
    account.leave_out(times.isna(), f"{column.name} no time")
    account.leave_out(far_from_the_others(times), f"{column.name} far from the other times")
    account.require_rows()
    first = times[account.stays].min()
    monday = first.normalize() - pd.Timedelta(days=first.weekday())
    return np.asarray((times - monday).dt.total_seconds())


def _refuse_serial_days(numbers: pd.Series, where: str) -> None:
    """Refuse days since 1900, as spreadsheets count them: all in this century, and finer than a millisecond."""
    fine = numbers[(numbers * 1000) % 1 != 0].dropna()
    if len(fine) and numbers.dropna().between(36_526, 73_050).all():
        raise ValueError(
            f"{where} holds {fine.iloc[0]}, which may be a day as spreadsheets count them, expected a time"
        )


def _nodes(column: pd.Series, where: str, account: LogAccount, area: Area) -> NDArray[np.int64]:
    account.leave_out(column.isna(), f"{column.name} empty")
    last = area.info.node_count - 1
    nodes = read_numbers(column)
    wrong = np.flatnonzero(column.notna() & ~((nodes == np.floor(nodes)) & nodes.between(0, last)))
    if len(wrong):
        raise ValueError(
            f"{where}: the node {column.iloc[wrong[0]]} is not in the area ({account.row(wrong[0])}), "
            f"expected a whole number from 0 to {last}"
        )
    return np.asarray(nodes.fillna(0), np.int64)


def _nearest(x: pd.Series, y: pd.Series, account: LogAccount, area: Area, most: float) -> NDArray[np.uint32]:
    """Return the node nearest to each place; places far from all nodes are left out."""
    places = read_places(account, x, y)
    names = f"{x.name}, {y.name}"
    if area.info.coordinate_system is CoordinateSystem.GEOGRAPHIC:
        account.leave_out((np.abs(places) > [180, 90]).any(1), f"{names} not on the earth")
    known = np.flatnonzero(account.stays)
    nodes = np.zeros(len(places), np.uint32)
    metres = np.zeros(len(places))
    nodes[known], metres[known] = area.nearest_nodes(places[known])
    account.leave_out(are_placeholders(places) & (metres > 0), f"{names} 0, 0 or -1, -1")
    far = account.stays & ~(metres <= most)
    if far.any():
        account.leave_out(far, f"more than {most:g} m from the nearest node, up to {metres[far].max() / 1000:,.1f} km")
    return nodes


def _categories(
    column: pd.Series, where: str, account: LogAccount, names: Sequence[str], mapping: CallMapping
) -> NDArray[np.int64]:
    """Return the category of each call, after leaving out those to which the mapping gives none."""
    account.leave_out(column.isna(), f"{column.name} empty")
    known = dict(zip(_codes(names), range(len(names)), strict=True))
    expected = f"one of {', '.join(names)}, or its number"

    def target(name: str) -> int:
        code = _codes([name])[0]
        number = known.get(code, _whole(code, 0, len(names) - 1)) if code else _NO_CATEGORY
        if number is None:
            raise ValueError(f"the mapping has the category {name}, expected {expected}")
        return number

    meant = dict(zip(_codes(mapping.categories), map(target, mapping.categories.values()), strict=True))
    other = None if mapping.other_category is None else target(mapping.other_category)
    found = _translated(
        column,
        f"{where}: the category",
        account,
        known | meant,
        lambda code: _whole(code, 0, len(names) - 1) if other is None else other,
        f"{expected}, or a mapping that says what such values mean",
    )
    account.leave_out(found == _NO_CATEGORY, f"{column.name} that the mapping leaves out")
    return found


def _priorities(column: pd.Series, where: str, account: LogAccount, mapping: CallMapping) -> NDArray[np.int64]:
    """Return the priority of each call; 0, the category's, if the log has none."""
    return _translated(
        column,
        f"{where}: the priority",
        account,
        dict(zip(_codes(mapping.priorities), mapping.priorities.values(), strict=True)),
        lambda code: _whole(code, 1, PRIORITIES),
        f"a whole number from 1 to {PRIORITIES}, or a mapping that says what such values mean",
    )


def _translated(
    column: pd.Series,
    what: str,
    account: LogAccount,
    meanings: Mapping[str, int],
    otherwise: Callable[[str], int | None],
    expected: str,
) -> NDArray[np.int64]:
    """Return the meaning of the codes in the rows that stay, 0 for empty cells; unknown codes are refused."""
    codes = read_codes(column).where(account.stays, None)
    numbers = {code: meanings.get(code, otherwise(code)) for code in codes.dropna().unique()}
    unknown = [code for code, number in numbers.items() if number is None]
    if unknown:
        rows = np.flatnonzero(codes == unknown[0])
        others = f", nor are {len(unknown) - 1} other values" if len(unknown) > 1 else ""
        where = counted(len(rows), account.row(rows[0]))
        raise ValueError(f"{what} {column.iloc[rows[0]]} is not known ({where}){others}; expected {expected}")
    return np.asarray(codes.map(numbers).fillna(0), np.int64)


def _service(column: pd.Series, where: str, account: LogAccount) -> NDArray[np.float64]:
    """Return times on scene, NaN if the log has none."""
    seconds = read_numbers(column)
    seconds = seconds.where(seconds.between(0, _LONGEST_SERVICE))
    unread = column.notna() & seconds.isna()
    if unread.any() and seconds.isna().all():
        raise ValueError(f"{where} holds {column[unread].iloc[0]}, expected numbers of seconds")
    account.remark(unread, f"{column.name} no number of seconds, drawn instead")
    return np.asarray(seconds, np.float64)


def _codes(names: Iterable[str]) -> list[str]:
    return list(read_codes(pd.Series(list(names), dtype=object)))


def _whole(code: str, first: int, last: int) -> int | None:
    try:
        number = float(code)
    except ValueError:
        return None
    return int(number) if number.is_integer() and first <= number <= last else None

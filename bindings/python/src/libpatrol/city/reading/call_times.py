"""The four times of a call: read, put in order, and what does not fit."""

import itertools
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from libpatrol.replay.log_table import LogAccount
from libpatrol.replay.log_times import Instants, read_instants

TIMES = ("received", "dispatched", "arrived", "cleared")
_LONGEST = pd.Timedelta(days=1)  # from one time to the next
_HOUR = pd.Timedelta(hours=1)
_OTHERWISE = ", or a time_format in the mapping that says how these are written, such as %d.%b.%y at %Hh%M"


def joined(table: pd.DataFrame, column: str) -> pd.Series:
    """Return a column, or two that "DATE + TIME" puts together; a time without a date is none."""
    names = parts_of(column)
    if len(names) == 1:
        return table[column]
    first, second = table[names[0]], table[names[1]]
    # Exports of databases write a date as the midnight with which it begins.
    date = first.astype("string").str.replace(r"[T ]0?0:00(:00(\.0+)?)?$|[T ]12:00:00 AM$", "", regex=True)
    return (date + " " + second.astype("string")).where(first.notna() & second.notna(), None).rename(column)


def parts_of(column: str) -> list[str]:
    """Return the names of the columns that "DATE + TIME" puts together."""
    return column.split(" + ", 1)


def read_call_times(
    table: pd.DataFrame,
    columns: dict[str, str],
    account: LogAccount,
    zone: ZoneInfo,
    day_first: bool | None,
    time_format: str | None = None,
) -> pd.DataFrame:
    """Return the four times of each row, as instants; those that do not fit are none and are counted.

    A time that comes before the one before it, or more than a day after it, is wrong: which of them is wrong cannot be
    known, and the later one is dropped.
    """
    read: dict[str, Instants] = {}
    for name in TIMES:
        if name in columns:
            column = joined(table, columns[name])
            if column.notna().any():
                read[name] = read_instants(
                    column,
                    f"{account.where}: {columns[name]}",
                    zone,
                    day_first=day_first,
                    form=time_format,
                    row=account.row,
                    otherwise=_OTHERWISE,
                )
                unread = (column.notna() & read[name].times.isna()).to_numpy()
                account.remark(unread, f"{columns[name]} holds something else than a time, read as none")
    none = pd.Series(pd.NaT, table.index, dtype="datetime64[us, UTC]")
    times = pd.DataFrame({name: read[name].times if name in read else none for name in TIMES})
    last = times["received"].copy()
    for before, name in itertools.pairwise(TIMES):
        if name in read:
            times[name] = _in_order(times[name], last, read[name].twice, f"{name} ", before, account)
            last = times[name].fillna(last)
    return times


def _in_order(
    times: pd.Series, last: pd.Series, twice: NDArray[np.bool_], name: str, before: str, account: LogAccount
) -> pd.Series:
    times = times.where(~((times < last) & twice), times + _HOUR)  # the second showing of the hour is meant
    early, late = (times < last).to_numpy(), (times > last + _LONGEST).to_numpy()
    doubt = " (most are: does the mapping swap the two?)" if early.sum() > 0.5 * times.notna().sum() else ""
    account.remark(early, f"{name}before {before}, dropped{doubt}")
    account.remark(late, f"{name}more than a day after {before}, dropped")
    return times.mask(early | late)

"""Times of a log, in the usual spellings, as local wall-clock time."""

from collections.abc import Callable
from typing import NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from libpatrol.replay.log_values import read_codes, read_numbers
from libpatrol.replay.time_texts import time_parts

UNIX_SECONDS = (1e9, 1e11)  # of this century; no log lasts thirty years
_INSTANT = "datetime64[us, UTC]"
_SAMPLE = 1000  # cells that show that none is a number
_LONGEST_GAP = np.timedelta64(366, "D")
_WIDEST_OFFSETS = 7200.0  # seconds between the offsets of one clock in summer and winter, at most


def _numbered(place: int) -> str:
    return f"row {place + 1}"


def read_times(
    column: pd.Series,
    where: str,
    *,
    day_first: bool | None = None,
    time_zone: str | None = None,
    needs_clock: bool = True,
    row: Callable[[int], str] = _numbered,
) -> pd.Series:
    """Return times as datetime64 [us] of the local wall clock; NaT if a cell is empty or not a time.

    Parameters
    ----------
    column : Series
        Text, or times already.
    where : str
        File and column, for errors.
    day_first : bool, optional
        Whether 1/4/2021 is in April. Needed if no day in the column is above 12.
    time_zone : str, optional
        Such as America/Chicago: where the wall clock hangs. Needed for times in UTC; without it, a time with an
        offset is what its own clock showed.
    needs_clock : bool
        Refuse a column of dates without times of day.
    row : callable
        Names a row, from 0, in errors.

    Raises
    ------
    ValueError
        If the column is ambiguous, or no cell in it is a time.
    """
    zone = None if time_zone is None else zone_of(time_zone)
    if pd.api.types.is_datetime64_any_dtype(column):
        times = column if column.dt.tz is None else _on_the_wall(column, where, zone)
        return times.astype("datetime64[us]")
    written, parts = _written(column, where, day_first, needs_clock, row)
    with_offset = parts["offset"].notna() & written.notna()
    if zone is not None and with_offset.any():
        utc = written - _offsets(parts)
        local = utc.dt.tz_localize("UTC").dt.tz_convert(zone).dt.tz_localize(None)
        return written.where(~with_offset.to_numpy(), local.astype("datetime64[us]"))
    if with_offset.any():
        _require_one_clock(parts[with_offset], where)
    return written


class Instants(NamedTuple):
    """Instants, datetime64 [us, UTC], NaT for none; and which could also be an hour later, as clocks went back."""

    times: pd.Series
    twice: NDArray[np.bool_]


def read_instants(
    column: pd.Series,
    where: str,
    zone: ZoneInfo,
    *,
    day_first: bool | None = None,
    form: str | None = None,
    row: Callable[[int], str] = _numbered,
    otherwise: str = "",
) -> Instants:
    """Return the instants of a column: texts, times, or Unix seconds or milliseconds.

    Times without an offset are of the wall clock in `zone`. Where it showed them twice, the first is meant; where it
    skipped them, the moment of the skip. `form` is that of texts in an unusual spelling, as `strptime` has it.
    `row` names a row, from 0, in errors; `otherwise` is what else can be done about texts that are no times. The
    other parameters and errors are those of `read_times`.
    """
    column = column if form is None else _of_form(column, where, form, row)
    unix = unix_times(column)
    column = column if unix is None else unix
    if pd.api.types.is_datetime64_any_dtype(column):
        if column.dt.tz is not None:
            return Instants(column.dt.tz_convert("UTC").astype(_INSTANT), np.zeros(len(column), bool))
        local, offsets, known = column, pd.Timedelta(0), np.zeros(len(column), bool)
    else:
        local, parts = _written(column, where, day_first, needs_clock=True, row=row, otherwise=otherwise)
        offsets, known = _offsets(parts), parts["offset"].notna().to_numpy()
    first, second = (
        local.dt.tz_localize(zone, ambiguous=np.full(len(local), summer), nonexistent="shift_forward")
        .dt.tz_convert("UTC")
        .astype(_INSTANT)
        for summer in (True, False)
    )
    exact = (local - offsets).dt.tz_localize("UTC").astype(_INSTANT)
    return Instants(first.where(~known, exact), (second > first).to_numpy() & ~known)


def _of_form(column: pd.Series, where: str, form: str, row: Callable[[int], str]) -> pd.Series:
    """Return texts as times, NaT where they are of another form; times stay as they are."""
    if pd.api.types.is_datetime64_any_dtype(column):
        return column
    try:
        times = pd.to_datetime(column, format=form, errors="coerce")
    except ValueError as reason:
        raise ValueError(f"{where}: {form!r} is no form of times: {reason}") from reason
    if column.notna().any() and times.isna().all():
        raise ValueError(f"{where} holds {_example(column, column.notna(), row)}, expected times of the form {form}")
    return times


def unix_times(column: pd.Series) -> pd.Series | None:
    """Return times in UTC if most cells are Unix seconds or milliseconds of this century; else None."""
    if not read_numbers(column.dropna().head(_SAMPLE)).notna().any():
        return None
    numbers = read_numbers(column)
    if not numbers.notna().sum() > column.notna().sum() / 2 or not numbers.median() >= UNIX_SECONDS[0]:
        return None
    if are_dates(column):
        return None
    unix = numbers / 1000 if numbers.median() > UNIX_SECONDS[1] else numbers
    microseconds = (unix.where(unix.between(*UNIX_SECONDS)) * 1e6).round()
    return pd.to_datetime(microseconds, unit="us", utc=True).rename(column.name)


def are_dates(column: pd.Series) -> bool:
    """Return whether numbers are dates such as 20210401, alone or with a clock such as 202104011730."""
    texts = read_codes(column).dropna()
    return bool(texts.str.fullmatch(r"(19|20)\d\d(0[1-9]|1[0-2])([0-2]\d|3[01])(\d{4}|\d{6})?").all())


def far_from_the_others(times: pd.Series) -> NDArray[np.bool_]:
    """Return which times mean that there is none, such as 1900-01-01.

    These are times before 1970 or after 2100, and 1 in 100 times at most more than a year from all the others.
    """
    far: NDArray[np.bool_] = ((times.dt.year < 1970) | (times.dt.year > 2100)).to_numpy(copy=True)
    times = times.mask(far)
    order = np.argsort(times.to_numpy(), kind="stable")[: times.notna().sum()]
    if len(order):
        group = np.concatenate([[0], np.cumsum(np.diff(times.to_numpy()[order]) > _LONGEST_GAP)])
        others = group != np.bincount(group).argmax()
        if others.mean() <= 0.01:
            far[order[others]] = True
    return far


def _written(
    column: pd.Series,
    where: str,
    day_first: bool | None,
    needs_clock: bool,
    row: Callable[[int], str] = _numbered,
    otherwise: str = "",
) -> tuple[pd.Series, pd.DataFrame]:
    """Return times as they are written, whatever their offset, and their parts."""
    parts = time_parts(column)
    wording = parts["year"].notna()
    if needs_clock and wording.any() and parts["clock"].isna().all():
        raise ValueError(f"{where} holds dates without times of day, such as {_example(column, wording, row)}")
    month, day = _month_and_day(parts, column, where, day_first, row)
    clock = parts["clock"] if needs_clock else parts["clock"].fillna(0)
    written = pd.Series(_instants(parts["year"], month, day, clock), column.index)
    if column.notna().any() and written.isna().all():
        example = _example(column, column.notna(), row)
        raise ValueError(f"{where} holds {example}, expected dates and times such as 2021-04-01 17:30:00{otherwise}")
    return written, parts


def _offsets(parts: pd.DataFrame) -> NDArray[np.timedelta64]:
    return np.asarray(pd.to_timedelta(parts["offset"].fillna(0).to_numpy(), unit="s").astype("timedelta64[us]"))


def _month_and_day(
    parts: pd.DataFrame, column: pd.Series, where: str, day_first: bool | None, row: Callable[[int], str]
) -> tuple[pd.Series, pd.Series]:
    first, second = parts["first"], parts["second"]
    open_order = ~parts["known"]
    if day_first is None and (open_order & (first != second)).any():
        days, months = open_order & (first > 12), open_order & (second > 12)
        if days.any() == months.any():
            wording = (
                f"{_example(column, days, row)} and {_example(column, months, row)}"
                if days.any()
                else f"{_example(column, open_order, row)}, which can be day or month first"
            )
            raise ValueError(f"{where} holds {wording}: state day_first, true or false")
        day_first = bool(days.any())
    swapped = open_order & bool(day_first)
    return first.where(~swapped, second), second.where(~swapped, first)


def _instants(year: pd.Series, month: pd.Series, day: pd.Series, clock: pd.Series) -> NDArray[np.datetime64]:
    real = (year.notna() & month.between(1, 12) & day.between(1, 31) & clock.notna()).to_numpy()
    months = ((year - 1970) * 12 + month - 1).where(real, 0).to_numpy().astype("datetime64[M]")
    days = months.astype("datetime64[D]") + (day.where(real, 1).to_numpy() - 1).astype("timedelta64[D]")
    times = days.astype("datetime64[us]") + np.rint(clock.where(real, 0).to_numpy() * 1e6).astype("timedelta64[us]")
    times[~real | (days.astype("datetime64[M]") != months)] = np.datetime64("NaT")
    return np.asarray(times)


def _require_one_clock(parts: pd.DataFrame, where: str) -> None:
    """Refuse times whose offsets do not tell what the wall clock showed."""
    offsets = parts["offset"]
    if parts["is_utc"].any() or (offsets == 0).all():
        raise ValueError(f"{where} is in UTC: state the time_zone of the city, such as America/Chicago")
    if offsets.max() - offsets.min() > _WIDEST_OFFSETS:
        raise ValueError(f"{where} has offsets of different time zones: state the time_zone of the city")


def _on_the_wall(column: pd.Series, where: str, zone: ZoneInfo | None) -> pd.Series:
    if zone is not None:
        return column.dt.tz_convert(zone).dt.tz_localize(None)
    local = column.dt.tz_localize(None)
    if (local == column.dt.tz_convert("UTC").dt.tz_localize(None))[column.notna()].all():
        raise ValueError(f"{where} is in UTC: state the time_zone of the city, such as America/Chicago")
    return local


def zone_of(name: str) -> ZoneInfo:
    """Return a time zone by name, such as America/Chicago."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as reason:
        raise ValueError(
            f"the time zone {name!r} is not known here, expected a name such as America/Chicago"
        ) from reason


def _example(column: pd.Series, rows: pd.Series, row: Callable[[int], str]) -> str:
    place = int(np.flatnonzero(rows.to_numpy())[0])
    return f"{column.iloc[place]} in {row(place)}"

"""Times of a log, in the usual spellings, as local wall-clock time."""

import math
import re
from collections.abc import Callable
from typing import NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import ArrayLike, NDArray

from libpatrol.replay.log_values import read_codes, read_numbers

UNIX_SECONDS = (1e9, 1e11)  # of this century; no log lasts thirty years
_INSTANT = "datetime64[us, UTC]"
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_LONGEST_GAP = np.timedelta64(366, "D")
_WIDEST_OFFSETS = 7200.0  # seconds between the offsets of one clock in summer and winter, at most
_TIME = re.compile(
    r"""(?:[a-z]{3,9},?\ +)??                                    # day of the week
    (?: (?P<a>\d{1,4})(?P<by>[-/. ])(?P<b>\d{1,2}|[a-z]{3,9})\.?,?(?P=by)(?P<c>\d{4}|\d{2})
      | (?P<name>[a-z]{3,9})\.?\ +(?P<day>\d{1,2}),?\ +(?P<year>\d{4})
      | (?P<compact>\d{8}) )
    (?: (?:t|,?\ |,)? (?P<hour>\d{1,2}):?(?P<minute>\d{2})(?::?(?P<second>\d{2}(?:[.,]\d{1,9})?))?
        \ ?(?P<half>[ap]\.?m\.?)?
        \ ?(?P<zone>z|utc|gmt|[+-](?P<off_hours>\d{2})(?::?(?P<off_minutes>\d{2}))?)? )?""",
    re.VERBOSE | re.ASCII,
)
_BLANKS = r"[\s\x{a0}\x{202f}]+"  # spreadsheets and browsers write 5:30 and PM with a narrow one between


_PARTS = ("year", "first", "second", "known", "clock", "offset", "is_utc")
"""Of a time as it is written: `first` and `second` are month and day if `known`, else in an order not known yet;
`clock` in seconds of the day, `offset` in seconds."""


def read_times(
    column: pd.Series,
    where: str,
    *,
    day_first: bool | None = None,
    time_zone: str | None = None,
    needs_clock: bool = True,
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

    Raises
    ------
    ValueError
        If the column is ambiguous, or no cell in it is a time.
    """
    zone = None if time_zone is None else zone_of(time_zone)
    if pd.api.types.is_datetime64_any_dtype(column):
        times = column if column.dt.tz is None else _on_the_wall(column, where, zone)
        return times.astype("datetime64[us]")
    written, parts = _written(column, where, day_first, needs_clock)
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


def read_instants(column: pd.Series, where: str, zone: ZoneInfo, *, day_first: bool | None = None) -> Instants:
    """Return the instants of a column: texts, times, or Unix seconds or milliseconds.

    Times without an offset are of the wall clock in `zone`. Where it showed them twice, the first is meant; where it
    skipped them, the moment of the skip. The other parameters and errors are those of `read_times`.
    """
    unix = unix_times(column)
    column = column if unix is None else unix
    if pd.api.types.is_datetime64_any_dtype(column):
        if column.dt.tz is not None:
            return Instants(column.dt.tz_convert("UTC").astype(_INSTANT), np.zeros(len(column), bool))
        local, offsets, known = column, pd.Timedelta(0), np.zeros(len(column), bool)
    else:
        local, parts = _written(column, where, day_first, needs_clock=True)
        offsets, known = _offsets(parts), parts["offset"].notna().to_numpy()
    first, second = (
        local.dt.tz_localize(zone, ambiguous=np.full(len(local), summer), nonexistent="shift_forward")
        .dt.tz_convert("UTC")
        .astype(_INSTANT)
        for summer in (True, False)
    )
    exact = (local - offsets).dt.tz_localize("UTC").astype(_INSTANT)
    return Instants(first.where(~known, exact), (second > first).to_numpy() & ~known)


def unix_times(column: pd.Series) -> pd.Series | None:
    """Return times in UTC if most cells are Unix seconds or milliseconds of this century; else None."""
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
    far = ((times.dt.year < 1970) | (times.dt.year > 2100)).to_numpy(copy=True)
    times = times.mask(far)
    order = np.argsort(times.to_numpy(), kind="stable")[: times.notna().sum()]
    if len(order):
        group = np.concatenate([[0], np.cumsum(np.diff(times.to_numpy()[order]) > _LONGEST_GAP)])
        others = group != np.bincount(group).argmax()
        if others.mean() <= 0.01:
            far[order[others]] = True
    return far


def _parts(column: pd.Series) -> pd.DataFrame:
    """Return the parts of each time, NaN if a cell is empty or not a time.

    Texts that differ in their digits only are read together: a log has few such shapes.
    """
    filled = np.flatnonzero(column.notna())
    texts = pa.array(column.iloc[filled].map(str), pa.large_string())
    texts = pc.utf8_trim(pc.replace_substring_regex(pc.utf8_lower(texts), _BLANKS, " "), " ")
    shapes = pc.replace_substring_regex(texts, "[0-9]", "0").dictionary_encode()
    by_shape = np.argsort(shapes.indices.to_numpy(), kind="stable")
    counts = np.bincount(shapes.indices.to_numpy(), minlength=len(shapes.dictionary))
    ends = np.cumsum(counts)
    parts = {name: np.full(len(column), np.nan) for name in _PARTS}
    for shape, start, end in zip(shapes.dictionary.to_pylist(), ends - counts, ends, strict=True):
        found = _TIME.fullmatch(shape)
        if found is not None:
            rows = by_shape[start:end]
            for name, values in zip(_PARTS, _spelled(found, texts.take(pa.array(rows))), strict=True):
                parts[name][filled[rows]] = values
    table = pd.DataFrame(parts, index=column.index)
    table.loc[table["first"].isna() | table["second"].isna(), "year"] = np.nan
    return table.astype({"known": bool, "is_utc": bool})


def _spelled(shape: re.Match[str], texts: pa.Array) -> tuple[ArrayLike, ...]:
    """Return the parts of texts of one shape; `shape` has a 0 where they have a digit."""

    def number(group: str) -> NDArray[np.float64]:
        cut = pc.replace_substring(pc.utf8_slice_codeunits(texts, *shape.span(group)), ",", ".")
        return pc.cast(cut, pa.float64()).to_numpy()

    by_words = shape["b"] is not None and shape["b"].isalpha()
    known = True
    if shape["compact"]:
        date = number("compact")
        year, first, second = date // 10_000, date // 100 % 100, date % 100
    elif shape["name"]:
        year, first, second = number("year"), _month(shape["name"]), number("day")
    elif by_words:
        year, first, second = _year(number("c"), shape["c"]), _month(shape["b"]), number("a")
    elif len(shape["a"]) == 4:
        year, first, second = number("a"), number("b"), number("c")
    else:
        year, first, second, known = _year(number("c"), shape["c"]), number("a"), number("b"), False
    # 21-04-13 may begin with the year; 0220 is a year, 220 none.
    two_digits = not known and shape["by"] == "-" and len(shape["c"]) == 2
    clock = _clock(shape, number)
    unclear = two_digits or len(shape["a"] or "") == 3
    wrong = np.isnan(clock) if shape["hour"] else unclear
    year = np.where(wrong | np.full(len(texts), unclear), np.nan, year)
    return year, first, second, known, clock, _offset(shape, number), shape["zone"] in ("z", "utc", "gmt")


def _month(name: str) -> float:
    short = name[:3]
    return _MONTHS.index(short) + 1 if short in _MONTHS else math.nan


def _year(year: NDArray[np.float64], shape: str) -> NDArray[np.float64]:
    return year if len(shape) == 4 else year + np.where(year < 69, 2000, 1900)


def _clock(shape: re.Match[str], number: Callable[[str], NDArray[np.float64]]) -> ArrayLike:
    if shape["hour"] is None:
        return math.nan
    hour, minute, second = number("hour"), number("minute"), number("second") if shape["second"] else 0.0
    real = np.ones(len(hour), bool)
    if shape["half"]:
        real = (hour >= 1) & (hour <= 12)
        hour = hour % 12 + (12 if shape["half"][0] == "p" else 0)
    seconds = 3600.0 * hour + 60 * minute + second
    return np.where(real & (minute < 60) & (second < 60) & (seconds <= 86_400), seconds, np.nan)


def _offset(shape: re.Match[str], number: Callable[[str], NDArray[np.float64]]) -> ArrayLike:
    zone = shape["zone"]
    if zone is None:
        return math.nan
    if zone.isalpha():
        return 0.0
    minutes = number("off_minutes") if shape["off_minutes"] else 0.0
    return (3600.0 * number("off_hours") + 60 * minutes) * (-1 if zone[0] == "-" else 1)


def _written(
    column: pd.Series, where: str, day_first: bool | None, needs_clock: bool
) -> tuple[pd.Series, pd.DataFrame]:
    """Return times as they are written, whatever their offset, and their parts."""
    parts = _parts(column)
    wording = parts["year"].notna()
    if needs_clock and wording.any() and parts["clock"].isna().all():
        raise ValueError(f"{where} holds dates without times of day, such as {_example(column, wording)}")
    month, day = _month_and_day(parts, column, where, day_first)
    clock = parts["clock"] if needs_clock else parts["clock"].fillna(0)
    written = pd.Series(_instants(parts["year"], month, day, clock), column.index)
    if column.notna().any() and written.isna().all():
        example = _example(column, column.notna())
        raise ValueError(f"{where} holds {example}, expected dates and times such as 2021-04-01 17:30:00")
    return written, parts


def _offsets(parts: pd.DataFrame) -> NDArray[np.timedelta64]:
    return pd.to_timedelta(parts["offset"].fillna(0).to_numpy(), unit="s").astype("timedelta64[us]")


def _month_and_day(
    parts: pd.DataFrame, column: pd.Series, where: str, day_first: bool | None
) -> tuple[pd.Series, pd.Series]:
    first, second = parts["first"], parts["second"]
    open_order = ~parts["known"]
    if day_first is None and (open_order & (first != second)).any():
        days, months = open_order & (first > 12), open_order & (second > 12)
        if days.any() == months.any():
            wording = (
                f"{_example(column, days)} and {_example(column, months)}"
                if days.any()
                else f"{_example(column, open_order)}, which can be day or month first"
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
    return times


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


def _example(column: pd.Series, rows: pd.Series) -> str:
    row = int(np.flatnonzero(rows.to_numpy())[0])
    return f"{column.iloc[row]} in row {row + 1}"

"""Times of a log, in the usual spellings, as local wall-clock time."""

import math
import re
from typing import NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
import pandas as pd
from numpy.typing import NDArray

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
        \ ?(?P<zone>z|utc|gmt|[+-]\d{2}(?::?\d{2})?)? )?""",
    re.VERBOSE,
)


class _Spelled(NamedTuple):
    """A time as it is written; `first` and `second` are month and day if `order` is "", else not known yet."""

    year: float = math.nan
    first: float = math.nan
    second: float = math.nan
    known: bool = True
    clock: float = math.nan  # seconds of the day
    offset: float = math.nan  # seconds
    is_utc: bool = False


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
    zone = None if time_zone is None else _zone(time_zone)
    if pd.api.types.is_datetime64_any_dtype(column):
        times = column if column.dt.tz is None else _on_the_wall(column, where, zone)
        return times.astype("datetime64[us]")
    texts = column.astype(object).where(column.notna(), None)
    spelled = [_Spelled() if text is None else _spelled(str(text)) for text in texts]
    parts = pd.DataFrame(spelled, columns=_Spelled._fields, index=column.index)
    wording = parts["year"].notna()
    if needs_clock and wording.any() and parts["clock"].isna().all():
        raise ValueError(f"{where} holds dates without times of day, such as {_example(column, wording)}")
    month, day = _month_and_day(parts, column, where, day_first)
    clock = parts["clock"] if needs_clock else parts["clock"].fillna(0)
    written = pd.Series(_instants(parts["year"], month, day, clock), column.index)
    if column.notna().any() and written.isna().all():
        example = _example(column, column.notna())
        raise ValueError(f"{where} holds {example}, expected dates and times such as 2021-04-01 17:30:00")
    with_offset = parts["offset"].notna() & written.notna()
    if zone is not None and with_offset.any():
        utc = written - pd.to_timedelta(parts["offset"].fillna(0).to_numpy(), unit="s").astype("timedelta64[us]")
        local = utc.dt.tz_localize("UTC").dt.tz_convert(zone).dt.tz_localize(None)
        return written.where(~with_offset.to_numpy(), local.astype("datetime64[us]"))
    if with_offset.any():
        _require_one_clock(parts[with_offset], where)
    return written


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


def _spelled(text: str) -> _Spelled:
    found = _TIME.fullmatch(" ".join(text.lower().split()))
    if found is None:
        return _Spelled()
    if found["compact"]:
        date = found["compact"]
        year, first, second, known = int(date[:4]), int(date[4:6]), int(date[6:]), True
    elif found["name"]:
        year, first, second, known = int(found["year"]), _month(found["name"]), int(found["day"]), True
    elif found["b"].isalpha():
        year, first, second, known = _year(found["c"]), _month(found["b"]), int(found["a"]), True
    elif len(found["a"]) == 4:
        year, first, second, known = int(found["a"]), int(found["b"]), int(found["c"]), True
    else:
        year, first, second, known = _year(found["c"]), int(found["a"]), int(found["b"]), False
    zone, clock = found["zone"], _clock(found)
    # 21-04-13 may begin with the year; 0220 is a year, 220 none.
    two_digits = not known and found["by"] == "-" and len(found["c"]) == 2
    if two_digits or math.isnan(first) or len(found["a"] or "") == 3 or (found["hour"] and math.isnan(clock)):
        return _Spelled()
    return _Spelled(year, first, second, known, clock, _offset(zone), zone in ("z", "utc", "gmt"))


def _month(name: str) -> float:
    short = name[:3]
    return _MONTHS.index(short) + 1 if short in _MONTHS else math.nan


def _year(text: str) -> int:
    year = int(text)
    return year if len(text) == 4 else year + (2000 if year < 69 else 1900)


def _clock(found: re.Match[str]) -> float:
    if found["hour"] is None:
        return math.nan
    hour, minute, second = int(found["hour"]), int(found["minute"]), float((found["second"] or "0").replace(",", "."))
    if found["half"]:
        if not 1 <= hour <= 12:
            return math.nan
        hour = hour % 12 + (12 if found["half"][0] == "p" else 0)
    seconds = 3600.0 * hour + 60 * minute + second
    return seconds if minute < 60 and second < 60 and seconds <= 86_400 else math.nan


def _offset(zone: str | None) -> float:
    if zone is None:
        return math.nan
    if zone.isalpha():
        return 0.0
    digits = zone[1:].replace(":", "").ljust(4, "0")
    return (3600.0 * int(digits[:2]) + 60 * int(digits[2:])) * (-1 if zone[0] == "-" else 1)


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


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as reason:
        raise ValueError(
            f"the time zone {name!r} is not known here, expected a name such as America/Chicago"
        ) from reason


def _example(column: pd.Series, rows: pd.Series) -> str:
    row = int(np.flatnonzero(rows.to_numpy())[0])
    return f"{column.iloc[row]} in row {row + 1}"

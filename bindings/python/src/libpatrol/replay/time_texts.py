"""Texts that are times, taken apart: those of one shape together, since a log has few shapes."""

import math
import re
from collections.abc import Callable

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import ArrayLike, NDArray

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_TIME = re.compile(
    r"""(?:[a-z]{3,9},?\ +)??                                    # day of the week
    (?: (?P<a>\d{1,4})(?P<by>[-/. ])(?P<b>\d{1,2}|[a-z]{3,9})\.?,?(?P=by)(?P<c>\d{4}|\d{2})
      | (?P<name>[a-z]{3,9})\.?\ +(?P<day>\d{1,2}),?\ +(?P<year>\d{4})
      | (?P<compact>\d{8}) )
    (?: (?:t|,?\ |,)? (?P<hour>\d{1,2}):?(?P<minute>\d{2})(?::?(?P<second>\d{2}(?:[.,]\d{1,9}|:\d{3})?))?
        \ ?(?P<half>[ap]\.?m\.?)?
        \ ?(?P<zone>z|utc|gmt|[+-](?P<off_hours>\d{2})(?::?(?P<off_minutes>\d{2}))?)? )?""",
    re.VERBOSE | re.ASCII,
)
_BLANKS = (b"  ", "\u00a0".encode(), "\u202f".encode())  # spreadsheets and browsers write narrow ones before PM
_SMALL = bytes(range(256)).lower().translate(bytes.maketrans(b"\t\n\r\v\f", b"     "))
_SHAPES = bytes.maketrans(b"123456789", b"000000000")


_PARTS = ("year", "first", "second", "known", "clock", "offset", "is_utc")
"""Of a time as it is written: `first` and `second` are month and day if `known`, else in an order not known yet;
`clock` in seconds of the day, `offset` in seconds."""


def time_parts(column: pd.Series) -> pd.DataFrame:
    """Return the parts of each time, NaN if a cell is empty or not a time.

    Texts that differ in their digits only are read together: a log has few such shapes.
    """
    filled = np.flatnonzero(column.notna())
    texts = _small_letters(column.iloc[filled])
    shapes = _translated(texts, _SHAPES).dictionary_encode()
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


def _small_letters(column: pd.Series) -> pa.Array:
    """Return texts in small letters with one space where there are blanks, none around them."""
    if not pd.api.types.is_string_dtype(column.dtype) or column.dtype == object:
        column = column.map(str)
    texts = pa.array(column, pa.large_string(), from_pandas=True)
    texts = texts.combine_chunks() if isinstance(texts, pa.ChunkedArray) else texts
    texts = _translated(texts, _SMALL)
    content = memoryview(texts.buffers()[2] or b"").tobytes()
    if any(blank in content for blank in _BLANKS):
        texts = pc.replace_substring_regex(texts, r"[ \x{a0}\x{202f}]+", " ")
    return pc.utf8_trim(texts, " ")


def _translated(texts: pa.Array, table: bytes) -> pa.Array:
    """Return texts with each byte replaced by that of a table: all at once, since they lie in one piece of memory."""
    _, offsets, content = texts.buffers()
    if content is None:
        return texts
    replaced = pa.py_buffer(memoryview(content).tobytes().translate(table))
    return pa.LargeStringArray.from_buffers(len(texts), offsets, replaced, offset=texts.offset)


def _spelled(shape: re.Match[str], texts: pa.Array) -> tuple[ArrayLike, ...]:
    """Return the parts of texts of one shape; `shape` has a 0 where they have a digit."""

    def number(group: str) -> NDArray[np.float64]:
        cut = pc.utf8_slice_codeunits(texts, *shape.span(group))
        if not shape[group].isdigit():  # 05,123 or 05:123
            cut = pc.replace_substring_regex(cut, "[,:]", ".")
        return np.asarray(pc.cast(cut, pa.float64()))

    year: ArrayLike
    first: ArrayLike
    second: ArrayLike
    by_words = shape["b"] is not None and shape["b"].isalpha()
    known = True
    if shape["compact"]:
        date = number("compact")
        year, first, second = date // 10_000, date // 100 % 100, date % 100
    elif shape["name"]:
        year, first, second = number("year"), _month(shape["name"]), number("day")
    elif by_words and len(shape["a"]) == 4:
        year, first, second = number("a"), _month(shape["b"]), number("c")
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

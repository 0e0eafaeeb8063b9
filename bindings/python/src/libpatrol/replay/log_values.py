"""Codes, numbers and places of a log."""

from collections.abc import Iterable

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import ArrayLike, NDArray

from libpatrol.replay.log_table import LogAccount

EARTH_METRES = 6_371_000.0
WIDEST_CITY_METRES = 100_000.0  # from the median of a log's places
_THOUSANDS = r"[+-]?\d{1,3}(?:,\d{3})+(?:\.\d+)?"
_DECIMAL_COMMA = r"[+-]?\d+,\d+"


def read_codes(column: pd.Series) -> pd.Series:
    """Return codes such as those of beats: text in capitals without surrounding blanks, None if a cell is empty.

    A whole number is a code without decimals: tables with gaps have 401 as 401.0.
    """
    number, texts = _texts(column)
    return _spread(column, number, pc.utf8_upper(texts).to_pylist())


def code_of(name: str) -> str:
    """Return the code of one name."""
    return str(read_codes(pd.Series([name], dtype=object)).iloc[0])


def read_names(column: pd.Series, known: Iterable[str] = ()) -> pd.Series:
    """Return names as they are written, None if a cell is empty; those with the same code have one spelling.

    Parameters
    ----------
    column : Series
        Texts, of which ``read_codes`` gives the codes.
    known : iterable of str
        Names whose spelling is kept; others have the spelling of most rows, the first of equals.
    """
    number, texts = _texts(column)
    names, codes = texts.to_pylist(), pc.utf8_upper(texts).to_pylist()
    rows = pd.Series(np.bincount(number[number >= 0], minlength=len(names)))
    rows = rows.groupby(pd.Series(names, dtype=object), sort=False).transform("sum")
    usual_last = np.argsort(-rows.to_numpy(), kind="stable")[::-1]
    kept = pd.Series(list(known), dtype=object)
    spelled = {codes[k]: names[k] for k in usual_last} | dict(zip(read_codes(kept), kept, strict=True))
    return _spread(column, number, [spelled[code] for code in codes])


def _texts(column: pd.Series) -> tuple[NDArray[np.intp], pa.Array]:
    """Return the number of each row's value, -1 for none, and the values as tidy texts."""
    number, values = pd.factorize(column.astype(object))  # few values, many rows
    texts = pa.array([str(value) for value in values], pa.large_string())
    texts = pc.utf8_trim_whitespace(pc.replace_substring_regex(texts, r"\s+", " "))
    return number, pc.replace_substring_regex(texts, r"^(\d+)\.0+$", r"\1")


def _spread(column: pd.Series, number: NDArray[np.intp], values: list[str]) -> pd.Series:
    return pd.Series(np.array([*values, None], object)[number], column.index, dtype=object, name=column.name)


def read_numbers(column: pd.Series) -> pd.Series:
    """Return finite numbers, NaN if a cell has none.

    Commas are between thousands, or where one cell is not so written, before decimals.
    """
    if pd.api.types.is_datetime64_any_dtype(column):  # pandas would count its nanoseconds
        return pd.Series(np.nan, column.index)
    values = pd.to_numeric(column, errors="coerce").astype(np.float64)
    texts = column[values.isna() & column.notna()].astype("string").str.strip()
    by_thousands, by_comma = (texts.str.fullmatch(form) for form in (_THOUSANDS, _DECIMAL_COMMA))
    if (by_comma & ~by_thousands).any():
        values.update(texts[by_comma].str.replace(",", ".").astype(np.float64))
    elif by_thousands.any():
        values.update(texts[by_thousands].str.replace(",", "").astype(np.float64))
    return values.where(np.isfinite(values))


def read_places(account: LogAccount, x: pd.Series, y: pd.Series) -> NDArray[np.float64]:
    """Return places, float64 [rows, 2]; rows whose cells are empty or not numbers are left out."""
    names = f"{x.name}, {y.name}"
    account.leave_out(x.isna() | y.isna(), f"{names} empty")
    places = np.stack([read_numbers(x), read_numbers(y)], 1)
    account.leave_out(np.isnan(places).any(1), f"{names} no numbers")
    return places


def are_placeholders(places: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return which places are 0, 0 or -1, -1, which mean that there is none."""
    return np.asarray((places == 0).all(1) | (places == -1).all(1))


def read_degrees(account: LogAccount, longitude: pd.Series, latitude: pd.Series) -> NDArray[np.float64]:
    """Return places in degrees; rows without a place in the city of the others are left out.

    The city is what lies within 100 km of the median of all places.
    """
    places = read_places(account, longitude, latitude)
    names = f"{longitude.name}, {latitude.name}"
    account.leave_out(are_placeholders(places), f"{names} 0, 0 or -1, -1")
    on_earth = (np.abs(places) <= [180, 90]).all(1)
    account.leave_out(~on_earth, f"{names} not on the earth")
    if account.kept:
        away = metres_between(places, np.median(places[account.stays], axis=0))
        account.leave_out(away > WIDEST_CITY_METRES, f"{names} more than 100 km from the median of the others")
    return places


def metres_between(degrees: ArrayLike, other: ArrayLike) -> NDArray[np.float64]:
    """Return great-circle distances between longitudes and latitudes, arrays [..., 2] that broadcast."""
    a, b = np.radians(np.asarray(degrees, np.float64)), np.radians(np.asarray(other, np.float64))
    half = (b - a) / 2
    chord = np.sin(half[..., 1]) ** 2 + np.cos(a[..., 1]) * np.cos(b[..., 1]) * np.sin(half[..., 0]) ** 2
    return np.asarray(2 * EARTH_METRES * np.arcsin(np.sqrt(np.clip(chord, 0, 1))))

"""A log as a table of text, and an account of what is left out of it."""

import csv
import gzip
import io
import itertools
import os
import re
import zipfile
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as arrow_csv
from numpy.typing import ArrayLike, NDArray

from libpatrol.extras import extra
from libpatrol.replay.log_encoding import in_utf8
from libpatrol.replay.log_heading import require_heading

_EMPTY = ("", "NA", "N/A", "#N/A", "NAN", "NAT", "NULL", "NONE", "<NA>")
_DELIMITERS = ",;\t|"
_TEXT = pd.StringDtype("pyarrow")
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # begins the containers of old, and of encrypted, Office files
_HEAD = 50  # rows in which a heading is looked for
_BLOCK = 16 << 20  # bytes; a row cannot be longer


class LeftOut(NamedTuple):
    """How many rows are left out for a reason, and the number of the first of them, from 1, without the heading."""

    rows: int
    first_row: int


@dataclass
class LogAccount:
    """What was read of a log. Rows have the numbers that a spreadsheet shows: the heading is row 1.

    Attributes
    ----------
    where : str
        The log.
    rows : int
        Rows of the log.
    left_out : dict of LeftOut
        By reason; a row counts under the first reason found.
    remarks : list of str
        What else should be known about the rows that stay.
    stays : bool [rows]
        Which rows are not left out.
    heading : int
        Rows above the first: 1 in a file of text or a sheet, 0 in other tables.
    files : list of triples
        Name, rows and heading of each of several files of which the log is put together; else empty.
    """

    where: str
    rows: int
    heading: int = 0
    files: list[tuple[str, int, int]] = field(default_factory=list)
    left_out: dict[str, LeftOut] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)
    stays: NDArray[np.bool_] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self.stays = np.ones(self.rows, bool)

    @property
    def kept(self) -> int:
        """Rows that stay."""
        return int(self.stays.sum())

    def row(self, place: int) -> str:
        """Return the name of a row that is given by number, from 0: row 7, or row 7 of march.csv."""
        for name, rows, heading in self.files:
            if place < rows:
                return f"row {place + 1 + heading} of {name}"
            place -= rows
        return f"row {place + 1 + self.heading}"

    def mask(self, rows: NDArray[np.intp]) -> NDArray[np.bool_]:
        """Return the mask of rows that are given by number, from 0."""
        mask = np.zeros(self.rows, bool)
        mask[rows] = True
        return mask

    def leave_out(self, rows: ArrayLike, reason: str) -> NDArray[np.bool_]:
        """Leave out those rows of a mask, bool [rows], that stayed until now; return them."""
        now = np.asarray(rows, bool) & self.stays
        if now.any():
            self.left_out[reason] = LeftOut(int(now.sum()), int(np.flatnonzero(now)[0]) + 1)
            self.stays &= ~now
        return now

    def remark(self, rows: ArrayLike, what: str) -> None:
        """Add the remark `what` about those rows of a mask that stay, if any."""
        now = np.asarray(rows, bool) & self.stays
        if now.any():
            self.remarks.append(f"{what}: {counted(int(now.sum()), self.row(int(np.flatnonzero(now)[0])))}")

    def require_rows(self) -> None:
        """Raise a ValueError if no row stays."""
        if self.kept == 0:
            raise ValueError(
                f"{self.where} has no row that can be used: {'; '.join(self.sentences()) or 'it is empty'}"
            )

    def sentences(self) -> list[str]:
        """Return the account in words."""
        wording = [f"{self.kept:,} of {self.rows:,} rows are used"] if self.left_out else []
        left_out = [
            f"left out: {reason}: {counted(out.rows, self.row(out.first_row - 1))}"
            for reason, out in self.left_out.items()
        ]
        return wording + left_out + self.remarks


class Log(NamedTuple):
    """A log whose cells are not yet understood, and the account of its rows."""

    table: pd.DataFrame
    account: LogAccount

    def columns(self, needed: Iterable[str], optional: Iterable[str] = ()) -> pd.DataFrame:
        """Return the columns that are read, None if a cell is empty or its row is left out."""
        needed, where = tuple(needed), self.account.where
        names = list(self.table.columns)
        missing = [name for name in needed if name not in names]
        if missing:
            raise ValueError(f"{where} lacks the columns {', '.join(missing)}; it has {', '.join(map(str, names))}")
        chosen = [name for name in (*needed, *optional) if name in names]
        for name in chosen:
            if names.count(name) > 1:
                raise ValueError(f"{where} has the column {name} {names.count(name)} times")
        gone = ~self.account.stays
        return self.table[chosen].apply(lambda column: column.mask(gone | _is_empty(column), None))


def log_of(table: pd.DataFrame, where: str, heading: int = 0) -> Log:
    """Return a table as a log; `where` is its name in errors, `heading` the number of rows above its first."""
    return Log(table.reset_index(drop=True), LogAccount(where, len(table), heading))


def read_log(path: str | os.PathLike[str]) -> Log:
    """Read a log.

    Parameters
    ----------
    path : path-like
        A CSV file in UTF-8, UTF-16 or Windows-1252, plain or gzip, with commas, semicolons, tabs or bars between the
        cells; the first sheet of an Excel file (.xlsx); or a Parquet file.

    Raises
    ------
    ValueError
        If it is no such file.
    """
    where, kind = os.fspath(path), Path(path).suffix.lower()
    if kind in (".xlsx", ".xlsm", ".xls"):
        return log_of(_sheet(Path(path)), where, heading=1)
    if kind in (".parquet", ".pq"):
        try:
            return log_of(pd.read_parquet(path), where)
        except pa.ArrowInvalid as reason:
            raise ValueError(f"{where} is not a Parquet file: {reason}") from reason
    return _read_csv(Path(path), where)


def _sheet(path: Path) -> pd.DataFrame:
    with path.open("rb") as file:
        if file.read(len(_OLE)) == _OLE:
            raise ValueError(
                f"{path} is an Excel file of before 2007, or has a password: save it in Excel as .xlsx, without one"
            )
    with extra("city", f"{path.name}, an Excel file,"):
        import openpyxl  # noqa: F401
    try:
        table = pd.read_excel(path, dtype=object, engine="openpyxl")
    except (zipfile.BadZipFile, KeyError, ValueError) as reason:
        raise ValueError(f"{path} is not an Excel file (.xlsx): {reason}") from reason
    table.columns = [str(name).strip() for name in table.columns]
    require_heading([name for name in table.columns if not name.startswith("Unnamed: ")], table, str(path))
    for place, name in enumerate(table.columns):
        cells = table.iloc[:, place].dropna()
        if len(cells) and cells.map(lambda cell: isinstance(cell, datetime)).all():
            table[name] = pd.to_datetime(table.iloc[:, place])
    return table


def _read_csv(path: Path, where: str) -> Log:
    content, encoding = in_utf8(_content(path), where)
    first = re.match(rb"[\r\n]*([^\r\n]*)", content.removeprefix(b"\xef\xbb\xbf"))
    heading = first[1].decode("utf-8", "replace") if first else ""
    delimiter = max(_DELIMITERS, key=heading.count)
    names = [name.strip() for name in next(csv.reader([heading], delimiter=delimiter), [])]
    if not any(names):
        raise ValueError(f"{where} is not a CSV file: it is empty")
    width = max(k for k, name in enumerate(names, 1) if name)
    if len(names) > 2 and sum(map(bool, names)) <= len(names) / 2:
        rows = csv.reader(io.StringIO(content.decode("utf-8-sig", "replace")), delimiter=delimiter)
        head = [row + [""] * (len(names) - len(row)) for row in itertools.islice(rows, 1, _HEAD)]
        table = pd.DataFrame([row[: len(names)] for row in head], columns=range(len(names)))
        require_heading([name for name in names if name], table, where)
    _check_quotes(content, delimiter, where)
    odd: list[Any] = []

    def of_another_width(row: Any) -> str:
        odd.append(row)
        return "skip"

    try:
        table = arrow_csv.read_csv(
            pa.BufferReader(content),
            # One thread, so that the numbers of rows are known.
            read_options=arrow_csv.ReadOptions(use_threads=False, block_size=_BLOCK),
            parse_options=arrow_csv.ParseOptions(
                delimiter=delimiter, newlines_in_values=True, invalid_row_handler=of_another_width
            ),
            convert_options=arrow_csv.ConvertOptions(column_types=dict.fromkeys(names, pa.large_string())),
        )
    except pa.ArrowInvalid as reason:
        raise ValueError(f"{where} is not a CSV file: {reason}") from reason
    del content  # as large as the table
    columns = [pc.utf8_trim_whitespace(column.combine_chunks()) for column in table.columns]
    too_long = np.zeros(table.num_rows, bool)
    for column in columns[width:]:
        too_long |= np.asarray(pc.not_equal(column, ""))
    columns = columns[:width]
    if odd:
        columns, too_long = _with_odd_rows(columns, too_long, odd, delimiter)
    frame = pd.concat([pd.Series(column, dtype=_TEXT) for column in columns], axis=1, keys=range(width))
    frame.columns = names[:width]
    log = log_of(frame, where, heading=1)
    if encoding:
        log.account.remarks.append(f"{path.name} is {encoding}")
    # A delimiter at the end of a row adds a cell without content; one with content means that cells have lost columns.
    log.account.leave_out(too_long, f"more cells than the {width} columns of the heading")
    return log


def counted(rows: int, first: str) -> str:
    """Return in words how many rows there are and which is the first."""
    return f"1 row, {first}" if rows == 1 else f"{rows:,} rows, the first is {first}"


def _is_empty(column: pd.Series) -> NDArray[np.bool_]:
    empty: NDArray[np.bool_] = column.isna().to_numpy()
    if column.dtype != object and not pd.api.types.is_string_dtype(column):
        return empty
    column = column.map(str) if column.dtype == object else column
    texts = pc.utf8_upper(pc.utf8_trim_whitespace(pa.array(column, pa.large_string(), from_pandas=True)))
    known = pa.array(_EMPTY, pa.large_string())
    return np.asarray(np.asarray(pc.is_in(texts, known)) | empty)


def _with_odd_rows(
    columns: list[pa.Array], too_long: NDArray[np.bool_], odd: list[Any], delimiter: str
) -> tuple[list[pa.Array], NDArray[np.bool_]]:
    """Return columns with the rows of another width in their places, filled up or cut, and which rows are too long."""
    width = len(columns)
    cells = [[cell.strip() for cell in next(csv.reader([row.text], delimiter=delimiter))] for row in odd]
    total = len(too_long) + len(odd)
    places = np.array([row.number for row in odd]) - 2  # the heading is row 1
    others = np.setdiff1d(np.arange(total), places, assume_unique=True)
    order = np.argsort(np.concatenate([others, places]), kind="stable")
    filled = [
        pa.concat_arrays([column, pa.array([row[k] if k < len(row) else "" for row in cells], pa.large_string())])
        for k, column in enumerate(columns)
    ]
    long = np.concatenate([too_long, [any(row[width:]) for row in cells]])
    return [column.take(pa.array(order)) for column in filled], long[order]


def _check_quotes(content: bytes, delimiter: str, where: str) -> None:
    """Refuse a quotation mark that opens a cell and never closes: the rest of the file would be in that cell."""
    if content.count(b'"') % 2 == 0:
        return
    try:
        for _ in csv.reader(io.StringIO(content.decode("utf-8-sig", "replace")), delimiter=delimiter, strict=True):
            pass
    except csv.Error as reason:
        raise ValueError(f"{where} is not a CSV file: {reason}") from reason


def _content(path: Path) -> bytes:
    content = path.read_bytes()
    if path.suffix != ".gz":
        return content
    try:
        return gzip.decompress(content)
    except (OSError, EOFError, zlib.error) as reason:
        raise ValueError(f"{path} is not a readable gzip file: {reason}") from reason

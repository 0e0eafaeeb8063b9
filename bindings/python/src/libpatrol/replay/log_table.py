"""A log as a table of text, and an account of what is left out of it."""

import csv
import gzip
import io
import os
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

_EMPTY = ("", "NA", "N/A", "#N/A", "NAN", "NAT", "NULL", "NONE", "<NA>")
_DELIMITERS = ",;\t|"


class LeftOut(NamedTuple):
    """How many rows are left out for a reason, and the first of them."""

    rows: int
    first_row: int


@dataclass
class LogAccount:
    """What was read of a log. Row 1 is the first below the heading.

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
    """

    where: str
    rows: int
    left_out: dict[str, LeftOut] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)
    stays: NDArray[np.bool_] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self.stays = np.ones(self.rows, bool)

    @property
    def kept(self) -> int:
        """Rows that stay."""
        return int(self.stays.sum())

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
            self.remarks.append(f"{what}: {counted(int(now.sum()), int(np.flatnonzero(now)[0]) + 1)}")

    def require_rows(self) -> None:
        """Raise a ValueError if no row stays."""
        if self.kept == 0:
            raise ValueError(
                f"{self.where} has no row that can be used: {'; '.join(self.sentences()) or 'it is empty'}"
            )

    def sentences(self) -> list[str]:
        """Return the account in words."""
        wording = [f"{self.kept} of {self.rows} rows are used"] if self.left_out else []
        return (
            wording + [f"left out: {reason}: {counted(*out)}" for reason, out in self.left_out.items()] + self.remarks
        )


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
        gone = ~pd.Series(self.account.stays)
        return self.table[chosen].apply(lambda column: column.mask(gone | _is_empty(column), None))


def log_of(table: pd.DataFrame, where: str) -> Log:
    """Return a table as a log; `where` is its name in errors."""
    return Log(table.reset_index(drop=True), LogAccount(where, len(table)))


def read_log(path: str | os.PathLike[str]) -> Log:
    """Read a CSV file in UTF-8, plain or gzip, with commas, semicolons, tabs or bars between the cells."""
    where = os.fspath(path)
    text = _text(Path(path)).lstrip("\n")
    delimiter = max(_DELIMITERS, key=text.partition("\n")[0].count)
    try:
        lines = csv.reader(io.StringIO(text), delimiter=delimiter, strict=True)
        rows = [[cell.strip() for cell in row] for row in lines if row]
    except csv.Error as reason:
        raise ValueError(f"{where} is not a CSV file: {reason}") from reason
    if not rows:
        raise ValueError(f"{where} is not a CSV file: it is empty")
    names, *body = rows
    while names and not names[-1]:
        names.pop()
    filled = [row[: len(names)] + [""] * (len(names) - len(row)) for row in body]
    log = log_of(pd.DataFrame(filled, columns=names, dtype=object), where)
    # A delimiter at the end of a row adds a cell without content; one with content means that cells have lost columns.
    too_long = [any(row[len(names) :]) for row in body]
    log.account.leave_out(too_long, f"more cells than the {len(names)} columns of the heading")
    return log


def counted(rows: int, first: int) -> str:
    """Return in words how many rows there are and which is the first."""
    return f"1 row, row {first}" if rows == 1 else f"{rows:,} rows, the first is row {first}"


def _is_empty(column: pd.Series) -> pd.Series:
    if column.dtype == object or pd.api.types.is_string_dtype(column):
        return column.isna() | column.astype(str).str.strip().str.upper().isin(_EMPTY)
    return column.isna()


def _text(path: Path) -> str:
    content = path.read_bytes()
    try:
        if path.suffix == ".gz":
            content = gzip.decompress(content)
        return io.StringIO(content.decode("utf-8-sig"), newline=None).read()
    except (OSError, EOFError, zlib.error) as reason:
        raise ValueError(f"{path} is not a readable gzip file: {reason}") from reason
    except UnicodeDecodeError as reason:
        raise ValueError(f"{path} is not a CSV file in UTF-8: {reason.reason} at byte {reason.start}") from reason

"""Tables in JEMSS files: blocks of CSV under a title, in a directory or in a zip archive."""

import csv
import io
import math
import re
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

_ARCHIVE = "roads.zip"


class JemssTable:
    """One table: cells as text, checked when a column is requested.

    Attributes
    ----------
    where : str
        File and table, for errors.
    columns : dict
        From the name of a column to its cells.
    """

    def __init__(self, where: str, columns: dict[str, list[str]]) -> None:
        self.where = where
        self.columns = columns

    def __len__(self) -> int:
        return len(next(iter(self.columns.values())))

    def text(self, name: str) -> list[str]:
        """Return the cells of a required column."""
        if name not in self.columns:
            raise ValueError(f"{self.where} lacks the column {name}, it has {', '.join(self.columns)}")
        return self.columns[name]

    def numbers(
        self, name: str, expected: str = "a number", *, least: float = -math.inf, most: float = math.inf
    ) -> NDArray[np.float64]:
        """Return a column of finite numbers from `least` to `most`; `expected` says so in words."""
        values = _numbers(self.text(name))
        self._refuse(name, np.isfinite(values) & (values >= least) & (values <= most), expected)
        return values

    def indices(self, name: str, count: int) -> NDArray[np.int64]:
        """Return a column of whole numbers from 1 to `count`."""
        expected = f"a whole number from 1 to {count}"
        values = self.numbers(name, expected, least=1, most=count)
        self._refuse(name, values == np.floor(values), expected)
        return values.astype(np.int64)

    def in_order(self, name: str = "index") -> None:
        """Refuse a column that does not number the rows 1, 2, ...: other tables refer to rows by it."""
        values = _numbers(self.text(name))
        self._refuse(name, values == np.arange(1, len(values) + 1), "the row's number: rows are numbered 1, 2, ...")

    def truths(self, name: str) -> NDArray[np.bool_]:
        """Return a column of 1 or true, and 0 or false."""
        spelled = {"true": "1", "false": "0"}
        values = _numbers([spelled.get(cell.lower(), cell) for cell in self.text(name)])
        self._refuse(name, (values == 0) | (values == 1), "0 or 1")
        ones: NDArray[np.bool_] = values == 1
        return ones

    def _refuse(self, name: str, good: NDArray[np.bool_], expected: str) -> None:
        if not good.all():
            row = int(np.flatnonzero(~good)[0])
            raise ValueError(f"{self.where}, row {row + 1}: {name} is {self.columns[name][row]!r}, expected {expected}")


def read_tables(source: Path, name: str, expected: tuple[str, ...]) -> dict[str, JemssTable]:
    """Read the tables of one file.

    Parameters
    ----------
    source : Path
        A directory with the file, or with roads.zip; or a zip archive, which may hold the file in a folder.
    name : str
        Of the file.
    expected : tuple of str
        The tables that the file must have; others are refused, since their meaning is unknown.

    Returns
    -------
    dict
        By name. A table ends at a row without a first cell. The title may state how many rows and columns follow, and
        must be right.
    """
    where, content = _content(source, name)
    tables = dict(_tables(where, _rows(where, content)))
    unknown = [title for title in tables if title not in expected]
    missing = [title for title in expected if title not in tables]
    if unknown:
        raise ValueError(f"{where} has a table {unknown[0]!r}, expected only {' and '.join(expected)}")
    if missing:
        raise ValueError(f"{where} lacks the table {missing[0]}")
    return tables


def _tables(where: str, rows: list[list[str]]) -> Iterator[tuple[str, JemssTable]]:
    seen: set[str] = set()
    at = 0
    while at < len(rows):
        if not any(rows[at]):
            at += 1
            continue
        title = rows[at][0]
        here = f"{where}, table {title}"
        if not title:
            raise ValueError(f"{where}: a row outside any table holds {next(filter(None, rows[at]))!r}")
        if title in seen:
            raise ValueError(f"{where} has two tables {title}")
        seen.add(title)
        end = at + 1
        while end < len(rows) and rows[end][0]:
            end += 1
        if end < len(rows) and any(rows[end]):
            raise ValueError(f"{here}, row {end - at - 1}: the first cell is empty, but others are not")
        yield title, _table(here, rows[at], rows[at + 1 : end])
        at = end


def _table(where: str, title: list[str], rows: list[list[str]]) -> JemssTable:
    if any(title[3:]):
        raise ValueError(f"{where}: the title holds {next(filter(None, title[3:]))!r} after its counts")
    if not rows:
        raise ValueError(f"{where} has no heading")
    heading, *body = rows
    width = heading.index("") if "" in heading else len(heading)
    names = heading[:width]
    if any(heading[width:]):
        raise ValueError(f"{where}: the heading has an empty cell before {next(filter(None, heading[width:]))!r}")
    if len(set(names)) < width:
        raise ValueError(f"{where} has two columns {next(name for name in names if names.count(name) > 1)}")
    for stated, count, what in zip(title[1:3], (len(body), width), ("rows", "columns"), strict=False):
        if stated and _number(stated) != count:
            raise ValueError(f"{where} has {count} {what}, its title states {stated}")
    for k, row in enumerate(body, 1):
        if any(row[width:]):
            raise ValueError(f"{where}, row {k}: more cells than the heading has columns, {width}")
    filled = [row[:width] + [""] * (width - len(row)) for row in body]
    return JemssTable(where, {name: [row[k] for row in filled] for k, name in enumerate(names)})


def _rows(where: str, content: bytes) -> list[list[str]]:
    """Return the cells, without surrounding blanks; blank lines do not count."""
    try:
        lines = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True)
        return [[cell.strip() for cell in row] for row in lines if row]
    except UnicodeDecodeError as reason:
        raise ValueError(f"{where} is not UTF-8 text: {reason.reason} at byte {reason.start}") from reason
    except csv.Error as reason:
        raise ValueError(f"{where} is not a CSV file: {reason}") from reason


def _content(source: Path, name: str) -> tuple[str, bytes]:
    archive = source
    if source.is_dir():
        archive = source / _ARCHIVE
        if (source / name).exists() or not archive.exists():
            return str(source / name), (source / name).read_bytes()
    try:
        with zipfile.ZipFile(archive) as opened:
            # A folder's name may come first, and macOS adds files of its own.
            found = [
                entry
                for entry in opened.namelist()
                if re.split(r"[/\\]", entry)[-1] == name and not entry.startswith("__MACOSX")
            ]
            if len(found) != 1:
                raise ValueError(f"{archive} holds {len(found)} files {name}, expected one")
            return f"{archive}: {found[0]}", opened.read(found[0])
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError) as reason:
        raise ValueError(f"{archive} is neither a directory nor a readable zip archive: {reason}") from reason


def _numbers(cells: list[str]) -> NDArray[np.float64]:
    """Return the numbers in the cells, NaN if a cell is not a number."""
    try:
        if "_" not in "".join(cells):  # Python reads 1_000
            return np.array(cells, np.float64)
    except ValueError:
        pass
    return np.array([_number(cell) for cell in cells], np.float64)


def _number(cell: str) -> float:
    try:
        return math.nan if "_" in cell else float(cell)
    except ValueError:
        return math.nan

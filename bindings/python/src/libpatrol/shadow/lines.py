"""Whole lines of a file that may still grow, and the standard input kept as such a file."""

import hashlib
import mmap
import os
import select
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from libpatrol.shadow.events import LONGEST_LINE

_CHUNK = 1 << 16
_POLL_SECONDS = 0.5
_MARKED = 256  # bytes before an offset that tell whether a file is the one that was read before


class Line(NamedTuple):
    """A line without its newline, where the next one begins, and whether it was too long to be kept whole."""

    text: bytes
    end: int
    too_long: bool


class WholeLines:
    """The lines of a file from an offset on, each once its newline is there.

    Parameters
    ----------
    path : Path
        The file.
    offset : int
        Where the first line begins that is wanted.
    mark : str
        What `mark(offset)` was; "" for an offset of 0.

    Raises
    ------
    ValueError
        If the file is another one than that of which `offset` bytes were read.
    """

    def __init__(self, path: Path, offset: int = 0, mark: str = "") -> None:
        self.path = path
        self._file = path.open("rb")
        self._start, self._kept, self._too_long = offset, b"", False
        if offset and (self._size < offset or self.mark(offset) != mark):
            raise ValueError(
                f"{path} is not the file whose first {offset:,} bytes were read: expected that one, or another --out"
            )
        self._file.seek(offset)

    def new(self) -> Iterator[Line]:
        """Yield the lines that have been completed since.

        Raises
        ------
        ValueError
            If the file has become shorter or was replaced by another one.
        """
        if self._size < self._start or os.stat(self.path).st_ino != os.fstat(self._file.fileno()).st_ino:
            raise ValueError(f"{self.path} was cut off or replaced while it was read, expected a file that only grows")
        while piece := self._file.readline(_CHUNK):
            if not self._too_long:
                self._kept += piece
            if len(self._kept) > LONGEST_LINE:
                self._kept, self._too_long = b"", True
            if piece.endswith(b"\n"):
                self._start = self._file.tell()
                line = Line(self._kept.rstrip(b"\r\n"), self._start, self._too_long)
                self._kept, self._too_long = b"", False
                yield line

    @property
    def torn(self) -> int:
        """Bytes after the last newline: a line that is not complete yet."""
        return self._file.tell() - self._start

    def mark(self, offset: int) -> str:
        """Return a digest of what stands before an offset."""
        size = min(offset, _MARKED)
        return hashlib.sha256(os.pread(self._file.fileno(), size, offset - size)).hexdigest()[:16] if size else ""

    @property
    def _size(self) -> int:
        return os.fstat(self._file.fileno()).st_size

    def close(self) -> None:
        """Close the file."""
        self._file.close()


class KeptInput:
    """A stream written to a file as it comes, so that nothing of it is lost when the process is killed.

    When a stream is opened again, it may go on where it was, or begin again with lines that the file has already, as
    from ``tail -F`` or ``cat``: such lines are skipped as long as they are the file's. What is left of a line in whose
    middle the process was killed is cut off.

    Parameters
    ----------
    descriptor : int
        Of the stream.
    path : Path
        The file.

    Attributes
    ----------
    repeated : int
        Lines that were skipped.
    cut : int
        Bytes that were cut off.
    """

    def __init__(self, descriptor: int, path: Path) -> None:
        self._stream, self._pending = descriptor, b""
        self._file = path.open("ab", buffering=0)
        size = self._file.tell()
        self.repeated, self.cut = 0, size - _whole_size(path, size)
        self._known = size - self.cut
        self._file.truncate(self._known)
        self._place: int | None = None if self._known else 0
        self._old = path

    def more(self, stopped: Callable[[], bool] = lambda: False) -> bool:
        """Wait for more of the stream and write it; return False at its end, or when it is to stop."""
        while not select.select([self._stream], [], [], _POLL_SECONDS)[0]:
            if stopped():
                return False
        chunk = os.read(self._stream, _CHUNK)
        self._pending += chunk
        self._skip()
        if self._place is not None and self._place >= self._known:
            while self._pending:
                self._pending = self._pending[self._file.write(self._pending) :]
        return bool(chunk)

    def _skip(self) -> None:
        """Drop whole lines that the file has from the place on where the first of them stands."""
        if (self._place is not None and self._place >= self._known) or b"\n" not in self._pending:
            return
        with self._old.open("rb") as file, mmap.mmap(file.fileno(), self._known, access=mmap.ACCESS_READ) as old:
            while self._place is None or self._place < self._known:
                line, newline, rest = self._pending.partition(b"\n")
                if not newline:
                    return
                if self._place is None:
                    self._place = _place_of(line + newline, old)
                if old[self._place : self._place + len(line) + 1] != line + newline:
                    self._place = self._known
                    return
                self._pending, self._place = rest, self._place + len(line) + 1
                self.repeated += 1

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def _place_of(line: bytes, old: mmap.mmap) -> int:
    """Return where a line stands among others first; their end if it does not."""
    if old[: len(line)] == line:
        return 0
    found = old.find(b"\n" + line)
    return len(old) if found < 0 else found + 1


def _whole_size(path: Path, size: int) -> int:
    """Return how many bytes of a file are whole lines."""
    with path.open("rb") as file:
        for end in range(size, 0, -_CHUNK):
            begin = max(end - _CHUNK, 0)
            file.seek(begin)
            newline = file.read(end - begin).rfind(b"\n")
            if newline >= 0:
                return begin + newline + 1
    return 0

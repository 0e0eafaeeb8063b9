"""The log of a shadow run: lines of JSON that are only added to, and the records of its decisions beside them."""

import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO

LOG, RECORDS, INPUT = "log.jsonl", "decisions.records", "events.jsonl"
_STATE = b'{"kind":"state",'


class Log:
    """A folder's log, opened to be written on. One process writes it at a time.

    Everything that a run needs to go on stands in a line of the kind "state". What follows the last one, of which the
    last line may be torn, is cut off when the log is opened: the lines of the events after it are taken again, and the
    same is written again.

    Parameters
    ----------
    folder : Path
        Made if it does not exist.
    settings : mapping
        What decides about the content of the log: its first line.

    Attributes
    ----------
    state : dict or None
        Of the last line of that kind; None for a new log.

    Raises
    ------
    ValueError
        If the log is of other settings, or another process writes it.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from libpatrol.shadow.log import Log
    >>> folder = Path(tempfile.mkdtemp())
    >>> log = Log(folder, {"window_seconds": 180.0})
    >>> log.write_state(line=7)
    >>> log.write("said", line=8, about="unknown calls", sentence="...")
    >>> log.close()
    >>> Log(folder, {"window_seconds": 180.0}).state["line"]
    7
    """

    def __init__(self, folder: Path, settings: Mapping[str, Any]) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self._log, self._records = (_opened(folder / name) for name in (LOG, RECORDS))
        try:
            self.state = self._taken_up(settings)
        except BaseException:
            self.close()
            raise

    def _taken_up(self, settings: Mapping[str, Any]) -> dict[str, Any] | None:
        """Cut off what follows the last state, and return that."""
        try:
            fcntl.flock(self._log, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ValueError(f"{self.folder / LOG} is being written by another process: give another --out") from None
        state, log_size, record_size = self._last_state(json.loads(_line("run", settings)))
        for file, size in ((self._log, log_size), (self._records, record_size)):
            file.truncate(size)
            file.seek(size)
        if not log_size:
            self.write("run", **settings)
        return state

    def _last_state(self, settings: Mapping[str, Any]) -> tuple[dict[str, Any] | None, int, int]:
        """Return the last state whose records are all there, and the sizes of log and records at that time."""
        records = os.fstat(self._records.fileno()).st_size
        found: tuple[dict[str, Any] | None, int, int] = None, 0, 0  # without a state it is all written again
        path, end, first = self.folder / LOG, 0, b""
        for number, line in enumerate(self._log, 1):
            first, end = first or line, end + len(line)
            if line.startswith(_STATE) and line.endswith(b"\n"):
                state = _content(line, path, number)
                if state["record_bytes"] <= records:
                    found = state, end, state["record_bytes"]
        if found[0] is not None:
            _same(_content(first, path, 1), settings, path)
        return found

    def write(self, kind: str, **content: Any) -> None:
        """Add a line."""
        self._log.write(_line(kind, content))

    def write_state(self, **content: Any) -> None:
        """Add a state, after all that it speaks of is safely written."""
        self._records.flush()
        os.fsync(self._records.fileno())
        self.write("state", record_bytes=self._records.tell(), **content)
        self._log.flush()
        os.fsync(self._log.fileno())

    def write_record(self, record: bytes) -> int:
        """Add the record of a decision and return where it begins."""
        begin = self._records.tell()
        self._records.write(record)
        return begin

    def record(self, begin: int, size: int) -> bytes:
        """Return a record that was written."""
        self._records.flush()
        return os.pread(self._records.fileno(), size, begin)

    def flush(self) -> None:
        """Show other processes what was written."""
        self._records.flush()
        self._log.flush()

    def close(self) -> None:
        """Close the files."""
        self._records.close()
        self._log.close()


def read_log(folder: Path) -> Iterator[dict[str, Any]]:
    """Yield the whole lines of a log.

    Raises
    ------
    ValueError
        If the folder has no log.
    """
    path = folder / LOG
    if not path.is_file():
        raise ValueError(f"{folder} has no {LOG}: expected the folder that libpatrol shadow --out has written")
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            if line.endswith(b"\n"):
                yield _content(line, path, number)


def _opened(path: Path) -> BinaryIO:
    """Open a file to be read and written, made if it does not exist."""
    return os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o666), "r+b")


def _line(kind: str, content: Mapping[str, Any]) -> bytes:
    text = json.dumps({"kind": kind, **content}, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return text.encode() + b"\n"


def _content(line: bytes, path: Path, number: int) -> dict[str, Any]:
    try:
        content: dict[str, Any] = json.loads(line)
    except ValueError as error:
        raise ValueError(f"{path}: line {number} is damaged ({error}), expected JSON") from error
    return content


def _same(found: Mapping[str, Any], wanted: Mapping[str, Any], path: Path) -> None:
    for name in {**wanted, **found}:
        if found.get(name) != wanted.get(name):
            raise ValueError(
                f"{path} was begun with {name} {json.dumps(found.get(name))}, and now it is "
                f"{json.dumps(wanted.get(name))}: expected the same, or another --out"
            )

"""Folders and files that appear whole or not at all."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def written_whole(path: Path) -> Iterator[Path]:
    """Give an empty folder beside ``path``, which takes its place when the block ends.

    If the block is left by an exception, also by Ctrl-C, the folder is removed, and what was at ``path`` stays.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from libpatrol.atomic import written_whole
    >>> place = Path(tempfile.mkdtemp()) / "results"
    >>> with written_whole(place) as folder:
    ...     _ = (folder / "results.json").write_text("{}")
    >>> [entry.name for entry in place.iterdir()]
    ['results.json']
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(prefix=f".{path.name}.", suffix=".partial", dir=path.parent))
    temporary.chmod(0o777 & ~_umask())
    try:
        yield temporary
        _take_place(temporary, path)
    except BaseException:
        shutil.rmtree(temporary, ignore_errors=True)
        raise


def write_whole(path: Path, text: str) -> None:
    """Write a text in UTF-8 beside ``path`` and let it take its place.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from libpatrol.atomic import write_whole
    >>> place = Path(tempfile.mkdtemp())
    >>> write_whole(place / "report.html", "<p>")
    >>> [entry.name for entry in place.iterdir()]
    ['report.html']
    """
    beside = path.with_name(f".{path.name}.{os.getpid()}.partial")
    beside.write_text(text, encoding="utf-8")
    beside.replace(path)


def _take_place(temporary: Path, path: Path) -> None:
    """Rename a folder; Linux cannot rename one over another that has content, so that one moves aside first."""
    if not path.exists():
        os.rename(temporary, path)
        return
    aside = Path(tempfile.mkdtemp(prefix=f".{path.name}.", suffix=".old", dir=path.parent))
    os.rename(path, aside / path.name)
    try:
        os.rename(temporary, path)
    except BaseException:
        os.rename(aside / path.name, path)
        raise
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask

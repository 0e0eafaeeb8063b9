"""The console of the commands: prints names and data as they are, on any standard output."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TextIO

import rich.console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.styled import Styled
from rich.text import Text

_ASCII = str.maketrans({"±": "+-", "·": "-", "\N{MINUS SIGN}": "-", "…": "..."})
"""For outputs that lack these characters."""


class Console(rich.console.Console):
    """A console without markup: brackets and colons in names are printed as they are.

    Characters that the output's encoding lacks are written in ASCII, or as a question mark.
    """

    def __init__(self, file: TextIO | None = None) -> None:
        output: Any = _Legible(sys.stdout if file is None else file)
        super().__init__(file=output, markup=False, emoji=False, highlight=False)

    def render_str(self, text: str, **options: Any) -> Text:
        """Return text to be laid out; every cell, title and line comes through here."""
        return super().render_str(legible(text, self.encoding), **options)

    def line(self, *parts: str | tuple[str, str]) -> None:  # type: ignore[override]  # rich counts blank lines
        """Print a line of plain texts and pairs of text and style; a blank line without any."""
        pairs = ((part, "") if isinstance(part, str) else part for part in parts)
        self.print(Text.assemble(*((legible(text, self.encoding), style) for text, style in pairs)))


class _Legible:
    """A stream that gets only characters of its encoding. Cells that the layout has cut end in a full stop there."""

    def __init__(self, file: TextIO) -> None:
        self._file = file

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)

    def write(self, text: str) -> int:
        return self._file.write(legible(text, self._file.encoding or "ascii", cut="."))


def styled(text: str, style: str) -> Styled:
    """Return a table cell in a style."""
    return Styled(text, style)


def legible(text: str, encoding: str, cut: str = "...") -> str:
    """Return `text` in characters that `encoding` has; `cut` stands for an ellipsis."""
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return text.translate({**_ASCII, ord("…"): cut}).encode(encoding, "replace").decode(encoding)
    return text


@contextmanager
def shares(console: rich.console.Console) -> Iterator[Callable[[str, float], None]]:
    """Give a function that shows what is done now, the share of the work that is behind, and the time left."""
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as shown:
        task = shown.add_task("", total=1.0)
        yield lambda doing, share: shown.update(task, description=doing, completed=share)


@contextmanager
def kept_when_stopped(console: rich.console.Console) -> Iterator[None]:
    """Say, if the work is interrupted, that what is done is kept."""
    try:
        yield
    except KeyboardInterrupt:
        console.print("stopped: what is done is kept, and the same command goes on")
        raise


@contextmanager
def progress(console: rich.console.Console) -> Iterator[Progress]:
    """Show how many pieces of work are done, and the time left."""
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as shown:
        yield shown

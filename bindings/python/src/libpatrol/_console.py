"""The console of the commands: prints names and data as they are, on any standard output."""

from typing import Any, TextIO

import rich.console
from rich.styled import Styled
from rich.text import Text

_ASCII = str.maketrans({"±": "+-", "·": "-", "\N{MINUS SIGN}": "-", "…": "..."})
"""For outputs that lack these characters."""


class Console(rich.console.Console):
    """A console without markup: brackets and colons in names are printed as they are.

    Characters that the output's encoding lacks are written in ASCII, or as a question mark.
    """

    def __init__(self, file: TextIO | None = None) -> None:
        super().__init__(file=file, markup=False, emoji=False, highlight=False)

    def render_str(self, text: str, **options: Any) -> Text:
        """Return text to be laid out; every cell, title and line comes through here."""
        return super().render_str(legible(text, self.encoding), **options)

    def line(self, *parts: str | tuple[str, str]) -> None:
        """Print a line of plain texts and pairs of text and style."""
        pairs = ((part, "") if isinstance(part, str) else part for part in parts)
        self.print(Text.assemble(*((legible(text, self.encoding), style) for text, style in pairs)))


def styled(text: str, style: str) -> Styled:
    """Return a table cell in a style."""
    return Styled(text, style)


def legible(text: str, encoding: str) -> str:
    """Return `text` in characters that `encoding` has."""
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return text.translate(_ASCII).encode(encoding, "replace").decode(encoding)
    return text

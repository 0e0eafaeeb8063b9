"""Pages of the guide whose text stands elsewhere in the repository, beside the code or the results it describes.

A line `{page} PATH` of a page is replaced by that file. Its links are made to lead where they lead on disk: to the page
of the guide that shows the file, to an image, or, where the guide does not show the file, to nothing but its name. A
link whose file does not exist is an error.
"""

import os
import re
from functools import cache
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx
from sphinx.errors import ExtensionError

DOCS = Path(__file__).resolve().parents[1]
REPOSITORY = DOCS.parents[2]
_DIRECTIVE = re.compile(r"^\{page\} (\S+)$", re.MULTILINE)
_LINK = re.compile(r"(!?)\[([^\]]*)\]\(([^)#\s]+)(#[^)\s]*)?\)")


@cache
def shown() -> dict[Path, Path]:
    """Return the page of the guide on which each file of the repository is shown."""
    pages = {page: page for page in DOCS.rglob("*.md")}
    for page in list(pages):
        for path in _DIRECTIVE.findall(page.read_text(encoding="utf-8")):
            pages[REPOSITORY / path] = page
    return pages


def relocated(text: str, source: Path, page: Path) -> str:
    """Return the text of a file with links that work on a page of the guide."""

    def link(found: re.Match[str]) -> str:
        image, label, target, anchor = found.groups()
        if re.match(r"[a-z]+:", target):
            return found[0]
        path = Path(os.path.normpath(source.parent / target))
        if not path.exists():
            raise ExtensionError(f"{source}: the link to {target} leads nowhere")
        if image:
            return f"![{label}]({os.path.relpath(path, page.parent)})"
        if path in shown():
            return f"[{label}]({os.path.relpath(shown()[path], page.parent)}{anchor or ''})"
        return label

    return _LINK.sub(link, text)


def _read(app: Sphinx, name: str, source: list[str]) -> None:
    page = DOCS / f"{name}.md"

    def text(found: re.Match[str]) -> str:
        path = REPOSITORY / found[1]
        app.env.note_dependency(str(path))
        return relocated(path.read_text(encoding="utf-8"), path, page)

    source[0] = _DIRECTIVE.sub(text, source[0])


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx."""
    app.connect("source-read", _read)
    return {"parallel_read_safe": True}

"""Makes tutorial.ipynb of tutorial.md: the text as it is, the commands as cells.

bindings/python/run python bindings/python/docs/make_notebook.py
"""

import re
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

PAGE = Path(__file__).with_name("tutorial.md")
_FENCE = re.compile(r"```(?:\{code-block\} )?(\w+)\n(.*?)\n```", re.DOTALL)


def notebook(page: str) -> nbformat.NotebookNode:
    """Return the notebook of a page: indented lines are commands of a shell, TOML is text, for the user to write."""
    cells = [cell for piece in _pieces(page) for cell in piece]
    for number, cell in enumerate(cells):
        cell["id"] = f"cell-{number}"
    return new_notebook(cells=cells, metadata={"language_info": {"name": "python"}})


def _pieces(page: str) -> Iterator[list[nbformat.NotebookNode]]:
    """Yield the cells of each stretch of text, and of each fenced block between two of them."""
    end = 0
    for fence in _FENCE.finditer(page):
        yield list(_of_text(page[end : fence.start()]))
        yield [new_markdown_cell(fence[0]) if fence[1] == "toml" else new_code_cell(fence[2])]
        end = fence.end()
    yield list(_of_text(page[end:]))


def _of_text(text: str) -> Iterator[nbformat.NotebookNode]:
    paragraphs = re.split(r"\n{2,}", text.strip("\n"))
    for is_command, found in groupby(paragraphs, lambda paragraph: paragraph.startswith("    ")):
        if not is_command:
            whole = "\n\n".join(found).strip()
            yield from [new_markdown_cell(whole)] if whole else []
        else:
            lines = [line.strip() for paragraph in found for line in paragraph.splitlines()]
            yield new_code_cell("\n".join(f"{'%' if line.startswith('pip ') else '!'}{line}" for line in lines))


if __name__ == "__main__":
    nbformat.write(notebook(PAGE.read_text(encoding="utf-8")), PAGE.with_suffix(".ipynb"))

"""No room of the package imports a higher one: CONTRIBUTING.md lists the rooms, the highest first."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from conftest import REPOSITORY

PACKAGE = REPOSITORY / "bindings" / "python" / "src" / "libpatrol"


def listed() -> list[list[str]]:
    """Return the folders and files of each line of the list."""
    page = (REPOSITORY / "CONTRIBUTING.md").read_text(encoding="utf-8")
    lines = page.split("bindings/python/src/libpatrol:\n\n")[1].split("\n\n")[0].splitlines()
    return [re.split(", ", re.split(" {2,}", line.strip())[0]) for line in lines]


LEVELS = {place.rstrip("/"): -level for level, places in enumerate(listed()) for place in places}


def level(path: Path) -> int:
    """Return how high the room of a file of the package is."""
    first = path.relative_to(PACKAGE).parts[0]
    return LEVELS.get(first, LEVELS["*.py"]) if first.endswith(".py") else LEVELS[first]


def imported(path: Path) -> Iterator[Path]:
    """Yield the files of the package that a file imports, wherever in it the import stands."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} has a relative import"
            names = [f"{node.module}.{name.name}" for name in node.names]
        elif isinstance(node, ast.Import):
            names = [name.name for name in node.names]
        else:
            continue
        yield from (file_of(name) for name in names if name.split(".")[0] == "libpatrol")


def file_of(name: str) -> Path:
    """Return the file of a module, or of the module that has a name."""
    place = PACKAGE.parent.joinpath(*name.split("."))
    for file in (place.with_suffix(".py"), place / "__init__.py", place.parent.with_suffix(".py")):
        if file.exists():
            return file
    return place.parent / "__init__.py"


def test_every_folder_is_listed() -> None:
    folders = {file.relative_to(PACKAGE).parts[0] for file in PACKAGE.rglob("*.py")}
    assert {name for name in folders if not name.endswith(".py")} <= set(LEVELS)


def test_no_room_imports_a_higher_one() -> None:
    files = sorted(PACKAGE.rglob("*.py"))
    pairs = [(file, other) for file in files for other in imported(file)]
    assert len(pairs) > 200
    assert [f"{file} imports {other}" for file, other in pairs if level(other) > level(file)] == []

"""The references owe nothing to the library but its data types, and are compared where their page says."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import REPOSITORY

PYTHON = REPOSITORY / "bindings" / "python"
REFERENCE = PYTHON / "reference"
MODULES = sorted(path.stem for path in REFERENCE.glob("*.py") if path.stem != "__init__")
BOUND = {"instances", "hard_instances", "recorded_decisions", "logs", "library", "proof"}
"""Modules that ask the library: they make what is compared, and `proof` compares."""
DATA = {
    "NO_ID", "NO_NODE", "Answer", "AreaArrays", "EngineOptions", "EventKind", "Pairs", "ScenarioArrays", "Snapshot",
    "UnitStatus", "WaitReason", "incidents", "units",
}  # fmt: skip
"""What others may use: arrays that are given and found, their types, and numbers that name something."""


def imported(name: str) -> Iterator[tuple[str, str]]:
    """Yield the modules that a module imports from, and the names."""
    for node in ast.walk(ast.parse((REFERENCE / f"{name}.py").read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0 and node.module is not None
            yield from ((node.module, alias.name) for alias in node.names)


def rows() -> dict[str, list[Path]]:
    """Return where the README says that each module is compared or used."""
    page = (REFERENCE / "README.md").read_text(encoding="utf-8")
    found = {}
    for line in page.splitlines():
        cells = line.strip("| ").split(" | ")
        for name in re.findall(r"`(\w+)\.py`", cells[0]) if line.startswith("| `") else []:
            found[name] = [PYTHON / path for path in re.findall(r"`([\w/]+\.py)`", cells[-1])]
    return found


@pytest.mark.parametrize("name", sorted(set(MODULES) - BOUND))
def test_a_reference_uses_only_data_of_the_library(name: str) -> None:
    for module, what in imported(name):
        if module.split(".")[0] == "libpatrol":
            assert what in DATA, f"{name} imports {what or module} from {module}"
        if module.split(".")[0] == "reference":
            assert module.removeprefix("reference.") not in BOUND, f"{name} imports {module}, which asks the library"
        assert module.split(".")[0] not in ("benchmarks", "conftest") and not module.startswith("test_")


def test_every_module_is_said_to_be_compared_where_it_is() -> None:
    found = rows()
    assert sorted(found) == MODULES
    for name, places in found.items():
        assert places, f"nothing is said of where {name} is compared"
        for place in places:
            assert uses(place, name), f"{place} does not use reference.{name}"


def uses(place: Path, name: str) -> bool:
    """Whether a file imports a module of the references, or one that does."""
    text = place.read_text(encoding="utf-8")
    direct = set(re.findall(r"(?:from|import) reference\.(\w+)", text))
    for group in re.findall(r"from reference import ([\w, ]+)", text):
        direct |= set(group.split(", "))
    reached, left = set(), list(direct & set(MODULES))
    while left:
        module = left.pop()
        reached.add(module)
        others = {other.removeprefix("reference.") for other, _ in imported(module) if other.startswith("reference.")}
        left += others - reached
    return name in reached

"""The guide and the other pages: their code runs, their commands are known, the reference is complete and builds."""

import ast
import doctest
import enum
import importlib.util
import inspect
import pkgutil
import re
import shlex
import shutil
import subprocess
import sys
from enum import Enum
from pathlib import Path
from types import ModuleType

import pytest
from conftest import REPOSITORY

import libpatrol
from libpatrol import enums, environments
from libpatrol._native.library import library
from libpatrol._native.prototypes import PROTOTYPES
from libpatrol.commands import cli
from libpatrol.engine import EngineOptions
from libpatrol.studies.pairs import DISPATCH_POLICIES, PATROL_POLICIES

DOCS = REPOSITORY / "bindings" / "python" / "docs"
PAGES = [REPOSITORY / "README.md", REPOSITORY / "bindings" / "python" / "README.md", *sorted(DOCS.rglob("*.md"))]


def referenced() -> dict[str, object]:
    """Return what the reference shows, by its full name."""
    pages = "".join(page.read_text(encoding="utf-8") for page in PAGES)
    names = re.findall(r"^\.\. auto(?:class|function|exception):: ([\w.]+)", pages, re.MULTILINE)
    for module, members in re.findall(r"^\.\. automodule:: ([\w.]+)\n   :members: (.+)$", pages, re.MULTILINE):
        names += [f"{module}.{member.strip()}" for member in members.split(",")]
    return {name: pkgutil.resolve_name(":".join(name.rsplit(".", 1))) for name in names}


REFERENCE = referenced()
CLASSES = [thing for thing in REFERENCE.values() if inspect.isclass(thing) and not issubclass(thing, Enum)]


def blocks(language: str) -> list[object]:
    """Return the code blocks of all pages in a language."""
    pattern = re.compile(rf"^```{language}\n(.*?)^```", re.DOTALL | re.MULTILINE)
    return [
        pytest.param(block, id=f"{page.relative_to(REPOSITORY)}-{number}")
        for page in PAGES
        for number, block in enumerate(pattern.findall(page.read_text(encoding="utf-8")))
    ]


@pytest.mark.parametrize("block", blocks("python"))
def test_python_of_the_pages_runs(block: str, tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-c", block], check=True, cwd=tmp_path)


@pytest.mark.parametrize("block", blocks("c"))
def test_c_of_the_pages_runs(block: str, tmp_path: Path) -> None:
    compile_and_run(["cc", "-std=c11"], "c", block, tmp_path)


@pytest.mark.parametrize("block", blocks("cpp"))
def test_cpp_of_the_pages_runs(block: str, tmp_path: Path) -> None:
    compile_and_run(["c++", "-std=c++17", "-I", str(REPOSITORY / "bindings" / "cpp")], "cpp", block, tmp_path)


def compile_and_run(compiler: list[str], suffix: str, block: str, folder: Path) -> None:
    if shutil.which(compiler[0]) is None:
        pytest.skip(f"{compiler[0]} is not installed")
    shared = folder / f"{library.path.stem}.so.{libpatrol.__version__.split('.')[0]}"
    shared.symlink_to(library.path)
    source, program = folder / f"example.{suffix}", folder / "example"
    source.write_text(block, encoding="utf-8")
    warnings = ["-Wall", "-Wextra", "-Werror", "-I", str(REPOSITORY / "include")]
    linked = [str(shared), f"-Wl,-rpath,{folder}", "-o", str(program)]
    subprocess.run([*compiler, *warnings, str(source), *linked], check=True)
    subprocess.run([str(program)], check=True, cwd=folder)


def test_commands_of_the_pages_are_known() -> None:
    lines = [line for page in PAGES for line in page.read_text(encoding="utf-8").splitlines()]
    shown = [shlex.split(line, comments=True)[1:] for line in lines if re.match(r"    libpatrol [a-z]", line)]
    assert len(shown) > 10
    for words in shown:
        cli._parser().parse_args(words)


def test_links_of_all_pages_lead_to_files() -> None:
    folders = [REPOSITORY / "Sources", REPOSITORY / "bindings"]
    pages = [*REPOSITORY.glob("*.md"), *(page for folder in folders for page in folder.rglob("*.md"))]
    links = [
        (page, target)
        for page in pages
        for target in re.findall(r"\]\((?![a-z]+:|#)([^)#\s]+)", page.read_text(encoding="utf-8"))
    ]
    assert len(links) > 50
    assert [f"{page}: {target}" for page, target in links if not (page.parent / target).exists()] == []


@pytest.mark.parametrize("thing", CLASSES, ids=lambda thing: thing.__name__)
def test_every_public_class_has_an_example_that_runs(thing: type) -> None:
    found = doctest.DocTestFinder(recurse=False).find(thing, thing.__name__, globs={})
    examples = [test for test in found if test.examples]
    assert examples, f"{thing.__name__} has no example"
    failures: list[str] = []
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS)
    for example in examples:
        runner.run(example, out=failures.append)
    assert not runner.failures, "".join(failures)


def test_every_public_name_is_in_the_reference() -> None:
    enumerations = [
        name for name, thing in vars(enums).items() if inspect.isclass(thing) and thing not in vars(enum).values()
    ]
    tops = {
        libpatrol: [name for name in libpatrol.__all__ if not name.isupper()],
        environments: environments.__all__,
        enums: enumerations,
    }
    shown = list(REFERENCE.values())
    assert [name for module, names in tops.items() for name in names if getattr(module, name) not in shown] == []


def test_every_name_that_the_pages_use_is_in_the_reference() -> None:
    imports = [
        node
        for parameters in blocks("python")
        for node in ast.walk(ast.parse(parameters.values[0]))
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("libpatrol")
    ]
    used = {f"{node.module}.{name.name}" for node in imports for name in node.names}
    assert len(used) > 5
    things = [(name, pkgutil.resolve_name(name)) for name in used if not name.rsplit(".", 1)[1].isupper()]
    shown = list(REFERENCE.values())
    assert [name for name, thing in things if not inspect.ismodule(thing) and thing not in shown] == []


def test_every_function_of_the_headers_is_in_the_reference(headers: str) -> None:
    made = extension("header").reference(headers)
    assert set(re.findall(r"^::::\{c:function\} .*?(patrol_\w+)\(", made, re.MULTILINE)) >= set(PROTOTYPES)


def test_policies_and_rules_are_described_by_name() -> None:
    page = (REPOSITORY / "Sources" / "PatrolDecisions" / "Policies.md").read_text(encoding="utf-8")
    rules = set(EngineOptions.__dataclass_fields__) - {
        "patrol_policy", "dispatch_policy", "group_weights", "seed", "stay_seconds", "stale_position_seconds",
        "discount_rate", "compliance_rows",
    }  # fmt: skip
    assert {name for name in {*PATROL_POLICIES, *DISPATCH_POLICIES, *rules} if f"`{name}`" not in page} == set()


def test_the_citation_names_this_version() -> None:
    wording = (REPOSITORY / "CITATION.cff").read_text(encoding="utf-8")
    assert f"\nversion: {libpatrol.__version__}\n" in wording


def test_the_guide_builds_without_a_warning(tmp_path: Path) -> None:
    pytest.importorskip("furo", reason="the extra `docs` is not installed")
    folders = ["-d", str(tmp_path / "trees"), str(DOCS), str(tmp_path / "html")]
    subprocess.run([sys.executable, "-m", "sphinx", "-W", "-q", *folders], check=True)
    assert (tmp_path / "html" / "index.html").exists()


def extension(name: str) -> ModuleType:
    specification = importlib.util.spec_from_file_location(name, DOCS / "extensions" / f"{name}.py")
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module

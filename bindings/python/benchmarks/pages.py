"""What every results page says: machine, versions, date, command, tables."""

import os
import platform
import re
import sys
from collections.abc import Sequence
from datetime import date
from importlib.metadata import version
from pathlib import Path

import libpatrol
from benchmarks import REPOSITORY


def page(title: str, packages: Sequence[str], sections: Sequence[str], pictures: Sequence[str] = ()) -> str:
    """Return a results page, which names the command it comes from and shows the pictures beside it."""
    shown = [f"![{title}]({name})" for name in pictures]
    return "\n\n".join([f"# {title}", f"{date.today()}, `{_command()}`", _machine(packages), *shown, *sections]) + "\n"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a Markdown table, with columns of numbers to the right, but for the first."""
    numeric = [any(cell[:1] in "-+>0123456789" for cell in column) for column in zip(*rows, strict=True)]
    lines = [head, ["---", *("---:" if right else "---" for right in numeric[1:])], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _command() -> str:
    """Return the command that is running."""
    program = Path(sys.argv[0]).resolve().relative_to(Path(__file__).resolve().parents[1]).with_suffix("")
    module = ".".join(part for part in program.parts if part != "__main__")
    return " ".join(["bindings/python/run python -m", module, *map(_from_repository, sys.argv[1:])])


def _from_repository(argument: str) -> str:
    path = Path(argument)
    is_inside = path.exists() and path.resolve().is_relative_to(REPOSITORY)
    return str(path.resolve().relative_to(REPOSITORY)) if is_inside else argument


def _machine(packages: Sequence[str]) -> str:
    names = re.findall(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text(encoding="utf-8"))
    processor = names[0] if names else platform.processor()
    versions = ", ".join(f"{name} {version(name)}" for name in packages)
    python = f"Python {platform.python_version()}, libpatrol {libpatrol.__version__}, {versions}"
    return f"{processor}, {os.cpu_count()} cores; {platform.system()}, {python}"

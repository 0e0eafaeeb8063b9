"""Programs in C that are timed with the library of this tree, and with that of an earlier commit in the same run."""

import subprocess
from pathlib import Path

from benchmarks import BUILD, REPOSITORY


def present_build(prefix: Path) -> Path:
    """Install the libraries of this tree, as they are shipped to C, in a folder; return it."""
    subprocess.run([REPOSITORY / "bindings" / "c" / "install", "--prefix", prefix], check=True)
    return prefix


def earlier_build(commit: str) -> Path:
    """Return the folder where the libraries of a commit are installed; the first time they are built."""
    folder = BUILD / "earlier" / commit
    prefix = folder / "stage"
    if not prefix.exists():
        source = folder / "source"
        subprocess.run(["git", "clone", "--quiet", "--no-checkout", REPOSITORY, source], check=True)
        subprocess.run(["git", "-C", source, "checkout", "--quiet", commit], check=True)
        subprocess.run([source / "bindings" / "c" / "install", "--prefix", prefix], check=True)
    return prefix


def builds(work: Path, earlier: str | None) -> dict[str, Path]:
    """Return where libraries are installed: those of "now", in `work`, and of an "earlier" commit if one is given."""
    return {"now": present_build(work)} | ({"earlier": earlier_build(earlier)} if earlier else {})


def compile_program(source: Path, library: str, prefix: Path, program: Path, *definitions: str) -> Path:
    """Compile a program with the headers and a library of an installation; return it."""
    flags = ["-std=c11", "-O2", "-Wall", "-Wextra", "-Werror", "-I", str(prefix / "include"), *definitions]
    link = ["-L", str(prefix / "lib"), f"-l{library}", f"-Wl,-rpath,{prefix / 'lib'}"]
    subprocess.run(["cc", *flags, str(source), *link, "-o", str(program)], check=True)
    return program

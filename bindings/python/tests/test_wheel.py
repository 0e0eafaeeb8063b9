"""The wheel: what is in it, and that it works where there is neither Swift nor anything else of this project."""

import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from conftest import REPOSITORY

import libpatrol

PYTHON = REPOSITORY / "bindings" / "python"
SOURCES = (REPOSITORY / "Package.swift", REPOSITORY / "Sources", REPOSITORY / "include", PYTHON / "src")

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def wheel() -> Path:
    """Return the wheel of these sources, built if there is none that is newer than they are."""
    found = sorted((REPOSITORY / ".build" / "wheel").glob(f"libpatrol-{libpatrol.__version__}-*.whl"))
    found_files = [path for place in SOURCES for path in (place, *place.rglob("*"))]
    files = [path for path in found_files if path.is_file() and path.suffix != ".pyc"]
    if found and found[0].stat().st_mtime > max(path.stat().st_mtime for path in files):
        return found[0]
    if shutil.which("swift") is None:
        pytest.skip("there is no wheel of these sources, and no swift to build one")
    done = subprocess.run([PYTHON / "run", "wheel"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "PASSED" in done.stdout  # by twine check --strict
    return Path(re.search(r"the wheel is (.*\.whl)", done.stdout)[1])


DECISION = """
import libpatrol
from libpatrol.synthetic import cities
area = libpatrol.Area.from_arrays(**cities.grid(4, 4))
units, calls = libpatrol.units(2), libpatrol.incidents(1)
units["node"], calls["node"] = [0, 15], [14]
engine = libpatrol.Engine(area, libpatrol.Policy.bundled())
with libpatrol.Session(engine, 2, 1) as session:
    print(session.decide(libpatrol.Snapshot(0, units, calls)).assignments["unit_id"].tolist())
print(libpatrol.__file__)
"""


@pytest.fixture(scope="module")
def bare(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the wheel into an environment of its own, knowing nothing but where programs are."""
    place = tmp_path_factory.mktemp("bare")
    subprocess.run([sys.executable, "-m", "venv", str(place / "venv")], check=True)
    pip = [place / "venv" / "bin" / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    done = run(place, [*pip, "--only-binary", ":all:", wheel])
    if "Could not find a version" in done.stderr or "NewConnectionError" in done.stderr:
        pytest.skip("the package index is not reachable")
    assert done.returncode == 0, done.stderr
    return place


def run(place: Path, words: list[object]) -> subprocess.CompletedProcess[str]:
    clean = {"HOME": str(place), "PATH": "/usr/bin:/bin"}
    return subprocess.run(list(map(str, words)), env=clean, cwd=place, capture_output=True, text=True, check=False)


def test_it_is_for_linux_since_2014(wheel: Path) -> None:
    wanted = r"libpatrol-[\d.]+-py3-none-manylinux2014_x86_64(\.manylinux_2_17_x86_64)?\.whl"
    assert re.fullmatch(wanted, wheel.name)


def test_licence_templates_data_and_library_are_inside(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        licence = next(name for name in names if name.endswith("licenses/LICENSE"))
        assert archive.read(licence) == (REPOSITORY / "LICENSE").read_bytes()
        metadata = archive.read(next(name for name in names if name.endswith(".dist-info/METADATA"))).decode()
    assert "\nLicense-Expression: Apache-2.0\n" in metadata and "\nLicense-File: LICENSE\n" in metadata
    source = REPOSITORY / "bindings" / "python" / "src"
    expected = {
        path.relative_to(source).as_posix()
        for path in (source / "libpatrol").rglob("*")
        if path.is_file() and path.suffix not in (".pyc", ".so")
    }
    assert expected <= set(names) and "libpatrol/_native/libpatrol_lab.so" in names
    pages = {f"libpatrol/pages/{name}" for name in ("tutorial.md", "city.md", "city_model.md", "stockholm_log.py")}
    assert pages <= set(names)
    assert not [name for name in names if name.endswith((".pyc", ".swift")) or name.startswith("tests")]


def test_a_bare_environment_decides(bare: Path) -> None:
    bin_ = bare / "venv" / "bin"
    version = run(bare, [bin_ / "libpatrol", "--version"])
    assert (version.stdout.strip(), version.returncode) == (libpatrol.__version__, 0), version.stderr
    decided = run(bare, [bin_ / "python", "-c", DECISION])
    assert decided.stdout.splitlines()[0] == "[1]", decided.stderr
    assert str(bare) in decided.stdout


def test_missing_extras_say_what_to_type(bare: Path) -> None:
    done = run(bare, [bare / "venv" / "bin" / "libpatrol", "report", bare])
    assert done.returncode == 1
    wanted = "is not a city folder" in done.stderr or "with its extra city" in done.stderr
    assert wanted and done.stderr.count("\n") <= 1, done.stderr

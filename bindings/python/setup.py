"""Build hook: compiles the shared library with Swift and bundles it into the wheel."""

import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from setuptools import Distribution, setup
from setuptools.command.bdist_wheel import bdist_wheel
from setuptools.command.build_py import build_py
from setuptools.command.sdist import sdist

HERE = Path(__file__).resolve().parent
ENGINE = ("Package.swift", "LICENSE", "Sources", "Tests", "include", "bindings/c", "bindings/cpp", "bindings/serve")
USER_PAGES = ("docs/tutorial.md", "docs/city.md", "docs/city_model.md", "examples/stockholm_log.py")
"""What a user of the wheel needs to follow the tutorial."""
# A source archive has what the library is built from in a folder of its own.
REPOSITORY = HERE / "engine" if (HERE / "engine").is_dir() else HERE.parents[1]
INSTALL = REPOSITORY / "bindings" / "c" / "install"
HEADER = REPOSITORY / "include" / "patrol.h"
BUILD = REPOSITORY / ".build" / "python"


def version() -> str:
    """Return PATROL_VERSION of the header."""
    found = re.search(r'#define PATROL_VERSION "([^"]+)"', HEADER.read_text(encoding="utf-8"))
    if found is None:
        raise SystemExit(f"{HEADER} does not define PATROL_VERSION")
    return found[1]


class BuildWithLibrary(build_py):
    """Builds the Python files, then adds `libpatrol_lab.so`, which has all of `libpatrol.so` and the simulator.

    The pages on formats, features and policies come along, as the C installation has them, and those on cities.
    """

    def run(self) -> None:
        """Run the ordinary build and the Swift build."""
        super().run()
        with tempfile.TemporaryDirectory() as staging:
            if subprocess.run([str(INSTALL), "--prefix", staging], check=False).returncode != 0:
                raise SystemExit(f"{INSTALL} could not build the shared library")
            package = Path(self.build_lib) / "libpatrol"
            shutil.copy(Path(staging) / "lib" / "libpatrol_lab.so", package / "_native" / "libpatrol_lab.so")
            pages = Path(staging) / "share" / "doc" / "libpatrol"
            shutil.copytree(pages, package / "pages", ignore=shutil.ignore_patterns("LICENSE"), dirs_exist_ok=True)
            for page in USER_PAGES:
                shutil.copy(HERE / page, package / "pages")


class SourcesWithEngine(sdist):
    """Packs the sources of the engine, too: the archive builds by itself."""

    def make_release_tree(self, base_dir: str, files: list[str]) -> None:
        """Make the ordinary tree, and add the engine."""
        super().make_release_tree(base_dir, files)
        for page in USER_PAGES:
            target = Path(base_dir) / page
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(HERE / page, target)
        for part in ENGINE:
            source, target = REPOSITORY / part, Path(base_dir) / "engine" / part
            if source.is_dir():
                shutil.copytree(source, target, ignore=shutil.ignore_patterns(".build", "__pycache__"))
            else:
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(source, target)


class WithLibrary(Distribution):
    """A distribution with a library of machine code, which installers keep apart from what runs anywhere."""

    def has_ext_modules(self) -> bool:
        """Return True, although no extension module is built by setuptools."""
        return True


class PlatformWheel(bdist_wheel):
    """A wheel for any Python 3 on this platform: the library is reached through ctypes."""

    def get_tag(self) -> tuple[str, str, str]:
        """Return py3-none-<platform>."""
        return "py3", "none", super().get_tag()[2]


shutil.rmtree(BUILD, ignore_errors=True)  # what an earlier build left would end up in the wheel
BUILD.mkdir(parents=True)
setup(
    version=version(),
    distclass=WithLibrary,
    cmdclass={"build_py": BuildWithLibrary, "bdist_wheel": PlatformWheel, "sdist": SourcesWithEngine},
    options={"build": {"build_base": str(BUILD)}, "egg_info": {"egg_base": str(BUILD)}},
)

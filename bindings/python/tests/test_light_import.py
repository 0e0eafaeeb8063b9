"""Importing the package loads nothing heavy: it is there in a moment, and extras are loaded when they are used."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import libpatrol

HEAVY = {
    "geopandas", "jinja2", "matplotlib", "networkx", "onnx", "onnxruntime", "openpyxl", "pandas", "polars", "pyarrow",
    "pyogrio", "pyproj", "ray", "scipy", "shapely",
}  # fmt: skip
NOT_FOR_DECIDING = {"libpatrol.lab", "libpatrol.scenario", "libpatrol.studies", "libpatrol.synthetic"}
LOADED = "import sys, {module}; print(*sorted({heavy} & set(sys.modules)))"


@pytest.mark.parametrize("module", ["libpatrol", "libpatrol.city", "libpatrol.commands.cli", "libpatrol.pictures"])
def test_nothing_heavy_is_loaded(module: str) -> None:
    environment = os.environ | {"PYTHONPATH": str(Path(libpatrol.__file__).parents[1])}
    command = [sys.executable, "-c", LOADED.format(module=module, heavy=HEAVY)]
    assert subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout == "\n"


def test_what_only_decides_loads_no_simulator() -> None:
    environment = os.environ | {"PYTHONPATH": str(Path(libpatrol.__file__).parents[1])}
    command = [sys.executable, "-c", LOADED.format(module="libpatrol", heavy=NOT_FOR_DECIDING)]
    assert subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout == "\n"


def test_every_name_of_the_package_is_there() -> None:
    assert set(libpatrol.__all__) <= set(dir(libpatrol))
    assert all(getattr(libpatrol, name) is not None for name in libpatrol.__all__)
    with pytest.raises(AttributeError, match=r"^module 'libpatrol' has no attribute 'Scenarios'$"):
        libpatrol.Scenarios  # noqa: B018

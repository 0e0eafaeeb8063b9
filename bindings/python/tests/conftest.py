"""Shared by all tests: the repository, small cities."""

import json
import signal
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import libpatrol
from benchmarks import REPOSITORY
from libpatrol.files import write_area, write_policy
from libpatrol.synthetic import cities
from reference.roads import Roads

SCHEMAS = REPOSITORY / "bindings" / "serve"


def interruptible() -> None:
    """Let a new process be interrupted, given as its `preexec_fn`: what a script starts with & ignores SIGINT."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.fixture(scope="session")
def headers() -> str:
    """Return patrol.h and patrol_lab.h, one after the other."""
    return "".join((REPOSITORY / "include" / name).read_text(encoding="utf-8") for name in ("patrol.h", "patrol_lab.h"))


@pytest.fixture(scope="session")
def city() -> libpatrol.AreaArrays:
    return cities.grid(seed=1)


@pytest.fixture(scope="session")
def area(city: libpatrol.AreaArrays) -> libpatrol.Area:
    return libpatrol.Area.from_arrays(**city)


@pytest.fixture(scope="session")
def area_file(city: libpatrol.AreaArrays, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the small city as a file."""
    path = tmp_path_factory.mktemp("area") / "city.safetensors"
    write_area(path, **city)
    return path


@pytest.fixture(scope="session")
def schemas() -> dict[str, Any]:
    """Return what patrol-serve reads and writes, as validators."""
    jsonschema = pytest.importorskip("jsonschema")
    pages = {name: (SCHEMAS / f"{name}.schema.json").read_text(encoding="utf-8") for name in ("request", "answer")}
    return {name: jsonschema.Draft202012Validator(json.loads(page)) for name, page in pages.items()}


@pytest.fixture(scope="session")
def roads(city: libpatrol.AreaArrays) -> Roads:
    """Return the roads of the city as the references have them."""
    return Roads(city)


@pytest.fixture(scope="session")
def small_policy(tmp_path_factory: pytest.TempPathFactory) -> libpatrol.Policy:
    """Return networks for patrol and dispatch that are random, in a file that does not say what it was made for."""
    from reference.networks import random_layers, state_dict

    rng, path = np.random.default_rng(5), tmp_path_factory.mktemp("policy") / "small"
    patrol, pair = (state_dict(random_layers(rng, [width, 8, 1])) for width in (28, 24))
    write_policy(path, patrol=patrol, pair=pair)
    return libpatrol.Policy.load(path)


@pytest.fixture
def rng(request: pytest.FixtureRequest) -> np.random.Generator:
    """A generator of its own for each test, seeded by the test's name."""
    return np.random.default_rng(list(request.node.name.encode()))

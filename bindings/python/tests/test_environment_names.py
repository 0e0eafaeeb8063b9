"""Environments by their ids, without their packages, and as copies."""

import copy
import pickle
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import gymnasium
import numpy as np
import pytest
from test_environment_interfaces import EPISODE, Observation, same

from libpatrol import Scenario
from libpatrol.environments import DispatchEnv, PatrolEnv, PatrolVectorEnv


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return Scenario.load("hotspots-heavy")


@pytest.fixture
def made() -> Iterator[list[str]]:
    """Ids that a test registers, which are taken back."""
    ids: list[str] = []
    yield ids
    for name in ids:
        del gymnasium.registry[name]


def test_environments_are_made_by_id(scenario: Scenario) -> None:
    for name in ("libpatrol/Dispatch-v0", "libpatrol.environments:libpatrol/Dispatch-v0"):
        with gymnasium.make(name, scenario=scenario, episode_seconds=EPISODE, disable_env_checker=True) as env:
            seen, _ = env.reset(seed=4)
            with DispatchEnv(scenario, episode_seconds=EPISODE) as other:
                same(seen, other.reset(seed=4)[0])
            np.testing.assert_array_equal(env.get_wrapper_attr("action_masks")(), seen["action_mask"] == 1)
    with gymnasium.make("libpatrol/Dispatch-v0", scenario="uniform-light", max_pairs=3) as env:
        assert env.action_space.n == 4
        env.reset(seed=1)
        env.step(0)
    many = gymnasium.make_vec("libpatrol/Patrol-v0", num_envs=3, vectorization_mode="vector_entry_point")
    assert many.reset(seed=1)[0]["observation"].shape[0] == 3
    many.close()


def test_an_environment_registered_with_a_scenario_is_made_again_and_again(scenario: Scenario, made: list[str]) -> None:
    """Gymnasium deep-copies what an environment is registered with, each time that it makes one."""
    made.append("tests/Mine-v0")
    gymnasium.register(
        made[0],
        entry_point="libpatrol.environments:DispatchEnv",
        kwargs={"scenario": scenario, "engine": scenario.engine(), "episode_seconds": EPISODE},
    )
    first: Observation | None = None
    for _ in range(10):
        with gymnasium.make(made[0]) as env:
            seen, _ = env.reset(seed=6)
            first = seen if first is None else first
            same(seen, first)
            env.step(0)


def python(program: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)


def test_gymnasium_is_imported_for_environments_only() -> None:
    run = python("import sys, libpatrol; assert not {'gymnasium', 'pettingzoo', 'pandas'} & set(sys.modules)")
    assert run.returncode == 0, run.stderr
    run = python(
        "import gymnasium; env = gymnasium.make('libpatrol.environments:libpatrol/Dispatch-v0'); env.reset(seed=1)"
    )
    assert run.returncode == 0, run.stderr


@pytest.mark.parametrize(
    ("module", "package", "name"),
    [
        ("libpatrol.environments", "gymnasium", "environments"),
        ("libpatrol.environments", "pettingzoo", "environments"),
        ("libpatrol.replay", "pandas", "logs"),
        ("libpatrol.replay.call_csv", "pandas", "logs"),
    ],
)
def test_a_missing_extra_is_named_with_the_command_that_installs_it(module: str, package: str, name: str) -> None:
    run = python(f"import sys; sys.modules['{package}'] = None; import {module}")
    wording = run.stderr.strip().splitlines()[-1]
    assert f" needs the package {package}: install libpatrol with its extra {name}, from the wheel with" in wording
    assert wording.endswith(f"from the source tree with pip install './bindings/python[{name}]'")


def test_the_command_says_which_extra_is_missing() -> None:
    run = python(
        "import sys; sys.modules['pandas'] = None\n"
        "from libpatrol.commands.cli import main; sys.exit(main(['replay', 'log.csv', '--format', 'cobra']))"
    )
    assert run.returncode == 1 and run.stderr.count("\n") == 1
    assert run.stderr.startswith("libpatrol: libpatrol.replay needs the package pandas: install libpatrol with its ")


def test_a_command_names_itself_where_an_extra_is_missing(tmp_path: Path) -> None:
    (tmp_path / "city.toml").write_text("", encoding="utf-8")
    run = python(
        "import sys; sys.modules['pandas'] = sys.modules['geopandas'] = None\n"
        f"from libpatrol.commands.cli import main; sys.exit(main(['report', {str(tmp_path)!r}]))"
    )
    assert run.returncode == 1 and re.match(r"libpatrol: libpatrol report needs the package \w+: ", run.stderr)


# Copies


def actions_of(env: Any) -> Any:
    masks = env.action_masks()
    return masks.shape[-1] - 1 - masks[..., ::-1].argmax(-1)  # the last that there is


@pytest.mark.parametrize(
    "copied",
    [copy.copy, copy.deepcopy, lambda env: pickle.loads(pickle.dumps(env))],
    ids=["copy", "deepcopy", "pickle"],
)
@pytest.mark.parametrize(
    "make",
    [
        lambda scenario: DispatchEnv(scenario, max_pairs=9),
        lambda scenario: PatrolEnv(scenario, episode_seconds=EPISODE),
        lambda scenario: PatrolVectorEnv(scenario, num_envs=3, episode_seconds=EPISODE, threads=2),
    ],
    ids=["dispatch", "patrol", "vector"],
)
def test_environments_are_copied_where_an_episode_begins(
    scenario: Scenario, make: Callable[[Scenario], Any], copied: Callable[[Any], Any]
) -> None:
    env = make(scenario)
    env.reset(seed=8)
    fresh = make(scenario)
    copied(fresh).reset(seed=8)
    other = copied(env)
    for _ in range(2):
        for _ in range(20):
            actions = actions_of(env)
            np.testing.assert_array_equal(actions, actions_of(other))
            env.step(actions)
            other.step(actions)
        with pytest.raises(TypeError, match=rf"a {type(env).__name__} within an episode cannot be copied or pickled"):
            copied(env)
        env.reset()
        other.reset()
    other.close()
    env.step(actions_of(env))
    env.close()

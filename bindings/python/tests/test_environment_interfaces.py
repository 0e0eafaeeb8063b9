"""What Gymnasium, PettingZoo and learners ask of an environment: episodes, actions, masks, seeds, other processes."""

import copy
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from gymnasium.vector import AsyncVectorEnv, AutoresetMode, SyncVectorEnv
from gymnasium.wrappers.vector import DictInfoToList, RecordEpisodeStatistics

from libpatrol import Batch, Scenario
from libpatrol.environments import DispatchEnv, PatrolEnv, PatrolVectorEnv

SHORT = 300.0
EPISODE = 3600.0
Observation = dict[str, np.ndarray]


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return Scenario.load("hotspots-heavy")


@pytest.fixture(scope="module")
def quiet() -> Scenario:
    return Scenario.load("uniform-light")


def same(one: Observation, other: Observation) -> None:
    assert one.keys() == other.keys()
    for name, array in one.items():
        np.testing.assert_array_equal(array, other[name])


# Episodes


def test_every_reset_leaves_an_episode_that_can_be_stepped(quiet: Scenario) -> None:
    """Also one in which no decision comes."""
    env, empty = DispatchEnv(quiet, episode_seconds=SHORT), 0
    for seed in range(20):
        seen, _ = env.reset(seed=seed)
        assert seen["action_mask"][0] and env.observation_space.contains(seen)
        empty += seen["action_mask"].sum() == 1
        total, ended, steps = 0.0, False, 0
        while not ended:
            seen, reward, terminated, ended, info = env.step(0)
            assert not terminated
            total, steps = total + reward, steps + 1
        assert steps > 0 and total == pytest.approx(-info["cumulative_cost"] / 60)
        with pytest.raises(RuntimeError, match="reset first"):
            env.step(0)
    assert 10 < empty < 20


@pytest.mark.filterwarnings("ignore::UserWarning:pettingzoo")
def test_every_reset_leaves_agents_that_can_act(quiet: Scenario) -> None:
    env = PatrolEnv(quiet, episode_seconds=1e-3)
    for seed in range(3):
        env.reset(seed=seed)
        assert not any(env.truncations.values())
        turns = 0
        for _ in env.agent_iter():
            _, _, _, truncated, _ = env.last()
            env.step(None if truncated else 0)
            turns += not truncated
        assert turns > 0 and not env.agents


def test_steps_before_a_reset_are_refused(scenario: Scenario) -> None:
    for env in (DispatchEnv(scenario), PatrolEnv(scenario), PatrolVectorEnv(scenario, num_envs=2)):
        for ask in (lambda env=env: env.step(0), env.action_masks):
            with pytest.raises(RuntimeError, match="reset"):
                ask()


# Actions


@pytest.mark.parametrize("action", [[0.9, 0.2], 0.9, 2**32, 2**70, -1, 65, "0", None, np.nan, np.array([0, 1])])
def test_dispatch_refuses_what_is_no_action(scenario: Scenario, action: Any) -> None:
    env = DispatchEnv(scenario, episode_seconds=EPISODE)
    env.reset(seed=1)
    other = copy.copy(env)
    with pytest.raises((TypeError, ValueError), match="the action is"):
        env.step(action)
    same(env.step(np.int64(0))[0], other.step(0)[0])


@pytest.mark.parametrize("action", [0.9, 2**32, -1, 1000, "0", None])
def test_patrol_refuses_what_is_no_action(scenario: Scenario, action: Any) -> None:
    env = PatrolEnv(scenario, episode_seconds=EPISODE)
    env.reset(seed=1)
    with pytest.raises((TypeError, ValueError), match="the action is"):
        env.step(action)
    env.step(np.int64(0))


@pytest.mark.parametrize(
    "actions",
    [[0.9, 0.2], np.array([2**32, 0]), [2**70, 0], [0, 1000], [0, -2], [0], [[0, 0]], 0, ["0", "0"], [np.nan, 0]],
    ids=str,
)
def test_the_vector_form_refuses_what_are_no_actions(scenario: Scenario, actions: Any) -> None:
    env = PatrolVectorEnv(scenario, num_envs=2, episode_seconds=EPISODE)
    env.reset(seed=1)
    with pytest.raises(ValueError, match="action"):
        env.step(actions)
    env.step(np.array([0.0, -1.0]))


def test_every_action_of_the_space_is_legal_or_masked(scenario: Scenario) -> None:
    """The mask of the observation is that of `action_masks`; a masked action is taken for holding, or for staying."""
    env = DispatchEnv(scenario, episode_seconds=EPISODE, max_pairs=5)
    seen, _ = env.reset(seed=2)
    for k in range(60):
        np.testing.assert_array_equal(env.action_masks(), seen["action_mask"] == 1)
        assert env.action_masks().dtype == bool and env.action_masks().shape == (env.action_space.n,)
        seen, _, _, ended, _ = env.step(int(env.action_space.sample(mask=seen["action_mask"])) if k % 2 else k % 6)
        if ended:
            seen, _ = env.reset()
    many = PatrolVectorEnv(scenario, num_envs=4, episode_seconds=EPISODE)
    twin = PatrolVectorEnv(scenario, num_envs=4, episode_seconds=EPISODE)
    seen, _ = many.reset(seed=2)
    twin.reset(seed=2)
    many.action_space.seed(0)
    for _ in range(60):
        assert many.action_masks().shape == (4, many.single_action_space.n) and many.action_masks().dtype == bool
        np.testing.assert_array_equal(many.action_masks(), seen["action_mask"] == 1)
        for row, of_one in zip(many.action_masks(), many.call("action_masks"), strict=True):
            np.testing.assert_array_equal(row, of_one)
        actions = many.action_space.sample()
        stays = np.where(np.take_along_axis(seen["action_mask"], actions[:, None], 1)[:, 0] == 1, actions, 0)
        seen, *_ = many.step(actions)
        same(seen, twin.step(stays)[0])


def test_units_show_their_masks_by_method_too(scenario: Scenario) -> None:
    env = PatrolEnv(scenario, episode_seconds=EPISODE)
    env.reset(seed=3)
    for agent in env.agent_iter(50):
        np.testing.assert_array_equal(env.action_masks(), env.observe(agent)["action_mask"] == 1)
        env.step(int(np.flatnonzero(env.action_masks())[-1]))


# Vectors


def vector_of(make: Callable[[], DispatchEnv], kind: str) -> Any:
    if kind == "sync":
        return SyncVectorEnv([make] * 2, autoreset_mode=AutoresetMode.SAME_STEP)
    return AsyncVectorEnv([make] * 2, context=kind, autoreset_mode=AutoresetMode.SAME_STEP)


@pytest.mark.parametrize("kind", ["spawn", "forkserver"])
def test_environments_in_other_processes(scenario: Scenario, kind: str) -> None:
    def make() -> DispatchEnv:
        return DispatchEnv(scenario, episode_seconds=EPISODE, max_pairs=8)

    here, there = vector_of(make, "sync"), vector_of(make, kind)
    try:
        same(here.reset(seed=[5, 9])[0], there.reset(seed=[5, 9])[0])
        for _ in range(15):
            masks = here.call("action_masks")
            np.testing.assert_array_equal(masks, there.call("action_masks"))
            actions = np.array([int(np.flatnonzero(mask)[-1]) for mask in masks])
            one, other = here.step(actions), there.step(actions)
            same(one[0], other[0])
            np.testing.assert_array_equal(one[1], other[1])
    finally:
        here.close()
        there.close()


def test_ends_of_episodes_are_told_as_gymnasium_tells_them(scenario: Scenario) -> None:
    """In the structure of Gymnasium's own vector environments with same-step autoreset."""
    reference = vector_of(lambda: DispatchEnv(scenario, episode_seconds=1800.0), "sync")
    reference.reset(seed=1)
    told: dict[str, Any] = {}
    while "final_obs" not in told:
        *_, told = reference.step(np.zeros(2, int))
    env = PatrolVectorEnv(scenario, num_envs=5, episode_seconds=1800.0)
    assert env.metadata["autoreset_mode"] is AutoresetMode.SAME_STEP
    _, info = env.reset(seed=1)
    names = {"unit", "interrupted", "time_seconds"}
    assert set(info) == names | {f"_{name}" for name in names} and info["_unit"].all()
    ends = np.zeros(5, int)
    for _ in range(400):
        seen, _, _, truncated, info = env.step(np.zeros(5, int))
        assert ("final_obs" in info) == truncated.any() == ("final_info" in info)
        if not truncated.any():
            continue
        ends += truncated
        for name in ("final_obs", "_final_obs", "_final_info"):
            assert info[name].dtype == told[name].dtype and info[name].shape == (5,)
        for name in ("_final_obs", "_final_info"):
            np.testing.assert_array_equal(info[name], truncated)
        last = info["final_info"]
        assert (
            set(last)
            == {"time_seconds", "_time_seconds", "cumulative_cost", "_cumulative_cost"}
            == set(told["final_info"])
        )
        np.testing.assert_array_equal(last["_time_seconds"], truncated)
        assert (last["time_seconds"][truncated] == 1800.0).all()
        np.testing.assert_array_equal(last["cumulative_cost"][truncated], env.batch.ended_cost[truncated])
        for k in range(5):
            if truncated[k]:
                assert env.single_observation_space.contains(info["final_obs"][k])
                assert info["final_obs"][k]["action_mask"].sum() == 1
                assert info["final_obs"][k]["observation"] is not seen["observation"][k]
            else:
                assert info["final_obs"][k] is None
    assert (ends > 1).all()


def test_gymnasium_s_wrappers_of_vectors_take_it(scenario: Scenario) -> None:
    plain = PatrolVectorEnv(scenario, num_envs=3, episode_seconds=1800.0)
    wrapped = DictInfoToList(RecordEpisodeStatistics(PatrolVectorEnv(scenario, num_envs=3, episode_seconds=1800.0)))
    plain.reset(seed=1)
    wrapped.reset(seed=1)
    totals, found = np.zeros(3), 0
    for _ in range(300):
        _, rewards, _, truncated, _ = plain.step(np.zeros(3, int))
        *_, listed = wrapped.step(np.zeros(3, int))
        totals += rewards
        for k in np.flatnonzero(truncated):
            found += 1
            assert listed[k]["episode"]["r"] == pytest.approx(totals[k])
            assert listed[k]["final_info"]["time_seconds"] == 1800.0
            totals[k] = 0.0
    assert found > 2


def test_each_environment_has_a_seed_of_its_own(scenario: Scenario) -> None:
    """Seed s is [s, s + 1, ...], as Gymnasium has it, and no environment's calls depend on the others' seeds."""

    def played(seed: Any, count: int, steps: int = 60) -> list[np.ndarray]:
        env = PatrolVectorEnv(scenario, num_envs=count, episode_seconds=1800.0)
        rows = [env.reset(seed=seed)[0]["observation"].copy()]
        rows += [env.step(np.zeros(count, int))[0]["observation"].copy() for _ in range(steps)]
        rows.append(env.reset()[0]["observation"].copy())
        return rows

    for one, other in zip(played(7, 3), played([7, 8, np.int64(9)], 3), strict=True):
        np.testing.assert_array_equal(one, other)
    alone, among = played([8], 1, 5), played([7, 8], 2, 5)
    for one, other in zip(alone[:-1], among[:-1], strict=True):
        np.testing.assert_array_equal(one[0], other[1])
    assert not np.array_equal(played(7, 2)[-2], played(8, 2)[-2])
    env = PatrolVectorEnv(scenario, num_envs=2)
    env.reset(seed=[None, 4])
    with pytest.raises(ValueError, match="3 seeds for 2 environments"):
        env.reset(seed=[1, 2, 3])
    with pytest.raises(ValueError, match="seed is -1"):
        env.reset(seed=[1, -1])


def test_a_batch_takes_seeds_one_by_one(scenario: Scenario) -> None:
    engine, seeds = scenario.engine(), [40, 2**64 - 1, 7]
    with Batch(scenario, engine, simulations=3, seed=seeds, episode_seconds=EPISODE) as batch:
        for _ in range(20):
            batch.step()
        found = batch.features.copy()
    for k, seed in enumerate(seeds):
        with Batch(scenario, engine, simulations=1, seed=seed, episode_seconds=EPISODE) as batch:
            for _ in range(20):
                batch.step()
            np.testing.assert_array_equal(batch.features[0], found[k])
    for wrong in ([1, 2], [0.5, 1, 2], [-1, 0, 1], [2**64, 0, 1]):
        with pytest.raises(ValueError, match="seed"):
            Batch(scenario, engine, simulations=3, seed=wrong)

"""The environments pass the conformance tests of their libraries, and show the simulations that they stand for."""

import warnings

import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env
from pettingzoo.test import api_test, seed_test

from libpatrol import Scenario, Simulation
from libpatrol.enums import Due
from libpatrol.environments import DispatchEnv, PatrolEnv, PatrolVectorEnv

EPISODE = 2 * 3600.0


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return Scenario.load("hotspots-heavy")


# Remarks about observations that are no images, and about the render method, which is optional.
@pytest.mark.filterwarnings("ignore::UserWarning:pettingzoo")
def test_patrol_passes_pettingzoo_s_tests(scenario: Scenario) -> None:
    api_test(PatrolEnv(scenario, episode_seconds=EPISODE), num_cycles=400, verbose_progress=False)
    seed_test(lambda: PatrolEnv(scenario, episode_seconds=EPISODE), num_cycles=50)


def test_dispatch_passes_gymnasium_s_tests(scenario: Scenario) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        check_env(DispatchEnv(scenario, episode_seconds=EPISODE), skip_render_check=True)


def total_cost(env: PatrolEnv, seed: int) -> tuple[float, float, int]:
    """Return what agents that always stay get in an episode, summed over the environment's steps, and their number."""
    env.reset(seed=seed)
    rewards, last, turns = {agent: 0.0 for agent in env.agents}, 0.0, 0
    for agent in env.agent_iter():
        _, reward, _, truncated, info = env.last()
        rewards[agent] += reward
        turns += 1
        if not truncated:
            last = info["time_seconds"]
        env.step(None if truncated else 0)
    assert len(set(np.round(list(rewards.values()), 6))) == 1, "every agent gets the team's reward"
    return next(iter(rewards.values())), last, turns


def test_agents_act_at_their_own_times_and_share_the_cost(scenario: Scenario) -> None:
    env = PatrolEnv(scenario, episode_seconds=EPISODE)
    reward, last, turns = total_cost(env, 4)
    assert last < EPISODE and turns > 100
    seed = int(np.random.Generator(np.random.PCG64(np.random.SeedSequence(4))).integers(2**63))
    with Simulation(scenario, scenario.engine(), seed=seed) as simulation:
        while (due := simulation.step(EPISODE)) is not Due.NOTHING:
            if due is Due.DISPATCH:
                simulation.decide()
        assert reward == pytest.approx(-simulation.state.cumulative_cost / 60)


def test_masks_say_which_moves_there_are(scenario: Scenario) -> None:
    env = PatrolEnv(scenario, episode_seconds=EPISODE)
    env.reset(seed=1)
    counts = set()
    for agent in env.agent_iter(200):
        seen, _, _, truncated, _ = env.last()
        mask = seen["action_mask"].astype(bool)
        assert mask[0] and (np.diff(mask.astype(int)) <= 0).all()
        assert not seen["observation"][~mask].any()
        counts.add(int(mask.sum()))
        env.step(None if truncated else int(mask.sum()) - 1)
        assert agent in env.possible_agents
    assert len(counts) > 1


def test_a_dispatcher_that_holds_everything_pays_for_it(scenario: Scenario) -> None:
    env = DispatchEnv(scenario, episode_seconds=EPISODE)
    returns = []
    for choose in (lambda mask: 0, lambda mask: min(1, int(mask.sum()) - 1)):
        observation, info = env.reset(seed=2)
        total, truncated = 0.0, False
        while not truncated:
            observation, reward, terminated, truncated, info = env.step(choose(observation["action_mask"]))
            total += reward
            assert not terminated
        assert total == pytest.approx(-info["cumulative_cost"] / 60)
        returns.append(total)
    assert returns[0] < 2 * returns[1] < 0
    with pytest.raises(RuntimeError, match="reset"):
        env.step(0)


def test_the_vector_form_is_one_batch(scenario: Scenario) -> None:
    one = PatrolVectorEnv(scenario, num_envs=6, episode_seconds=EPISODE)
    two = PatrolVectorEnv(scenario, num_envs=6, episode_seconds=EPISODE, threads=2)
    seen, _ = one.reset(seed=3)
    other, _ = two.reset(seed=3)
    assert seen["observation"] is one.batch.features
    rng = np.random.default_rng(1)
    totals, ends = np.zeros(6), 0
    for _ in range(400):
        np.testing.assert_array_equal(seen["observation"], other["observation"])
        np.testing.assert_array_equal(seen["action_mask"].sum(1), one.batch.moves)
        assert one.observation_space.contains({key: value.copy() for key, value in seen.items()})
        actions = rng.integers(seen["action_mask"].sum(1))
        seen, rewards, terminated, truncated, _ = one.step(actions)
        other, *_ = two.step(actions)
        totals += rewards
        assert not terminated.any() and (rewards <= 1e-9).all()
        if truncated.any():
            ends += 1
            np.testing.assert_allclose(totals[truncated], -one.batch.ended_cost[truncated] / 60, rtol=1e-6, atol=1e-6)
            totals[truncated] = -one.batch.cumulative_cost[truncated] / 60
    assert ends > 0
    one.close()
    two.close()

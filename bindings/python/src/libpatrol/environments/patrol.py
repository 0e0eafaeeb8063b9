"""Patrol as a PettingZoo environment: every unit is an agent and acts at its own decision times."""

from typing import Any

import gymnasium
import numpy as np
from gymnasium.utils import seeding
from pettingzoo import AECEnv

from libpatrol._native import abi
from libpatrol.engine import Engine
from libpatrol.enums import Due
from libpatrol.environments._copies import Restartable, checked_action, scenario_and_engine
from libpatrol.lab.batch import Batch
from libpatrol.lab.simulation import Simulation
from libpatrol.scenario.files import Source
from libpatrol.scenario.scenario import Scenario

Observation = dict[str, np.ndarray]


class PatrolEnv(Restartable, AECEnv):  # type: ignore[misc]  # PettingZoo has no types
    """Units of a scenario patrol; the engine dispatches.

    An agent observes the moves that its unit has, staying first ("observation", float32 [moves, 28], table
    candidate/1, zeros beyond) and which there are ("action_mask", int8 [moves]; `action_masks` gives the same by
    method), and acts by the number of a move; one that is not there, which the mask excludes, is a stay. Units that
    decide at the same time do so one after the other and see the targets of the earlier ones. Every agent's reward is
    the same: less the weighted waiting, in call-minutes, since the environment's last step. An episode is truncated
    after a fixed time; one without any decision ends with its first step. `infos[agent]` has "time_seconds".

    It is copied and pickled by content before and right after a `reset`; within an episode it refuses (TypeError).

    Parameters
    ----------
    scenario : Scenario or Source
        Fleet and calls, or where `Scenario.load` finds them.
    engine : Engine, optional
        Dispatches; None: minimum weighted travel under the scenario's rules.
    episode_seconds : float
        Length of an episode from the scenario's start.

    Examples
    --------
    >>> from libpatrol import Scenario
    >>> from libpatrol.environments import PatrolEnv
    >>> env = PatrolEnv(Scenario.load("hotspots"))
    >>> env.reset(seed=1)
    >>> observation, reward, termination, truncation, info = env.last()
    >>> int(observation["action_mask"][0])  # staying is always there
    1
    >>> env.step(0)
    """

    metadata = {"name": "patrol_v0", "render_modes": [], "is_parallelizable": False}  # noqa: RUF012, PettingZoo's form

    def __init__(
        self, scenario: Scenario | Source, engine: Engine | None = None, episode_seconds: float = 28_800.0
    ) -> None:
        super().__init__()
        self.render_mode = None
        scenario, engine = scenario_and_engine(scenario, engine)
        self._arguments = {"scenario": scenario, "engine": engine, "episode_seconds": episode_seconds}
        self._simulation = Simulation(scenario, engine)
        self._end = scenario.arrays.start_seconds + episode_seconds
        with Batch(scenario, engine, simulations=1) as batch:
            width = batch.width
        self.possible_agents = [f"unit_{unit}" for unit in range(scenario.unit_count)]
        self._unit = {agent: unit for unit, agent in enumerate(self.possible_agents)}
        self._shape = (width, abi.CANDIDATE_FEATURES)
        self._observation_space = gymnasium.spaces.Dict(
            {
                "observation": gymnasium.spaces.Box(-np.inf, np.inf, self._shape, np.float32),
                "action_mask": gymnasium.spaces.Box(0, 1, (width,), np.int8),
            }
        )
        self._observation_spaces = {agent: self._observation_space for agent in self.possible_agents}
        self._action_spaces = {agent: gymnasium.spaces.Discrete(width) for agent in self.possible_agents}
        self._rng, _ = seeding.np_random()

    def observation_space(self, agent: str) -> gymnasium.spaces.Space[Any]:
        """Return what an agent observes."""
        return self._observation_spaces[agent]

    def action_space(self, agent: str) -> gymnasium.spaces.Space[Any]:
        """Return the numbers of the moves."""
        return self._action_spaces[agent]

    def reset(self, seed: int | None = None, options: dict[str, Any] | None = None) -> None:
        """Start an episode; without a seed, one derived from the last seed given."""
        if seed is not None:
            self._rng, _ = seeding.np_random(seed)
        self._restart(int(self._rng.integers(2**63)))

    def _begin(self, episode: int) -> None:
        self._simulation.restart(episode)
        self._waiting: list[int] = []
        self._cost = 0.0
        self.agents = list(self.possible_agents)
        self.rewards = dict.fromkeys(self.agents, 0.0)
        self._cumulative_rewards = dict.fromkeys(self.agents, 0.0)
        self.terminations = dict.fromkeys(self.agents, False)
        self.truncations = dict.fromkeys(self.agents, False)
        self.infos: dict[str, dict[str, Any]] = {agent: {} for agent in self.agents}
        self._observations = {agent: self._nothing_to_decide() for agent in self.agents}
        self._moves: np.ndarray = np.empty(0, np.uint32)
        self.agent_selection = self.agents[0]
        if not self._go_on():  # an episode without a decision ends with its first step
            self._cost = 0.0
            self.rewards = dict.fromkeys(self.agents, 0.0)
            self.truncations = dict.fromkeys(self.agents, False)

    def observe(self, agent: str) -> Observation:
        """Return what an agent saw when it last decided, or sees now if it is its turn."""
        return self._observations[agent]

    def step(self, action: int | None) -> None:
        """Take the action of the agent whose turn it is; None only if its episode has ended."""
        self._require_reset()
        agent = self.agent_selection
        if self.terminations[agent] or self.truncations[agent]:
            self._was_dead_step(action)
            return
        move = checked_action(action, self._shape[0])
        self._moved()
        self._cumulative_rewards[agent] = 0.0
        if len(self._moves) > 0:
            self._simulation.move(self._unit[agent], int(self._moves[move if move < len(self._moves) else 0]))
        self._go_on()
        self._accumulate_rewards()

    def action_masks(self) -> np.ndarray:
        """Return which moves the agent whose turn it is has, bool [moves]."""
        self._require_reset()
        return self._observations[self.agent_selection]["action_mask"].astype(bool)

    def close(self) -> None:
        """Release the simulation."""
        self._simulation.close()

    def _go_on(self) -> bool:
        """Simulate to the next decision of a unit and return True, or to the episode's end."""
        while not self._waiting:
            due = self._simulation.step(self._end)
            if due is Due.NOTHING:
                self._truncate()
                return False
            if due is Due.DISPATCH:
                self._simulation.decide()
            else:
                self._waiting = [int(unit) for unit in np.flatnonzero(self._simulation.snapshot().due)]
        unit = self._waiting.pop(0)
        agent = self.possible_agents[unit]
        self._reward()
        moves, features = self._simulation.candidates(unit)
        self._moves = moves["node"]
        self._observations[agent] = self._observation(features)
        self.infos[agent] = {"time_seconds": self._simulation.state.time_seconds}
        self.agent_selection = agent
        return True

    def _truncate(self) -> None:
        self._reward()
        self.truncations = dict.fromkeys(self.agents, True)
        self._skip_agent_selection = None
        self.agent_selection = self.agents[0]

    def _reward(self) -> None:
        cost = self._simulation.state.cumulative_cost
        self.rewards = dict.fromkeys(self.agents, (self._cost - cost) / 60)
        self._cost = cost

    def _observation(self, features: np.ndarray) -> Observation:
        seen = self._nothing_to_decide()
        seen["observation"][: len(features)] = features
        seen["action_mask"][: len(features)] = 1
        return seen

    def _nothing_to_decide(self) -> Observation:
        """Return an observation with no moves except staying."""
        mask = np.zeros(self._shape[0], np.int8)
        mask[0] = 1
        return {"observation": np.zeros(self._shape, np.float32), "action_mask": mask}

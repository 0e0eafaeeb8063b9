"""Patrol in many cities at once, as a Gymnasium vector environment over a `Batch`."""

from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import Any

import gymnasium
import numpy as np
from gymnasium.vector import AutoresetMode, VectorEnv
from gymnasium.vector.utils import batch_space

from libpatrol import _abi as abi
from libpatrol.batch import Batch
from libpatrol.engine import Engine
from libpatrol.scenario import Scenario

Observation = dict[str, np.ndarray]


class PatrolVectorEnv(VectorEnv[Observation, np.ndarray, np.ndarray]):
    """Each environment is a city and shows one decision of one unit at a time; the engine dispatches.

    Observations, rewards and infos are views of arrays that the next step overwrites. "observation" is float32
    [environments, moves, 28], table candidate/1, staying first, zeros beyond; "action_mask" is int8 [environments,
    moves]. An action is the number of a move, -1 leaves it to the engine. The reward is less the weighted waiting, in
    call-minutes, since the environment's last decision, whichever unit's that was. `infos` has "unit", "interrupted"
    and "time_seconds", as in `Batch`. Where an episode ends, the row is the next one's first at once (same-step
    autoreset).

    Parameters
    ----------
    scenario : Scenario
        Fleet and calls.
    engine : Engine, optional
        Dispatches; None: minimum weighted travel under the scenario's rules.
    num_envs : int
        Cities.
    episode_seconds : float
        Length of an episode from the scenario's start.
    threads : int
        Each steps its part of the cities; results do not depend on it.

    Examples
    --------
    >>> import numpy as np
    >>> from libpatrol import Scenario
    >>> from libpatrol.environments import PatrolVectorEnv
    >>> env = PatrolVectorEnv(Scenario.load("hotspots"), num_envs=3)
    >>> observation, info = env.reset(seed=1)
    >>> observation, rewards, terminations, truncations, info = env.step(np.zeros(3, np.int64))
    >>> rewards.shape
    (3,)
    """

    metadata = {"render_modes": [], "autoreset_mode": AutoresetMode.SAME_STEP}  # noqa: RUF012, Gymnasium's form

    def __init__(
        self,
        scenario: Scenario,
        engine: Engine | None = None,
        *,
        num_envs: int = 64,
        episode_seconds: float = 28_800.0,
        threads: int = 1,
    ) -> None:
        self._scenario, self._engine = scenario, scenario.engine() if engine is None else engine
        self._episode_seconds = episode_seconds
        self.num_envs = num_envs
        with Batch(scenario, self._engine, simulations=1) as batch:
            width = batch.width
        self.single_observation_space = gymnasium.spaces.Dict(
            {
                "observation": gymnasium.spaces.Box(-np.inf, np.inf, (width, abi.CANDIDATE_FEATURES), np.float32),
                "action_mask": gymnasium.spaces.Box(0, 1, (width,), np.int8),
            }
        )
        self.single_action_space = gymnasium.spaces.Discrete(width)
        self.observation_space = batch_space(self.single_observation_space, num_envs)
        self.action_space = batch_space(self.single_action_space, num_envs)
        bounds = np.linspace(0, num_envs, min(threads, num_envs) + 1).astype(int)
        self._parts = [slice(int(first), int(last)) for first, last in pairwise(bounds)]
        self._pool = ThreadPoolExecutor(len(self._parts)) if len(self._parts) > 1 else None
        self._mask = np.zeros((num_envs, width), np.int8)
        self._cost = np.zeros(num_envs)
        self._rewards = np.zeros(num_envs)
        self._terminations = np.zeros(num_envs, np.bool_)

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Observation, dict[str, Any]]:
        """Begin new episodes; the same seed gives the same calls."""
        super().reset(seed=seed)
        self.batch = Batch(
            self._scenario,
            self._engine,
            simulations=self.num_envs,
            seed=int(self.np_random.integers(2**63)),
            episode_seconds=self._episode_seconds,
        )
        self._step(None)
        self._cost[:] = self.batch.cumulative_cost
        return self._observation(), self._infos()

    def step(self, actions: np.ndarray) -> tuple[Observation, np.ndarray, np.ndarray, np.ndarray, dict[str, Any]]:
        """Take one decision in every city."""
        self._step(np.ascontiguousarray(actions, np.int32))
        batch = self.batch
        # Where an episode ended, what it cost until its end counts; the new one's cost begins at 0.
        np.subtract(self._cost, np.where(batch.ended, batch.ended_cost, batch.cumulative_cost), out=self._rewards)
        self._rewards /= 60
        self._cost[:] = batch.cumulative_cost
        return self._observation(), self._rewards, self._terminations, batch.ended, self._infos()

    def close_extras(self, **kwargs: Any) -> None:
        """Let go of simulations and threads."""
        if self._pool is not None:
            self._pool.shutdown()
        if hasattr(self, "batch"):
            self.batch.close()

    def _step(self, choices: np.ndarray | None) -> None:
        if self._pool is None:
            self.batch.step(choices)
        else:
            list(self._pool.map(lambda rows: self.batch.step(choices, rows), self._parts))

    def _observation(self) -> Observation:
        np.less(np.arange(self._mask.shape[1]), self.batch.moves[:, None], out=self._mask.view(np.bool_))
        return {"observation": self.batch.features, "action_mask": self._mask}

    def _infos(self) -> dict[str, Any]:
        batch = self.batch
        return {"unit": batch.units, "interrupted": batch.interrupted, "time_seconds": batch.time_seconds}

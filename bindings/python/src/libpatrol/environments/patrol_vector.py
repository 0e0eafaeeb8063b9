"""Patrol in many cities at once, as a Gymnasium vector environment over a `Batch`."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import Any

import gymnasium
import numpy as np
from gymnasium.vector import AutoresetMode, VectorEnv
from gymnasium.vector.utils import batch_space

from libpatrol._native import abi
from libpatrol._native.arrays import integer, numbers, unsigned
from libpatrol.engine import Engine
from libpatrol.environments._copies import Restartable, scenario_and_engine
from libpatrol.lab.batch import Batch
from libpatrol.scenario.files import Source
from libpatrol.scenario.scenario import Scenario

Observation = dict[str, np.ndarray]


class PatrolVectorEnv(Restartable, VectorEnv[Observation, np.ndarray, np.ndarray]):
    """Each environment is a city and shows one decision of one unit at a time; the engine dispatches.

    Observations, rewards and infos are views of arrays that the next step overwrites. "observation" is float32
    [environments, moves, 28], table candidate/1, staying first, zeros beyond; "action_mask" is int8 [environments,
    moves] (`action_masks` gives the same by method). An action is the number of a move, one that is not there, which
    the mask excludes, is a stay, and -1, outside the action space, leaves it to the engine. The reward is less the
    weighted waiting, in call-minutes, since the environment's last decision, whichever unit's that was. `infos` has
    "unit", "interrupted" and "time_seconds", as in `Batch`.

    Where an episode ends, the row is the next one's first at once (same-step autoreset). `infos` then has "final_obs"
    and "final_info" in Gymnasium's form, with "_final_obs" and "_final_info" saying for which environments. At an
    episode's end no unit decides: the final observation has no moves but staying, and all of its features are 0;
    "final_info" has "time_seconds", and the episode's "cumulative_cost" in weighted seconds of waiting.

    It is copied and pickled by content before and right after a `reset`; within an episode it refuses (TypeError).

    Parameters
    ----------
    scenario : Scenario or Source
        Fleet and calls, or where `Scenario.load` finds them.
    engine : Engine, optional
        Dispatches; None: minimum weighted travel under the scenario's rules.
    num_envs : int
        Cities.
    episode_seconds : float
        Length of an episode from the scenario's start.
    threads : int
        Each steps its share of the cities; results do not depend on the number.

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
    _pool: ThreadPoolExecutor | None = None

    def __init__(
        self,
        scenario: Scenario | Source,
        engine: Engine | None = None,
        *,
        num_envs: int = 64,
        episode_seconds: float = 28_800.0,
        threads: int = 1,
    ) -> None:
        self._scenario, self._engine = scenario, engine = scenario_and_engine(scenario, engine)
        self._arguments = {
            "scenario": scenario, "engine": engine, "num_envs": num_envs, "episode_seconds": episode_seconds,
            "threads": threads,
        }  # fmt: skip
        self._episode_seconds = episode_seconds
        self._end_seconds = scenario.arrays.start_seconds + episode_seconds
        self.num_envs = num_envs = unsigned("num_envs", num_envs)
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
        bounds = np.linspace(0, num_envs, max(1, min(threads, num_envs)) + 1).astype(int)
        self._parts = [slice(int(first), int(last)) for first, last in pairwise(bounds)]
        self._pool = ThreadPoolExecutor(len(self._parts)) if len(self._parts) > 1 else None
        self._mask = np.zeros((num_envs, width), np.int8)
        self._cost = np.zeros(num_envs)
        self._rewards = np.zeros(num_envs)
        self._terminations = np.zeros(num_envs, np.bool_)
        self._everywhere = np.broadcast_to(np.True_, num_envs)

    def reset(
        self, *, seed: int | Sequence[int | None] | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Observation, dict[str, Any]]:
        """Start new episodes; the same seed gives the same calls.

        Parameters
        ----------
        seed : int or sequence, optional
            Environment k gets seed + k, or seed[k], so that runs whose seeds are less than `num_envs` apart have
            cities in common; None: one derived from the last seeds given.
        """
        if seed is None or isinstance(seed, Sequence | np.ndarray):
            own: list[int | None] = [None] * self.num_envs if seed is None else list(seed)
        else:
            own = [integer("seed", seed, 64) + k for k in range(self.num_envs)]
        if len(own) != self.num_envs:
            raise ValueError(f"there are {len(own)} seeds for {self.num_envs} environments")
        given = [unsigned("seed", s, 64) for s in own if s is not None]
        if given:
            self.np_random = np.random.default_rng(given)
        following = self.np_random.integers(2**63, size=self.num_envs)
        self._restart([int(later) if s is None else _mixed(s) for s, later in zip(own, following, strict=True)])
        return self._observation(), self._infos()

    def _begin(self, episode: list[int]) -> None:
        self.batch = Batch(
            self._scenario,
            self._engine,
            simulations=self.num_envs,
            seed=episode,
            episode_seconds=self._episode_seconds,
        )
        self._step(None)
        self._cost[:] = self.batch.cumulative_cost

    def step(self, actions: np.ndarray) -> tuple[Observation, np.ndarray, np.ndarray, np.ndarray, dict[str, Any]]:
        """Take one decision in every city."""
        self._require_reset()
        self._step(self._checked(actions))
        self._moved()
        batch = self.batch
        # Where an episode ended, what it cost until its end counts; the new one's cost begins at 0.
        np.subtract(self._cost, np.where(batch.ended, batch.ended_cost, batch.cumulative_cost), out=self._rewards)
        self._rewards /= 60
        self._cost[:] = batch.cumulative_cost
        return self._observation(), self._rewards, self._terminations, batch.ended, self._infos()

    def action_masks(self) -> np.ndarray:
        """Return which moves are legal in each city, bool [environments, moves]."""
        self._require_reset()
        return self._observation()["action_mask"].astype(bool)

    def call(self, name: str, *args: Any, **kwargs: Any) -> tuple[Any, ...]:
        """Return what a method or attribute of this environment, such as `action_masks`, has for each city."""
        found = getattr(self, name)
        found = found(*args, **kwargs) if callable(found) else found
        return tuple(found) if isinstance(found, np.ndarray) else (found,) * self.num_envs

    def get_attr(self, name: str) -> tuple[Any, ...]:
        """Return the same without arguments, as Gymnasium's vector environments do."""
        return self.call(name)

    def close_extras(self, **kwargs: Any) -> None:
        """Release simulations and threads."""
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

    def _checked(self, actions: np.ndarray) -> np.ndarray:
        """Return the choices for the batch; illegal moves become stays."""
        chosen = numbers("actions", actions, np.int32, (self.num_envs,))
        wrong = np.flatnonzero((chosen < -1) | (chosen >= self._mask.shape[1]))
        if len(wrong):
            most = self._mask.shape[1] - 1
            raise ValueError(f"action {wrong[0]} is {chosen[wrong[0]]}, expected 0 ... {most}, or -1 for the engine's")
        return np.where(chosen < self.batch.moves, chosen, 0).astype(np.int32)

    def _infos(self) -> dict[str, Any]:
        batch = self.batch
        infos: dict[str, Any] = {
            "unit": batch.units, "interrupted": batch.interrupted, "time_seconds": batch.time_seconds,
        }  # fmt: skip
        infos |= {f"_{name}": self._everywhere for name in infos}
        if batch.ended.any():
            infos |= self._final(batch.ended.copy())
        return infos

    def _final(self, ended: np.ndarray) -> dict[str, Any]:
        """Return what Gymnasium expects in infos if episodes ended."""
        seen = np.full(self.num_envs, None, object)
        for k in np.flatnonzero(ended):
            mask = np.zeros(self._mask.shape[1], np.int8)
            mask[0] = 1
            seen[k] = {"observation": np.zeros(self.batch.features.shape[1:], np.float32), "action_mask": mask}
        told = {
            "time_seconds": np.where(ended, self._end_seconds, 0.0), "_time_seconds": ended,
            "cumulative_cost": self.batch.ended_cost.copy(), "_cumulative_cost": ended,
        }  # fmt: skip
        return {"final_obs": seen, "_final_obs": ended, "final_info": told, "_final_info": ended}


def _mixed(seed: int) -> int:
    """Return the seed of a simulation such that its later episodes share no seeds with other environments."""
    return int(np.random.SeedSequence(seed).generate_state(1, np.uint64)[0])

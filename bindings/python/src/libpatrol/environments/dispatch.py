"""Dispatch as a Gymnasium environment: pairs of unit and call one at a time, or holding."""

from typing import Any

import gymnasium
import numpy as np

from libpatrol._native import abi
from libpatrol._native.arrays import unsigned
from libpatrol.engine import Engine
from libpatrol.enums import Due
from libpatrol.environments._copies import Restartable, checked_action, scenario_and_engine
from libpatrol.lab.simulation import Simulation
from libpatrol.records import PAIR_DTYPE
from libpatrol.scenario.files import Source
from libpatrol.scenario.scenario import Scenario

Observation = dict[str, np.ndarray]


class DispatchEnv(Restartable, gymnasium.Env[Observation, int]):
    """The dispatcher of a scenario; the engine patrols.

    While a dispatch decision is due the dispatcher picks eligible pairs one by one. Action 0 ends the decision and
    holds the calls that are left; action k sends the unit of pair k to its call; an action without a pair, which the
    mask excludes, ends the decision too. The observation has the pairs ("pairs", float32 [pairs, 24], table pair/1; row
    k - 1 is action k; then zeros), the state if every call is held ("state", float32 [64], table state/1) and which
    actions there are ("action_mask", int8 [1 + pairs]; `action_masks` is the same for learners that ask by method). The
    reward is less the weighted waiting, in call-minutes, since the last step. An episode is truncated after a fixed
    time; then, and in an episode without any decision from the start, there are no pairs, and action 0 is left. The
    department's rules do not bind the dispatcher.

    It is copied and pickled by content before and right after a `reset`; within an episode it refuses (TypeError).

    Parameters
    ----------
    scenario : Scenario or Source
        Fleet and calls, or where `Scenario.load` finds them.
    engine : Engine, optional
        Patrols; None: marginal coverage under the scenario's rules.
    episode_seconds : float
        Length of an episode from the scenario's start.
    max_pairs : int
        Pairs shown; if there are more, those that are nearest to each other.

    Examples
    --------
    >>> from libpatrol import Scenario
    >>> from libpatrol.environments import DispatchEnv
    >>> env = DispatchEnv(Scenario.load("hotspots"))
    >>> observation, info = env.reset(seed=1)
    >>> observation["pairs"].shape
    (64, 24)
    >>> observation, reward, terminated, truncated, info = env.step(1)  # the first pair
    """

    metadata = {"render_modes": []}  # noqa: RUF012, Gymnasium's form

    def __init__(
        self,
        scenario: Scenario | Source,
        engine: Engine | None = None,
        episode_seconds: float = 28_800.0,
        max_pairs: int = 64,
    ) -> None:
        scenario, engine = scenario_and_engine(scenario, engine)
        self._arguments = {
            "scenario": scenario, "engine": engine, "episode_seconds": episode_seconds, "max_pairs": max_pairs,
        }  # fmt: skip
        self._simulation = Simulation(scenario, engine)
        self._truncated, self._cost, self._pairs = False, 0.0, np.empty(0, PAIR_DTYPE)
        self._end = scenario.arrays.start_seconds + episode_seconds
        self._max_pairs = unsigned("max_pairs", max_pairs)
        self.observation_space: gymnasium.spaces.Space[Any] = gymnasium.spaces.Dict(
            {
                "pairs": gymnasium.spaces.Box(-np.inf, np.inf, (self._max_pairs, abi.PAIR_FEATURES), np.float32),
                "state": gymnasium.spaces.Box(-np.inf, np.inf, (abi.STATE_FEATURES,), np.float32),
                "action_mask": gymnasium.spaces.Box(0, 1, (1 + self._max_pairs,), np.int8),
            }
        )
        self.action_space: gymnasium.spaces.Space[Any] = gymnasium.spaces.Discrete(1 + self._max_pairs)

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Observation, dict[str, Any]]:
        """Start an episode; without a seed, one derived from the last seed given."""
        super().reset(seed=seed)
        self._restart(int(self.np_random.integers(2**63)))
        return self._observation, self._info()

    def action_masks(self) -> np.ndarray:
        """Return which actions are legal now, bool [1 + pairs], as MaskablePPO of sb3-contrib requires."""
        self._require_reset()
        return self._observation["action_mask"].astype(bool)

    def step(self, action: int) -> tuple[Observation, float, bool, bool, dict[str, Any]]:
        """Send a unit to a call, or end the decision."""
        self._require_reset()
        if self._truncated:
            raise RuntimeError("the episode has ended: reset first")
        number = checked_action(action, 1 + self._max_pairs)
        self._moved()
        if 1 <= number <= len(self._pairs):
            pair = self._pairs[number - 1]
            self._simulation.assign(int(pair["unit"]), int(pair["incident"]))
            self._look()
            if len(self._pairs) == 0:
                self._go_on()
        else:
            self._go_on()
        cost = self._simulation.state.cumulative_cost
        reward, self._cost = (self._cost - cost) / 60, cost
        return self._observation, reward, False, self._truncated, self._info()

    def close(self) -> None:
        """Release the simulation."""
        self._simulation.close()

    def _begin(self, episode: int) -> None:
        self._simulation.restart(episode)
        self._cost = 0.0
        self._go_on()
        self._truncated = False  # an episode without a decision ends with its first step

    def _go_on(self) -> None:
        """Simulate to the next dispatch decision with an eligible pair, or to the episode's end."""
        self._truncated = False
        while True:
            due = self._simulation.step(self._end)
            if due is Due.PATROL:
                self._simulation.decide()
            elif due is Due.DISPATCH:
                self._look()
                if len(self._pairs) > 0:
                    return
            else:
                self._truncated, self._pairs = True, np.empty(0, PAIR_DTYPE)
                self._show(np.empty((0, abi.PAIR_FEATURES), np.float32), np.zeros(abi.STATE_FEATURES, np.float32))
                return

    def _look(self) -> None:
        found = self._simulation.pairs()
        order = np.arange(len(found.pairs))
        if len(order) > self._max_pairs:
            order = np.sort(np.argsort(found.pairs["travel_seconds"], kind="stable")[: self._max_pairs])
        self._pairs = found.pairs[order]
        self._show(found.features[order], found.state)

    def _show(self, features: np.ndarray, state: np.ndarray) -> None:
        pairs = np.zeros((self._max_pairs, abi.PAIR_FEATURES), np.float32)
        pairs[: len(features)] = features
        mask = np.zeros(1 + self._max_pairs, np.int8)
        mask[: 1 + len(features)] = 1
        self._observation = {"pairs": pairs, "state": state, "action_mask": mask}

    def _info(self) -> dict[str, Any]:
        state = self._simulation.state
        return {"time_seconds": state.time_seconds, "cumulative_cost": state.cumulative_cost}

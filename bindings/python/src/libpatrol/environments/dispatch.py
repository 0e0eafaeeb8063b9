"""Dispatch as a Gymnasium environment: one pair of unit and call after the other, or holding."""

from typing import Any

import gymnasium
import numpy as np

from libpatrol import _abi as abi
from libpatrol.engine import Engine
from libpatrol.enums import Due
from libpatrol.scenario import Scenario
from libpatrol.simulation import Simulation

Observation = dict[str, np.ndarray]


class DispatchEnv(gymnasium.Env[Observation, int]):
    """The dispatcher of a scenario; the engine patrols.

    While a dispatch decision is due the dispatcher picks eligible pairs one by one. Action 0 ends the decision and
    holds the calls that are left; action k sends the unit of pair k to its call; an action without a pair ends the
    decision too. The observation has the pairs ("pairs", float32 [pairs, 24], table pair/1; row k - 1 is action k;
    zeros beyond), the state if every call is held ("state", float32 [64], table state/1) and which actions there are
    ("action_mask", int8 [1 + pairs]). The reward is less the weighted waiting, in call-minutes, since the last step.
    An episode is truncated after a fixed time. The department's rules do not bind the dispatcher.

    Parameters
    ----------
    scenario : Scenario
        Fleet and calls.
    engine : Engine, optional
        Patrols; None: marginal coverage under the scenario's rules.
    episode_seconds : float
        Length of an episode from the scenario's start.
    max_pairs : int
        Pairs shown; of more, those that are nearest to each other.

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
        scenario: Scenario,
        engine: Engine | None = None,
        episode_seconds: float = 28_800.0,
        max_pairs: int = 64,
    ) -> None:
        self._simulation = Simulation(scenario, scenario.engine() if engine is None else engine)
        self._end = scenario.arrays.start_seconds + episode_seconds
        self._max_pairs = max_pairs
        self.observation_space: gymnasium.spaces.Space[Any] = gymnasium.spaces.Dict(
            {
                "pairs": gymnasium.spaces.Box(-np.inf, np.inf, (max_pairs, abi.PAIR_FEATURES), np.float32),
                "state": gymnasium.spaces.Box(-np.inf, np.inf, (abi.STATE_FEATURES,), np.float32),
                "action_mask": gymnasium.spaces.Box(0, 1, (1 + max_pairs,), np.int8),
            }
        )
        self.action_space: gymnasium.spaces.Space[Any] = gymnasium.spaces.Discrete(1 + max_pairs)

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Observation, dict[str, Any]]:
        """Begin an episode; without a seed one that follows from the seed given last."""
        super().reset(seed=seed)
        self._simulation.restart(int(self.np_random.integers(2**63)))
        self._cost = 0.0
        self._go_on()
        return self._observation, self._info()

    def step(self, action: int) -> tuple[Observation, float, bool, bool, dict[str, Any]]:
        """Send a unit to a call, or end the decision."""
        if self._truncated:
            raise RuntimeError("the episode has ended: reset first")
        if 1 <= int(action) <= len(self._pairs):
            pair = self._pairs[int(action) - 1]
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
        """Let go of the simulation."""
        self._simulation.close()

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
                self._truncated = True
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

"""How environments are copied and pickled, and how they check what callers pass."""

import copy
from collections.abc import Mapping
from typing import Any

from libpatrol._native.arrays import integer
from libpatrol.engine import Engine
from libpatrol.scenario.files import Source
from libpatrol.scenario.scenario import Scenario

_CARRIED = ("_np_random", "_np_random_seed", "_rng", "spec", "render_mode")


class Restartable:
    """An environment that can be copied and pickled before or right after a `reset`, but not within an episode.

    A subclass sets `_arguments` to those of its constructor, begins episodes in `_begin`, and in `step` calls
    `_require_reset` before it looks at an action, and `_moved` before it takes it.
    """

    _arguments: Mapping[str, Any]
    _episode: Any = None
    """What the episode was started with; None: there is none yet."""
    _under_way = False

    def _begin(self, episode: Any) -> None:
        raise NotImplementedError

    def _restart(self, episode: Any) -> None:
        self._under_way = False
        self._begin(episode)
        self._episode = episode

    def _require_reset(self) -> None:
        if self._episode is None:
            raise RuntimeError("reset the environment before the first step")

    def _moved(self) -> None:
        self._under_way = True

    def __reduce_ex__(self, protocol: object) -> tuple[Any, ...]:
        if self._under_way:
            name = type(self).__name__
            raise TypeError(f"a {name} within an episode cannot be copied or pickled: reset it first")
        carried = {name: value for name, value in vars(self).items() if name in _CARRIED}
        return _restored, (type(self), self._arguments, copy.deepcopy(carried), self._episode)


def _restored(kind: type[Restartable], arguments: Mapping[str, Any], carried: Mapping[str, Any], episode: Any) -> Any:
    environment = kind(**arguments)
    vars(environment).update(carried)
    if episode is not None:
        environment._restart(episode)
    return environment


def scenario_and_engine(scenario: Scenario | Source, engine: Engine | None) -> tuple[Scenario, Engine]:
    """Return an environment's scenario and engine, loaded if named; its own objects, which no caller closes."""
    found = copy.copy(scenario) if isinstance(scenario, Scenario) else Scenario.load(scenario)
    return found, found.engine() if engine is None else copy.copy(engine)


def checked_action(action: Any, count: int) -> int:
    """Return an action below `count`.

    Raises
    ------
    TypeError, ValueError
        If it is not a whole number, or is out of range.
    """
    number = integer("the action", action, 64, signed=True)
    if not 0 <= number < count:
        raise ValueError(f"the action is {number}, expected 0 ... {count - 1}")
    return number

"""Environments in the interfaces of PettingZoo and Gymnasium (extra `environments`).

`PatrolEnv`: units patrol, each an agent that acts at its own decision times (PettingZoo AEC). `DispatchEnv`: a
dispatcher assigns pairs one at a time, or holds (Gymnasium). `PatrolVectorEnv`: many cities at once, arrays
without copies (Gymnasium vector).

Importing this package registers the last two, as "libpatrol/Dispatch-v0" for `gymnasium.make` and "libpatrol/Patrol-v0"
for `gymnasium.make_vec`; "libpatrol.environments:libpatrol/Dispatch-v0" imports it. What the classes take is given by
name; without a scenario it is "hotspots-heavy".
"""

from libpatrol.extras import extra

with extra("environments", "libpatrol.environments"):
    import gymnasium
    import pettingzoo  # noqa: F401

from libpatrol.environments.dispatch import DispatchEnv
from libpatrol.environments.patrol import PatrolEnv
from libpatrol.environments.patrol_vector import PatrolVectorEnv

__all__ = ["DispatchEnv", "PatrolEnv", "PatrolVectorEnv"]

_DEFAULTS = {"scenario": "hotspots-heavy"}

gymnasium.register("libpatrol/Dispatch-v0", entry_point="libpatrol.environments:DispatchEnv", kwargs=_DEFAULTS)
gymnasium.register("libpatrol/Patrol-v0", vector_entry_point="libpatrol.environments:PatrolVectorEnv", kwargs=_DEFAULTS)

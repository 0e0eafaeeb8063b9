"""Environments in the interfaces of PettingZoo and Gymnasium (extra `environments`).

`PatrolEnv`: units patrol, each an agent that acts at its own decision times (PettingZoo AEC). `DispatchEnv`: a
dispatcher assigns one pair after the other, or holds (Gymnasium). `PatrolVectorEnv`: many cities at once, arrays
without copies (Gymnasium vector).
"""

from libpatrol.environments.dispatch import DispatchEnv
from libpatrol.environments.patrol import PatrolEnv
from libpatrol.environments.patrol_vector import PatrolVectorEnv

__all__ = ["DispatchEnv", "PatrolEnv", "PatrolVectorEnv"]

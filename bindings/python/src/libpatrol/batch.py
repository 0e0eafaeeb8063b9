"""Many simulations at once, for those who train patrol with a framework of their own."""

import ctypes
from typing import Any

import numpy as np
from numpy.typing import NDArray

from libpatrol import _abi as abi
from libpatrol._arrays import address, unsigned
from libpatrol._library import call, library
from libpatrol._object import LibraryObject
from libpatrol.engine import Engine
from libpatrol.scenario import Scenario


class Batch(LibraryObject):
    """Simulations that each show one patrol decision of one unit at a time; the engine decides dispatch.

    The arrays are allocated once and written by every `step`: what a caller keeps beyond the next step it copies.
    Threads may step distinct rows at once.

    Parameters
    ----------
    scenario : Scenario
        Fleet and calls.
    engine : Engine
        Decides dispatch, and patrol where a choice is -1; of the scenario's area.
    simulations : int
        Their number, 1 to 65,536.
    seed : int
        Simulation k begins with seed + k and goes on with seed + k + simulations, ...
    episode_seconds : float
        Length of an episode from the scenario's start.
    node_limit : int
        Of each dispatch decision; 0: none.

    Attributes
    ----------
    features : float32 [simulations, width, 28]
        The moves of the unit that decides, table candidate/1, staying first; 0 beyond.
    moves : uint32 [simulations]
        Their number.
    nodes : uint32 [simulations, width]
        Where they lead; NO_NODE beyond.
    units : uint32 [simulations]
        The unit that decides, by index in the fleet.
    time_seconds, cumulative_cost : float64 [simulations]
        Since a Monday 00:00; weighted seconds of waiting since the episode began.
    interrupted : bool [simulations]
        Where the unit was sent to a call since its last decision in this episode, or has decided in none of it: what
        it did before has no next state.
    ended : bool [simulations]
        Where an episode ended on the way here; the row is the next one's first.
    ended_cost : float64 [simulations]
        `cumulative_cost` at the end of that episode.

    Examples
    --------
    >>> import numpy as np
    >>> from libpatrol import Batch, Scenario
    >>> scenario = Scenario.load("hotspots")
    >>> batch = Batch(scenario, scenario.engine(), simulations=4)
    >>> batch.step()
    >>> batch.step(np.zeros(4, np.int32))  # every unit stays
    >>> batch.features.shape == (4, batch.width, 28)
    True
    """

    def __init__(
        self,
        scenario: Scenario,
        engine: Engine,
        *,
        simulations: int,
        seed: int = 0,
        episode_seconds: float = 28_800.0,
        node_limit: int = 2000,
    ) -> None:
        options = abi.BatchOptions(
            simulations=unsigned("simulations", simulations),
            seed=unsigned("seed", seed, 64),
            episode_seconds=episode_seconds,
            node_limit=unsigned("node_limit", node_limit, 64),
        )
        handle = abi.BatchHandle()
        call(library.batch_create, scenario._handle, engine._handle, ctypes.byref(options), ctypes.byref(handle))
        super().__init__(handle)
        width = ctypes.c_uint32()
        call(library.batch_get_width, handle, ctypes.byref(width))
        self.simulations, self.width = simulations, width.value
        rows, moves = (simulations,), (simulations, self.width)
        self.features: NDArray[np.float32] = np.zeros((*moves, abi.CANDIDATE_FEATURES), np.float32)
        self.moves: NDArray[np.uint32] = np.zeros(rows, np.uint32)
        self.nodes: NDArray[np.uint32] = np.full(moves, abi.NO_NODE, np.uint32)
        self.units: NDArray[np.uint32] = np.zeros(rows, np.uint32)
        self.time_seconds: NDArray[np.float64] = np.zeros(rows)
        self.cumulative_cost: NDArray[np.float64] = np.zeros(rows)
        self.interrupted: NDArray[np.bool_] = np.zeros(rows, np.bool_)
        self.ended: NDArray[np.bool_] = np.zeros(rows, np.bool_)
        self.ended_cost: NDArray[np.float64] = np.zeros(rows)
        arrays: dict[str, Any] = {
            name: address(getattr(self, name)) for name, *_ in abi.BatchArrays._fields_ if hasattr(self, name)
        }
        self._arrays = abi.BatchArrays(**arrays)

    def step(self, choices: NDArray[np.int32] | None = None, rows: slice = slice(None)) -> None:
        """Take one patrol decision in each simulation and go on to their next ones.

        The first step only shows the first decisions; its choices are not read.

        Parameters
        ----------
        choices : int32 [simulations], optional
            Index of the move; -1: the engine's choice, as everywhere without this array.
        rows : slice
            Only these simulations; without a stride.
        """
        first, last, stride = rows.indices(self.simulations)
        if stride != 1:
            raise ValueError("rows must be a slice without a stride")
        if choices is not None and (
            not isinstance(choices, np.ndarray)
            or choices.dtype != np.int32
            or choices.shape != (self.simulations,)
            or not choices.flags.c_contiguous
        ):
            raise ValueError(f"choices must be a contiguous int32 array of shape [{self.simulations}]")
        call(
            library.batch_step,
            self._handle,
            first,
            max(0, last - first),
            address(choices),
            ctypes.byref(self._arrays),
        )

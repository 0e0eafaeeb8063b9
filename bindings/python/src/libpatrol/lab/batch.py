"""Many simulations at once, for training patrol with your own framework."""

import ctypes

import numpy as np
from numpy.typing import ArrayLike, NDArray

from libpatrol._native import abi
from libpatrol._native.arrays import address, numbers
from libpatrol._native.handles import Fixed, LibraryObject, of_kind
from libpatrol._native.library import call, library
from libpatrol.engine import Engine
from libpatrol.scenario.scenario import Scenario


class Batch(LibraryObject):
    """Simulations that each show one patrol decision of one unit at a time; the engine decides dispatch.

    The arrays are allocated once and overwritten by every `step`: copy what you keep beyond the next step. They cannot
    be replaced. Threads may step distinct rows at once.

    Parameters
    ----------
    scenario : Scenario
        Fleet and calls.
    engine : Engine
        Decides dispatch, and patrol if a choice is -1; its area is the scenario's.
    simulations : int
        Their number, 1 to 65,536.
    seed : int or array_like [simulations]
        Simulation k starts with seed + k, or with seed[k]; it grows by `simulations` with each episode. Batches whose
        seeds are near each other therefore have most episodes in common.
    episode_seconds : float
        Length of an episode from the scenario's start.
    node_limit : int
        Limit for each dispatch decision; 0: none.

    Attributes
    ----------
    features : float32 [simulations, width, 28]
        The moves of the unit that decides, table candidate/1, staying first, then zeros.
    moves : uint32 [simulations]
        Their number.
    nodes : uint32 [simulations, width]
        Where they lead, then NO_NODE.
    units : uint32 [simulations]
        The unit that decides, by index in the fleet.
    time_seconds, cumulative_cost : float64 [simulations]
        Since a Monday 00:00; weighted seconds of waiting since the episode began.
    interrupted : bool [simulations]
        Whether the unit was sent to a call since its last decision in this episode, or makes its first one: its
        previous action has no next state.
    ended : bool [simulations]
        Whether an episode ended in this step; the row is the first of the next episode.
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

    simulations: Fixed[int] = Fixed()
    width: Fixed[int] = Fixed()
    features: Fixed[NDArray[np.float32]] = Fixed()
    moves: Fixed[NDArray[np.uint32]] = Fixed()
    nodes: Fixed[NDArray[np.uint32]] = Fixed()
    units: Fixed[NDArray[np.uint32]] = Fixed()
    time_seconds: Fixed[NDArray[np.float64]] = Fixed()
    cumulative_cost: Fixed[NDArray[np.float64]] = Fixed()
    interrupted: Fixed[NDArray[np.bool_]] = Fixed()
    ended: Fixed[NDArray[np.bool_]] = Fixed()
    ended_cost: Fixed[NDArray[np.float64]] = Fixed()

    def __init__(
        self,
        scenario: Scenario,
        engine: Engine,
        *,
        simulations: int,
        seed: int | ArrayLike = 0,
        episode_seconds: float = 28_800.0,
        node_limit: int = 2000,
    ) -> None:
        options = abi.BatchOptions(simulations=simulations, episode_seconds=episode_seconds, node_limit=node_limit)
        if np.ndim(seed) == 0:
            options.put("seed", seed)
        else:
            options.put("seeds", numbers("seed", seed, np.uint64, (options.simulations,)))
        handle = abi.BatchHandle()
        city, decider = of_kind("scenario", scenario, Scenario)._handle, of_kind("engine", engine, Engine)._handle
        call(library.batch_create, city, decider, ctypes.byref(options), ctypes.byref(handle))
        super().__init__(handle)
        width = ctypes.c_uint32()
        call(library.batch_get_width, handle, ctypes.byref(width))
        self.simulations, self.width = options.simulations, width.value
        rows, moves = (self.simulations,), (self.simulations, self.width)
        self.features = np.zeros((*moves, abi.CANDIDATE_FEATURES), np.float32)
        self.moves = np.zeros(rows, np.uint32)
        self.nodes = np.full(moves, abi.NO_NODE, np.uint32)
        self.units = np.zeros(rows, np.uint32)
        self.time_seconds = np.zeros(rows)
        self.cumulative_cost = np.zeros(rows)
        self.interrupted = np.zeros(rows, np.bool_)
        self.ended = np.zeros(rows, np.bool_)
        self.ended_cost = np.zeros(rows)
        arrays = {name: getattr(self, name) for name, *_ in abi.BatchArrays._fields_ if hasattr(self, name)}
        self._arrays = abi.BatchArrays(**arrays)

    def step(self, choices: NDArray[np.int32] | None = None, rows: slice = slice(None)) -> None:
        """Take one patrol decision in each simulation and advance them to their next one.

        The first step only returns the first decisions; its choices are not read.

        Parameters
        ----------
        choices : int32 [simulations], optional
            Index of the move; -1: the engine's choice, the default everywhere.
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

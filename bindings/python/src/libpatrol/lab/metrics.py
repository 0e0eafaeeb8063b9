"""What a simulation measured."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from libpatrol._native import abi

RESPONSE_DTYPE = np.dtype(abi.Response)
UNIT_TIMES_DTYPE = np.dtype(abi.UnitTimes)


@dataclass(frozen=True, kw_only=True)
class Response:
    """Response times of a class of calls, from the call to its first unit on scene, in seconds.

    Means and quantiles are NaN if there are no calls. *Charged* ones count a lost call as the scenario's overflow
    seconds and one not yet reached as its wait so far; quantiles are accurate to 0.25 %. The header has more.

    Examples
    --------
    >>> from libpatrol import Scenario, Simulation
    >>> scenario = Scenario.load("hotspots")
    >>> with Simulation(scenario, scenario.engine(), seed=1) as simulation:
    ...     simulation.run(hours=4)
    ...     response = simulation.metrics().response
    >>> response.median <= response.p90 <= response.p95
    True
    """

    calls: int
    reached: int
    lost: int
    waiting: int
    mean: float
    median: float
    p90: float
    p95: float
    charged_mean: float
    charged_median: float
    charged_p90: float
    charged_p95: float
    within_target: float


@dataclass(frozen=True, kw_only=True, eq=False)
class Metrics:
    """What was measured since the warm-up. Names, units and definitions are those of the header.

    Attributes
    ----------
    response : Response
        Response times over all calls.
    by_priority, by_beat, by_group, by_category : RESPONSE_DTYPE [8 | beats | groups | categories]
        Response times by class of calls; priority 1 is row 0.
    by_hour, by_shift : RESPONSE_DTYPE [24 | shifts]
        By the hour of the day in which calls came, and from each of `Scenario.shift_starts` to the next.
    units : UNIT_TIMES_DTYPE [units]
        How each unit spent its time.

    Examples
    --------
    >>> from libpatrol import Scenario, Simulation
    >>> scenario = Scenario.load("hotspots")
    >>> simulation = Simulation(scenario, scenario.engine(), seed=1)
    >>> simulation.run(hours=4)
    >>> metrics = simulation.metrics()
    >>> metrics.calls == metrics.served + metrics.lost + metrics.open
    True
    """

    seconds: float
    calls: int
    served: int
    lost: int
    open: int
    response: Response
    mean_queue_wait: float
    p90_queue_wait: float
    mean_travel: float
    p90_travel: float
    mean_until_complete: float
    cost_rate: float
    utilization: float
    utilization_gini: float
    across_beats: float
    coverage: float
    equity_difference: float
    equity_ratio: float
    dispatches: int
    diversions: int
    events: int
    decisions: int
    presence: float
    by_priority: NDArray[np.void]
    by_beat: NDArray[np.void]
    by_group: NDArray[np.void]
    by_category: NDArray[np.void]
    by_hour: NDArray[np.void]
    by_shift: NDArray[np.void]
    units: NDArray[np.void]

    @property
    def overflow_share(self) -> float:
        """Share of the calls that were lost to a full queue; 0 if no call came."""
        return self.lost / self.calls if self.calls else 0.0

    @classmethod
    def from_abi(cls, struct: abi.Metrics, **tables: NDArray[np.void]) -> "Metrics":
        """Build from the library's struct and the tables by class."""
        values: dict[str, Any] = {name: getattr(struct, name) for name, *_ in struct._fields_}
        response = {name: getattr(struct.response, name) for name, *_ in struct.response._fields_}
        for name in ("struct_size", "reserved"):
            del values[name]
        return cls(**values | {"response": Response(**response)} | tables)

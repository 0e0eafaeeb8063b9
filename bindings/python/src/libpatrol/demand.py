"""Synthetic demand: two categories of calls, hotspots that move during the day."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

CATEGORY_NAMES = ("urgent", "routine")
CATEGORY_WEIGHTS = (3.0, 1.0)
CATEGORY_SERVICE_SECONDS = (1500.0, 900.0)


@dataclass(frozen=True, kw_only=True)
class Demand:
    """How much demand there is and where.

    Attributes
    ----------
    calls_per_hour : float
        Mean over the day.
    urgent_share : float
        Share of urgent calls.
    hotspots : int
        Number of hotspots; each has its own busiest hour.
    concentration : float
        Share of demand at the hotspots, 0 ... 1; the rest is uniform.
    """

    calls_per_hour: float = 6.0
    urgent_share: float = 0.4
    hotspots: int = 3
    concentration: float = 0.6


def hotspot_demand(places: NDArray[np.float64], demand: Demand, rng: np.random.Generator) -> NDArray[np.float32]:
    """Return call rates of the two categories that move between hotspots during the day.

    Parameters
    ----------
    places : float64 [nodes, 2]
        Coordinates of the nodes.
    demand : Demand
        Volume and hotspots.
    rng : numpy.random.Generator
        Places and busiest hours of the hotspots.

    Returns
    -------
    NDArray
        float32 [nodes, 2, 24], calls per hour.
    """
    hours = np.arange(24)
    centres = places[rng.choice(len(places), demand.hotspots)]
    width = np.ptp(places, axis=0).max() / 8
    around = np.exp(-((places[:, None] - centres[None]) ** 2).sum(-1) / (2 * width**2))
    around /= around.sum(0)
    busiest = rng.uniform(0, 24, demand.hotspots)
    when = np.exp(1.5 * np.cos(2 * np.pi * (hours - busiest[:, None]) / 24))
    when /= when.sum(0)
    hot = around @ when
    volume = 1 + 0.4 * np.cos(2 * np.pi * (hours - 20) / 24)  # quietest at eight in the morning
    rate = demand.calls_per_hour * volume * (demand.concentration * hot + (1 - demand.concentration) / len(places))
    return (rate[:, None] * np.array([demand.urgent_share, 1 - demand.urgent_share])[:, None]).astype(np.float32)

"""Synthetic demand: where and when calls come, and the two categories of the small cities."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

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

    Examples
    --------
    >>> from libpatrol.synthetic.cities import grid
    >>> from libpatrol.synthetic.demand import Demand
    >>> city = grid(5, 5, demand=Demand(calls_per_hour=3.0, hotspots=1))
    >>> round(float(city.demand_calls_per_hour.sum(0).sum(0).mean()), 3)
    3.0
    """

    calls_per_hour: float = 6.0
    urgent_share: float = 0.4
    hotspots: int = 3
    concentration: float = 0.6


def hotspot_demand(places: NDArray[np.float64], demand: Demand, rng: np.random.Generator) -> NDArray[np.float32]:
    """Return call rates of the two categories, which move between hotspots during the day.

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
    centers = places[rng.choice(len(places), demand.hotspots)]
    width = np.ptp(places, axis=0).max() / 8
    busiest = rng.uniform(0, 24, demand.hotspots)
    hot = _around(places, centers, width) @ _by_hour(busiest)
    workload = 1 + 0.4 * np.cos(2 * np.pi * (hours - 20) / 24)  # quietest at eight in the morning
    rate = demand.calls_per_hour * workload * (demand.concentration * hot + (1 - demand.concentration) / len(places))
    by_category = np.array([demand.urgent_share, 1 - demand.urgent_share])[:, None]
    return np.asarray(rate[:, None] * by_category, np.float32)


def hotspot_shares(
    places: NDArray[np.float64],
    *,
    centers: ArrayLike,
    concentration: float,
    width: float,
    busiest_hours: ArrayLike | None = None,
) -> NDArray[np.float64]:
    """Return the share of calls from each place, at each hour.

    Parameters
    ----------
    places : float64 [nodes, 2]
        Coordinates of the nodes.
    centers : array_like [hotspots, 2]
        Coordinates of the hotspots; none: demand is uniform.
    concentration : float
        Share of demand at the hotspots, 0 ... 1; the rest is uniform.
    width : float
        Standard deviation of a hotspot, in the unit of the coordinates.
    busiest_hours : array_like [hotspots], optional
        Hour of the day at which each is busiest; None: all are the same at all hours.

    Returns
    -------
    NDArray
        float64 [nodes, 1 or 24]; each hour sums to 1.
    """
    center = np.asarray(centers, np.float64).reshape(-1, 2)
    uniform = np.full((len(places), 1), 1 / len(places))
    if len(center) == 0:
        return uniform
    if busiest_hours is None:
        when = np.full((len(center), 1), 1 / len(center))
    else:
        when = _by_hour(np.asarray(busiest_hours, np.float64))
    hot = _around(places, center, width) @ when
    return np.asarray(concentration * hot + (1 - concentration) * uniform)


def with_class_shares(
    shares: NDArray[np.float64], classes: NDArray[np.int32], wanted: ArrayLike, kind: str = "classes"
) -> NDArray[np.float64]:
    """Return `shares` scaled within each class of nodes, so that class k has the share `wanted[k]` of the calls.

    Parameters
    ----------
    shares : float64 [nodes, hours]
        As `hotspot_shares` gives them.
    classes : int32 [nodes]
        Beat or population group of each node.
    wanted : array_like [classes]
        Relative shares, averaged over the hours.
    kind : str
        Name of the classes, for errors.
    """
    target = np.asarray(wanted, np.float64)
    if classes.min() < 0 or classes.max() + 1 != len(target):
        raise ValueError(f"there are {classes.max() + 1} {kind} and shares for {len(target)}")
    present = np.bincount(classes, shares.mean(1), len(target))
    if not present.min() > 0:
        raise ValueError(f"number {present.argmin()} of the {kind} has no calls to scale to its share")
    return np.asarray(shares * (target / target.sum() / present)[classes][:, None])


def _around(places: NDArray[np.float64], centers: NDArray[np.float64], width: float) -> NDArray[np.float64]:
    """Return how a hotspot's calls spread over the nodes, [nodes, hotspots]; columns sum to 1."""
    around = np.exp(-((places[:, None] - centers[None]) ** 2).sum(-1) / (2 * width**2))
    return np.asarray(around / around.sum(0))


def _by_hour(busiest: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return how calls are divided among the hotspots at each hour, [hotspots, 24]; columns sum to 1."""
    when = np.exp(1.5 * np.cos(2 * np.pi * (np.arange(24) - busiest[:, None]) / 24))
    return np.asarray(when / when.sum(0))

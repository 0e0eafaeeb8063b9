"""Queueing models that check simulated staffing: Erlang C, and Larson's hypercube model."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import coo_array
from scipy.sparse.linalg import spsolve

_MOST_EXACT = 10
_ROUNDS = 500


class ErlangC(NamedTuple):
    """M/M/c in the long run: the chance that a call waits, the mean wait of all calls, and the share of time committed.

    Waits are infinite if the units cannot keep up.
    """

    waiting_share: float
    wait_seconds_mean: float
    share_time_committed: float


def erlang_c(units: int, calls_per_hour: float, service_seconds: float) -> ErlangC:
    """Return M/M/c: any unit serves any call, all alike.

    Parameters
    ----------
    units : int
        Above 0.
    calls_per_hour : float
        Times the units that each call needs.
    service_seconds : float
        Mean, travel included.

    Examples
    --------
    >>> from libpatrol.city.queues import erlang_c
    >>> round(erlang_c(1, 2.0, 900.0).waiting_share, 6)
    0.5
    """
    load = calls_per_hour * service_seconds / 3600
    if load >= units:
        return ErlangC(1.0, float("inf"), 1.0)
    blocked = 1.0  # Erlang B by its recursion, which does not overflow
    for count in range(1, units + 1):
        blocked = load * blocked / (count + load * blocked)
    waits = blocked / (1 - load / units * (1 - blocked))
    return ErlangC(float(waits), float(waits * service_seconds / (units - load)), float(load / units))


class Hypercube(NamedTuple):
    """The hypercube model in the long run.

    Attributes
    ----------
    share_time_committed : float64 [units]
        Of each unit.
    dispatched : float64 [atoms, units]
        Share of all calls that come from an atom and are served by a unit at once; the rest wait first.
    waiting_share : float
        Of calls that wait in the queue.
    travel_seconds_mean : float
        Of the calls served at once.
    """

    share_time_committed: NDArray[np.float64]
    dispatched: NDArray[np.float64]
    waiting_share: float
    travel_seconds_mean: float


def hypercube(calls_per_hour: ArrayLike, travel_seconds: ArrayLike, service_seconds: float) -> Hypercube:
    """Return the hypercube queueing model (Larson 1974): the closest free unit of fixed places serves each call.

    Up to 10 units exactly, above by Larson's (1975) approximation. Calls that find no free unit wait, first come first
    served. All units are equally fast, and a unit is at its place whenever it is free.

    Parameters
    ----------
    calls_per_hour : array_like [atoms]
        From each geographical atom.
    travel_seconds : array_like [units, atoms]
        From each unit's place.
    service_seconds : float
        Mean, travel included.

    Raises
    ------
    ValueError
        If the units cannot keep up.
    """
    rates = np.asarray(calls_per_hour, np.float64)
    travel = np.asarray(travel_seconds, np.float64)
    units = len(travel)
    load = float(rates.sum()) * service_seconds / 3600
    if not load < units:
        raise ValueError(f"calls take {load:.1f} units all the time, and there are {units}: there is no long run")
    order = np.argsort(travel, axis=0, kind="stable")  # [units, atoms], nearest first
    return (_exact if units <= _MOST_EXACT else _approximate)(rates * service_seconds / 3600, travel, order, load)


def _exact(rates: NDArray[np.float64], travel: NDArray[np.float64], order: NDArray[np.intp], load: float) -> Hypercube:
    units, atoms = travel.shape
    states = 1 << units
    busy = (np.arange(states)[:, None] >> np.arange(units)) & 1
    first = np.full((states, atoms), -1)
    for place in range(units - 1, -1, -1):
        unit = order[place]  # [atoms]
        first = np.where(busy[:, unit] == 0, unit, first)
    row, column, value = [], [], []

    def add(start: NDArray[np.intp], end: NDArray[np.intp], rate: NDArray[np.float64]) -> None:
        row.extend([end, start])
        column.extend([start, start])
        value.extend([rate, -rate])

    full = states - 1
    for atom in range(atoms):
        start = np.arange(states - 1)
        add(start, start | (1 << first[start, atom]), np.full(states - 1, rates[atom]))
    for unit in range(units):
        start = np.flatnonzero(busy[:, unit])
        rate = np.ones(len(start))
        # The queue behind the full state is folded into it: it is left only from its lowest level.
        rate[start == full] = 1 - load / units
        add(start, start & ~(1 << unit), rate)
    balance = coo_array(
        (np.concatenate(value), (np.concatenate(row), np.concatenate(column))), (states, states)
    ).tolil()
    balance[0] = np.ones(states)
    right = np.zeros(states)
    right[0] = 1
    share = np.asarray(spsolve(balance.tocsc(), right))
    dispatched = np.zeros((atoms, units))
    for atom in range(atoms):
        np.add.at(dispatched[atom], first[:full, atom], share[:full] * rates[atom] / rates.sum())
    return Hypercube(
        (share[:, None] * busy).sum(0),
        dispatched,
        float(share[full]),
        float((dispatched.T * travel).sum() / dispatched.sum()),
    )


def _approximate(
    rates: NDArray[np.float64], travel: NDArray[np.float64], order: NDArray[np.intp], load: float
) -> Hypercube:
    """Return Larson's approximation: units are busy independently, but for correction factors of M/M/c."""
    units, atoms = travel.shape
    share = load / units
    factor = _corrections(units, share)
    busy = np.full(units, share)
    full = erlang_c(units, load, 3600.0).waiting_share
    position = np.argsort(order, axis=0)  # [units, atoms]: how many units are nearer
    for _ in range(_ROUNDS):
        nearer = np.cumprod(
            np.vstack([np.ones(atoms), np.take_along_axis(busy[:, None].repeat(atoms, 1), order, 0)]), 0
        )
        reach = factor[:, None] * nearer[:-1]  # [place in the order, atoms]
        chance = np.take_along_axis(reach, position, 0)  # [units, atoms]
        pull = (chance * rates).sum(1) + full * load / units / np.maximum(1 - busy, 1e-9)
        new = pull / (1 + pull)
        new *= share / new.mean()
        if np.abs(new - busy).max() < 1e-10:
            break
        busy = np.minimum(new, 1 - 1e-9)
    dispatched = (chance * (1 - busy)[:, None] * rates / rates.sum()).T
    dispatched *= (1 - full) / dispatched.sum()
    return Hypercube(busy, dispatched, full, float((dispatched.T * travel).sum() / dispatched.sum()))


def _corrections(units: int, share: float) -> NDArray[np.float64]:
    """Return Q(N, rho, j): how much likelier j given units are busy, another one free, than if all were independent."""
    counts = np.arange(units + 1)
    weights = np.concatenate([[1.0], np.cumprod(units * share / np.arange(1, units + 1))])
    chance = weights / (weights[:-1].sum() + weights[-1] / (1 - share))  # of 0 ... N busy without a queue
    factor = np.zeros(units)
    for j in range(units):
        k = counts[j:units]
        # j given units busy and one given unit free, among states with k busy of N
        ratio = np.ones(len(k))
        for step in range(j):
            ratio *= (k - step) / (units - step)
        ratio *= (units - k) / (units - j)
        factor[j] = (chance[k] * ratio).sum() / (share**j * (1 - share))
    return factor

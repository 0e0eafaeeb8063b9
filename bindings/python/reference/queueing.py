"""Queueing formulas that the simulator must reproduce where it is a queue, in numpy.

Source: Erlang's M/M/c and M/M/c/K; cutoff priorities of Schaack & Larson 1986; the hypercube model of Larson 1974;
each exact, from the balance equations of its Markov chain where there is no formula. Checks: means over replications,
in `tests/test_queueing.py`.
"""

import math
from itertools import product

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.linalg import spsolve


def erlang_c(servers: int, load: float) -> float:
    """Return the chance that a call of M/M/c waits; `load` is λ / μ."""
    last = load**servers / math.factorial(servers) * servers / (servers - load)
    return last / (sum(load**k / math.factorial(k) for k in range(servers)) + last)


def mmck(servers: int, places: int, load: float) -> np.ndarray:
    """Return the stationary distribution of M/M/c/c+`places`: calls in the system, 0 ... c + places."""
    rates = np.array([load / min(k, servers) for k in range(1, servers + places + 1)])
    weights = np.concatenate([[1.0], np.cumprod(rates)])
    return weights / weights.sum()


def stationary(states: list, rates: dict) -> dict:
    """Return the stationary distribution of a Markov chain.

    Parameters
    ----------
    states : list
        Every state.
    rates : dict of (state, state) to float
        Transition rates.
    """
    index = {state: k for k, state in enumerate(states)}
    n = len(states)
    row, column, value = [], [], []
    for (start, end), rate in rates.items():
        row += [index[end], index[start]]
        column += [index[start], index[start]]
        value += [rate, -rate]
    balance = coo_array((value, (row, column)), (n, n)).tolil()
    balance[0] = np.ones(n)  # one balance equation is redundant: the sum of all is 1 instead
    right = np.zeros(n)
    right[0] = 1
    return dict(zip(states, spsolve(balance.tocsc(), right), strict=True))


def cutoff_queue(servers: int, cutoff: int, rates: tuple[float, float], service: float, most: int = 80) -> np.ndarray:
    """Return the mean waits of two classes under a cutoff (Schaack & Larson 1986, two classes, one service rate).

    Class 2 is served only while fewer than `cutoff` of the `servers` are busy; class 1 whenever one is free, and first.
    """
    states = [
        (busy, one, two)
        for busy in range(servers + 1)
        for one in range(most if busy == servers else 1)
        for two in range(most if busy >= cutoff else 1)
    ]
    known = set(states)
    moves: dict = {}

    def add(start: tuple, end: tuple, rate: float) -> None:
        if end in known:
            moves[start, end] = moves.get((start, end), 0.0) + rate

    for state in states:
        busy, one, two = state
        add(state, (busy + 1, one, two) if busy < servers else (busy, one + 1, two), rates[0])
        add(state, (busy + 1, one, two) if busy < cutoff else (busy, one, two + 1), rates[1])
        if busy > 0:
            if one > 0:
                end = (busy, one - 1, two)
            elif two > 0 and busy - 1 < cutoff:
                end = (busy, one, two - 1)
            else:
                end = (busy - 1, one, two)
            add(state, end, busy / service)
    shares = stationary(states, moves)
    assert sum(share for state, share in shares.items() if max(state[1:]) >= most - 2) < 1e-6
    queued = np.array([sum(share * state[k] for state, share in shares.items()) for k in (1, 2)])
    return queued / rates  # Little


def hypercube(
    preferences: list[list[int]], rates: np.ndarray, service: float, has_queue: bool
) -> tuple[np.ndarray, float, float]:
    """Return Larson's hypercube model, exact (Larson 1974).

    Parameters
    ----------
    preferences : list of list of int [atoms][units]
        Units in the order in which they are sent to each atom; the first is at home there.
    rates : [atoms]
        Calls a second.
    service : float
        Mean time on a call, travel included, whichever unit and atom.
    has_queue : bool
        Calls that find all units busy wait, first come first served; else they are lost.

    Returns
    -------
    tuple
        Busy share of each unit, share of dispatches of a unit that is not at home there, share of calls lost.
    """
    units = len(preferences[0])
    states = list(product((0, 1), repeat=units))
    moves: dict = {}
    for state in states:
        for atom, order in enumerate(preferences):
            free = [unit for unit in order if not state[unit]]
            if free:
                end = tuple(1 if unit == free[0] else busy for unit, busy in enumerate(state))
                moves[state, end] = moves.get((state, end), 0.0) + rates[atom]
        for unit in range(units):
            if state[unit]:
                moves[state, tuple(0 if k == unit else busy for k, busy in enumerate(state))] = 1 / service
    shares = stationary(states, moves)
    full = tuple([1] * units)
    load = rates.sum() * service / units
    waiting = 0.0
    if has_queue:
        # Beyond "all busy" the queue is a birth and death process with the ratio `load`: it rescales the states below.
        total = 1 + shares[full] * load / (1 - load)
        shares = {state: share / total for state, share in shares.items()}
        waiting = shares[full] / (1 - load) * load
    busy = np.array([sum(share for state, share in shares.items() if state[unit]) + waiting for unit in range(units)])
    abroad = served = 0.0
    for state, share in shares.items():
        for atom, order in enumerate(preferences):
            free = [unit for unit in order if not state[unit]]
            if free:
                served += share * rates[atom]
                abroad += share * rates[atom] * (free[0] != order[0])
    if has_queue:
        # A call that waited gets the unit that happens to finish: each is as likely, one is at home.
        waits = rates.sum() * (shares[full] + waiting)
        abroad, served = abroad + waits * (1 - 1 / units), served + waits
    lost = 0.0 if has_queue else shares[full]
    return busy, abroad / served, lost

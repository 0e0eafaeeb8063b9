"""The places at which a model draws calls: corners that stand for those around them, each within its beat."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.cluster.vq import kmeans2
from scipy.spatial import cKDTree

MOST_PLACES = 256
"""As many as the library keeps apart by default (``max_demand_points``)."""


class Places(NamedTuple):
    """Places and what they stand for.

    Attributes
    ----------
    nodes : int64 [places]
        Ascending.
    xy : float64 [places, 2]
        Metres.
    beats : int64 [places]
        Index of the beat, or -1.
    of_node : int64 [nodes]
        The place that stands for each node: the nearest of its beat.
    """

    nodes: NDArray[np.int64]
    xy: NDArray[np.float64]
    beats: NDArray[np.int64]
    of_node: NDArray[np.int64]


def places_of(
    xy: NDArray[np.float64], node_beats: NDArray[np.int64], call_nodes: NDArray[np.int64], most: int = MOST_PLACES
) -> Places:
    """Return at most ``most`` places, more of them where more calls come, at least one in each beat.

    Parameters
    ----------
    xy : float64 [nodes, 2]
        Metres.
    node_beats : int64 [nodes]
        Index of the beat, or -1.
    call_nodes : int64 [calls]
        Nodes of the calls.
    most : int
        Number of places, unless there are more beats.
    """
    if len(xy) <= most:
        return Places(np.arange(len(xy)), xy, node_beats, np.arange(len(xy)))
    calls = np.bincount(call_nodes, minlength=len(xy)).astype(np.float64)
    beats, index = np.unique(node_beats, return_inverse=True)
    by_beat = np.bincount(index, calls) + 1
    shares = np.maximum(1, np.floor((most - len(beats)) * by_beat / by_beat.sum()).astype(np.int64) + 1)
    chosen: list[int] = []
    for k in range(len(beats)):
        own = np.flatnonzero(index == k)
        chosen += _representatives(xy[own], calls[own], int(shares[k]), own)
    nodes = np.array(sorted(chosen))
    of_node = np.empty(len(xy), np.int64)
    for k in range(len(beats)):
        own = np.flatnonzero(index == k)
        at = np.flatnonzero(node_beats[nodes] == beats[k])
        of_node[own] = at[cKDTree(xy[nodes[at]]).query(xy[own])[1]]
    return Places(nodes, xy[nodes], node_beats[nodes], of_node)


def _representatives(
    xy: NDArray[np.float64], calls: NDArray[np.float64], count: int, nodes: NDArray[np.int64]
) -> list[int]:
    """Return the nodes nearest to the centers of k-means over the calls; of all nodes where none came."""
    busy = np.flatnonzero(calls > 0)
    if not len(busy):
        return [int(nodes[np.linalg.norm(xy - np.median(xy, axis=0), axis=1).argmin()])]
    if len(busy) <= count:
        return [int(node) for node in nodes[busy]]
    order = busy[np.argsort(-calls[busy], kind="stable")]
    points = np.repeat(xy[busy], np.minimum(calls[busy], 50).astype(np.int64), axis=0)
    centers, _ = kmeans2(points, xy[order[:count]], minit="matrix", missing="warn")
    return [int(node) for node in np.unique(nodes[busy[cKDTree(xy[busy]).query(centers)[1]]])]

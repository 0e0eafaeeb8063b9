"""A road graph that is ready to drive on: one road between two nodes, all nodes reach each other."""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

_LEAST_SECONDS = 0.1


@dataclass(frozen=True, kw_only=True)
class RoadNetwork:
    """Roads in degrees.

    Attributes
    ----------
    where : str
        The file.
    degrees : float64 [nodes, 2]
        Longitude and latitude.
    edges : int64 [edges, 2]
        Directed: from, to.
    patrol_seconds : float64 [edges]
        Driving times on patrol.
    emergency_seconds : float64 [edges] or None
        With lights and sirens; None: not known.
    streets : object [edges]
        Names, "" if a road has none.
    notes : list of str
        What was read, and what left out.
    """

    where: str
    degrees: NDArray[np.float64]
    edges: NDArray[np.int64]
    patrol_seconds: NDArray[np.float64]
    emergency_seconds: NDArray[np.float64] | None = None
    streets: NDArray[np.object_] | None = None
    notes: list[str] = field(default_factory=list)

    def drivable(self) -> "RoadNetwork":
        """Return the largest strongly connected part, with the fastest of the roads between two nodes.

        Raises
        ------
        ValueError
            If nothing is left.
        """
        start, end = self.edges.T
        good = (start != end) & np.isfinite(self.patrol_seconds)
        order = np.lexsort((self.patrol_seconds, end, start))
        order = order[good[order]]
        pairs = self.edges[order]
        chosen = order[np.r_[True, (pairs[1:] != pairs[:-1]).any(1)]] if len(order) else order
        size = len(self.degrees)
        graph = coo_array((np.ones(len(chosen), np.int8), tuple(self.edges[chosen].T)), shape=(size, size))
        part = connected_components(graph.tocsr(), connection="strong")[1]
        stays = part == np.bincount(part, minlength=1).argmax() if size else np.zeros(0, bool)
        if stays.sum() < 2:
            raise ValueError(f"{self.where} has no two places that are connected by roads in both directions")
        chosen = np.sort(chosen[stays[self.edges[chosen]].all(1)])
        number = np.cumsum(stays) - 1
        notes = [*self.notes, f"{int(stays.sum()):,} nodes and {len(chosen):,} roads of {self.where} are used"]
        if not stays.all():
            notes.append(
                f"{int((~stays).sum()):,} nodes of {self.where} are left out: they cannot be driven to from the "
                "largest part of the network, or not back"
            )
        return RoadNetwork(
            where=self.where,
            degrees=self.degrees[stays],
            edges=number[self.edges[chosen]],
            patrol_seconds=np.maximum(self.patrol_seconds[chosen], _LEAST_SECONDS),
            emergency_seconds=None
            if self.emergency_seconds is None
            else np.maximum(self.emergency_seconds[chosen], _LEAST_SECONDS),
            streets=None if self.streets is None else self.streets[chosen],
            notes=notes,
        )

    def node_streets(self) -> NDArray[np.object_]:
        """Return the name of each node: of the two streets that meet there in most roads."""
        names = np.full(len(self.degrees), "", object)
        if self.streets is None:
            return names
        table = pd.DataFrame({"node": self.edges.T.ravel(), "street": np.tile(self.streets, 2)})
        table = table[table["street"] != ""].value_counts().reset_index()
        table = table.sort_values(["node", "count", "street"], ascending=[True, False, True]).groupby("node").head(2)
        joined = table.groupby("node")["street"].agg(" & ".join)
        names[joined.index.to_numpy()] = joined.to_numpy()
        return names

"""A map of a city."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from libpatrol._native.handles import of_kind
from libpatrol.area import Area
from libpatrol.area_arrays import AreaArrays
from libpatrol.enums import CoordinateSystem
from libpatrol.pictures.style import COLORS, INK, QUIET, figure, quiet

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_ROADS, _DEMAND, _COVERED = "#c9ced3", "#E69F00", "#56B4E9"
_METRES_A_DEGREE = 111_320.0


def flat_metres(arrays: AreaArrays, points: ArrayLike | None = None) -> NDArray[np.float64]:
    """Return places in metres east and north of an area's south-western corner: float64 [points, 2].

    Parameters
    ----------
    arrays : AreaArrays
        With coordinates; degrees are projected around their middle.
    points : array_like [points, 2], optional
        In the area's coordinates; None: its nodes.
    """
    nodes = np.asarray(arrays.coordinates, np.float64)
    places = (nodes if points is None else np.asarray(points, np.float64)) - nodes.min(0)
    if arrays.coordinate_system is CoordinateSystem.GEOGRAPHIC:
        middle = np.deg2rad((nodes[:, 1].min() + nodes[:, 1].max()) / 2)
        places *= _METRES_A_DEGREE * np.array([np.cos(middle), 1.0])
    return np.asarray(places)


def city_map(
    area: Area,
    *,
    title: str = "",
    streets: bool = True,
    demand: bool = True,
    beat_names: Sequence[str] | None = None,
    hulls: bool = True,
    outlines: Sequence[ArrayLike] = (),
    posts: ArrayLike | None = None,
    units: ArrayLike | None = None,
    within_seconds: float | None = None,
) -> "Figure":
    """Draw streets, with whatever else is given.

    Parameters
    ----------
    area : Area
        With coordinates.
    title : str
        Above the map.
    streets : bool
        Lines between corners; False where they are not those of real streets.
    demand : bool
        Circles: where calls come from, the more the larger.
    beat_names : sequence of str [beats], optional
        Written in the middle of each beat.
    hulls : bool
        Without outlines, a hull encloses the corners of each beat that is named.
    outlines : sequence of array_like [corners, 2]
        Boundaries of beats, in the area's coordinates.
    posts, units : array_like of nodes, optional
        Where units wait for calls, and where they are.
    within_seconds : float, optional
        With posts: corners that a unit reaches from one of them in this time are joined by blue streets.

    Raises
    ------
    ValueError
        If the area has no coordinates.
    """
    arrays = of_kind("area", area, Area).arrays
    if arrays.coordinates is None:
        raise ValueError("the area has no coordinates, and a map needs them")
    places = flat_metres(arrays) / 1000
    width, height = np.subtract(*_in_view(places, arrays)[::-1])
    with quiet():
        made, axes = figure(7.2, float(np.clip(7.2 * height / width, 3.2, 8.5)) + 0.6)
        lines = np.unique(np.sort(arrays.edges, axis=1), axis=0)
        if streets:
            _streets(axes, places[lines], _ROADS, 1.0, 1)
        if within_seconds is not None and posts is not None:
            near = area.travel_times(posts, np.arange(len(places))).min(0) <= within_seconds
            label = f"within {within_seconds / 60:g} min of a post"
            _streets(axes, places[lines[near[lines].all(1)]], _COVERED, 2.2, 2, label)
        if demand and arrays.demand_calls_per_hour is not None:
            _demand(axes, places, arrays)
        for outline in outlines:
            corners = flat_metres(arrays, outline) / 1000
            axes.plot(*corners.T, color=INK, linewidth=0.9, alpha=0.6, zorder=3)
        if beat_names is not None and arrays.node_beats is not None:
            _beats(axes, places, arrays.node_beats, beat_names, enclose=hulls and not len(outlines))
        for nodes, color, marker, label in ((posts, COLORS[2], "^", "post"), (units, COLORS[0], "s", "unit")):
            if nodes is not None:
                at = places[np.asarray(nodes, np.int64)]
                axes.scatter(
                    at[:, 0], at[:, 1], s=52, color=color, marker=marker, edgecolors="white", zorder=7, label=label
                )
        low, high = _in_view(places, arrays)
        axes.set(aspect="equal", xlim=(low[0], high[0]), ylim=(low[1], high[1]))
        axes.set_axis_off()
        _scale(axes, low, high)
        axes.set_title(title)
        if axes.get_legend_handles_labels()[0]:
            axes.legend(loc="upper left", bbox_to_anchor=(0.0, 0.0), ncols=4)  # below the map, however narrow it is
    return made


def _streets(axes: "Axes", lines: NDArray[np.float64], color: str, width: float, order: float, label: str = "") -> None:
    from matplotlib.collections import LineCollection

    width *= float(np.clip(40 / np.sqrt(max(len(lines), 1)), 0.3, 1.4))
    drawn = LineCollection(
        list(lines),
        colors=color,
        linewidths=width,
        capstyle="round",
        zorder=order,
        rasterized=True,
        label=label or None,
    )
    axes.add_collection(drawn)
    axes.autoscale_view()


def _demand(axes: "Axes", places: NDArray[np.float64], arrays: AreaArrays) -> None:
    rates = arrays.demand_calls_per_hour.sum(1, dtype=np.float64).mean(1)
    nodes = np.arange(len(rates)) if arrays.demand_nodes is None else arrays.demand_nodes
    shown = rates > 0.02 * rates.max(initial=0)
    size = 130 * rates[shown] / rates.max() * np.clip(120 / np.sqrt(len(rates)) / 10, 0.15, 1)
    at = places[nodes[shown]]
    axes.scatter(at[:, 0], at[:, 1], s=size, color=_DEMAND, alpha=0.55, linewidths=0, zorder=3, label="calls")


def _beats(axes: "Axes", places: NDArray[np.float64], beats: ArrayLike, names: Sequence[str], enclose: bool) -> None:
    """Write the names of beats; without boundaries, draw the hull of each beat's corners."""
    for beat, name in enumerate(names):
        inside = places[np.asarray(beats) == beat]
        if not len(inside):
            continue
        if enclose and np.linalg.matrix_rank(inside - inside[0]) == 2:
            from scipy.spatial import ConvexHull

            hull = inside[ConvexHull(inside).vertices]
            axes.fill(*hull.T, facecolor=f"{QUIET}14", edgecolor=f"{QUIET}80", linewidth=0.8, zorder=0.5)
        box = {"boxstyle": "round,pad=0.2", "facecolor": "white", "alpha": 0.75, "linewidth": 0}
        axes.annotate(
            name, np.median(inside, axis=0), fontsize=7.5, ha="center", va="center", zorder=6, bbox=box, color=INK
        )


def _in_view(places: NDArray[np.float64], arrays: AreaArrays) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the corners of what is shown: all streets, or 99 % of the calls if single streets lie far outside."""
    low, high = places.min(0), places.max(0)
    if arrays.demand_calls_per_hour is not None:
        rates = arrays.demand_calls_per_hour.sum((1, 2), dtype=np.float64)
        nodes = np.arange(len(rates)) if arrays.demand_nodes is None else arrays.demand_nodes
        ends = np.array([_quantiles(places[nodes, axis], rates) for axis in (0, 1)]).T
        if (2 * (ends[1] - ends[0]) < high - low).any() and (ends[1] > ends[0]).all():
            low, high = ends
    margin = np.maximum(0.08 * (high - low).max(), 1e-3)
    return low - margin, high + margin


def _quantiles(values: NDArray[np.float64], weights: NDArray[np.float64]) -> tuple[float, float]:
    order = np.argsort(values)
    share = np.cumsum(weights[order]) / max(weights.sum(), 1e-12)
    first, last = np.searchsorted(share, (0.005, 0.995))
    return float(values[order[first]]), float(values[order[min(last, len(order) - 1)]])


def _scale(axes: "Axes", low: NDArray[np.float64], high: NDArray[np.float64]) -> None:
    """Draw a bar of 1, 2 or 5 times a power of ten kilometers, about a fifth of the map wide."""
    wanted = float(high[0] - low[0]) / 5
    power = 10 ** np.floor(np.log10(wanted))
    length = float(max(step * power for step in (1, 2, 5) if step * power <= wanted))
    left, below = low + 0.02 * (high - low)
    axes.plot([left, left + length], [below, below], color=INK, linewidth=2, solid_capstyle="butt")
    wording = f"{length:g} km" if length >= 1 else f"{1000 * length:g} m"
    end = left + length, below
    axes.annotate(wording, end, xytext=(5, 0), textcoords="offset points", va="center", fontsize=8)

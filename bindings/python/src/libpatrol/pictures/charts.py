"""Charts of response times, hours, training and staffing."""

import math
import textwrap
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from libpatrol.enums import Phase
from libpatrol.pictures.style import COLORS, INK, MARKERS, QUIET, SHADE, figure, quiet

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_TITLE_WIDTH = 50  # letters that fit beside the names of strategies
_PHASES = {
    Phase.HEURISTIC: "fixed rules",
    Phase.DISPATCH: "dispatch",
    Phase.PATROL: "patrol",
    Phase.COMBINATION: "combination",
}


class Band(NamedTuple):
    """A mean and its interval; without an interval both ends are NaN.

    Examples
    --------
    >>> from libpatrol.pictures import Band
    >>> Band(5.0, 4.5, 5.5).mean
    5.0
    """

    mean: float
    low: float = math.nan
    high: float = math.nan


def response(
    times: Mapping[str, Mapping[str, Band]], *, title: str = "Response time", unit: str = "minutes", what: str = ""
) -> "Figure":
    """Draw response times by strategy, for each priority, group or beat.

    Parameters
    ----------
    times : mapping of str to mapping of str to Band
        By strategy, then by the class of calls; strategies may lack a class.
    title, unit, what : str
        Above the picture, along the axis, and below it.
    """
    classes = list(dict.fromkeys(name for rows in times.values() for name in rows))
    with quiet():
        made, axes = figure(7.2, 1.1 + max(1.2, len(classes) * (0.16 * len(times) + 0.26)))
        for k, (strategy, rows) in enumerate(times.items()):
            offset = (k - (len(times) - 1) / 2) * 0.8 / max(len(times), 2)
            places = [classes.index(name) + offset for name in rows]
            _bands(axes, places, list(rows.values()), k, strategy)
        axes.set_yticks(range(len(classes)), classes)
        axes.set_ylim(len(classes) - 0.45, -0.55)
        axes.set_xlim(left=0)
        axes.set_xlabel(f"{unit}; {what}" if what else unit)
        axes.grid(axis="y", visible=False)
        for k in range(1, len(classes)):
            axes.axhline(k - 0.5, color=QUIET, linewidth=0.4)
        _titled(made, axes, title, len(times))
    return made


def differences(
    found: Mapping[str, Band], *, reference: str, title: str = "Change", unit: str = "minutes", good: str = "less"
) -> "Figure":
    """Draw how far strategies are from one that they are compared with on the same calls.

    Parameters
    ----------
    found : mapping of str to Band
        Paired difference of each strategy.
    reference : str
        Name of the one that they are compared with.
    title, unit : str
        Above the picture, and along the axis.
    good : str
        "less" or "more": which side is better.
    """
    with quiet():
        made, axes = figure(7.2, 1.1 + 0.42 * max(2, len(found)))
        axes.axvline(0, color=INK, linewidth=1)
        for k, (name, band) in enumerate(found.items()):
            _bands(axes, [k], [band], k + 1, name)
        axes.set_yticks(range(len(found)), [wrapped(name) for name in found])
        axes.set_ylim(len(found) - 0.5, -0.5)
        ends = [abs(value) for band in found.values() for value in band if math.isfinite(value)]
        reach = 1.15 * max(ends, default=1.0) or 1.0
        axes.set_xlim(-reach, reach)
        left, right = ("better", "worse") if good == "less" else ("worse", "better")
        space = 4 * "\N{NO-BREAK SPACE}"
        axes.set_xlabel(f"← {left}{space}{unit}{space}{right} →")
        axes.grid(axis="y", visible=False)
        heading = f"{title}, compared with {reference}"
        if len(heading) > _TITLE_WIDTH:
            heading = "\n".join([f"{title},", *textwrap.wrap(f"compared with {reference}", _TITLE_WIDTH)])
        axes.set_title(heading)
    return made


def hours_of_the_week(values: ArrayLike, *, title: str, unit: str) -> "Figure":
    """Draw a number for each hour of the week as a table of days and hours.

    Parameters
    ----------
    values : array_like [168]
        From Monday 00:00; NaN is left white.
    title, unit : str
        Above the picture, and beside its scale.
    """
    week = np.asarray(values, np.float64)
    if week.shape != (168,):
        raise ValueError(f"values has shape {list(week.shape)}, expected [168], an hour each from Monday 00:00")
    with quiet():
        made, axes = figure(7.2, 2.7)
        drawn = axes.imshow(week.reshape(7, 24), cmap="cividis_r", aspect="auto", vmin=min(0.0, float(np.nanmin(week))))
        axes.set_yticks(range(7), _DAYS)
        axes.set_xticks(range(0, 24, 3), [f"{hour:02d}:00" for hour in range(0, 24, 3)])
        axes.grid(visible=False)
        axes.tick_params(length=0)
        axes.spines[:].set_visible(False)
        made.colorbar(drawn, ax=axes, label=unit, pad=0.02).outline.set_visible(False)
        axes.set_title(title)
    return made


def hours_of_the_day(values: Mapping[str, ArrayLike], *, title: str, unit: str) -> "Figure":
    """Draw a number by hour of the day for each strategy.

    Parameters
    ----------
    values : mapping of str to array_like [24]
        By strategy; NaN is left out.
    title, unit : str
        Above the picture, and along its axis.
    """
    with quiet():
        made, axes = figure(7.2, 3.2)
        for k, (name, hours) in enumerate(values.items()):
            color, marker = COLORS[k % len(COLORS)], MARKERS[k % len(MARKERS)]
            axes.plot(np.arange(24) + 0.5, hours, color=color, marker=marker, markersize=4, label=name)
        axes.set_xlim(0, 24)
        axes.set_xticks(range(0, 25, 3), [f"{hour:02d}:00" for hour in range(0, 25, 3)])
        axes.set_ylim(bottom=0)
        axes.set_ylabel(unit)
        _titled(made, axes, title, len(values))
    return made


def training(outcomes: Any, *, title: str = "Training") -> "Figure":
    """Draw the validated weighted wait after each phase of training.

    Parameters
    ----------
    outcomes : OUTCOME_DTYPE [phases]
        From ``Trainer.outcomes``.
    title : str
        Above the picture.
    """
    events = np.asarray(outcomes["events"], np.float64) / 1e6
    kinds, is_kept = [Phase(kind) for kind in outcomes["kind"]], np.asarray(outcomes["is_accepted"], bool)
    with quiet():
        made, axes = figure(7.2, 3.4)
        for start, end in list(pairwise((0.0, *events.tolist())))[1::2]:
            axes.axvspan(start, end, color=SHADE, linewidth=0)
        cost = np.asarray(outcomes["cost"], np.float64)
        axes.step(events, np.fmin.accumulate(np.where(is_kept, cost, np.nan)), where="post", color=INK, linewidth=1.2)
        for k, (kind, wording) in enumerate(_PHASES.items()):
            chosen = np.array([found is kind for found in kinds], bool)
            for kept, fill in ((True, COLORS[k]), (False, "white")):
                rows = chosen & (is_kept == kept)
                label = wording if kept or not (chosen & is_kept).any() else None
                if rows.any():
                    axes.scatter(
                        events[rows], cost[rows], s=42, marker=MARKERS[k], color=fill, edgecolors=COLORS[k],
                        linewidths=1.4, zorder=3, label=label,
                    )  # fmt: skip
        axes.set_xlim(0, float(events.max(initial=1e-6)) * 1.03)
        axes.set_xlabel("million events simulated; filled: kept, empty: not significantly better; line: best so far")
        axes.set_ylabel("weighted wait")
        _titled(made, axes, title, 4)
    return made


def staffing(
    units: Sequence[float],
    share: Mapping[str, Sequence[Band]],
    *,
    target: float,
    what: str,
    title: str = "Staffing",
    axis: str = "units on duty",
) -> "Figure":
    """Draw the share of calls reached in time by the number of units.

    Parameters
    ----------
    units : sequence of float [numbers]
        Numbers of units.
    share : mapping of str to sequence of Band [numbers]
        By shift or strategy, 0 to 1.
    target : float
        Share that is wanted.
    what, title, axis : str
        What is reached, along the upright axis; above the picture; along the other axis, what is counted.
    """
    with quiet():
        made, axes = figure(7.2, 3.4)
        for k, (name, bands) in enumerate(share.items()):
            mean, low, high = (100 * np.array(values, np.float64) for values in zip(*bands, strict=True))
            axes.fill_between(units, low, high, color=COLORS[k % len(COLORS)], alpha=0.18, linewidth=0)
            axes.plot(units, mean, color=COLORS[k % len(COLORS)], marker=MARKERS[k % len(MARKERS)], label=name)
        axes.axhline(100 * target, color=INK, linewidth=1, linestyle=(0, (4, 3)))
        at = units[0], 100 * target
        axes.annotate(f"target: {100 * target:g} %", at, xytext=(2, 3), textcoords="offset points")
        axes.set_xticks(sorted(set(units)))
        axes.set_ylim(top=102)
        axes.set_xlabel(axis)
        axes.set_ylabel(f"% {what}")
        _titled(made, axes, title, len(share))
    return made


def wrapped(name: str) -> str:
    """Return a name in lines that fit beside an axis."""
    return "\n".join(textwrap.wrap(name, 30)) or name


def _bands(axes: "Axes", places: Sequence[float], bands: Sequence[Band], k: int, label: str) -> None:
    color, marker = COLORS[k % len(COLORS)], MARKERS[k % len(MARKERS)]
    mean, low, high = (np.array(values, np.float64) for values in zip(*bands, strict=True))
    axes.hlines(places, low, high, color=color, linewidth=1.6)
    axes.plot(mean, places, color=color, marker=marker, markersize=5.5, linestyle="none", label=label)


def _titled(made: "Figure", axes: "Axes", title: str, entries: int) -> None:
    axes.set_title(title)
    if entries > 1:
        longest = max(len(str(label)) for label in axes.get_legend_handles_labels()[1])
        made.legend(loc="outside lower left", ncols=int(np.clip(100 // (longest + 8), 1, min(entries, 4))))

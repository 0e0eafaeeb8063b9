"""The picture of the results page: changes of cost with their intervals, dispatch beside patrol."""

from collections.abc import Sequence
from pathlib import Path

import matplotlib

matplotlib.use("agg")
from matplotlib import pyplot
from matplotlib.axes import Axes

from benchmarks.studies.ceiling.dispatch_part import DispatchRow
from benchmarks.studies.ceiling.patrol_part import PatrolRow
from benchmarks.studies.pairs import BACKUP, TABLE
from libpatrol.studies.intervals import Interval

_Points = list[tuple[str, str, float, list[Interval | None]]]
"""Label, color, shift on the axis, and the interval of each cell, if it has one."""


def draw(dispatch: Sequence[Sequence[DispatchRow]], patrol: Sequence[PatrolRow], path: Path) -> None:
    """Write the picture."""
    panels: list[tuple[str, list[str], _Points]] = []
    if dispatch:
        learned = [rows[2].change if rows[2:] else None for rows in dispatch]
        panels.append(("dispatch: against the best heuristics", [rows[0].cell.name for rows in dispatch], [
            ("one-step rollouts", "#3b6ea5", 0.12, [rows[1].change for rows in dispatch]),
            ("policy trained for it", "#d98c3f", -0.12, learned),
        ]))  # fmt: skip
    if patrol:
        panels.append(("patrol: against marginal coverage", [row.cell.name for row in patrol], [
            ("backup coverage", "#808080", 0.24, [row.change(BACKUP) for row in patrol]),
            ("compliance table", "#b8b8b8", 0.08, [row.change(TABLE) for row in patrol]),
            ("learned, trained for it", "#d98c3f", -0.08, [row.change("learned") for row in patrol]),
            ("free to be anywhere", "#3b6ea5", -0.24, [row.change_if_free(row.bound) for row in patrol]),
        ]))  # fmt: skip
    figure, axes = pyplot.subplots(1, max(1, len(panels)), figsize=(12, 5.5), squeeze=False, layout="constrained")
    for axis, panel in zip(axes[0], panels, strict=False):
        _panel(axis, *panel)
    figure.savefig(path, dpi=120)
    pyplot.close(figure)


def _panel(axis: Axes, title: str, cells: Sequence[str], series: _Points) -> None:
    for label, color, shift, changes in series:
        shown = [(place, change) for place, change in enumerate(changes) if change is not None]
        axis.errorbar(
            [100 * change.mean for _, change in shown], [len(cells) - place + shift for place, _ in shown],
            xerr=[100 * change.half_width for _, change in shown], fmt="o", markersize=4, color=color, label=label,
        )  # fmt: skip
    axis.axvline(0, color="black", linewidth=0.8)
    axis.set(title=title, xlabel="cost, % (95 % intervals)", yticks=[len(cells) - place for place in range(len(cells))])
    axis.set_yticklabels(cells)
    axis.set_ylim(0.4, len(cells) + 0.6)
    axis.legend(fontsize="small", loc="upper center", bbox_to_anchor=(0.5, -0.1), ncols=2)

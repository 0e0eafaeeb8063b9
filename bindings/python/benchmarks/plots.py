"""Plots that several results pages have."""

from collections.abc import Mapping
from pathlib import Path


def draw_bars(
    panels: Mapping[str, Mapping[str, float]],
    path: Path,
    *,
    label: str,
    form: str,
    limits: tuple[float, float] | None = None,
) -> None:
    """Write a picture of a panel for each title: a bar for each name, on an axis of logarithms.

    Parameters
    ----------
    panels : mapping
        Numbers by title and name.
    path : Path
        Of the picture.
    label, form : str
        Of the axis; how numbers are written beside the bars.
    limits : (float, float), optional
        Of the axis; None: from 1 to what each panel needs.
    """
    import matplotlib

    matplotlib.use("agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(len(panels), 1, figsize=(8, 2.2 * len(panels)), layout="constrained", squeeze=False)
    for axis, (title, numbers) in zip(axes[:, 0], panels.items(), strict=True):
        bars = axis.barh(list(numbers)[::-1], list(numbers.values())[::-1], color="#3b6ea5")
        axis.bar_label(bars, fmt=form)
        axis.set(xscale="log", xlabel=label, xlim=limits or (1, 20 * max(numbers.values())))
        axis.set_title(title, fontsize="medium", x=0.0, ha="center")
    figure.savefig(path, dpi=120)

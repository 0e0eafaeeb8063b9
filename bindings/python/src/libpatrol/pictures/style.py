"""One quiet style for all pictures, in colors that the color-blind tell apart."""

import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from libpatrol.extras import extra

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COLORS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
"""Of strategies, in their order: the palette of Okabe and Ito (2008) without its yellow, too light for lines."""

MARKERS = ("o", "s", "D", "^", "v", "P", "X")
"""Of strategies, so that pictures are also read without color."""

INK, QUIET, GRID, SHADE = "#24292e", "#6a737d", "#e1e4e8", "#f3f4f6"

_SETTINGS: dict[Any, Any] = {
    "axes.axisbelow": True,
    "axes.edgecolor": QUIET,
    "axes.grid": True,
    "axes.labelcolor": INK,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlelocation": "left",
    "axes.titlesize": 11,
    "axes.titleweight": "bold",
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans", "Arial", "Helvetica", "sans-serif"],
    "font.size": 9,
    "grid.color": GRID,
    "grid.linewidth": 0.8,
    "legend.frameon": False,
    "lines.linewidth": 1.8,
    "savefig.dpi": 150,
    "svg.fonttype": "none",
    "svg.hashsalt": "libpatrol",
    "text.color": INK,
    "xtick.color": QUIET,
    "xtick.labelcolor": INK,
    "ytick.color": QUIET,
    "ytick.labelcolor": INK,
}


@contextmanager
def quiet() -> Iterator[None]:
    """Draw in the style of this package; settings return to what they were."""
    with extra("plot", "libpatrol.pictures"):
        import matplotlib
    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(_SETTINGS)
        yield


def figure(width: float, height: float) -> "tuple[Figure, Axes]":
    """Return a figure of so many inches and its axes; call it inside ``quiet``."""
    from matplotlib.figure import Figure

    made = Figure(figsize=(width, height), layout="constrained")
    return made, made.subplots()


def save(picture: "Figure", path: str | os.PathLike[str]) -> None:
    """Write a figure; one drawn again from the same numbers gives the same bytes.

    Parameters
    ----------
    picture : Figure
        From a function of this package.
    path : path-like
        Ends in .png or .svg.

    Raises
    ------
    ValueError
        If it ends otherwise.
    """
    suffix = Path(path).suffix
    if suffix not in (".png", ".svg"):
        raise ValueError(f"{os.fspath(path)} ends in {suffix or 'nothing'}, expected .png or .svg")
    Path(path).write_bytes(written(picture, suffix[1:]))


def written(picture: "Figure", form: str) -> bytes:
    """Return the bytes of a figure as "png" or "svg"."""
    content = io.BytesIO()
    without_time: dict[str, Any] = {"Date": None} if form == "svg" else {"Software": None}
    with quiet():
        picture.savefig(content, format=form, metadata=without_time)
    return content.getvalue()

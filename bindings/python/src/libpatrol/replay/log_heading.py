"""Whether the first row of a table names its columns."""

import numpy as np
import pandas as pd


def require_heading(names: list[str], table: pd.DataFrame, where: str) -> None:
    """Refuse a table with a title, or a merged cell, where the names of its columns should be."""
    width = table.shape[1]
    if width < 3 or len(names) > width / 2:
        return
    whole = np.flatnonzero((table.notna() & (table != "")).sum(axis=1).to_numpy() > width / 2)
    place = f"in row {whole[0] + 2}" if len(whole) else "further down"
    raise ValueError(
        f"{where}: the heading names {len(names)} of {width} columns; the column names seem to be {place}: delete the "
        "rows above them"
    )

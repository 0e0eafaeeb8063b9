"""Results of strategies on the same calls, as ``libpatrol compare`` writes them, ready for tables and pictures."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from libpatrol.pictures.charts import Band


@dataclass(frozen=True)
class Found:
    """A measure of one strategy: its mean and its paired difference from the reference, each with an interval."""

    value: Band
    difference: Band

    @property
    def is_clear(self) -> bool:
        """Whether the interval of the difference excludes zero."""
        return self.difference.low > 0 or self.difference.high < 0


class StrategyResults:
    """What was measured of each strategy.

    Parameters
    ----------
    rows : sequence of mapping
        "rows" of the results: ``policies``, ``class``, ``row``, ``measure``, ``mean``, ``half_width``, ``difference``,
        ``difference_half_width``.

    Attributes
    ----------
    strategies : list of str
        In their order; the first is the reference.
    """

    def __init__(self, rows: Sequence[Mapping[str, Any]]) -> None:
        self.strategies: list[str] = list(dict.fromkeys(row["policies"] for row in rows))
        self._found: dict[tuple[str, str, str, str], Found] = {}
        self._classes: dict[str, list[str]] = {}
        for row in rows:
            kind, told = row["class"], row["row"]
            key = row["policies"], kind, told, row["measure"]
            difference = _band(row.get("difference"), row.get("difference_half_width"))
            self._found[key] = Found(_band(row["mean"], row.get("half_width")), difference)
            known = self._classes.setdefault(kind, [])
            if told not in known:
                known.append(told)

    def get(self, strategy: str, measure: str, kind: str = "all", row: str = "") -> Found:
        """Return a measure, NaN where it was not measured."""
        nothing = Found(Band(math.nan), Band(math.nan))
        return self._found.get((strategy, kind, row, measure), nothing)

    def rows(self, kind: str) -> list[str]:
        """Return the classes of a kind in which any strategy had calls."""
        return [
            row
            for row in self._classes.get(kind, [])
            if any(self.get(name, "response_calls", kind, row).value.mean > 0 for name in self.strategies)
        ]

    def bands(self, measure: str, kind: str, scale: float) -> dict[str, dict[str, Band]]:
        """Return a measure by strategy and class, for pictures; classes without a value are left out."""
        found: dict[str, dict[str, Band]] = {}
        for name in self.strategies:
            for row in self.rows(kind):
                band = self.get(name, measure, kind, row).value
                if math.isfinite(band.mean):
                    found.setdefault(name, {})[row] = Band(*(scale * value for value in band))
        return found


def _band(mean: float | None, half: float | None) -> Band:
    if mean is None:
        return Band(math.nan)
    return Band(mean) if half is None else Band(mean, mean - half, mean + half)

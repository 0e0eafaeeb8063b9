"""Policies under several conditions, each beside the best heuristics of its condition."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes

from benchmarks.studies.experiments.wording import verdicts
from benchmarks.studies.measures import Measured, cells, change, mean
from libpatrol.studies.intervals import Interval
from libpatrol.studies.measures import COST, OVERFLOW, RESPONSE_P90, Measure
from libpatrol.studies.pairs import PolicyPair

RANDOM, BEST, LEARNED = "random walk + closest", "best heuristics", "learned"


@dataclass(frozen=True)
class Conditions:
    """What policies come to.

    Attributes
    ----------
    found : dict
        By condition and title of the policy: the policies, and their measures on the test seeds. `BEST` is the
        reference of its condition.
    """

    found: dict[str, dict[str, tuple[PolicyPair, Measured]]]

    def lines(self, *more: Measure) -> list[list[str]]:
        """Return the rows of a table: condition, policies, the cells of `comparing.HEAD`, and further measures."""
        rows = []
        for condition, policies in self.found.items():
            for number, (title, (pair, own)) in enumerate(policies.items()):
                reference = None if title == BEST else policies[BEST][1]
                further = [f"{mean([own], measure):.1f} %" for measure in more]
                name = condition if number == 0 else ""
                rows.append([name, f"{title}: {pair.name}", *cells([own], reference), *further])
        return rows

    def changes(self, title: str, measure: Measure = COST) -> list[tuple[str, Interval]]:
        """Return each condition's change to the best heuristics, where these have anything of the measure."""
        return [
            (condition, change([policies[title][1]], policies[BEST][1], measure))
            for condition, policies in self.found.items()
            if policies[BEST][1][measure.name].any()
        ]

    def findings(self, titles: Iterable[str]) -> str:
        """Return where policies are better than the best heuristics, and where the tail and losses differ."""
        return "\n".join(
            f"- {verdicts(f'{title} against the best heuristics, {name}', self.changes(title, measure))}"
            for title in titles
            for name, measure in (("cost", COST), ("p90 of response", RESPONSE_P90), ("lost calls", OVERFLOW))
        )

    def means(self, title: str, measure: Measure) -> list[float]:
        """Return a policy's measure under each condition, in the table's unit."""
        return [mean([policies[title][1]], measure) for policies in self.found.values()]

    def draw_changes(self, axis: Axes, places: Sequence[float], titles: Iterable[str], label: str) -> None:
        """Draw the changes of cost over places along the axis."""
        for title in titles:
            own = [one for _, one in self.changes(title)]
            axis.errorbar(
                places, [100 * one.mean for one in own], [100 * one.half_width for one in own], fmt="o-", label=title
            )
        axis.axhline(0, color="black", linewidth=0.8)
        axis.set(xlabel=label, ylabel="cost, % against the best heuristics")
        axis.legend()

"""The rows of a cell: what is compared, and how it came out on the test seeds."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from study import Cell, Study

from libpatrol.experiments.intervals import Interval, paired
from libpatrol.experiments.measures import CHARGED_RESPONSE, COST, OVERFLOW, RESPONSE_P90
from libpatrol.experiments.pairs import PolicyPair

_DRAWS = 2000


@dataclass(frozen=True)
class Row:
    """One policy on the test seeds: means, the relative change of cost to the reference, and what making it took."""

    title: str
    cost: float
    change: Interval | None
    response: float
    p90: float
    lost: float
    events: float


def rows_of(study: Study, cell: Cell, paper_patrol: str, paper_dispatch: str) -> list[Row]:
    """Return the rows of a cell, the best pair of heuristics among them as the reference."""
    plain, limited = study.heuristics(cell)
    paper = PolicyPair(patrol=paper_patrol, dispatch=paper_dispatch)
    reference = study.measured(cell, "heuristics", plain)
    rows = [_row("random walk + closest", [study.measured(cell, "paper", paper)], reference)]
    rows.append(_row(f"best heuristics: {plain.name}", [reference], None))
    if limited is not plain:
        rows.append(_row("travel limits, tuned", [study.measured(cell, "limits", limited)], reference))
    beside = {
        "patrol_only": PolicyPair(patrol=plain.patrol, dispatch=paper_dispatch),
        "dispatch_only": PolicyPair(patrol=paper_patrol, dispatch=plain.dispatch),
    }
    for variant in study.effort.variants:
        measured, events, chosen = [], 0, set()
        for seed in range(study.effort.seeds):
            pair, made = study.learned(cell, variant, beside.get(variant, plain), seed)
            measured.append(study.measured(cell, pair.name, pair))
            chosen.add(f"{pair.patrol}+{pair.dispatch}")
            events += made["events"] / study.effort.seeds
        title = f"{variant.replace('_', ' ')}: {' / '.join(sorted(chosen))}"
        rows.append(_row(title, measured, reference, events))
    return rows


def _row(
    title: str,
    measured: list[dict[str, NDArray[np.float64]]],
    reference: dict[str, NDArray[np.float64]] | None,
    events: float = 0,
) -> Row:
    mean = {name: float(np.mean([np.nanmean(one[name]) for one in measured])) for name in measured[0]}
    change = None
    if reference is not None:
        change = _change(np.array([one[COST.name] for one in measured]), reference[COST.name])
    return Row(
        title=title, cost=mean[COST.name], change=change, response=mean[CHARGED_RESPONSE.name],
        p90=mean[RESPONSE_P90.name], lost=mean[OVERFLOW.name], events=events,
    )  # fmt: skip


def _change(costs: NDArray[np.float64], reference: NDArray[np.float64]) -> Interval:
    """Return the relative change of mean cost: paired over replications, bootstrapped over training seeds where there are several."""
    base = reference.mean()
    if len(costs) == 1:
        difference = paired(reference, costs[0])
        return Interval(difference.mean / base, difference.half_width / base, difference.replications)
    rng = np.random.default_rng(0)
    differences = costs - reference
    drawn = np.empty(_DRAWS)
    for k in range(_DRAWS):
        seeds = rng.integers(len(costs), size=len(costs))
        replications = rng.integers(costs.shape[1], size=costs.shape[1])
        drawn[k] = differences[np.ix_(seeds, replications)].mean()
    low, high = np.quantile(drawn, (0.025, 0.975))
    return Interval(differences.mean() / base, (high - low) / 2 / base, costs.shape[1])

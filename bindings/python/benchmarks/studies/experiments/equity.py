"""Equity: the gap between two population groups, and what narrowing it costs."""

from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from benchmarks.pages import table
from benchmarks.studies.experiments.presence import presence
from benchmarks.studies.experiments.wording import training_says
from benchmarks.studies.laboratory import Laboratory, of_pair
from benchmarks.studies.measures import MEASURES, Measured, change, mean, percent
from benchmarks.studies.pairs import LONG_LIST
from benchmarks.studies.scenarios import altered
from libpatrol import Scenario
from libpatrol.lab.metrics import Metrics
from libpatrol.scenario.files import read_description
from libpatrol.studies.intervals import paired
from libpatrol.studies.measures import CHARGED_RESPONSE, COST, Measure
from libpatrol.studies.pairs import PolicyPair
from libpatrol.synthetic import cities

TITLE = "Equity"
NAME, LOAD = "unequal-groups", "medium"
WEIGHTS, SEEDS = (1.0, 2.0, 3.0), (0,)
HEURISTIC_WEIGHTS = (1.0, 1.25, 2.0, 3.0)
ABOUT = """\
`{name}-{load}`: 5 units, offered load {offered:.2f}; the east has {places:.0%} of the places and {calls:.0%} of the
calls. *Weights* multiply the east's calls, in dispatch and in the coverage that patrol goes by; costs and response
times here are unweighted, with lost calls charged.

* Heuristics: the patrol of least cost on validation seeds at weight 1, for each of two dispatch policies; the first row
  is the best of all and the reference.
* *Learned*: trained jointly from the best heuristics at the same weights, for costs with these weights. *Worst group*:
  trained for the least mean of the group that waits longest, its weights found by the trainer ({found}). {trained}

*Gap*: east less west. *Presence*: free units in the east, of all free units (mean over time). Changes are paired
differences to the reference, with 95 % intervals, on {replications} test replications of {hours:g} h."""
HEAD = (
    "policies", "weight", "gap in mean, min", "gap in p90, min", "west, mean", "east, mean", "presence in the east",
    "mean response, min", "change", "cost, change", "chosen",
)  # fmt: skip


def _of_group(name: str, group: int, field: str) -> Measure:
    def value(metrics: Metrics) -> float:
        return float(metrics.by_group[field][group])

    return Measure(name, name, 1 / 60, "min", value)


WEST, EAST = (_of_group(f"{name}_mean_seconds", group, "charged_mean") for group, name in enumerate(("west", "east")))
WEST_P90, EAST_P90 = (
    _of_group(f"{name}_p90_seconds", group, "charged_p90") for group, name in enumerate(("west", "east"))
)


@dataclass(frozen=True)
class Point:
    """A policy on the frontier: its training seeds' measures, and the share of free units in the east."""

    kind: str
    weight: str
    pairs: list[PolicyPair]
    measured: list[Measured]
    presence: float

    def gap(self, measure_west: Measure, measure_east: Measure) -> float:
        return mean(self.measured, measure_east) - mean(self.measured, measure_west)


def groups() -> NDArray[np.int32]:
    """Return the population group of each place."""
    wording = read_description(NAME)[0].city
    roads = cities.grid(
        wording.rows, wording.columns, beats=wording.beats, seed=wording.seed, block_metres=wording.block_metres
    )
    return cities.far_side(roads.coordinates, wording.east_group)


def point(lab: Laboratory, kind: str, weight: str, pairs: list[PolicyPair]) -> Point:
    scenario, node_groups = Scenario.load(NAME, LOAD), groups()
    measured, shares = [], []
    for seed, pair in enumerate(pairs):
        name = f"{kind}-{weight}-{seed}"
        measured.append(lab.measured(name, scenario, pair, [*MEASURES, WEST, EAST, WEST_P90, EAST_P90]))
        seeds = range(lab.replications // 4)

        def run(pair: PolicyPair = pair, seeds: range = seeds) -> list[float]:
            with pair.engine(scenario) as engine:
                return presence(scenario, engine, seeds, node_groups).mean(0).tolist()

        free = lab.kept(f"presence-{name}", [scenario.content_hash, of_pair(pair), len(seeds)], run)
        shares.append(free[1] / sum(free))
    return Point(kind, weight, pairs, measured, float(np.mean(shares)))


def weighted(pair: PolicyPair, weights: list[float]) -> PolicyPair:
    """Return a pair that weighs groups so in its decisions."""
    return PolicyPair(
        patrol=pair.patrol, dispatch=pair.dispatch, policy=pair.policy, options={"group_weights": weights}
    )


def points(lab: Laboratory) -> list[Point]:
    """Return every policy of the frontier, the reference (the best heuristics without weights) first."""
    scenario = Scenario.load(NAME, LOAD)
    reference = lab.best("unweighted", scenario, LONG_LIST)
    by_dispatch = [
        lab.best("unweighted", scenario, [pair for pair in LONG_LIST if pair.dispatch == name])
        for name in dict.fromkeys(pair.dispatch for pair in LONG_LIST)
    ]
    found = []
    for best in sorted(by_dispatch, key=lambda pair: pair is not reference):
        found += [point(lab, best.dispatch, f"{w:g}", [weighted(best, [1.0, w])]) for w in HEURISTIC_WEIGHTS]
    for w in WEIGHTS:
        task = altered(scenario, group_weights=np.array([1.0, w], np.float32))
        start = (
            reference if w == 1 else lab.best(f"weight-{w:g}", task, [weighted(pair, [1.0, w]) for pair in LONG_LIST])
        )
        pairs = [lab.trained(f"weight-{w:g}", task, start, seed, variant="joint").pair for seed in SEEDS]
        found.append(point(lab, "learned", f"{w:g}", [weighted(pair, [1.0, w]) for pair in pairs]))
    pairs = []
    for seed in SEEDS:
        pair = lab.trained("worst-group", scenario, reference, seed, variant="joint", goal="worst_group").pair
        found_weights = "1 1" if pair.policy is None else pair.policy.metadata["group_weights"]
        pairs.append(weighted(pair, [float(weight) for weight in found_weights.split()]))
    found.append(point(lab, "learned, worst group", "found", pairs))
    return found


def lines(found: list[Point]) -> list[list[str]]:
    reference = found[0]
    return [
        [
            one.kind, one.weight, f"{one.gap(WEST, EAST):.2f}", f"{one.gap(WEST_P90, EAST_P90):.2f}",
            f"{mean(one.measured, WEST):.2f}", f"{mean(one.measured, EAST):.2f}", f"{100 * one.presence:.1f} %",
            f"{mean(one.measured, CHARGED_RESPONSE):.2f}",
            "" if one is reference else percent(change(one.measured, reference.measured[0], CHARGED_RESPONSE)),
            "" if one is reference else percent(change(one.measured, reference.measured[0])),
            " / ".join(sorted({f"{pair.patrol}+{pair.dispatch}" for pair in one.pairs})),
        ]
        for one in found
    ]  # fmt: skip


def findings(found: list[Point]) -> str:
    """Return what the rows show: who narrows the gap, at what price."""
    reference = found[0]

    def gap_change(one: Point) -> str:
        gaps = np.mean([m[EAST.name] - m[WEST.name] for m in one.measured], 0) / 60
        before = (reference.measured[0][EAST.name] - reference.measured[0][WEST.name]) / 60
        moved = paired(before, gaps)
        sign = "narrows" if moved.mean < 0 else "widens"
        wording = f"{sign} the gap in means by {abs(moved.mean):.2f} ± {moved.half_width:.2f} min"
        return wording if moved.excludes_zero else "does not change the gap in means by more than chance"

    gap, gap_p90 = reference.gap(WEST, EAST), reference.gap(WEST_P90, EAST_P90)
    wording = [f"- The reference's gap is {gap:.2f} min in means, {gap_p90:.2f} min in p90."]
    for one in found[1:]:
        price = change(one.measured, reference.measured[0])
        wording.append(f"- {one.kind}, weight {one.weight}: {gap_change(one)}, at {percent(price)} cost.")
    return "\n".join(wording)


def run(lab: Laboratory) -> tuple[list[str], Figure]:
    found = points(lab)
    scenario = Scenario.load(NAME, LOAD)
    weights = [f"{pair.options['group_weights'][1] / pair.options['group_weights'][0]:.2f}" for pair in found[-1].pairs]
    about = ABOUT.format(
        name=NAME, load=LOAD, offered=scenario.details.workload.offered_load, places=groups().mean(),
        calls=read_description(NAME)[0].demand.group_shares[1], found=f"east to west {' and '.join(weights)}",
        trained=training_says(lab, len(SEEDS)), replications=lab.replications, hours=scenario.hours,
    )  # fmt: skip
    return [about, table(HEAD, lines(found)), "## What it shows", findings(found)], figure(found)


def figure(found: list[Point]) -> Figure:
    drawn = Figure(figsize=(10, 4), layout="constrained")
    panels = drawn.subplots(1, 3)
    ways = (
        ("gap in mean response, min", lambda one: one.gap(WEST, EAST)),
        ("gap in p90, min", lambda one: one.gap(WEST_P90, EAST_P90)),
        ("free units in the east, %", lambda one: 100 * one.presence),
    )
    for axis, (title, of) in zip(panels, ways, strict=True):
        for kind, mark in zip(dict.fromkeys(one.kind for one in found), ("o-", "v-", "s-", "^"), strict=True):
            own = [one for one in found if one.kind == kind]
            x, y = [of(one) for one in own], [mean(one.measured, COST) for one in own]
            axis.plot(x, y, mark, label=kind)
            for one, here, there in zip(own, x, y, strict=True):
                axis.annotate(one.weight, (here, there), textcoords="offset points", xytext=(5, 4), fontsize=8)
        axis.set(xlabel=title)
    panels[0].set(ylabel="cost (numbers: weight of the east)")
    drawn.legend(*panels[0].get_legend_handles_labels(), loc="outside upper center", ncols=4)
    return drawn

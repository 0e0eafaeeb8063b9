"""Sensitivity of training to its options: one at a time is changed."""

from typing import Any

import numpy as np
from matplotlib.figure import Figure

from benchmarks.pages import table
from benchmarks.studies.experiments.wording import training_says, verdicts
from benchmarks.studies.laboratory import Laboratory
from benchmarks.studies.measures import HEAD, MEASURES, Measured, cells, change, percent
from benchmarks.studies.pairs import BACKUP, WEIGHTED_INDEX
from benchmarks.studies.scenarios import altered
from libpatrol import Scenario
from libpatrol.studies.intervals import Interval
from libpatrol.studies.pairs import PolicyPair
from reference.rules import RULES_OFF

TITLE = "Sensitivity to the options of training"
SCENARIO = "irregular-roads-heavy"
BESIDE = PolicyPair(patrol=BACKUP, dispatch=WEIGHTED_INDEX)
SEEDS = (0, 1)
BASE = "base"
SETTINGS: dict[str, dict[str, Any]] = {
    BASE: {},
    "comparisons 2,000": {"comparisons": 2_000, "bootstrap_comparisons": 1_000},
    "comparisons 24,000": {"comparisons": 24_000, "bootstrap_comparisons": 12_000},
    "iterations 1": {"iterations": 1},
    "iterations 4": {"iterations": 4},
    "horizon 5 min": {"horizon_seconds": 300.0},
    "horizon 20 min": {"horizon_seconds": 1_200.0},
    "horizon 80 min": {"horizon_seconds": 4_800.0},
    "explored share 0.5": {"explored_share": 0.5},
    "value of 6 hidden neurons": {"value_hidden": 6},
    "value of 64 hidden neurons": {"value_hidden": 64},
    "pairs not scored": {"learns_pairs": 0},
    "no direct search of dispatch": {"dispatch_generations": 0},
    "direct search of dispatch, 24 generations": {"dispatch_generations": 24},
    "16 replications for each policy": {"search_replications": 16},
    "two rounds": {"rounds": 2},
}
"""By title: what differs from the base."""
BASE_SAYS = """\
a horizon of 10 min, 10 % of alternatives taken, a value of 24 hidden neurons, pairs scored by two layers of 32,
populations of 16 with 4 replications each"""
ABOUT = """\
`{scenario}` without the rules that keep calls from being held, where learning gains most: joint training from
{beside} with one option changed at a time. *Change*: to these heuristics; *to the base*: to the mean of the base's
seeds; on {replications} test replications of 48 h. {trained} In the base: {base}."""


def run(lab: Laboratory) -> tuple[list[str], Figure]:
    scenario = altered(Scenario.load(SCENARIO), RULES_OFF)
    reference = lab.measured("heuristics", scenario, BESIDE)
    found: dict[str, list[Measured]] = {}
    for number, (title, options) in enumerate(SETTINGS.items()):
        pairs = [lab.trained(f"{number}", scenario, BESIDE, seed, **options).pair for seed in SEEDS]
        found[title] = [
            lab.measured(f"{number}-{seed}", scenario, pair) for seed, pair in zip(SEEDS, pairs, strict=True)
        ]
    about = ABOUT.format(
        scenario=SCENARIO, beside=BESIDE.name, replications=lab.replications, trained=training_says(lab, len(SEEDS)),
        base=BASE_SAYS,
    )  # fmt: skip
    base = {one.name: np.mean([of_seed[one.name] for of_seed in found[BASE]], axis=0) for one in MEASURES}
    to_base = {title: change(own, base) for title, own in found.items() if title != BASE}
    rows = [["heuristics", *cells([reference], None), ""]]
    rows += [
        [title, *cells(own, reference), percent(to_base[title]) if title in to_base else ""]
        for title, own in found.items()
    ]
    changes = {title: change(own, reference) for title, own in found.items()}
    wording = [
        f"- {verdicts('Cost against the heuristics', changes.items())}",
        f"- {verdicts('Cost against the mean of the base', to_base.items())}",
    ]
    sections = [about, table(["training", *HEAD, "to the base"], rows), "## What it shows", "\n".join(wording)]
    return sections, figure(changes)


def figure(changes: dict[str, Interval]) -> Figure:
    drawn = Figure(figsize=(8, 6), layout="constrained")
    axis = drawn.subplots()
    mid, half = [100 * one.mean for one in changes.values()], [100 * one.half_width for one in changes.values()]
    axis.errorbar(mid, range(len(changes)), xerr=half, fmt="o")
    axis.axvline(mid[0], color="gray", linewidth=0.8, linestyle="--")
    axis.set(xlabel="cost, % against the heuristics (95 % intervals; dashed: the base)", yticks=range(len(changes)))
    axis.set_yticklabels(list(changes))
    axis.invert_yaxis()
    return drawn

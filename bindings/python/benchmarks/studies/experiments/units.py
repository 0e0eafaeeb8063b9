"""Performance against the number of units, at the same calls."""

from matplotlib.figure import Figure

from benchmarks.pages import table
from benchmarks.studies.experiments.conditions import BEST, RANDOM, Conditions
from benchmarks.studies.laboratory import Laboratory
from benchmarks.studies.measures import HEAD, MEASURES
from benchmarks.studies.pairs import GENERAL, RANDOM_PAIR, SHORT_LIST, trained_pair
from benchmarks.studies.scenarios import altered
from libpatrol import Scenario
from libpatrol.studies.measures import COST, OVERFLOW, UTILIZATION

TITLE = "Number of units"
FLEETS, SCENARIO, TRAINED_WITH = (3, 4, 5, 7, 10), "hotspots-heavy", 5
CARRIED = f"learned with {TRAINED_WITH}"
ABOUT = """\
`{scenario}` with {calls:.1f} calls an hour and a queue of 10, whatever the fleet (offered load {load:.2f} a unit with
{trained_with}). Best heuristics: of least cost on validation seeds for each fleet, among {heuristics}. *{carried}*:
the package's policy of this scenario, trained with {trained_with} units and carried to the other fleets without
retraining; *{general}*: the package's, trained in generated cities with other fleets. *Change*: paired difference to
the best heuristics of the fleet with its 95 % interval, on {replications} test replications of 48 h."""


def fleet(units: int) -> Scenario:
    return altered(Scenario.load(SCENARIO), unit_count=units)


def measured(lab: Laboratory) -> Conditions:
    """Return each fleet's policies and what they come to."""
    found = {}
    for units in FLEETS:
        pairs = {
            RANDOM: RANDOM_PAIR,
            BEST: lab.best(f"{units}", fleet(units)),
            CARRIED: trained_pair(SCENARIO),
            GENERAL: trained_pair("general"),
        }
        found[f"{units} units"] = {
            title: (pair, lab.measured(f"{units}-{title}", fleet(units), pair, [*MEASURES, UTILIZATION]))
            for title, pair in pairs.items()
        }
    return Conditions(found)


def _saved(found: Conditions) -> str:
    """Return how many units the heuristics save against the random walk, at its cost with each fleet."""
    random = dict(zip(FLEETS, found.means(RANDOM, COST), strict=True))
    best = dict(zip(FLEETS, found.means(BEST, COST), strict=True))
    parts = []
    for units, cost in random.items():
        fewest = min((other for other in FLEETS if best[other] <= cost), default=units)
        if fewest < units:
            parts.append(f"{fewest} instead of {units}")
    if not parts:
        return "No smaller one of these fleets reaches the random walk's cost with the best heuristics."
    return f"The best heuristics cost no more than the random walk with a smaller fleet: {', '.join(parts)}."


def run(lab: Laboratory) -> tuple[list[str], Figure]:
    found = measured(lab)
    volume = fleet(TRAINED_WITH).details.workload
    about = ABOUT.format(
        scenario=SCENARIO, calls=volume.calls_per_hour, load=volume.offered_load, trained_with=TRAINED_WITH,
        heuristics=", ".join(pair.name for pair in SHORT_LIST), carried=CARRIED, general=GENERAL,
        replications=lab.replications,
    )  # fmt: skip
    rows = table(["fleet", "policies", *HEAD, "utilization"], found.lines(UTILIZATION))
    wording = f"{found.findings((RANDOM, CARRIED, GENERAL))}\n- {_saved(found)}"
    return [about, rows, "## What it shows", wording], figure(found)


def figure(found: Conditions) -> Figure:
    drawn = Figure(figsize=(11, 4), layout="constrained")
    axes = drawn.subplots(1, 3)
    for axis, measure, title in zip(axes, (COST, OVERFLOW), ("cost", "lost, %"), strict=False):
        for policies in (RANDOM, BEST, CARRIED):
            axis.plot(FLEETS, found.means(policies, measure), "o-", label=policies)
        axis.set(xlabel="units", ylabel=title)
    axes[0].legend()
    axes[0].set_yscale("log")
    found.draw_changes(axes[2], FLEETS, (CARRIED, GENERAL), "units")
    return drawn

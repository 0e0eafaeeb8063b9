"""Incident patterns: decisions where calls come from elsewhere, at other times, and last otherwise."""

from dataclasses import replace

from matplotlib.figure import Figure

from benchmarks.pages import table
from benchmarks.studies.experiments.conditions import BEST, RANDOM, Conditions
from benchmarks.studies.experiments.wording import training_says
from benchmarks.studies.laboratory import Laboratory
from benchmarks.studies.measures import HEAD
from benchmarks.studies.pairs import GENERAL, LONG_LIST, RANDOM_PAIR, trained_pair
from libpatrol import Scenario
from libpatrol.scenario.description import ScenarioDescription
from libpatrol.scenario.files import read_description

TITLE = "Incident patterns"
SCENARIO, LOAD = "hotspots", "heavy"
HERE, CARRIED = "trained here", "carried"
LEARNED = (HERE, CARRIED, GENERAL)
ABOUT = """\
The city, fleet and offered load ({load:g} a unit) of `{scenario}-{name}`, and incidents of another pattern in each
row: one trait differs at a time. *{best}*: of least cost on validation seeds for each pattern, among {heuristics}.
*{here}*: jointly, for the pattern. *{carried}*: the package's policy of `{scenario}-{name}`, without retraining;
*{general}*: the package's, trained in generated cities, without retraining. *Change*: paired difference to the best
heuristics with its 95 % interval, on {replications} test replications of 48 h. {trained}"""


def patterns() -> dict[str, ScenarioDescription]:
    """Return each pattern by what it differs in."""
    description = read_description(SCENARIO)[0]
    urgent, routine = description.categories

    def demand(**traits: object) -> ScenarioDescription:
        return replace(description, demand=replace(description.demand, **traits))

    def service(kind: str, variation: float) -> ScenarioDescription:
        return replace(
            description,
            categories=tuple(replace(c, service=kind, service_variation=variation) for c in description.categories),
        )

    def urgent_share(share: float) -> ScenarioDescription:
        return replace(description, categories=(replace(urgent, share=share), replace(routine, share=1 - share)))

    daily = [0.4] * 6 + [0.8] * 6 + [1.2] * 6 + [1.6] * 6
    return {
        "three hotspots, as trained": description,
        "no hotspots": demand(hotspots=[]),
        "one sharp hotspot": demand(hotspots=[[0.2, 0.2]], width=0.06),
        "hotspots elsewhere": demand(hotspots=[[0.8, 0.8], [0.2, 0.6], [0.6, 0.1]]),
        "hotspots busy in turn": demand(busiest_hours=[2.0, 10.0, 18.0]),
        "busy evenings": demand(hourly_volume=daily),
        "service hardly varies": service("gamma", 0.3),
        "service with a heavy tail": service("log_normal", 2.0),
        "one call in ten urgent": urgent_share(0.1),
        "eight calls in ten urgent": urgent_share(0.8),
    }


def measured(lab: Laboratory) -> Conditions:
    """Return each pattern's policies and what they come to."""
    found = {}
    for number, (pattern, description) in enumerate(patterns().items()):
        scenario = Scenario.load(description, LOAD)
        best = lab.best(f"{number}", scenario, LONG_LIST)
        pairs = {
            RANDOM: RANDOM_PAIR,
            BEST: best,
            HERE: lab.trained(f"{number}", scenario, best).pair,
            CARRIED: trained_pair(f"{SCENARIO}-{LOAD}"),
            GENERAL: trained_pair("general"),
        }
        found[pattern] = {
            title: (pair, lab.measured(f"{number}-{title}", scenario, pair)) for title, pair in pairs.items()
        }
    return Conditions(found)


def run(lab: Laboratory) -> tuple[list[str], Figure]:
    found = measured(lab)
    about = ABOUT.format(
        scenario=SCENARIO, name=LOAD, load=read_description(SCENARIO)[0].loads[LOAD], best=BEST, here=HERE,
        carried=CARRIED, general=GENERAL, heuristics=", ".join(pair.name for pair in LONG_LIST),
        replications=lab.replications, trained=training_says(lab, 1),
    )  # fmt: skip
    rows, description = table(["incidents", "policies", *HEAD], found.lines()), found.findings((RANDOM, *LEARNED))
    return [about, rows, "## What it shows", description], figure(found)


def figure(found: Conditions) -> Figure:
    drawn = Figure(figsize=(9, 5), layout="constrained")
    axis = drawn.subplots()
    for place, title in enumerate(LEARNED):
        own = [one for _, one in found.changes(title)]
        mid, half = [100 * one.mean for one in own], [100 * one.half_width for one in own]
        axis.errorbar(mid, [row + 0.2 * (1 - place) for row in range(len(own))], xerr=half, fmt="o", label=title)
    axis.axvline(0, color="black", linewidth=0.8)
    axis.set(xlabel="cost, % against the best heuristics (95 % intervals)", yticks=range(len(found.found)))
    axis.set_yticklabels(list(found.found))
    axis.invert_yaxis()
    axis.legend()
    return drawn

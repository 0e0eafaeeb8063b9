"""Stress: two to ten times the calls, for days or for an hour, and the time of decisions meanwhile."""

from matplotlib.figure import Figure

from benchmarks.pages import table
from benchmarks.studies.experiments import storms
from benchmarks.studies.experiments.conditions import BEST, LEARNED, RANDOM, Conditions
from benchmarks.studies.experiments.decisions import DECISIONS, NODE_LIMIT, took
from benchmarks.studies.experiments.decisions import HEAD as TIMED
from benchmarks.studies.experiments.wording import training_says
from benchmarks.studies.laboratory import Laboratory
from benchmarks.studies.measures import HEAD as MEASURED
from benchmarks.studies.measures import MEASURES
from benchmarks.studies.pairs import GENERAL, RANDOM_PAIR, SHORT_LIST, trained_pair
from benchmarks.studies.scenarios import altered
from libpatrol import Scenario
from libpatrol.studies.measures import OVERFLOW, Measure
from libpatrol.studies.pairs import PolicyPair
from reference.rules import RULES_OFF

TITLE = "Stress"
MULTIPLES, TIMED_AT = (2, 4, 6, 8, 10), (2, 10)
TRAINED_OVER, VALUES_AT = (2, 4, 8), 3
SERVED = Measure("served_share", "served", 100.0, "%", lambda metrics: metrics.served / metrics.calls)
ABOUT = """\
`hotspots` with 5 units and a queue of 10, in multiples of the calls of its light load (offered load {offered:.2f} a
unit). Best heuristics: of least cost on validation seeds at each volume, among {heuristics}. *Learned*: one pair of
policies, trained jointly at {over} times at once. {trained} *{general}*: the one of the package, trained in generated
cities. Changes are paired differences to the best heuristics of the volume with 95 % intervals, on {replications} test
replications of 48 h. *Served* leaves out calls that are still open at the end."""
TIMES = """\
Whole decisions, dispatch and patrol, at up to {decisions:,} states that the policy met where some unit could go to some
call, within {nodes:,} nodes of the solver: the least of three repetitions, of the clock's and the processor's time of
each, since the machine had other work. The two learned ones score pairs and value the state that follows (dispatch
only, trained at {at} times without the department's rules, which leave less to decide; here it decides under them);
the program of a *general* value needs binaries."""


def volume(multiple: float) -> Scenario:
    """Return `hotspots` with so many times the calls of its light load."""
    return altered(Scenario.load("hotspots", "light"), rate_scale=float(multiple))


def _name(multiple: int) -> str:
    return f"{multiple} ×"


def at_volumes(lab: Laboratory) -> Conditions:
    """Return each volume's policies and what they come to."""
    start = lab.best(f"volume-{TRAINED_OVER[0]}", volume(TRAINED_OVER[0]))
    learned = lab.trained("volumes", [volume(multiple) for multiple in TRAINED_OVER], start, variant="joint").pair
    found = {}
    for multiple in MULTIPLES:
        pairs = {RANDOM: RANDOM_PAIR, BEST: lab.best(f"volume-{multiple}", volume(multiple))}
        pairs |= {LEARNED: learned, GENERAL: trained_pair("general")}
        found[_name(multiple)] = {
            title: (pair, lab.measured(f"{multiple}-{title}", volume(multiple), pair, [*MEASURES, SERVED]))
            for title, pair in pairs.items()
        }
    return Conditions(found)


def with_values(lab: Laboratory) -> dict[str, PolicyPair]:
    """Return learned dispatch with a concave and with a general value function, for its times."""
    task = altered(volume(VALUES_AT), RULES_OFF)
    return {
        f"{form} value": lab.trained(
            form, task, SHORT_LIST[0], variant="dispatch_only", value_form=form, dispatch_generations=0
        ).pair
        for form in ("concave", "general")
    }


def timings(lab: Laboratory, found: Conditions, learned: dict[str, PolicyPair]) -> list[list[str]]:
    rows = []
    for multiple in TIMED_AT:
        policies, scenario = found.found[_name(multiple)], volume(multiple)
        begin = scenario.measured_from_seconds
        for title, pair in {BEST: policies[BEST][0], **learned}.items():
            times = took(lab, f"{multiple}-{title}", scenario, pair, begin, begin + 48 * 3600)
            rows.append([_name(multiple) if title == BEST else "", title, *times.cells()])
    return rows


def run(lab: Laboratory) -> tuple[list[str], Figure]:
    found = at_volumes(lab)
    learned = with_values(lab)
    in_storms = storms.found(lab)
    about = ABOUT.format(
        offered=Scenario.load("hotspots", "light").details.workload.offered_load,
        heuristics=", ".join(pair.name for pair in SHORT_LIST), over=", ".join(map(str, TRAINED_OVER)),
        trained=training_says(lab, 1), replications=lab.replications, general=GENERAL,
    )  # fmt: skip
    sections = [
        about, table(["volume", "policies", *MEASURED, "served"], found.lines(SERVED)),
        "## Time of decisions",
        TIMES.format(decisions=DECISIONS, nodes=NODE_LIMIT, at=VALUES_AT),
        table(["volume", "policies", *TIMED], timings(lab, found, learned)),
        "## A storm", *storms.sections(lab, in_storms, learned),
        "## What it shows", f"{found.findings((LEARNED, GENERAL))}\n{storms.findings(in_storms)}",
    ]  # fmt: skip
    return sections, figure(found, in_storms)


def figure(found: Conditions, in_storms: storms.Found) -> Figure:
    drawn = Figure(figsize=(11, 4), layout="constrained")
    axes = drawn.subplots(1, 3)
    found.draw_changes(axes[0], MULTIPLES, (LEARNED, GENERAL), "times the light load")
    for title in (RANDOM, BEST, GENERAL):
        axes[1].plot(MULTIPLES, found.means(title, OVERFLOW), "o-", label=title)
    axes[1].set(xlabel="times the light load", ylabel="lost, %")
    axes[1].legend()
    storms.draw(axes[2], in_storms)
    return drawn

"""Stress: two to ten times the calls, for days or for an hour, and the time of decisions meanwhile."""

import storms
from comparing import HEAD as MEASURED
from comparing import cells, change, mean, verdicts
from decisions import DECISIONS, NODE_LIMIT, took
from decisions import HEAD as TIMED
from laboratory import (
    GENERAL,
    MEASURES,
    RANDOM_PAIR,
    RULES_OFF,
    SHORT_LIST,
    Laboratory,
    Measured,
    altered,
    bundled_pair,
)
from matplotlib.figure import Figure
from report import table

from libpatrol import Scenario
from libpatrol.experiments.measures import COST, OVERFLOW, RESPONSE_P90, Measure
from libpatrol.experiments.pairs import PolicyPair

TITLE = "Stress"
MULTIPLES, TIMED_AT = (2, 4, 6, 8, 10), (2, 10)
TRAINED_OVER, VALUES_AT = (2, 4, 8), 3
RANDOM, BEST, LEARNED = "random walk + closest", "best heuristics", "learned"
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
the programme of a *general* value needs binaries."""

Found = dict[int, dict[str, tuple[PolicyPair, Measured]]]
"""By multiple and title."""


def volume(multiple: float) -> Scenario:
    """Return `hotspots` with so many times the calls of its light load."""
    return altered(Scenario.load("hotspots", "light"), rate_scale=float(multiple))


def at_volumes(lab: Laboratory) -> Found:
    """Return each volume's policies and what they come to."""
    start = lab.best(f"volume-{TRAINED_OVER[0]}", volume(TRAINED_OVER[0]))
    learned = lab.trained("volumes", [volume(multiple) for multiple in TRAINED_OVER], start, variant="joint")
    found: Found = {}
    for multiple in MULTIPLES:
        pairs = {RANDOM: RANDOM_PAIR, BEST: lab.best(f"volume-{multiple}", volume(multiple))}
        pairs |= {LEARNED: learned, GENERAL: bundled_pair("general")}
        found[multiple] = {
            title: (pair, lab.measured(f"{multiple}-{title}", volume(multiple), pair, [*MEASURES, SERVED]))
            for title, pair in pairs.items()
        }
    return found


def lines(found: Found) -> list[list[str]]:
    return [
        [
            f"{multiple} ×" if title == RANDOM else "", f"{title}: {pair.name}",
            *cells([measured], None if title == BEST else policies[BEST][1]), f"{mean([measured], SERVED):.1f} %",
        ]
        for multiple, policies in found.items()
        for title, (pair, measured) in policies.items()
    ]  # fmt: skip


def with_values(lab: Laboratory) -> dict[str, PolicyPair]:
    """Return learned dispatch with a concave and with a general value function, for its times."""
    task = altered(volume(VALUES_AT), RULES_OFF)
    return {
        f"{form} value": lab.trained(
            form, task, SHORT_LIST[0], variant="dispatch_only", value_form=form, dispatch_generations=0
        )
        for form in ("concave", "general")
    }


def timings(lab: Laboratory, found: Found, learned: dict[str, PolicyPair]) -> list[list[str]]:
    rows = []
    for multiple in TIMED_AT:
        policies, scenario = found[multiple], volume(multiple)
        begin = scenario.measured_from_seconds
        for title, pair in {BEST: policies[BEST][0], **learned}.items():
            times = took(lab, f"{multiple}-{title}", scenario, pair, begin, begin + 48 * 3600)
            rows.append([f"{multiple} ×" if title == BEST else "", title, *times.cells()])
    return rows


def findings(found: Found) -> str:
    """Return where learned policies are better, and by how much the tail and losses differ."""
    said = []
    for title in (LEARNED, GENERAL):
        for name, measure in (("cost", COST), ("p90 of response", RESPONSE_P90), ("lost calls", OVERFLOW)):
            changes = [
                (f"{multiple} ×", change([policies[title][1]], policies[BEST][1], measure))
                for multiple, policies in found.items()
                if policies[BEST][1][measure.name].any()
            ]
            said.append(f"- {verdicts(f'{title} against the best heuristics, {name}', changes)}")
    return "\n".join(said)


def run(lab: Laboratory) -> tuple[list[str], Figure]:
    found = at_volumes(lab)
    learned = with_values(lab)
    in_storms = storms.found(lab)
    about = ABOUT.format(
        offered=Scenario.load("hotspots", "light").about.volume.offered_load,
        heuristics=", ".join(pair.name for pair in SHORT_LIST), over=", ".join(map(str, TRAINED_OVER)),
        trained=lab.training_says(1), replications=lab.replications, general=GENERAL,
    )  # fmt: skip
    sections = [
        about, table(["volume", "policies", *MEASURED, "served"], lines(found)),
        "## Time of decisions",
        TIMES.format(decisions=DECISIONS, nodes=NODE_LIMIT, at=VALUES_AT),
        table(["volume", "policies", *TIMED], timings(lab, found, learned)),
        "## A storm", *storms.sections(lab, in_storms, learned),
        "## What it shows", f"{findings(found)}\n{storms.findings(in_storms)}",
    ]  # fmt: skip
    return sections, figure(found, in_storms)


def figure(found: Found, in_storms: storms.Found) -> Figure:
    drawn = Figure(figsize=(11, 4), layout="constrained")
    axes = drawn.subplots(1, 3)
    for title in (LEARNED, GENERAL):
        changes = [change([policies[title][1]], policies[BEST][1]) for policies in found.values()]
        mid, half = [100 * one.mean for one in changes], [100 * one.half_width for one in changes]
        axes[0].errorbar(list(found), mid, half, fmt="o-", label=title)
    axes[0].axhline(0, color="black", linewidth=0.8)
    axes[0].set(xlabel="times the light load", ylabel="cost, % against the best heuristics")
    axes[0].legend()
    for title in (RANDOM, BEST, GENERAL):
        axes[1].plot(
            list(found), [mean([policies[title][1]], OVERFLOW) for policies in found.values()], "o-", label=title
        )
    axes[1].set(xlabel="times the light load", ylabel="lost, %")
    axes[1].legend()
    storms.draw(axes[2], in_storms)
    return drawn

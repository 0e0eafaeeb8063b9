"""Performance against the number of units, at the same calls."""

from comparing import HEAD, cells, change, mean, verdicts
from laboratory import GENERAL, MEASURES, RANDOM_PAIR, SHORT_LIST, Laboratory, Measured, altered, bundled_pair
from matplotlib.figure import Figure
from report import table

from libpatrol import Scenario
from libpatrol.experiments.intervals import Interval
from libpatrol.experiments.measures import COST, OVERFLOW, RESPONSE_P90, UTILISATION, Measure
from libpatrol.experiments.pairs import PolicyPair

TITLE = "Number of units"
FLEETS, SCENARIO, TRAINED_WITH = (3, 4, 5, 7, 10), "hotspots-heavy", 5
RANDOM, BEST, CARRIED = "random walk + closest", "best heuristics", f"learned with {TRAINED_WITH}"
ABOUT = """\
`{scenario}` with {calls:.1f} calls an hour and a queue of 10, whatever the fleet (offered load {load:.2f} a unit with
{trained_with}). Best heuristics: of least cost on validation seeds for each fleet, among {heuristics}. *{carried}*:
the package's policy of this scenario, trained with {trained_with} units and carried to the other fleets without
retraining; *{general}*: the package's, trained in generated cities with other fleets. *Change*: paired difference to
the best heuristics of the fleet with its 95 % interval, on {replications} test replications of 48 h."""

Found = dict[int, dict[str, tuple[PolicyPair, Measured]]]
"""By fleet and title."""


def fleet(units: int) -> Scenario:
    return altered(Scenario.load(SCENARIO), unit_count=units)


def measured(lab: Laboratory) -> Found:
    """Return each fleet's policies and what they come to."""
    found: Found = {}
    for units in FLEETS:
        pairs = {
            RANDOM: RANDOM_PAIR,
            BEST: lab.best(f"{units}", fleet(units)),
            CARRIED: bundled_pair(SCENARIO),
            GENERAL: bundled_pair("general"),
        }
        found[units] = {
            title: (pair, lab.measured(f"{units}-{title}", fleet(units), pair, [*MEASURES, UTILISATION]))
            for title, pair in pairs.items()
        }
    return found


def lines(found: Found) -> list[list[str]]:
    return [
        [
            f"{units}" if title == RANDOM else "", f"{title}: {pair.name}",
            *cells([own], None if title == BEST else policies[BEST][1]), f"{mean([own], UTILISATION):.0f} %",
        ]
        for units, policies in found.items()
        for title, (pair, own) in policies.items()
    ]  # fmt: skip


def changes(found: Found, title: str, measure: Measure = COST) -> list[tuple[str, Interval]]:
    return [
        (f"{units} units", change([policies[title][1]], policies[BEST][1], measure))
        for units, policies in found.items()
        if policies[BEST][1][measure.name].any()
    ]


def findings(found: Found) -> str:
    said = [
        f"- {verdicts(f'{title} against the best heuristics, {name}', changes(found, title, measure))}"
        for title in (RANDOM, CARRIED, GENERAL)
        for name, measure in (("cost", COST), ("p90 of response", RESPONSE_P90), ("lost calls", OVERFLOW))
    ]
    said.append(f"- {_saved(found)}")
    return "\n".join(said)


def _saved(found: Found) -> str:
    """Return how many units the heuristics save against the random walk, at its cost with each fleet."""
    best = {units: mean([policies[BEST][1]], COST) for units, policies in found.items()}
    parts = []
    for units, policies in found.items():
        fewest = min((other for other in best if best[other] <= mean([policies[RANDOM][1]], COST)), default=units)
        if fewest < units:
            parts.append(f"{fewest} instead of {units}")
    if not parts:
        return "No smaller one of these fleets reaches the random walk's cost with the best heuristics."
    return f"The best heuristics cost no more than the random walk with a smaller fleet: {', '.join(parts)}."


def run(lab: Laboratory) -> tuple[list[str], Figure]:
    found = measured(lab)
    volume = fleet(TRAINED_WITH).about.volume
    about = ABOUT.format(
        scenario=SCENARIO, calls=volume.calls_per_hour, load=volume.offered_load, trained_with=TRAINED_WITH,
        heuristics=", ".join(pair.name for pair in SHORT_LIST), carried=CARRIED, general=GENERAL,
        replications=lab.replications,
    )  # fmt: skip
    rows = table(["units", "policies", *HEAD, "utilisation"], lines(found))
    return [about, rows, "## What it shows", findings(found)], figure(found)


def figure(found: Found) -> Figure:
    drawn = Figure(figsize=(11, 4), layout="constrained")
    axes = drawn.subplots(1, 3)
    for title in (RANDOM, BEST, CARRIED):
        for axis, measure in zip(axes, (COST, OVERFLOW), strict=False):
            axis.plot(
                list(found), [mean([policies[title][1]], measure) for policies in found.values()], "o-", label=title
            )
    for title in (CARRIED, GENERAL):
        own = [one for _, one in changes(found, title)]
        mid, half = [100 * one.mean for one in own], [100 * one.half_width for one in own]
        axes[2].errorbar(list(found), mid, half, fmt="o-", label=title)
    axes[2].axhline(0, color="black", linewidth=0.8)
    for axis, title in zip(axes, ("cost", "lost, %", "cost, % against the best heuristics"), strict=True):
        axis.set(xlabel="units", ylabel=title)
    for axis in (axes[0], axes[2]):
        axis.legend()
    axes[0].set_yscale("log")
    return drawn

"""What storms do to policies: the rows, the curves and the sentences of the page."""

import numpy as np
import storm
from comparing import change_of_mean, percent, plus_minus
from decisions import HEAD as TIMED
from decisions import took
from laboratory import GENERAL, RANDOM_PAIR, Laboratory, general_pair
from matplotlib.axes import Axes
from report import table
from storm import Weathered

from libpatrol.experiments.intervals import paired
from libpatrol.experiments.pairs import PolicyPair

FLEETS, OUTAGE_FLEETS = (5, 20), (5, 20, 60)
OUTAGE = 600.0
"""Seconds of the storm in which nobody is sent anywhere, before a decision that is timed."""
RANDOM, BEST, LEARNED = "random walk + closest", "best heuristics", "learned"
ABOUT = f"""\
`hotspots-medium` with {storm.MULTIPLIER:g} times the calls for an hour from {storm.BEGIN_HOUR}:00: 5 units, and 20
with calls and queue in proportion. The heuristics are of least cost on validation seeds of the storm itself;
*learned* is trained jointly for 5 units with a storm every day, and carried to 20; the *{GENERAL}* is the one of the
package. *Cost* is over the storm and the {storm.AFTER_HOURS} h that follow it, and so are the calls *lost after*.
*Recovered*: minutes after the storm until the queue is first no longer than its mean before. Changes are paired
differences to the best heuristics. Decisions are timed from the storm's begin to two hours after it; *outage*: the
first after {OUTAGE / 60:.0f} minutes of the storm in which nobody was sent anywhere, so that all units are free and
many calls wait."""
HEAD = (
    "fleet", "policies", "cost", "change", "lost in it", "change", "lost after", "change", "queue before",
    "recovered, min", "change",
)  # fmt: skip

Found = dict[int, dict[str, tuple[PolicyPair, Weathered]]]
"""By fleet and title."""


def found(lab: Laboratory) -> Found:
    """Return each fleet's policies, and how they came through."""
    start = lab.best("storm-5", storm.scenario(5))
    learned = lab.trained("storm", storm.for_training(5), start, variant="joint")
    result: Found = {}
    for units in FLEETS:
        scenario = storm.scenario(units)
        pairs = {RANDOM: RANDOM_PAIR, BEST: lab.best(f"storm-{units}", scenario), LEARNED: learned}
        pairs[GENERAL] = general_pair()
        result[units] = {
            title: (pair, storm.weather(lab, f"{units}-{title}", scenario, pair)) for title, pair in pairs.items()
        }
    return result


def sections(lab: Laboratory, result: Found, learned: dict[str, PolicyPair]) -> list[str]:
    rows, timings = [], []
    for units, policies in result.items():
        reference = policies[BEST][1]
        for title, (pair, own) in policies.items():
            row = [f"{units} units" if title == RANDOM else "", f"{title}: {pair.name}"]
            for name, digits in (("cost", 3), ("lost_during", 1), ("lost_after", 2)):
                before, now = getattr(reference, name), getattr(own, name)
                row += [f"{now.mean():.{digits}f}", "" if title == BEST else plus_minus(paired(before, now), digits)]
            before, now = reference.recovery(), own.recovery()
            row += [
                f"{own.before():.2f}",
                f"{np.nanmean(now):.0f}",
                "" if title == BEST else plus_minus(paired(before, now), 1),
            ]
            rows.append(row)
        timed = {BEST: policies[BEST][0], **learned}
        for title, pair in timed.items():
            times = took(lab, f"storm-{units}-{title}", storm.scenario(units), pair, storm.BEGIN, storm.END + 7200)
            timings.append([f"{units} units" if title == BEST else "", title, *times.cells()])
    for units in OUTAGE_FLEETS:
        timed = {BEST: result[FLEETS[-1]][BEST][0], **learned}
        for title, pair in timed.items():
            scenario = storm.scenario(units)
            times = took(lab, f"outage-{units}-{title}", scenario, pair, storm.BEGIN, storm.BEGIN + OUTAGE, outage=True)
            timings.append([f"{units} units, outage" if title == BEST else "", title, *times.cells()])
    return [ABOUT, table(HEAD, rows), table(["fleet", "policies", *TIMED], timings)]


def findings(result: Found) -> str:
    said = []
    for units, policies in result.items():
        reference = policies[BEST][1]
        for title in (LEARNED, GENERAL):
            own = policies[title][1]
            sooner = paired(reference.recovery(), own.recovery())
            during = paired(reference.lost_during, own.lost_during)
            said.append(
                f"- In the storm, {units} units, {title} against the best heuristics: "
                f"cost {percent(change_of_mean(own.cost, reference.cost))}, "
                f"lost calls {plus_minus(during, 1)}, recovery {plus_minus(sooner, 1)} min; "
                f"not recovered {storm.AFTER_HOURS} h later: {own.unrecovered()} and {reference.unrecovered()} times."
            )
    return "\n".join(said)


def draw(axis: Axes, units: int, policies: dict[str, tuple[PolicyPair, Weathered]]) -> None:
    """Draw the mean queue around the storm."""
    for title, (_, own) in policies.items():
        mean = own.queue.mean(0)
        hours = (np.arange(len(mean)) - own.begin) / 60
        shown = (hours >= -1) & (hours <= 6)
        axis.plot(hours[shown], mean[shown], label=title)
    axis.set(xlabel="hours since the storm's begin", ylabel="calls without a unit, mean", title=f"{units} units")
    axis.legend()

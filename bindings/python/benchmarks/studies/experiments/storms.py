"""What storms do to policies: the rows, the curves and the sentences of the page."""

import numpy as np
from matplotlib.axes import Axes

from benchmarks.pages import table
from benchmarks.studies.experiments import storm
from benchmarks.studies.experiments.conditions import BEST, LEARNED, RANDOM
from benchmarks.studies.experiments.decisions import HEAD as TIMED
from benchmarks.studies.experiments.decisions import took
from benchmarks.studies.experiments.storm import Weathered
from benchmarks.studies.experiments.wording import plus_minus
from benchmarks.studies.laboratory import Laboratory
from benchmarks.studies.measures import percent, relative_change
from benchmarks.studies.pairs import GENERAL, RANDOM_PAIR, trained_pair
from libpatrol.studies.intervals import paired
from libpatrol.studies.pairs import PolicyPair

UNITS, OUTAGE_FLEETS = 5, (5, 20)
OUTAGE = 600.0
"""Seconds of the storm in which nobody is sent anywhere, before a decision that is timed."""
ABOUT = f"""\
`hotspots-medium`, 5 units, with {storm.MULTIPLIER:g} times the calls for an hour from {storm.BEGIN_HOUR}:00. The
heuristics are of least cost on validation seeds of the storm itself; *learned* is trained jointly with a storm every
day; the *{GENERAL}* is the one of the package. *Cost* is over the storm and the {storm.AFTER_HOURS} h that follow it,
and so are the calls *lost after*. *Recovered*: minutes after the storm until the queue is first no longer than its mean
before. Changes are paired differences to the best heuristics. Decisions are timed from the storm's begin to two hours
after it; *outage*: the first after {OUTAGE / 60:.0f} minutes of the storm in which nobody was sent anywhere, so that
all units are free and many calls wait, and with a larger fleet, calls and queue in proportion."""
HEAD = (
    "policies", "cost", "change", "lost in it", "change", "lost after", "change", "queue before",
    "recovered, min", "change",
)  # fmt: skip

Found = dict[str, tuple[PolicyPair, Weathered]]
"""By title."""


def found(lab: Laboratory) -> Found:
    """Return the policies, and how they came through."""
    scenario = storm.scenario(UNITS)
    best = lab.best("storm", scenario)
    learned = lab.trained("storm", storm.for_training(UNITS), best, variant="joint").pair
    pairs = {RANDOM: RANDOM_PAIR, BEST: best, LEARNED: learned, GENERAL: trained_pair("general")}
    return {title: (pair, storm.weather(lab, title, scenario, pair)) for title, pair in pairs.items()}


def sections(lab: Laboratory, result: Found, learned: dict[str, PolicyPair]) -> list[str]:
    rows, timings = [], []
    best, reference = result[BEST]
    for title, (pair, own) in result.items():
        row = [f"{title}: {pair.name}"]
        for name, digits in (("cost", 3), ("lost_during", 1), ("lost_after", 2)):
            before, now = getattr(reference, name), getattr(own, name)
            row += [f"{now.mean():.{digits}f}", "" if title == BEST else plus_minus(paired(before, now), digits)]
        sooner = paired(reference.recovery(), own.recovery())
        row += [
            f"{own.before():.2f}",
            f"{np.nanmean(own.recovery()):.0f}",
            "" if title == BEST else plus_minus(sooner, 1),
        ]
        rows.append(row)
    for title, pair in {BEST: best, **learned}.items():
        times = took(lab, f"storm-{title}", storm.scenario(UNITS), pair, storm.BEGIN, storm.END + 7200)
        timings.append([f"{UNITS} units" if title == BEST else "", title, *times.cells()])
    for units in OUTAGE_FLEETS:
        for title, pair in {BEST: best, **learned}.items():
            scenario, name = storm.scenario(units), f"outage-{units}-{title}"
            times = took(lab, name, scenario, pair, storm.BEGIN, storm.BEGIN + OUTAGE, outage=True)
            timings.append([f"{units} units, outage" if title == BEST else "", title, *times.cells()])
    return [ABOUT, table(HEAD, rows), table(["fleet", "policies", *TIMED], timings)]


def findings(result: Found) -> str:
    wording = []
    reference = result[BEST][1]
    for title in (LEARNED, GENERAL):
        own = result[title][1]
        wording.append(
            f"- In the storm, {title} against the best heuristics: "
            f"cost {percent(relative_change(own.cost[None], reference.cost))}, "
            f"calls lost in it {plus_minus(paired(reference.lost_during, own.lost_during), 1)}, after it "
            f"{plus_minus(paired(reference.lost_after, own.lost_after), 2)}, "
            f"recovery {plus_minus(paired(reference.recovery(), own.recovery()), 1)} min; "
            f"not recovered {storm.AFTER_HOURS} h later: {own.unrecovered()} and {reference.unrecovered()} times."
        )
    return "\n".join(wording)


def draw(axis: Axes, result: Found) -> None:
    """Draw the mean queue around the storm."""
    for title, (_, own) in result.items():
        mean = own.queue.mean(0)
        hours = (np.arange(len(mean)) - own.begin) / 60
        shown = (hours >= -1) & (hours <= storm.HOURS + storm.AFTER_HOURS)
        axis.plot(hours[shown], mean[shown], label=title)
    axis.set(xlabel="hours since the storm's begin", ylabel="calls without a unit, mean")
    axis.legend()

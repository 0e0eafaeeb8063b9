"""Measures what it brings to let calls wait for busy units that are expected there before every free one.

    bindings/python/run python -m benchmarks.studies.plans [--replications N] [--hours H] [--threads N]

Two departments under heuristics and a trained policy, on the same calls with the same times on scene. Known of the
time that busy units still need is what the distribution of their call's category says, given how long they have been
there; or besides, a notice of the units some minutes before they are free. Writes results.md beside this file.
"""

import argparse
import math
from pathlib import Path
from typing import NamedTuple

from benchmarks import policies
from benchmarks.pages import page, table
from benchmarks.studies.measures import HEAD, MEASURES, Measured, cells
from benchmarks.studies.scenarios import altered
from libpatrol import Scenario
from libpatrol.studies.pairs import PolicyPair
from libpatrol.studies.replications import replicate

HERE = Path(__file__).resolve().parent
SCENARIOS = ("metro-light", "metro-medium", "metro-heavy", "county-medium")
DIGITS = 3


class Variant(NamedTuple):
    """What decisions know of busy units, and by which margin calls wait for them."""

    known: str
    notice_seconds: float
    margin: float

    @property
    def waits(self) -> str:
        return "no" if math.isinf(self.margin) else f"margin {self.margin:g}"


TIME, NOTICE = "time left", "notice of {:.0f} min"
VARIANTS = (
    Variant(TIME, 0.0, math.inf),
    Variant(TIME, 0.0, 1.0),
    Variant(TIME, 0.0, 0.0),
    Variant(NOTICE.format(5), 300.0, 1.0),
    Variant(NOTICE.format(10), 600.0, 1.0),
)


def pairs() -> tuple[PolicyPair, ...]:
    """Return the policies that are compared, the trained one as it comes with the package."""
    heuristics = [PolicyPair.parse(f"backup_coverage+{name}") for name in ("closest_fcfs", "minimum_weighted_travel")]
    return (*heuristics, PolicyPair.trained(policies.policy("metro-medium"), name="trained for metro-medium"))


def measured(scenario: Scenario, pair: PolicyPair, margin: float, replications: int, threads: int) -> Measured:
    """Return the measures of a pair whose calls wait for busy units by a margin."""
    with scenario.engine(
        pair.policy, patrol_policy=pair.patrol, dispatch_policy=pair.dispatch, plan_margin=margin
    ) as engine:
        found = replicate(scenario, engine, range(replications), threads=threads)
    return {measure.name: measure.values(found) for measure in MEASURES}


def rows(name: str, replications: int, hours: float | None, threads: int) -> list[list[str]]:
    """Return the rows of one scenario's table."""
    scenario = altered(Scenario.load(name), hours=hours)
    found = []
    for pair in pairs():
        reference = measured(scenario, pair, math.inf, replications, threads)
        found.append([pair.name, "nothing", "no", *cells([reference], None, DIGITS)])
        for variant in VARIANTS:
            if "learned" not in (pair.patrol, pair.dispatch) and math.isinf(variant.margin):
                continue  # heuristics do not ask: the same bytes
            told = altered(scenario, knows_time_left=True, notice_seconds=variant.notice_seconds)
            mine = measured(told, pair, variant.margin, replications, threads)
            found.append(["", variant.known, variant.waits, *cells([mine], reference, DIGITS)])
            print(name, pair.name, *found[-1], flush=True)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--replications", type=int, default=16)
    parser.add_argument("--hours", type=float, help="of each replication; else the scenario's")
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    length = "the scenario's hours" if options.hours is None else f"{options.hours:g} hours"
    text = (
        f"{options.replications} replications of {length} on the same calls; changes are to the first row of each "
        "policy, in which decisions know nothing of busy units but the mean of their category and no call waits "
        "for one; heuristics decide the same where only the time is known. *Time left*: what the distribution of "
        "the category says of a call that has lasted so long. *Notice*: besides, units say so many minutes ahead "
        "when they will be free. *Margin*: `plan_margin`: at 1 a call waits if the busy unit is there before "
        "every free one nine times in ten, at 0 if that is expected."
    )
    sections = [text]
    for name in SCENARIOS:
        body = rows(name, options.replications, options.hours, options.threads)
        sections += [f"## {name}", table(["policy", "known of busy units", "calls wait for them", *HEAD], body)]
    title = "Do calls gain by waiting for a busy unit?"
    (HERE / "results.md").write_text(page(title, ["numpy"], sections), encoding="utf-8")


if __name__ == "__main__":
    main()

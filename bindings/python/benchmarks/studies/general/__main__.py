"""Measures the general policy in generated departments that no training and no choice of its limits has seen.

    bindings/python/run python -m benchmarks.studies.general
        [--policy FILE] [--departments N] [--first N] [--most N] [--half-width PERCENT] [--jobs N] [--folder DIR]

Each department, at each of three loads, gets replications until half of its interval, which holds together with all
others, is narrow enough, or until there are too many. Everything that is made is kept in the folder and not made again.
Writes results.md and results.png beside this file.
"""

import argparse
import os
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from benchmarks import BUILD
from benchmarks.pages import page, table
from benchmarks.studies.general.unseen import FIRST_UNSEEN, LOADS, WORSE, Precision, Unseen, mistakes, over, unseen
from benchmarks.studies.laboratory import Laboratory
from benchmarks.studies.measures import percent
from libpatrol import Policy
from libpatrol.studies.abstention import sentences
from libpatrol.studies.pairs import PolicyPair

HERE = Path(__file__).resolve().parent
PICTURES = ["results.png"]
ABOUT = """\
The general policy of the package (`Policy.bundled()`) in {departments} generated departments, `department-{first}` to
`department-{last}`, of 3 to 100 units. It was trained, and its limits were chosen, in others. Change of the mean
weighted wait from backup coverage with minimum weighted travel on the same calls. Intervals hold together with 95 %
confidence (Bonferroni over {comparisons} comparisons), after {least} replications, doubled until half of the interval
is {half:g} % or less, but at most {most}; their number is in parentheses. {limits}"""
SUMMARY = """\
Mean over departments, with a 95 % interval over departments: medium and heavy load {loaded}, light load {light}. Worse
by more than {worse:g} % is shown in {bad} of {comparisons}; not worse by more is shown in {shown} of {comparisons}."""


@dataclass(frozen=True)
class Work:
    """What is made where, in a process of its own for each department."""

    folder: Path
    policy: PolicyPair
    precision: Precision

    def department(self, number: int) -> Unseen:
        """Return what the policy changes in a department."""
        lab = Laboratory(self.folder / f"department-{number}", say=lambda name: print(number, name, flush=True))
        return unseen(lab, number, self.policy, self.precision)


def draw(found: Sequence[Unseen], path: Path) -> None:
    """Write the picture: the change over the number of units, with a color for each load."""
    import matplotlib

    matplotlib.use("agg")
    from matplotlib import pyplot
    from matplotlib.ticker import ScalarFormatter

    figure, axis = pyplot.subplots(figsize=(7.5, 4.2), layout="constrained")
    for shift, (load, color) in enumerate(zip(LOADS, ("#6baed6", "#2171b5", "#08306b"), strict=True)):
        changes = [one.changes[load] for one in found]
        axis.errorbar(
            [one.units * 1.03 ** (shift - 1) for one in found],
            [100 * change.mean for change in changes],
            [100 * change.half_width for change in changes],
            fmt="o",
            markersize=4,
            linewidth=0.8,
            color=color,
            label=load,
        )
    axis.axhline(0, color="#888888", linewidth=0.8)
    axis.set(xscale="log", xlabel="units", ylabel="change of weighted wait, %")
    axis.set_xticks([3, 5, 10, 20, 30, 50, 100])
    axis.xaxis.set_major_formatter(ScalarFormatter())
    axis.minorticks_off()
    axis.legend(title="load")
    figure.savefig(path, dpi=120)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--policy", type=Path, help="default: the general policy of the package")
    parser.add_argument("--departments", type=int, default=40)
    parser.add_argument("--first", type=int, default=32, help="replications before the first look (default 32)")
    parser.add_argument("--most", type=int, default=2048, help="replications at most (default 2048)")
    parser.add_argument("--half-width", type=float, default=0.4, help="wanted, in percent (default 0.4)")
    parser.add_argument(
        "--jobs", type=int, default=os.cpu_count(), help="departments at once (default: all processors)"
    )
    parser.add_argument("--folder", type=Path, default=BUILD / "general")
    options = parser.parse_args()
    policy = Policy.load(options.policy) if options.policy else Policy.bundled()
    count = options.departments * len(LOADS)
    precision = Precision(options.first, options.most, options.half_width / 100, count)
    work = Work(options.folder.resolve(), PolicyPair.trained(policy), precision)
    with ProcessPoolExecutor(options.jobs) as pool:
        found = list(pool.map(work.department, range(FIRST_UNSEEN, FIRST_UNSEEN + options.departments)))
    text = page("The general policy where it was not trained", ["numpy"], sections(found, policy, precision), PICTURES)
    print(text)
    draw(found, HERE / PICTURES[0])
    (HERE / "results.md").write_text(text, encoding="utf-8")


def sections(found: Sequence[Unseen], policy: Policy, precision: Precision) -> list[str]:
    """Return the page: what is measured, what it comes to, and each department."""
    limits = sentences(policy)
    about = ABOUT.format(
        departments=len(found),
        first=found[0].number,
        last=found[-1].number,
        comparisons=precision.comparisons,
        least=precision.first,
        half=100 * precision.half_width,
        most=precision.most,
        limits=f"As its file says: {'; '.join(limits)}." if limits else "It never abstains.",
    )
    open_ones, bad = mistakes(found)
    summary = SUMMARY.format(
        loaded=percent(over(found, LOADS[1:])),
        light=percent(over(found, LOADS[:1])),
        worse=100 * WORSE,
        bad=bad,
        shown=precision.comparisons - open_ones,
        comparisons=precision.comparisons,
    )
    rows = [
        [str(one.number), str(one.units), str(one.nodes), *(_cell(one, load) for load in LOADS)]
        for one in sorted(found, key=lambda one: one.units)
    ]
    return [about, summary, table(("department", "units", "places", *LOADS), rows)]


def _cell(one: Unseen, load: str) -> str:
    change = one.changes[load]
    return f"{percent(change)} ({change.replications})"


if __name__ == "__main__":
    main()

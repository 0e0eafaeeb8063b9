"""Times the dispatch solver beside HiGHS on the same decisions.

    bindings/python/run python -m benchmarks.speed.dispatch [--quick]

Takes some fifteen minutes (--quick: two, without the page). Writes results.md and results.png beside this file.
"""

import argparse
import math
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from benchmarks.pages import page, table
from benchmarks.speed.dispatch.cases import FORMS, SETTINGS, SIZES, Setting, Size, bundled_values
from benchmarks.speed.dispatch.deadlines import SIZES as SIZES_LATE
from benchmarks.speed.dispatch.deadlines import overshoots
from benchmarks.speed.dispatch.measure import DEADLINES, LOOSE, PATIENCE, PATIENCE_OF_HIGHS, TIGHT, Measured, measure

HERE = Path(__file__).resolve().parent
ABOUT = f"""\
Every decision is a random snapshot of a city of 100 nodes (units anywhere, calls of two categories and three
priorities) with a random value network of its own (`reference/hard_instances.py`): a waiting call costs 4 minutes of a
mean call's waiting, a free unit is worth 1, and each of h hidden neurons changes its sign over random assignments, with
√(16 / h) minutes, normally distributed, for a standard deviation of its activation. *General*: output weights of
either sign; *concave*: none positive. Times depend on that scale: the last part of the page has it twice as great, with
four tenths of the instances. *General policy*: the network of the package's policy of that name.
Both solvers get the same program (`patrol_write_program`), one thread each, in one run.

A gap is (bound − objective) / max(1, objective − objective of holding all); HiGHS gets the same gap as its absolute
one. Times are processor time, since others use the machine too: of the whole call for the library, features and
networks included; for HiGHS without reading the program. What takes less than 0.1 s is run three times, and the
quickest counts, for both. The library is stopped after {PATIENCE:.0f} s by the clock, HiGHS after
{PATIENCE_OF_HIGHS:.0f} s. *Faster* compares medians on the instances that HiGHS had; "HiGHS" where the library alone
was stopped, "neither" where both were. Deadlines are by the clock, and what others take of it is lost to the answer."""


def seconds(values: Sequence[float], share: float = 0.5) -> str:
    """Return a quantile of times, in milliseconds; `stopped` where it was not reached."""
    if not values:
        return ""
    value = float(np.quantile(np.nan_to_num(values, posinf=1e9), share, method="higher"))
    return "stopped" if value > 1e8 else f"{value * 1e3:,.2f}" if value < 0.1 else f"{value * 1e3:,.0f}"


def highs(values: Sequence[float], spent: Sequence[float]) -> str:
    """Return the median of HiGHS, in milliseconds, or what it had at least where it was stopped."""
    if not values:
        return ""
    median = float(np.quantile(np.nan_to_num(values, posinf=1e9), 0.5, method="higher"))
    return f"> {min(spent) * 1e3:,.0f}" if median > 1e8 else f"{median * 1e3:,.0f}"


def faster(ours: Sequence[float], theirs: Sequence[float], spent: Sequence[float]) -> str:
    """Return how many times the median is lower on the instances that both had; a bound where HiGHS was stopped."""
    if not theirs:
        return ""
    mine = float(np.quantile(np.nan_to_num(ours[: len(theirs)], posinf=1e9), 0.5, method="higher"))
    other = float(np.quantile(np.minimum(theirs, min(spent, default=math.inf)), 0.5, method="higher"))
    if mine > 1e8:
        return "neither" if max(theirs) == math.inf else "HiGHS"
    return f"{'> ' if np.median(np.isinf(theirs)) else ''}{other / mine:,.0f}"


def time_rows(found: list[Measured]) -> list[list[str]]:
    return [
        [
            f"{of.network} {of.size.name}",
            *(text for ours, theirs in ((of.tight, of.highs_tight), (of.loose, of.highs_loose)) for text in (
                seconds(ours), seconds(ours, 0.99), highs(theirs, of.highs_spent), faster(ours, theirs, of.highs_spent)
            )),
            f"{len(of.tight)} / {len(of.highs_tight)}",
        ]
        for of in found
    ]  # fmt: skip


def gap_rows(found: list[Measured]) -> list[list[str]]:
    return [
        [
            f"{of.network} {of.size.name}",
            *(f"{np.quantile(of.gaps[d], share):.0e}" for d in DEADLINES for share in (0.5, 0.95)),
            f"{100 * np.mean(np.array(of.gaps[0.05]) <= 0.01):.0f} %",
            f"{100 * np.mean(np.array(of.gaps[0.05]) <= 0.001):.0f} %",
            f"{100 * np.mean(of.beats_heuristics):.0f} %",
        ]
        for of in found
    ]


def difficulty_rows(found: list[Measured]) -> list[list[str]]:
    return [
        [
            f"{of.network} {of.size.name}",
            f"{100 * np.mean(of.differs):.0f} %",
            f"{np.median(of.root_gaps):.0e}",
            f"{np.quantile(of.root_gaps, 0.95):.0e}",
            f"{np.mean(of.undecided):.1f}",
        ]
        for of in found
    ]


def sections(found: list[Measured], setting: Setting) -> list[str]:
    of_rules = [of for of in found if of.setting == setting]
    proof = ["median", "99 %", "HiGHS", "faster"]
    return [
        f"## {setting.name.capitalize()}",
        f"Milliseconds to a proven gap of {TIGHT:g}, then of {LOOSE:g}; n: instances of the library / of HiGHS.",
        table(["decision", *(f"{name} {gap:g}" for gap in (TIGHT, LOOSE) for name in proof), "n"], time_rows(of_rules)),
        "Proven gap at a deadline (median, 95 %); instances within 1 % and 0.1 % at 50 ms, and where the decision at "
        "200 ms is not worse than any heuristic's.",
        table(
            [
                "decision",
                *(f"{1e3 * d:.0f} ms{mark}" for d in DEADLINES for mark in ("", " 95 %")),
                *("≤ 1 %", "≤ 0.1 %", "≥ heuristics"),
            ],
            gap_rows(of_rules),
        ),
        "How hard they are: optima that differ from that of the network's linear part alone, gap at the root, hidden "
        "units that no interval bound decides.",
        table(["decision", "differs", "root gap", "95 %", "undecided"], difficulty_rows(of_rules)),
    ]


def deadline_section(rows: list[tuple[str, float, list[float]]]) -> list[str]:
    head = ["decision", "deadline", "decisions", *(f"{share:g} %" for share in (50, 99, 99.9)), "most"]
    lines = [
        [
            name,
            f"{1e3 * deadline:.0f} ms",
            f"{len(late):,}",
            *(f"{np.quantile(late or [math.nan], s) * 1e3:.2f}" for s in (0.5, 0.99, 0.999, 1)),
        ]
        for name, deadline, late in rows
    ]
    about = (
        "Milliseconds that an answer comes after its deadline (negative: it was proven before); rules at defaults and "
        "off in turn, without those during which the processor was taken away. A decision of 200×50 takes about 8 ms "
        "before the search begins."
    )
    return ["## Deadlines", about, table(head, lines)]


def draw(found: list[Measured], path: Path) -> None:
    import matplotlib

    matplotlib.use("agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(1, len(SETTINGS), figsize=(14, 4.6), layout="constrained", sharey=True)
    for axis, setting in zip(axes, SETTINGS, strict=True):
        of_rules = [of for of in found if of.setting == setting][::-1]
        names = [f"{of.network} {of.size.name}" for of in of_rules]
        place = np.arange(len(of_rules))
        for shift, values, color, label in (
            (-0.2, [np.minimum(of.highs_tight, PATIENCE_OF_HIGHS) for of in of_rules], "#b0b0b0", "HiGHS"),
            (0.2, [np.minimum(of.tight, PATIENCE) for of in of_rules], "#3b6ea5", "libpatrol"),
        ):
            medians = [1e3 * np.median(of) if len(of) else 0 for of in values]
            axis.barh(place + shift, medians, 0.38, color=color, label=label)
            for y, median in zip(place + shift, medians, strict=True):
                if median in (1e3 * PATIENCE, 1e3 * PATIENCE_OF_HIGHS):
                    axis.text(1.1 * median, y, "stopped", va="center", fontsize=7)
        axis.set(title=setting.name.replace(", ", ",\n"), xscale="log", yticks=place)
        axis.set_xlabel(f"median ms to a proven gap of {TIGHT:g}")
        axis.set_yticklabels(names)
        axis.set_xlim(0.02, 2e5)
    figure.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=2)
    figure.savefig(path, dpi=120)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="few instances, none for HiGHS above 20×10, no page")
    options = parser.parse_args()
    sizes = [Size(s.units, s.calls, s.hidden, 3, 1 if s.units <= 20 else 0) for s in SIZES] if options.quick else SIZES
    found = []
    with tempfile.TemporaryDirectory() as directory:
        work = Path(directory)
        for setting in SETTINGS:
            for network in (*FORMS, *bundled_values()):
                for size in sizes:
                    found.append(measure(size, network, setting, work))
                    print(setting.name, *time_rows(found[-1:])[0] if found[-1].highs_tight else "", flush=True)
                    print(*gap_rows(found[-1:])[0], *difficulty_rows(found[-1:])[0][1:], flush=True)
        late = [
            (f"general {size.name}", deadline, overshoots(size, deadline, 100 if options.quick else decisions, work))
            for size in SIZES_LATE
            for deadline, decisions in ((0.05, 500), (0.01, 1500), (0.005, 2000))
        ]
    text = page(
        "The dispatch solver beside HiGHS",
        ["highspy", "numpy"],
        [ABOUT, *(part for setting in SETTINGS for part in sections(found, setting)), *deadline_section(late)]
        if not options.quick
        else deadline_section(late),
        [] if options.quick else ["results.png"],
    )
    print(text)
    if not options.quick:
        (HERE / "results.md").write_text(text, encoding="utf-8")
        draw(found, HERE / "results.png")


if __name__ == "__main__":
    main()

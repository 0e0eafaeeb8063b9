"""The results page: what learned policies cost beside heuristics, over scenarios and loads.

    bindings/python/run python -m benchmarks.studies.results
        [--effort quick|full] [--folder DIR] [--cells NAME ...] [--ablations]

Everything that is made (searches, policy files, costs on test seeds) is kept in the folder and not made again, so that
the command can be stopped and resumed, and policies can be looked at. Writes results.md, results.png and training.png
beside this file.
"""

import argparse
import os
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from benchmarks import BUILD
from benchmarks.pages import page, table
from benchmarks.studies.pairs import RANDOM_PAIR
from benchmarks.studies.results import ablation, general
from benchmarks.studies.results.draw import draw_changes, draw_training
from benchmarks.studies.results.plan import EFFORTS, JOINT, MOST_SEEDS, ablations, cells, trainings
from benchmarks.studies.results.rows import Row, corrected, rows_of
from benchmarks.studies.results.study import Study
from benchmarks.studies.scenarios import Cell

HERE = Path(__file__).resolve().parent
ABOUT = """\
Scenarios come with the package (`libpatrol scenarios`): 5 units, a queue of 10, two categories (weights 3 and 1);
the load is the offered load per unit, travel included. Cost is the mean weighted number of calls that wait for a
unit, a lost call charged with an hour; *change* is the paired difference to the best pair of heuristics, with its
95 % interval, on {replications} test replications of 48 h after 6 h of warm-up. Heuristics (every pair, on
{validations} replications, then travel limits within {tuning:,} events) and phases of training are chosen on
validation seeds; test seeds are met by nothing else. Where there are several training seeds, means and intervals
are over seeds and replications (bootstrap), and the *seeds* column has their number and the range of their changes;
*p* is Holm-corrected over all joint rows. *Patrol only* and *dispatch only* are the paper's comparisons: learned
patrol beside the closest unit first come first served, learned dispatch beside a random walk. After the colon: the
policies that validation chose, a heuristic where learning brought nothing. Trainer: {trainer}."""

FREE = """\
The same scenarios without the rules that never let a call of priority 1 wait for a better unit and others but so
long. The reference is the best pair of heuristics, with these rules kept where that is better. *Joint, or with the
rules kept*: this training or that of the same seed under the rules, which is better on the validation calls of both."""

HEAD = (
    "scenario", "policies", "cost", "change", "seeds", "p", "mean response, min", "p90, min", "lost",
    "events to make it",
)  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--effort", choices=EFFORTS, default="full")
    parser.add_argument("--folder", type=Path, help="default: .build/results-EFFORT in the repository")
    parser.add_argument("--cells", nargs="*", help="such as hotspots-heavy or uniform-medium-rules-off (default: all)")
    parser.add_argument("--ablations", action="store_true", help="also train without what joint training is made of")
    options = parser.parse_args()
    effort = EFFORTS[options.effort]
    started = time.monotonic()
    study = Study(
        options.folder or BUILD / f"results-{options.effort}", effort,
        lambda name: print(f"{time.monotonic() - started:7.0f} s  {name}", flush=True),
    )  # fmt: skip
    chosen = cells()
    if options.cells:
        unknown = set(options.cells) - {cell.name for cell in chosen}
        if unknown:
            known = ", ".join(cell.name for cell in chosen)
            parser.error(f"no cell {', '.join(sorted(unknown))}, expected some of {known}")
        chosen = [cell for cell in chosen if cell.name in options.cells]
    make(study, chosen, ablated=options.ablations)
    found = corrected({cell: rows_of(study, cell, trainings(cell)) for cell in chosen}, JOINT.title)
    about = ABOUT.format(
        replications=effort.test_replications, validations=effort.validation_replications, tuning=effort.tuning_events,
        trainer=", ".join(f"{name} {value}" for name, value in effort.trainer.items()) or "its defaults",
    )  # fmt: skip
    sections = [about]
    for rules, title, text in (("on", "Under the department's rules", ""), ("off", "Every call may be held", FREE)):
        of_rules = {cell: rows for cell, rows in found.items() if cell.rules == rules}
        if of_rules:
            sections += [f"## {title}", *([text] if text else []), section(of_rules)]
    if options.ablations:
        found_out = table(ablation.HEAD, ablation.lines(study, chosen))
        sections += ["## What joint training is made of", ablation.about(), found_out]
    sections += ["## One policy for any city", general.about(study)]
    sections.append(table(general.HEAD, general.lines(study, chosen)))
    text = page("Learned policies beside heuristics", ["numpy"], sections, ["results.png", "training.png"])
    print(text)
    (HERE / "results.md").write_text(text, encoding="utf-8")
    draw_changes(found, HERE / "results.png")
    draw_training(study, [cell for cell in chosen if cell.load != "light"], HERE / "training.png")


def make(study: Study, chosen: list[Cell], *, ablated: bool) -> None:
    """Make everything that the page shows, one thing on each processor."""
    kinds = (trainings, ablations) if ablated else (trainings,)
    runs = [
        (cell, training, seed)
        for listed in kinds
        for seed in range(MOST_SEEDS)
        for cell in chosen
        for training, seeds in listed(cell)
        if seed < seeds
    ]
    runs = list(dict.fromkeys((cell, training.title, seed) for cell, training, seed in runs))  # each once
    known = {training.title: training for cell in chosen for listed in kinds for training, _ in listed(cell)}

    def prepare(cell: Cell) -> None:
        for pair in (RANDOM_PAIR, *study.heuristics(cell)):
            study.measured(cell, pair.name, pair)

    def train(run: tuple[Cell, str, int]) -> None:
        cell, title, seed = run
        pair = study.learned(cell, known[title], seed).pair
        study.measured(cell, pair.name, pair)

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        # Cells without rules look at what was found under them.
        for rules in ("on", "off"):
            list(pool.map(prepare, [cell for cell in chosen if cell.rules == rules]))
        for chooses in (False, True):  # among what was trained before
            list(pool.map(train, [run for run in runs if (known[run[1]].either is not None) == chooses]))
        list(pool.map(lambda cell: general.measure(study, cell), general.general_cells(chosen)))


def section(found: dict[Cell, list[Row]]) -> str:
    return table(HEAD, [line for cell, rows in found.items() for line in lines(cell, rows)])


def lines(cell: Cell, rows: list[Row]) -> list[list[str]]:
    found = []
    for number, row in enumerate(rows):
        cost, change, *rest = row.cells
        ends = f"{100 * min(row.changes):+.1f} to {100 * max(row.changes):+.1f}" if len(row.changes) > 1 else ""
        found.append([
            f"{cell.family} {cell.load}" if number == 0 else "",
            row.title,
            cost,
            change,
            f"{len(row.changes)}: {ends}" if ends else "",
            "" if row.probability != row.probability else f"{row.probability:.3f}",
            *rest,
            f"{row.events:.1e}" if row.events else "",
        ])  # fmt: skip
    return found


if __name__ == "__main__":
    main()

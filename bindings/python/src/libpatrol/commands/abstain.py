"""The command `abstain`: chooses on validation seeds when a policy leaves decisions to heuristics."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.table import Table

from libpatrol.commands.arguments import HOURS, output, percent, positive, writable
from libpatrol.commands.console import Console, progress
from libpatrol.commands.tables import introduce, repetitions, with_half_width
from libpatrol.policy import Policy
from libpatrol.scenario.scenario import Scenario
from libpatrol.studies.abstention import ALLOWED, LIMITS, Tried, choose_abstention, sentences
from libpatrol.studies.best import Search


def add_abstain(commands: Any) -> None:
    """Add the command to a parser's subparsers."""
    abstain = commands.add_parser("abstain", help="choose when a policy leaves decisions to heuristics, by validation")
    abstain.add_argument("policy", metavar="FILE", help="a policy file, or the name of one that comes with the package")
    abstain.add_argument(
        "scenarios",
        nargs="+",
        metavar="SCENARIO",
        help="where it must not be worse than heuristics: all loads at which it may be used, such as "
        "metro-light metro-medium metro-heavy",
    )
    abstain.add_argument("--output", "-o", type=output, metavar="OUT", help="policy file (NAME-abstaining.safetensors)")
    abstain.add_argument(
        "--limits",
        type=_limits,
        default=LIMITS,
        metavar="PERCENT,...",
        help="free units to try, of those on duty, beside none and all (default "
        f"{','.join(f'{100 * limit:g}' for limit in LIMITS)})",
    )
    abstain.add_argument("--replications", type=positive, default=32, help="for each limit and scenario (default 32)")
    abstain.add_argument(
        "--allowed",
        type=percent,
        default=100 * ALLOWED,
        metavar="PERCENT",
        help=f"weighted wait that a limit may add to heuristics in any scenario (default {100 * ALLOWED:g})",
    )
    abstain.add_argument("--hours", type=float, help=HOURS)
    abstain.add_argument("--threads", type=positive, help="default: one for each processor")
    abstain.set_defaults(run=_abstain)


def _limits(text: str) -> list[float]:
    limits = [percent(part) / 100 for part in text.split(",")]
    if not all(0 < limit < 1 for limit in limits):
        raise argparse.ArgumentTypeError(f"{text} has a limit that is not between 0 and 100 percent")
    return limits


def _abstain(console: Console, options: argparse.Namespace) -> None:
    policy = Policy.find(options.policy)
    path = options.output or writable(Path(f"{Path(options.policy).stem}-abstaining.safetensors"))
    scenarios = [Scenario.load(name) for name in options.scenarios]
    for scenario in scenarios:
        introduce(console, scenario)
    with progress(console) as shown:
        task = shown.add_task("heuristics", total=None)

        def done(name: str) -> None:
            shown.update(task, advance=1, description=name)

        settings = {"replications": options.replications, "hours": options.hours, "threads": options.threads}
        searches = [Search(scenario, **settings, done=done) for scenario in scenarios]
        chosen, tried = choose_abstention(policy, searches, options.limits, options.allowed / 100)
    _show(console, tried, options)
    path.write_bytes(chosen.content)
    for sentence in sentences(chosen) or ["the policy never abstains"]:
        console.print(sentence)
    console.print(f"written to {path}")


def _show(console: Console, tried: Sequence[Tried], options: argparse.Namespace) -> None:
    """Print a table for each task: a line for each scenario, a column for each limit."""
    for task in dict.fromkeys(each.task for each in tried):
        limits = [each for each in tried if each.task == task]
        others = ", patrol left to heuristics" if task == "dispatch" else ", with the dispatch chosen above"
        table = Table(
            title=f"learned {task}{others}: change of weighted wait from heuristics, %, by the share of free "
            f"units up to which it decides; {repetitions(options.replications)} on validation seeds",
            title_justify="left",
        )
        table.add_column("scenario")
        for each in limits:
            table.add_column(_limit(each), justify="right")
        for k, name in enumerate(options.scenarios):
            table.add_row(name, *(with_half_width(each.changes[k], 100.0) for each in limits))
        table.add_row("mean", *(f"{100 * each.mean:+.2f}" for each in limits))
        safe = ("yes" if each.is_safe(options.allowed / 100) else "no" for each in limits)
        table.add_row(f"safe: none above +{options.allowed:g}", *safe)
        console.print(table)


def _limit(tried: Tried) -> str:
    return {0.0: "never", 1.0: "always"}.get(tried.most_free_share, f"{100 * tried.most_free_share:.3g} %")

"""The command `libpatrol`."""

import argparse
import os
import sys
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TextIO

from libpatrol import __version__
from libpatrol.commands.abstain import add_abstain
from libpatrol.commands.audit import add_audit
from libpatrol.commands.city_model import add_check, add_staff
from libpatrol.commands.console import Console
from libpatrol.commands.demo_scenes import real_roads, small_city, two_days
from libpatrol.commands.evaluate import add_evaluate
from libpatrol.commands.experiments import add_commands, add_compare
from libpatrol.commands.import_city import add_import
from libpatrol.commands.report import add_report
from libpatrol.commands.shadow import add_shadow
from libpatrol.commands.stopping import StoppedError
from libpatrol.commands.train import add_train
from libpatrol.errors import PatrolError
from libpatrol.extras import MissingExtraError
from libpatrol.training_range import FarFromTraining

_DEMONSTRATED = "metro-medium"
"""A scenario with a trained policy in the package."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit status."""
    options = _parser().parse_args(arguments)
    console = Console()
    try:
        with _warnings_on(console):
            options.run(console, options)
    except (MissingExtraError, PatrolError, OSError, ValueError) as error:
        print(f"libpatrol: {_sentence(error)}", file=sys.stderr)
        return 1
    except StoppedError as stopped:
        print(f"libpatrol: {stopped}", file=sys.stderr)
        return stopped.status
    except KeyboardInterrupt:
        return 130
    return 0


def _sentence(error: Exception) -> str:
    if isinstance(error, OSError) and error.filename is not None and error.strerror:
        return f"{os.fsdecode(error.filename)}: {error.strerror}"  # without the number that Python puts first
    return str(error)


@contextmanager
def _warnings_on(console: Console) -> Iterator[None]:
    """Print each warning about a policy once, as a note."""
    wording: set[str] = set()
    others = warnings.showwarning

    def show(
        message: Warning | str,
        category: type[Warning],
        filename: str,
        lineno: int,
        file: TextIO | None = None,
        line: str | None = None,
    ) -> None:
        if not isinstance(message, FarFromTraining):
            others(message, category, filename, lineno, file, line)
        elif str(message) not in wording:
            wording.add(str(message))
            console.print(f"note: {message}")

    with warnings.catch_warnings():
        warnings.simplefilter("always", FarFromTraining)
        warnings.showwarning = show
        yield


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="libpatrol", description="Joint police patrol and dispatch decisions.")
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(required=True, metavar="command")

    for add in (add_import, add_check, add_compare, add_staff, add_train, add_report):  # in the order of a city's steps
        add(commands)

    demo = commands.add_parser("demo", help="show decisions in a generated city, or on real roads")
    demo.add_argument(
        "--roads",
        metavar="PATH",
        help="a road graph in the format of JEMSS, directory or zip archive: 60 units, 25 calls",
    )
    demo.add_argument("--seed", type=int, default=7, help="the same seed shows the same decisions (default 7)")
    demo.add_argument("--rounds", type=int, default=3, help="decisions to show in the generated city (default 3)")
    demo.set_defaults(run=_demo)

    add_commands(commands)
    add_evaluate(commands)
    add_abstain(commands)
    add_shadow(commands)
    add_audit(commands)
    return parser


def _demo(console: Console, options: argparse.Namespace) -> None:
    if options.roads is None:
        small_city(console, options.seed, options.rounds)
        two_days(console, _DEMONSTRATED)
    else:
        real_roads(console, options.roads, options.seed)

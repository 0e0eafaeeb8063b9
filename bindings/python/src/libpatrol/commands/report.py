"""The command ``report``."""

import argparse
from typing import Any

from libpatrol.commands.arguments import output
from libpatrol.commands.console import Console, shares
from libpatrol.extras import extra


def add_report(commands: Any) -> None:
    """Add the command to a parser's subparsers."""
    parser = commands.add_parser("report", help="write one HTML file of a city folder: findings, map, a shift to watch")
    parser.add_argument("city", metavar="FOLDER", help="a city folder, as `libpatrol import` writes it")
    parser.add_argument("--out", metavar="FILE", type=output, help="file to write (FOLDER/report.html)")
    parser.add_argument(
        "--strategy", metavar="NAME", help="shown in the shift: a name of the comparison, or patrol+dispatch (the best)"
    )
    parser.add_argument("--hours", type=float, default=10.0, help="length of the simulated shift (default 10)")
    parser.add_argument("--seed", type=int, default=0, help="of the shift's calls (default 0)")
    parser.add_argument(
        "--sensitive",
        action="append",
        metavar="CATEGORY",
        help="shown only in sums; give it once for each (default: categories whose English name says so)",
    )
    parser.add_argument(
        "--internal", action="store_true", help="allow a shift of real calls, for use within the department only"
    )
    parser.set_defaults(run=_report)


def _report(console: Console, options: argparse.Namespace) -> None:
    with extra("city", "libpatrol report"):
        from libpatrol.city.reporting.making import report

    with shares(console) as told:
        path = report(
            options.city,
            options.out,
            strategy=options.strategy,
            hours=options.hours,
            seed=options.seed,
            sensitive=options.sensitive,
            internal=options.internal,
            progress=told,
        )
    console.line("written: ", (f"{path}", "bold"), f", {path.stat().st_size / 1e6:.1f} MB")

"""The command ``report``."""

import argparse
from pathlib import Path
from typing import Any

from libpatrol.commands.arguments import output
from libpatrol.commands.console import Console, shares
from libpatrol.extras import extra


def add_report(commands: Any) -> None:
    """Add the command to a parser's subparsers."""
    parser = commands.add_parser("report", help="your city: one HTML file with findings, a map, a shift to watch")
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

    _keep_others(options.out)
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


def _keep_others(path: Path | None) -> None:
    """Refuse to write over a file that is no page; an earlier report is replaced."""
    if path is not None and path.is_file() and path.stat().st_size:
        with path.open("rb") as file:
            begins = file.read(64).lstrip().lower()
        if not begins.startswith(b"<!doctype html"):
            raise ValueError(f"{path} exists and is not a report: give another --out, or delete it")

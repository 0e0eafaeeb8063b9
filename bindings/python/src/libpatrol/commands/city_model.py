"""The commands on a city folder: ``check``, ``staff``, and the city's ``compare``."""

import argparse
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from libpatrol.commands.arguments import positive
from libpatrol.commands.city_results import show_results
from libpatrol.commands.console import Console, kept_when_stopped, progress
from libpatrol.extras import extra

TARGET = "priority 1: 90 % within 8 min of the call"
_PRINTED = TARGET.replace("%", "%%")  # argparse formats help texts


def add_check(commands: Any) -> None:
    """Add the command to a parser's subparsers."""
    check = commands.add_parser("check", help="your city: does a simulation of current practice match the log?")
    check.add_argument("folder", help="city folder, from libpatrol import")
    check.add_argument(
        "--held-out-weeks", type=positive, help="last full weeks of the log (default: a fourth of them, 1 to 4)"
    )
    _run_arguments(check, 10)
    check.set_defaults(run=_check)


def add_staff(commands: Any) -> None:
    """Add the command to a parser's subparsers."""
    staff = commands.add_parser("staff", help="your city: hours and numbers of units for a target")
    staff.add_argument("folder", help="city folder, after libpatrol check")
    staff.add_argument("--target", default=TARGET, help=f"several with semicolons between them (default: {_PRINTED})")
    staff.add_argument("--tour-hours", type=positive, default=8, help="length of a tour of duty (default 8)")
    staff.add_argument("--start-every", type=positive, default=2, help="hours between possible starts (default 2)")
    staff.add_argument("--most-units", type=positive, help="tours a day at most (default: twice today's, and ten)")
    staff.add_argument("--surges", action="store_true", help="let days vary, and surges come, as in the log")
    _run_arguments(staff, 6)
    staff.set_defaults(run=_staff)


def _run_arguments(parser: argparse.ArgumentParser, replications: int) -> None:
    parser.add_argument("--replications", type=positive, default=replications, help=f"default {replications}")
    parser.add_argument("--threads", type=positive, help="default: one for each processor")


def _check(console: Console, options: argparse.Namespace) -> None:
    from libpatrol.city import check

    with extra("city", "libpatrol check"):
        from libpatrol.city.practice import FILE

    with told(console) as tell:
        results = check(
            options.folder,
            held_out_weeks=options.held_out_weeks,
            replications=options.replications,
            threads=options.threads,
            tell=tell,
        )
    show_results(console, results)
    console.print(f"current practice is in {options.folder}/{FILE}: correct it and check again")


def _staff(console: Console, options: argparse.Namespace) -> None:
    from libpatrol.city import staff

    with told(console) as tell:
        results = staff(
            options.folder,
            target=options.target,
            tour_hours=options.tour_hours,
            start_every=options.start_every,
            most_units=options.most_units,
            surges=options.surges,
            replications=options.replications,
            threads=options.threads,
            tell=tell,
        )
    show_results(console, results)


def compare_city(console: Console, options: argparse.Namespace) -> None:
    """Run the city's ``compare``."""
    from libpatrol.city import compare

    with told(console) as tell:
        results = compare(
            options.scenario,
            beats=options.beats,
            target=options.target or TARGET,
            replications=options.replications,
            seed=options.seed,
            surges=options.surges,
            threads=options.threads,
            tell=tell,
        )
    show_results(console, results)


@contextmanager
def told(console: Console) -> Iterator[Callable[[str, int, int], None]]:
    """Give a function that shows what is done, and the time left; an interrupt keeps what is done."""
    with kept_when_stopped(console), progress(console) as bar:
        tasks: dict[str, Any] = {}

        def tell(title: str, count: int, of: int) -> None:
            if title not in tasks:
                for other in tasks.values():
                    bar.remove_task(other)
                tasks.clear()
                tasks[title] = bar.add_task(title, total=of)
            bar.update(tasks[title], completed=count, total=of)

        yield tell

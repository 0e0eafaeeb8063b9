"""Types of the commands' arguments: each returns the value, or says in a sentence why it is invalid."""

import argparse
import math
import os
from pathlib import Path

HOURS = "hours measured in each replication, after the warm-up (default: the scenario's, or whole days or weeks)"


def positive(text: str) -> int:
    """Return a whole number above 0."""
    try:
        value = int(text)
    except ValueError:
        value = 0
    if value < 1:
        raise argparse.ArgumentTypeError(f"{text} is not a whole number above 0")
    return value


def minutes(text: str) -> float:
    """Return a finite number above 0."""
    value = _number(text)
    if not 0 < value < math.inf:
        raise argparse.ArgumentTypeError(f"{text} is not a number of minutes above 0")
    return value


def percent(text: str) -> float:
    """Return a finite number, 0 or more."""
    value = _number(text)
    if not 0 <= value < math.inf:
        raise argparse.ArgumentTypeError(f"{text} is not a number of percent, 0 or more")
    return value


def _number(text: str) -> float:
    """Return a number, NaN for what is none."""
    try:
        return float(text)
    except ValueError:
        return math.nan


def load(text: str) -> str | float:
    """Return an offered load per unit, or the name of one of the scenario's loads."""
    try:
        return float(text)
    except ValueError:
        return text


def output(text: str) -> Path:
    """Return the path of a file that can be written."""
    try:
        return writable(Path(text))
    except ValueError as reason:
        raise argparse.ArgumentTypeError(str(reason)) from reason


def writable(path: Path) -> Path:
    """Return `path`; raise a ValueError now, before there is anything to write, if it cannot be written."""
    try:
        if not path.exists():
            path.open("xb").close()
            path.unlink()
        elif path.is_dir():
            raise IsADirectoryError("it is a folder")
        elif not os.access(path, os.W_OK):
            raise PermissionError("no permission")
    except (OSError, ValueError) as reason:
        wording = reason.strerror if isinstance(reason, OSError) and reason.strerror else reason
        raise ValueError(f"{path} cannot be written: {wording}") from reason
    return path


def scenario_arguments(parser: argparse.ArgumentParser, city: bool = False) -> None:
    """Add the scenario and its load; with `city`, a city folder may stand in its place."""
    named = "a file, or one of `libpatrol scenarios`, such as hotspots or hotspots-heavy"
    parser.add_argument(
        "scenario",
        metavar="CITY|SCENARIO" if city else None,
        help=f"a city folder, after libpatrol check; or a scenario: {named}" if city else named,
    )
    parser.add_argument(
        "--load", type=load, help="light, medium, heavy, or any offered load per unit (default: the scenario's)"
    )


def policies_argument(parser: argparse.ArgumentParser) -> None:
    """Add the pairs of policies that are compared."""
    parser.add_argument(
        "--policies",
        help="patrol+dispatch,patrol+dispatch,...; the first pair is the reference (default: five pairs of heuristics)",
    )


def run_arguments(parser: argparse.ArgumentParser, replications: int) -> None:
    """Add how much is simulated, and where results are written."""
    parser.add_argument(
        "--policy",
        metavar="FILE",
        help="policy file for `learned`: a path, or the name of one that comes with the package",
    )
    parser.add_argument("--replications", type=positive, default=replications, help=f"default {replications}")
    parser.add_argument("--hours", type=float, help=HOURS)
    parser.add_argument("--seed", type=int, default=0, help="of the first replication; the others follow (default 0)")
    parser.add_argument("--threads", type=positive, help="default: one for each processor")
    parser.add_argument(
        "--keep",
        metavar="FOLDER",
        help="keep replications there; after a stop the same command takes them and goes on",
    )
    parser.add_argument(
        "--ray",
        action="store_true",
        help="run on a Ray cluster, that of RAY_ADDRESS or else one started here: the same numbers (extra ray)",
    )
    parser.add_argument("--csv", metavar="OUT", type=output, help="write every measure to this file")
    parser.add_argument("--json", metavar="OUT", type=output, help="the same as JSON, with every replication")

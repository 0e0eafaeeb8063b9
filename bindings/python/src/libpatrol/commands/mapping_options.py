"""Options of the command `replay` that say how a log of calls is read."""

import argparse
import dataclasses
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from libpatrol.replay.call_mapping import CallMapping


def add_mapping_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options; those that are given take precedence over the mapping file."""
    parser.add_argument(
        "--mapping", metavar="FILE", help="csv: meaning of its columns, categories and priorities (TOML)"
    )
    parser.add_argument(
        "--day-first",
        type=_truth,
        metavar="true|false",
        help="csv: whether 1/4/2021 is in April (default: as the log shows)",
    )
    parser.add_argument(
        "--time-zone", metavar="ZONE", help="csv: time zone of the city, such as America/Chicago, for times in UTC"
    )
    parser.add_argument(
        "--maximum-snap-metres",
        type=float,
        metavar="METRES",
        help="csv: calls farther from all nodes are left out (default 2000)",
    )


def mapping_from(options: argparse.Namespace) -> "CallMapping":
    """Return the mapping that the command's options say; needs the extra `logs`."""
    from libpatrol.replay.call_mapping import CallMapping

    mapping = CallMapping() if options.mapping is None else CallMapping.load(options.mapping)
    given = {name: getattr(options, name) for name in ("day_first", "time_zone", "maximum_snap_metres")}
    return dataclasses.replace(mapping, **{name: value for name, value in given.items() if value is not None})


def _truth(text: str) -> bool:
    if text not in ("true", "false"):
        raise argparse.ArgumentTypeError(f"{text} is neither true nor false")
    return text == "true"

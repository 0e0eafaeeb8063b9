"""Types of the commands' arguments: each returns the value, or says in a sentence why it is invalid."""

import argparse
import math
import os
from pathlib import Path


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
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 < value < math.inf:
        raise argparse.ArgumentTypeError(f"{text} is not a number of minutes above 0")
    return value


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

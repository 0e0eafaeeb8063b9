"""Results of the steps on a city folder, as sentences."""

from pathlib import Path
from typing import Any

from libpatrol.commands.console import Console


def is_city(path: str) -> bool:
    """Return whether there is a city folder at a path, without loading what cities need.

    Raises
    ------
    ValueError
        If the path ends in a slash, as no scenario does, but is not that of a city folder.
    """
    found = (Path(path) / "city.toml").is_file()
    if not found and path.endswith("/"):
        raise ValueError(
            f"{path} is not a city folder: it has no city.toml; "
            f"make one with libpatrol import --calls FILE --out {path}"
        )
    return found


def show_results(console: Console, results: dict[str, Any]) -> None:
    """Print what a step found, then what is assumed."""
    for sentence in results["sentences"]:
        console.print(f"- {sentence}")
    for sentence in results["assumed"]:
        console.print(sentence if sentence.startswith("assumed") else f"assumed: {sentence}")

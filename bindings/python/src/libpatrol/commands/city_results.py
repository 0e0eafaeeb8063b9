"""Results of the steps on a city folder, as sentences."""

import re
from pathlib import Path
from typing import Any

from libpatrol.city.reporting.words import strategy_words
from libpatrol.commands.console import Console
from libpatrol.scenario.files import is_scenario


def is_city(path: str) -> bool:
    """Return whether there is a city folder at a path, without loading what cities need.

    Raises
    ------
    ValueError
        If the path is that of no scenario, nor of a city folder.
    """
    place = Path(path)
    if (place / "city.toml").is_file():
        return True
    if is_scenario(path):
        return False
    make = f"make one with libpatrol import --calls FILE --out {path}"
    if place.is_dir() or path.endswith("/"):
        raise ValueError(f"{path} is not a city folder: it has no city.toml; {make}")
    raise ValueError(
        f"there is no city folder {path}, nor a scenario of that name: {make}, or choose one of libpatrol scenarios"
    )


def _named(sentence: str) -> str:
    """Return a sentence with the report's words beside the names of strategies."""

    def both(pair: re.Match[str]) -> str:
        words = strategy_words(pair[0])
        return pair[0] if words == pair[0] else f"{words} ({pair[0]})"

    return re.sub(r"\b[a-z_]+\+[a-z_]+\b", both, sentence)


def show_results(console: Console, results: dict[str, Any]) -> None:
    """Print what a step found, then what is assumed."""
    for sentence in results["sentences"]:
        console.print(f"- {_named(sentence)}")
    for sentence in results["assumed"]:
        console.print(sentence if "assumed" in sentence else f"assumed: {sentence}")

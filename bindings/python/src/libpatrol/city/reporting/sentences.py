"""What the report says in sentences."""

from collections.abc import Sequence
from typing import Any

from libpatrol import __version__
from libpatrol.city.comparing import PRACTICE
from libpatrol.city.reporting import findings
from libpatrol.city.reporting.source import Source
from libpatrol.city.reporting.words import plain

_STEPS = {
    "check": "how well demand and current practice are reproduced",
    "compare": "what other strategies would do with the same calls",
    "staff": "how many units reach a target",
    "train": "a strategy trained for this city",
}


def told(source: Source) -> dict[str, Any]:
    """Return what the page says in sentences: its title and verdict, what was found, assumed, read and not done."""
    facts, check = source.city.facts, source.results("check")
    found = [
        sentence
        for result in map(source.results, ("staff", "compare", "beats"))
        if result is not None
        for sentence in result["sentences"]
        if not sentence.startswith(f"{result.get('verdict')}:")
    ]
    worse = [] if source.comparison is None else findings.worsenings(source.comparison)
    in_table = f", against {PRACTICE}: "
    assumed = findings.sentences(
        (check or {}).get("assumed", []),
        facts.assumed,
    )
    files = {kind: str(table.get("file") or "a table") for kind, table in facts.sources.items()}
    rows = {kind: f"{table['rows']:,} rows of " for kind, table in facts.sources.items() if "rows" in table}
    read = [f"{kind}: {rows.get(kind, '')}{name}" for kind, name in files.items()]
    return {
        "title": f"{facts.name}: patrol and dispatch",
        "subtitle": f"From {', '.join(files.values())}",
        "verdict": findings.verdict(check, "" if check is not None else source.obstacle_to_check),
        "findings": findings.sentences([sentence for sentence in found if in_table not in sentence], worse, most=5),
        "assumed": assumed or ["Nothing beyond what the files say."],
        "unknown": findings.unknown(check, source.far_from_training),
        "account": _each(read, facts.account),
        "all_findings": _each(found, worse, (check or {}).get("sentences", [])),
        "all_assumed": _each((check or {}).get("assumed", []), facts.assumed),
        "missing": [
            f"Not done yet: {what} (libpatrol {step} {source.city.path.name})"
            for step, what in _STEPS.items()
            if not source.city.has_step(step)
        ],
        "made_with": f"Made with libpatrol {__version__}. This file loads nothing from anywhere.",
    }


def _each(*groups: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(plain(sentence) for group in groups for sentence in group))

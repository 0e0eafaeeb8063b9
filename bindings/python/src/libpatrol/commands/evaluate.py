"""The command `evaluate`: a policy written in Python beside heuristics, on the same calls."""

import argparse
from pathlib import Path
from typing import Any

from libpatrol.commands.arguments import run_arguments, scenario_arguments
from libpatrol.commands.console import Console
from libpatrol.commands.runs import export, pairs_of, replicated
from libpatrol.commands.tables import introduce, show_comparison, show_significance
from libpatrol.scenario.scenario import Scenario
from libpatrol.studies.comparison import Comparison
from libpatrol.studies.python_policies import NamedPolicy, load_policy

_BESIDE = (
    "backup_coverage+minimum_weighted_travel,compliance_table+minimum_weighted_travel,"
    "marginal_coverage+weighted_index,random_walk+closest_fcfs"
)


def add_evaluate(commands: Any) -> None:
    """Add the command to a parser's subparsers."""
    evaluate = commands.add_parser("evaluate", help="compare a policy written in Python with heuristics, paired")
    scenario_arguments(evaluate)
    evaluate.add_argument(
        "own", nargs="+", metavar="MODULE:CLASS", help="policies such as mine.py:Policy or package.module:Policy"
    )
    evaluate.add_argument(
        "--policies",
        help="patrol+dispatch,patrol+dispatch,...; the first pair is the reference, and decides what a policy has no "
        "method for (default: backup_coverage+minimum_weighted_travel, and three others)",
    )
    run_arguments(evaluate, replications=30)
    evaluate.set_defaults(run=_evaluate)


def _evaluate(console: Console, options: argparse.Namespace) -> None:
    own: dict[str, NamedPolicy] = {}
    for text in options.own:
        place, _, name = text.rpartition(":")
        title = f"{Path(place).name}:{name}"
        if title in own:
            raise ValueError(f"{title} is named twice")
        own[title] = load_policy(text)
    scenario = Scenario.load(options.scenario, options.load)
    pairs = pairs_of(options, scenario, _BESIDE)
    introduce(console, scenario)
    results = replicated(console, scenario, pairs, options, own)
    comparison = Comparison(results)
    show_comparison(console, comparison, scenario)
    show_significance(console, comparison)
    hashes = [policy.content_hash for policy in own.values()]
    export(scenario, results, options, {"own": list(options.own), "own_hashes": hashes})

"""Pairs of policies simulated with a bar of progress, and their results written to files."""

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from libpatrol.commands.console import Console, progress
from libpatrol.commands.tables import measured
from libpatrol.lab.metrics import Metrics
from libpatrol.policy import Policy
from libpatrol.scenario.scenario import Scenario
from libpatrol.studies.exports import write
from libpatrol.studies.pairs import PolicyPair, under_rules
from libpatrol.studies.python_policies import NamedPolicy
from libpatrol.studies.study import Beside, Study


def policy_of(options: argparse.Namespace) -> Policy | None:
    """Return the policy file that is named, if one is."""
    return None if options.policy is None else Policy.find(options.policy)


def pairs_of(options: argparse.Namespace, scenario: Scenario, default: str) -> list[PolicyPair]:
    """Return the pairs of policies that are named, or those of `default` under the department's rules."""
    policy = policy_of(options)
    pairs = [PolicyPair.parse(text, policy) for text in (options.policies or default).split(",")]
    if options.policies is None:
        return under_rules(pairs, scenario)
    names = [pair.name for pair in pairs]
    if len(set(names)) < len(names):
        raise ValueError("a pair of policies is named twice")
    return pairs


def replicated(
    console: Console,
    scenario: Scenario,
    pairs: Sequence[PolicyPair],
    options: argparse.Namespace,
    own: Mapping[str, NamedPolicy] | None = None,
) -> dict[str, list[Metrics]]:
    """Return the replications of each pair, and then of policies written in Python beside the first pair."""
    seeds = range(options.seed, options.seed + options.replications)
    folder = None if options.keep is None else Path(options.keep)
    study = Study(scenario, seeds, options.hours, options.threads, folder, options.ray)
    policies: dict[str, PolicyPair | Beside] = {pair.name: pair for pair in pairs}
    policies |= {name: Beside(policy, pairs[0]) for name, policy in (own or {}).items()}
    console.print(measured(scenario, options.hours), highlight=False)
    if folder is not None and (there := study.kept(policies)):
        console.print(f"{there} of {len(policies) * len(seeds)} replications are taken from {folder}", highlight=False)
    with progress(console) as shown:
        task = shown.add_task("", total=len(policies) * len(seeds))
        return study.run(policies, lambda name, count: shown.update(task, advance=count, description=name))


def export(
    scenario: Scenario,
    results: dict[str, list[Metrics]],
    options: argparse.Namespace,
    more: dict[str, Any] | None = None,
) -> None:
    """Write results to the files that are asked for."""
    settings = {
        "seeds": [options.seed, options.seed + options.replications],
        "hours": scenario.hours if options.hours is None else options.hours,
        "warm_up_hours": scenario.arrays.warm_up_seconds / 3600,
        "policy": options.policy,
    }
    if (policy := policy_of(options)) is not None:
        settings["policy_hash"] = f"{policy.info.content_hash:016x}"
    for path, suffix in ((options.csv, ".csv"), (options.json, ".json")):
        if path is not None:
            write(path, suffix, scenario, results, settings | (more or {}))

"""Sensitivity of learned dispatch: to options of training, and to errors in the value function."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from comparing import HEAD, cells, change, mean, percent, verdicts
from laboratory import HEURISTICS, RULES_OFF, Laboratory, Measured, altered
from matplotlib.figure import Figure
from report import table
from safetensors import safe_open
from safetensors.numpy import load_file, save

from libpatrol import Policy, Scenario
from libpatrol.experiments.intervals import Interval
from libpatrol.experiments.measures import COST
from libpatrol.experiments.pairs import PolicyPair

TITLE = "Sensitivity of learned dispatch"
NAME, LOAD, SEEDS = "hotspots", "heavy", (0,)
NOISE, NOISE_SEEDS = (0.1, 0.2, 0.5, 1.0), (0, 1)
ABOUT = """\
`{name}-{load}` without the department's rules, so that every call may be held and learning has most to decide.
Learned dispatch beside the best heuristics' patrol (`{best}`, of least cost on validation seeds); one option at a
time differs from the default. {trained} {replications} test replications of 48 h. Changes are paired differences with
95 % intervals, to the best heuristics and to the default with the same training seeds. *Discount rate* is the
engine's, in training and afterwards. Learning rates, batches and epochs are no options of the library's interface."""
ERRORS = """\
Every weight and bias of the default's networks (training seed {seed}) times e^(σz), z standard normal: signs stay, so
that a concave value stays concave. The mean over {draws} draws; changes to the best heuristics and to the policy
without errors, their intervals from a bootstrap over draws and replications."""


@dataclass(frozen=True)
class Variation:
    """A row: options of the trainer, and rules of the scenario, that differ from the default."""

    title: str
    options: Mapping[str, Any] = field(default_factory=dict)
    rules: Mapping[str, Any] = field(default_factory=dict)

    def scenario(self) -> Scenario:
        return altered(Scenario.load(NAME, LOAD), {**RULES_OFF, **self.rules})


DEFAULT = Variation("default")
VARIATIONS = (
    DEFAULT,
    Variation("pairs alone, no value", {"value_form": "none"}),
    Variation("concave value alone, no pairs", {"learns_pairs": 0}),
    Variation("general value", {"value_form": "general"}),
    Variation("8 hidden units of the value", {"value_hidden": 8}),
    Variation("horizon 40 min", {"horizon_seconds": 2400.0}),
    Variation("discount rate doubled", rules={"discount_rate": 5.04e-4}),
    Variation("half the comparisons", {"comparisons": 4_000}),
    Variation("no direct search", {"dispatch_generations": 0}),
)


def trained(lab: Laboratory, variation: Variation, best: PolicyPair) -> list[PolicyPair]:
    return [
        lab.trained(variation.title, variation.scenario(), best, seed, variant="dispatch_only", **variation.options)
        for seed in SEEDS
    ]


def tested(lab: Laboratory, variation: Variation, pairs: list[PolicyPair]) -> list[Measured]:
    return [
        lab.measured(f"{variation.title}-{seed}", variation.scenario(), pair)
        for seed, pair in zip(SEEDS, pairs, strict=True)
    ]


def disturbed(file: Path, strength: float, seed: int) -> Policy:
    """Return a policy whose every weight and bias is times e^(strength z), z standard normal."""
    rng = np.random.default_rng(seed)
    tensors = {
        name: tensor * np.exp(strength * rng.standard_normal(tensor.shape)).astype(np.float32)
        if name.endswith((".weight", ".bias")) else tensor
        for name, tensor in sorted(load_file(file).items())
    }  # fmt: skip
    with safe_open(file, "numpy") as opened:
        return Policy.from_bytes(save(tensors, opened.metadata()))


def with_errors(lab: Laboratory, default: PolicyPair) -> dict[float, list[Measured]]:
    """Return what the default policy comes to with errors of each strength, for each draw of them."""
    file = lab.policy_path(DEFAULT.title, SEEDS[0])
    found = {}
    for strength in NOISE:
        policies = [disturbed(file, strength, seed) for seed in NOISE_SEEDS]
        found[strength] = [
            lab.measured(
                f"noise-{strength:g}-{seed}", DEFAULT.scenario(),
                PolicyPair(patrol=default.patrol, dispatch=default.dispatch, policy=policy),
            )
            for seed, policy in zip(NOISE_SEEDS, policies, strict=True)
        ]  # fmt: skip
    return found


def paired_change(own: list[Measured], default: list[Measured]) -> Interval:
    """Return the change of cost against the default of the same training seed, over seeds and replications."""
    values = np.array([one[COST.name] for one in own])
    base = np.array([one[COST.name] for one in default])
    both = {COST.name: base.mean(0)}
    return change([{COST.name: now - before + base.mean(0)} for now, before in zip(values, base, strict=True)], both)


def run(lab: Laboratory) -> tuple[list[str], Figure]:
    best = lab.best("heuristics", DEFAULT.scenario(), HEURISTICS)
    reference = lab.measured("heuristics", DEFAULT.scenario(), best)
    pairs = {variation.title: trained(lab, variation, best) for variation in VARIATIONS}
    found = {variation.title: tested(lab, variation, pairs[variation.title]) for variation in VARIATIONS}
    default = found[DEFAULT.title]
    to_default = {title: paired_change(own, default) for title, own in found.items() if title != DEFAULT.title}
    rows = [["best heuristics", *cells([reference], None), "", best.dispatch]]
    for title, own in found.items():
        beside = percent(to_default[title]) if title in to_default else ""
        rows.append([title, *cells(own, reference), beside, _chosen(pairs[title])])
    errors = with_errors(lab, pairs[DEFAULT.title][0])
    noisy = [
        [f"{strength:g}", *cells(own, reference), percent(change(own, default[0])), f"{_worst(own):.3f}"]
        for strength, own in errors.items()
    ]
    about = ABOUT.format(
        name=NAME, load=LOAD, best=best.name, replications=lab.replications, trained=lab.training_says(len(SEEDS))
    )
    sections = [
        about, table(["training", *HEAD, "to the default", "dispatch"], rows),
        "## Errors in the value function", ERRORS.format(seed=SEEDS[0], draws=len(NOISE_SEEDS)),
        table(["σ", *HEAD, "to no errors", "cost of the worst draw"], noisy),
        "## What it shows", findings(to_default, found, errors, reference),
    ]  # fmt: skip
    return sections, figure(to_default, errors, reference, default)


def _chosen(pairs: list[PolicyPair]) -> str:
    return " / ".join(sorted({pair.dispatch for pair in pairs}))


def _worst(own: list[Measured]) -> float:
    return max(mean([one], COST) for one in own)


def findings(
    to_default: dict[str, Interval],
    found: dict[str, list[Measured]],
    errors: dict[float, list[Measured]],
    reference: Measured,
) -> str:
    gains = [(title, change(own, reference)) for title, own in found.items()]
    noisy = [(f"σ = {strength:g}", change(own, reference)) for strength, own in errors.items()]
    return "\n".join([
        f"- {verdicts('Cost against the best heuristics, of all trainings', gains)}",
        f"- {verdicts('Cost of a changed option against the default', to_default.items())}",
        f"- {verdicts('Cost with errors in the networks against the best heuristics', noisy)}",
    ])  # fmt: skip


def figure(
    to_default: dict[str, Interval], errors: dict[float, list[Measured]], reference: Measured, default: list[Measured]
) -> Figure:
    drawn = Figure(figsize=(11, 4), layout="constrained")
    left, right = drawn.subplots(1, 2)
    for place, one in enumerate(reversed(to_default.values())):
        left.errorbar(100 * one.mean, place, xerr=100 * one.half_width, fmt="o", color="#3b6ea5")
    left.axvline(0, color="black", linewidth=0.8)
    left.set(yticks=range(len(to_default)), xlabel="cost, % against the default (95 % intervals)")
    left.set_yticklabels(list(reversed(to_default)))
    changes = [change([default[0]], reference), *(change(own, reference) for own in errors.values())]
    right.errorbar(
        [0, *errors],
        [100 * one.mean for one in changes],
        [100 * one.half_width for one in changes],
        fmt="o-",
        label="mean",
    )
    right.axhline(0, color="black", linewidth=0.8)
    right.set(xlabel="σ of the errors in the networks' weights", ylabel="cost, % against the best heuristics")
    return drawn

"""Errors in the value function: what a learned dispatch policy costs when its networks are disturbed."""

from importlib.resources import files

import numpy as np
from matplotlib.figure import Figure
from safetensors.numpy import load, save

from benchmarks.pages import table
from benchmarks.studies.experiments.wording import verdicts
from benchmarks.studies.laboratory import Laboratory
from benchmarks.studies.measures import HEAD, Measured, cells, change, mean, percent
from benchmarks.studies.pairs import WEIGHTED_TRAVEL, trained_pair
from libpatrol import Policy, Scenario
from libpatrol.studies.intervals import Interval
from libpatrol.studies.measures import COST
from libpatrol.studies.pairs import PolicyPair

TITLE = "Errors in the value function"
SCENARIO = "hotspots-heavy"
STRENGTHS, DRAWS = (0.1, 0.3, 1.0), (0, 1, 2)
ABOUT = """\
`{scenario}` with the package's policy of that name ({pair}): it scores pairs of unit and call and values the state that
follows. Every weight and bias of these two networks times e^(σz), z standard normal: signs stay, so that a concave
value stays concave. Each row is the mean over {draws} draws of the errors, on {replications} test replications of 48 h;
changes to the same patrol with {rival}, and to the policy without errors, with 95 % intervals from a bootstrap over
draws and replications."""


def disturbed(content: bytes, strength: float, seed: int) -> Policy:
    """Return a file's policy, every weight and bias of dispatch times e^(strength z), z standard normal."""
    rng = np.random.default_rng(seed)
    tensors = {
        name: tensor * np.exp(strength * rng.standard_normal(tensor.shape)).astype(np.float32)
        if name.endswith((".weight", ".bias")) and not name.startswith("patrol.") else tensor
        for name, tensor in sorted(load(content).items())
    }  # fmt: skip
    return Policy.from_bytes(save(tensors, Policy.from_bytes(content).metadata))


def run(lab: Laboratory) -> tuple[list[str], Figure]:
    scenario, exact = Scenario.load(SCENARIO), trained_pair(SCENARIO)
    rival = PolicyPair(patrol=exact.patrol, dispatch=WEIGHTED_TRAVEL, policy=exact.policy)
    reference = lab.measured("heuristics", scenario, rival)
    without = lab.measured("no-errors", scenario, exact)
    content = (files("libpatrol") / "data" / "policies" / f"{SCENARIO}.safetensors").read_bytes()
    found: dict[float, list[Measured]] = {}
    for strength in STRENGTHS:
        pairs = [
            PolicyPair(patrol=exact.patrol, dispatch=exact.dispatch, policy=disturbed(content, strength, seed))
            for seed in DRAWS
        ]
        found[strength] = [
            lab.measured(f"{strength:g}-{seed}", scenario, pair) for seed, pair in zip(DRAWS, pairs, strict=True)
        ]
    rows = [[rival.dispatch, *cells([reference], None), "", ""], ["0", *cells([without], reference), "", ""]]
    for strength, own in found.items():
        worst = max(mean([one], COST) for one in own)
        rows.append([f"{strength:g}", *cells(own, reference), percent(change(own, without)), f"{worst:.3f}"])
    about = ABOUT.format(
        scenario=SCENARIO, pair=exact.name, rival=rival.dispatch, draws=len(DRAWS), replications=lab.replications
    )
    changes = [(f"σ = {strength:g}", change(own, reference)) for strength, own in {0.0: [without], **found}.items()]
    to_exact = [(f"σ = {strength:g}", change(own, without)) for strength, own in found.items()]
    wording = [
        f"- {verdicts(f'Cost against {rival.dispatch}', changes)}",
        f"- {verdicts('Cost against the policy without errors', to_exact)}",
    ]
    head = ["σ", *HEAD, "to no errors", "cost of the worst draw"]
    sections = [about, table(head, rows), "## What it shows", "\n".join(wording)]
    return sections, figure([0.0, *STRENGTHS], [one for _, one in changes], rival.dispatch)


def figure(strengths: list[float], changes: list[Interval], rival: str) -> Figure:
    drawn = Figure(figsize=(6, 4), layout="constrained")
    axis = drawn.subplots()
    mid, half = [100 * one.mean for one in changes], [100 * one.half_width for one in changes]
    axis.errorbar(strengths, mid, half, fmt="o-")
    axis.axhline(0, color="black", linewidth=0.8)
    axis.set(xlabel="σ of the errors in the networks' weights", ylabel=f"cost, % against {rival}")
    return drawn

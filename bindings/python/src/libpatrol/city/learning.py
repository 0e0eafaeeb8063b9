"""The step ``train``: learns patrol and dispatch on a city's model."""

import os
from collections.abc import Callable
from typing import Any

import pandas as pd

from libpatrol._native.arrays import chosen
from libpatrol._native.library import told_of
from libpatrol.city.comparing import POLICY
from libpatrol.city.folder import CityFolder
from libpatrol.city.model import CityModel, digest, model_of
from libpatrol.city.replaying import free_to_patrol
from libpatrol.city.results import write_results
from libpatrol.enums import Goal, Phase
from libpatrol.errors import PatrolError
from libpatrol.lab.training import Progress, Trainer
from libpatrol.lab.training_run import run_trainer

STRATEGY = "trained for this city"
_COUNTED = {
    Goal.COST: "weighted wait",
    Goal.WORST_GROUP: "mean response of the group that waits longest",
    Goal.WITHIN_TARGET: "share of calls not reached within their target",
    Goal.P90: "90th percentile of response",
    Goal.PRESENCE: "share of places not visited",
}
"""What a phase is accepted for, by the trainer's goal."""


def train(
    folder: str | os.PathLike[str] | CityFolder,
    *,
    minutes: float | None = None,
    seed: int = 0,
    threads: int | None = None,
    tell: Callable[[Progress], None] | None = None,
    **options: Any,
) -> dict[str, Any]:
    """Learn patrol and dispatch on a city's model; a later call continues where one was stopped.

    Parameters
    ----------
    folder : path-like or CityFolder
        After ``check``.
    minutes : float, optional
        After which training stops. What was learned until then is written; the same call continues.
    seed : int
        The same seed gives the same policy.
    threads : int, optional
        Default: one for each processor.
    tell : callable, optional
        Is told about the trainer's progress.
    **options
        Of a ``Trainer``.

    Returns
    -------
    dict
        Content of ``train/results.json``. The policy is ``train/policy.safetensors``, if one was found to be better
        than the heuristics.
    """
    model = model_of(folder)
    city = model.folder
    scenario = free_to_patrol(model)
    settings = {"seed": seed, "threads": threads or os.cpu_count() or 1, **options}
    checkpoint = city.path / ".train.kept.state"
    trainer = Trainer(scenario, **settings)
    if checkpoint.exists():
        try:
            with told_of(checkpoint):
                trainer.restore(checkpoint.read_bytes())
        except PatrolError:
            checkpoint.unlink()  # of another model, or of other options
            trainer = Trainer(scenario, **settings)

    is_done = run_trainer(trainer, tell or (lambda _: None), checkpoint, minutes)
    goal = chosen("goal", options.get("goal", Goal.COST), Goal)
    results = _written(model, trainer, is_done, goal)
    if is_done:
        checkpoint.unlink(missing_ok=True)
    return results


def _written(model: CityModel, trainer: Trainer, is_done: bool, goal: Goal) -> dict[str, Any]:
    city = model.folder
    outcomes = trainer.outcomes()
    table = pd.DataFrame({name: outcomes[name] for name in outcomes.dtype.names or ()})
    results = model.carried() | {"strategy": STRATEGY, "is_done": is_done, "outcomes": table.to_dict("records")}
    content = None
    try:
        names = trainer.policies()
        results["policies"] = f"{names.patrol}+{names.dispatch}"
        content = trainer.policy_file(
            {"city": city.facts.name, "model": digest(city.step("check").path / "scenario.toml")}
        )
        accepted = table[table["is_accepted"].astype(bool) & (table["kind"] != Phase.HEURISTIC)].iloc[-1]
        change = f"{100 * accepted['difference']:+.1f} % ± {100 * accepted['half_width']:.1f}"
        of_cost = goal is Goal.PRESENCE and accepted["kind"] != Phase.PATROL
        counted = _COUNTED[Goal.COST if of_cost else goal]
        sentence = f"{STRATEGY}: {counted} {change} against the strategy that it had to beat, on validation weeks"
    except (PatrolError, IndexError):
        sentence = "nothing was learned yet that is shown to be better than the best heuristics"
    more = [] if is_done else ["training was stopped before its end: the same command continues"]
    results["sentences"] = [*results["sentences"], sentence, *more]
    with city.write_step("train") as step:
        if content is not None:
            (step / POLICY).write_bytes(content)
        write_results(step, "results.json", results, {"phases": table})
    return results

"""The step ``compare``: current practice, heuristics and learned policies on the same calls, at equal staff."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from libpatrol.city.folder import CityFolder
from libpatrol.city.kept import Kept, Tell, done
from libpatrol.city.model import CityModel, digest, model_of
from libpatrol.city.new_beats import with_beats
from libpatrol.city.outcomes import outcome, rows_of, summary
from libpatrol.city.replaying import Played, as_today, free_to_patrol, run, with_surges
from libpatrol.city.results import beat_layer, write_map, write_results
from libpatrol.city.targets import DEFAULT, Target, targets_of
from libpatrol.city.unit_outcomes import unit_outcome, unit_table
from libpatrol.policy import Policy
from libpatrol.studies.pairs import PolicyPair

PRACTICE = "current practice"
POLICY = "policy.safetensors"
_DAYS = 7
_HEURISTICS = {
    "fixed_posts+priority_closest": "free units go to posts near the calls; the closest free unit goes",
    "backup_coverage+minimum_weighted_travel": "free units cover for busy ones; units are sent with the least weighted "
    "travel",
}


@dataclass(frozen=True)
class Strategy:
    """A way to patrol and dispatch with the same units.

    Attributes
    ----------
    name : str
        As results have it.
    about : str
        What it does.
    pair : PolicyPair or None
        None: current practice.
    """

    name: str
    about: str
    pair: PolicyPair | None = None

    def played(self, model: CityModel) -> Played:
        """Return what is simulated and who decides, under the department's rules."""
        if self.pair is None:
            return as_today(model)
        scenario = free_to_patrol(model)
        return Played(scenario, self.pair.engine(scenario))


def strategies(model: CityModel) -> list[Strategy]:
    """Return what is compared if nothing else is asked for: current practice first."""
    own = model.practice
    closest = PolicyPair(
        patrol=own.patrol, dispatch="priority_closest", options={"home_beat_patrol": own.home_beat_patrol}
    )
    found = [
        Strategy(PRACTICE, f"as practice.toml has it: {own.patrol}, {own.dispatch}"),
        Strategy("closest unit, same patrol", "the closest free unit goes, and nothing is held", closest),
        *(Strategy(text, about, PolicyPair.parse(text)) for text, about in _HEURISTICS.items()),
        Strategy("general policy", "learned on many made-up cities", PolicyPair.trained(Policy.find("general"))),
    ]
    if model.folder.has_step("train"):
        path, results = model.folder.step("train")
        if (path / POLICY).exists():
            policy = PolicyPair.trained(Policy.load(path / POLICY))
            found.append(Strategy(results["strategy"], "learned on the model of this city", policy))
    return found


def compare(
    folder: str | os.PathLike[str] | CityFolder,
    *,
    beats: str | os.PathLike[str] | None = None,
    target: str = DEFAULT,
    replications: int = 20,
    seed: int = 0,
    surges: bool = False,
    threads: int | None = None,
    tell: Tell | None = None,
) -> dict[str, Any]:
    """Simulate weeks of a city's model under several strategies, or with other beats, on the same calls.

    Parameters
    ----------
    folder : path-like or CityFolder
        After ``check``.
    beats : path-like, optional
        Polygons of proposed beats: current practice with them is compared with current practice.
    target : str
        Such as "priority 1: 90 % within 8 min of the call"; several with semicolons between them.
    replications : int
        Weeks, each with other calls.
    seed : int
        Of the first of them.
    surges : bool
        Whether days vary, and surges come, as measured in the log.
    threads : int, optional
        Default: one for each processor.
    tell : callable, optional
        Is told about progress: what, pieces done, pieces in all.

    Returns
    -------
    dict
        Content of ``compare/results.json``, or of ``beats/results.json`` with other beats.
    """
    if replications < 2:
        raise ValueError(f"replications is {replications}, expected 2 at least, for intervals")
    model, targets = model_of(folder), targets_of(target)
    city = model.folder
    options: list[tuple[str, str, CityModel, Played]]
    if beats is None:
        chosen = strategies(model)
        options = [(one.name, one.about, model, one.played(model)) for one in chosen]
    else:
        proposed = with_beats(model, beats)
        options = [
            ("beats of today", "current practice", model, as_today(model)),
            ("proposed beats", f"current practice with the beats of {os.fspath(beats)}", proposed, as_today(proposed)),
        ]
    others = [digest(city.path / "train" / POLICY), "" if beats is None else digest(Path(beats))]
    step = "compare" if beats is None else "beats"
    kept = Kept(city, step, [*model.digests, *others, str(beats), target, surges])
    jobs = [
        (f"{name}, seed {seed + k}", _job(variant, played, seed + k, targets, surges))
        for k in range(replications)
        for name, _, variant, played in options
    ]
    outcomes = done(jobs, kept, "weeks", tell, threads)
    by_option = {name: outcomes[k :: len(options)] for k, (name, *_) in enumerate(options)}
    results = model.carried() | {"kind": "strategies" if beats is None else "beats"}
    results |= {"targets": [str(one) for one in targets], "replications": replications, "days": _DAYS, "surges": surges}
    reference = options[0][0]
    found = {name: summary(own, None if name == reference else by_option[reference]) for name, own in by_option.items()}
    results["options"] = [{"name": name, "about": about, **found[name]} for name, about, *_ in options]
    rows = [row for name in found for row in rows_of(name, found[name])]
    results["rows"] = rows
    results["settings"] = {"seeds": [seed, seed + replications], "hours": 24 * _DAYS}
    results["sentences"] = [*results["sentences"], *_sentences(found, targets)]
    if beats is not None:
        results["sentences"] += _balance(found)
    if surges:
        results["assumed"] = [*results["assumed"], "days vary, and surges come, as measured in the log"]
    layers = {name: beat_layer(variant.beats, found[name]["beat"]) for name, _, variant, _ in options}
    tables = {"comparison": pd.DataFrame(rows), "units": pd.DataFrame(unit_table(results["options"]))}
    with city.write_step(step) as place:
        write_results(place, "results.json", results, tables)
        write_map(place, layers)
    kept.forget()
    return results


def _job(model: CityModel, played: Played, seed: int, targets: Sequence[Target], surges: bool) -> Any:
    def one() -> Any:
        scenario = with_surges(model, played.scenario, seed, _DAYS) if surges else played.scenario
        activity = run(model, played._replace(scenario=scenario), seed, _DAYS)
        return outcome(model, activity, _DAYS, targets) | {"unit": unit_outcome(model, activity.unit_times, _DAYS)}

    return one


def _sentences(found: dict[str, Any], targets: Sequence[Target]) -> list[str]:
    """Return each option against the first, in minutes, for every priority."""
    reference, *others = found
    told = []
    for name in others:
        parts = []
        for priority, measures in found[name]["priority"].items():
            now = measures["response_seconds_p90"]
            parts.append(f"priority {priority}: 90 % within {now['mean'] / 60:.1f} min, {_change(now)}")
        told.append(f"{name}, against {reference}: " + "; ".join(parts))
    for target in targets:
        shares = {}
        for name in found:
            measures = found[name]["priority"].get(str(target.priority), {})
            share = measures.get("share_within_target", {}).get("mean", np.nan)
            shares[name] = f"{100 * share:.0f} %" if np.isfinite(share) else "no such calls"
        told.append(f"{target}: {_listed(shares)}")
    return told


def _listed(shares: dict[str, str]) -> str:
    """Return what each option reaches; once if all reach the same."""
    if len(set(shares.values())) == 1 and len(shares) > 1:
        words = {2: "both", 3: "all three", 4: "all four", 5: "all five", 6: "all six"}
        return f"{words.get(len(shares), 'all')}: {next(iter(shares.values()))}"
    quoted = {name: f'"{name}"' if "," in name else name for name in shares}
    return "; ".join(f"{quoted[name]} {share}" for name, share in shares.items())


def _change(told: dict[str, Any]) -> str:
    low, high = told["difference_interval"]
    change, least, most = (_signed(seconds / 60) for seconds in (told["difference"], low, high))
    minutes = f"{change} min ({least} to {most})"
    return minutes if low > 0 or high < 0 else f"{minutes}, which is not shown to differ"


def _signed(minutes: float) -> str:
    """Return minutes with their sign, and without one if they round to zero."""
    text = f"{minutes:+.1f}"
    return text if float(text) else "0.0"


def _balance(found: dict[str, Any]) -> list[str]:
    told = []
    for name, own in found.items():
        load = np.array([beat["workload_unit_hours_per_day"]["mean"] for beat in own["beat"].values()])
        across = own["all"]["share_dispatches_to_other_beats"]["mean"]
        told.append(
            f"{name}: {len(load)} beats, the busiest with {load.max() / load.mean():.2f} times the mean workload "
            f"({load.max():.1f} unit hours a day); {100 * across:.0f} % of the dispatches go to another beat"
        )
    return told

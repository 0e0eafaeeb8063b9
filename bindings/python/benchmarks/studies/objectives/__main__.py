"""Trains a department's policy for each of the objectives that a chief would name, and measures all of them.

    bindings/python/run python -m benchmarks.studies.objectives [--replications N] [--quick] [--folder DIR]

The weighted wait, the share of priority 1 within 8 minutes, the 90th percentile, the beat that waits longest, and
patrol presence: one training each, measured on the same test calls. Everything that is made is kept in the folder and
not made again. Writes results.md and results.png beside this file.
"""

import argparse
import dataclasses
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from benchmarks import BUILD
from benchmarks.pages import page, table
from benchmarks.studies.laboratory import Laboratory, Trained
from benchmarks.studies.measures import Measured, change, percent
from libpatrol import Scenario
from libpatrol.enums import Phase
from libpatrol.scenario.files import read_description
from libpatrol.studies.intervals import paired
from libpatrol.studies.measures import CHARGED_RESPONSE, COST, PRESENCE, RESPONSE_P90, Measure, class_measure
from libpatrol.studies.pairs import PolicyPair

HERE = Path(__file__).resolve().parent
BESIDE = "backup_coverage+minimum_weighted_travel"
SEED = 1
QUICK = {
    "comparisons": 4500, "bootstrap_comparisons": 2000, "dispatch_generations": 0, "patrol_generations": 8,
    "validations": 48, "validation_limit": 96,
}  # fmt: skip
BEATS = 12


IN_TIME = class_measure("priority", 0, "within_target")
IN_TIME = Measure("priority_1_within_target", IN_TIME.title, IN_TIME.scale, IN_TIME.unit, IN_TIME.of)
OF_BEATS = tuple(
    dataclasses.replace(class_measure("group", beat, "charged_mean"), name=f"beat_{beat}_mean_seconds")
    for beat in range(BEATS)
)


def beats(measured: Measured) -> np.ndarray:
    """Return the mean response of each beat in minutes."""
    return np.array([np.nanmean(measured[one.name]) / 60 for one in OF_BEATS])


class Objective(NamedTuple):
    """What is trained for: its name on the page, the options of the trainer, the picture's sign, and what it counts."""

    name: str
    options: Mapping[str, Any]
    mark: str
    unit: str
    of: Callable[[Measured], np.ndarray]


DISPATCH = {"variant": "dispatch_only"}
OBJECTIVES = (
    Objective("weighted wait", DISPATCH, "o", "weighted calls waiting", lambda one: one[COST.name]),
    Objective(
        "priority 1 within 8 min", {**DISPATCH, "goal": "within_target", "goal_priority": 1}, "s",
        "points of the share within 8 min", lambda one: 100 * one[IN_TIME.name],
    ),
    Objective(
        "90th percentile", {**DISPATCH, "goal": "p90"}, "^",
        "min of the 90th percentile", lambda one: one[RESPONSE_P90.name] / 60,
    ),
    Objective(
        "worst beat", {**DISPATCH, "goal": "worst_group"}, "D",
        "min of the worst beat's mean", lambda one: one[OF_BEATS[int(beats(one).argmax())].name] / 60,
    ),
    Objective(
        "patrol presence", {"variant": "joint", "goal": "presence"}, "P",
        "points of the share of places visited", lambda one: 100 * one[PRESENCE.name],
    ),
)  # fmt: skip
MEASURES = (COST, CHARGED_RESPONSE, RESPONSE_P90, IN_TIME, PRESENCE, *OF_BEATS)
HEAD = (
    "trained for", "mean response, min", "p90, min", "priority 1 within 8 min", "worst beat, min",
    "worst less best beat, min", "places visited in the last hour", "weighted wait, change", "core-seconds",
)  # fmt: skip
ABOUT = """\
`metro` at medium load, each of its twelve beats a group of its own; one training each, seed {seed}, with {trainer} and
everything else at the trainer's defaults, alongside {beside}; *heuristics* are these alone. For presence, patrol is
learned after dispatch, which is learned as for the weighted wait; for the others dispatch alone is learned. All were
measured on the same {replications} test replications. *Response*: lost and waiting calls charged. *Beats*: means over
all replications. *Places*: share of patrol locations, by the calls expected there, where a unit stands or was within an
hour, mean over time. Changes are paired differences to the heuristics with 95 % intervals."""


def scenario() -> Scenario:
    """Return the department with its beats for groups."""
    description = read_description("metro")[0]
    city = dataclasses.replace(description.city, beat_groups=True)
    return Scenario.load(dataclasses.replace(description, city=city), "medium")


def decided(made: Trained) -> PolicyPair:
    """Return the trained pair; one for the worst beat weighs beats as its training found."""
    pair = made.pair
    weights = None if pair.policy is None else pair.policy.metadata.get("group_weights")
    if weights is None:
        return pair
    options = {"group_weights": [float(weight) for weight in weights.split()]}
    return dataclasses.replace(pair, options=options)


def cells(measured: Measured) -> list[str]:
    """Return a row's numbers under `HEAD`, without change and core-seconds."""
    mean = {one: one.scale * float(np.nanmean(measured[one.name])) for one in MEASURES}
    of_beats = beats(measured)
    return [
        f"{mean[CHARGED_RESPONSE]:.2f}", f"{mean[RESPONSE_P90]:.2f}", f"{mean[IN_TIME]:.1f} %", f"{of_beats.max():.2f}",
        f"{np.ptp(of_beats):.2f}", f"{mean[PRESENCE]:.1f} %",
    ]  # fmt: skip


def finding(objective: Objective, measured: Measured, others: Mapping[str, Measured], made: Trained) -> str:
    """Return what a training brought, in what it was for, to each of the policies it is compared with."""
    said = []
    for name, other in others.items():
        mine, theirs = objective.of(measured), objective.of(other)
        known = ~(np.isnan(mine) | np.isnan(theirs))
        moved = paired(theirs[known], mine[known])
        response = change([measured], other, CHARGED_RESPONSE)
        gained = f"{moved.mean:+.2f} ± {moved.half_width:.2f} {objective.unit}"
        said.append(f"{gained} against {name}, at {percent(response)} mean response")
    phases = [Phase(kind).name.lower() for kind in made.outcomes["kind"]]
    kept = [phase for phase, accepted in zip(phases, made.outcomes["is_accepted"], strict=True) if accepted]
    learned = [phase for phase in kept if phase != "heuristic"]
    accepted = f"validation accepted {' and '.join(learned)}" if learned else "validation accepted nothing"
    return f"- *{objective.name}*: {'; '.join(said)} ({accepted})."


def draw(found: Mapping[str, tuple[str, Measured]], path: Path) -> None:
    """Write the picture: what chiefs name, each over the mean response, with a point for each policy."""
    import matplotlib

    matplotlib.use("agg")
    from matplotlib import pyplot

    titles = (
        ("priority 1 reached within 8 minutes, %", True),
        ("9 of 10 calls are reached within, minutes", False),
        ("mean response in the worst beat, minutes", False),
        ("places visited in the last hour, %", True),
    )
    figure, axes = pyplot.subplots(1, len(titles), figsize=(15, 4.2), layout="constrained")
    for axis, (title, is_up), objective in zip(axes, titles, OBJECTIVES[1:], strict=True):
        for name, (mark, measured) in found.items():
            x = float(np.nanmean(measured[CHARGED_RESPONSE.name])) / 60
            axis.plot([x], [np.nanmean(objective.of(measured))], mark, markersize=9, label=name)
        axis.set(title=title, xlabel="mean response, minutes")
        axis.margins(0.15)
        axis.annotate(
            "better", (0.03, 0.97 if is_up else 0.03), xycoords="axes fraction", color="#666666",
            va="top" if is_up else "bottom",
        )  # fmt: skip
    figure.legend(
        *axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=len(found), title="trained for"
    )
    figure.savefig(path, dpi=120)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--replications", type=int, default=100)
    parser.add_argument("--quick", action="store_true", help="train with a fraction of the default work")
    parser.add_argument("--folder", type=Path, default=BUILD / "objectives")
    options = parser.parse_args()
    trainer = {"rounds": 1, **(QUICK if options.quick else {})}
    lab = Laboratory(options.folder.resolve(), options.replications, trainer=trainer)
    city, beside = scenario(), PolicyPair.parse(BESIDE)
    heuristics = lab.measured("heuristics", city, beside, MEASURES)
    rows: list[Sequence[str]] = [["heuristics", *cells(heuristics), "", ""]]
    found: dict[str, tuple[str, Measured]] = {"heuristics": ("x", heuristics)}
    findings = []
    for objective in OBJECTIVES:
        name = objective.name.replace(" ", "-")
        made = lab.trained(name, city, beside, SEED, **objective.options)
        measured = lab.measured(name, city, decided(made), MEASURES)
        others = {"heuristics": heuristics}
        if objective.options is not DISPATCH:
            others["the policy trained for the weighted wait"] = found["weighted wait"][1]
        found[objective.name] = (objective.mark, measured)
        cost = percent(change([measured], heuristics))
        rows.append([objective.name, *cells(measured), cost, f"{made.core_seconds:.0f}"])
        findings.append(finding(objective, measured, others, made))
        print(*rows[-1], findings[-1], sep="\n", flush=True)
    draw(found, HERE / "results.png")
    said = ", ".join(f"`{name}={value}`" for name, value in trainer.items())
    about = ABOUT.format(seed=SEED, beside=BESIDE, replications=options.replications, trainer=said)
    sections = [about, table(HEAD, rows), "## What each training brought", "\n".join(findings)]
    text = page("What does a policy cost that is trained for another objective?", ["numpy"], sections, ["results.png"])
    (HERE / "results.md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()

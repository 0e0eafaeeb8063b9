"""The command `train`: learns a policy for one scenario, or one for several."""

import argparse
import ast
import math
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.progress import Progress as ProgressBar
from rich.table import Table

from libpatrol import __version__
from libpatrol._native.library import told_of
from libpatrol.commands.arguments import load, minutes, output, writable
from libpatrol.commands.city_results import is_city, show_results
from libpatrol.commands.console import Console, kept_when_stopped
from libpatrol.commands.tables import introduce
from libpatrol.enums import Goal, Phase
from libpatrol.errors import PatrolError
from libpatrol.lab.training import OPTIONS, Progress, Trainer
from libpatrol.lab.training_run import run_trainer
from libpatrol.scenario.scenario import Scenario

_TOLD_EVERY = 60.0
"""Seconds between two lines of progress within a phase."""


def add_train(commands: Any) -> None:
    """Add the command to a parser's subparsers."""
    train = commands.add_parser("train", help="your city, or scenarios: learn a policy")
    train.add_argument(
        "scenarios",
        nargs="+",
        metavar="CITY|SCENARIO",
        help="a city folder, or scenarios: files, or names of `libpatrol scenarios` such as hotspots-heavy",
    )
    train.add_argument(
        "--load", type=load, help="light, medium, heavy, or any offered load per unit (default: each scenario's)"
    )
    train.add_argument("--output", "-o", type=output, metavar="FILE", help="policy file (SCENARIO.safetensors)")
    train.add_argument(
        "--variant", default="joint", choices=("joint", "apart", "patrol_only", "dispatch_only"), help="default joint"
    )
    train.add_argument(
        "--goal",
        default="cost",
        choices=[goal.name.lower() for goal in Goal],
        help="what a policy is accepted for: cost (default; the weighted wait), worst_group, within_target, p90, or "
        "presence; of calls of one priority with --set goal_priority=1",
    )
    train.add_argument("--seed", type=int, default=0, help="the same seed gives the same file (default 0)")
    train.add_argument("--threads", type=int, default=os.cpu_count() or 1, help="default: one for each processor")
    train.add_argument(
        "--checkpoint",
        type=output,
        metavar="FILE",
        help="saved once a minute; if it exists, training continues from it",
    )
    train.add_argument(
        "--minutes", type=minutes, help="stop after so many minutes; the same command continues from --checkpoint"
    )
    train.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="set another option of training, such as rounds=2; a name that is none is answered with all of them",
    )
    train.set_defaults(run=_train)


def _train(console: Console, options: argparse.Namespace) -> None:
    if is_city(options.scenarios[0]):
        _train_city(console, options)
        return
    if options.minutes is not None and options.checkpoint is None:
        raise ValueError("--minutes needs --checkpoint FILE, from which a later run can continue")
    path = options.output or writable(Path(f"{Path(options.scenarios[0]).stem}.safetensors"))
    scenarios = [Scenario.load(name, options.load) for name in options.scenarios]
    settings = {"variant": options.variant, "goal": options.goal, "seed": options.seed, "threads": options.threads}
    trainer = Trainer(scenarios, **{**settings, **dict(_setting(text) for text in options.set)})
    details = {"scenario": ", ".join(options.scenarios), "libpatrol_version": __version__}
    if options.load is not None:
        details["training_load"] = str(options.load)
    if options.set:
        details["training_options"] = " ".join(options.set)
    if options.checkpoint is not None and options.checkpoint.exists():
        with told_of(options.checkpoint):
            trainer.restore(options.checkpoint.read_bytes())
        console.print(f"continues from {options.checkpoint}")
    for scenario in scenarios:
        introduce(console, scenario)
    if not advance(console, trainer, options.checkpoint, options.minutes):
        wording = f"stopped after {options.minutes:g} minutes; the same command continues from {options.checkpoint}"
        console.print(wording)
    show_outcomes(console, trainer, len(scenarios), Goal[options.goal.upper()])
    wording = ""
    try:
        patrol, dispatch = trainer.policies()
        wording = f"{patrol}+{dispatch}"
        content = trainer.policy_file(details)
    except PatrolError as reason:
        console.print(f"best pair: {wording}. {reason.message}" if wording else reason.message)
        return
    path.write_bytes(content)
    console.line("best pair: ", (wording, "bold"), f", written to {path}")


def _train_city(console: Console, options: argparse.Namespace) -> None:
    from libpatrol.city import train

    if len(options.scenarios) > 1 or options.load is not None or options.output or options.checkpoint:
        raise ValueError(
            f"{options.scenarios[0]} is a city folder: train one alone, without --load, -o and --checkpoint"
        )
    settings = {"variant": options.variant, "goal": options.goal, **dict(_setting(text) for text in options.set)}
    with kept_when_stopped(console), shown_progress(console) as tell:
        results = train(
            options.scenarios[0],
            minutes=options.minutes,
            seed=options.seed,
            threads=options.threads,
            tell=tell,
            **settings,
        )
    show_results(console, results)


def _setting(text: str) -> tuple[str, Any]:
    name, equals, value = text.partition("=")
    if not equals:
        raise ValueError(f"--set {text}: expected NAME=VALUE")
    if name not in OPTIONS:
        raise ValueError(f"--set {text}: expected one of {', '.join(OPTIONS)}")
    try:
        return name, ast.literal_eval(value)
    except (SyntaxError, ValueError):
        return name, value


def advance(console: Console, trainer: Trainer, checkpoint: Path | None = None, minutes: float | None = None) -> bool:
    """Train to the end or for so many minutes, showing progress; save checkpoints, the last one even if interrupted.

    Returns
    -------
    bool
        Whether training is done.
    """
    with shown_progress(console) as tell:
        return run_trainer(trainer, tell, checkpoint, minutes)


@contextmanager
def shown_progress(console: Console) -> Iterator[Callable[[Progress], None]]:
    """Give a function that shows the progress of training."""
    with _Shown(console) as shown:
        yield shown.update


class _Shown:
    """Progress as a bar on a terminal, as lines elsewhere: for each part of a phase, and once a minute within it."""

    def __init__(self, console: Console) -> None:
        self.console = console
        times = TimeElapsedColumn(), TextColumn("left"), TimeRemainingColumn()
        columns = TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), *times
        self.bar = ProgressBar(*columns, console=console, transient=True, disable=not console.is_terminal)
        self.task = self.bar.add_task("", total=1.0)
        self.part: tuple[int, bool] | None = None
        self.at = -math.inf
        self.began: tuple[float, float] | None = None

    def __enter__(self) -> "_Shown":
        self.bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.bar.stop()

    def update(self, now: Progress) -> None:
        what = "done" if now.kind is Phase.NONE else now.kind.name.lower()
        more = f", validation {now.replications} of {now.next_look}" if now.is_validating else ""
        done = (now.phase + now.share) / now.phases
        wording = f"phase {min(now.phase + 1, now.phases)} of {now.phases}: {what}{more}, {now.events:,} events"
        if self.console.is_terminal:
            self.bar.update(self.task, description=wording, completed=done)
        elif (now.phase, now.is_validating) != self.part or time.monotonic() - self.at > _TOLD_EVERY:
            self.part, self.at = (now.phase, now.is_validating), time.monotonic()
            self.console.print(f"{wording}, {min(done, 1):.0%}{self._left(min(done, 1.0))}")

    def _left(self, done: float) -> str:
        """Return the time left in words, as far as what was done since the first report tells."""
        now = time.monotonic()
        if self.began is None:
            self.began = now, done
        since, share = now - self.began[0], done - self.began[1]
        left = (1 - done) * since / share / 60 if share > 0 and done < 1 else 0.0
        return f", about {left:.0f} min left" if left >= 1 else ""


_GOALS = {
    Goal.WORST_GROUP: ("worst group, min", 1 / 60),
    Goal.WITHIN_TARGET: ("late, %", 100.0),
    Goal.P90: ("p90, min", 1 / 60),
    Goal.PRESENCE: ("not visited, %", 100.0),
}
"""What goals but the cost count: title and scale."""


def show_outcomes(console: Console, trainer: Trainer, scenario_count: int, goal: Goal = Goal.COST) -> None:
    """Print the outcome of each phase."""
    unit = "in weighted calls waiting" if scenario_count == 1 else "relative to the first pair of heuristics"
    table = Table(title=f"phases, on the validation seeds; weighted wait {unit}", title_justify="left")
    title, scale = _GOALS.get(goal, ("", 1.0))
    counted = ("weighted wait", "mean, min", title) if title else ("events", "weighted wait")
    for column in ("phase", "round", *counted, "change", "replications", "kept"):
        table.add_column(column, justify="left" if column in ("phase", "kept") else "right")
    for row in trainer.outcomes():
        change = ""
        if row["difference"] == row["difference"]:
            change = f"{100 * row['difference']:+.2f} % ± {100 * row['half_width']:.2f}"
        cost = f"{row['cost']:.4f}"
        found = [f"{row['events']:,}", cost]
        if title:
            found = [cost, f"{row['mean_response'] / 60:.2f}", f"{scale * row['goal_value']:.2f}"]
        table.add_row(
            Phase(row["kind"]).name.lower(), f"{row['round'] + 1}", *found, change,
            f"{row['replications']:,}", _kept(row),
        )  # fmt: skip
    console.print(table)


def _kept(row: np.void) -> str:
    if row["is_accepted"]:
        return "yes"
    return "no: not significant" if row["difference"] < 0 and row["kind"] != Phase.HEURISTIC else "no"

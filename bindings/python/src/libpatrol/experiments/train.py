"""The command `train`: learns a policy for one scenario, or one for several."""

import argparse
import ast
import os
import time
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from libpatrol import __version__
from libpatrol.enums import Phase
from libpatrol.errors import PatrolError
from libpatrol.experiments.tables import introduce
from libpatrol.scenario import Scenario
from libpatrol.training import OPTIONS, Trainer

_SAVED_EVERY = 60.0
"""Seconds between two checkpoints."""


def add_train(commands: Any) -> None:
    """Add the command to a parser's subparsers."""
    train = commands.add_parser("train", help="learn a policy for a scenario, or one for several")
    train.add_argument(
        "scenarios", nargs="+", metavar="SCENARIO", help="a file, or one of `libpatrol scenarios`, like hotspots-heavy"
    )
    train.add_argument("--output", "-o", type=Path, metavar="FILE", help="policy file (default: SCENARIO.safetensors)")
    train.add_argument(
        "--variant", default="joint", choices=("joint", "apart", "patrol_only", "dispatch_only"), help="default joint"
    )
    train.add_argument("--seed", type=int, default=0, help="the same seed gives the same file (default 0)")
    train.add_argument("--threads", type=int, default=os.cpu_count() or 1, help="default: one for each processor")
    train.add_argument(
        "--checkpoint", type=Path, metavar="FILE", help="saved there once a minute, and gone on from where it is there"
    )
    train.add_argument(
        "--set", action="append", default=[], metavar="NAME=VALUE", help=f"another option: {', '.join(OPTIONS)}"
    )
    train.set_defaults(run=_train)


def _train(console: Console, options: argparse.Namespace) -> None:
    scenarios = [Scenario.load(name) for name in options.scenarios]
    output: Path = options.output or Path(f"{Path(options.scenarios[0]).stem}.safetensors")
    settings = {"variant": options.variant, "seed": options.seed, "threads": options.threads}
    trainer = Trainer(scenarios, **{**settings, **dict(_setting(text) for text in options.set)})
    about = {"scenario": ", ".join(options.scenarios), "libpatrol_version": __version__}
    if options.set:
        about["training_options"] = " ".join(options.set)
    if options.checkpoint is not None and options.checkpoint.exists():
        trainer.restore(options.checkpoint.read_bytes())
        console.print(f"goes on from {options.checkpoint}", highlight=False)
    for scenario in scenarios:
        introduce(console, scenario)
    advance(console, trainer, options.checkpoint)
    show_outcomes(console, trainer)
    patrol, dispatch = trainer.policies()
    try:
        content = trainer.policy_file(about)
    except PatrolError as reason:
        console.print(f"best pair: {patrol}+{dispatch}. {reason.message}", highlight=False)
        return
    output.write_bytes(content)
    console.print(f"best pair: [bold]{patrol}+{dispatch}[/], written to {output}", highlight=False)


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


def advance(console: Console, trainer: Trainer, checkpoint: Path | None = None) -> None:
    """Train to the end, showing progress; save checkpoints, the last one also when interrupted."""
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    saved = time.monotonic()

    def save() -> None:
        if checkpoint is None:
            return
        beside = checkpoint.with_name(checkpoint.name + ".part")
        beside.write_bytes(trainer.checkpoint())
        beside.replace(checkpoint)

    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("", total=1.0)
        try:
            for now in trainer:
                said = "done" if now.kind is Phase.NONE else now.kind.name.lower()
                more = f", validation {now.replications} of {now.next_look}" if now.is_validating else ""
                place = f"phase {min(now.phase + 1, now.phases)} of {now.phases}"
                bar.update(
                    task,
                    description=f"{place}: {said}{more}, {now.events:,} events",
                    completed=(now.phase + now.share) / now.phases,
                )
                if time.monotonic() - saved > _SAVED_EVERY:
                    save()
                    saved = time.monotonic()
        finally:
            save()


def show_outcomes(console: Console, trainer: Trainer) -> None:
    """Print what each phase came to."""
    table = Table(title="phases, on the validation seeds", title_justify="left")
    for column, justify in (
        ("phase", "left"), ("round", "right"), ("events", "right"), ("cost", "right"),
        ("change", "right"), ("replications", "right"), ("kept", "left"),
    ):  # fmt: skip
        table.add_column(column, justify=justify)
    for row in trainer.outcomes():
        change = ""
        if row["difference"] == row["difference"]:
            change = f"{100 * row['difference']:+.2f} % ± {100 * row['half_width']:.2f}"
        table.add_row(
            Phase(row["kind"]).name.lower(), f"{row['round'] + 1}", f"{row['events']:,}", f"{row['cost']:.4f}", change,
            f"{row['replications']:,}", _kept(row),
        )  # fmt: skip
    console.print(table)


def _kept(row: np.void) -> str:
    if row["is_accepted"]:
        return "yes"
    return "no: not shown" if row["difference"] < 0 and row["kind"] != Phase.HEURISTIC else "no"

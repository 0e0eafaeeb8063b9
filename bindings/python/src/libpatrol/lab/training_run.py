"""Runs a trainer to its end, or for some minutes, with checkpoints."""

import math
import time
from collections.abc import Callable
from pathlib import Path

from libpatrol.enums import Phase
from libpatrol.lab.training import Progress, Trainer

SAVED_EVERY = 60.0
"""Seconds between two checkpoints."""


def run_trainer(
    trainer: Trainer, tell: Callable[[Progress], None], checkpoint: Path | None = None, minutes: float | None = None
) -> bool:
    """Train; save checkpoints, the last one even if interrupted.

    Parameters
    ----------
    trainer : Trainer
        Perhaps restored from a checkpoint.
    tell : callable
        Is told about progress.
    checkpoint : Path, optional
        File to write, whole or not at all.
    minutes : float, optional
        After which training stops.

    Returns
    -------
    bool
        Whether training is done.
    """
    end = math.inf if minutes is None else time.monotonic() + 60 * minutes
    saved = time.monotonic()

    def save() -> None:
        if checkpoint is None:
            return
        beside = checkpoint.with_name(checkpoint.name + ".part")
        beside.write_bytes(trainer.checkpoint())
        beside.replace(checkpoint)

    try:
        for now in trainer:
            tell(now)
            if now.kind is Phase.NONE:
                return True
            if time.monotonic() > end:
                return False
            if time.monotonic() - saved > SAVED_EVERY:
                save()
                saved = time.monotonic()
    finally:
        save()
    return True

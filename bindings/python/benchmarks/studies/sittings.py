"""Training in several sittings: what was stopped continues from its checkpoint, and all its time counts."""

import json
import time
from pathlib import Path

from libpatrol import PatrolError, Trainer
from libpatrol.lab.training import Progress
from libpatrol.lab.training_run import SAVED_EVERY, run_trainer


class Sittings:
    """Trains to the end with a checkpoint once a minute, and keeps the time that all sittings took.

    Parameters
    ----------
    checkpoint : Path
        Continued from if it is of the same training.

    Attributes
    ----------
    seconds, core_seconds : float
        By the clock, and of the process on all its threads.
    """

    def __init__(self, checkpoint: Path) -> None:
        self._checkpoint, self._times = checkpoint, checkpoint.with_suffix(".times.json")
        self.seconds = self.core_seconds = 0.0

    def run(self, trainer: Trainer) -> Progress:
        """Train to the end; return the last progress."""
        self._checkpoint.parent.mkdir(parents=True, exist_ok=True)
        if self._restored(trainer):
            self.seconds, self.core_seconds = json.loads(self._times.read_text(encoding="utf-8"))
        began = time.perf_counter() - self.seconds, time.process_time() - self.core_seconds
        written, last = self.seconds, None

        def tell(now: Progress) -> None:
            nonlocal written, last
            last = now
            self.seconds, self.core_seconds = time.perf_counter() - began[0], time.process_time() - began[1]
            if self.seconds - written > SAVED_EVERY:
                written = self.seconds
                self._keep_times()

        try:
            run_trainer(trainer, tell, self._checkpoint)
        finally:
            self._keep_times()
        assert last is not None
        return last

    def forget(self) -> None:
        """Remove the checkpoint, once the result is kept."""
        for path in (self._checkpoint, self._times):
            path.unlink(missing_ok=True)

    def _restored(self, trainer: Trainer) -> bool:
        if not (self._checkpoint.exists() and self._times.exists()):
            return False
        try:
            trainer.restore(self._checkpoint.read_bytes())
        except PatrolError:
            return False  # of other scenarios or options
        return True

    def _keep_times(self) -> None:
        self._times.write_text(json.dumps([self.seconds, self.core_seconds]), encoding="utf-8")

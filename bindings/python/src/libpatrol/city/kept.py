"""Finished pieces of long work, kept in a file until the step is whole, so that an interrupt loses none of them."""

import hashlib
import json
import os
import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from libpatrol.city.folder import CityFolder
from libpatrol.commands.console import progress


class Kept:
    """Results by name, a line of JSON each; those made from something else are forgotten.

    Parameters
    ----------
    folder : CityFolder
        In which the step works.
    step : str
        Of the city.
    made_from : object
        What results depend on, as JSON has it: files' digests, settings.
    """

    def __init__(self, folder: CityFolder, step: str, made_from: Any) -> None:
        self.path = folder.path / f".{step}.kept.jsonl"
        self._source = hashlib.sha256(json.dumps(made_from, sort_keys=True).encode()).hexdigest()
        self._found: dict[str, Any] = {}
        self._lock = threading.Lock()
        if self.path.exists():
            for line in self.path.read_text(encoding="utf-8").splitlines():
                self._read(line)
        if not self._found:
            self.path.unlink(missing_ok=True)

    def _read(self, line: str) -> None:
        try:
            source, name, value = json.loads(line)
        except ValueError:
            return  # the last line of a run that was cut off
        if source == self._source:
            self._found[name] = value

    def __contains__(self, name: str) -> bool:
        return name in self._found

    def __getitem__(self, name: str) -> Any:
        return self._found[name]

    def put(self, name: str, value: Any) -> None:
        """Keep a result; other threads may do so at the same time."""
        line = json.dumps([self._source, name, value])
        with self._lock:
            with open(self.path, "a", encoding="utf-8") as file:
                file.write(line + "\n")
            self._found[name] = json.loads(line)[2]

    def forget(self) -> None:
        """Remove the file: the step is whole."""
        self.path.unlink(missing_ok=True)


Job = tuple[str, Callable[[], Any]]
"""A name, and what returns its result as JSON has it."""


def done(jobs: Sequence[Job], kept: Kept, title: str, console: Any = None, threads: int | None = None) -> list[Any]:
    """Do jobs on several threads, except those that are kept, and show the time left; return their results in order.

    Parameters
    ----------
    jobs : sequence of (str, callable)
        Names are distinct; results do not depend on the number of threads.
    kept : Kept
        Where results go as soon as they are there.
    title : str
        What is being done.
    console : Console, optional
        Where progress is shown.
    threads : int, optional
        Default: one for each processor.
    """
    left = [(name, run) for name, run in jobs if name not in kept]
    if left and console is not None:
        with progress(console) as shown:
            task = shown.add_task(title, total=len(jobs), completed=len(jobs) - len(left))
            _run(left, kept, threads, lambda: shown.advance(task))
    else:
        _run(left, kept, threads, lambda: None)
    return [kept[name] for name, _ in jobs]


def _run(jobs: Iterable[Job], kept: Kept, threads: int | None, advance: Callable[[], None]) -> None:
    def one(job: Job) -> None:
        kept.put(job[0], job[1]())
        advance()

    pool = ThreadPoolExecutor(threads or os.cpu_count() or 1)
    try:
        list(pool.map(one, jobs))
    finally:
        pool.shutdown(cancel_futures=True)  # an interrupt does not wait for jobs that have not begun

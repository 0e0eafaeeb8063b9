"""Finished pieces of long work, kept in a file until the step is whole, so that an interrupt loses none of them."""

import hashlib
import json
import os
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeAlias

from libpatrol.city.folder import CityFolder


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


Job: TypeAlias = tuple[str, Callable[[], Any]]
"""A name, and what returns its result as JSON has it."""

Tell: TypeAlias = Callable[[str, int, int], None]
"""Is told what is being done, how many pieces are done, and how many there are; from any thread, one at a time."""


def done(
    jobs: Sequence[Job], kept: Kept, title: str, tell: Tell | None = None, threads: int | None = None
) -> list[Any]:
    """Do jobs on several threads, except those that are kept; return their results in order.

    Parameters
    ----------
    jobs : sequence of (str, callable)
        Names are distinct; results do not depend on the number of threads.
    kept : Kept
        Where results go as soon as they are there.
    title : str
        What is being done.
    tell : callable, optional
        Is told about progress.
    threads : int, optional
        Default: one for each processor.
    """
    left = [(name, run) for name, run in jobs if name not in kept]
    count = len(jobs) - len(left)
    lock = threading.Lock()

    def one(job: Job) -> None:
        nonlocal count
        kept.put(job[0], job[1]())
        with lock:
            count += 1
            if tell is not None:
                tell(title, count, len(jobs))

    if tell is not None:
        tell(title, count, len(jobs))
    pool = ThreadPoolExecutor(threads or os.cpu_count() or 1)
    try:
        list(pool.map(one, left))
    finally:
        pool.shutdown(cancel_futures=True)  # an interrupt does not wait for jobs that have not begun
    return [kept[name] for name, _ in jobs]

"""Many decisions at once, on several threads."""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from libpatrol._native.arrays import unsigned
from libpatrol.answer import Answer
from libpatrol.engine import Engine
from libpatrol.session import Session
from libpatrol.snapshot import Snapshot

_CHUNK = 64  # most snapshots that one call of the library decides: their answers' buffers are there at once


def decide_many(
    engine: Engine, snapshots: Sequence[Snapshot], *, threads: int | None = None, **options: Any
) -> list[Answer]:
    """Decide many snapshots on several threads, each with a session of its own: for a year of past decisions.

    Parameters
    ----------
    engine : Engine
        Area, policy and options.
    snapshots : sequence of Snapshot
        Each is decided by itself: the answers are those of `Session.decide`, whatever the number of threads.
    threads : int, optional
        At least 1; None: as many as there are processors.
    **options
        The fields of `DecideOptions`. A deadline lets answers depend on how busy the processors are: with several
        threads rather limit nodes.

    Returns
    -------
    list of Answer
        In the order of the snapshots.

    Raises
    ------
    PatrolError
        For a snapshot that cannot be decided.

    Examples
    --------
    >>> from libpatrol import Area, Engine, Snapshot, units
    >>> from libpatrol.synthetic import cities
    >>> from libpatrol.throughput import decide_many
    >>> crew = units(1)
    >>> crew["node"] = 0
    >>> engine = Engine(Area.from_arrays(**cities.grid(4, 4)))
    >>> len(decide_many(engine, [Snapshot(hour * 3600, crew) for hour in range(24)], threads=2))
    24
    """
    wanted = os.cpu_count() or 1 if threads is None else unsigned("threads", threads)
    if wanted == 0:
        raise ValueError("threads is 0, expected at least 1")
    if not snapshots:
        return []
    units = max(1, *(len(snapshot.units) for snapshot in snapshots))
    incidents = max(len(snapshot.incidents) for snapshot in snapshots)
    size = min(_CHUNK, -(-len(snapshots) // wanted))
    starts = range(0, len(snapshots), size)

    def work(worker: int) -> list[list[Answer]]:
        with Session(engine, units, incidents) as session:
            mine = starts[worker::wanted]
            return [session.decide_many(snapshots[start : start + size], **options) for start in mine]

    with ThreadPoolExecutor(wanted) as pool:
        parts = list(pool.map(work, range(min(wanted, len(starts)))))
    return [answer for index in range(len(starts)) for answer in parts[index % wanted][index // wanted]]

"""A run of shadow mode: lines are taken as they come, and where it stands is written down."""

import time
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import libpatrol
from libpatrol import audit
from libpatrol.engine import Engine
from libpatrol.records import units
from libpatrol.session import Session
from libpatrol.shadow.comparisons import Settings
from libpatrol.shadow.decisions import Shadow
from libpatrol.shadow.lines import KeptInput, WholeLines
from libpatrol.shadow.log import INPUT, Log
from libpatrol.snapshot import Snapshot

_EVERY = 1000  # lines from one state to the next
_POLL_SECONDS = 0.5


def described(engine: Engine, settings: Settings, names: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a log says in its first line: who decides, and how events are read.

    Parameters
    ----------
    engine : Engine
        Who decides.
    settings : Settings
        How events are read.
    names : mapping
        What its parts are called, for readers.
    """
    nothing = Snapshot(0.0, units(0))
    info = audit.record_info(engine.record(nothing, Session(engine, 1, 0).decide(nothing)))
    hashes = {name: f"{getattr(info, name):016x}" for name in ("area_hash", "policy_hash", "options_hash")}
    return {"libpatrol": libpatrol.__version__, **names, **hashes, **asdict(settings)}


def follow(
    shadow: Shadow,
    log: Log,
    events: Path | None,
    *,
    growing: bool = False,
    stream: int = 0,
    told: Callable[[Shadow], None] = lambda shadow: None,
    stopped: Callable[[], bool] = lambda: False,
) -> tuple[int, int, int]:
    """Take events until their end, from where the log says that it stands.

    Parameters
    ----------
    shadow, log : Shadow, Log
        Who decides, and its log.
    events : Path or None
        A file; None: a stream, which is kept in the log's folder.
    growing : bool
        Wait for more of the file, without an end.
    stream : int
        Descriptor of the stream.
    told : callable
        Called whenever all lines that are there have been taken.
    stopped : callable
        Asked after each line, and twice a second while there is none: whether to end here, where the next run goes on.

    Returns
    -------
    tuple
        Bytes at the end that are no whole line yet and are left for the next run; lines of a stream that were skipped
        because they had been read before; bytes that were cut off a line in whose middle an earlier run was killed.

    Raises
    ------
    ValueError
        If the events are not those that the log was begun with, or the file was replaced while it was read.
    """
    source = log.folder / INPUT if events is None else events
    kept = KeptInput(stream, source) if events is None else None
    state = log.state or {"offset": 0, "mark": ""}
    lines, end = WholeLines(source, state["offset"], state["mark"]), state["offset"]
    more = True
    while more:
        more = growing if kept is None else kept.more(stopped)
        for line in lines.new():
            shadow.take(line)
            end = line.end
            if shadow.line % _EVERY == 0:
                shadow.write_state(offset=end, mark=lines.mark(end))
            if stopped():
                break
        more = more and not stopped()
        log.flush()
        told(shadow)
        if more and kept is None:
            time.sleep(_POLL_SECONDS)
    if end != state["offset"] and shadow.line % _EVERY:
        shadow.write_state(offset=end, mark=lines.mark(end))
    left = lines.torn
    lines.close()
    if kept is not None:
        kept.close()
    return left, 0 if kept is None else kept.repeated, 0 if kept is None else kept.cut

"""Records of decisions as text, and chains of them."""

import ctypes
import json
from collections.abc import Iterator
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from libpatrol._native import abi
from libpatrol._native.arrays import address
from libpatrol._native.library import call, library, told_of
from libpatrol.engine import Engine


class RecordInfo(NamedTuple):
    """What a record says of itself.

    Attributes
    ----------
    format : int
        1 to 5; from 3 on they name the record before.
    size : int
        Bytes of the record.
    area_hash, policy_hash, options_hash : int
        What the decision was made with; a `policy_hash` of 0: no policy.
    time_seconds : float
        Of the snapshot.
    hash : bytes
        SHA-256 of the record.
    previous : bytes or None
        That of the record before it; None if it names none.

    Examples
    --------
    >>> from libpatrol import Area, Engine, Session, Snapshot, audit, units
    >>> from libpatrol.synthetic import cities
    >>> crew = units(1)
    >>> crew["node"] = 0
    >>> engine, now = Engine(Area.from_arrays(**cities.grid(4, 4))), Snapshot(0, crew)
    >>> answer = Session(engine, 1, 0).decide(now)
    >>> first = engine.record(now, answer, after=b"")
    >>> second = engine.record(now, answer, after=first)
    >>> audit.record_info(second).previous == audit.record_info(first).hash
    True
    """

    format: int
    size: int
    area_hash: int
    policy_hash: int
    options_hash: int
    time_seconds: float
    hash: bytes
    previous: bytes | None


class Chain(NamedTuple):
    """Records that follow each other.

    Attributes
    ----------
    records : int
        Records that are whole and in order.
    hash : bytes or None
        SHA-256 of the last of them.

    Examples
    --------
    >>> from libpatrol import Area, Engine, Session, Snapshot, audit, units
    >>> from libpatrol.synthetic import cities
    >>> crew = units(1)
    >>> crew["node"] = 0
    >>> engine, now = Engine(Area.from_arrays(**cities.grid(4, 4))), Snapshot(0, crew)
    >>> answer = Session(engine, 1, 0).decide(now)
    >>> first = engine.record(now, answer, after=b"")
    >>> chain = audit.check(first + engine.record(now, answer, after=first))
    >>> chain.records, len(chain.hash)
    (2, 32)
    """

    records: int
    hash: bytes | None


def record_info(record: bytes) -> RecordInfo:
    """Return what the record at the beginning of some bytes says of itself.

    Raises
    ------
    PatrolError
        INVALID_FILE for bytes that do not begin with a whole record, VERSION_MISMATCH for one of another version.
    """
    return _info_at(record, len(record))


def _info_at(place: bytes | int, size: int) -> RecordInfo:
    """Return the same of bytes, or of those at an address."""
    info = abi.RecordInfo()
    call(library.record_get_info, place, size, ctypes.byref(info))
    hashes = info.area_hash, info.policy_hash, info.options_hash
    previous = bytes(info.previous)
    return RecordInfo(
        info.format, info.byte_count, *hashes, info.time_seconds, bytes(info.hash), previous if any(previous) else None
    )


def split(records: bytes) -> list[bytes]:
    """Return the records that lie one after the other in some bytes, as in a file to which each was appended.

    Raises
    ------
    PatrolError
        INVALID_FILE where a record is not whole.

    Examples
    --------
    >>> from libpatrol import audit
    >>> audit.split(b"")
    []
    """
    ends = [0, *accumulate(info.size for info in _infos(records))]
    return [records[begin:end] for begin, end in pairwise(ends)]


def _infos(records: bytes) -> Iterator[RecordInfo]:
    """Yield what each of the records says of itself."""
    begin, place = np.frombuffer(records or b"-", np.uint8).ctypes.data, 0  # NumPy has no empty ones
    while place < len(records):
        info = _info_at(begin + place, len(records) - place)
        yield info
        place += info.size


def check(records: bytes) -> Chain:
    """Check that records which lie one after the other are whole, and that each names the one before it.

    Raises
    ------
    PatrolError
        INVALID_FILE where a record is not whole, MISMATCH where one is missing or was changed.

    Examples
    --------
    >>> from libpatrol import audit
    >>> audit.check(b"").records
    0
    """
    count, last = ctypes.c_size_t(), None
    call(library.records_check, records, len(records), ctypes.byref(count))
    for info in _infos(records):
        last = info.hash
    return Chain(count.value, last)


def to_json(record: bytes, engine: Engine | None = None) -> str:
    """Return a record as a JSON object: who, where, options, answer and reasons.

    Parameters
    ----------
    record : bytes
        As `Engine.record` returns it.
    engine : Engine, optional
        The one that made it: its rules are written, too.

    Raises
    ------
    PatrolError
        INVALID_FILE for bytes that are not a record, MISMATCH for another engine.

    Examples
    --------
    >>> import json
    >>> from libpatrol import Area, Engine, Session, Snapshot, audit, units
    >>> from libpatrol.synthetic import cities
    >>> crew = units(1)
    >>> crew["node"] = 0
    >>> engine, now = Engine(Area.from_arrays(**cities.grid(4, 4))), Snapshot(0, crew)
    >>> record = engine.record(now, Session(engine, 1, 0).decide(now))
    >>> text = json.loads(audit.to_json(record, engine))
    >>> text["units"][0]["status"], text["rules"]["strict_priority"]
    ('PATROLLING', True)
    """
    handle = None if engine is None else engine._handle
    length = ctypes.c_size_t()
    call(library.decision_json, handle, record, len(record), None, 0, ctypes.byref(length))
    text = np.empty(length.value, np.uint8)
    call(library.decision_json, handle, record, len(record), address(text), length.value, ctypes.byref(length))
    return text.tobytes().decode("ascii")


def read(path: str | Path, engine: Engine | None = None) -> list[dict[str, Any]]:
    """Return the records of a file, each as the dictionary that `to_json` writes."""
    content = Path(path).read_bytes()
    with told_of(path):
        return [json.loads(to_json(record, engine)) for record in split(content)]

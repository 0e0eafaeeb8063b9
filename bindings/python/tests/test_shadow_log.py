"""The log of shadow mode: wherever a run is killed, the next one goes on without losing or doubling a line."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from conftest import interruptible
from shadow_events import AREA, ENGINE, SMALL_DAY, at, of_kind, run, said, shadowed, without_states

from libpatrol import Engine, audit
from libpatrol.commands.cli import main
from libpatrol.commands.stopping import stopping
from libpatrol.files import write_area
from libpatrol.shadow import following
from libpatrol.shadow.lines import KeptInput, WholeLines
from libpatrol.shadow.log import INPUT, LOG, RECORDS, Log, read_log


@pytest.fixture
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    """Write a state every three lines, and do not wait for the disk."""
    monkeypatch.setattr(following, "_EVERY", 3)
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)


DAY = "".join(f"{line}\n" for line in SMALL_DAY).encode()


def content(out: Path) -> dict[str, bytes]:
    return {name: (out / name).read_bytes() for name in (LOG, RECORDS)}


def put(path: Path, bytes_of_it: bytes) -> None:
    """Write over a file; some file systems wait for the disk where one is emptied first."""
    with path.open("r+b") as file:
        file.write(bytes_of_it)
        file.truncate()


@pytest.mark.usefixtures("often")
def test_a_log_cut_off_anywhere_becomes_the_same_log(tmp_path: Path) -> None:
    shadowed(SMALL_DAY[:10], tmp_path)
    out = tmp_path / "out"
    whole = content(out)
    assert whole[LOG].count(b'{"kind":"state"') == 4 and whole[LOG].count(b'{"kind":"comparison"') == 2
    settings = {name: value for name, value in next(read_log(out)).items() if name != "kind"}
    gone_on: set[tuple[int, int]] = set()
    for place in range(len(whole[LOG])):
        put(out / LOG, whole[LOG][:place])
        put(out / RECORDS, whole[RECORDS])
        Log(out, settings).close()
        left = content(out)
        assert all(whole[name].startswith(left[name]) for name in left), place
        sizes = len(left[LOG]), len(left[RECORDS])
        if sizes not in gone_on:  # what follows depends on what is left
            gone_on.add(sizes)
            run(tmp_path / "events", out)
            assert content(out) == whole, place
    assert len(gone_on) == 4


@pytest.mark.usefixtures("often")
def test_records_cut_off_anywhere_become_the_same_records(tmp_path: Path) -> None:
    shadowed(DAY, tmp_path)
    out = tmp_path / "out"
    whole = content(out)
    assert audit.check(whole[RECORDS]).records == 3
    for place in range(0, len(whole[RECORDS]), 17):
        put(out / RECORDS, whole[RECORDS][:place])
        run(tmp_path / "events", out)
        assert content(out) == whole, place


@pytest.mark.usefixtures("often")
def test_events_that_come_byte_by_byte(tmp_path: Path) -> None:
    """At each place there is a run that finds the file ending there."""
    shadowed(DAY, tmp_path / "whole")
    wanted = without_states(tmp_path / "whole" / "out")
    for place in range(1, len(DAY)):
        events = tmp_path / "events"
        events.write_bytes(DAY[:place])
        shadow = run(events, tmp_path / "out")
        assert shadow.line == DAY[:place].count(b"\n")
        if place % 100 == 0:
            assert all(line["line"] <= shadow.line for line in read_log(tmp_path / "out") if "line" in line)
    events.write_bytes(DAY)
    run(events, tmp_path / "out")
    assert without_states(tmp_path / "out") == wanted


def test_a_file_that_is_another_one_is_refused(tmp_path: Path) -> None:
    shadowed(DAY, tmp_path)
    for other in (DAY[:-5], DAY.replace(b"c3", b"c4"), b""):
        with pytest.raises(ValueError, match=r"events is not the file whose first [\d,]+ bytes were read"):
            shadowed(other, tmp_path)
    shadowed(DAY + at(1300, "unit_cleared", unit="A").encode() + b"\n", tmp_path)


def test_a_file_that_is_replaced_while_it_is_read(tmp_path: Path) -> None:
    events = tmp_path / "events"
    events.write_bytes(DAY)
    lines = WholeLines(events)
    assert len(list(lines.new())) == len(SMALL_DAY)
    events.unlink()
    events.write_bytes(DAY * 2)
    with pytest.raises(ValueError, match="was cut off or replaced while it was read"):
        list(lines.new())


def test_other_settings_are_refused(tmp_path: Path) -> None:
    shadowed(DAY, tmp_path)
    with pytest.raises(ValueError, match=r"begun with window_seconds 180.0, and now it is 60"):
        shadowed(DAY, tmp_path, window_seconds=60)
    with pytest.raises(ValueError, match="begun with options_hash"):
        shadowed(DAY, tmp_path, Engine(AREA, dispatch_policy="closest_fcfs"))
    with pytest.raises(ValueError, match="time_zone is 'Moon/Sea', expected a name such as"):
        shadowed(DAY, tmp_path, time_zone="Moon/Sea")


def test_one_process_writes_a_log(tmp_path: Path) -> None:
    first = Log(tmp_path, {})
    with pytest.raises(ValueError, match="is being written by another process"):
        Log(tmp_path, {})
    first.close()
    Log(tmp_path, {}).close()


def test_a_damaged_log_is_told(tmp_path: Path) -> None:
    shadowed(DAY, tmp_path)
    path = tmp_path / "out" / LOG
    path.write_bytes(path.read_bytes().replace(b'{"kind":"decision"', b'{"kind":decision"', 1))
    with pytest.raises(ValueError, match=r"log.jsonl: line \d+ is damaged"):
        list(read_log(tmp_path / "out"))


def test_long_lines_and_no_lines(tmp_path: Path) -> None:
    log = shadowed(b"x" * 3_000_000 + b"\n\n" + DAY + b"y" * 2_000_000, tmp_path)
    assert said(log)[0] == (1, "lines refused") and of_kind(log, "said")[0]["sentence"].startswith(
        "longer than 1,048,576"
    )
    assert log[-1]["line"] == len(SMALL_DAY) + 2 and len(of_kind(log, "comparison")) == 3
    assert shadowed(b"", tmp_path / "nothing")[-1]["kind"] == "run"


def test_records_are_those_of_the_decisions(tmp_path: Path) -> None:
    log = shadowed(DAY, tmp_path)
    records = audit.split((tmp_path / "out" / RECORDS).read_bytes())
    assert [audit.record_info(one).hash.hex() for one in records] == [row["record"] for row in of_kind(log, "decision")]
    for record, row in zip(records, of_kind(log, "decision"), strict=True):
        again = ENGINE.replay(record)
        assert [round(float(one), 1) for one in again.assignments["travel_seconds"]] == [p[2] for p in row["proposed"]]


# The standard input


def taken(stream: bytes, path: Path) -> KeptInput:
    """Give a stream in pieces of a few bytes to the file that keeps it."""
    reading, writing = os.pipe()
    kept = KeptInput(reading, path)
    for place in range(0, len(stream), 7):
        os.write(writing, stream[place : place + 7])
        assert kept.more()
    os.close(writing)
    assert not kept.more()
    kept.close()
    os.close(reading)
    return kept


LINES = b"one\ntwo\nthree\nfour\n"


@pytest.mark.parametrize("place", range(len(LINES) + 1))
@pytest.mark.parametrize("again", ["goes on", "begins again", "repeats two lines"])
def test_a_stream_that_is_opened_again(place: int, again: str, tmp_path: Path) -> None:
    path = tmp_path / "kept"
    path.write_bytes(LINES[:place])
    whole = LINES[:place].count(b"\n")
    lines = LINES.splitlines(keepends=True)
    begin = {"goes on": whole, "begins again": 0, "repeats two lines": max(0, whole - 2)}[again]
    kept = taken(b"".join(lines[begin:]), path)
    assert path.read_bytes() == LINES
    assert kept.repeated == whole - begin
    assert kept.cut == len(LINES[:place]) - sum(map(len, lines[:whole]))


def test_lines_that_only_begin_like_those_before(tmp_path: Path) -> None:
    path = tmp_path / "kept"
    path.write_bytes(LINES)
    kept = taken(b"two\nthree\nfive\nsix", path)
    assert path.read_bytes() == LINES + b"five\nsix" and kept.repeated == 2


# kill -9


@pytest.fixture(scope="module")
def long_day() -> list[str]:
    """Return some hundred events: the small day again and again, an hour apart."""
    hours: list[str] = []
    for hour in range(80):
        for line in SMALL_DAY:
            if line.startswith("{"):
                kind, *rest = line.split('"time": "2026-03-02T00')
                line = f'{kind}"time": "2026-03-{2 + hour // 24:02}T{hour % 24:02}{rest[0]}'.replace('"c', f'"{hour}c')
                line = line.replace(f'"{hour}call', '"call').replace(f'"{hour}category', '"category')
            hours.append(line)
    return hours


def command(area: Path, *arguments: str | Path, **options: Any) -> subprocess.Popen[bytes]:
    words = [sys.executable, "-m", "libpatrol", "shadow", *map(str, arguments), "--area", str(area)]
    return subprocess.Popen([*words, "--dispatch", "priority_closest"], stdout=subprocess.PIPE, **options)


@pytest.fixture
def area_file(tmp_path: Path) -> Path:
    write_area(tmp_path / "grid.safetensors", **AREA.arrays.fields())
    return tmp_path / "grid.safetensors"


def grown(path: Path, beyond: int, process: subprocess.Popen[bytes]) -> None:
    """Wait until a file has grown beyond a size."""
    while process.poll() is None and (not path.exists() or path.stat().st_size <= beyond):
        time.sleep(0.001)


@pytest.mark.parametrize("source", ["file", "stream", "stream that begins again"])
def test_killed_again_and_again(source: str, long_day: list[str], area_file: Path, tmp_path: Path) -> None:
    events, out = tmp_path / "events", tmp_path / "out"
    day = "".join(f"{line}\n" for line in long_day).encode()
    events.write_bytes(day)
    assert command(area_file, events, "--out", tmp_path / "whole").wait() == 0
    for _ in range(3):
        size = (out / LOG).stat().st_size if (out / LOG).exists() else 0
        if source == "file":
            process = command(area_file, events, "--out", out)
        else:
            process = command(area_file, "-", "--out", out, stdin=subprocess.PIPE)
            kept = (out / INPUT).read_bytes() if (out / INPUT).exists() else b""
            begin = kept.rfind(b"\n") + 1 if source == "stream" else 0
            process.stdin.write(day[begin : len(kept) + len(day) // 5])
            process.stdin.flush()
        grown(out / LOG, size, process)
        process.send_signal(signal.SIGKILL)
        process.wait()
    if source == "file":
        assert command(area_file, events, "--out", out).wait() == 0
    else:
        kept = (out / INPUT).read_bytes()
        begin = kept.rfind(b"\n") + 1 if source == "stream" else 0
        process = command(area_file, "-", "--out", out, stdin=subprocess.PIPE)
        process.communicate(day[begin:])
        assert process.returncode == 0 and (out / INPUT).read_bytes() == day
    assert without_states(out) == without_states(tmp_path / "whole")
    assert (out / RECORDS).read_bytes() == (tmp_path / "whole" / RECORDS).read_bytes()
    states = [[row for row in read_log(place) if row["kind"] == "state"][-1] for place in (out, tmp_path / "whole")]
    assert states[0] == states[1] and states[0]["line"] == len(long_day)


STOPS = pytest.mark.parametrize(("ended_by", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])


def stopped(process: subprocess.Popen[bytes], ended_by: signal.Signals, status: int) -> tuple[int, str]:
    """Send a signal and see the process end as it should. Return the line that it says, and what it printed."""
    process.send_signal(ended_by)
    shown, said_of_it = (text.decode() for text in process.communicate(timeout=60))
    sentence = rf"libpatrol: stopped by {ended_by.name} after line ([\d,]+): the same command goes on\n"
    found = re.fullmatch(sentence, said_of_it)
    assert found is not None and process.returncode == status, said_of_it
    return int(found[1].replace(",", "")), shown


@STOPS
def test_a_growing_file_is_followed(ended_by: signal.Signals, status: int, area_file: Path, tmp_path: Path) -> None:
    pytest.importorskip("jinja2")
    events, out, page = tmp_path / "events", tmp_path / "out", tmp_path / "page.html"
    events.write_bytes(DAY[:500])
    words = [events, "--out", out, "--follow", "--html", page]
    process = command(area_file, *words, preexec_fn=interruptible, stderr=subprocess.PIPE)
    grown(out / LOG, 0, process)
    with events.open("ab") as file:
        file.write(DAY[500:])
    while (out / LOG).read_bytes().count(b'"kind":"comparison"') < 3:
        assert process.poll() is None
        time.sleep(0.01)
    line, shown = stopped(process, ended_by, status)
    assert line == len(SMALL_DAY) and "line 7: not JSON" in shown
    log = list(read_log(out))
    assert log[-1]["kind"] == "state" and log[-1]["line"] == len(SMALL_DAY)
    assert "For 2 of 3 calls" in page.read_text(encoding="utf-8")


@STOPS
@pytest.mark.parametrize("source", ["file", "stream"])
def test_stopped_while_it_reads(
    source: str, ended_by: signal.Signals, status: int, long_day: list[str], area_file: Path, tmp_path: Path
) -> None:
    """All that was taken is in the log with a state behind it; the next run goes on there."""
    events, out = tmp_path / "events", tmp_path / "out"
    day = "".join(f"{line}\n" for line in long_day).encode()
    events.write_bytes(day)
    assert command(area_file, events, "--out", tmp_path / "whole").wait() == 0
    options = {"preexec_fn": interruptible, "stderr": subprocess.PIPE}
    if source == "file":
        process = command(area_file, events, "--out", out, "--follow", **options)
    else:  # which does not end, and has nothing more for the time being
        process = command(area_file, "-", "--out", out, stdin=subprocess.PIPE, **options)
        process.stdin.write(day[: len(day) // 2])
        process.stdin.flush()
    grown(out / LOG, 0, process)
    line, _ = stopped(process, ended_by, status)
    last = list(read_log(out))[-1]
    assert last["kind"] == "state" and 0 < last["line"] == line
    if source == "file":
        assert command(area_file, events, "--out", out).wait() == 0
    else:
        process = command(area_file, "-", "--out", out, stdin=subprocess.PIPE)
        process.communicate(day)
        assert process.returncode == 0
    assert without_states(out) == without_states(tmp_path / "whole")
    assert (out / RECORDS).read_bytes() == (tmp_path / "whole" / RECORDS).read_bytes()


def test_a_signal_that_is_ignored_stays_ignored() -> None:
    before = {
        signal.SIGTERM: signal.signal(signal.SIGTERM, signal.SIG_IGN),
        signal.SIGINT: signal.signal(signal.SIGINT, signal.default_int_handler),
    }
    try:
        with stopping() as asked:
            signal.raise_signal(signal.SIGTERM)
            assert not asked()
            signal.raise_signal(signal.SIGINT)
            assert asked() and asked.signal is signal.SIGINT
            with pytest.raises(KeyboardInterrupt):
                signal.raise_signal(signal.SIGINT)
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


def test_the_command_says_what_is_wrong(tmp_path: Path, area_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    events, area, out = tmp_path / "events", str(area_file), str(tmp_path / "out")
    events.write_bytes(DAY + b'{"kind": "unit')
    place = ["--area", area, "--out", out]
    for words, sentence in (
        ([], "EVENTS is missing"),
        ([str(events), "--out", out], "--area is missing"),
        ([str(events), "--area", area], "--out is missing"),
        (["-", *place, "--follow"], "--follow waits for more of a file"),
        ([str(events), "--report", out], "expected no EVENTS"),
        (["--report", out], "has no log.jsonl"),
        ([str(events), *place, "--window", "-1"], "window_seconds is -1"),
        ([str(events), *place, "--crs", "EPSG:4326"], "needs a city folder"),
        ([str(events), "--area", "nowhere", "--out", out], "nowhere"),
        ([str(tmp_path / "none"), *place], "No such file"),
    ):
        assert main(["shadow", *words]) == 1, words
        error = capsys.readouterr().err
        assert error.startswith("libpatrol: ") and sentence in error and error.count("\n") == 1
    rules = tmp_path / "rules.toml"
    rules.write_text("never_hold_priority = 2\n", encoding="utf-8")
    assert main(["shadow", str(events), *place, "--rules", str(rules)]) == 0
    shown = capsys.readouterr().out
    assert "line 7: not JSON" in shown and "the last 14 bytes have no newline yet" in shown and "decisions: 3" in shown
    assert main(["shadow", str(events), *place, "--rules", str(rules)]) == 0
    assert "goes on after line 16" in capsys.readouterr().out

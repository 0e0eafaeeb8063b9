"""Runs loop.c, which times decisions without an interpreter around them."""

import struct
import subprocess
from pathlib import Path
from typing import IO

from benchmarks.speed.builds import compile_program
from libpatrol import Snapshot

HERE = Path(__file__).resolve().parent


def compile_loop(prefix: Path, program: Path) -> Path:
    """Build the program, linked with libpatrol as it is shipped to C and installed in `prefix`; return it."""
    return compile_program(HERE / "loop.c", "patrol", prefix, program)


def pack(snapshot: Snapshot, path: Path) -> Path:
    """Write a snapshot as loop.c reads it."""
    sizes = snapshot.units.dtype.itemsize, snapshot.incidents.dtype.itemsize
    head = struct.pack("=d4Q", snapshot.time_seconds, len(snapshot.units), len(snapshot.incidents), *sizes)
    travel = b"" if snapshot.travel_seconds is None else snapshot.travel_seconds.tobytes()
    path.write_bytes(head + snapshot.units.tobytes() + snapshot.incidents.tobytes() + travel)
    return path


class CLoop:
    """The program with one area and policy loaded ("-": heuristics); with `nodes` as loop.c says."""

    def __init__(self, program: Path, area: Path, policy: str, repeats: int, nodes: int | None = None) -> None:
        self.repeats = repeats
        limit = [] if nodes is None else [str(nodes)]
        self.process = subprocess.Popen(
            [program, area, policy, str(repeats), *limit], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def seconds(self, snapshot: Path) -> list[float]:
        """Time the decision for a snapshot file, `repeats` times."""
        requests, answers = self._pipes()
        requests.write(f"{snapshot}\n")
        requests.flush()
        return [int(answers.readline()) * 1e-9 for _ in range(self.repeats)]

    def close(self) -> None:
        """End the program."""
        self._pipes()[0].close()
        self.process.wait()

    def _pipes(self) -> tuple[IO[str], IO[str]]:
        assert self.process.stdin is not None and self.process.stdout is not None
        return self.process.stdin, self.process.stdout

"""Runs loop.c, which times decisions without an interpreter around them."""

import struct
import subprocess
from pathlib import Path
from typing import IO

from libpatrol import Snapshot

HERE = Path(__file__).resolve().parent


def compile_loop(work: Path, include: Path) -> Path:
    """Build the program in `work`, linked with libpatrol as it is shipped to C."""
    subprocess.run([include.parent / "bindings" / "c" / "install", "--prefix", work], check=True)
    flags = ["-std=c11", "-O2", "-Wall", "-Wextra", "-Werror", "-I", str(include)]
    link = ["-L", str(work / "lib"), "-lpatrol", f"-Wl,-rpath,{work / 'lib'}"]
    subprocess.run(["cc", *flags, str(HERE / "loop.c"), *link, "-o", str(work / "loop")], check=True)
    return work / "loop"


def pack(snapshot: Snapshot, path: Path) -> Path:
    """Write a snapshot as loop.c reads it."""
    head = struct.pack("=dQQ", snapshot.time_seconds, len(snapshot.units), len(snapshot.incidents))
    path.write_bytes(head + snapshot.units.tobytes() + snapshot.incidents.tobytes())
    return path


class CLoop:
    """The program with one area and policy loaded ("-": heuristics)."""

    def __init__(self, program: Path, area: Path, policy: str, repeats: int) -> None:
        self.repeats = repeats
        self.process = subprocess.Popen(
            [program, area, policy, str(repeats)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
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

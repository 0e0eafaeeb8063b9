"""Times `import` of a million calls: a log of one row a call, and one of a row for each unit at a call.

    bindings/python/run python -m benchmarks.speed.import_calls [--calls N] [--data DIR]

The logs are made: times as dispatch software exports them, places on the streets of central Stockholm in degrees, 40
types of calls, some dirt. Each import runs in a process of its own, whose peak memory the system reports. Writes
results.md beside this file.
"""

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks import DATA
from benchmarks.pages import page, table
from benchmarks.speed.import_calls.made_log import write_log

HERE = Path(__file__).resolve().parent
STREETS = Path("stockholm_osmnx") / "stockholm.graphml"
KINDS = {"call": "a row a call", "unit": "a row a unit and call"}


def main() -> None:
    """Run all, or with --run one import in this process."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--calls", type=int, default=1_000_000)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--run", nargs=2, metavar=("FOLDER", "KIND"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.run:
        run(Path(options.run[0]), options.run[1], options.data)
        return
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for kind, words in KINDS.items():
            log = Path(folder) / f"{kind}.csv"
            lines = write_log(log, options.data / STREETS, options.calls, kind)
            arguments = ["--data", str(options.data), "--run", folder, kind]
            command = [sys.executable, "-m", "benchmarks.speed.import_calls", *arguments]
            load = f"{os.getloadavg()[0]:.0f}"
            seconds, processor, peak = subprocess.check_output(command, text=True).split()
            size = f"{log.stat().st_size / 1e6:,.0f}"
            rows.append([words, f"{options.calls:,}", f"{lines:,}", size, load, seconds, processor, peak])
            log.unlink()
    head = ["log", "calls", "rows", "MB", "load", "seconds", "of processor", "peak memory, MB"]
    said = (
        "The whole command, from the start of Python to the city folder with its page of numbers. `load` is how many "
        "programs shared the processors when it began: with many, it takes longer than its own processor time."
    )
    packages = ("pandas", "pyarrow", "scipy", "pyproj", "numpy")
    (HERE / "results.md").write_text(
        page("Import of a million calls", packages, [said, table(head, rows)]), encoding="utf-8"
    )


def run(folder: Path, kind: str, data: Path) -> None:
    """Import a log; print seconds, processor seconds and the peak of resident memory."""
    start = time.perf_counter()
    from libpatrol.city import import_city

    import_city(
        folder / f"city-{kind}",
        calls=folder / f"{kind}.csv",
        roads=data / STREETS,
        mapping=HERE / f"{kind}.toml",
    )
    used = resource.getrusage(resource.RUSAGE_SELF)
    seconds = time.perf_counter() - start
    print(f"{seconds:.1f} {used.ru_utime + used.ru_stime:.1f} {used.ru_maxrss / 1e3:.0f}")


if __name__ == "__main__":
    main()

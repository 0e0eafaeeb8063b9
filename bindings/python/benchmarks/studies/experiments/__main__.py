"""Runs one of the project's experiments and writes its page.

    bindings/python/run python bindings/python/benchmarks/experiments NAME [--folder DIR] [--threads N]

NAME is one of equity, stress, units, errors, patterns, sensitivity. Everything that is made (policy files, measures
on test seeds) is kept in the folder and not made again, so that the command can be stopped and resumed; after a
change of the library itself, remove the folder. Writes NAME.md and NAME.png beside this file.
"""

import argparse
import importlib
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from laboratory import Laboratory  # noqa: E402
from report import page  # noqa: E402

EXPERIMENTS = ("equity", "stress", "units", "errors", "patterns", "sensitivity")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("name", choices=EXPERIMENTS)
    parser.add_argument("--folder", type=Path, help="default: .build/experiments in the repository")
    parser.add_argument("--threads", type=int, default=1, help="no result but times depends on it (default 1)")
    options = parser.parse_args()
    started = time.monotonic()
    folder = (options.folder or HERE.parents[3] / ".build" / "experiments") / options.name
    lab = Laboratory(
        folder,
        threads=options.threads,
        say=lambda name: print(f"{time.monotonic() - started:7.0f} s  {name}", flush=True),
    )
    experiment = importlib.import_module(options.name)
    sections, figure = experiment.run(lab)
    text = page(experiment.TITLE, ["numpy"], sections, [f"{options.name}.png"])
    print(text)
    (HERE / f"{options.name}.md").write_text(text, encoding="utf-8")
    figure.savefig(HERE / f"{options.name}.png", dpi=120)


main()

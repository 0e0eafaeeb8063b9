"""Runs one of the project's experiments and writes its page.

    bindings/python/run python -m benchmarks.studies.experiments NAME [--folder DIR] [--threads N]

NAME is one of equity, stress, units, errors, patterns, sensitivity. Everything that is made (policy files, measures
on test seeds) is kept in the folder and not made again, so that the command can be stopped and resumed; after a
change of the library itself, remove the folder. Writes NAME.md and NAME.png beside this file.
"""

import argparse
import importlib
import time
from pathlib import Path

from benchmarks import BUILD
from benchmarks.pages import page
from benchmarks.studies.laboratory import Laboratory

HERE = Path(__file__).resolve().parent
TRAINER = {
    "rounds": 1, "iterations": 2, "comparisons": 8_000, "bootstrap_comparisons": 4_000, "validations": 128,
    "dispatch_generations": 6, "patrol_generations": 8,
}  # fmt: skip
"""How everything is trained unless said otherwise; the rest is at the trainer's defaults."""
EXPERIMENTS = ("equity", "stress", "units", "errors", "patterns", "sensitivity")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("name", choices=EXPERIMENTS)
    parser.add_argument("--folder", type=Path, help="default: .build/experiments in the repository")
    parser.add_argument("--threads", type=int, default=1, help="no result but times depends on it (default 1)")
    options = parser.parse_args()
    started = time.monotonic()
    folder = (options.folder or BUILD / "experiments") / options.name
    lab = Laboratory(
        folder,
        threads=options.threads,
        trainer=TRAINER,
        say=lambda name: print(f"{time.monotonic() - started:7.0f} s  {name}", flush=True),
    )
    experiment = importlib.import_module(f"benchmarks.studies.experiments.{options.name}")
    sections, figure = experiment.run(lab)
    text = page(experiment.TITLE, ["numpy"], sections, [f"{options.name}.png"])
    print(text)
    (HERE / f"{options.name}.md").write_text(text, encoding="utf-8")
    figure.savefig(HERE / f"{options.name}.png", dpi=120)


if __name__ == "__main__":
    main()

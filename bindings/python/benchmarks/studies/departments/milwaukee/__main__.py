"""Makes the scenario `milwaukee` of the package from the dispatch log in the test data, and says how near it is.

    bindings/python/run python -m benchmarks.studies.departments.milwaukee [--out FOLDER]

The same log gives the same bytes. Writes results.md beside this file, or all into another folder.
"""

import argparse
import tempfile
from importlib.resources import files
from pathlib import Path

from benchmarks.pages import page
from benchmarks.studies.departments.milwaukee.fit import LOG, found, read
from benchmarks.studies.departments.milwaukee.frozen import write
from benchmarks.studies.departments.milwaukee.judged import text_of

HERE = Path(__file__).resolve().parent
ABOUT = """\
The scenario `milwaukee` is fitted to {calls:,} calls of {days} days of the log. Here each week of the log is left
out in turn, and compared with what is fitted to the others. *Expected* is the difference in the number of calls. The
other columns compare the calls of groups, once both have as many in all: the mean absolute difference, in shares of the
calls, and variance / mean about what is expected. Below each week stands what the same comparison gives for logs that
are drawn from the model, on the mean of ten: chance, and the errors of a fit to so few days."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, help="folder of all files (default: the package's scenarios, and here)")
    out = parser.parse_args().out
    with tempfile.TemporaryDirectory() as place:
        city = read(LOG, Path(place) / "city")
        fitted = found(city)
        write(fitted, out or Path(str(files("libpatrol"))) / "data" / "scenarios")
        about = ABOUT.format(calls=fitted.calls, days=len(fitted.days))
        text = page("The calls of `milwaukee` beside the log", ["numpy", "scipy", "pandas"], [about, text_of(city)])
    print(text)
    ((out or HERE) / "results.md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()

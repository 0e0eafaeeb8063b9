"""What policies would have done with calls of two police departments: real places and times, everything else assumed.

    bindings/python/run python -m benchmarks.studies.replay DIR

DIR holds atlanta_cobra/COBRA-2020.csv and seattle_pd_911/*.csv. Writes results.md beside this file.
"""

import argparse
import io
from contextlib import redirect_stdout
from pathlib import Path

from benchmarks.pages import page
from benchmarks.studies.pairs import RANDOM_PAIR, SHORT_LIST, WEIGHTED_INDEX
from libpatrol.commands.cli import main as libpatrol

HERE = Path(__file__).resolve().parent
POLICIES = ",".join([RANDOM_PAIR.name, "stay+closest_fcfs", SHORT_LIST[0].name, f"dmexclp+{WEIGHTED_INDEX}"])
ABOUT = """\
Each part is what the command under its title prints. Neither log tells what the departments' units did, so nothing
here is a statement about them: places and times of calls are real, roads, speeds, fleets and times on scene are
assumed, and rates are scaled to the load stated."""


def section(title: str, arguments: list[str], directory: Path) -> str:
    shown = io.StringIO()
    with redirect_stdout(shown):
        if libpatrol(["replay", *arguments, "--policies", POLICIES, "--replications", "10"]) != 0:
            raise SystemExit(f"the replay of {arguments[0]} failed")
    command = " ".join(["libpatrol replay", str(Path(arguments[0]).relative_to(directory)), *arguments[1:]])
    text = "\n".join(line.rstrip() for line in shown.getvalue().splitlines())
    return f"## {title}\n\n`{command} --policies {POLICIES} --replications 10`\n\n```\n{text}\n```"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("directory", type=Path)
    directory = parser.parse_args().directory
    cobra, seattle = directory / "atlanta_cobra" / "COBRA-2020.csv", next((directory / "seattle_pd_911").glob("*.csv"))
    sections = [
        section("Atlanta, zone 4, load 0.6", [str(cobra), "--format", "cobra", "--load", "0.6"], directory),
        section("Seattle, one day, 60 units", [str(seattle), "--format", "seattle", "--units", "60"], directory),
    ]
    text = page("Replays of real call logs", ["numpy", "pandas"], [ABOUT, *sections])
    (HERE / "results.md").write_text(text.replace(str(directory), "DIR"), encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()

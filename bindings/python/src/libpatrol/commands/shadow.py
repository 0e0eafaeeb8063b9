"""The command ``shadow``: decide beside a running system, and report what would have changed."""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import rich.table

from libpatrol.area import Area
from libpatrol.atomic import write_whole
from libpatrol.city import open_city
from libpatrol.commands.arguments import output
from libpatrol.commands.city_results import is_city
from libpatrol.commands.console import Console
from libpatrol.commands.stopping import StoppedError, stopping
from libpatrol.engine import Engine
from libpatrol.extras import extra
from libpatrol.policy import Policy
from libpatrol.scenario.keys import check_rules
from libpatrol.scenario.scenario import Scenario
from libpatrol.scenario.toml_tables import parse_toml, read_text
from libpatrol.shadow.comparisons import Settings
from libpatrol.shadow.decisions import Shadow
from libpatrol.shadow.findings import Findings, findings
from libpatrol.shadow.following import described, follow
from libpatrol.shadow.log import Log
from libpatrol.studies.pairs import DISPATCH_POLICIES

Placed = Callable[[float, float], tuple[float, float]]


class _City(NamedTuple):
    """Where it is decided, and what is known of it beside."""

    area: Area
    rules: dict[str, Any]
    categories: tuple[str, ...] = ()
    time_zone: str | None = None
    crs: str | None = None


def add_shadow(commands: Any) -> None:
    """Add the command to a parser's subparsers."""
    parser = commands.add_parser("shadow", help="decide beside a running system, log both, and report what differs")
    parser.add_argument("events", nargs="?", metavar="EVENTS", help="lines of JSON: a file, or - for standard input")
    parser.add_argument("--out", metavar="FOLDER", type=Path, help="folder of the log; a run that was stopped goes on")
    parser.add_argument("--area", metavar="AREA", help="an area file (.safetensors), a city folder, or a scenario")
    parser.add_argument("--policy", metavar="FILE", help="policy file, or the name of one that comes with the package")
    parser.add_argument("--dispatch", choices=DISPATCH_POLICIES, metavar="NAME", help=", ".join(DISPATCH_POLICIES))
    parser.add_argument("--rules", metavar="FILE", help="TOML with options of the engine; before those of the area")
    parser.add_argument("--follow", action="store_true", help="wait for more of a file that grows, until Ctrl-C")
    parser.add_argument("--window", type=float, metavar="S", help="compare units sent within so long (default 180)")
    parser.add_argument("--tolerance", type=float, metavar="S", help="how far events may be out of order (default 5)")
    parser.add_argument("--forget-hours", type=float, metavar="H", help="drop what nothing is heard of (default 24)")
    parser.add_argument("--time-zone", metavar="ZONE", help="of the city (default: the offsets of the times)")
    parser.add_argument("--crs", metavar="CRS", help="of x and y of the events, such as EPSG:4326; with a city folder")
    parser.add_argument("--report", metavar="FOLDER", type=Path, help="do not run: print what the log of a run says")
    parser.add_argument(
        "--html", metavar="FILE", type=output, help="write what the log says as one HTML file too, when the run ends"
    )
    parser.set_defaults(run=_shadow)


def _shadow(console: Console, options: argparse.Namespace) -> None:
    if options.report is not None:
        if options.events is not None:
            raise ValueError(f"--report {options.report} reads a log: expected no EVENTS beside it")
        _report(console, options.report, options.html)
        return
    missing = [name for name in ("events", "area", "out") if getattr(options, name) is None]
    if missing:
        names = {"events": "EVENTS", "area": "--area", "out": "--out"}
        raise ValueError(f"{names[missing[0]]} is missing, expected libpatrol shadow EVENTS --area AREA --out FOLDER")
    if options.follow and options.events == "-":
        raise ValueError("--follow waits for more of a file, and the standard input is followed to its end anyway")
    _run(console, options)


def _run(console: Console, options: argparse.Namespace) -> None:
    city = _city(options.area)
    rules = city.rules if options.rules is None else {**city.rules, **_rules(options.rules)}
    if options.dispatch is not None:
        rules["dispatch_policy"] = options.dispatch
    policy = None if options.policy is None else Policy.find(options.policy)
    engine = Engine(city.area, policy, **rules)
    given = {"window_seconds": options.window, "tolerance_seconds": options.tolerance, "time_zone": options.time_zone}
    given["forget_seconds"] = None if options.forget_hours is None else 3600 * options.forget_hours
    settings = Settings(**{"time_zone": city.time_zone} | {name: one for name, one in given.items() if one is not None})
    placed = None if options.crs is None else _transformed(options.crs, city.crs)
    names = {
        "area": Path(options.area).name,
        "policy": None if options.policy is None else Path(options.policy).name,
        "dispatch": engine.options.dispatch_policy or ("the policy's default" if policy else "minimum_weighted_travel"),
        "crs": options.crs,
    }
    log = Log(options.out, described(engine, settings, names))
    shadow = Shadow(city.area, engine, log, settings, city.categories, placed)
    if shadow.line:
        console.print(f"goes on after line {shadow.line:,}")
    told = 0

    def tell(shadow: Shadow) -> None:
        nonlocal told
        for sentence in shadow.remembered[told:]:
            console.print(sentence)
        told = len(shadow.remembered)

    events = None if options.events == "-" else Path(options.events)
    with stopping() as asked:
        try:
            left, repeated, cut = follow(shadow, log, events, growing=options.follow, told=tell, stopped=asked)
        finally:
            log.close()
    if cut:
        console.print(f"{cut:,} bytes were cut off, a line in whose middle the run before was killed")
    if repeated:
        console.print(f"{repeated:,} lines had been read before and were skipped")
    if left:
        console.print(f"the last {left:,} bytes have no newline yet: they are read when the line is complete")
    for name, count in sorted(shadow.counts.items()):
        console.print(f"{name}: {count:,}")
    if options.html is not None:
        _write_page(console, options.html, findings(options.out))
    if asked.signal is not None:
        sentence = f"stopped by {asked.signal.name} after line {shadow.line:,}: the same command goes on"
        raise StoppedError(sentence, asked.signal)
    console.print(f"next: libpatrol shadow --report {options.out}")


def _city(path: str) -> _City:
    """Return the city of an area file, a city folder, or a scenario."""
    if path.endswith(".safetensors"):
        return _City(Area.load(path), {})
    if is_city(path):
        folder = open_city(path)
        zone, crs = folder.facts.time_zone, folder.facts.crs
        if not folder.has_step("check"):
            return _City(folder.area(), {}, tuple(folder.category_names), zone, crs)
        from libpatrol.city.model import model_of

        scenario = model_of(folder).scenario
        return _City(scenario.area, dict(scenario.details.rules), scenario.category_names, zone, crs)
    scenario = Scenario.load(path)
    return _City(scenario.area, dict(scenario.details.rules), scenario.category_names)


def _rules(path: str) -> dict[str, Any]:
    rules = parse_toml(read_text(Path(path)), path)
    check_rules(rules, path)
    return rules


def _transformed(crs: str, city: str | None) -> Placed:
    if city is None:
        raise ValueError(f"--crs {crs} needs a city folder as --area, whose own coordinates are known")
    with extra("city", "libpatrol shadow --crs"):
        import pyproj
    try:
        transform = pyproj.Transformer.from_crs(crs, city, always_xy=True).transform
    except pyproj.exceptions.ProjError as error:
        raise ValueError(f"--crs is {crs!r}, expected a coordinate reference system such as EPSG:4326") from error

    def placed(x: float, y: float) -> tuple[float, float]:
        east, north = transform(x, y)
        if not (abs(east) < 1e9 and abs(north) < 1e9):
            raise ValueError(f"x {x} and y {y} are no place, expected coordinates of {crs}")
        return float(east), float(north)

    return placed


def _report(console: Console, folder: Path, html: Path | None) -> None:
    found = findings(folder)
    console.line((found.headline, "bold"))
    for sentence in found.sentences:
        console.print(f"- {sentence}")
    for table in found.tables:
        shown = rich.table.Table(title=table.caption, title_justify="left")
        for k, name in enumerate(table.columns):
            shown.add_column(name, justify="right" if 0 < k < 8 and name != "the first" else "left")
        for row in table.rows:
            shown.add_row(*row)
        console.print(shown)
    console.print("What cannot be concluded:")
    for sentence in found.unknown:
        console.print(f"- {sentence}")
    console.print("How it was found:")
    for sentence in found.method:
        console.print(f"- {sentence}")
    if html is not None:
        _write_page(console, html, found)


def _write_page(console: Console, html: Path, found: Findings) -> None:
    from libpatrol.shadow.page import page_text

    write_whole(html, page_text(found))
    console.line("written: ", (f"{html}", "bold"))

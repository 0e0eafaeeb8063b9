"""The command ``import``."""

import argparse
from pathlib import Path
from typing import Any

from libpatrol.commands.arguments import output
from libpatrol.commands.console import Console, shares
from libpatrol.extras import extra


def add_import(commands: Any) -> None:
    """Add the command to a parser's subparsers."""
    parser = commands.add_parser("import", help="your city: read calls, roads and beats into a city folder")
    parser.add_argument(
        "--calls",
        required=True,
        nargs="+",
        action="extend",
        metavar="FILE",
        help="the log: CSV, Excel or Parquet; several files with the same columns, such as one a month, are one log",
    )
    parser.add_argument(
        "--roads",
        metavar="PATH",
        help="GraphML, GeoJSON, GeoPackage, zipped shapefile, file geodatabase, JEMSS, or tables of nodes and edges "
        "(default: streets made from the places of calls)",
    )
    parser.add_argument("--beats", metavar="FILE", help="polygons with names (default: the beats of the calls)")
    parser.add_argument("--stations", metavar="FILE", help="where units start: points, or a table with x and y")
    parser.add_argument("--roster", metavar="FILE", help="units on duty: a table with unit, start and end")
    parser.add_argument("--mapping", metavar="FILE", help="meaning of columns and values (default: drafted)")
    parser.add_argument(
        "--draft", metavar="OUT", type=output, help="only draft a mapping of the files given, to be corrected"
    )
    parser.add_argument("--time-zone", metavar="ZONE", help="of the city, such as America/Chicago")
    parser.add_argument("--out", metavar="FOLDER", help="the city folder to write")
    parser.set_defaults(run=_import)


def _import(console: Console, options: argparse.Namespace) -> None:
    if options.draft is not None:
        _draft(console, options)
        return
    if options.out is None:
        raise ValueError("--out is missing: the city folder to write, or --draft OUT to draft a mapping first")
    from libpatrol.city import import_city

    with shares(console) as told:
        folder = import_city(
            options.out,
            calls=options.calls,
            roads=options.roads,
            beats=options.beats,
            stations=options.stations,
            roster=options.roster,
            mapping=options.mapping,
            time_zone=options.time_zone,
            told=told,
        )
    for sentence in (*folder.numbers()["sentences"], *folder.facts.account):
        console.print(sentence)
    for sentence in folder.facts.assumed:
        console.print(f"assumed: {sentence}")
    console.line("written: ", (f"{folder.path}", "bold"), f"; read {folder.path / 'numbers.html'}")
    console.print(f"next: libpatrol check {folder.path}")


def _draft(console: Console, options: argparse.Namespace) -> None:
    if options.mapping is not None:
        raise ValueError(f"--draft drafts what --mapping {options.mapping} says: give one of them")
    if options.draft.exists():
        raise ValueError(f"{options.draft} exists, and may have been corrected: give another name, or delete it")
    with extra("city", "libpatrol import"):
        from libpatrol.city.reading.draft import draft_mapping, marked_lines
        from libpatrol.city.reading.draft_files import draft_tables
        from libpatrol.city.reading.importing import log_from

    text = draft_mapping(
        log_from(options.calls, "the log"), Path(options.out or options.calls[0]).stem, options.time_zone
    )
    text += draft_tables(
        roads=options.roads,
        beats=options.beats,
        stations=options.stations,
        roster=None if options.roster is None else log_from(options.roster, "the roster"),
    )
    options.draft.write_text(text, encoding="utf-8")
    console.print(
        f"{options.draft}: {marked_lines(text)} lines to check; then libpatrol import --mapping {options.draft} ..."
    )

"""The command `libpatrol audit`: records of decisions as text, and whether one is missing."""

import argparse
from pathlib import Path
from typing import Any

from libpatrol import audit
from libpatrol._native.library import told_of
from libpatrol.commands.console import Console


def add_audit(commands: Any) -> None:
    """Add the command to a parser's subparsers."""
    parser = commands.add_parser("audit", help="show recorded decisions as JSON, or check that none is missing")
    parser.add_argument("file", type=Path, help="records, one after the other")
    parser.add_argument("--check", action="store_true", help="print how many there are, and the hash of the last one")
    parser.set_defaults(run=_audit)


def _audit(console: Console, options: argparse.Namespace) -> None:
    records = options.file.read_bytes()
    with told_of(options.file):
        if not options.check:
            for record in audit.split(records):
                print(audit.to_json(record))
            return
        chain = audit.check(records)
    last = "" if chain.hash is None else f"; SHA-256 of the last one: {chain.hash.hex()}"
    console.print(f"{chain.records} records, each follows the one before it{last}")

"""Runs the command line with `python -m libpatrol`."""

import sys

from libpatrol.commands.cli import main

sys.exit(main())

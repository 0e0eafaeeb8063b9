"""Runs the command line with `python -m libpatrol`."""

import sys

from libpatrol.cli import main

sys.exit(main())

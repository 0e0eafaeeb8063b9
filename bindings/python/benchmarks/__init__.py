"""What the project measures, by question: speed, studies of quality, checks. `README.md` is the index.

`bindings/python/run python -m benchmarks.speed.decide` runs one, from any folder.
"""

import os
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[3]
BUILD = REPOSITORY / ".build"
DATA = Path(os.environ.get("PATROL_TEST_DATA", REPOSITORY.parent / "shared" / "data"))
"""Real roads and call logs, which are not part of the project."""

"""What was measured, kept in a folder and not measured again."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any


class Kept:
    """JSON files by name; `say` is told the name of what is being measured."""

    def __init__(self, folder: Path, say: Callable[[str], None]) -> None:
        self._folder, self._say = folder, say

    def get(self, name: str, make: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """Return what `make` returns, or returned when it was called under this name."""
        path = self._folder / f"{name}.json"
        if not path.exists():
            self._say(name)
            content = json.dumps(make())
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content, encoding="utf-8")
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return found

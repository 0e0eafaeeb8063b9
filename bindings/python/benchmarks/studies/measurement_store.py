"""What was measured, kept in a folder and not measured again."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any


class MeasurementStore:
    """JSON files by name; `say` is told the name of what is being measured."""

    def __init__(self, folder: Path, say: Callable[[str], None]) -> None:
        self._folder, self._say = folder, say

    def get(self, name: str, make: Callable[[], Any], made_from: Any = None) -> Any:
        """Return what `make` returns, or returned when it was called under this name for the same `made_from`.

        Parameters
        ----------
        name : str
            Path of the file in the folder, without its ending.
        make : callable
            Its result is JSON.
        made_from : JSON, optional
            What the result depends on; None: on nothing but the name.
        """
        path = self._folder / f"{name}.json"
        asked = json.loads(json.dumps(made_from))
        if path.exists():
            found = json.loads(path.read_text(encoding="utf-8"))
            if made_from is None:
                return found
            if found["made_from"] == asked:
                return found["result"]
        self._say(name)
        result = make()
        content = json.dumps(result if made_from is None else {"made_from": asked, "result": result})
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
        found = json.loads(content)
        return found if made_from is None else found["result"]
